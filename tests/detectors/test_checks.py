"""Checks: what drops a match, and what proves one."""

from __future__ import annotations

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelguard.detectors.checks import ARGUMENTS, FILTERS, LINES, PROOFS, STRICT_PROOFS, parse
from modelguard.detectors.checks.characters import shannon_entropy
from modelguard.rules.base62 import ALPHABET
from modelguard.rules.templates import expand

RANDOM = [expand(template, seed) for template in ("<alnum:32>", "<base64url:40>", "<hex:40>") for seed in range(20)]


@pytest.mark.parametrize(
    ("check", "parts"),
    [
        ("luhn", ("luhn", "")),
        ("entropy>=3.5", ("entropy", "3.5")),
        ("base64-json:api_address", ("base64-json", "api_address")),
        ("national-id:pl-pesel", ("national-id", "pl-pesel")),
        ("line:alone", ("line", "alone")),
    ],
)
def test_how_a_check_is_written(check: str, parts: tuple[str, str]) -> None:
    assert parse(check) == parts
    with pytest.raises(KeyError):
        parse(f"no-{check}")


@given(st.text(max_size=60), st.text(max_size=5))
def test_every_check_answers_for_any_text(value: str, argument: str) -> None:
    for name, check in {**FILTERS, **PROOFS, **STRICT_PROOFS}.items():
        known = ARGUMENTS.get(name, ["3.0" if name == "entropy" else argument])
        assert {check(value, each) for each in known} <= {True, False}
    for line_check in LINES.values():
        assert line_check(argument, value, argument) in (True, False)


@pytest.mark.parametrize(
    "value",
    [
        "your-api-key-here",
        "YOUR_TOKEN",
        "xxxxxxxxxxxxxxxxxxxx",
        "hf_xxxxxxxxxxxxxxxxxxxx",
        "${SERVICE_TOKEN}",
        "$SERVICE_TOKEN",
        "{{ secrets.token }}",
        "<your token>",
        "%(password)s",
        "%PASSWORD%",
        "@password@",
        "aaaaaaaaaaaaaaaa",
        "abcabcabcabcabcabc",
        "abcdefghijklmnop",
        "0123456789",
        "a1b2c3d4e5f6g7h8",
        "changeme-please",
        "REPLACE_WITH_KEY",
        "sk-example-key-1",
        "********",
        "[REDACTED]",
    ],
)
def test_stand_ins_are_dropped(value: str) -> None:
    assert not FILTERS["not-placeholder"](value, "")


@pytest.mark.parametrize("value", RANDOM)
def test_random_values_are_no_stand_ins(value: str) -> None:
    assert FILTERS["not-placeholder"](value, "")
    assert FILTERS["assigned-value"](value, "")
    assert FILTERS["entropy"](value, "3.0")


@pytest.mark.parametrize(
    "value",
    [
        "os.environ",
        "get_token()",
        "config.api_key",
        "tokens[0]",
        "a => b",
        "/etc/passwd",
        "~/.ssh/id_rsa",
        "./relative/path1",
        "https://host.test/x1",
        "some/module/file1",
        "prod-db-password",
        "AccessToken",
        "12345.678",
        "2024-01-31T00:00",
        "two words 2",
        "token_type1",
        "std::string1",
    ],
)
def test_what_code_assigns_is_no_password(value: str) -> None:
    assert not FILTERS["assigned-value"](value, "")


@pytest.mark.parametrize("value", ["Tr0ub4dor&3x", "k9#mQ2vL", "p8Wz!tGe2q", "correct7horse9battery", "Aq!mnbvTz"])
def test_what_people_choose_is_one(value: str) -> None:
    assert FILTERS["assigned-value"](value, "")


