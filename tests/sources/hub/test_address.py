from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from modelguard.errors import UsageError
from modelguard.sources.hub.address import Address, parse_address, parse_namespace
from modelguard.sources.hub.plan import planned_bytes
from modelguard.sources.hub.since import parse_since


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("org/name", Address("model", "org/name")),
        ("gpt2", Address("model", "gpt2")),
        ("hf://org/name", Address("model", "org/name")),
        ("hf://models/org/name", Address("model", "org/name")),
        ("datasets/org/name", Address("dataset", "org/name")),
        ("hf://datasets/org/name@v1.0/data/train", Address("dataset", "org/name", "v1.0", "data/train")),
        ("hf://org/name@refs%2Fpr%2F3/a.txt", Address("model", "org/name", "refs/pr/3", "a.txt")),
        ("hf://org/name@refs/pr/3", Address("model", "org/name", "refs/pr/3")),
        ("https://huggingface.co/org/name", Address("model", "org/name")),
        ("https://huggingface.co/spaces/org/app/", Address("space", "org/app")),
        ("https://huggingface.co/org/name/tree/main/sub", Address("model", "org/name", "main", "sub")),
        (
            "https://hf.co/datasets/org/name/blob/refs%2Fpr%2F3/a.txt",
            Address("dataset", "org/name", "refs/pr/3", "a.txt"),
        ),
        ("https://huggingface.co/org/name/resolve/main/a%20b.txt?x=1", Address("model", "org/name", "main", "a b.txt")),
        ("http://127.0.0.1:8000/org/name", Address("model", "org/name")),
    ],
)
def test_what_people_call_a_repository(text: str, address: Address) -> None:
    assert parse_address(text, endpoint="http://127.0.0.1:8000") == address


def test_options_say_the_rest() -> None:
    assert parse_address("org/name", "space", "v1") == Address("space", "org/name", "v1")
    assert parse_address("datasets/org/name", "dataset") == Address("dataset", "org/name")


@pytest.mark.parametrize(
    ("text", "kind", "revision"),
    [
        ("datasets/org/name", "space", None),
        ("org/name@v1", None, "v2"),
        ("", None, None),
        ("org/", None, None),
        ("../name", None, None),
        ("org/..", None, None),
        ("org/na me", None, None),
        ("org/name\n", None, None),
        ("hf://buckets/org/name", None, None),
        ("https://user:word@elsewhere.test/org/name", None, None),
        ("https://huggingface.co:bad/org/name", None, None),
        ("-x/name", None, None),
    ],
)
def test_what_is_no_repository(text: str, kind: str | None, revision: str | None) -> None:
    with pytest.raises(UsageError) as error:
        parse_address(text, kind, revision)
    assert "word" not in error.value.message  # what stands before an @ of an address may be a password


def test_an_owner_has_one_name() -> None:
    assert parse_namespace("hf://org/") == "org"
    with pytest.raises(UsageError):
        parse_namespace("org/name")


NOW = datetime(2026, 5, 4, 12, tzinfo=timezone.utc)


@pytest.mark.parametrize(
    ("text", "point"),
    [
        ("2026-01-31", datetime(2026, 1, 31, tzinfo=timezone.utc)),
        ("2026-01-31T12:00Z", datetime(2026, 1, 31, 12, tzinfo=timezone.utc)),
        ("2.weeks", NOW - timedelta(days=14)),
        ("1 day ago", NOW - timedelta(days=1)),
        ("36 hours", NOW - timedelta(hours=36)),
    ],
)
def test_a_point_in_time(text: str, point: datetime) -> None:
    assert parse_since(text, NOW) == point


@pytest.mark.parametrize("text", ["yesterday", "", "2026-13-01", "999999.years"])
def test_no_point_in_time(text: str) -> None:
    with pytest.raises(UsageError):
        parse_since(text, NOW)


def test_a_plan_counts_headers_of_weights_and_all_else_whole() -> None:
    assert planned_bytes("a/model.SAFETENSORS", 10**10, weights=False) == 256 * 1024
    assert planned_bytes("model.safetensors", 10**10, weights=True) == 10**10
    assert planned_bytes("model.safetensors", 10, weights=False) == 10
    assert planned_bytes("train.jsonl", 10**8, weights=False) == 10**8
