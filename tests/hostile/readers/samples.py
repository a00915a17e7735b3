"""One small file for every row of the table of readers: well formed, with a cloud key in it where its reader finds one.

`tests/hostile/readers/test_damage.py` fails when a row has no sample here.
"""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import marshal
import pickle
import plistlib
import struct
import zlib
from base64 import b64encode
from collections.abc import Sequence
from importlib.util import MAGIC_NUMBER
from typing import NamedTuple

from modelguard.readers.kinds import HEAD_BYTES, Kind, kind_of
from tests.corpus import (
    archives,
    documents,
    further,
    gguf,
    hdf5,
    messages,
    notebooks,
    numpy,
    others,
    safetensors,
    tables,
)
from tests.corpus import tokenizers as tokenizer_files
from tests.packed import ar, cpio, rpm, tarred, zipped
from tests.readers import written_images
from tests.readers.opened import values
from tests.readers.sevenzip_writer import sevenzip

VALUES = values(31)
"""`cloud` is what samples hold, `hub` is what tests plant beside the format, `forge` must never be shown."""

CLOUD = VALUES.cloud
_ENV = f"# settings\nAWS_ACCESS_KEY_ID={CLOUD}\n"
_NUMBERED = "{" + ", ".join(f'"w{at}": {at}' for at in range(101)) + f', "{CLOUD}": 101}}'


class Sample(NamedTuple):
    """A file, and the path that it lies at."""

    path: str
    data: bytes

    @property
    def kind(self) -> Kind:
        """What it is taken for."""
        found = kind_of(self.data[:HEAD_BYTES], self.path)
        assert found is not None, self.path
        return found


def _pyc() -> bytes:
    source = f"KEY = {CLOUD!r}\n"
    return MAGIC_NUMBER + struct.pack("<III", 0, 0, len(source)) + marshal.dumps(compile(source, "s.py", "exec"))


def _table() -> object:
    import pyarrow as pa

    return pa.table({"id": [1, 2], "text": ["fine", CLOUD]})


def _events() -> bytes:
    data = messages.record(messages.double(1, 1.7e9) + messages.text(3, "brain.Event:2"))
    return data + messages.record(messages.double(1, 1.7e9) + messages.text(6, messages.text(2, CLOUD)))


def _wandb() -> bytes:
    line = messages.number(1, 1) + messages.text(13, messages.number(1, 0) + messages.text(3, CLOUD + "\n"))
    return (
        b":W&B" + struct.pack("<HB", 0xBEE1, 0) + struct.pack("<IHB", zlib.crc32(b"\x01" + line), len(line), 1) + line
    )


def _sentencepiece() -> bytes:
    pieces = [("<unk>", 2), (CLOUD, 4), *((f"word{at}", 1) for at in range(8))]
    made = (
        messages.text(1, messages.text(1, piece) + b"\x15\0\0\0\0" + messages.number(3, kind)) for piece, kind in pieces
    )
    return b"".join(made) + messages.text(2, messages.number(3, 2))


def _graph() -> bytes:
    tensor = messages.number(1, 7) + messages.text(8, CLOUD)
    node = messages.text(1, "c") + messages.text(2, "Const")
    node += messages.text(5, messages.text(1, "value") + messages.text(2, messages.text(8, tensor)))
    return messages.number(1, 1) + messages.text(
        2, messages.text(1, messages.text(4, "serve")) + messages.text(2, messages.text(1, node))
    )


def _mp4() -> bytes:
    listed = others.box(b"ilst", others.box(b"\xa9cmt", others.box(b"data", struct.pack(">II", 1, 0), CLOUD.encode())))
    return others.box(b"ftyp", b"M4A \0\0\0\0") + others.box(
        b"moov", others.box(b"udta", others.box(b"meta", bytes(4), listed))
    )


def _office() -> bytes:
    name = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    cut = f"<w:p><w:r><w:t>{CLOUD[:9]}</w:t></w:r><w:r><w:t>{CLOUD[9:]}</w:t></w:r></w:p>"
    return f'<?xml version="1.0"?>\n<w:document {name}><w:body>{cut}</w:body></w:document>'.encode()


