"""All detectors of a scan as one: what is in a text, and which rules that speaks of."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from msgspec.structs import replace

from modelguard.budget import Budget
from modelguard.detectors.interface import Detection
from modelguard.detectors.mark_pattern import MARK_PATTERN
from modelguard.detectors.paths import speaks_in
from modelguard.detectors.patterns import Asked, Heard, Hint, PatternDetector
from modelguard.model import Window
from modelguard.readers.wide import read_wide
from modelguard.rules.interface import Rule
from modelguard.rules.ruleset import RuleSet
from modelguard.settings import Settings

if TYPE_CHECKING:
    from modelguard.detectors.interface import Detector

UNJUDGED = "?"
"""Stands among rule ids for a detector that broke, or stopped before it was done."""


class Detecting:
    """Detects in one text at a time. `expected_bytes` is how much text there may be; None where it may be any."""

    def __init__(self, rules: Sequence[Rule], settings: Settings, expected_bytes: int | None, budget: Budget) -> None:
        chosen = RuleSet.of(rules)
        usual = chosen.where(lambda rule: not (rule.foreign or rule.of_sort))
        self.patterns = PatternDetector(usual, [MARK_PATTERN], expected_bytes)
        self.others = _other_detectors(settings)
        self._of_sort = chosen.where(lambda rule: rule.of_sort)
        self._patterns_of_sort: PatternDetector | None = None
        self._rules = chosen
        self._budget = budget

    @cached_property
    def _ids(self) -> set[str]:
        return {rule.id for rule in self._rules.listed}

    @cached_property
    def _bound(self) -> dict[str, int]:
        """The numbers of rules that are silent in some files."""
        listed = enumerate(self._rules.listed)
        return {rule.id: number for number, rule in listed if rule.bound and not rule.of_sort}

    def detect(
        self,
        text: bytes,
        path: Callable[[], str] | None,
        owned: Callable[[int], bool] = lambda offset: True,
        sort: str = "",
    ) -> Detection:
        """What is in a text, of which only what begins at `owned` offsets is asked for.

        `path` tells where it lies (None: at no place in particular), and `sort` what it is, for rules of that sort.
        """
        detection = self.patterns.detect(text, path, owned)
        for detector in self.others:
            other = detector.detect(text, path, owned)
            asked_for = tuple(match for match in other.matches if match.rule.id in self._ids)
            detection = detection.joined(replace(other, matches=asked_for))
        if sort and self._of_sort:
            # A database of their own: what they look for is in no other text worth the time.
            if self._patterns_of_sort is None:
                self._patterns_of_sort = PatternDetector(self._of_sort)
            detection = detection.joined(self._patterns_of_sort.detect(text, path, owned))
        return detection

    def rules_in_each(self, asked: Sequence[Asked]) -> list[Heard]:
        """As `rules_in`, of many texts.

        Where only parts are asked for: the rules that match near one of them; if that is not near, look at all of it.
        """
        said = self.patterns.rules_in(asked)
        for number, heard in enumerate(said):
            if heard.wide or heard.hidden or self.others:
                text, parts = asked[number]
                whole = parts is None
                said[number] = self._more(Window(text, 0, 0, len(text)), heard) if whole else heard._replace(near=False)
        return said

    def rules_in(self, window: Window) -> Heard:
        """The rules that match in a window."""
        return self._more(window, *self.patterns.rules_in([Asked(window.data)]))

    def may_hold_glued(self, text: bytes) -> bool:
        """See `PatternDetector.may_hold_glued`."""
        return self.patterns.may_hold_glued(text)

    def _more(self, window: Window, heard: Heard) -> Heard:
        """What else is heard in a window: by other detectors, in text of wide characters, and in what is encoded."""
        if not heard.wide and not heard.hidden and not self.others:
            return heard
        rules = heard.rules | self._others_in(window.data) | self._rules_under(window.data, heard.hidden)
        for segment in read_wide(window) if heard.wide or self.others else ():
            (wide,) = self.patterns.rules_in([Asked(segment.text)])
            rules |= wide.rules | self._others_in(segment.text) | self._rules_under(segment.text, wide.hidden)
        return Heard(rules, heard.wide, near=False)

    def _rules_under(self, text: bytes, hidden: tuple[Hint, ...]) -> set[str]:
        """The rules that match in what is encoded in a text."""
        if not hidden:
            return set()
        from modelguard.layers import Uncovering

        rules: set[str] = set()

        def hear(decoded: bytes) -> Detection:
            (heard,) = self.patterns.rules_in([Asked(decoded)])
            rules.update(heard.rules, self._others_in(decoded))
            return Detection(wide=heard.wide, hidden=heard.hidden)

        uncovering = Uncovering(hear, self._budget)
        uncovering.under(text, Detection(hidden=hidden))
        return rules | ({UNJUDGED} if uncovering.problems else set())

    def _others_in(self, text: bytes) -> set[str]:
        found: set[str] = set()
        for detector in self.others:
            detection = detector.detect(text, None)
            found.update(match.rule.id for match in detection.matches if match.rule.id in self._ids)
            if detection.problems or detection.unjudged:
                found.add(UNJUDGED)
        return found

    def speaks(self, rules: Collection[str], path: str) -> bool:
        """Whether any of these rules, given by id, speaks in a file at `path`."""
        return any(rule not in self._bound or speaks_in(self._rules[self._bound[rule]], path) for rule in rules)

    def is_told_once(self, rule: str) -> bool:
        """Whether a rule, given by id, is told once a file however often it matches there."""
        number = self._bound.get(rule)
        return number is not None and self._rules[number].once


def _other_detectors(settings: Settings) -> Sequence[Detector]:
    """Detectors besides our own rules, which are loaded only when somebody asks for them."""
    if not settings.with_detectors:
        return []
    from modelguard.detectors.others import others

    return others(settings.with_detectors, settings.detect_secrets_plugins)
