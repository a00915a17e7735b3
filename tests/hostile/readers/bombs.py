"""Files that are small and become large, made without ever holding what they become."""

from __future__ import annotations

import bz2
import lzma
import struct
import zlib
from collections.abc import Callable, Mapping
from typing import Any

from tests.corpus import archives, documents, hdf5, tables
from tests.readers.sevenzip_writer import LZMA2, _streams

MIB = 1 << 20
_ZEROS = bytes(MIB)


def fed(packer: Any, mib: int) -> bytes:
    """So many MiB of zeros, packed."""
    return b"".join([*(packer.compress(_ZEROS) for _ in range(mib)), packer.flush()])


def sevenzip_of(packed: bytes, size: int, span: int | None = None) -> bytes:
    """A 7z archive with one LZMA2 stream that is said to become `size` bytes, and to be `span` bytes long."""
    header = b"\x01\x04" + _streams(0, len(packed) if span is None else span, LZMA2, [size]) + b"\0"
    place = struct.pack("<QQI", len(packed), len(header), zlib.crc32(header))
    return b"7z\xbc\xaf\x27\x1c\0\4" + struct.pack("<I", zlib.crc32(place)) + place + packed + header


LZMA2_FILTERS = [{"id": lzma.FILTER_LZMA2, "dict_size": 64 * 1024}]

PACKED: Mapping[str, Callable[[int], bytes]] = {
    "a.gz": lambda mib: fed(zlib.compressobj(9, zlib.DEFLATED, 31), mib),
    "a.z": lambda mib: fed(zlib.compressobj(9), mib),
    "a.bz2": lambda mib: fed(bz2.BZ2Compressor(), mib),
    "a.xz": lambda mib: fed(lzma.LZMACompressor(preset=0), mib),
    "a.zst": lambda mib: archives.packed_by_zstd(_ZEROS) * mib,
    "a.7z": lambda mib: sevenzip_of(fed(lzma.LZMACompressor(lzma.FORMAT_RAW, filters=LZMA2_FILTERS), mib), mib * MIB),
    "a.zip": lambda mib: zip_of(fed(zlib.compressobj(9, zlib.DEFLATED, -15), mib)),
    "a.png": lambda mib: documents.png(
        (b"zTXt", b"Comment\0\0" + fed(zlib.compressobj(9), mib)), (b"iCCP", b"icc\0\0" + fed(zlib.compressobj(9), mib))
    ),
    "a.pdf": lambda mib: pdf_of(fed(zlib.compressobj(9), mib)),
    "a.h5": lambda mib: hdf5.written(lambda file: _filled(file, mib)),
    "a.parquet": lambda mib: parquet(mib * 10),
}


def _filled(file: Any, mib: int) -> None:
    import numpy

    made = file.create_dataset("n", shape=(mib * MIB,), dtype="u1", chunks=(MIB,), compression="gzip")
    for at in range(mib):
        made.id.write_direct_chunk((at * MIB,), zlib.compress(numpy.zeros(MIB, "u1").tobytes(), 1))


def zip_of(deflated: bytes, claims: int = 1) -> bytes:
    """An archive of one member that claims to become `claims` bytes."""
    local = b"PK\3\4" + struct.pack("<HHHHHIIIHH", 20, 0, 8, 0, 33, 0, len(deflated), claims, 1, 0) + b"a" + deflated
    central = b"PK\1\2" + struct.pack(
        "<HHHHHHIIIHHHHHII", 20, 20, 0, 8, 0, 33, 0, len(deflated), claims, 1, 0, 0, 0, 0, 0, 0
    )
    central += b"a"
    return local + central + b"PK\5\6" + struct.pack("<HHHHIIH", 0, 0, 1, 1, len(central), len(local), 0)


def pdf_of(packed: bytes) -> bytes:
    """A document with one packed stream."""
    return b"%%PDF-1.7\n1 0 obj\n<< /Length %d /Filter /FlateDecode >> stream\n%b\nendstream\nendobj\n" % (
        len(packed),
        packed,
    )


def overlapping_zip(names: int, mib: int) -> bytes:
    """Many names for one member, as in David Fifield's bomb ("A better zip bomb", 2019), in its simplest form."""
    data = fed(zlib.compressobj(9, zlib.DEFLATED, -15), mib)
    local = b"PK\3\4" + struct.pack("<HHHHHIIIHH", 20, 0, 8, 0, 33, 0, len(data), 1, 1, 0) + b"a" + data
    entry = b"PK\1\2" + struct.pack("<HHHHHHIIIHHHHHII", 20, 20, 0, 8, 0, 33, 0, len(data), 1, 1, 0, 0, 0, 0, 0, 0)
    central = b"".join(entry + b"abcdefghij"[at % 10 : at % 10 + 1] for at in range(names))
    return local + central + b"PK\5\6" + struct.pack("<HHHHIIH", 0, 0, names, names, len(central), len(local), 0)


def zips_in_zips(times: int, data: bytes) -> bytes:
    """An archive in an archive, and so on: each layer's bytes are written once."""
    before: list[bytes] = []
    behind = []
    size = len(data)
    for _ in range(times):
        local = b"PK\3\4" + struct.pack("<HHHHHIIIHH", 20, 0, 0, 0, 33, 0, size, size, 1, 0) + b"a"
        central = (
            b"PK\1\2" + struct.pack("<HHHHHHIIIHHHHHII", 20, 20, 0, 0, 0, 33, 0, size, size, 1, 0, 0, 0, 0, 0, 0) + b"a"
        )
        end = b"PK\5\6" + struct.pack("<HHHHIIH", 0, 0, 1, 1, len(central), len(local) + size, 0)
        before.append(local)
        behind.append(central + end)
        size += len(local) + len(central) + len(end)
    return b"".join([*reversed(before), data, *behind])


def nested(pack: Callable[[bytes], bytes], times: int, data: bytes) -> bytes:
    """Something packed in itself so many times."""
    for _ in range(times):
        data = pack(data)
    return data


def parquet(rows: int) -> bytes:
    """A column of one long text, `rows` times: a few bytes of it are in the file."""
    import pyarrow as pa

    return tables.parquet(pa.table({"text": ["x" * 100_000] * rows}), compression="zstd", use_dictionary=False)
