"""The JSON Lines report: a line a finding, and a last line with the rest."""

from __future__ import annotations

import json

from modelguard.reports import as_json
from modelguard.reports.interface import RenderOptions
from modelguard.reports.jsonl import line, render, tail

from . import samples


def test_lines_are_the_members_of_the_json_report() -> None:
    scan = samples.full()
    whole = json.loads(as_json.render(scan, RenderOptions()))
    lines = render(scan, RenderOptions()).splitlines()
    assert [json.loads(text) for text in lines[:-1]] == whole["findings"]
    last = json.loads(lines[-1])
    assert last["schema"] == "modelguard/1"
    assert last["summary"] == {key: value for key, value in whole.items() if key not in ("schema", "findings")}


def test_streaming_gives_the_same_text() -> None:
    scan = samples.full()
    assert "".join(map(line, scan.findings)) + tail(scan) == render(scan, RenderOptions())


def test_a_line_is_one_line_whatever_the_path() -> None:
    text = line(samples.finding(path=samples.HOSTILE_PATH + "\u2028\x85"))
    assert text.endswith("\n") and len(text.splitlines()) == 1


def test_an_empty_result_still_has_its_last_line() -> None:
    (last,) = render(samples.result(), RenderOptions()).splitlines()
    assert json.loads(last)["summary"]["exit_status"] == 0
