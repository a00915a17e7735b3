"""One blob through the machine: windows, segments, matches, sealed findings. Every worker calls the same Inspection."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from modelguard.budget import Budget
from modelguard.detectors.marks import MARK_PATTERN
from modelguard.detectors.patterns import PatternDetector
from modelguard.errors import Unreadable
from modelguard.model import Blob, Finding, Gap, GapReason, LeftOut, Mark, Segment, Window
from modelguard.readers import READERS
from modelguard.readers.windows import read_window, window_ranges
from modelguard.rules.interface import Rule
from modelguard.settings import Settings
from modelguard.sources.interface import Item

if TYPE_CHECKING:
    from modelguard.detectors.interface import Detection, Detector
    from modelguard.readers.lines import Lines

_SHARED_FROM_WINDOWS = 4
"""A file of at least so many windows is shared between workers."""


@dataclass(slots=True)
class Progress:
    """What has been done so far: the workers count, a progress bar reads."""

    blobs: int = 0
    bytes: int = 0
    findings: int = 0


@dataclass(frozen=True, slots=True)
class Seen:
    """What one piece of work has to say."""

    findings: tuple[Finding, ...] = ()
    marks: tuple[tuple[str, Mark], ...] = ()
    gaps: tuple[Gap, ...] = ()
    left_out: tuple[LeftOut, ...] = ()


@dataclass(frozen=True, slots=True)
class Part:
    """A range of a large blob, to be looked at on its own by whichever worker is free."""

    blob: Any
    owned: tuple[int, int]


class Inspection:
    """Looks at one item at a time. `share` puts a Part of a large blob before other work; the pipeline sets it."""

    def __init__(
        self,
        rules: Sequence[Rule],
        settings: Settings,
        expected_bytes: int | None,
        progress: Progress,
        known: Collection[str],
    ) -> None:
        self.share: Callable[[Item | Part], None] = lambda work: None
        self._budget = replace(Budget(), file_bytes=settings.max_file_size)
        self._progress = progress
        self._known = known
        self._patterns = PatternDetector(rules, [MARK_PATTERN], expected_bytes)
        self._others = _other_detectors(settings)

    def look_at(self, item: Item | Part) -> Seen | None:
        """Everything that one item has to say, or None."""
        if isinstance(item, Gap):
            return Seen(gaps=(item,))
        if isinstance(item, LeftOut):
            return Seen(left_out=(item,))
        blob = item.blob if isinstance(item, Part) else item
        try:
            return self._part(blob, item.owned) if isinstance(item, Part) else self._whole(blob)
        except Unreadable as error:
            return _gap(blob, error)
        finally:
            close = getattr(blob, "close", None)
            if close is not None:
                close()

    def failed(self, item: Item | Part, error: Exception) -> Seen:
        """A blob that broke the scanner is a gap. An error's message could hold a value: only its kind is told."""
        blob: Any = item.blob if isinstance(item, Part) else item
        frame = error.__traceback__
        while frame is not None and frame.tb_next is not None:
            frame = frame.tb_next
        where = f" in {frame.tb_frame.f_code.co_name}" if frame is not None else ""
        detail = f"modelguard broke on it ({type(error).__name__}{where}); please report this"
        return Seen(gaps=(Gap(blob.origin.path, GapReason.CRASHED, detail),))

    def _whole(self, blob: Blob) -> Seen | None:
        size = blob.size
        if self._budget.file_bytes is not None and size > self._budget.file_bytes:
            detail = f"{size} bytes, above the limit of {self._budget.file_bytes}; raise --max-file-size"
            raise Unreadable(GapReason.OVER_BUDGET, detail)
        self._progress.blobs += 1
        ranges = window_ranges(size, self._budget)
        again = getattr(blob, "again", None)
        if again is not None and len(ranges) >= _SHARED_FROM_WINDOWS:
            while len(ranges) > 1:
                self.share(Part(again(), ranges.pop(1)))
        seen: Seen | None = None
        for owned in ranges:
            seen = _joined(seen, self._part(blob, owned))
        return seen

    def _part(self, blob: Blob, owned: tuple[int, int]) -> Seen | None:
        window = read_window(blob, owned, self._budget)
        self._progress.bytes += min(len(window.data), owned[1] - owned[0])
        seen = self._window(blob, window)
        unchanged = getattr(blob, "check_unchanged", None)
        if unchanged is not None:
            try:
                unchanged()
            except Unreadable as error:
                return _joined(seen, _gap(blob, error))
        return seen

    def _window(self, blob: Blob, window: Window) -> Seen | None:
        seen: Seen | None = None
        for reader in READERS:
            for segment in reader(window):
                detection = self._patterns.detect(segment.text, lambda: blob.origin.path)
                for detector in self._others:
                    detection = detection.joined(detector.detect(segment.text, lambda: blob.origin.path))
                if detection.matches or detection.extra:
                    seen = _joined(seen, self._sealed(blob, window, segment, detection))
        return seen

    def _sealed(self, blob: Blob, window: Window, segment: Segment, detection: Detection) -> Seen:
        from modelguard.readers.lines import Lines
        from modelguard.redact.seal import seal

        lines = Lines(blob)
        origin = blob.origin
        findings: list[Finding] = []
        gaps: tuple[Gap, ...] = ()
        for match in detection.matches:
            start = segment.blob_offset(match.value_start)
            if not window.owned_from <= start < max(window.owned_to, 1):
                continue
            if len(findings) == self._budget.findings:
                detail = f"more than {len(findings)} findings in {len(window.data)} bytes; the rest are not listed"
                gaps = (Gap(origin.path, GapReason.OVER_BUDGET, detail),)
                break
            end = segment.blob_offset(match.value_end - 1) + segment.step
            place = lines.place(start, end)
            findings.append(seal(match, segment, detection.sensitive, origin, place, self._known))
        marks = ((origin.path, mark) for mark in _marks(lines, window, segment, detection))
        return Seen(tuple(findings), tuple(marks), gaps)


def _marks(lines: Lines, window: Window, segment: Segment, detection: Detection) -> Iterator[Mark]:
    """The comments that allow findings, in the lines that the engine saw one in."""
    from modelguard.detectors.marks import marks_on

    text = segment.text
    done = -1
    for span in detection.extra:
        start = segment.blob_offset(span.start)
        if span.start < done or not window.owned_from <= start < window.owned_to:
            continue
        first = text.rfind(b"\n", 0, span.start) + 1
        newline = text.find(b"\n", span.start)
        done = len(text) if newline < 0 else newline
        yield from marks_on(text[first:done].decode("utf-8", "replace"), lines.line_of(start))


def _other_detectors(settings: Settings) -> list[Detector]:
    """Detectors besides our own rules, which are loaded only when somebody asks for them."""
    if not settings.with_detectors:
        return []
    from modelguard.detectors.others import others

    return others(settings.with_detectors, settings.detect_secrets_plugins)


def _joined(one: Seen | None, other: Seen | None) -> Seen | None:
    if one is None or other is None:
        return one or other
    return Seen(
        one.findings + other.findings,
        one.marks + other.marks,
        one.gaps + other.gaps,
        one.left_out + other.left_out,
    )


def _gap(blob: Blob, error: Unreadable) -> Seen:
    return Seen(gaps=(Gap(blob.origin.path, error.reason, error.message),))
