"""Proves rules: ids, syntax, and each rule's own examples and counter-examples, in both engines."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence

from modelguard.rules.interface import Rule
from modelguard.rules.templates import TemplateError, expand

MIN_EXAMPLES = 2
MIN_LITERAL = 3
SEEDS = range(3)

Finder = Callable[[Rule, str], dict[str, bool]]
"""Gives, for a rule and a text, the engines' names and whether each of them finds the rule there."""


def problems(
    rules: Sequence[Rule], known_check: Callable[[str], bool], finds: Finder, adopted: Collection[str] = ()
) -> Iterator[str]:
    """A sentence for everything that is wrong with `rules`; nothing where all is well.

    Those whose ids are in `adopted` come from other tools, which ask for less: only their own examples are proved.
    """
    names = [name for rule in rules for name in (rule.id, *rule.was)]
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield f"{name}: the id is used more than once"
    for rule in rules:
        found = _wrong_examples(rule, finds) if rule.id in adopted else _problems(rule, known_check, finds)
        yield from (f"{rule.id}: {problem}" for problem in found)


def _problems(rule: Rule, known_check: Callable[[str], bool], finds: Finder) -> Iterator[str]:
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
    yield from _wrong_examples(rule, finds)


def _wrong_examples(rule: Rule, finds: Finder) -> Iterator[str]:
    for wanted, templates in ((True, rule.examples), (False, rule.not_examples)):
        for template in templates:
            try:
                texts = [expand(template, seed) for seed in SEEDS]
            except TemplateError as error:
                yield f"{template!r}: {error}"
                continue
            verdicts = [finds(rule, text) for text in texts]
            for engine in verdicts[0]:
                hits = sum(verdict[engine] for verdict in verdicts)
                if hits != (len(texts) if wanted else 0):
                    yield f"the {engine} engine finds {hits} of {len(texts)} expansions of {template!r}"
