"""JUnit XML, as Jenkins and Azure DevOps read it: one suite a scan, one case a finding or gap.

Held against junit-10.xsd of Jenkins's xUnit plugin: https://github.com/jenkinsci/xunit-plugin (under `model/xsd`).
"""

from __future__ import annotations

import re
from xml.etree import ElementTree

from modelguard.model import Finding, Gap, ScanResult
from modelguard.reports.escape import printable
from modelguard.reports.facts import facts, remedy, standing
from modelguard.reports.gaps import place_of, sentence
from modelguard.reports.interface import RenderOptions
from modelguard.reports.order import worst_first
from modelguard.reports.places import where
from modelguard.reports.summary import summary

# What is left of what XML 1.0 (section 2.2) does not allow once control characters and surrogates are spelled out.
_NOT_XML = re.compile("[\ufffe\uffff]")


def render(result: ScanResult, options: RenderOptions) -> str:
    """Write one suite: what blocks has failed, what is open and does not block is skipped, a gap is an error.

    Where `--allow-gaps` let the exit status be 0, gaps are skipped, too. What has been allowed or put into a baseline
    is only counted. A scan with nothing to tell is one case that passed: a file without any is an error to publishers.
    """
    suite = ElementTree.Element("testsuite", name="modelguard")
    for finding in worst_first(result.open_findings):
        _finding(suite, finding, result)
    for gap in result.gaps:
        _gap(suite, gap, "error" if result.exit_status else "skipped")
    if not len(suite):
        _case(suite, "scan", "nothing to tell")
    suite.attrib |= _counts(suite) | {"time": f"{result.stats.seconds:.3f}"}
    ElementTree.SubElement(suite, "system-out").text = _text(summary(result))
    return _document(suite)


def _document(suite: ElementTree.Element) -> str:
    # The schema has no count of skipped cases here.
    shared = ("name", "tests", "failures", "errors", "time")
    suites = ElementTree.Element("testsuites", {name: suite.attrib[name] for name in shared})
    suites.append(suite)
    ElementTree.indent(suites)
    xml: bytes = ElementTree.tostring(suites, encoding="us-ascii", xml_declaration=True)
    return xml.decode("ascii") + "\n"


def _finding(suite: ElementTree.Element, finding: Finding, result: ScanResult) -> None:
    place = where(finding.origin.path, finding.place)
    case = _case(suite, finding.rule, place)
    title = printable(finding.title)
    if not finding.blocking:
        ElementTree.SubElement(case, "skipped", message=_text(f"{title}: {standing(finding)}"))
        return
    lines = (
        ("Where", place),
        ("What", " · ".join(facts(finding))),
        ("What to do", printable(remedy(finding, result))),
    )
    failed = ElementTree.SubElement(case, "failure", type=_text(finding.severity.value), message=_text(title))
    failed.text = _text_of_lines([f"{name}: {said}" for name, said in lines if said])


def _gap(suite: ElementTree.Element, gap: Gap, outcome: str) -> None:
    case = _case(suite, f"gap-{gap.reason}", place_of(gap))
    ElementTree.SubElement(case, outcome, type="gap", message=_text(f"Not wholly looked at: {sentence(gap)}"))


def _case(suite: ElementTree.Element, group: str, name: str) -> ElementTree.Element:
    # Publishers name a case by class and name, and take what stands before the last dot of a class for its package.
    return ElementTree.SubElement(suite, "testcase", classname=_text(f"modelguard.{group}"), name=_text(name))


def _counts(suite: ElementTree.Element) -> dict[str, str]:
    outcomes = [outcome.tag for case in suite for outcome in case]
    names = {"failures": "failure", "errors": "error", "skipped": "skipped"}
    return {"tests": str(len(suite))} | {name: str(outcomes.count(tag)) for name, tag in names.items()}


def _text(text: str) -> str:
    return _NOT_XML.sub(lambda found: f"\\u{ord(found.group()):04x}", printable(text))


def _text_of_lines(lines: list[str]) -> str:
    return "\n".join(_text(line) for line in lines)
