"""The noun of this room: a Rule, checked and prepared."""

from __future__ import annotations

from msgspec import Struct

from modelguard.engine.interface import Pattern
from modelguard.model import Category, Confidence, RuleHelp, Severity

REGEX = "re:"
"""Before a pattern of paths that is a regular expression instead of a gitignore-style line."""

JUDGED_EDGE = 104
"""Of a rule that looks at the line around a match: how much on either side of it may be looked at, in bytes."""

LINE_CHECK = "line"
"""What the checks are called that look at the line around a value: `line:NAME`."""

AROUND_CHECK = "around"
"""What the checks are called that look at what stands around a value, on other lines, too: `around:NAME`."""

AROUND_REACH = 1024
"""How much of it on either side these look at, in bytes. They are asked only where a text is looked at as a whole."""


class Part(Struct, frozen=True, omit_defaults=True):
    """What belongs to a credential besides the secret itself: an account number, a client id, a user name.

    `regex` is in the syntax of patterns; its group `value`, or all of a match where it has none, is the part.
    `preview` says how it is shown. `alone` names the rules that find it where it stands alone. `needs_name` is set
    where the pattern has no mark of its own: then the part is only believed where its name stands before it.
    """

    name: str
    regex: str
    preview: str
    alone: tuple[str, ...] = ()
    needs_name: bool = False


class Rule(Struct, frozen=True, omit_defaults=True):
    """What a leak looks like and what to do about it; `docs/rules.md` says what each field means.

    `examples` and `not_examples` are templates. `was` holds ids that this rule had before.
    `over` names rules that give way to this one on the same value, however sure they are.
    A value in which one of `not_values` is found is none; in files that match one of `not_paths` the rule is silent.
    `structured` is false for personal data that no structure proves, which is only looked for when all of it is.
    `judged` rules find candidates, of which `detectors.judgement` says how likely each is real.
    Values of rules that speak `once` are told once a file: where they stand again, nobody learns more.
    `foreign` rules are another tool's, which finds what they say itself: they have no pattern here.
    """

    id: str
    title: str
    category: Category
    severity: Severity
    confidence: Confidence
    pattern: Pattern
    checks: tuple[str, ...]
    preview: str
    what: str
    why: str
    remedy: str
    parts: tuple[Part, ...] = ()
    paths: tuple[str, ...] = ()
    over: tuple[str, ...] = ()
    not_paths: tuple[str, ...] = ()
    not_values: tuple[str, ...] = ()
    generic: bool = False
    judged: bool = False
    structured: bool = True
    foreign: bool = False
    once: bool = False
    was: tuple[str, ...] = ()
    examples: tuple[str, ...] = ()
    not_examples: tuple[str, ...] = ()
    references: tuple[str, ...] = ()

    @property
    def looks_around(self) -> bool:
        """Whether one of its checks sees more than the line."""
        return any(check.startswith(f"{AROUND_CHECK}:") for check in self.checks)

    @property
    def of_sort(self) -> bool:
        """Whether it only speaks in texts of a sort, as `paths: [':vocabulary']` says."""
        return bool(self.paths) and all(line.startswith((":", "!")) for line in self.paths)

    @property
    def help(self) -> RuleHelp:
        """The part that people read."""
        return RuleHelp(
            id=self.id,
            title=self.title,
            category=self.category,
            severity=self.severity,
            confidence=self.confidence,
            what=self.what,
            why=self.why,
            remedy=self.remedy,
            references=self.references,
        )
