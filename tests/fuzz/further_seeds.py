"""Seeds beside the corpus: files of the tests of readers, and small ones with everything that a format can hold."""

from __future__ import annotations

import sqlite3
import struct
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import h5py
import hdf5plugin
import numpy as np

from tests.fuzz.seeds_of_columns import of_columns
from tests.hostile.readers.samples import SAMPLES
from tests.packed import zipped
from tests.readers import (
    test_audio,
    test_executorch,
    test_hdf5,
    test_hdf5_filters,
    test_matlab,
    test_matroska,
    test_office,
    test_pdf,
    test_pdf_filters,
    test_pictures,
    test_sqlite,
    test_tflite,
    test_tfrecord,
    test_tiff,
    test_wandb,
)
from tests.readers.opened import values
from tests.readers.sevenzip_writer import AES, COPY, sevenzip
from tests.readers.test_msgpack import Array, packed
from tests.readers.test_sentencepiece import START, piece
from tests.readers.written_messages import text, whole

VALUES = values(7)
_HUB, _CLOUD, _FORGE = (value.encode() for value in VALUES)
_PAGE = 512
"""Bytes of a page of SQLite: the least, so that a database of some pages is small."""


def further() -> Iterator[tuple[str, bytes]]:
    """A path that says what each is, and its bytes."""
    yield from SAMPLES
    yield from of_columns()
    for path, make in _MADE.items():
        for data in make():
            yield path, data


def _pdf() -> Iterator[bytes]:
    yield from (data for data, _ in test_pdf.PLACES.values())
    for filters, content in test_pdf_filters.CHAINS.values():
        made = b"<< /Length %d /Filter %b >>\nstream\n%b\nendstream" % (len(content), filters, content)
        yield test_pdf.page(b"", (8, made))


def _hdf5() -> Iterator[bytes]:
    for make, _ in test_hdf5.HIDDEN.values():
        yield test_hdf5.written(make)
    for how in test_hdf5_filters.FILTERS.values():
        yield test_hdf5_filters.written(test_hdf5_filters.ROWS[-24:], chunks=(16,), **how)
    yield test_hdf5_filters.written(np.arange(99), chunks=(40,), scaleoffset=0)
    yield test_hdf5_filters.written(np.arange(99), chunks=(40,), **hdf5plugin.Blosc2())
    yield test_hdf5.written(_one_of_each_type)
    yield test_hdf5.written(_one_of_each_type, libver="latest")
    yield test_hdf5.written(_links, libver="latest")


def _one_of_each_type(file: Any) -> None:
    file.create_dataset("bytes", data=np.frombuffer(_HUB, "u1"))
    file.create_dataset("lengths", (2,), h5py.vlen_dtype(np.dtype("u1")))[0] = np.frombuffer(_CLOUD, "u1")
    file.create_dataset("enum", data=[0, 1], dtype=h5py.enum_dtype({"a": 0, VALUES.forge: 1}, "i1"))
    file.create_dataset("grows", data=[b"a", _HUB], maxshape=(None,), chunks=(1,))
    file.create_dataset("void", data=np.void(_CLOUD))
    file.create_dataset("nothing", data=h5py.Empty("f4"))
    file.create_dataset("records", data=np.array([(1, b"a")], [("n", ">i2"), ("t", "S8")]))
    file["to"] = file["void"].ref
    file.create_group("a/b").attrs["note"] = [VALUES.hub, "x"]
    file.attrs["shape"] = np.arange(3)


def _links(file: Any) -> None:
    file.create_dataset("a/data", data=np.arange(8), chunks=(3,), compression="lzf", fletcher32=True)
    file["soft"] = h5py.SoftLink("/a/data")
    file["outside"] = h5py.ExternalLink("other.h5", f"/{VALUES.hub}")
    file["again"] = file["a"]
    file.create_dataset("compact", data=np.frombuffer(_CLOUD, "u1"), dcpl=_compact())
    file.create_dataset("elsewhere", (8,), "i8", external=[("other.bin", 0, 64)])
    for number in range(12):  # more than a header holds
        file["a"].attrs[f"n{number}"] = "word " * number


def _compact() -> Any:
    created = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    created.set_layout(h5py.h5d.COMPACT)
    created.set_obj_track_times(False)
    return created


