"""Variables of TensorFlow that are texts: each is told alone, also where nothing stands between two of them."""

from __future__ import annotations

import random

import pytest

from modelguard.readers.interface import Text
from tests.corpus.further import variable
from tests.readers.opened import RULES, bears_damage, opened, places, scanned, values

VALUES = values()
NAME = "variables.data-00000-of-00001"
WORDS = (b"[UNK]", b"the", b"", VALUES.cloud.encode(), b"Gesch\xc3\xa4ft", VALUES.hub.encode(), b"tokens")


def floats(count: int) -> bytes:
    return random.Random(1).randbytes(4 * count)


def told(data: bytes) -> list[list[bytes]]:
    pieces, gaps = opened(data, NAME)
    assert not gaps
    return [[bytes(each) for each in piece.text.split(b"\n")] for piece in pieces if isinstance(piece, Text)]


@pytest.mark.parametrize("before", [0, 5, 1000])
@pytest.mark.parametrize("behind", [0, 3, 1000])
def test_each_text_is_told_alone(before: int, behind: int) -> None:
    data = floats(before) + variable(*WORDS) + floats(behind)
    seen = scanned(data, NAME)
    begin = data.index(WORDS[0])
    assert places(seen) == {
        RULES.cloud: f"strings at byte {begin}[3]",
        RULES.hub: f"strings at byte {begin}[5]",
    }
    assert data[seen.findings[0].place.byte_start :].startswith(VALUES.cloud.encode())


def test_lengths_that_look_like_text() -> None:
    words = [VALUES.cloud.encode() * 2, *[b"w" * 40] * 50, VALUES.hub.encode()]
    assert told(floats(3) + variable(*words) + floats(9)) == [words]


def test_long_texts_and_very_many() -> None:
    for words in ([b"word " * 1000, b"b" * 130], [b"w%d" % number for number in range(30_000)]):
        assert told(bytes(8) + variable(*words) + bytes(8)) == [words]


def test_tensors_behind_each_other() -> None:
    words = ([b"the first tensor", b"a"], [b"the second tensor"], [b"the third", b" tensor"])
    assert told(b"".join(variable(*each) for each in words)) == list(map(list, words))


def test_what_has_another_checksum_is_looked_at_as_it_stands() -> None:
    data = variable(b"of", b" " + VALUES.hub.encode() + b" ")
    assert told(data) == [[b"of", b" " + VALUES.hub.encode() + b" "]]
    broken = data[:2] + bytes([data[2] ^ 1]) + data[3:]
    assert told(broken) == []
    assert places(scanned(broken, NAME)) == {RULES.hub: None}


def test_any_shard_is_read() -> None:
    for name in ("a.data-00003-of-00012", "model.ckpt-7.data-00000-of-00001"):
        assert RULES.hub in places(scanned(variable(*WORDS), name))
    assert not scanned(variable(b"tokens", VALUES.hub.encode(), b"more"), "a.data-3-of-7").findings


def test_bears_damage() -> None:
    bears_damage(bytes(7) + variable(*WORDS) + bytes(7), NAME)
