"""What SQLite keeps beside a database: pages that are not in it yet (`-wal`), and as they were before (`-journal`).

Format: https://www.sqlite.org/fileformat2.html, sections 3 (rollback journals) and 4 (write-ahead logs). Which table a
page is of can be told where the log holds the schema and the pages above it; elsewhere rows are those of a page.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from modelguard.model import Blob
from modelguard.readers.interface import Limits, Malformed, Piece
from modelguard.readers.tables.sqlite import schema_of, told, told_again
from modelguard.readers.tables.sqlite_deleted import Deleted
from modelguard.readers.tables.sqlite_pages import MAGIC, Page, Pages
from modelguard.readers.tables.sqlite_rows import Table, table_of

WAL = (b"\x37\x7f\x06\x82", b"\x37\x7f\x06\x83")
JOURNAL = b"\xd9\xd5\x05\xf9\x20\xa1\x63\xd7"
_WAL_HEAD, _FRAME_HEAD = 32, 24
_JOURNAL_HEAD = 28
_SECTORS = (512, 65536)
_SIZES = frozenset(1 << power for power in range(9, 17))
_USUAL_SIZE = 4096
_OF_INDEXES = (b"\x02", b"\x0a")


def read(blob: Blob, limits: Limits) -> Iterator[Piece]:
    """The rows on all pages of a log. See `Reader`."""
    log = _Log(blob, limits, *_pages_of(blob, limits))
    tables = log.tables()
    deleted = Deleted()
    counts = {len(table.columns) for table in {id(each): each for each in tables.values()}.values()}
    for number, start in log.stored:
        limits.check_time()
        table = tables.get(number) or Table(f"page {number}", 0, (), False, log.encoding)
        try:
            page = log.page(start, number == 1)[0]
        except Malformed:
            page = Page(start, [], (), ((start, start + log.size),))
        if number not in tables and blob.read(start, start + 1) in _OF_INDEXES:
            yield from told_again(blob, [page], table)
        else:
            yield from told(blob, [page], table, counts, deleted, limits)
        log.forget()


def _pages_of(blob: Blob, limits: Limits) -> tuple[int, list[tuple[int, int]]]:
    """How large pages are, and the number of each in the log and where it begins, in order."""
    head = blob.read(0, min(blob.size, _WAL_HEAD))
    if head.startswith(WAL):
        return _frames(blob, int.from_bytes(head[8:12], "big"), _WAL_HEAD, _FRAME_HEAD, 0, limits)
    size = int.from_bytes(head[24:28], "big") if head.startswith(JOURNAL) else 0
    sector = int.from_bytes(head[20:24], "big") if head.startswith(JOURNAL) else 0
    sector = sector if _SECTORS[0] <= sector <= _SECTORS[1] else _SECTORS[0]
    return _frames(blob, size or _USUAL_SIZE, sector, 4, 4, limits)


def _frames(
    blob: Blob, size: int, at: int, before: int, behind: int, limits: Limits
) -> tuple[int, list[tuple[int, int]]]:
    if size not in _SIZES:
        raise Malformed("its header names no size of pages")
    found: list[tuple[int, int]] = []
    while at + before + size <= blob.size:
        limits.check_time()
        head = blob.read(at, at + 8)
        if head == JOURNAL:  # another part begins
            at += max(_SECTORS[0], int.from_bytes(blob.read(at + 20, at + 24), "big") & 0xFFFF)
            continue
        found.append((int.from_bytes(head[:4], "big"), at + before))
        at += before + size + behind
    return size, found


class _Log(Pages):
    """The pages of a log. Of several with one number, the last one is meant where another page leads to it."""

    def __init__(self, blob: Blob, limits: Limits, size: int, stored: list[tuple[int, int]]) -> None:
        self._places: Mapping[int, int] = dict(stored)
        self.stored = stored
        first = self._places.get(1)
        head = blob.read(first, first + 100) if first is not None else b""
        if not head.startswith(MAGIC):
            head = MAGIC + (size & 0xFFFF if size < 65536 else 1).to_bytes(2, "big") + bytes(82)
        super().__init__(blob, limits, head)

    def where(self, number: int) -> int | None:
        """See `Pages.where`."""
        return self._places.get(number)

    def forget(self) -> None:
        """A page that was visited may be again: another version of the page above it may lead there."""
        self._seen.clear()

    def tables(self) -> dict[int, Table]:
        """The table of each page that the schema in the log leads to."""
        of_page: dict[int, Table] = {}
        schema = schema_of(self.encoding)
        found = [schema]
        for page in self._below(1, schema, of_page):
            found += filter(None, (table_of(cell[1], self.encoding) for cell in page.cells))
        for table in found[1:]:
            if not table.is_index:
                for _ in self._below(table.root, table, of_page):
                    pass
        return of_page

    def _below(self, root: int, table: Table, of_page: dict[int, Table]) -> Iterator[Page]:
        """Notes whose pages those below one are, as far as they are here."""
        waiting = [root]
        while waiting:
            number = waiting.pop()
            if number in of_page:
                continue
            of_page[number] = table
            self._limits.check_time()
            start = self.where(number)
            if start is None:
                continue
            try:
                page, children = self.page(start, number == 1)
            except Malformed:
                continue
            yield page
            waiting += children
        self.forget()
