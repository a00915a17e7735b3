"""Why a rule's match in a text is a finding, or is none: what its checks, its surroundings and other rules say."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from modelguard.detectors.checks import DROPPING, parse, read
from modelguard.detectors.exceptions import is_excepted
from modelguard.detectors.interface import Match, Reasoned
from modelguard.detectors.paths import speaks_in
from modelguard.detectors.patterns import (
    PatternDetector,
    as_it_reads,
    is_named_public,
    line_around,
    said_around,
    said_of_line,
)
from modelguard.engine.interface import Span
from modelguard.model import CheckOutcome, Evidence
from modelguard.rules.interface import AROUND_CHECK, LINE_CHECK, Rule

MOST = 1000
"""Of one text, so many matches are explained."""


def reasoned(
    detector: PatternDetector, text: bytes, path: str, wanted: Callable[[int, int], bool]
) -> tuple[list[Reasoned], bool]:
    """Every match of a rule whose value, given by start and end, is wanted, or one more than `MOST` of them.

    Also whether the text may hold more in wide characters.
    """
    scan = detector.engine.scan(text)
    rules = detector.rules
    ours = (span for span in scan.spans if span.pattern < len(rules))
    places = {(span.value_start, span.value_end, span.pattern): span for span in ours}
    asked = [span for (start, end, _), span in sorted(places.items()) if wanted(start, end)][: MOST + 1]
    told = detector.detect(text, lambda: path).matches if asked else ()
    return [_reasoned(rules[span.pattern], span, text, path, told) for span in asked], scan.wide


def _reasoned(rule: Rule, span: Span, text: bytes, path: str, told: Sequence[Match]) -> Reasoned:
    checks = tuple(_checked(rule, span, text))
    match = next((each for each in told if _is_at(each, rule, span)), None)
    dropped = "" if match else _dropped(rule, span, text, path, checks)
    if dropped:
        return Reasoned(rule, span, None, dropped, checks)
    judged = _judged(rule, span, text, path) if rule.judged else _Judged()
    if match is None and not judged.reason:
        return Reasoned(rule, span, None, _gives_way(span, told), checks)
    reason = judged.reason if match is None else ""
    told_of_it = (judged.likelihood, judged.threshold, judged.sure, judged.evidence)
    return Reasoned(rule, span, match, reason, checks, *told_of_it)


def _dropped(rule: Rule, span: Span, text: bytes, path: str, checks: Iterable[CheckOutcome]) -> str:
    """Why a match is none before anything else is looked at, or nothing."""
    if not speaks_in(rule, path):
        return (
            f"the rule speaks only in files such as {rule.paths[0]}"
            if rule.paths
            else "the rule is silent in this file"
        )
    if is_excepted(as_it_reads(text, span), rule.not_values):
        return "the rule says that such a value is none"
    failed = [
        each.name for each in checks if not each.passed and parse(each.name)[0] in {*DROPPING, LINE_CHECK, AROUND_CHECK}
    ]
    if failed:
        return f"a check drops it: {', '.join(failed)}"
    return "its name is that of a key which is meant to be seen" if is_named_public(rule, span, text) else ""


class _Judged(NamedTuple):
    """What judgement says of a match; of one that is not judged, nothing."""

    likelihood: float | None = None
    threshold: float | None = None
    sure: float | None = None
    reason: str = ""
    evidence: tuple[Evidence, ...] = ()


def _judged(rule: Rule, span: Span, text: bytes, path: str) -> _Judged:
    from modelguard.detectors.judgement import REPORTED, SURE
    from modelguard.detectors.judgement.reasons import reasons

    likely, settled, evidence = reasons(rule.id, text, span, path)
    unlikely = f"its likelihood of {likely:.2f} is below {REPORTED:.2f}" if likely < REPORTED else ""
    return _Judged(likely, REPORTED, SURE, settled or unlikely, evidence)


def _checked(rule: Rule, span: Span, text: bytes) -> Iterable[CheckOutcome]:
    readable, line = as_it_reads(text, span), line_around(rule, text, span)
    surroundings = {**said_of_line(rule, span, text), **said_around(rule, span, text)}
    for check in rule.checks:
        name, argument = parse(check)
        if name in (LINE_CHECK, AROUND_CHECK):
            yield CheckOutcome(check, surroundings[check])
        elif name in DROPPING:
            yield CheckOutcome(check, DROPPING[name](readable, argument))
        else:
            yield CheckOutcome(check, read(name, readable, argument, line).passed is not False)


def _is_at(match: Match, rule: Rule, span: Span) -> bool:
    return (match.rule.id, match.value_start, match.value_end) == (rule.id, span.value_start, span.value_end)


def _gives_way(span: Span, told: Sequence[Match]) -> str:
    """Which finding says the same, where nothing about the match itself drops it."""
    for match in told:
        if match.value_start < span.value_end and span.value_start < match.value_end:
            return f"{match.rule.id} tells the same value"
        for found in match.parts:
            if found.start < span.value_end and span.value_start < found.end:
                return f"it is told as the {found.part.name} of the finding of {match.rule.id} near it"
    return "there are too many matches in this file"
