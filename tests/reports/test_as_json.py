"""The JSON report holds the whole result and reads back as the same."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from modelguard.errors import UsageError
from modelguard.model import Origin, ScanResult
from modelguard.reports.as_json import read, render
from modelguard.reports.interface import RenderOptions
from modelguard.version import VERSION

from . import samples
from .strategies import results

OPTIONS = RenderOptions()


def document(scan: ScanResult) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(render(scan, OPTIONS))
    return loaded


def test_the_document_is_what_the_docstring_says() -> None:
    whole = document(samples.full())
    assert list(whole) == [
        *("schema", "tool", "targets", "findings", "gaps", "left_out", "notices", "stats", "exit_status", "rules")
    ]
    assert whole["schema"] == "modelguard/1"
    assert whole["tool"] == {"name": "modelguard", "version": VERSION, "rules_digest": "ab" * 32}
    assert whole["stats"] == {
        "blobs": 120,
        "bytes": 4_200_000,
        "seconds": 0.4,
        "remembered": 0,
        "findings_open": 6,
    }
    assert whole["gaps"][0] == {
        "path": "weights/model.zip",
        "inner": "data/0.bin",
        "reason": "malformed",
        "detail": "The central directory is cut short.",
    }
    assert whole["left_out"][0] == {"path": ".venv", "reason": "virtual environment", "bytes": None}
    assert whole["notices"][0]["kind"] == "unused-allow" and whole["notices"][0]["line"] == 3
    assert whole["rules"]["hf-user-token"]["references"] == ["https://huggingface.co/docs/hub/security-tokens"]


def test_a_finding_has_every_key() -> None:
    found = document(samples.full())["findings"][1]
    assert found == {
        "fingerprint": "00" * 16,
        "rule": "hf-user-token",
        "category": "secret",
        "severity": "critical",
        "confidence": "high",
        "check": "passed",
        "title": "Hugging Face user access token",
        "message": "Hugging Face user access token in a source file.",
        "remedy": samples.HF_RULE.remedy,
        "preview": "hf_**** (37 characters)",
        "excerpt": '    login(token="hf_****", add_to_git_credential=True)',
        "status": "open",
        "status_reason": "",
        "recognised": False,
        "blocking": True,
        "path": "src/train.py",
        "ignored": True,
        "line": 40,
        "column": 5,
        "end_line": 40,
        "end_column": 42,
        "inner": None,
        "inside": False,
        "byte_start": 900,
        "byte_end": 937,
        "reachable": True,
        "commits": [
            {
                "sha": "2b3c4d5e6f708192a3b4c5d6e7f80912345678ff",
                "author": "Zoë 张",
                "date": "2024-04-01T12:00:00+02:00",
                "path": "old/train.py",
                "line": 7,
                "deed": "introduced",
            },
            {
                "sha": "1a2b3c4d5e6f708192a3b4c5d6e7f80912345678",
                "author": "Ada",
                "date": "2024-05-01T12:00:00+02:00",
                "path": "src/train.py",
                "line": 40,
                "deed": "moved",
            },
            {
                "sha": "3c4d5e6f708192a3b4c5d6e7f80912345678ffff",
                "author": "Ada",
                "date": "2024-06-01T12:00:00+02:00",
                "path": "src/train.py",
                "line": 40,
                "deed": "removed",
            },
        ],
        "object": "4d5e6f708192a3b4c5d6e7f80912345678ffffff",
        "refs": ["refs/heads/main"],
        "in_tree": True,
        "context": False,
        "detail": "expires on 2031-01-01",
        "parts": [
            {
                "name": "client id",
                "preview": "2f60**** (32 characters)",
                "line": 39,
                "column": 5,
                "end_line": 39,
                "end_column": 37,
                "inner": None,
                "inside": False,
                "byte_start": 860,
                "byte_end": 892,
                "rule": None,
                "fingerprint": None,
            },
            {
                "name": "key id",
                "preview": "AKIA**** (20 characters)",
                "line": 40,
                "column": 55,
                "end_line": 40,
                "end_column": 75,
                "inner": None,
                "inside": False,
                "byte_start": 950,
                "byte_end": 970,
                "rule": "aws-access-key-id",
                "fingerprint": "11" * 16,
            },
        ],
    }


def test_rules_without_findings_are_left_away() -> None:
    assert set(document(samples.result(samples.finding(), rules=samples.RULES))["rules"]) == {"hf-user-token"}


def test_paths_are_valid_unicode_even_where_the_model_was_not() -> None:
    scan = samples.result(samples.finding(origin=Origin("caf\udce9.py")))
    assert document(scan)["findings"][0]["path"] == r"caf\xe9.py"


@pytest.mark.parametrize("scan", [samples.full(), samples.result(), samples.result(gaps=(samples.GAP,))])
def test_round_trip(scan: ScanResult) -> None:
    assert read(render(scan, OPTIONS)) == scan


@settings(deadline=None)
@given(results())
def test_round_trip_of_anything(scan: ScanResult) -> None:
    assert read(render(scan, OPTIONS)) == scan


def test_a_result_written_before_histories_were_scanned_is_read() -> None:
    scan = samples.full()
    written = json.loads(render(scan, OPTIONS))
    for found in written["findings"]:
        for key in ("object", "refs", "in_tree", "context", "parts"):
            del found[key]
        for commit in found["commits"]:
            del commit["line"], commit["deed"]
    del written["stats"]["remembered"]
    older = read(json.dumps(written))
    assert [found.fingerprint for found in older.findings] == [found.fingerprint for found in scan.findings]
    assert older.findings[1].origin.refs == () and older.findings[1].origin.commits[1].line is None


def test_unknown_keys_and_a_byte_order_mark_are_passed_over() -> None:
    whole = document(samples.full())
    whole["later"] = whole["findings"][0]["later"] = 1
    assert read("\ufeff" + json.dumps(whole)) == samples.full()


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "null", "{}", '{"schema": "modelguard/2"}', '{"schema": 1}', "[" * 100_000, "1" * 5000]
)
def test_what_is_not_a_result_is_refused(text: str) -> None:
    with pytest.raises(UsageError):
        read(text)


WAYS = [
    ("findings", 0, "severity"),
    ("findings", 0, "line"),
    ("findings", 0, "commits", 0, "sha"),
    ("gaps", 0, "reason"),
    ("left_out", 0, "bytes"),
    ("notices", 0, "kind"),
    ("stats", "seconds"),
    ("exit_status",),
    ("tool", "rules_digest"),
    ("rules", "hf-user-token", "references"),
    ("targets",),
]


def with_value(way: tuple[Any, ...], value: object) -> str:
    """The text of a result in which one value, found by its keys, is another."""
    commits = samples.full().findings[1].origin.commits
    scan = replace(samples.full(), findings=(samples.finding(origin=Origin("a", commits=commits)),))
    whole = document(scan)
    node: Any = whole
    for key in way[:-1]:
        node = node[key]
    node[way[-1]] = value
    return json.dumps(whole)


@pytest.mark.parametrize("way", WAYS, ids=str)
@pytest.mark.parametrize("value", [-1, True, {"x": "planted"}, float("inf"), float("nan")])
def test_a_value_of_the_wrong_shape_is_refused_and_not_shown(way: tuple[Any, ...], value: object) -> None:
    with pytest.raises(UsageError) as caught:
        read(with_value(way, value))
    assert str(way[-1]) in caught.value.message or "rules" in caught.value.message
    assert "planted" not in caught.value.message


@pytest.mark.parametrize(
    ("way", "value"),
    [(("exit_status",), 3), (("stats", "seconds"), 10**400), (("left_out", 0, "bytes"), 3.5), (("schema",), "x")],
)
def test_a_value_out_of_bounds_is_refused(way: tuple[Any, ...], value: object) -> None:
    with pytest.raises(UsageError):
        read(with_value(way, value))


@settings(deadline=None, max_examples=50)
@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(max_size=5), lambda c: st.lists(c, max_size=3)))
def test_no_value_anywhere_raises_anything_else(value: object) -> None:
    for way in WAYS:
        with suppress(UsageError):
            read(with_value(way, value))
