"""ORC: metadata, names of columns, and cells of text by pyarrow's, stripe by stripe. Rows count from 1.

Format: https://orc.apache.org/specification/ORCv1/. What follows the stripes (statistics, footer) is looked at as it
stands, and so are stripes that are not packed: there may be more in them than their rows show.
"""

from __future__ import annotations

from collections.abc import Iterator

from modelguard.model import Blob
from modelguard.readers.interface import Covered, Limits, Piece, passage, repeated
from modelguard.readers.native import memory_bounded
from modelguard.readers.seeking import BlobFile
from modelguard.readers.tables.columns import Columns
from modelguard.readers.tables.metadata import about

_MAGIC_BYTES = 3
_MOST_AT_ONCE = 256 * 1024 * 1024
_LONGEST_TAIL = 4 * 1024 * 1024
_PLAIN = "UNCOMPRESSED"


def read(blob: Blob, limits: Limits) -> Iterator[Piece]:
    """Metadata, names of columns, and cells. See `Reader`."""
    from pyarrow.orc import ORCFile

    with memory_bounded():
        file = ORCFile(BlobFile(blob, most=_MOST_AT_ONCE))
        end = min(blob.size, max(_MAGIC_BYTES, int(file.content_length)))
        tail = (end, blob.size)
        for key, value in (file.metadata or {}).items():
            yield from about(key, value, "metadata", tail)
        for number, name in enumerate(file.schema.names):
            yield passage(name.encode("utf-8", "replace"), f"schema, column {number + 1}", *tail)
        columns = Columns(blob, limits)
        is_plain = file.compression == _PLAIN
        row = 0
        for number in range(file.nstripes):
            limits.member()
            batch = file.read_stripe(number)
            for name, array in zip(batch.schema.names, batch.columns, strict=True):
                texts = columns.texts(array, name, row, (_MAGIC_BYTES, end))
                yield from repeated(texts) if is_plain else texts
            row += batch.num_rows
        yield from columns.rest((_MAGIC_BYTES, end))
        if not is_plain:
            yield Covered(_MAGIC_BYTES, end)
        if blob.size - end <= _LONGEST_TAIL:
            yield passage(blob.read(*tail), "footer", *tail, again=True)
            yield Covered(*tail)
