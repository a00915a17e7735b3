"""What git should ignore in an ML project, so that it is never committed: credentials, and what runs write down."""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterable, Sequence

from msgspec import Struct

from modelguard.errors import GitError
from modelguard.sources.git import Git, fields
from modelguard.starting.interface import Asked, CannotEdit, Change, Step
from modelguard.starting.tree import Tree, content, line_end_of

FILE = ".gitignore"
HEAD = "# What an ML project should never commit: credentials, and what runs and notebooks write down (modelguard init)"
_ELSEWHERE = "any/folder/"
_NAMED = 5


class Pattern(Struct, frozen=True):
    """A line of a `.gitignore`, and paths that it is there for: git is asked about these.

    `kept` are lines behind it that take files out again which are meant to be shared. `package` is a file that, where
    git tracks it, says that a folder of that name is source code here.
    """

    line: str
    probes: tuple[str, ...]
    kept: tuple[str, ...] = ()
    package: str = ""


def _file(name: str) -> Pattern:
    return Pattern(name, (name, _ELSEWHERE + name))


def _folder(name: str) -> Pattern:
    return Pattern(f"{name}/", (f"{name}/any/file",), package=f"{name}/__init__.py")


PATTERNS = (
    _file(".env"),
    Pattern(
        ".env.*",
        (".env.local", _ELSEWHERE + ".env.production"),
        kept=("!.env.example", "!.env.sample", "!.env.template"),
    ),
    _file(".netrc"),
    _file("_netrc"),
    _file(".git-credentials"),
    _file(".pypirc"),
    _file("kaggle.json"),
    _file(".comet.config"),
    _file("application_default_credentials.json"),
    Pattern("client_secret*.json", ("client_secret_1.json", _ELSEWHERE + "client_secret.json")),
    Pattern("**/.streamlit/secrets.toml", (".streamlit/secrets.toml", _ELSEWHERE + ".streamlit/secrets.toml")),
    _folder(".huggingface"),
    Pattern("**/.cache/huggingface/", (".cache/huggingface/token", _ELSEWHERE + ".cache/huggingface/token")),
    _folder("wandb"),
    _folder("mlruns"),
    _folder("lightning_logs"),
    _folder(".neptune"),
    _folder(".cometml-runs"),
    _folder(".hydra"),
    _folder(".ipynb_checkpoints"),
)
"""Each guards against a leak; what is only large or ugly (checkpoints, caches, builds) is a matter of taste.

Credentials: the files of huggingface_hub, Kaggle, Comet, Streamlit, Google's client libraries, PyPI, netrc and git.
Runs: W&B, MLflow, Lightning, Neptune, Comet and Hydra write down arguments, settings and environments of each run.
Checkpoints of notebooks keep the outputs that were cleared since.
"""


def step(tree: Tree, asked: Asked) -> Step:
    """Add the patterns that the tree's own files do not cover; what a user's global file ignores does not travel."""
    if tree.git is None:
        return Step(f"no {FILE}: this is not in a git repository")
    try:
        held = content(tree, FILE)
        if held is not None and b"\0" in held:
            raise CannotEdit("it holds NUL bytes (UTF-16?), and git does not understand it either")
    except CannotEdit as why:
        lines = tuple(line for pattern in PATTERNS for line in (pattern.line, *pattern.kept))
        return Step("nothing ignored", problem=f"{FILE}: {why}", by_hand=("Ignore these:", *lines), anyway=2)
    notes = _tracked_notes(tree.git)
    missing = missing_lines(tree.git, tree.top)
    if not missing:
        return Step(f"{FILE} covers credentials and runs already", notes=notes)
    change = Change(FILE, held, with_lines(held or b"", missing))
    title = f"add {len(missing)} lines to {FILE} for credentials and what runs write down"
    return Step(title, (change,), question=f"Extend {FILE}?" if held is not None else f"Write {FILE}?", notes=notes)


def missing_lines(git: Git, top: str) -> list[str]:
    """The lines that the tree's own files lack; none for a folder that is a link or holds source code here."""
    decided = _decided(git, [probe for pattern in PATTERNS for probe in pattern.probes])
    missing: list[str] = []
    for pattern in PATTERNS:
        if all(probe in decided for probe in pattern.probes) or _is_other(git, top, pattern):
            continue
        missing.append(pattern.line)
        kept = {line: line.removeprefix("!") for line in pattern.kept}
        missing += [line for line, name in kept.items() if name not in _decided(git, [name])]
    return missing


def with_lines(held: bytes, lines: Sequence[str]) -> bytes:
    """The file with one block more at its end, its lines ending as the others do."""
    line_end = line_end_of(held.decode("latin-1")).encode()
    before = held if held.endswith(b"\n") or not held else held + line_end
    gap = line_end if before.strip() else b""
    return before + gap + line_end.join([HEAD.encode(), *(line.encode() for line in lines), b""])


def _decided(git: Git, paths: Iterable[str]) -> set[str]:
    """Those of the paths of which a `.gitignore` of the tree says whether to ignore them, the one way or the other."""
    listed = list(paths)
    try:
        answer = _check(git, listed)
    except GitError as error:
        if error.status == 1 or len(listed) == 1:  # none is ignored
            return set()
        return {path for path in listed if _decided(git, [path])}  # one of them lies behind a link
    entries = fields(answer)
    sources, found = entries[0::4], entries[3::4]
    return {
        os.fsdecode(path)
        for source, path in zip(sources, found, strict=True)
        if os.path.basename(source) == os.fsencode(FILE) and not os.path.isabs(source)
    }


def _check(git: Git, paths: list[str]) -> bytes:
    """What git says of paths: source, line, pattern and path, a NUL after each; nothing of paths that none matches."""
    stdin = b"".join(os.fsencode(path) + b"\0" for path in paths)
    return git.ask("check-ignore", "--no-index", "--verbose", "-z", "--stdin", stdin=stdin)


def _is_other(git: Git, top: str, pattern: Pattern) -> bool:
    """Whether a folder of that name is a link, of which git would commit only where it leads, or a package."""
    if not pattern.package:
        return False
    return os.path.islink(os.path.join(top, os.path.dirname(pattern.package))) or bool(_tracked(git, pattern.package))


def _tracked(git: Git, path: str) -> bytes:
    return git.ask("ls-files", "-z", "--cached", "--", f":(literal){path}")


def _tracked_notes(git: Git) -> tuple[str, ...]:
    """What to do about files that git tracks although a pattern matches: to ignore them does not help any more."""
    lines = [line for pattern in PATTERNS if not (pattern.package and _tracked(git, pattern.package))
             for line in (pattern.line, *pattern.kept)]  # fmt: skip
    excluded = [part for line in lines for part in ("--exclude", line)]
    tracked = [os.fsdecode(name) for name in fields(git.ask("ls-files", "-z", "--cached", "--ignored", *excluded))]
    if not tracked:
        return ()
    named = tracked[:_NAMED]
    more = len(tracked) - len(named)
    return (
        "Tracked already, so that to ignore them does not help: "
        + ", ".join(named)
        + (f" and {more:,} more" if more else ""),
        f"  Take them out of the next commit: git rm --cached -- {shlex.join(named)}",
        "  They stay in the history: what they held is to be revoked.",
    )
