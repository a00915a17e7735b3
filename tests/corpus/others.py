"""Models in formats that fewer people use, and sound: MessagePack, UBJSON, TFLite, ID3, RIFF, MPEG-4."""

from __future__ import annotations

import plistlib
import struct
from collections.abc import Iterator
from typing import Any

from tests.corpus.items import Item, at_one_place, named, pairs, sentence, values_for

FAMILY = "others"


def msgpack(value: Any) -> bytes:
    """A tree of maps, lists, texts and whole numbers."""
    if isinstance(value, dict):
        return (
            b"\xde" + struct.pack(">H", len(value)) + b"".join(msgpack(each) for pair in value.items() for each in pair)
        )
    if isinstance(value, list):
        return b"\xdc" + struct.pack(">H", len(value)) + b"".join(map(msgpack, value))
    if isinstance(value, int):
        return b"\xd3" + struct.pack(">q", value)
    data = value.encode()
    return b"\xda" + struct.pack(">H", len(data)) + data


def ubjson(value: Any) -> bytes:
    """The same as XGBoost writes it."""
    if isinstance(value, dict):
        return b"{" + b"".join(_length(key) + key.encode() + ubjson(each) for key, each in value.items()) + b"}"
    if isinstance(value, list):
        return b"[" + b"".join(map(ubjson, value)) + b"]"
    if isinstance(value, int):
        return b"i" + struct.pack(">b", value)
    return b"S" + _length(value) + value.encode()


def _length(text: str) -> bytes:
    return b"L" + struct.pack(">q", len(text.encode()))


def tflite(description: str) -> bytes:
    """A model of nothing: version 3, a description, no graph and one empty buffer."""
    text = description.encode()
    parts = bytearray(b"\0\0\0\0TFL3")
    table, at = len(parts), len(parts) + 16
    parts += struct.pack("<HHHHHHH", 14, 16, 4, 0, 0, 8, 12) + b"\0\0"  # where the table's fields 0, 3 and 4 are
    parts += struct.pack("<iIII", at - table, 3, 8, 0)
    parts += struct.pack("<I", len(text)) + text + b"\0"
    parts += b"\0" * (-len(parts) % 4)
    struct.pack_into("<I", parts, at + 12, len(parts) - at - 12)
    parts += struct.pack("<I", 0)
    struct.pack_into("<I", parts, 0, at)
    return bytes(parts)


def id3(*frames: tuple[bytes, bytes]) -> bytes:
    """A tag of version 2.3 before two frames of sound."""
    body = b"".join(name + struct.pack(">I", len(data)) + b"\0\0" + data for name, data in frames) + bytes(20)
    seven = bytes(len(body) >> shift & 127 for shift in (21, 14, 7, 0))
    return b"ID3\3\0\0" + seven + body + b"\xff\xfb\x90\0" * 20


def riff(form: bytes, *chunks: tuple[bytes, bytes]) -> bytes:
    """A file of chunks."""
    body = b"".join(name + struct.pack("<I", len(data)) + data + b"\0" * (len(data) % 2) for name, data in chunks)
    return b"RIFF" + struct.pack("<I", len(body) + 4) + form + body


def box(name: bytes, *data: bytes) -> bytes:
    """A box of MPEG-4."""
    body = b"".join(data)
    return struct.pack(">I", len(body) + 8) + name + body


def items(seed: int) -> Iterator[Item]:
    """Every format once."""
    for path, pack in (("flax/model.msgpack", msgpack), ("xgb/model.ubj", ubjson)):
        values = values_for(seed, path)
        data = pack({"params": {"steps": 7, **pairs(values)}, "names": ["a", "b"]})
        yield Item(FAMILY, path, data, named(values, [f"params.{key}" for key in pairs(values)]))
    path = "settings/account.plist"
    values = values_for(seed, path)
    data = plistlib.dumps({"steps": 7, "owner": pairs(values)}, fmt=plistlib.FMT_BINARY)
    yield Item(FAMILY, path, data, named(values, [f'key "{key}"' for key in pairs(values)]))
    path = "lite/model.tflite"
    values = values_for(seed, path)
    yield Item(FAMILY, path, tflite(sentence(values)), at_one_place(values, "description", 1))
    path = "sound/a.mp3"
    values = values_for(seed, path)
    data = id3((b"TIT2", b"\0title"), (b"TXXX", b"\0notes\0" + sentence(values).encode()))
    yield Item(FAMILY, path, data, at_one_place(values, "ID3 TXXX"))
    path = "sound/a.wav"
    values = values_for(seed, path)
    text = sentence(values).encode()
    data = riff(b"WAVE", (b"fmt ", bytes(16)), (b"LIST", b"INFOICMT" + struct.pack("<I", len(text)) + text))
    yield Item(FAMILY, path, data, at_one_place(values, "INFO ICMT"))
    path = "sound/a.m4a"
    values = values_for(seed, path)
    listed = box(b"ilst", box(b"\xa9cmt", box(b"data", struct.pack(">II", 1, 0), sentence(values).encode())))
    moov = box(b"moov", box(b"udta", box(b"meta", bytes(4), listed)))
    data = box(b"ftyp", b"M4A \0\0\0\0") + moov + box(b"mdat", b"x")
    yield Item(FAMILY, path, data, at_one_place(values, 'item "©cmt"'))
