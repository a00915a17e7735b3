"""Rules of gitleaks and betterleaks: TOML with `[[rules]]`, patterns in Go's syntax.

Keys as gitleaks' README.md lists them (https://github.com/gitleaks/gitleaks#configuration), and those that betterleaks
adds (https://github.com/betterleaks/betterleaks). The value is `secretGroup`, or the first group, or all of a match.
Expressions (`filter`, `validate`) are never run; only a lower bound of entropy is read out of one.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from modelguard.engine.syntax import PatternError, derive
from modelguard.errors import RuleError
from modelguard.rules.foreign.allowlists import exceptions
from modelguard.rules.foreign.dialect import DialectError
from modelguard.rules.foreign.draft import Table, Untakable, entry, path_tests
from modelguard.rules.foreign.extend import Config, read_config
from modelguard.rules.foreign.interface import Draft, Note, Taken
from modelguard.rules.foreign.translate import translated

_TAKEN = {
    "id", "description", "regex", "secretgroup", "entropy", "keywords", "path", "tags", "allowlist", "allowlists",
    "filter", "skipreport",
}  # fmt: skip
MAX_RULES = 5000
"""Of one file: each gets all allowlists that hold for the whole file."""

_LEFT_OUT = {
    "validate": "validate is never run",
    "required": "finds more: it no longer requires other rules nearby",
    "tokenefficiency": "finds more: without tokenEfficiency",
    "specificity": "specificity is not taken over",
}
_ENTROPY = re.compile(
    r'\s*(?:filter\.)?entropy\(finding\["secret"\]\)\s*<=?\s*([0-9]+(?:\.[0-9]+)?)\s*(\|\|.*)?', re.DOTALL
)


class Gitleaks:
    """A Format."""

    name = "gitleaks"

    def read(self, path: Path, content: bytes) -> Taken:
        """See `Format.read`."""
        config = read_config(path, content)
        if not config.rules:
            raise RuleError(f"{path}: holds no rules", "Name a file that has [[rules]].")
        if len(config.rules) > MAX_RULES:
            raise RuleError(f"{path}: holds more than {MAX_RULES} rules", "Take it apart.")
        drafts: list[Draft] = []
        notes: list[Note] = []
        shared: list[str] = []
        for number, rule in enumerate(config.rules, start=1):
            name = str(rule.values.get("id") or f"rule {number}")
            try:
                if rule.values.get("skipreport") is True:
                    notes.append(Note(name, "left out: it only serves other rules (skipReport)"))
                else:
                    drafts.append(_draft(rule, config, shared))
            except Untakable as error:
                notes.append(Note(name, str(error), lost=True))
            except DialectError as error:
                notes.append(Note(name, f"its regex {error}", lost=True))
        of_file = dict.fromkeys([*config.notes, *shared])
        return Taken(drafts, [*(Note("", text) for text in of_file), *notes])


def _draft(rule: Table, config: Config, shared: list[str]) -> Draft:
    """One rule; what is to be said of allowlists for all rules is added to `shared`."""
    source_id, regex = rule.text("id"), rule.text("regex")
    if not source_id:
        raise Untakable("it has no id")
    if not regex:
        raise Untakable(
            "it goes by the path alone" if rule.text("path") else "it has no regex: it changes a rule that is not here"
        )
    pattern = translated(regex, secret=int(rule.number("secretgroup")))
    notes = list(pattern.changes)
    made = exceptions([*rule.tables("allowlist"), *rule.tables("allowlists")], pattern.whole, notes)
    of_all = exceptions(config.for_rule(source_id), pattern.whole, shared)
    least = rule.number("entropy") or _entropy_of(rule.text("filter"), notes)
    notes += [text for key, text in _LEFT_OUT.items() if rule.values.get(key)]
    notes += [f"the key {key} is not known" for key in sorted(set(rule.values) - _TAKEN - set(_LEFT_OUT))]
    _tell_of_keywords(rule.texts("keywords"), pattern.parts, notes)
    entry_of_rule = entry(
        "gitleaks",
        source_id,
        rule.text("description"),
        pattern.parts,
        checks=[f"entropy>={least:g}"] if least else [],
        not_values=[*made.not_values, *of_all.not_values],
        paths=path_tests([regex for regex in (rule.text("path"),) if regex], notes, "path"),
        not_paths=[*made.not_paths, *of_all.not_paths],
    )
    return Draft(source_id, entry_of_rule, tuple(dict.fromkeys(notes)))


def _entropy_of(filter_text: str, notes: list[str]) -> float:
    """The least entropy that a betterleaks filter asks for; a note where it asks for more than that."""
    found = _ENTROPY.fullmatch(filter_text)
    if filter_text and (found is None or found[2]):
        notes.append("finds more: its filter is not run")
    return float(found[1]) if found else 0.0


def _tell_of_keywords(keywords: Sequence[str], parts: Sequence[str], notes: list[str]) -> None:
    """A rule asks for its keywords anywhere in a text; ours are those of its pattern."""
    try:
        held = derive(parts).keywords
    except PatternError:
        return
    if keywords and not held:
        notes.append("finds more: its keywords stand in no match, so they are not asked for")
