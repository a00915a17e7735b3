"""Allowlists of gitleaks, as far as they say it of values and paths (`not_values`, `not_paths`).

Whatever else they go by (commits, the line, several criteria at once) is left out: the rule then finds more, not less.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from modelguard.rules.foreign.draft import Table, path_tests, value_tests

_CRITERIA = ("commits", "paths", "regexes", "stopwords")


class Exceptions(NamedTuple):
    """What a rule does not speak of."""

    not_values: list[str]
    not_paths: list[str]


def exceptions(allowlists: Iterable[Table], whole: bool, notes: list[str]) -> Exceptions:
    """The exceptions that the allowlists make, and notes of those that they cannot.

    `whole`: the value of the rule is all that it matches, so an allowlist for matches is one for values.

    Raises:
        Untakable: a criterion is of another type.
    """
    found = Exceptions([], [])
    for table in allowlists:
        criteria = [name for name in _CRITERIA if table.values.get(name)]
        if table.text("condition").upper() in ("AND", "&&") and len(criteria) > 1:
            notes.append(f"finds more: an allowlist that holds where {' and '.join(criteria)} do")
            continue
        if "commits" in criteria:
            notes.append("finds more: an allowlist of commits")
        target = table.text("regextarget").lower() or "secret"
        regexes = table.texts("regexes")
        if regexes and target != "secret" and not (target == "match" and whole):
            notes.append(f"finds more: an allowlist for the whole {target}")
            regexes = ()
        found.not_values.extend(value_tests(regexes, table.texts("stopwords"), notes))
        found.not_paths.extend(path_tests(table.texts("paths"), notes))
    return found
