"""Looking for many literals at once says what looking for each says."""

from __future__ import annotations

import random

import pytest

from modelguard.engine.literals import Literals


@pytest.mark.parametrize("count", [0, 1, 20, 499, 500, 3000])
def test_it_says_what_looking_for_each_says(count: int) -> None:
    noise = random.Random(count)

    def word(least: int, most: int) -> bytes:
        return bytes(noise.choices(b"abc_\0\xff", k=noise.randint(least, most)))

    words = [word(1, 9) for _ in range(count)]
    literals = Literals(words)
    for size in (0, 1, 2, 3, 4, 5, 7, 64, 1000):
        text = word(size, size)
        found = list(literals.held_in(text))
        assert sorted(found) == sorted({each for each in words if each in text})


def test_one_at_either_end_of_a_text_is_found() -> None:
    literals = Literals(b"%04d-mark" % number for number in range(2000))
    for before in range(5):
        for after in range(5):
            assert list(literals.held_in(b"x" * before + b"1234-mark" + b"y" * after)) == [b"1234-mark"]
