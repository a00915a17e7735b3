"""What was scanned and may be sent: a receipt for each content, and a scan for what has none yet.

An entry is made for everything that a client is given to send. It is scanned when somebody asks for its release, all
that wait at once; until then there is no receipt for it, and without one nothing goes out.
"""

from __future__ import annotations

import hashlib
import itertools
import threading
import weakref
from collections.abc import Callable, Iterable, Sequence

from msgspec import Struct

from modelguard.errors import GuardError, ModelguardError, Unreadable, UploadBlocked
from modelguard.guards.hub.content import Content, FileContent, take_bytes
from modelguard.model import Finding, Gap, ScanResult

SHOWN_PLACES = 10

CARD = "README.md"

_numbers = itertools.count()

Scan = Callable[[Sequence[Content]], ScanResult]


class Receipt(Struct, frozen=True):
    """One file as it may be sent: its path in the repository, its size, its SHA-256 in hexadecimal."""

    path: str
    size: int
    sha256: str


class Entry:
    """One content that a client was given, until and after it is scanned. `name` is its path in the repository."""

    def __init__(self, name: str, content: Content) -> None:
        self.name = name
        self.taken = content.taken
        self.shown = content.origin.path
        self.content: Content | None = content
        self.file = content if isinstance(content, FileContent) else None
        self.number = next(_numbers)
        self.thread = threading.get_ident()
        self.released = False
        self.error: ModelguardError | None = None


class Ledger:
    """The receipts of one guard. `scan` looks at contents; `passes` is told what blocks, and says whether it passes."""

    def __init__(self, scan: Scan, passes: Callable[[ModelguardError, ScanResult | None], bool]) -> None:
        self._scan = scan
        self._passes = passes
        self._lock = threading.RLock()
        self._waiting: list[weakref.ref[Entry]] = []
        self._by_name: dict[str, weakref.WeakSet[Entry]] = {}
        self._by_path: weakref.WeakValueDictionary[str, Entry] = weakref.WeakValueDictionary()
        self._receipts: dict[str, set[tuple[int, str, bytes]]] = {}
        self._digests: set[str] = set()
        self.stored: set[str] = set()
        """Hashes under which Xet keeps what was released."""

    def renew_lock(self) -> None:
        """Forget who holds the lock: the threads of another process."""
        self._lock = threading.RLock()

    def add(self, name: str, content: Content, path: str | None = None) -> Entry:
        """An entry for content that is to be `name` in a repository; `path` is the file that it comes from."""
        entry = Entry(name, content)
        with self._lock:
            self._waiting.append(weakref.ref(entry))
            self._by_name.setdefault(name, weakref.WeakSet()).add(entry)
            if path is not None:
                self._by_path[path] = entry
        return entry

    def admit(self, entry: Entry) -> None:
        """Write the receipt of what was scanned."""
        taken = entry.taken
        with self._lock:
            entry.released, entry.error = True, None
            self._receipts.setdefault(entry.name, set()).add((taken.size, taken.sha256, _short(taken.sample)))
            self._digests.add(taken.sha256)
            if entry.content is not None and entry.name.rpartition("/")[2] == CARD:
                self._digests.add(_sha256(as_read(entry.content)))

    def at(self, path: str) -> Entry | None:
        """The newest entry for what comes from the file at `path`."""
        return self._by_path.get(path)

    def newest(self, name: str, size: int, sample: bytes) -> Entry | None:
        """The newest entry for a path in a repository, of content of this size that begins so."""
        held = [
            entry for entry in self._by_name.get(name, ()) if (entry.taken.size, entry.taken.sample) == (size, sample)
        ]
        return max(held, key=lambda entry: entry.number, default=None)

    def has_digest(self, sha256: str) -> bool:
        """Whether content of this SHA-256 was released, under whatever name."""
        return sha256 in self._digests

    def has(self, name: str, sha256: str) -> bool:
        """Whether this content was released for this path in a repository."""
        return any(known[1] == sha256 for known in self._receipts.get(name, ()))

    def has_sample(self, name: str, size: int, sample: bytes) -> bool:
        """Whether content of this size that begins so was released for this path in a repository."""
        return any((known[0], known[2]) == (size, _short(sample)) for known in self._receipts.get(name, ()))

    def release(self, entries: Iterable[Entry]) -> None:
        """Let these be sent, after a scan of all that wait.

        Raises:
            UploadBlocked: one of them holds a leak, or one that was given in the same thread and looked at with them.
            GuardError: one could not be looked at.
        """
        wanted = list(entries)
        with self._lock:
            looked_at: list[Entry] = []
            if not all(entry.released or entry.error for entry in wanted):
                waiting = {id(entry): entry for entry in (each() for each in self._waiting) if entry is not None}
                waiting.update((id(entry), entry) for entry in wanted if not entry.released)
                looked_at = [entry for entry in waiting.values() if not entry.released and entry.content is not None]
                self._waiting = []
                self._look_at(looked_at)
        here = threading.get_ident()
        concerned = [*wanted, *(entry for entry in looked_at if entry.thread == here)]
        errors = {id(entry.error): entry.error for entry in concerned if entry.error is not None}
        if errors:
            raise joined(list(errors.values()))
        if not all(entry.released for entry in wanted):
            raise GuardError("there is no receipt for what would be sent, so nothing is sent")

    def look_at(self, pieces: Iterable[tuple[str, bytes]]) -> None:
        """Scan bytes that are about to be sent, unless the same ones were released already.

        Raises:
            UploadBlocked: see `release`.
        """
        new = [(name, data) for name, data in pieces if data and not self.has_digest(_sha256(data))]
        if new:
            self.release([self.add(name, take_bytes(data, name)) for name, data in new])

    def _look_at(self, entries: Sequence[Entry]) -> None:
        """Scan these, and write down for each what came of it."""
        contents = [entry.content for entry in entries if entry.content is not None]
        result: ScanResult | None = None
        try:
            result = self._scan(contents)
            if len(contents) > result.stats.blobs + len(result.gaps) + len(result.left_out):
                raise GuardError("the scan did not look at everything that would be sent, so nothing is sent")
            errors = _errors(entries, result)
        except Unreadable as error:
            unread = GuardError(f"what would be sent could not be scanned, so nothing is sent: {error.message}")
            errors = {entry.shown: unread for entry in entries}
        except ModelguardError as error:
            errors = {entry.shown: error for entry in entries}
        except Exception as error:  # a bug in a scan must not let anything by
            broken = GuardError(f"the scan of what would be sent broke ({type(error).__name__}), so nothing is sent")
            errors = {entry.shown: broken for entry in entries}
        passed = bool(errors) and self._passes(joined(list(dict.fromkeys(errors.values()))), result)
        for entry in entries:
            entry.error = None if passed else errors.get(entry.shown)
            if entry.error is None:
                self.admit(entry)
            entry.content = None


