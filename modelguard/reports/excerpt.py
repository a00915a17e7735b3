"""A masked source line cut down to the room there is, with the masked value in sight."""

from __future__ import annotations

import re

from msgspec import Struct
from rich.cells import cell_len

from modelguard.reports.escape import printable

_CUT = "…"


class Excerpt(Struct, frozen=True):
    """A line that fits, and where in it the value stands, in cells; `length` is 0 where that is not certain."""

    line: str
    start: int
    length: int


def clipped(line: str, preview: str, column: int | None, width: int) -> Excerpt:
    """Cut a masked line to `width` cells around the value that `preview` masks; an ellipsis marks each cut.

    `column` is where the value stood in the unmasked line. Of several masks that look the same the nearest stays in
    sight, and none is pointed out: masking and stripping move what they leave, so the nearest may be the wrong one.
    """
    # The line is made printable whole: parts that are harmless alone may join to a runner command.
    text = printable(line.strip())
    indent = len(line) - len(line.lstrip())
    span = _masked_span(text, printable(preview), len(printable(line[indent : (column or 1) - 1])))
    if span is None:
        return Excerpt(_head(text, width), 0, 0)
    before, value, after = text[: span[0]], _head(text[slice(*span)], width), text[span[1] :]
    room = width - cell_len(value)
    # Each side gets half of the room, and what the other side does not need.
    before = _tail(before, max(room // 2, room - cell_len(after)))
    after = _head(after, room - cell_len(before))
    certain = text.count(text[slice(*span)]) == 1
    return Excerpt(_head(before + value + after, width), cell_len(before), cell_len(value) if certain else 0)


def _masked_span(line: str, preview: str, column: int) -> tuple[int, int] | None:
    # The line may hold the whole preview, `hf_**** (37 characters)`, or only its mask.
    for mask in (preview, preview.partition(" (")[0]):
        starts = [found.start() for found in re.finditer(re.escape(mask), line)] if mask else []
        if starts:
            start = min(starts, key=lambda start: abs(start - column))
            return start, start + len(mask)
    return None


def _head(text: str, width: int) -> str:
    return text if _fits(text, width) else _fitting(text, width, keep_head=True) + _CUT * (width > 0)


def _tail(text: str, width: int) -> str:
    return text if _fits(text, width) else _CUT * (width > 0) + _fitting(text, width, keep_head=False)


def _fits(text: str, width: int) -> bool:
    # Combining characters take no cell, and a hostile line may be nothing else.
    return len(text) <= 4 * width and cell_len(text) <= width


def _fitting(text: str, width: int, keep_head: bool) -> str:
    room = max(0, width - 1)
    part = text[:room] if keep_head else text[len(text) - room :]
    while cell_len(part) > room:
        part = part[:-1] if keep_head else part[1:]
    return part
