"""Templates: values of the right kind, always the same ones, and none that could be somebody's."""

from __future__ import annotations

import base64
import json
import re
import uuid
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelguard.rules.base62 import ALPHABET, base62_crc
from modelguard.rules.templates import ALPHABETS, TemplateError, expand


@given(st.sampled_from(sorted(ALPHABETS)), st.integers(1, 200), st.integers(0, 5))
def test_characters_of_an_alphabet(name: str, count: int, seed: int) -> None:
    value = expand(f"<{name}:{count}>", seed)
    assert len(value) == count
    assert set(value) <= set(ALPHABETS[name])
    assert value == expand(f"<{name}:{count}>", seed)
    assert value[0].isalnum() and value[-1].isalnum()


def test_seeds_and_texts_make_other_values() -> None:
    values = [expand("<alnum:20>", seed) for seed in range(20)] + [expand("x<alnum:20>"), expand("<alnum:20> ")]
    assert len(set(values)) == len(values)
    one, two = expand("<alnum:20>,<alnum:20>").split(",")
    assert one != two


def test_the_checksum_of_github_and_npm() -> None:
    value = expand("<base62crc:30>")
    assert re.fullmatch(r"[A-Za-z0-9]{36}", value)
    number = 0
    for digit in value[30:]:
        number = number * 62 + ALPHABET.index(digit)
    assert number == zlib.crc32(value[:30].encode())
    assert base62_crc("") == "000000"


@given(st.integers(0, 50))
def test_card_numbers(seed: int) -> None:
    digits = [int(digit) for digit in expand("<luhn:4111:16>", seed)]
    assert digits[:4] == [4, 1, 1, 1] and len(digits) == 16
    doubled = [sum(divmod(2 * digit, 10)) for digit in digits[-2::-2]]
    assert (sum(doubled) + sum(digits[-1::-2])) % 10 == 0


def test_structured_values() -> None:
    head, claims, signature = expand("<jwt>").split(".")
    assert json.loads(base64.urlsafe_b64decode(head + "=="))["alg"] == "HS256"
    assert set(json.loads(base64.urlsafe_b64decode(claims + "=="))) == {"sub", "iat"}
    assert len(signature) == 43
    assert uuid.UUID(expand("<uuid>")).version == 4
    inner = base64.b64decode(expand("<b64:user:<alnum:12>>")).decode()
    assert re.fullmatch(r"user:[A-Za-z0-9]{12}", inner)
    assert [len(line) for line in expand("<pem:3>").split("\n")] == [64, 64, 64]


@pytest.mark.parametrize("text", ["plain", "<your-key>", "<b>bold</b>", "a < b > c", "<nonsense:4>", "<Alnum:4>"])
def test_other_angle_brackets_stay(text: str) -> None:
    assert expand(text) == text


@pytest.mark.parametrize(
    "text", ["<alnum>", "<alnum:>", "<hex:-1>", "<digit:x>", "<base62crc:x>", "<luhn:4>", "<pem:x>"]
)
def test_a_wrong_argument_is_said(text: str) -> None:
    with pytest.raises(TemplateError):
        expand(text)
