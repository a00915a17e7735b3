"""The nouns: every value that passes from one room to the next.

All are frozen Structs of msgspec. `docs/architecture.md` draws how they flow.
"""

from __future__ import annotations

import math
from bisect import bisect
from collections.abc import Mapping
from enum import Enum
from functools import cache
from typing import Protocol

from msgspec import Struct, field


class _Ranked(str, Enum):
    """A word with an order: the member declared first ranks highest."""

    @property
    def rank(self) -> int:
        """The distance from the lowest member, which has rank 0."""
        return _ranks(type(self))[self]

    def __str__(self) -> str:
        return str(self.value)


@cache
def _ranks(words: type[_Ranked]) -> dict[_Ranked, int]:
    return {word: rank for rank, word in enumerate(reversed(words))}


class Category(str, Enum):
    """What kind of thing a rule looks for."""

    SECRET = "secret"
    PII = "pii"
    CONFIG = "config"

    def __str__(self) -> str:
        return str(self.value)


class Severity(_Ranked):
    """How bad it is if the finding is real."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class Confidence(_Ranked):
    """How sure the scanner is that the finding is real."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class Check(str, Enum):
    """What the value's own proof (a checksum, a structure) said."""

    PASSED = "passed"
    NONE = "none"
    FAILED = "failed"

    def __str__(self) -> str:
        return str(self.value)


class Status(str, Enum):
    """What the project has already decided about a finding."""

    OPEN = "open"
    ALLOWED = "allowed"
    BASELINED = "baselined"

    def __str__(self) -> str:
        return str(self.value)


class Deed(str, Enum):
    """What a commit did to a value: brought it into the tree, moved it to another path, or took it out."""

    INTRODUCED = "introduced"
    MOVED = "moved"
    REMOVED = "removed"

    def __str__(self) -> str:
        return str(self.value)


class Commit(Struct, frozen=True):
    """One commit that introduced, moved or removed what was found.

    `author` is a name and an address, `date` ISO 8601 with an offset; `path` and `line` are where the value is in that
    commit, or was in its parent where it removed it (None: lines mean nothing there).
    """

    sha: str
    author: str
    date: str
    path: str
    line: int | None = None
    deed: Deed = Deed.INTRODUCED


class Origin(Struct, frozen=True):
    """Where bytes were seen.

    `path` is valid Unicode (bytes that are not UTF-8 stand as `\\xNN`), with `/` between its parts,
    and relative to the folder that the scan was started in where it lies below that.
    `ignored` is True for a file that git ignores: it is not pushed, but a folder upload takes it.

    For what lies in a git history: `object` is the id of the object that was looked at, `commits` what happened to the
    value, oldest first, `refs` the refs from which one of these commits is reached (and `reflog` or `index` where these
    hold it), `reachable` whether any branch, tag or other ref still holds it, and `in_tree` whether the newest commit's
    tree or a scanned file does (None: not asked).
    """

    path: str
    ignored: bool = False
    commits: tuple[Commit, ...] = ()
    reachable: bool = True
    object: str | None = None
    refs: tuple[str, ...] = ()
    in_tree: bool | None = None


class Place(Struct, frozen=True):
    """A position that a person can go to.

    `line` and `column` count from 1 (columns in characters) in the file as it is on disk, the end column is
    the one after the last character; all four are None where lines mean nothing.
    `byte_start` and `byte_end` count from 0, the end excluded. `inner` is the way inside a container, or what a reader
    of the format calls the place; `inside` says that lines, columns and bytes count in what `inner` leads to.
    """

    byte_start: int
    byte_end: int
    line: int | None = None
    column: int | None = None
    end_line: int | None = None
    end_column: int | None = None
    inner: str | None = None
    inside: bool = False


def way(*steps: str | None) -> str:
    """What leads to a place inside something, step by step; empty ones are passed over."""
    return " → ".join(filter(None, steps))


class Window(Struct, frozen=True):
    """A part of a blob in memory. Matches that start in `[owned_from, owned_to)`, counted in the blob, are its own.

    Windows of one blob overlap, so that no match is cut in two; each match belongs to exactly one of them.
    """

    data: bytes
    start: int
    owned_from: int
    owned_to: int


class Blob(Protocol):
    """Bytes that can be read whole or by range, with an origin."""

    @property
    def origin(self) -> Origin:
        """Where the bytes were seen."""
        ...

    @property
    def size(self) -> int:
        """Bytes in all. Raises `errors.Unreadable`."""
        ...

    def read(self, start: int, end: int) -> bytes:
        """The bytes from `start` to `end`, fewer at the blob's end. Raises `errors.Unreadable`."""
        ...


class Segment(Struct, frozen=True):
    """A run of text that a reader cut out of a window, and the way back to the blob's bytes.

    `runs` holds pairs of an offset in `text` and the offset in the blob of what stands there, ascending; between two
    of them each byte of text is `step` bytes of the blob.
    """

    text: bytes
    runs: tuple[tuple[int, int], ...]
    step: int = 1

    def blob_offset(self, offset: int) -> int:
        """The offset in the blob of the byte at `offset` in `text`."""
        runs = self.runs
        text_start, blob_start = runs[bisect(runs, (offset, math.inf)) - 1] if len(runs) > 1 else runs[0]
        return blob_start + (offset - text_start) * self.step


class Mark(Struct, frozen=True):
    """A comment by which somebody allows findings on a line.

    `rules` are the rule ids it names (empty: any), `tool` whose mark it is, `line` the line it speaks of, `written` the
    line it stands on. `comment` says that it opens a comment: text that only quotes a mark is not reported as unused.
    """

    tool: str
    line: int
    written: int
    rules: tuple[str, ...] = ()
    reason: str = ""
    comment: bool = True


