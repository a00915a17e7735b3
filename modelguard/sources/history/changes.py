"""What lies between two revisions: the content that the change brings, and which of its lines are new."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from msgspec import Struct
from msgspec.structs import replace

from modelguard.errors import GitError, UsageError
from modelguard.model import Finding, Place
from modelguard.sources.exclusion import Exclusions
from modelguard.sources.git import fields
from modelguard.sources.history.blob import ObjectBlob, close_readers
from modelguard.sources.history.listing import listed_of
from modelguard.sources.history.repository import Repository
from modelguard.sources.history.staged import content_of, pointer_of
from modelguard.sources.interface import Item

_HUNK = re.compile(rb"^@@ -\d+(?:,\d+)? \+(\d+)(?:,(\d+))? @@", re.MULTILINE)
_CHUNK = 4 * 1024 * 1024
_PATCH = ("diff-tree", "-r", "-M", "-p", "-U0", "--text", "--no-ext-diff", "--no-textconv", "--no-color")


class _Changed(Struct, frozen=True):
    path: bytes
    before: bytes | None
    mode: str
    object: str


class ChangesSource:
    """A Source over the content that `A..B` brings, or `A...B` (from where the two parted; B is HEAD where empty)."""

    whole = False

    def __init__(self, repository: Repository, exclusions: Exclusions, span: str) -> None:
        self._repository = repository
        self._exclusions = exclusions
        self._from, self._to = _ends(repository, span)
        self._changed: dict[str, _Changed] = {}

    def items(self) -> Iterator[Item]:
        """See `Source.items`."""
        changed = list(self._changes())
        self._changed = {self._repository.path(each.path): each for each in changed}
        yield from content_of(self._repository, self._exclusions, [(c.path, c.mode, c.object) for c in changed])

    def described(self, findings: Sequence[Finding]) -> list[Finding]:
        """`findings` with those marked as context that stand on no line that the change adds."""
        by_path: dict[str, list[Finding]] = {}
        for finding in findings:
            by_path.setdefault(finding.origin.path, []).append(finding)
        found = [each for path, inside in by_path.items() for each in self._marked(self._changed[path], inside)]
        close_readers()
        return found

    def repositories(self) -> Sequence[tuple[str, str]]:
        """See `Source.repositories`: no history is asked for."""
        return ()

    def _marked(self, changed: _Changed, findings: Sequence[Finding]) -> list[Finding]:
        added = self._added(changed)
        listed = listed_of(self._repository, [changed.object])
        if added is None or not listed:
            return list(findings)
        blob = ObjectBlob(self._repository, listed[0], findings[0].origin.path)
        if pointer_of(blob) is not None:  # what it stands for has no lines that git knows
            return list(findings)
        return [replace(each, context=not _touches(each, blob, added)) for each in findings]

    def _changes(self) -> Iterator[_Changed]:
        answer = self._repository.git.ask("diff-tree", "-r", "-M", "--raw", "--no-abbrev", "-z", self._from, self._to)
        tokens = iter(fields(answer))
        for about in tokens:
            _, mode, old, new, letter = about.decode("ascii").split(" ")
            before = path = next(tokens)
            if letter[0] in "RC":
                path = next(tokens)
            if letter[0] != "D" and old != new:
                yield _Changed(path, before if old.strip("0") else None, mode, new)

    def _added(self, changed: _Changed) -> list[tuple[int, int]] | None:
        """First and last line of each run of lines that are new in a file; None: all of it is new."""
        if changed.before is None:
            return None
        paths = {changed.before.decode("utf-8", "surrogateescape"), changed.path.decode("utf-8", "surrogateescape")}
        patch = self._repository.git.ask(
            *_PATCH, self._from, self._to, "--", *(f":(top,literal){path}" for path in sorted(paths))
        )
        runs = [(int(found[1]), int(found[2] or 1)) for found in _HUNK.finditer(patch)]
        return [(first, first + count - 1) for first, count in runs if count]


def _touches(finding: Finding, blob: ObjectBlob, added: list[tuple[int, int]]) -> bool:
    """Whether a finding, or a part that alone would be one, stands on a line that is new."""
    alone = (part.place for part in finding.parts if part.rule is not None)
    return any(_is_on(place, blob, added) for place in (finding.place, *alone))


def _is_on(place: Place, blob: ObjectBlob, added: list[tuple[int, int]]) -> bool:
    """Whether a place is on one of these lines. git counts line feeds in bytes, also of wide characters."""
    line = _line_feeds(blob, 0, place.byte_start) + 1
    end = line + _line_feeds(blob, place.byte_start, place.byte_end)
    return any(first <= end and line <= last for first, last in added)


def _line_feeds(blob: ObjectBlob, start: int, end: int) -> int:
    return sum(blob.read(at, min(at + _CHUNK, end)).count(b"\n") for at in range(start, end, _CHUNK))


def _ends(repository: Repository, span: str) -> tuple[str, str]:
    parted = "..." in span
    one, separator, other = span.partition("..." if parted else "..")
    if not separator:
        raise UsageError(f"--diff {span}: not two revisions", "Write A..B, or A...B for what B has since they parted.")
    start, end = repository.commit(one or "HEAD"), repository.commit(other or "HEAD")
    if not parted:
        return start, end
    try:
        return repository.git.ask("merge-base", start, end).decode("ascii").strip(), end
    except GitError as error:
        if error.status != 1:
            raise
        raise UsageError(f"--diff {span}: the two have no common commit here", _FETCH) from None


_FETCH = "Fetch more history (git fetch --unshallow), or compare with A..B."
