"""One engine pass for every regex rule, then the checks of the few rules that matched."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from msgspec.structs import replace

from modelguard.budget import Budget
from modelguard.detectors.interface import Detection, Match
from modelguard.detectors.paths import speaks_in
from modelguard.engine.choose import choose
from modelguard.engine.interface import MARGIN, Asked, Engine, Held, Hint, Pattern, Span
from modelguard.engine.views import EDGE, view
from modelguard.model import Check, Confidence
from modelguard.rules.interface import Rule

__all__ = ["MARGIN", "Asked", "Heard", "Hint", "PatternDetector", "judge"]


class Heard(NamedTuple):
    """The ids of the rules that match in a text, whether wide characters or what is `hidden` may hold more, and near.

    Of another version of a near text, the rules are among those of this one and those in what is new in the other, with
    `MARGIN` bytes around; unless that is not near.
    """

    rules: frozenset[str]
    wide: bool
    near: bool
    hidden: tuple[Hint, ...] = ()


_HEARD_NOTHING = Heard(frozenset(), False, True)


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
        self._said: dict[tuple[str, str], _Judgement | None] = {}
        self.engine = engine(patterns) if engine else choose(patterns, expected_bytes)

    def detect(
        self, text: bytes, path: Callable[[], str] | None, owned: Callable[[int], bool] = lambda offset: True
    ) -> Detection:
        """See `Detector.detect`."""
        spans, wide, hidden = self.engine.scan(text, lambda pattern: self._speaks(pattern, path))
        if not spans:
            return Detection(wide=wide, hidden=hidden) if hidden else _WIDE if wide else _NOTHING
        return replace(self._judged(spans, text, None if path is None else path(), owned), wide=wide, hidden=hidden)

    def rules_in(self, asked: Sequence[Asked]) -> list[Heard]:
        """Which rules match in each text, whatever file it is; where parts are asked for, at least those near one."""
        return [
            _HEARD_NOTHING if not (held.patterns or held.wide or held.far or held.hidden) else self._heard(held)
            for held in self.engine.holds(asked, self._passes)
        ]

    def _heard(self, held: Held) -> Heard:
        rules = frozenset(self._rules[pattern].id for pattern in held.patterns)
        return Heard(rules, held.wide, held.is_near, held.hidden)

    def _passes(self, text: bytes, span: Span) -> bool:
        """Whether there is a finding; the spans of other patterns than rules are none."""
        if span.pattern >= len(self._rules):
            return False
        return judge(self._rules[span.pattern], span, text, None, self._remembered) is not None

    def _judged(self, spans: list[Span], text: bytes, path: str | None, owned: Callable[[int], bool]) -> Detection:
        from modelguard.detectors.overlap import without_overlaps

        rules = self._rules
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
            match = judge(rules[span.pattern], span, text, path, self._remembered)
            if match is not None:
                matches.append(match)
        return Detection(tuple(without_overlaps(matches)), sensitive, tuple(extra), unjudged=unjudged)

    def _remembered(self, rule: Rule, readable: str) -> _Judgement | None:
        """What the checks say of a value: a history shows the same ones in every version of a file."""
        key = (rule.id, readable)
        if key not in self._said:
            if len(self._said) >= _REMEMBERED:
                self._said.clear()
            self._said[key] = _judgement(rule, readable)
        return self._said[key]

    def _speaks(self, pattern: int, path: Callable[[], str] | None) -> bool:
        paths = self._rules[pattern].paths if pattern < len(self._rules) else ()
        return not paths or path is None or speaks_in(paths, path())


_MOST_MATCHES = 4 * Budget().findings
"""Of one text; four times as many as are listed, since those that overlap become one."""

_REMEMBERED = 4096
"""Values whose judgement is kept in memory, as long as the process runs."""


class _Judgement(NamedTuple):
    """What the checks said of a value that no filter dropped."""

    check: Check
    confidence: Confidence


_NOTHING = Detection()
_WIDE = Detection(wide=True)


def _judgement(rule: Rule, readable: str) -> _Judgement | None:
    """What the checks say of a value as it reads; None where a filter drops it."""
    from modelguard.detectors.checks import FILTERS, PROOFS, parse

    proofs = []
    for name, argument in map(parse, rule.checks):
        if name in PROOFS:
            proofs.append(PROOFS[name](readable, argument))
        elif not FILTERS[name](readable, argument):
            return None
    check = Check.NONE if not proofs else Check.PASSED if all(proofs) else Check.FAILED
    return _Judgement(check, {Check.FAILED: Confidence.LOW}.get(check, rule.confidence))


def judge(
    rule: Rule,
    span: Span,
    text: bytes,
    path: str | None = None,
    judgement: Callable[[Rule, str], _Judgement | None] = _judgement,
) -> Match | None:
    """The match, or None where a filter among the rule's checks drops it, or what surrounds it makes it unlikely.

    `text` is as it stands on disk, and so is the match's value; the checks read its view. Without a `path`, what would
    be a match in some file is one.
    """
    first = max(0, span.value_start - EDGE)
    around = view(text[first : span.value_end + EDGE])
    said = judgement(rule, _as_text(around[span.value_start - first : span.value_end - first]))
    if said is None:
        return None
    if rule.judged:
        from modelguard.detectors.judgement import REPORTED, SURE, likelihood

        likely = likelihood(rule.id, text, span, path)
        if likely < REPORTED:
            return None
        said = said._replace(confidence=said.confidence if likely >= SURE else Confidence.LOW)
    value = bytes(text[span.value_start : span.value_end])
    return Match(rule, span.start, span.end, span.value_start, span.value_end, value, *said)


def _as_text(value: bytes) -> str:
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return value.decode("latin-1")
