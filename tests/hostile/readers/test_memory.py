"""No file makes a worker take more memory than it may, however many small things it is made of.

A hundred bytes of Python's for each two of a file are soon gigabytes. Each file here made a worker take more than its
bound before, most of them many times as much.
"""

from __future__ import annotations

import json
import struct
import subprocess
import sys
import zlib
from collections.abc import Callable
from importlib.util import MAGIC_NUMBER
from pathlib import Path

import pytest

from tests.hostile.readers.watched import BESIDE, HUB
from tests.readers.opened import RULES

_HERE = Path(__file__).resolve()
MB = 1_000_000
MOST_MIB = 250
"""Less than the 400 that a worker may take, so that files can be small enough to be scanned in a second or two."""


_TENSOR_OF_GGUF = struct.pack("<QIIQ", 0, 0, 24, 0)


def _safetensors(header: bytes) -> bytes:
    return struct.pack("<Q", len(header)) + header + BESIDE


def _times(unit: bytes, size: int) -> bytes:
    return unit * (size // len(unit))


def _property_list(count: int) -> bytes:
    """A binary one of so many empty pieces of data, behind a text."""
    texts = b"\x5f\x10%c%b" % (len(HUB), HUB) + b"\x40" * count
    table = struct.pack(f">{count}I", *range(len(texts) - count + 8, len(texts) + 8))
    return b"bplist00" + texts + table + struct.pack(">6xBBQQQ", 4, 4, count, 0, 8 + len(texts))


def _page(unit: bytes, size: int) -> bytes:
    packed = zlib.compress(b"BT " + _times(unit, size), 1)
    page = b"%PDF-1.4\n1 0 obj <</Type/Page/Contents 7 0 R>> endobj\n7 0 obj <</Length "
    return page + b"%d/Filter/FlateDecode>> stream\n%b\nendstream endobj\n" % (len(packed), packed) + BESIDE


def _objects(unit: bytes, size: int = 3 * MB) -> bytes:
    return b"%PDF-1.7\n" + (b"1 0 obj[" + _times(unit, size) + b"]\n") * 2 + BESIDE


def _module(unit: bytes, size: int) -> bytes:
    """A compiled one that is a tuple of so many bytes."""
    return (
        MAGIC_NUMBER
        + struct.pack("<III", 0, 0, 0)
        + b"("
        + struct.pack("<I", size // len(unit))
        + _times(unit, size)
        + BESIDE
    )


_NOTEBOOK = b'{"nbformat":4,"cells":[{"cell_type":"code","source":['
_IN_NOTEBOOK = b']}],"x":"' + HUB + b'"}'

FILES: dict[str, Callable[[], bytes]] = {
    "objects.safetensors": lambda: _safetensors(b"{" + _times(b'"a":{},', 90 * MB) + b'"b":{}}'),
    "metadata.safetensors": lambda: _safetensors(b'{"__metadata__":{' + _times(b'"":"",', 10 * MB) + b'"":""}}'),
    "named.safetensors": lambda: _safetensors(b'{"__metadata__":{' + _times(b'"":"",', 3 * MB) + b'"":"%b"}}' % HUB),
    "strings.json": lambda: b'{"a":{' + _times(b'"":0,', 4 * MB) + b'"b":"' + HUB + b'"}}',
    "strings.plist": lambda: _property_list(900_000),
    "strings.pkl": lambda: b"\x80\x04]\x94" + _times(b"\x8c\1a\x94", 4 * MB) + b"." + BESIDE,
    "chain.pkl": lambda: b"\x80\x04)" + b"\x85" * (2 * MB) + b"." + BESIDE,
    "names.pkl": lambda: b"\x80\x04]\x94" + _times(b"ca\nb\n", 6 * MB) + b"." + BESIDE,
    "ids.pkl": lambda: b"\x80\x04]" + _times(b")Q0", 9 * MB) + b"." + BESIDE,
    "lists.pkl": lambda: b"\x80\x04](" + (b"(" + b"]" * 900 + b"l") * 3000 + b"e." + BESIDE,
    "strings.pyc": lambda: _module(b"z\0", 4 * MB),
    "tuples.pyc": lambda: _module(b")\0", 4 * MB),
    "blocks.gif": lambda: b"GIF89a\1\0\1\0\0\0\0\x21\xfe" + _times(b"\1a", 9 * MB) + b"\0" + BESIDE,
    "escapes.json": lambda: b'{"a":"' + _times(rb"\n", 9 * MB) + b' ","b":"' + HUB + b'"}',
    "sources.ipynb": lambda: _NOTEBOOK + _times(b'"",', 9 * MB) + b'""' + _IN_NOTEBOOK,
    "coloured.ipynb": lambda: _NOTEBOOK + rb'"\u001b[m' + _times(rb"\n", 9 * MB) + b'"' + _IN_NOTEBOOK,
    "tensors.gguf": lambda: b"GGUF" + struct.pack("<IQQ", 3, 400_000, 0) + _TENSOR_OF_GGUF * 400_000 + BESIDE,
    "arrays.pdf": lambda: _objects(b"[]"),
    "names.pdf": lambda: _objects(b"/", MB + MB // 2),
    "words.pdf": lambda: _objects(b"}"),
    "comments.pdf": lambda: b"%PDF-1.7\n1 0 obj[" + _times(b"%\n", 4 * MB) + BESIDE,
    "escapes.pdf": lambda: b"%PDF-1.7\n1 0 obj(" + _times(b"\\a", 4 * MB) + BESIDE,
    "shown.pdf": lambda: _page(b"(ab)Tj ", 9 * MB),
}


def _scanned(path: Path) -> dict[str, object]:
    command = [sys.executable, "-P", "-m", "tests.hostile.readers.peak", str(path)]
    ran = subprocess.run(command, stdout=subprocess.PIPE, check=True, cwd=_HERE.parents[3])
    said: dict[str, object] = json.loads(ran.stdout)
    return said


@pytest.mark.skipif(sys.platform == "win32", reason="Windows tells no process its peak in this way")
@pytest.mark.parametrize("name", FILES)
def test_a_worker_stays_small(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(FILES[name]())
    said = _scanned(path)
    assert said["found"] == [RULES.hub]
    assert float(str(said["peak"])) < MOST_MIB
