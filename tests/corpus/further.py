"""Formats that are met less often: LMDB, ExecuTorch, CatBoost, MATLAB, Avro, ORC, Matroska."""

from __future__ import annotations

import io
import random
import struct
import tempfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from modelguard.readers.runs.checksums import masked_crc32c
from tests.corpus.items import CARD_ALONE, Item, at_one_place, chance, named, pairs, sentence, values_for
from tests.corpus.messages import varint
from tests.readers.written_flatbuffers import flatbuffer

FAMILY = "further"


def lmdb(pairs: Sequence[tuple[bytes, bytes]]) -> bytes:
    """The file of an environment with these keys and values."""
    import lmdb

    with tempfile.TemporaryDirectory() as folder:
        with lmdb.open(folder, map_size=1 << 22, sync=False) as environment, environment.begin(write=True) as writer:
            for key, value in pairs:
                writer.put(key, value)
        return Path(folder, "data.mdb").read_bytes()


def executorch(text: str) -> bytes:
    """A program of one method, which gives a text."""
    plan = {0: "get_note", 2: [{0: 6, 1: {0: text}}], 6: [{0: "aten::add", 1: "out"}]}
    return flatbuffer({1: [plan]}, b"ET12" + bytes(40))


def catboost(info: Mapping[str, str]) -> bytes:
    """A model of one feature and no trees."""
    told = [{0: key, 1: value} for key, value in info.items()]
    core = flatbuffer({0: "FlabuffersModel_v1", 1: {5: [{4: "age"}]}, 2: told}, bytes(4))
    return b"CBM1" + struct.pack("<I", len(core)) + core


def variable(*texts: bytes) -> bytes:
    """A variable of TensorFlow: lengths, their checksum, texts."""
    lengths = b"".join(varint(len(text)) for text in texts)
    told = masked_crc32c(b"".join(struct.pack("<I", len(text)) for text in texts))
    return lengths + struct.pack("<I", told) + b"".join(texts)


def matlab(name: str, text: str) -> bytes:
    """A file with one variable, a text."""
    parts = ((6, struct.pack("<II", 4, 0)), (5, struct.pack("<ii", 1, len(text))), (1, name.encode()))
    told = b"".join(_element(*part) for part in (*parts, (16, text.encode())))
    packed = zlib.compress(_element(14, told))
    return b"MATLAB 5.0 MAT-file".ljust(124) + b"\0\1IM" + struct.pack("<II", 15, len(packed)) + packed


def _element(kind: int, data: bytes) -> bytes:
    return struct.pack("<II", kind, len(data)) + data + b"\0" * (-len(data) % 8)


def avro(rows: Sequence[str], codec: str) -> bytes:
    """A file of one column of texts."""
    import fastavro

    out = io.BytesIO()
    schema = {"type": "record", "name": "Row", "fields": [{"name": "text", "type": "string"}]}
    fastavro.writer(out, schema, [{"text": row} for row in rows], codec, sync_marker=bytes(range(16)))
    return out.getvalue()


def orc(rows: Sequence[str]) -> bytes:
    """The same as ORC."""
    import pyarrow as pa
    from pyarrow import orc

    out = io.BytesIO()
    orc.write_table(pa.table({"text": rows}), out, compression="zlib")
    return out.getvalue()


def matroska(title: str) -> bytes:
    """A film of nothing."""
    told = _ebml("1549A966", _ebml("7BA9", title.encode()) + _ebml("4D80", b"Lavf61.7.100"))
    return _ebml("1A45DFA3", _ebml("4282", b"matroska")) + _ebml("18538067", told)


def _ebml(number: str, data: bytes) -> bytes:
    return bytes.fromhex(number) + (1 << 56 | len(data)).to_bytes(8, "big") + data


def items(seed: int) -> Iterator[Item]:
    """Every format once."""
    for path, count in (("train_lmdb/data.mdb", 200), ("small_lmdb/data.mdb", 0)):
        values = values_for(seed, path)
        rng = random.Random(chance(seed, path))
        samples = [(b"sample-%05d" % at, rng.randbytes(rng.choice((60, 3000)))) for at in range(count)]
        told = [(key.encode(), value.encode()) for key, value in pairs(values).items()]
        places = [f'main["{key}"]' for key in pairs(values)]
        yield Item(FAMILY, path, lmdb([*samples, *told]), named(values, places))
    path = "lite/model.pte"
    values = values_for(seed, path)
    place = "execution_plan[0].values[0].val.string_val"
    yield Item(FAMILY, path, executorch(sentence(values)), at_one_place(values, place))
    path = "boost/model.cbm"
    values = values_for(seed, path)
    yield Item(FAMILY, path, catboost(pairs(values)), named(values, [f'info["{key}"]' for key in pairs(values)]))
    path = "data/data.mat"
    values = values_for(seed, path)
    yield Item(FAMILY, path, matlab("notes", sentence(values)), at_one_place(values, 'variable "notes"', 1))
    for path, codec in (("data/plain.avro", "null"), ("data/packed.avro", "deflate")):
        values = values_for(seed, path)
        rows = ["fine", *values, "fine"]
        places = [f'row {2 + at}, column "text"' for at in range(5)]
        yield Item(FAMILY, path, avro(rows, codec), named(values, places, card=CARD_ALONE))
    path = "data/train.orc"
    values = values_for(seed, path)
    rows = ["fine", *values, "fine"]
    yield Item(FAMILY, path, orc(rows), named(values, places, card=CARD_ALONE))
    path = "films/a.mkv"
    values = values_for(seed, path)
    yield Item(FAMILY, path, matroska(sentence(values)), at_one_place(values, "title"))


def look_alikes(rng: random.Random, ids: Sequence[str]) -> Iterator[Item]:
    """The same with nothing to find."""
    yield Item(FAMILY, "clean/model.pte", executorch("forward " + " ".join(ids)))
    yield Item(FAMILY, "clean/model.cbm", catboost({f"metric {at}": each for at, each in enumerate(ids)}))
    yield Item(FAMILY, "clean/data.mat", matlab("ids", "\n".join(ids)))
    yield Item(FAMILY, "clean/ids.avro", avro(ids, "deflate"))
    yield Item(FAMILY, "clean/ids.orc", orc(ids))
    yield Item(FAMILY, "clean/film.webm", matroska("take " + " ".join(ids)))
    samples = [(b"image-%08d" % at, rng.randbytes(2000)) for at in range(200)]
    labels = [(b"label-%08d" % at, each.encode()) for at, each in enumerate(ids)]
    yield Item(FAMILY, "clean/data.mdb", lmdb([*samples, *labels]))
