"""One blob opened: its reader's pieces, with everything that may go wrong in a reader told as a Gap."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from importlib import import_module

from modelguard.errors import Unreadable
from modelguard.model import Blob, Gap, GapReason, LeftOut, Place, way
from modelguard.readers.interface import (
    Covered,
    Guide,
    Limits,
    Malformed,
    Member,
    Omitted,
    OverBudget,
    Problem,
    Reader,
    Text,
)
from modelguard.readers.kinds import Kind
from modelguard.readers.lines import Lines, cursor_of

_SHORTEST = 8
"""What stands between two covered ranges and is shorter than any value is not looked at."""


class Opened:
    """The pieces of a blob of a kind. `gaps` and `left_out` are complete when `pieces` has ended."""

    def __init__(self, blob: Blob, kind: Kind, limits: Limits) -> None:
        self.gaps: list[Gap] = []
        self.left_out: list[LeftOut] = []
        self._blob = blob
        self._kind = kind
        self._limits = limits
        self._covered = _Ranges()

    def pieces(self) -> Iterator[Text | Member]:
        """Each text and member that the reader meets."""
        title = self._kind.title
        try:
            for piece in _reader(self._kind)(self._blob, self._limits):
                self._limits.check_time()
                if isinstance(piece, (Text, Member)):
                    yield piece
                else:
                    self._note(piece)
        except OverBudget as error:
            self._gap(GapReason.OVER_BUDGET, f"{title}: {error}; the rest was not opened")
        except Malformed as error:
            self._gap(GapReason.MALFORMED, f"{title}: {error}; the rest was looked at as bytes")
        except Unreadable as error:
            self._gap(error.reason, error.message)
        except ImportError as error:
            self._gap(GapReason.MISSING_EXTRA, _missing(title, error))
        except Exception as error:  # a library's, of a file that nobody has seen before: its message may hold a value
            detail = f"{title}: it cannot be opened ({type(error).__name__}); the rest was looked at as bytes"
            self._gap(GapReason.MALFORMED, detail)

    def uncovered(self, size: int) -> Iterator[tuple[int, int]]:
        """The ranges of the blob that are still to be looked at as they stand."""
        at = 0
        for start, end in self._covered.ascending():
            if start - at >= _SHORTEST:
                yield at, min(start, size)
            at = max(at, end)
        if size - at >= _SHORTEST or (at == 0 and size):
            yield at, size

    def edges(self, size: int) -> Iterator[int]:
        """Where what is covered begins or ends within the blob: a length that lies may cut a value in two there."""
        at = 0
        for start, end in self._covered.ascending():
            if start > at:
                yield from (edge for edge in (at, start) if 0 < edge < size)
            at = max(at, end)
        if 0 < at < size:
            yield at

    def _note(self, piece: Covered | Problem | Omitted) -> None:
        if isinstance(piece, Covered):
            self._covered.add(piece.start, piece.end)
        elif isinstance(piece, Problem):
            self._gap(piece.reason, f"{self._kind.title}: {piece.detail}", piece.inner)
        else:
            path = f"{self._blob.origin.path}!{piece.inner}"
            self.left_out.append(LeftOut(path, piece.reason, piece.bytes))

    def _gap(self, reason: GapReason, detail: str, inner: str | None = None) -> None:
        self.gaps.append(Gap(self._blob.origin.path, reason, detail, inner))


class _Ranges:
    """Ranges of a blob. There may be millions of them, and a list of pairs would take ten times as much memory."""

    def __init__(self) -> None:
        self._starts = array("q")
        self._ends = array("q")
        self._is_ascending = True

    def add(self, start: int, end: int) -> None:
        """One more, joined with the one before if it goes on there."""
        if self._ends and self._ends[-1] == start:
            self._ends[-1] = end
            return
        if self._starts and start < self._starts[-1]:
            self._is_ascending = False
        self._starts.append(start)
        self._ends.append(end)

    def ascending(self) -> Iterator[tuple[int, int]]:
        """All of them, by where they start."""
        starts, ends = self._starts, self._ends
        if self._is_ascending:
            return zip(starts, ends, strict=True)
        return ((starts[i], ends[i]) for i in sorted(range(len(starts)), key=starts.__getitem__))


def _missing(title: str, error: ImportError) -> str:
    return f"{title}: it is looked at as bytes only, since {error.name or 'a library'} is not installed: {ADVICE}"


ADVICE = "pip install 'modelguard-scanner[all]'"


def _module(name: str) -> object:
    return import_module(f"modelguard.readers.{name}")


def _reader(kind: Kind) -> Reader:
    assert kind.reader is not None
    reader: Reader = _module(kind.reader).read  # type: ignore[attr-defined]
    return reader


def guided(blob: Blob, kind: Kind, offsets: Sequence[int]) -> Sequence[str | None]:
    """Where a person finds what stands at these offsets, ascending, as far as the kind's guide knows."""
    assert kind.guide is not None
    guide: Guide = _module(kind.guide).guide  # type: ignore[attr-defined]
    try:
        return guide(blob, offsets)
    except Exception:  # a better name for a place is never worth a finding
        return [None] * len(offsets)


class TextPlaces:
    """Places in a `Text`, as `Lines` gives those in a blob. Nothing that was found is shown in a name.

    `lines` are those of the blob, where the text is made of lines.
    """

    def __init__(self, text: Text, masked: Callable[[str, bytes], str], lines: Lines | None = None) -> None:
        self._text = text
        self._masked = masked
        self._lines = lines

    def place(self, start: int, end: int, inner: str | None = None) -> Place:
        """See `Lines.place`."""
        first, last = sorted(self._text.span(start, end))  # a key may stand behind its value
        name = self._masked(self._text.name(start), self._text.text[start:end])
        leads = way(name, inner)
        return Place(first, last, inner=leads) if self._lines is None else self._lines.place(first, last, leads or None)

    def line_of(self, offset: int) -> int:
        """See `Lines.line_of`; 0 where there are no lines."""
        return 0 if self._lines is None else self._lines.line_of(self._text.span(offset, offset + 1)[0])


def lines_of(text: Text, blob: Blob) -> Lines | None:
    """The lines of the blob that a text is made of, where it has any."""
    return Lines(cursor_of(blob)) if text.lines else None


def alone(text: Text, spans: Iterable[tuple[int, int]]) -> Iterator[tuple[int, Text]]:
    """The entries of a text that any of these spans touches, in order: where each starts, and the text of it alone."""
    starts = text.starts
    assert starts is not None
    touched: set[int] = set()
    for start, end in spans:
        touched.update(
            range(max(0, bisect_right(starts, start) - 1), max(1, bisect_right(starts, max(start, end - 1))))
        )
    for number in sorted(touched):
        first = starts[number]
        last = starts[number + 1] - 1 if number + 1 < len(starts) else len(text.text)
        yield first, _cut(text, first, last)


def _cut(text: Text, first: int, last: int) -> Text:
    return Text(
        text.text[first:last],
        lambda offset: text.name(first + offset),
        lambda start, end: text.span(first + start, first + end),
        again=text.again,
        sort=text.sort,
        lines=text.lines,
    )
