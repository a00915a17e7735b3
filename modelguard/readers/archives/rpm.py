"""RPM packages: what they install is a compressed cpio archive behind two headers.

Format: "RPM v4 package format" of the RPM project's documentation.
"""

from __future__ import annotations

from collections.abc import Iterator

from modelguard.model import Blob
from modelguard.readers.interface import Covered, Limits, Malformed, Member, Piece
from modelguard.readers.members import Ranged

_LEAD_BYTES = 96
_HEADER = b"\x8e\xad\xe8\x01"
_HEADER_BYTES = 16
_ENTRY_BYTES = 16
_ENDINGS = {b"\x1f\x8b": ".gz", b"\xfd7": ".xz", b"\x28\xb5": ".zst", b"BZ": ".bz2", b"\x5d\0": ".lzma"}


def read(blob: Blob, limits: Limits) -> Iterator[Piece]:
    """The payload of a package; its headers are looked at as they stand. See `Reader`."""
    signature_end = _behind_header(blob, _LEAD_BYTES)
    start = _behind_header(blob, signature_end + -signature_end % 8)
    size = blob.size
    if start >= size:
        raise Malformed("it ends too early")
    yield Member(Ranged(blob, "payload.cpio" + _ENDINGS.get(blob.read(start, start + 2), ""), start, size))
    yield Covered(start, size)


def _behind_header(blob: Blob, at: int) -> int:
    head = blob.read(at, at + _HEADER_BYTES)
    if len(head) < _HEADER_BYTES or not head.startswith(_HEADER):
        raise Malformed("a header in it is none")
    entries, length = int.from_bytes(head[8:12], "big"), int.from_bytes(head[12:16], "big")
    return at + _HEADER_BYTES + _ENTRY_BYTES * entries + length