def _msgpack() -> Iterator[bytes]:
    yield packed({"w": Array(("int32", struct.pack("<40i", *range(40)))), "u": Array(("uint8", _HUB)), "n": None})
    yield packed({"w": Array(("float32", bytes(64))), "t": Array(("int64", struct.pack("<37q", *_HUB)))})
    number = Array(("bfloat16", b"\1\2"))
    yield packed({"step": number, "params": {"a b": [1, 0.5, VALUES.cloud, _FORGE, number]}})
    lengths = b"\xc4\x02ab\xc5\0\x02ab\xd9\x02ab\xda\0\x02ab\xdb\0\0\0\x02ab\xc7\x02\x01ab\xc8\0\x02\x03ab"
    fixed = b"\xd4\x01a\xd5\x02ab\xd6\xffabcd\xd7\xffabcdefgh\xd8\x05" + _CLOUD[:16]
    numbers = (
        b"\xcc\1\xcd\0\1\xce\0\0\0\1\xcf" + bytes(8) + b"\xd0\1\xd1\0\1\xd2\0\0\0\1\xca" + bytes(4) + b"\xe0\x7f\xc2"
    )
    yield (
        b"\x82\xa1a\xdd\0\0\0\x1a" + lengths + fixed + numbers + b"\x91\x90\x80\xa1b\xdf\0\0\0\1\xc4\1c\xc4\x25" + _HUB
    )


def _sentencepiece() -> Iterator[bytes]:
    trainer = b"".join(text(field, f"{field} of it") for field in (1, 2, 5, 7, 30, 31, 36, 44, 45, 46, 47, 48, 53, 54))
    trainer += b"".join(whole(field, field) for field in (3, 4, 6, 10, 11, 40, 41)) + text(31, VALUES.cloud)
    normaliser = text(1, "nmt_nfkc") + text(2, bytes(range(64))) + whole(3, 1) + text(6, f"61\t62\t# {VALUES.hub}")
    tests = text(1, text(1, VALUES.forge) + text(2, "▁a b"))
    words = piece("▁a") + piece(VALUES.hub, 4) + text(1, text(1, "long " * 40)) + piece("<0x0A>", 6)
    yield START + words + text(2, trainer) + text(3, normaliser) + text(4, tests) + text(5, normaliser)
    yield START + text(1, text(1, "odd") + text(200, VALUES.hub)) + words + text(2, text(31, VALUES.hub))


def _sqlite() -> Iterator[bytes]:
    with tempfile.TemporaryDirectory() as folder:
        for number, fill in enumerate((_tables, _deleted, _in_utf16)):
            path = Path(folder, f"{number}.db")
            connection = _connected(path)
            fill(connection)
            connection.close()
            yield path.read_bytes()


