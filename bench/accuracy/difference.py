"""What a change to rules did: findings by rule and package, and each unit newly found or lost; never a value."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from table import grid

from accuracy.scanners import Found
from accuracy.tables import Case, met_by, package_of
from accuracy.truth import Unit
from modelguard.reports.escape import printable


def difference(case: Case, before: Sequence[Found], after: Sequence[Found]) -> list[str]:
    """The tables of a case; empty ones where nothing changed."""
    rules = _rules(case, before, after)
    return [rules, _units(case, before, after) if case.units else _findings(case, before, after)]


def _rules(case: Case, before: Sequence[Found], after: Sequence[Found]) -> str:
    """The findings by rule that are not as many as they were; by package, too, where that is what folders are."""
    earlier, later = _counted(case, before), _counted(case, after)
    rows = [
        [*of, str(earlier[of]), str(later[of]), f"{later[of] - earlier[of]:+}"]
        for of in sorted({*earlier, *later})
        if earlier[of] != later[of]
    ]
    return grid([f"{case.name}: rule", "in", "before", "after", "difference"], rows)


def _counted(case: Case, findings: Iterable[Found]) -> Counter[tuple[str, str]]:
    return Counter((found.rule, "" if case.units else package_of(found)) for found in findings)


def _units(case: Case, before: Sequence[Found], after: Sequence[Found]) -> str:
    """The labelled units that were not touched and are now, and the other way round."""
    earlier, later = met_by(case, before).rules, met_by(case, after).rules
    rows = [
        [deed, "T" if unit.real else "F", _place(unit), unit.about, ", ".join(sorted(rules[unit]))]
        for deed, rules, others in (("new", later, earlier), ("lost", earlier, later))
        for unit in sorted(rules.keys() - others.keys(), key=lambda unit: (not unit.real, unit.file, unit.start))
    ]
    return grid([case.name, "label", "where", "what", "rules"], rows)


def _place(unit: Unit) -> str:
    return printable(unit.file if unit.whole else f"{unit.file}:{unit.start}")


def _findings(case: Case, before: Sequence[Found], after: Sequence[Found]) -> str:
    """The findings that were not there and are now, and the other way round."""
    earlier, later = _lines(before), _lines(after)
    rows = [
        [deed, printable(f"{file}:{line}"), rule]
        for deed, changed in (("new", later - earlier), ("lost", earlier - later))
        for file, line, rule in sorted(changed.elements())
    ]
    return grid([case.name, "where", "rule"], rows)


def _lines(findings: Iterable[Found]) -> Counter[tuple[str, int, str]]:
    return Counter((found.file, found.line, found.rule) for found in findings)
