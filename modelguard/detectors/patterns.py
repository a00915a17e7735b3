"""One engine pass for every regex rule, then the checks of the few rules that matched."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import NamedTuple

from msgspec.structs import replace

from modelguard.budget import Budget
from modelguard.detectors.exceptions import is_excepted
from modelguard.detectors.interface import Detection, Match
from modelguard.detectors.paths import speaks_in
from modelguard.engine.choose import choose
from modelguard.engine.interface import MARGIN, Asked, Engine, Held, Hint, Pattern, Refused, Span
from modelguard.engine.views import EDGE, view
from modelguard.errors import RuleError
from modelguard.model import Category, Check, Confidence, Severity
from modelguard.rules.interface import AROUND_CHECK, AROUND_REACH, JUDGED_EDGE, LINE_CHECK, Rule
from modelguard.rules.ruleset import RuleSet

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

    Raises:
        RuleError: the engine refuses a pattern.
    """

    def __init__(
        self,
        rules: Sequence[Rule],
        extra: Sequence[Pattern] = (),
        expected_bytes: int | None = None,
        engine: Callable[[Sequence[Pattern]], Engine] | None = None,
    ) -> None:
        self.rules = RuleSet.of(rules)
        patterns = self.rules.patterns().followed_by(extra)
        self._said: dict[tuple[str, str, str], _Judgement | None] = {}
        try:
            self.engine = engine(patterns) if engine else choose(patterns, expected_bytes)
        except Refused as error:
            name = self.rules.listed[error.pattern].id if error.pattern < len(rules) else "our own"
            raise RuleError(
                f"{name}: an engine refuses the pattern: {error}", "docs/rules.md lists the syntax; change the rule."
            ) from None

    def detect(
        self, text: bytes, path: Callable[[], str] | None, owned: Callable[[int], bool] = lambda offset: True
    ) -> Detection:
        """See `Detector.detect`."""
        spans, wide, hidden = self.engine.scan(text, lambda pattern: self._speaks(pattern, path))
        if not spans:
            return Detection(wide=wide, hidden=hidden) if hidden else _WIDE if wide else _NOTHING
        return replace(self._judged(spans, text, None if path is None else path(), owned), wide=wide, hidden=hidden)

    def may_hold_glued(self, text: bytes) -> bool:
        """Whether a value of a known format stands in a text, though what is right beside it may make it none."""
        return any(self._is_glued(pattern, text) for pattern in sorted(self.engine.glued(text)))

    def rules_in(self, asked: Sequence[Asked]) -> list[Heard]:
        """Which rules match in each text, whatever file it is; where parts are asked for, at least those near one."""
        return [
            _HEARD_NOTHING if not (held.patterns or held.wide or held.far or held.hidden) else self._heard(held)
            for held in self.engine.holds(asked, self._passes)
        ]

    def _heard(self, held: Held) -> Heard:
        rules = frozenset(self.rules.listed[pattern].id for pattern in held.patterns)
        return Heard(rules, held.wide, held.is_near, held.hidden)

    def _passes(self, text: bytes, span: Span) -> bool:
        """Whether there is a finding; the spans of other patterns than rules are none."""
        if span.pattern >= len(self.rules):
            return False
        return judge(self.rules[span.pattern], span, text, None, self._remembered, is_whole=False) is not None

    def _judged(self, spans: list[Span], text: bytes, path: str | None, owned: Callable[[int], bool]) -> Detection:
        from modelguard.detectors.checks.neighbours import is_data
        from modelguard.detectors.overlap import without_overlaps

        rules = self.rules
        matches: list[Match] = []
        extra = [span._replace(pattern=span.pattern - len(rules)) for span in spans if span.pattern >= len(rules)]
        values = [span for span in spans if span.pattern < len(rules)]
        sensitive = tuple((span.value_start, span.value_end) for span in values)
        if len(values) > _MOST_MATCHES:  # what is most telling comes first
            values.sort(key=lambda span: (rules[span.pattern].generic, not owned(span.value_start)))
        unjudged = 0
        settled: list[tuple[int, int]] = []
        crowds: dict[int, _Crowd] = {}
        for span in values:
            if len(matches) == _MOST_MATCHES:
                unjudged += 1
                continue
            if span.pattern in crowds and crowds[span.pattern].holds(span):
                settled.append((span.value_start, span.value_end))
                continue
            match = judge(rules[span.pattern], span, text, path, self._remembered)
            if match is not None:
                matches.append(match)
            elif rules[span.pattern].looks_around:
                settled.append((span.value_start, span.value_end))
                if is_data(as_it_reads(text, span)):
                    crowds[span.pattern] = _Crowd(span)
        kept = without_overlaps(matches)
        if any(match.rule.parts for match in kept):
            from modelguard.detectors.parts import with_parts

            kept = with_parts(kept, text)
        return Detection(tuple(kept), sensitive, tuple(extra), unjudged=unjudged, settled=tuple(settled))

    def _remembered(self, rule: Rule, readable: str, line: str) -> _Judgement | None:
        """What the checks say of a value: a history shows the same ones in every version of a file."""
        key = (rule.id, readable, line)
        if key not in self._said:
            if len(self._said) >= _REMEMBERED:
                self._said.clear()
            self._said[key] = _judgement(rule, readable, line)
        return self._said[key]

    def _is_glued(self, pattern: int, text: bytes) -> bool:
        if pattern >= len(self.rules) or self.rules.listed[pattern].category is not Category.SECRET:
            return False
        rule = self.rules[pattern]
        return not rule.generic and not rule.pattern.tails and _unbounded(rule.pattern.regex).search(text) is not None

    def _speaks(self, pattern: int, path: Callable[[], str] | None) -> bool:
        if path is None or pattern >= len(self.rules) or not self.rules.listed[pattern].bound:
            return True
        return speaks_in(self.rules[pattern], path())


