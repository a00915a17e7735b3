"""What every format shares: ids in our form, typed access to a rule's table, the entry of a rule file made of it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from modelguard.engine.effort import check_bounded_test
from modelguard.engine.syntax import PatternError
from modelguard.rules.foreign.dialect import DialectError
from modelguard.rules.foreign.translate import translated_test, words_test
from modelguard.rules.interface import REGEX

_TITLE = 60
_NOT_KEBAB = re.compile(r"[^a-z0-9]+")


class Untakable(ValueError):
    """A rule cannot be taken over; the message says why."""


class Table:
    """A table of a rule, with keys in any case; a value of another type makes the rule untakable."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self.values = {str(key).lower(): value for key, value in values.items()}

    def text(self, key: str) -> str:
        """A text, empty where there is none; of all but patterns without the blanks around it."""
        value = self.values.get(key, "")
        if not isinstance(value, str):
            raise Untakable(f"{key} is not a text")
        return value if key in ("regex", "pattern") else value.strip()

    def number(self, key: str) -> float:
        """A number, 0 where there is none."""
        value = self.values.get(key, 0)
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value < 1000:
            raise Untakable(f"{key} is not a number")
        return float(value)

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of texts."""
        value = self.values.get(key) or []
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise Untakable(f"{key} is not a list of texts")
        return tuple(value)

    def tables(self, key: str) -> list[Table]:
        """A list of tables; one by itself is a list of one."""
        value = self.values.get(key) or []
        if isinstance(value, dict):
            value = [value]
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            raise Untakable(f"{key} is not a list of tables")
        return [Table(item) for item in value]


def our_id(tool: str, source_id: str) -> str:
    """The id in our form, always the same one: small letters and digits, and a hyphen for all that is neither.

    An id of one word gets the name of the tool before it.
    """
    name = _NOT_KEBAB.sub("-", source_id.lower()).strip("-")
    return name if "-" in name else prefixed(tool, name)


def prefixed(tool: str, name: str) -> str:
    """An id that says which tool the rule comes from."""
    return name if name.startswith(f"{tool}-") else f"{tool}-{name}"


def entry(
    tool: str,
    source_id: str,
    title: str,
    pattern: Sequence[str],
    confidence: str = "medium",
    checks: Iterable[str] = (),
    **lists: Iterable[str],
) -> dict[str, Any]:
    """What a rule file would say of a rule for which its own tool gives no more than this."""
    said = " ".join((title or source_id).split())
    short = said if len(said) <= _TITLE else said[: _TITLE - 3].rsplit(" ", 1)[0] + "..."
    made: dict[str, Any] = {
        "id": our_id(tool, source_id),
        "title": short,
        "category": "secret",
        "severity": "high",
        "confidence": confidence,
        "pattern": pattern[0] if len(pattern) == 1 else list(pattern),
        "checks": list(checks),
        **{key: list(values) for key, values in lists.items()},
        "preview": "none",
        "what": said if said.endswith((".", "!", "?")) else f"{said}.",
        "why": f"A {tool} rule that was added to this scan ({source_id}) looks for it.",
        "remedy": "Revoke it where it was issued, then keep the new one out of what is published.",
    }
    if made["id"] != source_id:
        made["was"] = [source_id]
    return {key: value for key, value in made.items() if value != []}


def value_tests(regexes: Iterable[str], words: Sequence[str], notes: list[str], rust: bool = False) -> list[str]:
    """Patterns of values that are none; where one cannot be said in our syntax, a note."""
    found = [test for regex in regexes for test in _test(regex, rust, notes)]
    if words:
        try:
            found.append(words_test(words))
        except DialectError as error:
            notes.append(f"finds more: its list of words {error}")
    return found


def path_tests(regexes: Iterable[str], notes: list[str], called: str = "exception") -> list[str]:
    """The same for paths."""
    return [f"{REGEX}{test}" for regex in regexes for test in _test(regex, False, notes, called)]


def _test(regex: str, rust: bool, notes: list[str], called: str = "exception") -> list[str]:
    test, problem = _tested(regex, rust)
    if problem:
        notes.append(f"finds more: the {called} {regex!r} {problem}")
    return [test] if test else []


@lru_cache(maxsize=1024)
def _tested(regex: str, rust: bool) -> tuple[str, str]:
    """The pattern in our syntax, or why it cannot be said; allowlists for all rules are asked for again and again."""
    try:
        test = translated_test(regex, rust)
        check_bounded_test(test)
    except (DialectError, PatternError) as error:
        return "", str(error)
    return test, ""
