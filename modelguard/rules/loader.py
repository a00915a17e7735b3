"""Reads rule files: YAML in, Rules out, or an error that names the file, the line and what to write instead."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from enum import Enum
from pathlib import Path
from typing import Any, TypeVar

from msgspec.structs import replace

from modelguard.engine.common import WORDS
from modelguard.engine.effort import check_bounded_test
from modelguard.engine.syntax import PatternError, derive, may_be_common, name_keywords
from modelguard.engine.views import EDGE
from modelguard.errors import RuleError
from modelguard.model import Category, Confidence, Severity
from modelguard.rules.interface import JUDGED_EDGE, LINE_CHECK, REGEX, Part, Rule
from modelguard.rules.near import name_pattern, near_pattern
from modelguard.yaml_lines import Located, YamlError, read_yaml

_Word = TypeVar("_Word", bound=Enum)

TEXTS = ("id", "title", "what", "why", "remedy", "preview")
LISTS = ("checks", "paths", "not_paths", "not_values", "was", "examples", "not_examples", "references", "near", "over")
OTHERS = (
    "category",
    "severity",
    "confidence",
    "pattern",
    "value",
    "word",
    "generic",
    "once",
    "judged",
    "structured",
    "end",
    "limit",
    "parts",
)
_ID = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)+")
_PART_PREVIEW = "prefix:4"
_PART_KEYS = {"name", "pattern", "preview", "alone"}
_VALUE = "(?P<value>"
_MARK = 2
"""A part is known by a literal of so many characters, or else by its name before it."""
_PREVIEW = re.compile(r"none|shape|prefix:[0-9]{1,2}")


def load_files(paths: list[Path]) -> list[Rule]:
    """The rules of `paths`, files of ours or folders of `*.yaml`, in the order of ids.

    Raises:
        RuleError: a file cannot be read, a key or value is not known, or two rules share an id.
    """
    rules: dict[str, Rule] = {}
    for path in _files(paths):
        for rule in load_file(path):
            if rule.id in rules:
                raise RuleError(f"{path}: the rule id {rule.id} is taken already", "Ids are unique; choose another.")
            rules[rule.id] = rule
    return [rules[name] for name in sorted(rules)]


def load_file(path: Path) -> list[Rule]:
    """The rules of one file of ours.

    Raises:
        RuleError: see `load_files`.
    """
    try:
        return load_rules(path, path.read_bytes(), ours=True)
    except OSError as error:
        raise RuleError(f"{path}: {error.strerror}", "Name a file or folder of rules that can be read.") from None


def load_rules(path: Path, content: bytes, ours: bool = False) -> list[Rule]:
    """The rules of one file with this content; whether it is one of `ours`, see `read_yaml`.

    Raises:
        RuleError: see `load_files`.
    """
    try:
        document = read_yaml(content, ours)
    except YamlError as error:
        raise RuleError(f"{path}:{error.line}: {error}", "Rule files are YAML; docs/rules.md shows one.") from None
    if not isinstance(document.value, list):
        raise RuleError(f"{path}:{document.line}: not a list of rules", "Begin each rule with `- id: ...`.")
    return [_rule(path, entry) for entry in document.value]


def make_rule(path: Path, entry: Mapping[str, Any]) -> Rule:
    """The rule that an entry of a rule file makes; its values have no lines.

    Raises:
        RuleError: a key or a value is not known.
    """
    return _rule(path, Located({key: _located(value) for key, value in entry.items()}, 0))


def _located(value: Any) -> Located:
    return Located([_located(item) for item in value] if isinstance(value, list) else value, 0)


def _files(paths: list[Path]) -> list[Path]:
    found: list[Path] = []
    for path in paths:
        inside = sorted(path.rglob("*.yaml")) if path.is_dir() else [path]
        if not inside:
            raise RuleError(f"{path}: holds no rule file (*.yaml)", "Name a folder that holds rules.")
        found.extend(inside)
    return found


def _rule(path: Path, entry: Located) -> Rule:
    if not isinstance(entry.value, dict):
        raise RuleError(f"{path}:{entry.line}: not a rule", "A rule is a mapping that begins with `id:`.")
    reader = _Reader(path, entry.line, entry.value)
    for key, located in entry.value.items():
        if key not in (*TEXTS, *LISTS, *OTHERS):
            raise reader.error(f"the key {key!r} is not known", located.line)
    name = reader.text("id")
    if not _ID.fullmatch(name):
        raise reader.error(f"the id {name!r} is not vendor-and-kind in kebab-case")
    preview = reader.text("preview")
    if not _PREVIEW.fullmatch(preview):
        raise reader.error(f"the preview {preview!r} is neither prefix:N nor shape nor none")
    try:
        end, limit = reader.optional("end", str), reader.optional("limit", int) or 0
        judged = reader.optional("judged", bool) or False
        looks_around = judged or any(check.startswith(f"{LINE_CHECK}:") for check in reader.texts("checks"))
        edge = JUDGED_EDGE if looks_around else EDGE
        pattern = derive(reader.regex(), end, limit, edge, called := reader.name())
        names = name_keywords(called) if called and reader.is_common() else ()
        if names:
            pattern = replace(pattern, common=True, keywords=names, hunt="", encoded=())
    except PatternError as error:
        raise reader.error(f"the pattern of {name} {error}") from None
    return Rule(
        id=name,
        title=reader.text("title"),
        category=reader.word("category", Category),
        severity=reader.word("severity", Severity),
        confidence=reader.word("confidence", Confidence),
        pattern=pattern,
        checks=reader.texts("checks"),
        preview=preview,
        what=reader.text("what"),
        why=reader.text("why"),
        remedy=reader.text("remedy"),
        parts=tuple(_part(path, located) for located in reader.optional("parts", list) or []),
        paths=reader.path_patterns("paths"),
        not_paths=reader.path_patterns("not_paths"),
        not_values=reader.tests("not_values", reader.texts("not_values")),
        over=reader.texts("over"),
        generic=reader.optional("generic", bool) or False,
        once=reader.optional("once", bool) or False,
        judged=judged,
        structured=reader.optional("structured", bool) is not False,
        was=reader.texts("was"),
        examples=reader.texts("examples"),
        not_examples=reader.texts("not_examples"),
        references=reader.texts("references"),
    )


def _part(path: Path, entry: Located) -> Part:
    reader = _Reader(path, entry.line, entry.value if isinstance(entry.value, dict) else {})
    if not isinstance(entry.value, dict) or not {"name", "pattern"} <= set(entry.value) <= _PART_KEYS:
        raise reader.error("a part has a `name` and a `pattern`, and may have a `preview` and `alone`")
    name, regex = reader.text("name"), reader.text("pattern")
    try:
        pattern = derive(regex if _VALUE in regex else f"{_VALUE}{regex})")
    except PatternError as error:
        raise reader.error(f"the pattern of the part {name!r} {error}") from None
    preview = reader.optional("preview", str) or _PART_PREVIEW
    if not _PREVIEW.fullmatch(preview):
        raise reader.error(f"the preview {preview!r} is neither prefix:N nor shape nor none")
    mark = min(map(len, pattern.keywords), default=0)
    return Part(name, regex, preview, reader.texts("alone"), mark < _MARK)


class _Reader:
    """Typed access to one rule's mapping; every failure names the file and the line."""

    def __init__(self, path: Path, line: int, entry: Mapping[str, Located]) -> None:
        self._path, self._line, self._entry = path, line, entry

    def error(self, message: str, line: int | None = None) -> RuleError:
        at = line or self._line
        where = f"{self._path}:{at}" if at else str(self._path)
        return RuleError(f"{where}: {message}", "docs/rules.md lists what a rule may say.")

    def optional(self, key: str, kind: type[Any]) -> Any:
        located = self._entry.get(key)
        if located is None:
            return None
        if not isinstance(located.value, kind):
            raise self.error(f"{key} is not a {kind.__name__}", located.line)
        return located.value

    def text(self, key: str) -> str:
        value: str | None = self.optional(key, str)
        if not value:
            raise self.error(f"{key} is missing")
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        values = self.optional(key, list) or []
        if not all(isinstance(value.value, str) for value in values):
            raise self.error(f"{key} is not a list of texts", self._entry[key].line)
        return tuple(value.value for value in values)

    def path_patterns(self, key: str) -> tuple[str, ...]:
        patterns = self.texts(key)
        self.tests(key, [pattern.removeprefix(REGEX) for pattern in patterns if pattern.startswith(REGEX)])
        return patterns

    def tests(self, key: str, regexes: Sequence[str]) -> tuple[str, ...]:
        """The regular expressions, which are looked for in a value or a path."""
        for regex in regexes:
            try:
                check_bounded_test(regex)
            except PatternError as error:
                raise self.error(f"{key}: {regex!r} {error}", self._entry[key].line) from None
        return tuple(regexes)

    def word(self, key: str, kind: type[_Word]) -> _Word:
        text = self.text(key)
        try:
            return kind(text)
        except ValueError:
            known = ", ".join(str(member.value) for member in kind)
            raise self.error(f"{key} is {text!r}, not one of {known}", self._entry[key].line) from None

    def name(self) -> str | None:
        """The part of a `near` rule's pattern that the name is."""
        near = self.texts("near")
        return name_pattern(near) if near else None

    def is_common(self) -> bool:
        """Whether the rule is of the form that common patterns have."""
        word = self.word_before()
        return bool(self.texts("near")) and word is not None and may_be_common(self.text("value"), word)

    def word_before(self) -> str | None:
        """What stands between the name and the value of a `near` rule, or None where nothing has to."""
        located = self._entry.get("word")
        if located is None:
            return WORDS
        if located.value is False:
            return None
        return self.text("word")

    def regex(self) -> Sequence[str]:
        """The pattern, in the parts in which it is written."""
        near = self.texts("near")
        if ("pattern" in self._entry) == bool(near):
            raise self.error("needs either `pattern` or `near` with `value`")
        if not near:
            in_parts = isinstance(self._entry["pattern"].value, list)
            return self.texts("pattern") if in_parts else (self.text("pattern"),)
        return near_pattern(near, self.text("value"), self.word_before())
