"""Kingfisher's rules, and Nosey Parker's, whose form they have: YAML with a list `rules`, patterns in Rust's syntax.

Keys as Kingfisher's docs/RULES.md lists them (https://github.com/mongodb/kingfisher). Nothing in a rule is ever run: of
`validation` and `revocation` only the keys are looked at. The value is the first group of a match, or all of it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from modelguard.errors import RuleError
from modelguard.rules.foreign.dialect import DialectError
from modelguard.rules.foreign.draft import Table, Untakable, entry, value_tests
from modelguard.rules.foreign.interface import Draft, Note, Taken
from modelguard.rules.foreign.translate import translated
from modelguard.yaml_lines import YamlError, read_yaml

_TAKEN = {
    "id", "name", "pattern", "min_entropy", "confidence", "examples", "negative_examples", "references", "visible",
    "pattern_requirements", "categories", "description",
}  # fmt: skip
_NEVER_RUN = ("validation", "revocation", "prevalidated")
_AT_LEAST = {"min_digits": "has-digit", "min_uppercase": "has-upper", "min_lowercase": "has-lower"}


class Kingfisher:
    """A Format."""

    name = "kingfisher"

    def read(self, path: Path, content: bytes) -> Taken:
        """See `Format.read`."""
        try:
            document = read_yaml(content).plain()
        except YamlError as error:
            raise RuleError(f"{path}:{error.line}: {error}", "Rule files are plain YAML, without aliases.") from None
        rules = document.get("rules") if isinstance(document, dict) else None
        if not isinstance(rules, list) or not rules:
            raise RuleError(f"{path}: holds no rules", "Name a file that has a list `rules`.")
        drafts: list[Draft] = []
        notes: list[Note] = []
        for number, rule in enumerate(rules, start=1):
            name = str(rule.get("id") or f"rule {number}") if isinstance(rule, dict) else f"rule {number}"
            try:
                if not isinstance(rule, dict):
                    raise Untakable("it is not a mapping")
                if rule.get("visible") is False:
                    notes.append(Note(name, "left out: it only serves other rules (visible: false)"))
                else:
                    drafts.append(_draft(Table(rule)))
            except Untakable as error:
                notes.append(Note(name, str(error), lost=True))
            except DialectError as error:
                notes.append(Note(name, f"its pattern {error}", lost=True))
        return Taken(drafts, notes)


def _draft(table: Table) -> Draft:
    source_id = table.text("id")
    if not source_id:
        raise Untakable("it has no id")
    pattern = translated(table.text("pattern"), rust=True)
    notes = [*pattern.changes, *_left_out(table)]
    checks = [f"entropy>={entropy:g}"] if (entropy := table.number("min_entropy")) else []
    words: tuple[str, ...] = ()
    for requirements in table.tables("pattern_requirements"):
        checks += _required(requirements, notes)
        words = requirements.texts("ignore_if_contains")
    confidence = table.text("confidence").lower() or "medium"
    made = entry(
        "kingfisher",
        source_id,
        table.text("name"),
        pattern.parts,
        confidence if confidence in ("low", "medium", "high") else "medium",
        checks,
        not_values=value_tests((), words, notes, rust=True),
        references=table.texts("references"),
    )
    return Draft(source_id, made, tuple(notes), _examples(table, "examples"), _examples(table, "negative_examples"))


def _left_out(table: Table) -> list[str]:
    notes = [f"{key} is never run" for key in _NEVER_RUN if table.values.get(key)]
    if table.values.get("depends_on_rule"):
        notes.append("finds more: it no longer depends on another rule")
    unknown = set(table.values) - _TAKEN - {*_NEVER_RUN, "depends_on_rule"}
    return notes + [f"the key {key} is not known" for key in sorted(unknown)]


def _required(requirements: Table, notes: list[str]) -> list[str]:
    """The checks that stand for requirements; a note for each that has none."""
    checks = []
    for key, value in requirements.values.items():
        if key in _AT_LEAST and requirements.number(key) >= 1:
            checks.append(_AT_LEAST[key])
        if key not in (*_AT_LEAST, "ignore_if_contains", "special_chars") or (key in _AT_LEAST and value > 1):
            notes.append(f"finds more: the requirement {key}: {value if isinstance(value, (int, float)) else '...'}")
    return checks


def _examples(table: Table, key: str) -> tuple[str, ...]:
    values: Any = table.values.get(key) or []
    return tuple(value for value in values if isinstance(value, str)) if isinstance(values, list) else ()
