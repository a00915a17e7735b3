"""How findings meet labelled units: a real unit that a finding touches is found, one that is not is a false alarm."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from accuracy.scanners import Found
from accuracy.truth import Unit


@dataclass(frozen=True)
class Hits:
    """The units that were touched, each with the rules that did, and the reported lines that nobody labelled."""

    rules: dict[Unit, set[str]] = field(default_factory=dict)
    unlabelled: set[tuple[str, int]] = field(default_factory=set)


@dataclass(frozen=True)
class Tally:
    """Units found and false alarms, of so many that are real and that are not. A ratio of nothing is None."""

    found: int
    false_alarms: int
    real: int
    harmless: int

    @property
    def recall(self) -> float | None:
        """Of what is real, how much was found."""
        return self.found / self.real if self.real else None

    @property
    def precision(self) -> float | None:
        """Of the units that were reported, how many are real."""
        reported = self.found + self.false_alarms
        return self.found / reported if reported else None

    @property
    def f1(self) -> float | None:
        """The harmonic mean of precision and recall."""
        return 2 * self.found / (self.found + self.false_alarms + self.real) if self.real else None


def hits(units: Iterable[Unit], findings: Iterable[Found]) -> Hits:
    """Which units the findings touch. One that touches a real unit says nothing about harmless ones on its lines."""
    in_file: dict[str, list[Unit]] = defaultdict(list)
    for unit in units:
        in_file[unit.file].append(unit)
    met = Hits()
    for found in findings:
        touched = [unit for unit in in_file[found.file] if unit.start <= found.end and found.line <= unit.end]
        for unit in [unit for unit in touched if unit.real] or touched:
            met.rules.setdefault(unit, set()).add(found.rule)
        if not touched:
            met.unlabelled.add((found.file, found.line))
    return met


def tally(units: Sequence[Unit], met: Hits, group: str) -> Tally:
    """The count of the units of one group."""
    real = [unit for unit in units if group in unit.groups and unit.real]
    harmless = [unit for unit in units if group in unit.groups and not unit.real]
    found, false_alarms = (sum(unit in met.rules for unit in some) for some in (real, harmless))
    return Tally(found, false_alarms, len(real), len(harmless))