def _connected(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute(f"PRAGMA page_size={_PAGE}")
    return connection


def _tables(connection: sqlite3.Connection) -> None:
    connection.execute("PRAGMA auto_vacuum=FULL")
    connection.execute("CREATE TABLE params(id integer primary key, key text, value, at real)")
    connection.execute("CREATE INDEX keys ON params(key)")
    connection.execute("CREATE TABLE pairs(key text primary key, value blob) WITHOUT ROWID")
    connection.execute("CREATE VIEW both AS SELECT key FROM params")
    for number in range(25):
        connection.execute("INSERT INTO params(key, value, at) VALUES(?, ?, 0.5)", (f"k{number}", "w" * number))
        connection.execute("INSERT INTO pairs VALUES(?, ?)", (f"k{number}", number << number))
    connection.execute("INSERT INTO params(key, value) VALUES('long', ?)", ("words " * 200 + VALUES.hub,))
    connection.execute("INSERT INTO pairs VALUES('file', ?)", (zipped(("a.env", _CLOUD)),))


def _deleted(connection: sqlite3.Connection) -> None:
    connection.execute("PRAGMA secure_delete=OFF")
    for number, columns in enumerate(test_sqlite.TABLES):
        connection.execute(f"CREATE TABLE t{number}({columns})")
        for value in (VALUES.hub, "kept", VALUES.cloud, "gone"):
            connection.execute(f"INSERT INTO t{number}(a) VALUES(?)", (value,))
        connection.execute(f"DELETE FROM t{number} WHERE a != 'kept'")
    connection.execute("CREATE TABLE away(a text)")
    connection.execute("INSERT INTO away VALUES(?)", (f"{'x ' * 600}{VALUES.forge}",))
    connection.execute("DROP TABLE away")


def _in_utf16(connection: sqlite3.Connection) -> None:
    connection.execute("PRAGMA encoding='UTF-16be'")
    connection.execute("CREATE TABLE params(key text, value text)")
    connection.executemany("INSERT INTO params VALUES(?, ?)", [("a", VALUES.hub), ("b", "ключ"), ("c", "w" * 900)])


def _logs() -> Iterator[bytes]:
    """A log with the schema and without, and what a journal keeps of rows that are deleted."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "a.db")
        connection = _connected(path)
        connection.execute("PRAGMA journal_mode=WAL")
        _tables(connection)
        data, frame = Path(f"{path}-wal").read_bytes(), 24 + _PAGE
        yield _without_chance(data[: 32 + 5 * frame] + data[-12 * frame :])
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.execute("INSERT INTO params(key, value) VALUES('last', ?)", (VALUES.forge,))
        connection.execute("DELETE FROM params WHERE id < 4")
        yield _without_chance(Path(f"{path}-wal").read_bytes())
        connection.execute("PRAGMA journal_mode=PERSIST")
        connection.execute("DELETE FROM pairs")
        connection.close()
        begins = b"\xd9\xd5\x05\xf9\x20\xa1\x63\xd7" + struct.pack(">iIIII", -1, 0, 9, _PAGE, _PAGE)
        yield _without_chance(begins + Path(f"{path}-journal").read_bytes()[len(begins) :])  # as before it was ended


def _without_chance(data: bytes) -> bytes:
    """A log in which nothing differs each time: salts and checksums, for which no reader asks."""
    if data.startswith(b"\x37\x7f\x06"):
        frame = 24 + _PAGE
        frames = (data[at : at + 8] + bytes(16) + data[at + 24 : at + frame] for at in range(32, len(data), frame))
        return data[:16] + bytes(16) + b"".join(frames)
    record = 4 + _PAGE + 4
    records = (data[at : at + record - 4] + bytes(4) for at in range(_PAGE, len(data) - record + 1, record))
    return data[:_PAGE] + b"".join(records)


def _sevenzip() -> Iterator[bytes]:
    members = (("a.txt", b"nothing\n" * 9), ("empty", b""), ("app/.env", _HUB), ("b.zip", zipped(("a.env", _CLOUD))))
    for coders in (COPY, AES):
        yield sevenzip(*members, coders=coders)
    yield sevenzip(*members, packed_header=True)


def _tflite() -> Iterator[bytes]:
    tensor = test_tflite.tensor
    strings = struct.pack("<4I", 2, 16, 18, 18 + len(_HUB)) + b"Zq" + _HUB
    tensors = [tensor("labels", 5, 1), tensor("w", 0, 2), tensor("ids", 4, 3), tensor(VALUES.cloud, 9, 4)]
    more = {"_1": [{}, {1: "op"}], "_3": "made", "_6": [{0: "notes", 1: 4}], "_7": [{0: [{0: "x"}], 2: "serve"}]}
    yield test_tflite.model(tensors, [strings, bytes(40), struct.pack("<37q", *_HUB), _FORGE], **more)


def _executorch() -> Iterator[bytes]:
    tensor, program = test_executorch.tensor, test_executorch.program
    values_ = [{0: 1, 1: {}}, {0: 6, 1: {0: VALUES.hub}}, tensor(4, 1), tensor(6, 2), {0: 5, 1: {9: {1: "name"}}}]
    more = {
        0: "f",
        1: {1: "x"},
        5: [{3: [{0: [{2: "f", 3: VALUES.cloud}]}]}],
        7: [{0: "id", 2: [{0: "token", 1: _FORGE}]}],
    }
    yield program({2: values_, 6: [{0: "aten::add", 1: "out"}], **more}, [_HUB, bytes(40)])


_MADE: dict[str, Callable[[], Iterator[bytes]]] = {
    "a.pdf": _pdf,
    "a.h5": _hdf5,
    "a.msgpack": _msgpack,
    "tokenizer.model": _sentencepiece,
    "a.db": _sqlite,
    "a.db-wal": _logs,
    "a.7z": _sevenzip,
    "a.tflite": _tflite,
    "a.pte": _executorch,
    "speech.bin": lambda: (data for data, _ in test_audio.PLACES.values()),
    "a.tif": lambda: (test_tiff.tiff(*pages) for pages, _ in test_tiff.CASES.values()),
    "a.mat": lambda: (test_matlab.written(each, packed=False) for each, _ in test_matlab.CASES.values()),
    "a.mkv": lambda: (test_matroska.film(part) for part, _ in test_matroska.CASES.values()),
    "document.xml": lambda: (data for data, _ in test_office.PLACES.values()),
    "picture": lambda: (data for data, _ in test_pictures.PLACES.values()),
    "a.wandb": lambda: (test_wandb.log(test_wandb.history(1), each) for each in test_wandb.PLACES.values()),
    "events": lambda: (test_tfrecord.START + each for each in test_tfrecord.IN_EVENTS.values()),
    "a.tfrecord": lambda: (2 * test_tfrecord.CLEAN_EXAMPLE + each for each in test_tfrecord.IN_EXAMPLES.values()),
}
