"""The terminal report from top to bottom, section by section; the part of it that needs rich."""

from __future__ import annotations

from collections.abc import Callable

from rich.text import Text

from modelguard.model import Finding, LeftOut, ScanResult
from modelguard.reports.escape import printable
from modelguard.reports.facts import remedy
from modelguard.reports.gaps import place_of, sentence
from modelguard.reports.interface import RenderOptions
from modelguard.reports.summary import counted, left_out, size, summary
from modelguard.reports.terminal import shown_findings
from modelguard.reports.terminal_finding import finding_lines
from modelguard.reports.terminal_lines import folded, to_text, wrapped

_Section = Callable[[ScanResult, int, bool], list[Text]]


def page(result: ScanResult, options: RenderOptions) -> str:
    """The whole report; sections that have nothing to say are left away."""
    width = max(options.width, 40)
    sections: tuple[_Section, ...] = (_files, _remedies, _gaps, _notices, _left_out, _summary)
    lines: list[Text] = []
    for section in sections:
        said = section(result, width, options.verbose)
        if said and lines:
            lines.append(Text())
        lines += said
    return to_text(lines, options.color)


def _files(result: ScanResult, width: int, verbose: bool) -> list[Text]:
    files: dict[str, list[Finding]] = {}
    for finding in shown_findings(result, verbose):
        files.setdefault(finding.origin.path, []).append(finding)
    lines: list[Text] = []
    for path, findings in files.items():
        lines += ([Text()] if lines else []) + folded(Text(printable(path), "bold underline"), width)
        for finding in findings:
            lines += [Text(), *finding_lines(finding, width, verbose)]
    return lines


def _remedies(result: ScanResult, width: int, verbose: bool) -> list[Text]:
    lines: list[Text] = []
    first = {finding.rule: finding for finding in reversed(shown_findings(result, verbose))}
    for rule in dict.fromkeys(finding.rule for finding in shown_findings(result, verbose)):
        explained = result.rules.get(rule)
        texts = [remedy(first[rule], result)]
        if verbose and explained:
            texts = [explained.why, *texts, *explained.references]
        said = [line for text in texts if text for line in wrapped(Text(printable(text)), width, 4)]
        lines += [*wrapped(Text(printable(rule)), width, 2), *said] if said else []
    return [Text("What to do", "bold"), *lines] if lines else []


def _gaps(result: ScanResult, width: int, verbose: bool) -> list[Text]:
    return gap_lines(result, width)


def gap_lines(result: ScanResult, width: int) -> list[Text]:
    """The gaps of a result under a heading, `width` cells wide; nothing where there are none."""
    lines: list[Text] = []
    for gap in result.gaps:
        lines += folded(Text(place_of(gap)), width, 2)
        said = sentence(gap) if gap.detail else gap.reason.value
        lines += wrapped(Text(said), width, 4)
    return [Text(f"Not wholly looked at: {counted(len(result.gaps), 'gap')}", "bold red"), *lines] if lines else []


def _notices(result: ScanResult, width: int, verbose: bool) -> list[Text]:
    lines: list[Text] = []
    for notice in result.notices:
        lines += wrapped(Text(f"{notice.kind}: {printable(notice.message)}"), width, 2)
        if notice.path is not None:
            path = printable(notice.path)
            lines += folded(Text(path if notice.line is None else f"{path}:{notice.line}"), width, 4)
    return [Text("Notices", "bold"), *lines] if lines else []


def _left_out(result: ScanResult, width: int, verbose: bool) -> list[Text]:
    lines = wrapped(Text(left_out(result)), width) if result.left_out else []
    if verbose:
        for entry in sorted(result.left_out, key=lambda entry: entry.reason):
            lines += folded(Text(_entry(entry)), width, 2)
    return lines


def _entry(entry: LeftOut) -> str:
    measured = "" if entry.bytes is None else f", {size(entry.bytes)}"
    return f"{printable(entry.path)} ({printable(entry.reason)}{measured})"


def _summary(result: ScanResult, width: int, verbose: bool) -> list[Text]:
    return wrapped(Text(summary(result), "bold"), width)
