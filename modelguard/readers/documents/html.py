"""Pages of HTML: looked at as they stand, with the cells of tables beside their headers.

A password in a cell says nothing by itself, and the header that names it is lines away. Format: HTML Living Standard,
section 4.9. Of a page that is longer than `_AT_ONCE`, a table that is longer as well is read up to there.
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from modelguard.model import Blob
from modelguard.readers.interface import Limits, Piece, Text
from modelguard.readers.tables.markup import told

_AT_ONCE = 16 * 1024 * 1024
_TABLE_ENDS = b"</table>"


def read(blob: Blob, limits: Limits) -> Iterator[Piece]:
    """The cells below telling headers. See `Reader`."""
    at = 0
    while page := blob.read(at, at + _AT_ONCE):
        if len(page) == _AT_ONCE:
            end = page.rfind(_TABLE_ENDS)
            page = page if end < 0 else page[: end + len(_TABLE_ENDS)]
        limits.spend(len(page))
        for text in told(page, limits, lines=True):
            yield _moved(text, at)
        at += len(page)


def _moved(text: Text, by: int) -> Text:
    """The same of a page that begins so many bytes into the blob."""

    def span(first: int, last: int) -> tuple[int, int]:
        start, end = text.span(first, last)
        return start + by, end + by

    return replace(text, span=span)