def _errors(entries: Sequence[Entry], result: ScanResult) -> dict[str, ModelguardError]:
    """What stops each of the contents that may not go out, by how it is shown."""
    errors: dict[str, ModelguardError] = {}
    for shown in {entry.shown for entry in entries}:
        findings = tuple(finding for finding in result.blocking if finding.origin.path == shown)
        gaps = [gap for gap in result.gaps if gap.path == shown]
        if findings:
            errors[shown] = blocked(findings)
        elif gaps and result.exit_status != 0:
            errors[shown] = incomplete(gaps)
    elsewhere = [each for each in result.blocking if each.origin.path not in errors]
    if elsewhere or (result.exit_status != 0 and not errors):
        error = blocked(tuple(elsewhere)) if elsewhere else incomplete(result.gaps)
        errors = {entry.shown: error for entry in entries}
    return errors


def blocked(findings: tuple[Finding, ...], outcome: str = "nothing of it was sent") -> UploadBlocked:
    """The error for content that holds leaks, with their places."""
    places = [
        f"{finding.origin.path}{_position(finding)}: {finding.rule} ({finding.preview})"
        for finding in findings[:SHOWN_PLACES]
    ]
    more = f"; and {len(findings) - SHOWN_PLACES} more" if len(findings) > SHOWN_PLACES else ""
    count = "1 leak" if len(findings) == 1 else f"{len(findings)} leaks"
    return UploadBlocked(
        f"{count} in what would be published, so {outcome}: {'; '.join(places)}{more}",
        "Take it out and revoke it; what is meant to be there is allowed on its line or put into a baseline.",
        findings,
    )


def incomplete(gaps: Sequence[Gap], outcome: str = "nothing of it was sent") -> GuardError:
    """The error for content that could not be looked at, or not wholly."""
    named = "; ".join(f"{gap.path}: {gap.detail}" for gap in gaps[:SHOWN_PLACES])
    return GuardError(
        f"what would be published could not be looked at wholly, so {outcome}: {named}",
        "Mend or leave out these files; `allow_gaps` in the settings lets them by.",
    )


def joined(errors: Sequence[ModelguardError]) -> ModelguardError:
    """Several errors as one: leaks before all others."""
    findings = [each for error in errors if isinstance(error, UploadBlocked) for each in error.findings]
    findings = list(dict.fromkeys(findings))  # one file may be given twice
    return blocked(tuple(findings)) if findings else errors[0]


def _position(finding: Finding) -> str:
    place = finding.place
    inner = f"!{place.inner}" if place.inner else ""
    return f"{inner}:{place.line}:{place.column}" if place.line is not None else f"{inner}:byte {place.byte_start}"


def as_read(content: Content) -> bytes:
    """A text as Python reads it, with its line ends: so a client sends a card to have it checked."""
    try:
        return b"\n".join(content.read(0, content.size).replace(b"\r\n", b"\n").split(b"\r"))
    except Unreadable:  # whoever sends it will see that, too
        return b""


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _short(sample: bytes) -> bytes:
    return hashlib.sha256(sample).digest()[:16]
