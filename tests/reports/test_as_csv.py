"""The CSV report is one row a finding or gap, and no cell of it is a formula."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given, settings

from modelguard.model import ScanResult
from modelguard.reports.as_csv import COLUMNS, render
from modelguard.reports.interface import RenderOptions

from . import samples
from .strategies import results


def rows(scan: ScanResult) -> list[dict[str, str]]:
    text = render(scan, RenderOptions())
    read = csv.DictReader(io.StringIO(text), strict=True)
    found = list(read)
    assert tuple(read.fieldnames or ()) == COLUMNS
    assert text.count("\n") == len(found) + 1, "a row is a line"
    assert not any(None in row or None in row.values() for row in found)
    return found


def test_a_finding_and_a_gap() -> None:
    found, gap = rows(samples.result(samples.finding(), gaps=(samples.GAP,)))
    assert found["kind"] == "finding" and found["blocking"] == "yes" and found["severity"] == "critical"
    assert (found["path"], found["line"], found["column"]) == ("src/train.py", "12", "18")
    assert found["preview"] == "hf_**** (37 characters)" and found["remedy"] == samples.HF_RULE.remedy
    assert found["in_tree"] == found["commit"] == ""
    assert (gap["kind"], gap["path"], gap["inner"]) == ("gap", "weights/model.zip", "data/0.bin")
    assert gap["detail"] == "malformed: The central directory is cut short."


def test_nothing_is_dropped() -> None:
    assert [row["status"] for row in rows(samples.result(samples.allowed(), samples.baselined()))] == [
        "allowed",
        "baselined",
    ]
    assert rows(samples.full())[1]["commit"] == "2b3c4d5e6f708192a3b4c5d6e7f80912345678ff"
    assert rows(samples.result()) == []


@pytest.mark.parametrize("path", ["=1+1", "+1", "-1", "@SUM(A1)", "＝1", '=HYPERLINK("x")'])
def test_no_cell_is_a_formula(path: str) -> None:
    assert rows(samples.result(samples.finding(path=path)))[0]["path"] == f"'{path}"


@pytest.mark.parametrize("path", ["\t=1", "\r=1", "a,b\n=1", 'x"\n"=1'])
def test_nor_is_what_follows_a_tab_or_a_line_end(path: str) -> None:
    (row,) = rows(samples.result(samples.finding(path=path)))
    assert row["path"] == path.replace("\t", r"\t").replace("\r", r"\r").replace("\n", r"\n")


@settings(max_examples=60, deadline=None)
@given(results())
def test_whatever_the_result(scan: ScanResult) -> None:
    found = rows(scan)
    assert len(found) == len(scan.findings) + len(scan.gaps)
    assert not any(cell[:1] in set("=+-@\t\r") for row in found for cell in row.values() if cell)
