"""What was counted, as Markdown tables: scores by scanner, and what packages hold by rule."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from table import grid

from accuracy.scanners import Found
from accuracy.score import Hits, Tally, hits, tally
from accuracy.truth import ALL, Unit

Findings = Mapping[str, Sequence[Found]]
"""What each scanner found."""


@dataclass(frozen=True)
class Case:
    """Texts that are scanned, and what is known of them: units in groups, or nothing of packages."""

    name: str
    units: Sequence[Unit] = ()
    groups: Sequence[str] = ()


def scores(case: Case, findings: Findings) -> str:
    """Each group's counts by scanner; findings that are no secret are left out. Empty where nothing is labelled."""
    met = {name: met_by(case, found) for name, found in findings.items()}
    rows = [
        [group, name, *_cells(tally(case.units, of, group)), str(len(of.unlabelled)) if group == ALL else ""]
        for group in case.groups
        if any(group in unit.groups for unit in case.units)
        for name, of in met.items()
    ]
    head = [case.name, "scanner", "tp", "of", "recall", "fp", "of", "precision", "F1", "unlabelled lines"]
    return grid(head, rows)


def met_by(case: Case, findings: Iterable[Found]) -> Hits:
    """The units that secrets among the findings touch."""
    return hits(case.units, [found for found in findings if found.secret])


def lines_reported(case: Case, findings: Findings) -> str:
    """On how many lines of how many files each scanner reports secrets."""
    rows = []
    for name, found in findings.items():
        lines = {(each.file, each.line) for each in found if each.secret}
        rows.append([name, str(len(lines)), str(len({file for file, _ in lines}))])
    return grid([case.name, "lines", "files with any"], rows)


def by_rule(case: Case, findings: Iterable[Found]) -> str:
    """How many findings each rule has, and in which packages."""
    packages: dict[str, Counter[str]] = defaultdict(Counter)
    for found in findings:
        packages[found.rule][package_of(found)] += 1
    rows = []
    for rule, held in sorted(packages.items(), key=lambda each: (-each[1].total(), each[0])):
        rows.append([rule, str(held.total()), ", ".join(f"{name} {count}" for name, count in held.most_common())])
    return grid([case.name, "findings", "in"], rows)


def package_of(found: Found) -> str:
    """The first folder, which is the package or the repository."""
    return found.file.partition("/")[0]


def _cells(of: Tally) -> list[str]:
    counts = [str(of.found), str(of.real), _ratio(of.recall), str(of.false_alarms), str(of.harmless)]
    return [*counts, _ratio(of.precision), _ratio(of.f1)]


def _ratio(value: float | None) -> str:
    return "" if value is None else f"{value:.3f}"
