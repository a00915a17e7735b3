"""The SARIF report is valid, and says what code scanning needs to know."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from msgspec.structs import replace

from modelguard.model import Gap, GapReason, Notice, NoticeKind, Place, ScanResult, Severity, Status
from modelguard.reports.interface import RenderOptions
from modelguard.reports.sarif import render
from modelguard.reports.sarif_place import uri

from . import samples
from .strategies import results

SCHEMA = json.loads((Path(__file__).parents[1] / "data" / "sarif-schema-2.1.0.json").read_text("utf-8"))
VALIDATOR = jsonschema.Draft4Validator(SCHEMA, format_checker=jsonschema.FormatChecker())


def run(scan: ScanResult) -> dict[str, Any]:
    """The one run of the log, which has been held against the schema."""
    log = json.loads(render(scan, RenderOptions()))
    VALIDATOR.validate(log)
    (only,) = log["runs"]
    return dict(only)


@pytest.mark.parametrize("scan", [samples.full(), samples.result(), samples.result(gaps=(samples.GAP,))])
def test_valid(scan: ScanResult) -> None:
    assert run(scan)["columnKind"] == "unicodeCodePoints"


@settings(deadline=None, max_examples=60)
@given(results())
def test_valid_whatever_the_result(scan: ScanResult) -> None:
    run(scan)


def test_the_schema_can_refuse() -> None:
    log = json.loads(render(samples.full(), RenderOptions()))
    log["runs"][0]["results"][0]["level"] = "critical"
    with pytest.raises(jsonschema.ValidationError):
        VALIDATOR.validate(log)


def test_rules_explain_themselves() -> None:
    rule = run(samples.full())["tool"]["driver"]["rules"][0]
    assert rule["id"] == "hf-user-token"
    assert rule["shortDescription"]["text"] == samples.HF_RULE.title
    assert rule["fullDescription"]["text"] == samples.HF_RULE.what
    assert rule["helpUri"] == samples.HF_RULE.references[0]
    for text in (samples.HF_RULE.what, samples.HF_RULE.why, samples.HF_RULE.remedy, samples.HF_RULE.references[0]):
        assert text in rule["help"]["text"] and text in rule["help"]["markdown"]
    assert rule["properties"] == {"security-severity": "9.5", "precision": "high", "tags": ["security", "secret"]}


def test_help_uri_is_the_first_reference_that_is_a_page() -> None:
    rules = {rule["id"]: rule for rule in run(samples.full())["tool"]["driver"]["rules"]}
    assert rules["config-trust-remote-code"]["helpUri"] == "https://example.org/manual#code"
    assert "helpUri" not in rules["pii-card-number"]


def test_a_rule_without_help_is_described_by_its_finding() -> None:
    (rule,) = run(samples.result(samples.finding(), rules={}))["tool"]["driver"]["rules"]
    assert rule["shortDescription"]["text"] == samples.HF_RULE.title


def test_results_point_at_their_rules() -> None:
    only = run(samples.full())
    for entry in only["results"]:
        assert only["tool"]["driver"]["rules"][entry["ruleIndex"]]["id"] == entry["ruleId"]
        assert entry["partialFingerprints"] == {"modelguard/v1": "00" * 16}


@pytest.mark.parametrize(
    ("severity", "level", "number"),
    [
        (Severity.CRITICAL, "error", "9.5"),
        (Severity.HIGH, "error", "8.0"),
        (Severity.MEDIUM, "warning", "5.5"),
        (Severity.LOW, "note", "2.5"),
    ],
)
def test_levels(severity: Severity, level: str, number: str) -> None:
    only = run(samples.result(samples.finding(severity=severity), rules={}))
    (rule,) = only["tool"]["driver"]["rules"]
    assert only["results"][0]["level"] == rule["defaultConfiguration"]["level"] == level
    assert rule["properties"]["security-severity"] == number


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("src/train.py", "src/train.py"),
        ("a b#c?d%e.py", "a%20b%23c%3Fd%25e.py"),
        ("数据/客户.csv", "%E6%95%B0%E6%8D%AE/%E5%AE%A2%E6%88%B7.csv"),
        ("hf:x/y", "hf%3Ax/y"),
        ("hf://models/org/a@0123456789ab/a b.py", "hf://models/org/a@0123456789ab/a%20b.py"),
        (r"caf\xe9.py", "caf%5Cxe9.py"),
        ("/abs/a b.py", "file:///abs/a%20b.py"),
        ("C:/abs/a b.py", "file:///C:/abs/a%20b.py"),
        (samples.HOSTILE_PATH, "evil%0A%3A%3Aerror%3A%3A%1B%5B31m%5Bbold%5Dx.py"),
        ("lone\ud800", "lone%5Cud800"),
    ],
)
def test_paths_are_percent_encoded(path: str, expected: str) -> None:
    assert uri(path) == expected


def physical(scan: ScanResult) -> dict[str, Any]:
    return dict(run(scan)["results"][0]["locations"][0]["physicalLocation"])


def test_lines_and_columns_are_a_text_region() -> None:
    region = physical(samples.result(samples.finding()))["region"]
    assert region == {"startLine": 12, "startColumn": 18, "endLine": 12, "endColumn": 55}


def test_bytes_are_a_binary_region() -> None:
    region = physical(samples.result(samples.finding(place=Place(1234, 1271))))["region"]
    assert region == {"byteOffset": 1234, "byteLength": 37}


def test_the_way_inside_is_a_logical_location() -> None:
    place = Place(1, 2, 3, inner="cell[3].output[0]")
    entry = run(samples.result(samples.finding(place=place)))["results"][0]
    assert entry["locations"][0]["logicalLocations"] == [{"fullyQualifiedName": "cell[3].output[0]"}]
    assert entry["message"]["text"].endswith("(in cell[3].output[0])")


def test_decided_findings_are_suppressed_with_the_reason() -> None:
    found = [samples.finding(), samples.allowed(), samples.baselined(), samples.finding(status=Status.ALLOWED)]
    assert [entry["suppressions"] for entry in run(samples.result(*found))["results"]] == [
        [],
        [{"kind": "inSource", "status": "accepted", "justification": "a documented example"}],
        [{"kind": "external", "status": "accepted", "justification": "known since May"}],
        [{"kind": "inSource", "status": "accepted"}],
    ]


def test_properties() -> None:
    properties = run(samples.full())["results"][1]["properties"]
    assert properties["confidence"] == "high" and properties["check"] == "passed"
    assert properties["category"] == "secret" and properties["preview"] == "hf_**** (37 characters)"
    assert properties["ignored"] is True and len(properties["commits"]) == 3
    assert properties["refs"] == ["refs/heads/main"] and properties["inTree"] is True and not properties["context"]
    assert properties["detail"] == samples.DETAIL
    assert "detail" not in run(samples.full())["results"][0]["properties"]


def test_what_a_value_says_of_itself_stands_in_the_message() -> None:
    found = samples.finding(detail=samples.DETAIL, place=replace(samples.finding().place, inner="cell[3]"))
    text = run(samples.result(found))["results"][0]["message"]["text"]
    assert text == "Hugging Face user access token in a source file. (expires on 2031-01-01, in cell[3])"


def test_parts_are_related_locations() -> None:
    first, second = run(samples.full())["results"][:2]
    assert "relatedLocations" not in first
    assert [(each["id"], each["message"]["text"]) for each in second["relatedLocations"]] == [
        (0, "client id 2f60**** (32 characters)"),
        (1, "key id AKIA**** (20 characters)"),
    ]
    place = second["relatedLocations"][0]["physicalLocation"]
    assert place["artifactLocation"] == second["locations"][0]["physicalLocation"]["artifactLocation"]
    assert place["region"] == {"startLine": 39, "startColumn": 5, "endLine": 39, "endColumn": 37}


def test_a_message_cannot_forge_a_link_or_hide_characters() -> None:
    found = samples.finding(message="see [this](https://evil.example)\u202e a[0] (b)")
    text = run(samples.result(found))["results"][0]["message"]["text"]
    assert text == r"see \[this](https://evil.example)\u202e a[0] (b)"


def test_gaps_are_errors_of_the_run() -> None:
    only = run(samples.result(gaps=(samples.GAP, samples.GAP)))
    (invocation,) = only["invocations"]
    assert invocation["executionSuccessful"] is False and invocation["exitCode"] == 2
    entry = invocation["toolExecutionNotifications"][0]
    assert entry["level"] == "error" and entry["descriptor"] == {"id": "malformed", "index": 0}
    location = entry["locations"][0]
    assert location["physicalLocation"]["artifactLocation"]["uri"] == "weights/model.zip"
    assert location["logicalLocations"] == [{"fullyQualifiedName": "data/0.bin"}]
    assert len(only["tool"]["driver"]["notifications"]) == 1


@pytest.mark.parametrize(
    ("changes", "successful"),
    [
        ({}, True),
        ({"exit_status": 1}, True),
        ({"exit_status": 2}, False),
        ({"gaps": (samples.GAP,), "exit_status": 0}, False),
        ({"gaps": (samples.GAP,), "exit_status": 1}, False),
    ],
)
def test_a_run_with_gaps_is_no_success(changes: dict[str, Any], successful: bool) -> None:
    assert run(samples.result(**changes))["invocations"][0]["executionSuccessful"] is successful


def test_every_reason_and_kind_is_described() -> None:
    gaps = tuple(Gap("a", reason, "") for reason in GapReason)
    notices = tuple(Notice(kind, "") for kind in NoticeKind)
    only = run(samples.result(gaps=gaps, notices=notices))
    assert len(only["tool"]["driver"]["notifications"]) == len(gaps) + len(notices)
    for entry in only["invocations"][0]["toolExecutionNotifications"]:
        descriptor = only["tool"]["driver"]["notifications"][entry["descriptor"]["index"]]
        assert descriptor["id"] == entry["descriptor"]["id"]
        assert entry["message"]["text"] == descriptor["shortDescription"]["text"] != descriptor["id"]


def test_notices_are_notes_or_warnings() -> None:
    entries = run(samples.result(notices=(samples.NOTICE, samples.ENGINE_NOTICE)))["invocations"][0]
    first, second = entries["toolExecutionNotifications"]
    assert (first["level"], second["level"]) == ("note", "warning")
    assert first["locations"][0]["physicalLocation"]["region"] == {"startLine": 3}
    assert "locations" not in second


def test_what_was_left_out_is_listed() -> None:
    assert run(samples.full())["properties"]["leftOut"] == [
        {"uri": ".venv", "reason": "virtual environment"},
        {"uri": "weights/model.safetensors", "reason": "tensor data", "bytes": 4_200_000_000},
    ]