@lru_cache(maxsize=512)
def _unbounded(regex: str) -> re.Pattern[bytes]:
    """A pattern without what it asks of the bytes beside its matches."""
    return re.compile(re.sub(_BESIDE, "", regex).encode("ascii"))


_BESIDE = (
    r"^(?:\\b|\(\?<[!=](?:\[(?:\\.|[^\]\\])*\]|[^()\[\]])*\))+|(?:\\b|\(\?[!=](?:\[(?:\\.|[^\]\\])*\]|[^()\[\]])*\))+$"
)
"""Boundaries and lookarounds at either end of a pattern."""

_MOST_MATCHES = 4 * Budget().findings
"""Of one text; four times as many as are listed, since those that overlap become one."""

_REMEMBERED = 4096
"""Values whose judgement is kept in memory, as long as the process runs."""


class _Judgement(NamedTuple):
    """What the checks said of a value that no filter dropped."""

    check: Check
    confidence: Confidence
    severity: Severity
    detail: str


class _Crowd(NamedTuple):
    """A number that is data. What a rule that looks around sees behind it, as long as it, is data, too.

    That is what `around:no-other-numbers` would say, for a hundredth of the time: a table may hold a million numbers.
    """

    last: Span

    def holds(self, span: Span) -> bool:
        start, end = self.last.value_start, self.last.value_end
        return end - start == span.value_end - span.value_start and 0 <= span.value_start - end <= AROUND_REACH // 2


_NOTHING = Detection()
_WIDE = Detection(wide=True)


def _judgement(rule: Rule, readable: str, line: str) -> _Judgement | None:
    """What the checks say of a value as it reads, in its line; None where a filter drops it."""
    from modelguard.detectors.checks import FILTERS, STRICT_PROOFS, parse, read
    from modelguard.detectors.checks.reading import Reading, together

    if rule.not_values and is_excepted(readable, rule.not_values):
        return None
    readings = [Reading(None, "", rule.severity, rule.confidence)]
    for name, argument in map(parse, rule.checks):
        if name in (LINE_CHECK, AROUND_CHECK):
            continue
        if name in STRICT_PROOFS:
            if not STRICT_PROOFS[name](readable, argument):
                return None
            readings.append(Reading(True))
        elif name not in FILTERS:
            readings.append(read(name, readable, argument, line))
        elif not FILTERS[name](readable, argument):
            return None
    passed, detail, severity, confidence = together(readings)
    check = Check.NONE if passed is None else Check.PASSED if passed else Check.FAILED
    return _Judgement(check, confidence, severity, detail)