@pytest.mark.parametrize(
    ("value", "real"),
    [
        ("password", False),
        ("user", False),
        ("${DB_PASSWORD}", False),
        ("x-oauth-basic", False),
        ("changeme", False),
        ("ChangeMe-k8s-2024", True),
        ("s3cr3t-Pa55", True),
        ("tiger7", True),
    ],
)
def test_passwords_of_urls(value: str, real: bool) -> None:
    assert FILTERS["url-password"](value, "") is real


@pytest.mark.parametrize(
    ("name", "good", "bad"),
    [
        ("has-digit", "abc1", "abcd"),
        ("has-letter", "123a", "1234"),
        ("has-upper", "abC", "abc1"),
        ("has-lower", "ABc", "ABC1"),
        ("not-hex", "0123g", "0123f"),
        ("not-uuid", "0" * 32, "01234567-89ab-cdef-0123-456789abcdef"),
        ("not-identifier", "x8Kq2", "getAccessToken"),
        ("not-identifier", "aB3-9x", "api-key-name"),
    ],
)
def test_classes_of_characters(name: str, good: str, bad: str) -> None:
    assert FILTERS[name](good, "")
    assert not FILTERS[name](bad, "")


@given(st.text(st.sampled_from("ab"), max_size=30))
def test_entropy(text: str) -> None:
    assert 0 <= shannon_entropy(text) <= 1
    assert shannon_entropy("") == 0 == shannon_entropy("aaaa")
    assert shannon_entropy("abcd" * 5) == pytest.approx(2)
    assert FILTERS["entropy"]("abcd", "2.0") and not FILTERS["entropy"]("abcd", "2.01")


@given(st.integers(0, 200), st.integers(0, 35), st.sampled_from(ALPHABET))
def test_a_checksum_tells_every_changed_character(seed: int, at: int, other: str) -> None:
    value = expand("ghp_<base62crc:30>", seed)
    assert PROOFS["crc32-base62"](value, "")
    changed = value[: 4 + at] + other + value[5 + at :]
    assert PROOFS["crc32-base62"](changed, "") is (changed == value)


@given(st.integers(0, 200), st.integers(0, 15), st.sampled_from("0123456789"))
def test_luhn_tells_every_changed_digit(seed: int, at: int, other: str) -> None:
    value = expand("<luhn:4:16>", seed)
    changed = value[:at] + other + value[at + 1 :]
    assert PROOFS["luhn"](changed, "") is (changed == value)
    assert PROOFS["luhn"](" ".join((value[:4], value[4:])), "")
    assert not PROOFS["luhn"](value + "x", "") and not PROOFS["luhn"]("", "")


def test_base64_with_something_inside() -> None:
    document = base64.urlsafe_b64encode(json.dumps({"api_address": "x"}).encode()).decode().rstrip("=")
    assert PROOFS["base64-json"](document, "api_address") and not PROOFS["base64-json"](document, "other")
    text = base64.b64encode(b"user:something").decode()
    assert PROOFS["base64-text"](text, "user:") and not PROOFS["base64-text"](text, "nobody")


def test_a_key_block_has_a_body() -> None:
    assert FILTERS["key-block"](expand("-----BEGIN PRIVATE KEY-----\n<pem:3>"), "")
    assert FILTERS["key-block"](expand("<pem:3>").replace("\n", "\\n"), "")
    assert not FILTERS["key-block"]("-----BEGIN PRIVATE KEY-----\n...\n", "")
    assert not FILTERS["key-block"]("A" * 500, "")


def test_no_value_takes_long_to_judge() -> None:
    """Each of these took minutes or longer while words could be split in many ways."""
    for value in ("ab1" * 600 + "!", "a" * 2000 + "!", "A" * 2000 + "!", "9" * 2000, "aB" * 1000 + "-", "a.b" * 600):
        for name, check in FILTERS.items():
            check(value, "3" if name == "entropy" else "")


def test_hardly_a_random_token_is_a_stand_in() -> None:
    tokens = (expand("hf_<alpha:34>", seed) for seed in range(30_000))
    assert sum(not FILTERS["not-placeholder"](token, "") for token in tokens) <= 2
