"""The terminal report fits, shows everything, and obeys nothing that it shows."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from msgspec.structs import replace
from rich.cells import cell_len

from modelguard.model import Check, Confidence, Gap, GapReason, LeftOut, Place, ScanResult, Severity
from modelguard.reports.interface import RenderOptions
from modelguard.reports.terminal import render

from . import samples
from .strategies import results

PLAIN = RenderOptions()
VERBOSE = RenderOptions(verbose=True)


def shown(scan: ScanResult, options: RenderOptions = PLAIN) -> list[str]:
    """The lines of a report, none of which is wider than it may be."""
    lines = render(scan, options).split("\n")
    assert lines.pop() == ""
    assert max(map(cell_len, lines)) <= max(options.width, 40)
    return lines


def joined(lines: list[str]) -> str:
    """The report as it would read on an endless line."""
    return "".join(line.strip() for line in lines)


def words(lines: list[str]) -> str:
    """The report with every wrap made a blank again."""
    return " ".join(" ".join(lines).split())


def test_a_finding_in_full() -> None:
    assert shown(samples.result(samples.finding())) == [
        "src/train.py",
        "",
        "  critical  Hugging Face user access token [hf-user-token]",
        "            src/train.py:12:18",
        '            | login(token="hf_****", add_to_git_credential=True)',
        "            |              ^^^^^^^",
        "            hf_**** (37 characters)",
        "",
        "What to do",
        "  hf-user-token",
        "    Revoke it in the account's token settings, then read it from the",
        "    environment.",
        "",
        "1 finding blocks (1 critical) · 120 files, 4.2 MB, 0.4 s · exit 1",
    ]


def test_a_clean_result_is_one_line() -> None:
    assert shown(samples.result()) == ["No findings · 120 files, 4.2 MB, 0.4 s · exit 0"]


def test_a_clean_result_says_what_was_left_out() -> None:
    left_out = (samples.FOLDER_LEFT_OUT, LeftOut("a", "too big"), LeftOut("b", "too big"))
    assert shown(samples.result(left_out=left_out)) == [
        "Left out by policy: 2 too big, 1 virtual environment",
        "No findings · 120 files, 4.2 MB, 0.4 s · exit 0",
    ]


def test_only_gaps() -> None:
    assert shown(samples.result(gaps=(samples.GAP,))) == [
        "Not wholly looked at: 1 gap",
        "  weights/model.zip!data/0.bin",
        "    malformed: The central directory is cut short.",
        "",
        "No findings · 1 gap · 120 files, 4.2 MB, 0.4 s · exit 2",
    ]


def test_decided_findings_are_counted() -> None:
    lines = shown(samples.result(samples.allowed(), samples.baselined()))
    assert lines == ["No open findings, 1 allowed, 1 baselined · 120 files, 4.2 MB, 0.4 s · exit 0"]


def test_decided_findings_are_listed_when_verbose() -> None:
    text = "\n".join(shown(samples.result(samples.allowed(), samples.baselined()), VERBOSE))
    assert "allowed: a documented example" in text and "baselined: known since May" in text
    assert "src/train.py:12:18" in text and "old.py:12:18" in text


def test_the_summary_counts_by_severity() -> None:
    found = [samples.finding(severity=severity) for severity in (Severity.HIGH, Severity.CRITICAL, Severity.CRITICAL)]
    lines = shown(samples.result(*found, samples.finding(blocking=False), samples.allowed()))
    assert words(lines).endswith(
        "3 findings block (2 critical, 1 high), 1 other, 1 allowed · 120 files, 4.2 MB, 0.4 s · exit 1"
    )


def test_nothing_that_blocks() -> None:
    lines = shown(samples.result(samples.finding(blocking=False)))
    assert lines[-1].startswith("No finding blocks, 1 other · ")
    assert lines[6].endswith("hf_**** (37 characters) · does not block")


def test_findings_stand_under_their_file() -> None:
    found = [samples.finding(path=path) for path in ("b.py", "a.py", "b.py")]
    lines = shown(samples.result(*found))
    assert [line for line in lines if line in ("a.py", "b.py")] == ["b.py", "a.py"]
    assert [line.strip() for line in lines if ":12:18" in line] == ["b.py:12:18", "b.py:12:18", "a.py:12:18"]


def test_a_remedy_is_given_once_a_rule() -> None:
    lines = shown(samples.result(samples.finding(), samples.finding(path="b.py"), samples.finding(samples.CARD_RULE)))
    assert words(lines).count(samples.HF_RULE.remedy) == 1
    assert words(lines).count(samples.CARD_RULE.remedy) == 1
    assert samples.HF_RULE.why not in words(lines)


def test_verbose_explains() -> None:
    lines = shown(samples.full(), VERBOSE)
    assert samples.HF_RULE.why in words(lines) and samples.HF_RULE.references[0] in words(lines)
    assert "Hugging Face user access token in a source file." in words(lines)
    assert "2b3c4d5e6f70 (Zoë 张, 2024-04-01) old/train.py" in words(lines)


@pytest.mark.parametrize(
    ("place", "expected"),
    [
        (Place(1234, 1240), "m.bin @ byte 1234"),
        (Place(1, 2, 7), "m.bin:7"),
        (Place(1, 2, 7, 3), "m.bin:7:3"),
        (Place(1, 2, 7, 3, inner="cell[3].source"), "m.bin:7:3 (cell[3].source)"),
        (Place(1, 2, 7, 3, inner="a/.env", inside=True), "m.bin!a/.env:7:3"),
        (Place(9, 12, inner='__metadata__["author"]'), 'm.bin @ byte 9 (__metadata__["author"])'),
    ],
)
def test_places(place: Place, expected: str) -> None:
    lines = shown(samples.result(samples.finding(path="m.bin", place=place)))
    assert f"            {expected}" in lines


def test_the_refs_that_hold_it_are_named() -> None:
    refs = ("refs/heads/main", "refs/heads/dev", "refs/tags/v1", "refs/tags/v2", "refs/pull/1/head")
    origin = replace(samples.full().findings[1].origin, refs=refs)
    said = words(shown(samples.result(samples.finding(origin=origin))))
    assert "held by main, dev, tags/v1 and 2 more refs" in said


def test_a_line_that_the_change_does_not_add_says_so() -> None:
    said = words(shown(samples.result(samples.finding(context=True, blocking=False))))
    assert "does not block: the change does not add this line" in said


def test_the_other_parts_of_a_credential_are_named_with_their_lines() -> None:
    said = words(shown(samples.result(samples.full().findings[1])))
    assert "hf_**** (37 characters) · with client id 2f60**** on line 39 · with key id AKIA**** · check passed" in said


def test_facts_that_say_something_are_shown() -> None:
    origin = replace(samples.full().findings[1].origin, reachable=False, in_tree=False)
    found = samples.finding(check=Check.FAILED, confidence=Confidence.LOW, origin=origin, detail=samples.DETAIL)
    assert (
        "hf_**** (37 characters) · check failed · expires on 2031-01-01 · low confidence · introduced in commit 2b3c4d5e6f70 (Zoë 张,"
        " 2024-04-01), removed in 3c4d5e6f7081 (Ada, 2024-06-01) and 1 more commit · not in the current tree · not"
        " reachable from any branch or tag · ignored by git"
    ) in words(shown(samples.result(found)))


def test_left_out_is_counted_and_listed_when_verbose() -> None:
    scan = samples.full()
    assert "Left out by policy: 1 virtual environment, 1 tensor data" in shown(scan)
    assert "  weights/model.safetensors (tensor data, 4.2 GB)" not in shown(scan)
    assert "  weights/model.safetensors (tensor data, 4.2 GB)" in shown(scan, VERBOSE)


def test_notices_are_shown() -> None:
    lines = shown(samples.full())
    assert lines[lines.index("Notices") + 1 :][:3] == [
        "  unused-allow: This allow comment allows nothing.",
        "    src/train.py:3",
        "  engine: The plain engine served this scan.",
    ]


def test_notices_of_a_clean_result_are_shown() -> None:
    assert "  engine: The plain engine served this scan." in shown(samples.result(notices=(samples.ENGINE_NOTICE,)))


def test_a_hostile_path_is_spelled_out() -> None:
    lines = shown(samples.result(samples.finding(path=samples.HOSTILE_PATH)))
    assert lines[0] == r"evil\n::error::\x1b[31m[bold]x.py"
    assert not any(line.lstrip().startswith("::") for line in lines)


@pytest.mark.parametrize("path", ["::error::x", "  ::error::x", "a" * 80 + "::error::x", "a" * 68 + "::add-mask::y"])
def test_no_line_begins_with_a_runner_command(path: str) -> None:
    scan = samples.result(samples.finding(path=path), gaps=(Gap(path, GapReason.MISSING, path),))
    lines = shown(scan)
    assert not any(line.lstrip().startswith("::") for line in lines)
    assert joined(lines).replace(r"\x3a", ":").count(path.strip()) == 4


def test_hostile_text_is_neither_markup_nor_control() -> None:
    found = samples.finding(
        excerpt="\t[red]x[/red]\x1b[2J hf_**** \u202e", title="[bold]T\x07", confidence=Confidence.LOW
    )
    for color in (False, True):
        text = render(samples.result(found), RenderOptions(color=color))
        assert r"[red]x[/red]\x1b[2J " in text and r"\u202e" in text
        assert r"[bold]T\x07" in text
        assert not re.search(r"\x1b(?!\[[0-9;]*m)|\x07|\u202e|\t", text)


def test_a_long_path_is_folded_and_whole() -> None:
    path = "/".join(["a folder  with  blanks"] * 20) + "/文件.py"
    lines = shown(samples.result(samples.finding(path=path)))
    assert path.replace(" ", "") in joined(lines).replace(" ", "")
    assert "…" not in "".join(lines)


@pytest.mark.parametrize("before", ["", "x = ", "张" * 60, "a" * 500])
@pytest.mark.parametrize("after", ["", ")", "伟" * 60, "b" * 500])
def test_an_excerpt_is_cut_around_its_value(before: str, after: str) -> None:
    column = len(before) + 1
    found = samples.finding(excerpt=f"{before}hf_****{after}", place=Place(1, 2, 1, column))
    lines = shown(samples.result(found))
    excerpt, carets = lines[4], lines[5]
    start = carets.index("^")
    assert cell_len(excerpt[: excerpt.index("hf_****")]) == start
    assert carets.strip(" |") == "^" * 7
    cut = len(before) > 50 or len(after) > 50
    assert ("…" in excerpt) is cut
    if cut:
        assert cell_len(excerpt) >= 78


def test_a_character_that_widens_the_mask_does_not_widen_the_line() -> None:
    found = samples.finding(excerpt="a" * 200 + "hf_****\ufe0f", place=Place(1, 2, 1, 201))
    assert "hf_***" in shown(samples.result(found))[4]


def test_a_mask_cannot_split_a_runner_command_and_join_it_again() -> None:
    lines = shown(samples.result(samples.finding(excerpt="##[group]x", preview="#")))
    assert lines[4] == r"            | \x23#[group]x"


def test_a_line_of_characters_without_width_is_cut_too() -> None:
    found = samples.finding(excerpt="e" + "\u0301" * 10_000 + "hf_****", place=Place(1, 2, 1, 10_002))
    assert len(shown(samples.result(found))[4]) < 400


def test_of_several_masks_the_nearest_is_in_sight_and_none_is_pointed_out() -> None:
    line = "hf_**** " + "a" * 90 + " hf_****)"
    lines = shown(samples.result(samples.finding(excerpt=line, place=Place(1, 2, 1, 130))))
    assert lines[4].endswith("a hf_****)") and "…" in lines[4]
    assert "^" not in "".join(lines)


def test_an_excerpt_without_the_mask_has_no_underline() -> None:
    lines = shown(samples.result(samples.finding(excerpt="no mask here", preview="")))
    assert "            | no mask here" in lines and "^" not in "".join(lines)


def test_a_finding_without_an_excerpt() -> None:
    assert "|" not in "".join(shown(samples.result(samples.finding(excerpt=""))))


def test_multi_byte_text() -> None:
    found = samples.finding(path="数据/客户.csv", excerpt="令牌 = hf_**** # 张", place=Place(1, 2, 3, 6))
    lines = shown(samples.result(found))
    assert lines[0] == "数据/客户.csv"
    assert lines[4:6] == ["            | 令牌 = hf_**** # 张", "            |        ^^^^^^^"]


def test_color_changes_nothing_but_color() -> None:
    for options in (PLAIN, VERBOSE):
        colored = render(samples.full(), replace(options, color=True))
        assert "\x1b[1;37;41mcritical" in colored
        assert re.sub(r"\x1b\[[0-9;]*m", "", colored) == render(samples.full(), options)


@pytest.mark.parametrize("name", ["NO_COLOR", "FORCE_COLOR", "COLUMNS", "TERM"])
def test_the_environment_has_no_say(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    options = RenderOptions(color=True)
    text = render(samples.full(), options)
    monkeypatch.setenv(name, "20")
    assert render(samples.full(), options) == text


@pytest.mark.parametrize("width", [0, 40, 60, 80, 200])
def test_every_width(width: int) -> None:
    shown(samples.full(), RenderOptions(width=width, verbose=True))


@settings(deadline=None, max_examples=100)
@given(results())
def test_no_line_is_too_wide_whatever_the_result(scan: ScanResult) -> None:
    shown(scan, VERBOSE)
    shown(scan, RenderOptions(width=40))


def test_a_left_out_reason_cannot_command_a_runner() -> None:
    reason = "pattern " + "x" * 71 + " ::error::y"
    lines = shown(samples.result(left_out=(LeftOut("a", reason),)))
    assert not any(line.lstrip().startswith("::") for line in lines)


def test_origin_of_a_gap_is_whole() -> None:
    path = "d/" * 100 + "x"
    assert path in joined(shown(samples.result(gaps=(Gap(path, GapReason.TIMED_OUT, ""),))))
