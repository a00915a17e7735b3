"""Which findings block, by default and wherever `--fail-on` moves the line."""

from __future__ import annotations

import pytest

from modelguard.errors import SettingsError
from modelguard.model import Category, Check, Confidence, Finding, Severity, Status
from modelguard.verdict.policy import Policy, apply_policy, parse_policy
from tests.reports.samples import finding


def made(
    category: str = "secret",
    severity: str = "low",
    confidence: str = "high",
    check: str = "none",
    status: Status = Status.OPEN,
) -> Finding:
    return finding(
        category=Category(category),
        severity=Severity(severity),
        confidence=Confidence(confidence),
        check=Check(check),
        status=status,
        blocking=False,
    )


@pytest.mark.parametrize(
    ("found", "blocks"),
    [
        (made("secret", "low", "high"), True),
        (made("secret", "low", "medium"), True),
        (made("secret", "critical", "low"), False),
        (made("pii", "high", "high", "passed"), True),
        (made("pii", "high", "medium", "passed"), False),
        (made("pii", "critical", "high", "none"), False),
        (made("pii", "critical", "high", "failed"), False),
        (made("config", "critical", "low"), True),
        (made("config", "high", "low"), True),
        (made("config", "medium", "high"), False),
    ],
)
def test_the_default(found: Finding, blocks: bool) -> None:
    assert parse_policy("default").blocks(found) is blocks
    assert parse_policy("").blocks(found) is blocks
    (decided,) = apply_policy([found], Policy())
    assert decided.blocking is blocks


@pytest.mark.parametrize(
    ("text", "found", "blocks"),
    [
        ("high", made(severity="high", confidence="low"), True),
        ("high", made(severity="critical", confidence="low"), True),
        ("high", made(severity="medium"), False),
        ("low", made("config", "low", "low"), True),
        ("low", made("pii", "low", "low", "failed"), True),
        ("high/medium", made(severity="high", confidence="medium"), True),
        ("high/medium", made(severity="critical", confidence="low"), False),
        ("critical/high", made(severity="critical", confidence="high"), True),
        ("critical/high", made(severity="high", confidence="high"), False),
        ("never", made(severity="critical"), False),
    ],
)
def test_the_line_can_be_moved(text: str, found: Finding, blocks: bool) -> None:
    assert parse_policy(text).blocks(found) is blocks


@pytest.mark.parametrize("text", ["default", "low", "low/low", "never"])
@pytest.mark.parametrize("status", [Status.ALLOWED, Status.BASELINED])
def test_what_has_been_decided_never_blocks(text: str, status: Status) -> None:
    assert not parse_policy(text).blocks(made(severity="critical", status=status))


@pytest.mark.parametrize(
    "text", ["whenever", "High", "high/", "/high", "high/medium/low", "high medium", "never/high", " "]
)
def test_what_is_no_policy_is_refused_with_its_place(text: str) -> None:
    with pytest.raises(SettingsError) as caught:
        parse_policy(text, ".modelguard.yaml:3")
    assert caught.value.message == f".modelguard.yaml:3: fail-on is {text!r}, which is no policy"
    assert "high/medium" in caught.value.remedy