def _database() -> bytes:
    return tables.database("create table params(key text, value text)", [("lr", "0.1"), ("id", CLOUD)])


def _hdf5() -> bytes:
    def fill(file: object) -> None:
        file.attrs["note"] = CLOUD  # type: ignore[attr-defined]
        file.create_dataset("w", data=[1, 2, 3], chunks=(2,), compression="gzip")  # type: ignore[attr-defined]

    return hdf5.written(fill)


def _behind_a_block() -> bytes:
    import h5py

    out = io.BytesIO()
    with h5py.File(out, "w", userblock_size=512) as file:
        file.attrs["note"] = CLOUD
    return out.getvalue()


def _safetensors() -> bytes:
    points = struct.pack(f"<{len(CLOUD)}I", *map(ord, CLOUD))
    tensors = {"w": safetensors.floats(1, 8), "p": ("I32", [len(CLOUD)], points), "b": ("U8", [4], b"abcd")}
    return safetensors.written(tensors, json.dumps({"note": "x"}))


def _gguf() -> bytes:
    return gguf.written([*gguf.ABOUT, ("general.tags", ["a", CLOUD])], [("w", b"\0" * 32)])


def _numpy() -> bytes:
    longest, cells = numpy.texts(["fine", CLOUD])
    return numpy.written(f"'<U{longest}'", "(2,)", cells)


def _png() -> bytes:
    packed = zlib.compress(CLOUD.encode())
    return documents.png((b"tEXt", b"Title\0x"), (b"zTXt", b"Comment\0\0" + packed), (b"iCCP", b"icc\0\0" + packed))


def exif(value: str) -> bytes:
    """A directory with one text, as cameras write it."""
    text = value.encode() + b"\0"
    return b"II*\0" + struct.pack("<IHHHII", 8, 1, 0x010E, 2, len(text), 26) + bytes(4) + text


def _jpeg() -> bytes:
    data = b"Exif\0\0" + exif(CLOUD)
    return b"\xff\xd8\xff\xe1" + struct.pack(">H", len(data) + 2) + data + documents.jpeg(b"a comment")[2:]


def _riff() -> bytes:
    text = CLOUD.encode() + b"\0"
    return others.riff(b"WAVE", (b"fmt ", bytes(16)), (b"LIST", b"INFOICMT" + struct.pack("<I", len(text)) + text))


def _notebook() -> bytes:
    cut = f"\u001b[31m{CLOUD[:9]}\u001b[0m{CLOUD[9:]}\n"
    return notebooks.notebook(notebooks.code((), notebooks.stream(cut)))


def _tokenizer() -> dict[str, object]:
    return tokenizer_files.tokenizer([CLOUD], merges=["h e"])


def _string_cells() -> bytes:
    return b"".join(struct.pack("<I", len(each)) + each.encode() for each in ("fine", CLOUD, "")).join(
        (struct.pack("<I", 3), b"")
    )


def _blosc() -> bytes:
    return b"\2\1\2\x20" + struct.pack("<III", 64, 64, 80) + CLOUD.encode().ljust(32, b"\0") * 2


def _unopened(mark: bytes) -> bytes:
    return mark + bytes(8) + b"\n" + _ENV.encode()


