"""The JUnit report is valid for Jenkins, whatever names hold, and says of each case what a publisher needs."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import pytest
import xmlschema
from hypothesis import given, settings

from modelguard.model import ScanResult
from modelguard.reports.interface import RenderOptions
from modelguard.reports.junit import render

from . import samples
from .strategies import results

# From Jenkins's xUnit plugin, MIT: https://github.com/jenkinsci/xunit-plugin
SCHEMA = xmlschema.XMLSchema(str(Path(__file__).parents[1] / "data" / "junit-10.xsd"))


def suite(scan: ScanResult) -> ElementTree.Element:
    """The only suite, whose document is valid and whose counts are true."""
    text = render(scan, RenderOptions())
    root = ElementTree.fromstring(text)
    SCHEMA.validate(root)
    (only,) = root
    cases = only.findall("testcase")
    assert cases, "a publisher refuses a file without a case"
    assert only.get("tests") == root.get("tests") == str(len(cases))
    for name, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        assert only.get(name) == str(len(only.findall(f"testcase/{tag}")))
    assert (root.get("failures"), root.get("errors")) == (only.get("failures"), only.get("errors"))
    return only


@settings(deadline=None, max_examples=60)
@given(results())
def test_valid_whatever_the_result(scan: ScanResult) -> None:
    cases = suite(scan).findall("testcase")
    assert len(cases) == max(1, len(scan.open_findings) + len(scan.gaps))


def test_the_schema_can_refuse() -> None:
    broken = render(samples.full(), RenderOptions()).replace('name="modelguard"', 'nome="modelguard"')
    with pytest.raises(xmlschema.XMLSchemaValidationError):
        SCHEMA.validate(ElementTree.fromstring(broken))


def test_a_blocking_finding_has_failed() -> None:
    (case,) = suite(samples.result(samples.finding())).findall("testcase")
    assert case.attrib == {"classname": "modelguard.hf-user-token", "name": "src/train.py:12:18"}
    (failure,) = case
    assert failure.attrib == {"type": "critical", "message": samples.HF_RULE.title}
    assert failure.text == (
        "Where: src/train.py:12:18\nWhat: hf_**** (37 characters)\n"
        "What to do: Revoke it in the account's token settings, then read it from the environment."
    )


def test_what_does_not_block_is_skipped_and_says_why() -> None:
    (case,) = suite(samples.result(samples.finding(blocking=False))).findall("testcase")
    (skipped,) = case
    assert skipped.tag == "skipped" and skipped.get("message") == f"{samples.HF_RULE.title}: does not block"


def test_the_worst_is_first_and_what_is_decided_is_counted() -> None:
    scan = samples.result(samples.finding(blocking=False), samples.allowed(), samples.baselined(), samples.finding())
    only = suite(scan)
    assert [case[0].tag for case in only.findall("testcase")] == ["failure", "skipped"]
    assert only.findtext("system-out") == (
        "1 finding blocks (1 critical), 1 other, 1 allowed, 1 baselined · 120 files, 4.2 MB, 0.4 s · exit 1"
    )


def test_a_gap_is_an_error_unless_gaps_were_allowed() -> None:
    (case,) = suite(samples.result(gaps=(samples.GAP,))).findall("testcase")
    assert case.attrib == {"classname": "modelguard.gap-malformed", "name": "weights/model.zip!data/0.bin"}
    assert case[0].tag == "error" and "The central directory is cut short." in case[0].attrib["message"]
    (case,) = suite(samples.result(gaps=(samples.GAP,), exit_status=0)).findall("testcase")
    assert case[0].tag == "skipped"


def test_a_clean_scan_is_one_case_that_passed() -> None:
    only = suite(samples.result())
    (case,) = only.findall("testcase")
    assert len(case) == 0 and only.get("time") == "0.400"


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("\x00\x0b\x1b", r"\x00\x0b\x1b"),
        ("\ufffe\uffff", r"\ufffe\uffff"),
        ("a\udce9", r"a\xe9"),
        ("]]><x>&amp;", "]]><x>&amp;"),
        ("\"'<!--", "\"'<!--"),
        ("张\U0001f600", "张\U0001f600"),
    ],
)
def test_names_of_any_sort_show_themselves(name: str, shown: str) -> None:
    found = samples.finding(path=name, title=name, preview=name, remedy=name)
    (case,) = suite(samples.result(found)).findall("testcase")
    assert case.attrib["name"] == f"{shown}:12:18" and case[0].attrib["message"] == shown
    assert (case[0].text or "").endswith(f"What: {shown}\nWhat to do: {shown}")
