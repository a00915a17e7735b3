"""Proves rules: ids, syntax, and each rule's own examples and counter-examples, in both engines."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from typing import Protocol

from modelguard.rules.interface import Rule
from modelguard.rules.templates import TemplateError, expand

MIN_EXAMPLES = 2
MIN_LITERAL = 3
SEEDS = range(3)

MOST_FILES = 0.01
"""Of the source files of Python's own library, the share that a vendor's rule may have looked at more closely."""

MOST_FILES_OF_GENERIC = 0.12
"""The same for rules that are generic, or bound to certain files."""


class Proofs(Protocol):
    """What the engines say of rules (`detectors.proving.Prover`)."""

    def finds(self, rule: Rule, text: str) -> dict[str, bool]:
        """The engines' names, and whether each of them finds the rule in a text."""
        ...

    def told(self, rule: Rule, text: str) -> Collection[str]:
        """The ids of all rules with a finding in a text, in a file that `rule` speaks in: one a value."""
        ...

    def shares(self) -> dict[str, float]:
        """Of ordinary source files, the share that each rule, by its id, has looked at more closely."""
        ...


def problems(
    rules: Sequence[Rule], known_check: Callable[[str], bool], proofs: Proofs, adopted: Collection[str] = ()
) -> Iterator[str]:
    """A sentence for everything that is wrong with `rules`; nothing where all is well.

    Those whose ids are in `adopted` come from other tools, which ask for less: only their own examples are proved.
    """
    names = [name for rule in rules for name in (rule.id, *rule.was)]
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield f"{name}: the id is used more than once"
    shares = proofs.shares()
    for rule in rules:
        found = _wrong_examples(rule, proofs) if rule.id in adopted else _problems(rule, known_check, proofs, shares)
        yield from (f"{rule.id}: {problem}" for problem in found)


def _problems(
    rule: Rule, known_check: Callable[[str], bool], proofs: Proofs, shares: dict[str, float]
) -> Iterator[str]:
    if len(rule.title) > 60:
        yield "the title has more than 60 characters"
    yield from (f"there is no check {check}" for check in rule.checks if not known_check(check))
    if not rule.references:
        yield "names no reference"
    shortest = min(map(len, rule.pattern.keywords), default=0)
    if shortest < MIN_LITERAL and not rule.paths:
        yield f"the pattern has no literal of at least {MIN_LITERAL} characters that every match holds"
    if len(rule.examples) < MIN_EXAMPLES or not rule.not_examples:
        yield f"needs at least {MIN_EXAMPLES} examples and one not_example"
    most = MOST_FILES_OF_GENERIC if rule.generic or rule.judged or rule.paths else MOST_FILES
    if rule.structured and shares.get(rule.id, 0.0) > most:
        yield f"has {shares[rule.id]:.1%} of ordinary source files looked at more closely; {most:.0%} is the limit"
    yield from _wrong_examples(rule, proofs)
    yield from _hidden_behind_others(rule, proofs)


def _hidden_behind_others(rule: Rule, proofs: Proofs) -> Iterator[str]:
    """A rule is worth having if it is the one to tell some value that it finds: of two on one value, one speaks."""
    if rule.judged:  # those are a family, of which any may speak
        return
    others: set[str] = set()
    for template in rule.examples:
        told = proofs.told(rule, _expanded(template))
        if rule.id in told:
            return
        others.update(told)
    if others:
        yield f"is never the one to tell what it finds: {', '.join(sorted(others))} does"


def _expanded(template: str) -> str:
    try:
        return expand(template)
    except TemplateError:
        return template


def _wrong_examples(rule: Rule, proofs: Proofs) -> Iterator[str]:
    for wanted, templates in ((True, rule.examples), (False, rule.not_examples)):
        for template in templates:
            try:
                texts = [expand(template, seed) for seed in SEEDS]
            except TemplateError as error:
                yield f"{template!r}: {error}"
                continue
            verdicts = [proofs.finds(rule, text) for text in texts]
            for engine in verdicts[0]:
                hits = sum(verdict[engine] for verdict in verdicts)
                if hits != (len(texts) if wanted else 0):
                    yield f"the {engine} engine finds {hits} of {len(texts)} expansions of {template!r}"
