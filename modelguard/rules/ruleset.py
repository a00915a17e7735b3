"""Many rules as a scan holds them: what it must know of every one lies ready, each rule is made when it is looked at.

A commit hook starts for a few lines of text, of which one or two rules have anything to say.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from typing import overload

from msgspec import Struct

from modelguard.engine.interface import Patterns, identity
from modelguard.model import Category
from modelguard.rules.interface import Rule


class Listed(Struct, frozen=True, array_like=True, gc=False):
    """A rule in a list: its id and what it was called before, what it is about, and where it stands in a file of rules.

    `digest` identifies it, as far as it decides what is found, and `identity` its pattern: 16 hexadecimal digits each.
    `bound` rules are silent in some files, those `of_sort` in all but texts of a sort. `size` and `start` are in bytes.
    """

    id: str
    was: tuple[str, ...]
    digest: str
    identity: str
    category: Category
    structured: bool
    bound: bool
    judged: bool
    foreign: bool
    of_sort: bool
    start: int = 0
    size: int = 0


def listed(rule: Rule, start: int = 0, size: int = 0) -> Listed:
    """The entry of a rule."""
    return Listed(
        id=rule.id,
        was=rule.was,
        digest=_digest(rule),
        identity=identity(rule.pattern),
        category=rule.category,
        structured=rule.structured,
        bound=bool(rule.paths or rule.not_paths),
        judged=rule.judged,
        foreign=rule.foreign,
        of_sort=rule.of_sort,
        start=start,
        size=size,
    )


class RuleSet(Sequence[Rule]):
    """Rules in order; ids are unique. `make` gives the rule of an entry where it is not `made` yet."""

    def __init__(
        self, entries: Iterable[Listed], make: Callable[[Listed], Rule], made: dict[str, Rule] | None = None
    ) -> None:
        self.listed = tuple(entries)
        self._make = make
        self._made: dict[str, Rule] = {} if made is None else made

    @staticmethod
    def of(rules: Iterable[Rule]) -> RuleSet:
        """The same, where they may be there already."""
        if isinstance(rules, RuleSet):
            return rules
        made = {rule.id: rule for rule in rules}
        return RuleSet(map(listed, made.values()), lambda entry: made[entry.id], made)

    def __reduce__(self) -> tuple[Callable[[tuple[Rule, ...]], RuleSet], tuple[tuple[Rule, ...]]]:
        return RuleSet.of, (tuple(self),)

    def __len__(self) -> int:
        return len(self.listed)

    @overload
    def __getitem__(self, index: int) -> Rule: ...

    @overload
    def __getitem__(self, index: slice) -> RuleSet: ...

    def __getitem__(self, index: int | slice) -> Rule | RuleSet:
        if isinstance(index, slice):
            return RuleSet(self.listed[index], self._make, self._made)
        entry = self.listed[index]
        known = self._made.get(entry.id)
        if known is None:
            known = self._made[entry.id] = self._make(entry)
        return known

    def where(self, wanted: Callable[[Listed], bool]) -> RuleSet:
        """Those whose entries are wanted."""
        return RuleSet(filter(wanted, self.listed), self._make, self._made)

    def with_added(self, rules: Iterable[Rule]) -> RuleSet:
        """These rules as well; one with the id of another takes its place."""
        added = {rule.id: rule for rule in rules}
        entries = {entry.id: entry for entry in self.listed} | {rule.id: listed(rule) for rule in added.values()}
        return RuleSet(entries.values(), self._make, {**self._made, **added})

    def patterns(self) -> Patterns:
        """The patterns, in the same order."""
        return Patterns((entry.identity for entry in self.listed), lambda number: self[number].pattern)


def _digest(rule: Rule) -> str:
    told = (
        rule.id,
        rule.pattern.regex,
        f"{rule.pattern.end} {rule.pattern.limit} {rule.judged} {rule.generic}",
        *rule.checks,
        *map(str, rule.parts),
        *rule.paths,
        *rule.over,
        "not in",
        *rule.not_paths,
        "no value",
        *rule.not_values,
        str(rule.severity),
        str(rule.confidence),
    )
    return hashlib.sha256(chr(0).join(told).encode()).hexdigest()[:16]
