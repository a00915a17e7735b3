"""The code-quality report is what GitLab documents, with one entry and one lasting name for each place."""

from __future__ import annotations

import json
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from msgspec.structs import replace

from modelguard.model import Gap, GapReason, Origin, Place, ScanResult, Severity
from modelguard.reports.gitlab import render
from modelguard.reports.interface import RenderOptions

from . import samples
from .strategies import results

# https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format, in words of JSON Schema
TEXT = {"type": "string", "minLength": 1}
SCHEMA = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["description", "check_name", "fingerprint", "severity", "location"],
        "additionalProperties": False,
        "properties": {
            "description": TEXT,
            "check_name": TEXT,
            "fingerprint": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
            "severity": {"enum": ["info", "minor", "major", "critical", "blocker"]},
            "location": {
                "type": "object",
                "required": ["path", "lines"],
                "properties": {
                    "path": {"type": "string", "not": {"pattern": r"^\./"}},
                    "lines": {
                        "type": "object",
                        "required": ["begin"],
                        "properties": {"begin": {"type": "integer", "minimum": 1}},
                    },
                },
            },
        },
    },
}
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)


def entries(scan: ScanResult) -> list[dict[str, Any]]:
    """The entries, which have been held against the format, and no two of which have one fingerprint."""
    found = json.loads(render(scan, RenderOptions()))
    VALIDATOR.validate(found)
    assert len({each["fingerprint"] for each in found}) == len(found)
    return found


@settings(deadline=None, max_examples=60)
@given(results())
def test_valid_whatever_the_result(scan: ScanResult) -> None:
    twice = replace(scan, findings=scan.findings * 2, gaps=scan.gaps * 2)
    assert len(entries(twice)) == 2 * (len(scan.open_findings) + len(scan.gaps))


def test_the_schema_can_refuse() -> None:
    with pytest.raises(jsonschema.ValidationError):
        VALIDATOR.validate([entries(samples.full())[0] | {"severity": "high"}])


def test_a_finding() -> None:
    (only,) = entries(samples.result(samples.finding()))
    assert only["description"] == (
        "Hugging Face user access token at src/train.py:12:18: hf_**** (37 characters). "
        "Revoke it in the account's token settings, then read it from the environment."
    )
    assert only["check_name"] == "hf-user-token" and only["severity"] == "blocker"
    assert only["location"] == {"path": "src/train.py", "lines": {"begin": 12}}


def test_a_clean_scan_is_an_empty_array() -> None:
    assert render(samples.result(), RenderOptions()) == "[]\n"


@pytest.mark.parametrize(
    ("severity", "word"),
    [
        (Severity.CRITICAL, "blocker"),
        (Severity.HIGH, "critical"),
        (Severity.MEDIUM, "major"),
        (Severity.LOW, "minor"),
    ],
)
def test_severities(severity: Severity, word: str) -> None:
    blocking, other = entries(
        samples.result(samples.finding(severity=severity, blocking=False), samples.finding(severity=severity))
    )
    assert (blocking["severity"], other["severity"]) == (word, "info")
    assert "does not block" in other["description"] and "does not block" not in blocking["description"]


def test_what_is_allowed_or_in_a_baseline_is_left_out() -> None:
    assert entries(samples.result(samples.allowed(), samples.baselined())) == []


def test_gaps_are_entries() -> None:
    (only,) = entries(samples.result(gaps=(samples.GAP,)))
    assert only["check_name"] == "gap-malformed" and only["severity"] == "major"
    assert only["description"].startswith("Not wholly looked at (data/0.bin): malformed: The central")
    assert only["location"] == {"path": "weights/model.zip", "lines": {"begin": 1}}


def test_the_first_line_stands_for_a_file_whose_lines_mean_nothing() -> None:
    inside = samples.finding(place=Place(1, 2, 7, 3, 7, 19, inner="a/.env", inside=True))
    gone = samples.finding(origin=Origin("src/train.py", in_tree=False))
    binary = samples.finding(place=Place(1234, 1271))
    assert {each["location"]["lines"]["begin"] for each in entries(samples.result(inside, gone, binary))} == {1}


def test_a_fingerprint_outlives_lines_that_move() -> None:
    def names(*lines: int, path: str = "src/train.py") -> list[str]:
        found = [samples.finding(path=path, place=Place(1, 2, line, 1, line, 9)) for line in lines]
        return [each["fingerprint"] for each in entries(samples.result(*found))]

    assert names(1, 5) == names(3, 80)
    assert names(1)[0] in names(1, 5)
    assert not set(names(1)) & set(names(1, path="other.py"))
    first = entries(samples.result(gaps=(samples.GAP,)))[0]["fingerprint"]
    assert first == entries(samples.result(gaps=(Gap("x", GapReason.MISSING, ""), samples.GAP)))[1]["fingerprint"]
