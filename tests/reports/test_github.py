"""Annotations: the worst are among those that GitHub shows, and nothing in a tree gives the runner an order."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from msgspec.structs import replace

from modelguard.model import Confidence, Gap, GapReason, Origin, Place, ScanResult, Severity
from modelguard.reports.github import MOST_OF_A_LEVEL, render
from modelguard.reports.interface import RenderOptions

from . import samples
from .runner import commands
from .strategies import results


def rendered(scan: ScanResult) -> str:
    return render(scan, RenderOptions())


def test_a_blocking_finding_is_an_error_on_its_line() -> None:
    text = rendered(samples.result(samples.finding()))
    assert text.splitlines() == [
        "::error title=Hugging Face user access token,file=src/train.py,line=12,endLine=12,col=18,endColumn=55"
        "::Hugging Face user access token [hf-user-token] at src/train.py:12:18: hf_**** (37 characters)"
        "%0ARevoke it in the account's token settings, then read it from the environment.",
        "1 finding blocks (1 critical) · 120 files, 4.2 MB, 0.4 s · exit 1",
    ]


def test_a_clean_scan_gives_no_order() -> None:
    assert rendered(samples.result()) == "No findings · 120 files, 4.2 MB, 0.4 s · exit 0\n"


def test_levels() -> None:
    scan = samples.result(
        samples.finding(blocking=False, severity=Severity.LOW),
        samples.finding(blocking=False, context=True),
        samples.finding(blocking=False, confidence=Confidence.LOW),
        samples.finding(severity=Severity.LOW),
        samples.allowed(),
        samples.baselined(),
        gaps=(samples.GAP,),
    )
    assert [each.name for each in commands(rendered(scan))] == ["error", "warning", "notice", "warning", "notice"]


def test_columns_only_where_one_line_holds_all() -> None:
    (only,) = commands(rendered(samples.result(samples.finding(place=Place(0, 99, 3, 1, 9, 26)))))
    assert only.properties == {"title": samples.HF_RULE.title, "file": "src/train.py", "line": "3", "endLine": "9"}


@pytest.mark.parametrize(
    "finding",
    [
        samples.finding(place=Place(88, 104, 7, 3, 7, 19, inner="inner/.env", inside=True)),
        samples.finding(origin=Origin("src/train.py", in_tree=False)),
        samples.finding(place=Place(1234, 1271)),
    ],
)
def test_no_line_where_it_is_not_the_files(finding: samples.Finding) -> None:
    (only,) = commands(rendered(samples.result(finding)))
    assert only.properties == {"title": samples.HF_RULE.title, "file": "src/train.py"}


def test_a_way_inside_stands_in_the_message() -> None:
    inside = samples.finding(place=Place(88, 104, 7, 3, 7, 19, inner="inner/.env", inside=True))
    assert "src/train.py!inner/.env:7:3" in rendered(samples.result(inside))


def test_gaps_are_warnings() -> None:
    (only,) = commands(rendered(samples.result(gaps=(samples.GAP,))))
    assert only.name == "warning" and only.properties["file"] == "weights/model.zip"
    assert only.message == (
        "Not wholly looked at: weights/model.zip!data/0.bin: malformed: The central directory is cut short."
    )


def test_what_github_would_not_show_is_told_in_plain_lines() -> None:
    low = [samples.finding(path=f"low{number}.py", severity=Severity.LOW) for number in range(12)]
    gaps = tuple(Gap(f"{number}.zip", GapReason.MALFORMED, "") for number in range(11))
    text = rendered(samples.result(*low, samples.finding(path="worst.py"), gaps=gaps))
    found = commands(text)
    assert [each.name for each in found] == ["error"] * MOST_OF_A_LEVEL + ["warning"] * MOST_OF_A_LEVEL
    assert found[0].properties["file"] == "worst.py"
    plain = text.splitlines()[len(found) :]
    assert [line.split(" at ")[1].split(":")[0] for line in plain[:3]] == ["low9.py", "low10.py", "low11.py"]
    assert plain[3].startswith("warning: Not wholly looked at: 10.zip: malformed")
    assert plain[4].startswith("13 findings block (1 critical, 12 low)")
    assert plain[5:] == ["4 more annotations left out: GitHub shows 10 of each level."]


@pytest.mark.parametrize(
    "path",
    [
        "a%0A::set-output name=x::y.py",
        "a,line=1::b",
        "x\n::error::owned",
        "x\r\n  ::add-mask::a",
        "##[error]x",
        "%25%0a",
    ],
)
def test_names_give_no_orders(path: str) -> None:
    gap = Gap(path, GapReason.UNREADABLE, path, path)
    many = [samples.finding(path=path, title=path, preview=path) for _ in range(12)]
    found = commands(rendered(samples.result(*many, gaps=(gap,), exit_status=1)))
    assert [each.name for each in found] == ["error"] * 10 + ["warning"]
    shown = path.replace("\n", r"\n").replace("\r", r"\r").replace("##[", r"\x23#[")
    for each in found:
        assert each.properties["file"] == shown
        assert shown in each.message
    assert set(found[0].properties) == {"title", "file", "line", "endLine", "col", "endColumn"}


def test_a_title_of_any_length() -> None:
    (only,) = commands(rendered(samples.result(samples.finding(title="x" * 1000))))
    assert len(only.properties["title"]) == 255


@settings(max_examples=80, deadline=None)
@given(results())
def test_only_our_own_commands_whatever_the_result(scan: ScanResult) -> None:
    scan = replace(scan, findings=scan.findings * 11)
    found = commands(rendered(scan))
    assert {each.name for each in found} <= {"error", "warning", "notice"}
    errors = sum(each.blocking for each in scan.open_findings)
    assert sum(each.name == "error" for each in found) == min(MOST_OF_A_LEVEL, errors)
    for each in found:
        assert set(each.properties) <= {"title", "file", "line", "endLine", "col", "endColumn"}
