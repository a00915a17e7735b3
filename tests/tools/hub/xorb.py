"""Xorbs and shards, the two things that a Xet client uploads (huggingface.co/docs/xet, "Xorb format" and "Shard format")."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import NamedTuple

_CHUNK_HEADER = 8
_ENTRY = 48
_LAST = b"\xff" * 32
_VERIFIED, _EXTENDED = 0x80000000, 0x40000000


class Term(NamedTuple):
    """A part of a file: chunks `first` up to `last` of a xorb."""

    xorb: str
    first: int
    last: int


def unpacked(body: bytes) -> Iterator[bytes]:
    """The chunks of a xorb, each as the client read it. Ends where its footer begins, if it has one."""
    at = 0
    while at + _CHUNK_HEADER <= len(body) and body[at] == 0:
        packed, scheme = int.from_bytes(body[at + 1 : at + 4], "little"), body[at + 4]
        size = int.from_bytes(body[at + 5 : at + 8], "little")
        yield _chunk(body[at + _CHUNK_HEADER : at + _CHUNK_HEADER + packed], scheme, size)
        at += _CHUNK_HEADER + packed


def _chunk(packed: bytes, scheme: int, size: int) -> bytes:
    if scheme == 0:
        return packed
    import lz4.frame

    plain: bytes = lz4.frame.decompress(packed)
    return plain if scheme == 1 else _ungrouped(plain, size)


def _ungrouped(grouped: bytes, size: int) -> bytes:
    """Bytes that were written by their place in words of four: all first bytes, all second ones, and so on."""
    made, at = bytearray(size), 0
    for place in range(4):
        count = len(range(place, size, 4))
        made[place::4] = grouped[at : at + count]
        at += count
    return bytes(made)


def files(shard: bytes) -> Iterator[tuple[str, list[Term]]]:
    """The files that a shard tells of: their Xet hash and their parts."""
    at = _ENTRY  # the header: tag, version, size of the footer
    while at + _ENTRY <= len(shard) and shard[at : at + 32] != _LAST:
        name, flags, count = _hash(shard[at : at + 32]), *struct.unpack_from("<II", shard, at + 32)
        at += _ENTRY
        terms = []
        for index in range(count):
            place = at + index * _ENTRY
            first, last = struct.unpack_from("<II", shard, place + 40)
            terms.append(Term(_hash(shard[place : place + 32]), first, last))
        yield name, terms
        at += _ENTRY * (count * (2 if flags & _VERIFIED else 1) + (1 if flags & _EXTENDED else 0))


def _hash(raw: bytes) -> str:
    """A hash as Xet writes it: four little-endian words."""
    return "".join(f"{word:016x}" for word in struct.unpack("<4Q", raw))
