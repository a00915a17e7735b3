"""Text formats: nested beyond all measure, never ending, of wrong bytes, and of gigabytes that nobody may hold."""

from __future__ import annotations

import gzip
import json
import struct
from collections.abc import Mapping

import pytest

from modelguard.model import GapReason, Origin
from tests.corpus import documents, gguf, messages, others, safetensors, tables
from tests.hostile.readers.samples import SAMPLES, VALUES
from tests.hostile.readers.watched import BESIDE, HUB, deep, found, looked, pieces
from tests.packed import zipped
from tests.readers.opened import RULES

OPENINGS: Mapping[str, bytes] = {
    "a.ipynb": b'{"cells": [{"nbformat": 4, "text/html": "',
    "b.ipynb": b'{"cells": ["nbformat", "text/html",',
    "tokenizer.json": b'{"version":"1.0","truncation":null,"model":{"vocab":{',
    "x/tokenizer.json": b'{"version":"1.0","truncation":null,"merges":["',
    "tekken.json": b'{"version":1,"token_bytes":1,"vocab":[{"rank":0,"token_bytes":"',
    "vocab.json": b'{"a": 0,',
    "ranks.json": b'{"bpe_ranks": "',
    "document.xml": b'<?xml version="1.0"?><w:document xmlns:w="http://schemas.openxmlformats.org/x"><w:p><w:r><w:t>',
    "content.xml": b'<?xml version="1.0"?><office xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"><text:p>',
    "a.html": b"<table><tr><th>a<th>password<tr><td>b<td>",
    "c.ipynb": b'{"cells": ["nbformat", "text/html": ["<table><tr><th>password<tr><td>',
    "config.json": b'{"a":"',
    "a.jsonl": b'{"a":"',
    "a.csv": b'name,password\n"',
    "vocab.txt": b"",
    "merges.txt": b"",
    "a.tiktoken": b"",
    "a.pdf": b"%PDF-1.7\n",
}
"""What a file of each kind begins with, up to where something may be repeated without end."""

UNITS = (
    b'"', b"\\", b'\\"', b"\\u001b", b"[", b"{", b'{"a":', b'"a",', b"<", b"</", b"<b>", b"a<b>a&#x41;", b"&#", b",", b" ", b"\n",
    b"1 ", b'"iVBORw0KGgo', b"\xff", b"\xc3", b"\xed\xa0\x80", b"\0", b"<w:p><w:t>", b"<text:s", b"<table>", b"<tr><td>", b"<td colspan=9999>", b"1 0 obj (", b"<<", b"(", b"stream\n",
)  # fmt: skip


