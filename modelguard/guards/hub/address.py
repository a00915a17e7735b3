"""What a repository of a Hub is called on the command line: `OWNER/NAME`, or `hf://datasets/OWNER/NAME@REVISION`."""

from __future__ import annotations

from modelguard.errors import UsageError

_SCHEME = "hf://"
_KINDS = {"models": "model", "datasets": "dataset", "spaces": "space"}


def read_address(text: str, repo_type: str | None, revision: str | None) -> tuple[str, str, str | None]:
    """The name, the type and the revision that an address and options say together.

    Raises:
        UsageError: they say it twice, or it is no address of a repository.
    """
    if not text.startswith(_SCHEME):
        return _checked(text), repo_type or "model", revision
    if repo_type is not None or revision is not None:
        raise UsageError("an hf:// address goes with neither --repo-type nor --revision", "Say it once.")
    name, _, told = text.removeprefix(_SCHEME).partition("@")
    kind, _, rest = name.partition("/")
    if kind in _KINDS:
        return _checked(rest), _KINDS[kind], told or None
    return _checked(name), "model", told or None


def _checked(name: str) -> str:
    if not name or name.count("/") > 1 or name.startswith("buckets/"):
        raise UsageError(f"{name!r} is no repository", "Write OWNER/NAME.")
    return name