def judge(
    rule: Rule,
    span: Span,
    text: bytes,
    path: str | None = None,
    judgement: Callable[[Rule, str, str], _Judgement | None] = _judgement,
    is_whole: bool = True,
) -> Match | None:
    """The match, or None where a filter among the rule's checks drops it, or what surrounds it makes it unlikely.

    `text` is as it stands on disk, and so is the match's value; the checks read its view. Without a `path`, what would
    be a match in some file is one; where `text` is but a part of one (not `is_whole`), what would be a match whatever
    stands around that part.
    """
    said = judgement(rule, as_it_reads(text, span), line_around(rule, text, span))
    if said is None or is_named_public(rule, span, text) or not all(said_of_line(rule, span, text).values()):
        return None
    if is_whole and not all(said_around(rule, span, text).values()):
        return None
    if rule.judged:
        from modelguard.detectors.judgement import REPORTED, SURE, likelihood

        likely = likelihood(rule.id, text, span, path)
        if likely < REPORTED:
            return None
        said = said._replace(confidence=said.confidence if likely >= SURE else Confidence.LOW)
    value = bytes(text[span.value_start : span.value_end])
    return Match(rule, span.start, span.end, span.value_start, span.value_end, value, *said)


def as_it_reads(text: bytes, span: Span) -> str:
    """The value at a span as the checks read it."""
    return _read(text, span, span.value_start - EDGE, span.value_end + EDGE)[1]


def is_named_public(rule: Rule, span: Span, text: bytes) -> bool:
    """Whether a vendor's rule took what is meant to be seen for a secret: `VENDOR_PUBLIC_KEY`, `vendor.py,sha256=…`."""
    if not rule.pattern.tails or rule.generic or rule.category is not Category.SECRET:
        return False
    if _DIGEST.search(bytes(text[max(0, span.value_start - _BEFORE_DIGEST) : span.value_start])):
        return True
    head = _as_text(view(bytes(text[span.start : span.value_start])))
    if not any(word in head.lower() for word in ("publi", "site", "search")):
        return False
    from modelguard.detectors.published import is_name_of_published

    return is_name_of_published(head)


_DIGEST = re.compile(rb"(?i:\bsha-?(?:1|224|256|384|512)|\bmd5|\bblake(?:2[bs]|3))[\"']?(?:=|: ?|-)[\"']?\Z")
_BEFORE_DIGEST = 16
"""So much before a value says which digest it is."""

_IN_LINE = 1000
"""Of the line around a value, how much on either side a check may read that drops nothing, in bytes."""


def line_around(rule: Rule, text: bytes, span: Span) -> str:
    """The line around a value, as it reads, if a check of the rule looks at it."""
    from modelguard.detectors.checks import look_at_line

    if not look_at_line(rule.checks):
        return ""
    before = text[max(0, span.value_start - _IN_LINE) : span.value_start].rpartition(b"\n")[2]
    after = text[span.value_end : span.value_end + _IN_LINE].partition(b"\n")[0]
    return _as_text(view(before + text[span.value_start : span.value_end] + after))


def said_of_line(rule: Rule, span: Span, text: bytes) -> dict[str, bool]:
    """Whether each of the rule's checks that read the line around the value passes."""
    checks = [check for check in rule.checks if check.startswith(_LINE)]
    if not checks:
        return {}
    from modelguard.detectors.checks import LINES

    before, value, after = _read(text, span, span.start - _LINE_REACH, span.end + _LINE_REACH)
    line = before.rpartition("\n")[2], value, after.partition("\n")[0]
    return {check: LINES[check.removeprefix(_LINE)](*line) for check in checks}


def said_around(rule: Rule, span: Span, text: bytes) -> dict[str, bool]:
    """Whether each of the rule's checks that read what stands around the value passes."""
    checks = [check for check in rule.checks if check.startswith(_AROUND)]
    if not checks:
        return {}
    from modelguard.detectors.checks import AROUND

    around = _read(text, span, span.start - AROUND_REACH, span.end + AROUND_REACH)
    return {check: AROUND[check.removeprefix(_AROUND)](*around) for check in checks}


_LINE, _AROUND = f"{LINE_CHECK}:", f"{AROUND_CHECK}:"
_LINE_REACH = JUDGED_EDGE - EDGE
"""How many bytes around a match matter, so that `JUDGED_EDGE` bytes of it have the view that they have in its text."""


def _read(text: bytes, span: Span, first: int, last: int) -> tuple[str, str, str]:
    """What stands before the value of a span, the value, and what stands behind it, as they read, as far as asked."""
    first = max(0, first)
    around = view(text[first:last])
    start, end = span.value_start - first, span.value_end - first
    return _as_text(around[:start]), _as_text(around[start:end]), _as_text(around[end:])


def _as_text(value: bytes) -> str:
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return value.decode("latin-1")
