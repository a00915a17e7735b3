"""One engine pass for every regex rule, then the checks of the few rules that matched."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from modelguard.budget import Budget
from modelguard.detectors.interface import Detection, Match
from modelguard.detectors.paths import speaks_in
from modelguard.engine.choose import choose
from modelguard.engine.interface import Engine, Pattern, Span
from modelguard.engine.views import view
from modelguard.model import Check, Confidence
from modelguard.rules.interface import Rule


class PatternDetector:
    """A Detector for rules whose mechanism is a pattern.

    `extra` patterns are looked for in the same pass; their spans are handed back as they are, numbered from 0.
    """

    def __init__(
        self,
        rules: Sequence[Rule],
        extra: Sequence[Pattern] = (),
        expected_bytes: int | None = None,
        engine: Callable[[Sequence[Pattern]], Engine] | None = None,
    ) -> None:
        self._rules = tuple(rules)
        patterns = [*(rule.pattern for rule in rules), *extra]
        self.engine = engine(patterns) if engine else choose(patterns, expected_bytes)

    def detect(
        self, text: bytes, path: Callable[[], str], owned: Callable[[int], bool] = lambda offset: True
    ) -> Detection:
        """See `Detector.detect`."""
        spans, wide = self.engine.scan(text, lambda pattern: self._speaks(pattern, path))
        if not spans:
            return _WIDE if wide else _NOTHING
        return replace(_judged(self._rules, spans, text, owned), wide=wide)

    def _speaks(self, pattern: int, path: Callable[[], str]) -> bool:
        paths = self._rules[pattern].paths if pattern < len(self._rules) else ()
        return not paths or speaks_in(paths, path())


_MOST_MATCHES = 4 * Budget().findings
"""Of one text; four times as many as are listed, since those that overlap become one."""

_NOTHING = Detection()
_WIDE = Detection(wide=True)


def _judged(rules: Sequence[Rule], spans: list[Span], text: bytes, owned: Callable[[int], bool]) -> Detection:
    from modelguard.detectors.overlap import without_overlaps

    shown = view(text)
    matches: list[Match] = []
    extra = [span._replace(pattern=span.pattern - len(rules)) for span in spans if span.pattern >= len(rules)]
    values = [span for span in spans if span.pattern < len(rules)]
    sensitive = tuple((span.value_start, span.value_end) for span in values)
    if len(values) > _MOST_MATCHES:  # what is most telling comes first
        values.sort(key=lambda span: (rules[span.pattern].generic, not owned(span.value_start)))
    unjudged = 0
    for span in values:
        if len(matches) == _MOST_MATCHES:
            unjudged += 1
            continue
        match = judge(rules[span.pattern], span, text, shown)
        if match is not None:
            matches.append(match)
    return Detection(tuple(without_overlaps(matches)), sensitive, tuple(extra), unjudged=unjudged)


def judge(rule: Rule, span: Span, text: bytes, shown: bytes) -> Match | None:
    """The match, or None where a filter among the rule's checks drops it.

    `text` is as it stands on disk, and so is the match's value; the checks read `shown`, its view.
    """
    from modelguard.detectors.checks import FILTERS, PROOFS, parse

    readable = _as_text(shown[span.value_start : span.value_end])
    proofs = []
    for name, argument in map(parse, rule.checks):
        if name in PROOFS:
            proofs.append(PROOFS[name](readable, argument))
        elif not FILTERS[name](readable, argument):
            return None
    check = Check.NONE if not proofs else Check.PASSED if all(proofs) else Check.FAILED
    confidence = {Check.FAILED: Confidence.LOW}.get(check, rule.confidence)
    value = bytes(text[span.value_start : span.value_end])
    return Match(rule, span.start, span.end, span.value_start, span.value_end, value, check, confidence)


def _as_text(value: bytes) -> str:
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return value.decode("latin-1")
