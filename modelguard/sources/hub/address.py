"""What a person calls a repository on a Hub: `org/name`, `hf://datasets/org/name@v1/data`, or its page's address."""

from __future__ import annotations

import re
from urllib.parse import unquote, urlsplit

from msgspec import Struct

from modelguard.errors import UsageError

KINDS = ("model", "dataset", "space")
_FOLDERS = {f"{kind}s": kind for kind in KINDS}
_PART = r"[A-Za-z0-9](?:[\w.-]{0,94}[A-Za-z0-9_])?"
_ID = re.compile(rf"{_PART}(?:/{_PART})?", re.ASCII)
_NAMESPACE = re.compile(_PART, re.ASCII)
_PAGES = ("tree", "blob", "resolve", "raw", "commit")
_OF_A_REF = {"pr": 3, "convert": 3, "heads": 3, "tags": 3}
_HOSTS = ("huggingface.co", "hf.co", "www.huggingface.co")
_REMEDY = "Name it as ORG/NAME, hf://datasets/ORG/NAME@REVISION or the address of its page."


class Address(Struct, frozen=True):
    """A repository, of a kind of `KINDS`; perhaps at a revision, and a file or folder in it."""

    kind: str
    id: str
    revision: str | None = None
    path: str = ""

    @property
    def shown(self) -> str:
        """As findings call it."""
        return f"hf://{self.kind}s/{self.id}"


def parse_address(text: str, kind: str | None = None, revision: str | None = None, endpoint: str = "") -> Address:
    """What `text` names; `kind` and `revision` are what options say beside it.

    Raises:
        UsageError: it names no repository, or one of another Hub, or options say otherwise.
    """
    named, steps = _steps(text, endpoint)
    if named and kind and kind != named:
        raise UsageError(f"{text}: a {named}, and --repo-type says {kind}", "Leave --repo-type out.")
    found, told, path = _split(steps)
    if not is_id(found):
        raise UsageError(f"{text}: not the name of a repository on a Hub", _REMEDY)
    if "/" not in found and text.endswith("/"):
        raise UsageError(f"{text}: an organisation or a user", "Scan all of its repositories with --all.")
    if told and revision and told != revision:
        raise UsageError(f"{text}: revision {told}, and --revision says {revision}", "Say it once.")
    return Address(named or kind or "model", found, told or revision, path)


def is_id(name: str) -> bool:
    """Whether a repository of a Hub may be called so (`huggingface_hub.utils.validate_repo_id`)."""
    return _ID.fullmatch(name) is not None and ".." not in name and "--" not in name


def parse_namespace(text: str) -> str:
    """The organisation or user that `text` names.

    Raises:
        UsageError: it names none.
    """
    name = text.removeprefix("hf://").rstrip("/")
    if _NAMESPACE.fullmatch(name) is None:
        raise UsageError(f"{text}: not the name of an organisation or a user", "With --all, name one: ORG.")
    return name


def _steps(text: str, endpoint: str) -> tuple[str | None, list[str]]:
    """The kind that is named, and the parts of the path behind it; a revision stands behind an `@`."""
    if text.startswith(("http://", "https://")):
        try:
            address = urlsplit(text)
            host = (address.hostname or "", address.port)
            own = urlsplit(endpoint)
            known = address.hostname in _HOSTS or (bool(endpoint) and host == (own.hostname or "", own.port))
        except ValueError:
            known = False
        if not known:
            raise UsageError("an address of another Hub than the one that is asked", "Set HF_ENDPOINT to that Hub.")
        steps = [unquote(step) for step in address.path.strip("/").split("/")]
    else:
        steps = text.removeprefix("hf://").strip("/").split("/")
    if steps[0] == "buckets":
        raise UsageError("a bucket is no repository", "Copy it to a folder, and scan that with `modelguard scan`.")
    return (_FOLDERS[steps[0]], steps[1:]) if steps[0] in _FOLDERS else (None, steps)


def _split(steps: list[str]) -> tuple[str, str | None, str]:
    """The repository, the revision and the path of `org/name@rev/path` or `org/name/tree/rev/path`."""
    count = 1 if len(steps) == 1 or "@" in steps[0] else 2
    name, at, revision = "/".join(steps[:count]).partition("@")
    rest = steps[count:]
    if not at and rest and rest[0] in _PAGES:
        revision, rest = (rest[1] if len(rest) > 1 else ""), rest[2:]
    if revision == "refs" and rest:  # `refs/pr/1` is written with its slashes, too
        taken = _OF_A_REF.get(rest[0], 1) - 1
        revision, rest = "/".join(["refs", *rest[:taken]]), rest[taken:]
    return name, unquote(revision) or None, "/".join(rest)
