"""Markdown for GitHub's job summaries and comments: what blocks first, what to do, gaps, and how much is left out."""

from __future__ import annotations

import re
from collections.abc import Iterable

from modelguard.model import Finding, Gap, ScanResult
from modelguard.reports.facts import facts, remedy
from modelguard.reports.gaps import place_of, sentence
from modelguard.reports.interface import RenderOptions
from modelguard.reports.markdown_text import code, link, prose
from modelguard.reports.order import worst_first
from modelguard.reports.places import line_in_tree, where
from modelguard.reports.summary import counted, summary

LIMIT = 60_000
"""Characters of a report. GitHub takes 65,536 in a comment and 1 MiB in a summary; a caller may want to add a line."""

_FOR_GAPS = 4  # gaps get at least this part of the room: a quarter
_OUTSIDE = re.compile(r"/|[A-Za-z]:/|(?:.*/)?\.\.(?:/|$)", re.DOTALL)


def render(result: ScanResult, options: RenderOptions) -> str:
    """Write a heading, a summary, and lists of findings that are open, what to do about them, and gaps.

    It is never longer than `LIMIT`: what does not fit is counted. With `options.link`, places are links.
    """
    gaps, gaps_out = _fitting((_gap(gap) for gap in result.gaps), LIMIT // _FOR_GAPS)
    room = LIMIT - len(_page(result, [], len(result.open_findings), [], gaps, gaps_out))
    findings, remedies, out = _findings(result, options.link, room)
    return _page(result, findings, out, remedies, gaps, gaps_out)


def _page(
    result: ScanResult, findings: list[str], out: int, remedies: list[str], gaps: list[str], gaps_out: int
) -> str:
    found = counted(len(result.open_findings), "open finding")
    sections = (
        (f"### {found}", [*findings, *_more(out, "finding")]),
        ("### What to do", remedies),
        (f"### Not wholly looked at: {counted(len(result.gaps), 'gap')}", [*gaps, *_more(gaps_out, "gap")]),
    )
    text = f"## modelguard: {_heading(result)}\n\n{prose(summary(result))}\n"
    return text + "".join(f"\n{heading}\n\n{''.join(blocks)}" for heading, blocks in sections if blocks)


def _heading(result: ScanResult) -> str:
    if result.exit_status == 1:
        blocking = len(result.blocking)
        return f"{counted(blocking, 'finding')} {'blocks' if blocking == 1 else 'block'}"
    return "not everything could be looked at" if result.exit_status else "nothing blocks"


def _findings(result: ScanResult, base: str | None, room: int) -> tuple[list[str], list[str], int]:
    """Blocks of findings and of what to do about them that fit together, and how many findings do not."""
    blocks: list[str] = []
    remedies: dict[str, str] = {}
    left, out = room - len("\n### What to do\n\n"), 0
    for finding in worst_first(result.open_findings):
        block, to_do = _finding(finding, base), _remedy(finding, result)
        length = len(block) + (0 if finding.rule in remedies else len(to_do))
        if length > left:
            out += 1
            continue
        left -= length
        blocks.append(block)
        remedies.setdefault(finding.rule, to_do)
    return blocks, [to_do for to_do in remedies.values() if to_do], out


def _finding(finding: Finding, base: str | None) -> str:
    said = [prose(fact) for fact in facts(finding)]
    if finding.preview:
        said[0] = code(finding.preview)
    title = f"- **{finding.severity}** {prose(finding.title)} ({code(finding.rule)})"
    return f"{title}  \n  {_place(finding, base)}{''.join(f' · {fact}' for fact in said)}\n"


def _place(finding: Finding, base: str | None) -> str:
    origin, place = finding.origin, finding.place
    shown = code(where(origin.path, place))
    if base is None or origin.in_tree is False or _OUTSIDE.match(origin.path):
        return shown
    line = line_in_tree(finding)
    return f"[{shown}]({link(base, origin.path, line, place.end_line)})"


def _remedy(finding: Finding, result: ScanResult) -> str:
    said = remedy(finding, result)
    return f"- {code(finding.rule)}: {prose(said)}\n" if said else ""


def _gap(gap: Gap) -> str:
    return f"- {code(place_of(gap))}: {prose(sentence(gap))}\n"


def _fitting(blocks: Iterable[str], room: int) -> tuple[list[str], int]:
    """The blocks that fit together, and how many do not."""
    kept: list[str] = []
    out = 0
    for block in blocks:
        if len(block) <= room:
            kept.append(block)
            room -= len(block)
        else:
            out += 1
    return kept, out


def _more(count: int, noun: str) -> list[str]:
    return [f"- and {counted(count, f'more {noun}')}, for which there is no room here\n"] if count else []