SAMPLES: Sequence[Sample] = (
    Sample("run.out", f"\x1b[31m{CLOUD[:9]}\x1b[0m{CLOUD[9:]}\n".encode()),
    Sample("shown.txt", f"\x1b[31m{CLOUD[:9]}\x1b[0m{CLOUD[9:]}\n".encode()),
    Sample("db_password", CLOUD.encode()),
    Sample("data.mat", further.matlab("notes", CLOUD)),
    Sample("model.pte", further.executorch(CLOUD)),
    Sample("model.cbm", further.catboost({"params": CLOUD})),
    Sample("checkpoint_1", b"\x82\xa3key\xb4" + CLOUD.encode() + b"\xa1n\1"),
    Sample("imports", b"cos\ngetcwd\n(V" + CLOUD.encode() + b"\ntR."),
    Sample("text.pkl", b"V" + CLOUD.encode() + b"\np0\n."),
    Sample("z.zarr/0.0", _blosc()),
    Sample("z.zarr/0", _string_cells()),
    Sample("a.orc", further.orc(["fine", CLOUD])),
    Sample("a.avro", further.avro(["fine", CLOUD], "deflate")),
    Sample("data.mdb", further.lmdb([(b"lr", b"0.1"), (b"key", CLOUD.encode())])),
    Sample("mlflow.db-wal", tables.log([("lr", "0.1"), ("id", CLOUD)])),
    Sample("mlflow.db-journal", bytes(512) + b"\0\0\0\2" + _database()[4096:8192] + bytes(4)),
    Sample("setup.whl", b"MZ\0\0" + zipped(("a/.env", _ENV.encode()))),
    Sample("skipped.zst", b"\x50\x2a\x4d\x18\4\0\0\0abcd" + archives.packed_by_zstd(_ENV.encode())),
    Sample("lib.a", ar(("a.o", b"odd"), (".env", _ENV.encode()))),
    Sample("a.cpio", cpio(("a.txt", b"odd"), (".env", _ENV.encode()))),
    Sample("a.rpm", rpm(gzip.compress(cpio((".env", _ENV.encode())), mtime=0))),
    Sample("a.duckdb", bytes(8) + _unopened(b"DUCK")),
    Sample("a.b2nd", _unopened(b"\x9e\xa8b2frame\0")),
    Sample("old.lz4", _unopened(b"\x02\x21\x4c\x18")),
    Sample("a.zsav", _unopened(b"$FL3")),
    Sample("a.rar", _unopened(b"Rar!\x1a\x07\1")),
    Sample("a.cab", _unopened(b"MSCF\0\0\0\0")),
    Sample("a.squashfs", _unopened(b"hsqs")),
    Sample("a.sif", _unopened(b"#!/usr/bin/env run-singularity\n")),
    Sample("a.AppImage", _unopened(b"\x7fELF\2\1\1\0AI\2")),
    Sample("a.qcow2", _unopened(b"QFI\xfb")),
    Sample("a.dmg", _unopened(b"x\xda")),
    Sample("a.xar", _unopened(b"xar!\0")),
    Sample("a.tar.Z", _unopened(b"\x1f\x9d\x90")),
    Sample("a.sz", _unopened(b"\xff\6\0\0sNaPpY")),
    Sample("a.js.br", _unopened(b"\x8b\1\x80")),
    Sample("a.tif", documents.tiff(CLOUD.encode())),
    Sample("a.mkv", further.matroska(CLOUD)),
    Sample("Info.plist", plistlib.dumps({"key": CLOUD}, fmt=plistlib.FMT_BINARY)),
    Sample("text.plist", plistlib.dumps({"key": CLOUD})),
    Sample("llama/tokenizer.model", b"IQ== 0\n" + b64encode(CLOUD.encode()) + b" 1\n"),
    Sample("events.tfrecord", _events()),
    Sample("run-1.wandb", _wandb()),
    Sample("model.safetensors", _safetensors()),
    Sample("model.gguf", _gguf()),
    Sample("a.npy", _numpy()),
    Sample("model.h5", _hdf5()),
    Sample("behind.h5", _behind_a_block()),
    Sample("model.tflite", others.tflite(CLOUD)),
    Sample("model.msgpack", others.msgpack({"a": {"key": CLOUD}, "b": [1, "x"]})),
    Sample("xgb", b"{" + others.ubjson({"": 1, "key": CLOUD})[1:]),
    Sample("model.ubj", b"{#i\1i\3key" + others.ubjson(CLOUD)),
    Sample("model.pkl", pickle.dumps({"note": CLOUD, "n": [1.5, 10**20]}, 4)),
    Sample("old.pkl", pickle.dumps({"note": CLOUD, "n": [1.5, 10**20]}, 0)),
    Sample("settings", _pyc()),
    Sample("other.pyc", struct.pack("<H", 3600) + _pyc()[2:]),
    Sample("model", messages.onnx(graph=messages.text(10, CLOUD))),
    Sample("graph.onnx", messages.text(7, messages.text(2, "g") + messages.text(10, CLOUD)) + messages.number(1, 8)),
    Sample("saved_model.pb", _graph()),
    Sample("a.parquet", tables.parquet(_table(), compression="snappy")),
    Sample("file.arrow", tables.arrow(_table(), True, "lz4")),
    Sample("stream.arrow", tables.arrow(_table(), False)),
    Sample("mlflow.db", _database()),
    Sample("people.csv", f"name,password\na,{CLOUD}\n".encode()),
    Sample("rows.csv", f"id,text\n1,{CLOUD}\n".encode()),
    Sample("a.zip", zipped(("a/.env", _ENV.encode()), ("b.txt", b"x" * 50))),
    Sample(
        "image.tar", written_images.saved(tarred(("a/.env", _ENV.encode()))[:2048], tarred(("a/.wh..env", b""))[:1024])
    ),
    Sample("a.tar", tarred(("a/.env", _ENV.encode()))[:2048]),
    Sample("a.7z", sevenzip(("a.txt", b"x" * 40), ("app/.env", _ENV.encode()))),
    Sample("a.log.gz", gzip.compress(_ENV.encode(), mtime=0)),
    Sample("a.log.bz2", bz2.compress(_ENV.encode())),
    Sample("a.log.xz", lzma.compress(_ENV.encode())),
    Sample("a.log.zst", archives.packed_by_zstd(_ENV.encode())),
    Sample(
        "a.log.lz4", b"\x04\x22\x4d\x18\x60\x40\x82" + struct.pack("<I", 1 << 31 | len(_ENV)) + _ENV.encode() + bytes(4)
    ),
    Sample("a.log.z", zlib.compress(_ENV.encode())),
    Sample("run", _notebook()),
    Sample("other.ipynb", b'{"a": 1, ' + _notebook().lstrip()[1:]),
    Sample("a.png", _png()),
    Sample("a.jpg", _jpeg()),
    Sample("a.gif", documents.gif(CLOUD.encode())),
    Sample("a.wav", _riff()),
    Sample("a.mp3", others.id3((b"TIT2", b"\0title"), (b"TXXX", b"\0notes\0" + CLOUD.encode()))),
    Sample("a.m4a", _mp4()),
    Sample("a.pdf", documents.pdf(f"BT ({CLOUD}) Tj ET".encode())),
    Sample("document.xml", _office()),
    Sample("variables.data-00000-of-00002", bytes(9) + further.variable(b"the", CLOUD.encode(), b"of") + bytes(9)),
    Sample("a.html", f"<table><tr><th>user<th>token\n<tr><td>a<td>{CLOUD[:9]}<b></b>{CLOUD[9:]}</table>".encode()),
    Sample("tokenizer.model", _sentencepiece()),
    Sample("renamed.json", json.dumps(_tokenizer()).encode()),
    Sample("words", _NUMBERED.encode()),
    Sample("ranks.json", b'{"bpe_ranks": "! 0 IQ== ' + b64encode(CLOUD.encode()) + b'"}'),
    Sample("tokenizer.json", json.dumps({"model": _tokenizer()["model"]}).encode()),
    Sample("vocab.txt", f"the\n{CLOUD}\n".encode()),
    Sample("base.tiktoken", b"dGhl 0\n" + b64encode(CLOUD.encode()) + b" 1\n"),
    Sample("bpe.txt", f"#version: 0.2\nh e\n{CLOUD[:8]} {CLOUD[8:]}\n".encode()),
    Sample("merges.txt", f"h e\n{CLOUD[:8]} {CLOUD[8:]}\n".encode()),
    Sample("config.json", json.dumps({"a": 1, "note": CLOUD}).encode()),
    Sample("other.json", json.dumps([{"note": CLOUD}]).encode()),
)
