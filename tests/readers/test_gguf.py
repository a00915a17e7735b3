"""GGUF: keys, vocabularies, names of tensors and tensors of whole numbers, each value once and at its place."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import Any

import pytest

from modelguard.budget import Budget
from modelguard.model import GapReason, Origin
from modelguard.opening import Opened
from modelguard.readers.interface import Limits, Text
from tests.readers.opened import PASSWORD, RULES, bears_damage, kind, opened, places, scanned, values

VALUES = values()
U32, F32, STRING, ARRAY, I32, U8, U64 = 4, 6, 8, 9, 5, 0, 10


def gguf(
    pairs: Sequence[tuple[str, int, Any]],
    tensors: Sequence[tuple[str, int, list[int], bytes]] = (),
    order: str = "<",
    version: int = 3,
) -> bytes:
    """A file of such keys (type and value; arrays are a type and values) and tensors (type, dimensions, bytes)."""
    wide = "I" if version == 1 else "Q"
    formats = {U32: "I", I32: "i", F32: "f", U8: "B", U64: "Q", 3: "h"}

    def number(form: str, value: float) -> bytes:
        return struct.pack(order + form, value)

    def string(text: str | bytes) -> bytes:
        data = text.encode() if isinstance(text, str) else text
        return number(wide, len(data)) + data

    def written(of_type: int, value: Any) -> bytes:
        if of_type == STRING:
            return string(value)
        if of_type == ARRAY:
            inner, items = value
            return number("I", inner) + number(wide, len(items)) + b"".join(written(inner, each) for each in items)
        return number(formats[of_type], value)

    out = b"GGUF" + number("I", version) + number(wide, len(tensors)) + number(wide, len(pairs))
    for key, of_type, value in pairs:
        out += string(key) + number("I", of_type) + written(of_type, value)
    data = b""
    for name, of_type, dimensions, content in tensors:
        out += string(name) + number("I", len(dimensions)) + b"".join(number(wide, each) for each in dimensions)
        out += number("I", of_type) + number("Q", len(data))
        data += content + b"\0" * (-len(content) % 32)
    return out + b"\0" * (-len(out) % 32) + data if tensors else out


NAMED = ("general.architecture", STRING, "llama")


@pytest.mark.parametrize("order", "<>")
@pytest.mark.parametrize("version", [1, 2, 3])
def test_each_hiding_place(version: int, order: str) -> None:
    pairs = [
        NAMED,
        ("general.file_type", U32, 7),
        ("general.description", STRING, f"trained by me\nwith {VALUES.hub} at hand"),
        ("tokenizer.ggml.scores", ARRAY, (F32, [0.5] * 300)),
        ("tokenizer.ggml.tokens", ARRAY, (STRING, ["<s>", "the", f"Ġ{VALUES.cloud}", "end"])),
    ]
    data = gguf(pairs, [("blk.0", 0, [2], b"\0" * 8), (VALUES.forge, 0, [2], b"\0" * 8)], order, version)
    seen = scanned(data, "model.gguf")
    assert places(seen) == {
        RULES.hub: 'kv "general.description":2',
        RULES.cloud: 'kv "tokenizer.ggml.tokens"[2]',
        RULES.forge: "tensor 1",
    }
    for finding in seen.findings[:1]:
        assert data[finding.place.byte_start : finding.place.byte_end].decode() == VALUES.hub
    assert not seen.gaps
    assert [left.bytes for left in seen.left_out] == [16]


def test_what_pairs_of_tokens_become() -> None:
    merges = ["t he", f"Ġ{VALUES.hub[:9]} {VALUES.hub[9:]}", f"{VALUES.cloud[:4]} {VALUES.cloud[4:]}", VALUES.forge]
    pairs = [
        NAMED,
        ("tokenizer.ggml.tokens", ARRAY, (STRING, ["<s>", VALUES.cloud])),
        ("tokenizer.ggml.merges", ARRAY, (STRING, merges)),
    ]
    assert places(scanned(gguf(pairs), "model.gguf")) == {
        RULES.hub: 'kv "tokenizer.ggml.merges"[1]',
        RULES.cloud: 'kv "tokenizer.ggml.tokens"[1]',
        RULES.forge: 'kv "tokenizer.ggml.merges"[3]',
    }
    halves = "token= ".split() + [VALUES.hub[:20], VALUES.hub[20:]]
    pairs = [NAMED, ("tokenizer.ggml.merges", ARRAY, (STRING, halves))]
    assert not scanned(gguf(pairs), "model.gguf").findings


def test_the_key_stands_beside_its_value() -> None:
    pairs = [NAMED, ("training.hub_token", STRING, VALUES.hub), ("training.db_password", STRING, PASSWORD)]
    rules = {each.rule: each.place.inner for each in scanned(gguf(pairs), "model.gguf").findings}
    assert rules.pop(RULES.hub) == 'kv "training.hub_token"'
    assert set(rules.values()) == {'kv "training.db_password"'}


def test_a_key_that_is_a_value_is_not_shown() -> None:
    (finding,) = scanned(gguf([NAMED, (f"a.{VALUES.hub}", STRING, "x" * 30)]), "model.gguf").findings
    assert (finding.place.inner or "").startswith('kv "a.***')


@pytest.mark.parametrize("order", "<>")
def test_text_in_whole_numbers(order: str) -> None:
    note = f"HF_TOKEN={VALUES.hub} "
    wide = struct.pack(f"{order}{len(note)}q", *note.encode())
    pairs = [
        NAMED,
        ("a.short", ARRAY, (3, list(VALUES.cloud.encode()))),
        ("a.long", ARRAY, (U64, [*b" " * 200] + list(f"x {VALUES.forge} ".encode()))),
    ]
    tensors = [("w", 0, [4], b"\1" * 16), ("notes", 27, [len(note)], wide)]
    assert places(scanned(gguf(pairs, tensors, order), "model.gguf")) == {
        RULES.cloud: 'kv "a.short"',
        RULES.forge: 'kv "a.long"[202]',
        RULES.hub: 'tensor "notes"[9]',
    }


def test_bytes_are_looked_at_as_they_stand() -> None:
    text = f"HF_TOKEN={VALUES.hub} ".encode()
    tensors = [("w", 0, [4], b"\1" * 16), ("notes", 24, [len(text)], text)]
    data = gguf([NAMED, ("a.bytes", ARRAY, (U8, [*b"\n" * 2000, *VALUES.cloud.encode()]))], tensors)
    expected = {RULES.cloud: 'kv "a.bytes", byte 2000', RULES.hub: 'tensor "notes", byte 9'}
    assert places(scanned(data + VALUES.forge.encode(), "model.gguf")) == {**expected, RULES.forge: None}


def test_weights_are_looked_at_when_asked_for() -> None:
    data = gguf([NAMED], [("w", 0, [16], VALUES.hub.encode() + b"\n" * 27)])
    assert not scanned(data, "model.gguf").findings
    assert places(scanned(data, "model.gguf", weights=True)) == {RULES.hub: 'tensor "w", byte 0'}


def test_a_string_that_is_too_long_for_one_text() -> None:
    long = b"x " * (1 << 20) + VALUES.hub.encode()
    data = gguf(
        [
            NAMED,
            ("a.text", STRING, long),
            ("a.list", ARRAY, (STRING, ["b", long[:-3] + b"\n" + VALUES.cloud.encode(), VALUES.forge])),
        ]
    )
    seen = scanned(data, "model.gguf")
    assert places(seen) == {
        RULES.hub: f'kv "a.text", byte {2 << 20}',
        RULES.cloud: f'kv "a.list"[1], byte {len(long) - 2}',
        RULES.forge: 'kv "a.list"[2]',
    }


def test_neighbours_in_a_vocabulary_make_no_value() -> None:
    half = len(VALUES.hub) // 2
    pairs = [
        NAMED,
        ("tokenizer.ggml.tokens", ARRAY, (STRING, [VALUES.hub[:half], VALUES.hub[half:], "api_key", "secret", "Zq8x"])),
    ]
    assert not scanned(gguf(pairs), "model.gguf").findings


@pytest.mark.parametrize("marker", ["\u0120", "\u2581"])
def test_what_stands_for_a_blank_is_one(marker: str) -> None:
    pairs = [
        ("tokenizer.ggml.tokens", ARRAY, (STRING, ["a", f"{marker}b{marker}c"])),
        ("tags", ARRAY, (STRING, [marker])),
    ]
    texts, _ = opened(gguf(pairs), "model.gguf")
    assert [(each.text, each.sort) for each in texts if isinstance(each, Text) and each.starts] == [
        (b"a\n b c", "vocabulary"),
        (marker.encode(), ""),
    ]


class Sparse:
    """A blob of any size, of which only the beginning holds anything; it counts what is read."""

    path = "model.gguf"

    def __init__(self, data: bytes, size: int) -> None:
        self._data = data
        self.size = size
        self.asked = 0

    @property
    def origin(self) -> Origin:
        return Origin(self.path)

    def read(self, start: int, end: int) -> bytes:
        data = self._data[start:end]
        data += b"\0" * (min(end, self.size) - start - len(data))
        self.asked += len(data)
        return data


def test_of_a_large_file_only_the_header_is_read() -> None:
    tokens = [f"token{number}" for number in range(150_000)]
    pairs = [NAMED, ("tokenizer.ggml.tokens", ARRAY, (STRING, tokens))]
    numbers = 20 * 10**9 // 4
    data = gguf(pairs, [("w", 0, [numbers], b"")])
    blob = Sparse(data, len(data) + numbers * 4)
    of_kind = kind(data, blob.path)
    assert of_kind is not None
    work = Opened(blob, of_kind, Limits(Budget()))
    assert sum(len(piece.starts or ()) for piece in work.pieces()) == 150_001  # type: ignore[union-attr]
    assert not work.gaps
    assert blob.asked < 2 * len(data)
    assert [(start, end) for start, end in work.uncovered(blob.size) if end - start > 64] == []
    assert [left.bytes for left in work.left_out] == [numbers * 4]


def header(pairs: int, rest: bytes, tensors: int = 0) -> bytes:
    return b"GGUF" + struct.pack("<IQQ", 3, tensors, pairs) + rest


def pair(key: bytes, of_type: int, rest: bytes) -> bytes:
    return struct.pack("<Q", len(key)) + key + struct.pack("<I", of_type) + rest


@pytest.mark.parametrize(
    "data",
    [
        header(2**60, b""),
        header(0, b"", tensors=2**60),
        header(1, struct.pack("<Q", 2**62) + b"key"),
        header(1, pair(b"a", STRING, struct.pack("<Q", 2**62) + b"x")),
        header(1, pair(b"a", ARRAY, struct.pack("<IQ", STRING, 2**40))),
        header(1, pair(b"a", ARRAY, struct.pack("<IQ", U8, 2**40))),
        header(1, pair(b"a", ARRAY, struct.pack("<IQ", ARRAY, 1) * 3000)),
        header(1, pair(b"a", 77, b"1234")),
        gguf([NAMED], [("w", 0, [2**60, 2**60], b"")]),
        gguf([NAMED], [("w", 0, [1] * 100, b"\0" * 8)]),
    ],
    ids=range(10),
)
def test_a_lying_header_is_a_gap_and_everything_is_looked_at(data: bytes) -> None:
    seen = scanned(data + b"\n" + VALUES.hub.encode(), "model.gguf")
    assert [gap.reason for gap in seen.gaps] == [GapReason.MALFORMED]
    assert "Error" not in seen.gaps[0].detail
    assert [each.rule for each in seen.findings] == [RULES.hub]


def test_the_same_key_twice() -> None:
    pairs = [("general.note", STRING, VALUES.hub), ("general.note", STRING, VALUES.cloud)]
    assert set(places(scanned(gguf(pairs), "model.gguf")).values()) == {'kv "general.note"'}
    assert len(scanned(gguf(pairs), "model.gguf").findings) == 2


def test_what_was_read_before_the_damage_has_its_place() -> None:
    pairs = [NAMED, ("general.note", STRING, VALUES.hub), ("tokenizer.ggml.tokens", ARRAY, (STRING, ["a"] * 100))]
    seen = scanned(gguf(pairs)[:-100], "model.gguf")
    assert [gap.reason for gap in seen.gaps] == [GapReason.MALFORMED]
    assert places(seen) == {RULES.hub: 'kv "general.note"'}


def test_damage() -> None:
    pairs = [NAMED, ("a.n", U32, 3), ("a.t", ARRAY, (STRING, ["b", "c"])), ("a.i", ARRAY, (I32, [1, 2, 3]))]
    bears_damage(gguf(pairs, [("w", 0, [2], b"\0" * 8), ("i", 26, [2], b"\0" * 8)]), "model.gguf")