@pytest.mark.parametrize("path", OPENINGS)
def test_one_sign_without_end(path: str) -> None:
    for unit in UNITS:
        data = OPENINGS[path] + unit * (30_000 // len(unit)) + b" " + HUB + b"\n"
        assert RULES.hub in found(looked(data, path)), unit


@pytest.mark.parametrize(
    ("path", "before"),
    [
        ("a.ipynb", b'{"cells": ['),
        ("tokenizer.json", b'{"version":"1","truncation":'),
        ("vocab.json", b'{"a":1,"b":'),
        ("config.json", b'{"a":'),
        ("a.json", b""),
        ("a.jsonl", b""),
    ],
)
@pytest.mark.parametrize(("opening", "closing"), [(b"[", b"]"), (b'{"a":', b"}")])
def test_json_nested_beyond_all_measure(path: str, before: bytes, opening: bytes, closing: bytes) -> None:
    levels = deep()
    data = before + opening * levels + b'"' + HUB + b'"' + closing * levels
    assert RULES.hub in found(looked(data, path))


@pytest.mark.parametrize(("opening", "closing"), [(b"[", b"]"), (b'{"a":', b"}")])
def test_a_header_of_safetensors_nested_beyond_all_measure(opening: bytes, closing: bytes) -> None:
    header = b'{"a":' + opening * deep() + b"1" + closing * deep() + b"}"
    seen = looked(struct.pack("<Q", len(header)) + header + BESIDE, "a.safetensors")
    assert RULES.hub in found(seen)
    assert [gap.reason for gap in seen.gaps] == [GapReason.MALFORMED]


@pytest.mark.parametrize("unit", [b"(", b"[", b"{", b"-", b"1,", b"not ", b"lambda:", b"1+", b"'a' ", b"9"])
def test_a_header_of_numpy_that_is_a_program(unit: bytes) -> None:
    header = b"{'descr': " + unit * (60_000 // len(unit))
    seen = looked(b"\x93NUMPY\1\0" + struct.pack("<H", len(header)) + header + BESIDE, "a.npy")
    assert RULES.hub in found(seen)
    assert [gap.reason for gap in seen.gaps] == [GapReason.MALFORMED]


WRONG = (
    b"\xff\xfe",
    b"\xc3\x28",
    b"\xed\xa0\x80",
    b"\xf8\x88\x80\x80\x80",
    b"\xc0\xaf",
    b"\xe2\x82",
    b"\x80",
    b"\0\xd8",
)
"""No UTF-8: single and reversed marks, overlong forms, half a pair of surrogates, a character that is cut."""


@pytest.mark.parametrize("wrong", WRONG)
def test_names_and_texts_that_are_no_utf8(wrong: bytes) -> None:
    """In each name and text of each sample: a value that follows is found, and nobody breaks on the name of its place."""
    old = VALUES.cloud.encode()
    for sample in SAMPLES:
        for at in range(0, min(len(sample.data), 160), 4):
            broken = sample.data[:at] + wrong + sample.data[at + len(wrong) :]
            seen = looked(broken + BESIDE, sample.path)
            assert RULES.hub in found(seen) or seen.left_out or seen.gaps, (sample.path, at)
        looked(sample.data.replace(old, wrong * (len(old) // len(wrong))) + BESIDE, sample.path)


@pytest.mark.parametrize("wrong", WRONG)
def test_a_name_that_is_no_utf8_beside_its_value(wrong: bytes) -> None:
    pairs = [
        ("a.gguf", gguf.written([("kkkkkkkk", HUB.decode())])),
        ("a.msgpack", others.msgpack({"kkkkkkkk": HUB.decode()})),
        ("a.ubj", others.ubjson({"kkkkkkkk": HUB.decode()})),
        ("a.onnx", messages.onnx(more=messages.text(14, messages.text(1, "kkkkkkkk") + messages.text(2, HUB)))),
        ("a.safetensors", safetensors.written({}, json.dumps({"kkkkkkkk": HUB.decode()}))),
        ("a.png", documents.png((b"tEXt", b"kkkkkkkk\0" + HUB))),
        ("a.zip", zipped(("kkkkkkkk", b"x = " + HUB))),
        ("a.json", json.dumps({"kkkkkkkk": HUB.decode()}).encode()),
        ("a.db", tables.database("create table kkkkkkkk(a text, b text)", [(HUB.decode(), "b")])),
    ]
    for path, data in pairs:
        name = wrong + b"k" * (8 - len(wrong))
        assert RULES.hub in found(looked(data.replace(b"kkkkkkkk", name), path)), path


def test_raw_bytes_in_an_array_of_wide_characters() -> None:
    """What is no text of the type that a header claims may be another one."""
    from tests.corpus.numpy import written

    data = b"x" * 3 + b"\n" + HUB + b"\n"
    data += b"\0" * (-len(data) % 80)
    assert RULES.hub in found(looked(written("'<U20'", f"({len(data) // 80},)", data), "a.npy"))


def test_a_place_behind_too_much_has_no_name(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file of nothing but brackets took minutes to find the way to its last value."""
    from modelguard.readers import json_places

    monkeypatch.setattr(json_places, "_MOST_TOKENS", 1000)
    for count, name in ((100, "[100].a"), (3000, None)):
        data = b"[" + b'[],"x",' * (count // 2) + b'{"a": "' + HUB + b'"}]'
        (finding,) = looked(data, "a.json").findings
        assert (finding.place.inner, finding.place.line) == (name, 1)


class Endless:
    """Bytes that begin and end with some of their own, and are four gigabytes of one letter between these."""

    size = 1 << 32

    def __init__(self, path: str, head: bytes, tail: bytes = b"") -> None:
        self.path = path
        self._head, self._tail = head, tail
        self.asked = 0

    @property
    def origin(self) -> Origin:
        return Origin(self.path)

    def read(self, start: int, end: int) -> bytes:
        end = max(start, min(end, self.size))
        assert end - start <= 1 << 27, "nobody asks for more at once"
        self.asked += end - start
        behind = self.size - len(self._tail)
        first = self._head[start:end]
        last = self._tail[max(0, start - behind) : max(0, end - behind)]
        return first + b"x" * (end - start - len(first) - len(last)) + last


_HUGE = struct.pack("<Q", (1 << 32) - 200)
_ENDLESS = {
    "a.ipynb": b'{"cells": [{"nbformat": 4, "source": "',
    "a.pdf": b"%PDF-1.7\n1 0 obj (",
    "document.xml": b'<?xml version="1.0"?><w:document xmlns:w="http://schemas.openxmlformats.org/x"><w:p><w:t>',
    "a.safetensors": struct.pack("<Q", 90_000_000) + b'{"a": "',
    "a.gguf": b"GGUF" + struct.pack("<IQQQ", 3, 0, 1, 1) + b"a" + struct.pack("<I", 8) + _HUGE,
    "a.msgpack": b"\x81\xa1a\xdb" + struct.pack(">I", (1 << 32) - 100),
    "a.ubj": b"{U\1aSL" + struct.pack(">q", (1 << 32) - 100),
    "a.npy": b"\x93NUMPY\1\0"
    + struct.pack("<H", 80)
    + b"{'descr': '<U900000000', 'fortran_order': False, 'shape': (1,), }".ljust(80),
    "a.pkl": b"\x80\x04]q\0\x8e" + _HUGE,
    "a.db": b"SQLite format 3\0\x10\0\1\1\0\x40\x20\x20" + bytes(76) + b"\x0d\0\0\0\1\x0f\0\0",
    "a.zip": b"PK\3\4" + struct.pack("<HHHHHIIIHH", 20, 0, 0, 0, 33, 0, 1 << 31, 1 << 31, 1, 0) + b"a",
    "a.gz": gzip.compress(b"x")[:10],
    "a.jpg": b"\xff\xd8\xff\xfe\xff\xff",
    "a.png": b"\x89PNG\r\n\x1a\n" + struct.pack(">I", (1 << 32) - 100) + b"tEXt",
    "a.wav": b"RIFF\xff\xff\xff\xffWAVELIST\xff\xff\xff\x7fINFOICMT\xff\xff\xff\x7e",
    "a.parquet": b"PAR1",
    "a.arrow": b"ARROW1\0\0",
    "a.7z": b"7z\xbc\xaf\x27\x1c\0\4" + bytes(4) + struct.pack("<QQI", 1 << 31, 1 << 24, 0),
}


_PASSES = {"a.zip": 1, "a.db": 2}
"""So often a reader goes through all of it: for members that no directory names, and for pages that no table has."""


@pytest.mark.parametrize("path", _ENDLESS)
def test_a_text_of_four_gigabytes(path: str) -> None:
    """No reader holds it: it reads a part, and leaves the rest to be looked at as it stands, window by window."""
    blob = Endless(path, _ENDLESS[path], struct.pack("<I", (1 << 31) - 1) + b"PAR1")
    size, gaps, ranges = pieces(blob, path)
    assert size <= 1 << 27
    assert blob.asked <= (3 << 27) + blob.size * _PASSES.get(path, 0)
    assert gaps or sum(end - start for start, end in ranges) >= blob.size - (1 << 27)