class CredentialPart(Struct, frozen=True):
    """What belongs to a credential besides its secret and stands near it: an id, a user name. It holds no value either.

    `preview` is masked. `rule` and `fingerprint` name the finding that it would be where it stands alone, if any.
    """

    name: str
    preview: str
    place: Place
    rule: str | None = None
    fingerprint: str | None = None


class Finding(Struct, frozen=True):
    """Something that should not be published. It has no field that could hold the value found.

    `preview` is the masked value and `excerpt` the source line with every value in it masked. `detail` is what the
    value says of itself to everybody: the kind of a key, an account's number, the day on which it expired.
    `recognised` says that an imported baseline holds this very value; `blocking` that it changes the exit status.
    `context` says that it stands on a line that the scanned change did not add, so it does not block.
    `parts` are what else of the same credential stands near it; the fingerprint does not depend on them.
    """

    fingerprint: str
    rule: str
    category: Category
    severity: Severity
    confidence: Confidence
    check: Check
    title: str
    message: str
    remedy: str
    preview: str
    excerpt: str
    origin: Origin
    place: Place
    status: Status = Status.OPEN
    status_reason: str = ""
    recognised: bool = False
    blocking: bool = False
    context: bool = False
    parts: tuple[CredentialPart, ...] = ()
    detail: str = ""


class Evidence(Struct, frozen=True):
    """Something observed of a candidate that speaks for its being a secret (a weight above 0) or against.

    Weights are natural logarithms of odds. Neither name nor sentence holds anything of the value.
    """

    name: str
    sentence: str
    weight: float


class CheckOutcome(Struct, frozen=True):
    """A check of a rule, as the rule writes it, and whether the value passes it."""

    name: str
    passed: bool


class Explanation(Struct, frozen=True):
    """Why a rule's match in a file is a finding, or is none. It has no field that could hold the value.

    `reason` says why it is dropped, or what a project's own decisions make of the finding. `likelihood` is None for a
    rule that is not judged; from `threshold` on there is a finding, and from `sure` on with its rule's confidence.
    """

    rule: str
    title: str
    preview: str
    place: Place
    reported: bool
    blocking: bool
    reason: str
    confidence: Confidence | None
    checks: tuple[CheckOutcome, ...] = ()
    likelihood: float | None = None
    threshold: float | None = None
    sure: float | None = None
    evidence: tuple[Evidence, ...] = ()


class GapReason(str, Enum):
    """Why something that should have been looked at was not, or not wholly."""

    MISSING = "missing"
    UNREADABLE = "unreadable"
    VANISHED = "vanished"
    CHANGED = "changed-while-read"
    SPECIAL = "not-a-regular-file"
    OVER_BUDGET = "over-budget"
    MALFORMED = "malformed"
    CRASHED = "reader-crashed"
    TIMED_OUT = "timed-out"
    MISSING_EXTRA = "missing-extra"
    NOTHING = "nothing-to-scan"

    def __str__(self) -> str:
        return str(self.value)


class Gap(Struct, frozen=True):
    """Something that should have been looked at and could not be. It taints the exit status."""

    path: str
    reason: GapReason
    detail: str
    inner: str | None = None


class LeftOut(Struct, frozen=True):
    """Something that policy leaves out. `bytes` is None for a folder, which is not walked to be measured."""

    path: str
    reason: str
    bytes: int | None = None


class NoticeKind(str, Enum):
    """What a notice is about."""

    UNUSED_ALLOW = "unused-allow"
    STALE_BASELINE = "stale-baseline"
    SETTINGS = "settings"
    ENGINE = "engine"
    CACHE = "cache"

    def __str__(self) -> str:
        return str(self.value)


class Notice(Struct, frozen=True):
    """Something a person should know that is neither a finding nor a gap: an allow that allows nothing, say."""

    kind: NoticeKind
    message: str
    path: str | None = None
    line: int | None = None


class Stats(Struct, frozen=True):
    """What was looked at: blobs read, bytes matched, wall seconds, and objects that an earlier scan has seen."""

    blobs: int = 0
    bytes: int = 0
    seconds: float = 0.0
    remembered: int = 0


class ScanResult(Struct, frozen=True):
    """Everything one scan has to say. No finding is dropped: allowed and baselined ones are here too.

    `exit_status` is 0, 1 or 2 as `docs/exit-status.md` defines them.
    `help` maps each rule id among the findings to what a reader should know of the rule.
    """

    targets: tuple[str, ...]
    findings: tuple[Finding, ...]
    gaps: tuple[Gap, ...]
    left_out: tuple[LeftOut, ...]
    notices: tuple[Notice, ...]
    stats: Stats
    exit_status: int
    rules_digest: str
    rules: Mapping[str, RuleHelp] = field(default_factory=dict)

    @property
    def open_findings(self) -> tuple[Finding, ...]:
        """The findings that nobody has allowed or put into a baseline."""
        return tuple(f for f in self.findings if f.status is Status.OPEN)

    @property
    def blocking(self) -> tuple[Finding, ...]:
        """The findings that make the exit status 1."""
        return tuple(f for f in self.findings if f.blocking)


class Explained(Struct, frozen=True):
    """What is said of a file, or of a line of it: every match there, and what could not or should not be looked at."""

    path: str
    line: int | None
    explanations: tuple[Explanation, ...]
    gaps: tuple[Gap, ...]
    left_out: tuple[LeftOut, ...]
    exit_status: int


class RuleHelp(Struct, frozen=True):
    """The part of a rule that people read."""

    id: str
    title: str
    category: Category
    severity: Severity
    confidence: Confidence
    what: str
    why: str
    remedy: str
    references: tuple[str, ...] = ()
