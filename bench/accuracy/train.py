"""Learns the weights of judgement: `python bench/accuracy/train.py --help`. Needs numpy and scikit-learn.

A logistic regression over evidence that is there or not, tested on groups (repositories, services) that it has not
learned from. What it learns from is told by its options; the made-up candidates are always among it. With --write the
weights go to `modelguard/rules/weights.json`, and with --letters the costs of letters are counted anew, too.
"""

from __future__ import annotations

import argparse
import json
import sys
import sysconfig
from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from accuracy.labelled import Finder, Labelled, harmless, labelled, letters, made_up
from modelguard.rules.prepared import WEIGHTS

_WEIGHTS = Path(WEIGHTS)
_FOLDS = 13
_LEAST_GROUPS = 2
_COUNTS = {"lines": 1.0, "examples": 0.5, "made": 0.4, "packages": 0.05}
_UNSEEN = 0.15
"""How much a candidate of each source counts, and less where nobody looked at its line."""
_STRENGTH = 0.3
_LEAST = 0.03
"""Weights below this are left away: they would not change a decision."""


def main() -> int:
    """Learn, and print how well it does on what it has not seen."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lines", type=Path, action="append", default=[], help="folder of labelled repositories")
    parser.add_argument("--examples", type=Path, action="append", default=[], help="folder of labelled examples")
    parser.add_argument("--packages", type=Path, action="append", default=[], help="folder of installed packages")
    parser.add_argument("--write", action="store_true", help="write the weights")
    parser.add_argument("--letters", action="store_true", help="count letters anew, in the standard library")
    arguments = parser.parse_args()
    if arguments.letters:
        _keep(pairs=letters([Path(sysconfig.get_paths()["stdlib"])]))
    found = _gathered(arguments)
    print(f"{len(found)} candidates, {sum(each.real is True for each in found)} of them real")
    model = _Model(found)
    for threshold in (0.5, 0.6, 0.7, 0.8):
        print(_told(found, model.unseen(), threshold))
    if arguments.write:
        bias, weights = model.learned()
        _keep(bias=bias, weights=weights)
        print(f"{len(weights)} weights written")
    return 0


def _gathered(arguments: argparse.Namespace) -> list[Labelled]:
    find = Finder()
    found: list[Labelled] = []
    for folder in arguments.lines:
        found += labelled(folder, "lines", find)
    for folder in arguments.examples:
        found += labelled(folder, "examples", find)
    for folder in arguments.packages:
        found += harmless(folder, find)
    return [*found, *made_up(find)]


class _Model:
    """The regression: once with everything, and once for each fold without it."""

    def __init__(self, found: Sequence[Labelled]) -> None:
        import numpy
        from scipy.sparse import csr_matrix

        groups: dict[str, set[str]] = defaultdict(set)
        for each in found:
            for name in each.evidence:
                groups[name].add(each.group)
        self._names = sorted(name for name, seen in groups.items() if len(seen) >= _LEAST_GROUPS)
        at = {name: number for number, name in enumerate(self._names)}
        rows, columns = [], []
        for number, each in enumerate(found):
            for name in each.evidence:
                if name in at:
                    rows.append(number)
                    columns.append(at[name])
        shape = (len(found), len(self._names))
        self._matrix = csr_matrix((numpy.ones(len(rows)), (rows, columns)), shape=shape)
        self._real = numpy.array([each.real is True for each in found])
        alike = Counter((each.source, each.group, each.candidate.name, each.candidate.value) for each in found)
        self._counts = numpy.array([_count(each, alike) for each in found])
        order = {group: number % _FOLDS for number, group in enumerate(sorted({each.group for each in found}))}
        self._folds = numpy.array([order[each.group] for each in found])

    def unseen(self) -> Any:
        """How likely each candidate is, by what was learned without its group."""
        import numpy

        likely = numpy.zeros(len(self._real))
        for fold in range(_FOLDS):
            held = self._folds == fold
            likely[held] = self._fit(~held).predict_proba(self._matrix[held])[:, 1]
        return likely

    def learned(self) -> tuple[float, dict[str, float]]:
        """The bias and the weights."""
        fitted = self._fit(self._counts > 0)
        weights = {name: round(float(weight), 2) for name, weight in zip(self._names, fitted.coef_[0], strict=True)}
        return round(float(fitted.intercept_[0]), 2), {
            name: weight for name, weight in weights.items() if abs(weight) >= _LEAST
        }

    def _fit(self, chosen: Any) -> Any:
        from sklearn.linear_model import LogisticRegression

        model = LogisticRegression(C=_STRENGTH, max_iter=400)
        return model.fit(self._matrix[chosen], self._real[chosen], sample_weight=self._counts[chosen])


def _count(each: Labelled, alike: Counter[tuple[str, str, str, str]]) -> float:
    same = alike[(each.source, each.group, each.candidate.name, each.candidate.value)]
    return float(_COUNTS[each.source] / same**0.5) * (_UNSEEN if each.real is None else 1.0)


def _told(found: Sequence[Labelled], likely: Any, threshold: float) -> str:
    """Precision and recall among candidates, by source; a line of several candidates counts once."""
    lines: dict[tuple[str, str, int], list[bool]] = {}
    for each, probability in zip(found, likely, strict=True):
        if each.real is None or each.source in ("made", "packages"):
            continue
        line = lines.setdefault((each.source, each.file, each.line), [False, False])
        line[0] |= each.real
        line[1] |= bool(probability >= threshold)
    told = []
    for source in ("lines", "examples"):
        hits = Counter((real, hit) for (origin, _, _), (real, hit) in lines.items() if origin == source)
        right, wrong, missed = hits[True, True], hits[False, True], hits[True, False]
        told.append(f"{source}: {right} right, {wrong} wrong, {missed} missed")
    loud = sum(bool(p >= threshold) for each, p in zip(found, likely, strict=True) if each.source == "packages")
    return f"{threshold}: {'; '.join(told)}; packages: {loud}"


def _keep(**changed: object) -> None:
    known = json.loads(_WEIGHTS.read_text("utf-8")) if _WEIGHTS.exists() else {"bias": 0.0, "weights": {}, "pairs": []}
    _WEIGHTS.write_text(json.dumps({**known, **changed}, separators=(",", ":")) + "\n", "utf-8")


if __name__ == "__main__":
    sys.exit(main())
