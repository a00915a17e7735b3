"""Candidates with labels, from data that lies outside the project: what `train.py` learns from.

A folder of labelled data holds `files/` and `truth.jsonl`, a JSON object a line with `file`, `line_start`, `line_end`,
`label` (T, F or X, which counts as F), `value` where it is known and what it is grouped by: `repo` or `rule_id`.
"""

from __future__ import annotations

import json
import os
import re
import sys
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from accuracy.made import made
from modelguard.detectors.judgement.candidate import Candidate, candidate_of, is_pair
from modelguard.detectors.judgement.evidence import evidence
from modelguard.detectors.paths import speaks_in
from modelguard.engine.choose import choose
from modelguard.rules.prepared import builtin_rules

_LINE_END = re.compile(rb"\r\n|\r|\n")
_READ = tuple(".py .json .txt .md .yaml .yml .cfg .ini .toml .js .html .rst .ipynb".split())
_LARGEST = 2_000_000


@dataclass(frozen=True)
class Labelled:
    """One candidate. `source` is which data it is from, `group` what must not be split between learning and testing.

    `real` is None where nobody looked at its line. `line` counts from 1 in `file`.
    """

    source: str
    group: str
    file: str
    line: int
    candidate: Candidate
    evidence: tuple[str, ...]
    real: bool | None


class Finder:
    """Finds candidates as a scan does."""

    def __init__(self) -> None:
        self._rules = [rule for rule in builtin_rules() if rule.judged]
        self._engine = choose([rule.pattern for rule in self._rules], None)

    def __call__(self, text: bytes, path: str) -> Iterator[tuple[int, Candidate]]:
        """Every candidate in a text, with the offset of its value."""
        rules = self._rules
        scan = self._engine.scan(text, lambda number: speaks_in(rules[number], path))
        for span in scan.spans:
            candidate = candidate_of(rules[span.pattern].id, text, span, path)
            if is_pair(candidate):
                yield span.value_start, candidate


def labelled(folder: Path, source: str, find: Finder) -> Iterator[Labelled]:
    """The candidates in a folder of labelled data; those on a true line that are not its value are left out."""
    rows: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for line in (folder / "truth.jsonl").read_text("utf-8").splitlines():
        row = json.loads(line)
        rows[row["file"]].append(row)
    for file, told in rows.items():
        text = (folder / "files" / file).read_bytes()
        starts = [0, *(found.end() for found in _LINE_END.finditer(text))]
        group = str(told[0].get("repo") or told[0].get("rule_id"))
        path = file.partition("/")[2] if "repo" in told[0] else file
        for offset, candidate in find(text, path):
            number = bisect_right(starts, offset)
            here = [row for row in told if row["line_start"] <= number <= row["line_end"]]
            true = [row for row in here if row["label"] == "T"]
            if true and not any(_is_same(candidate.value, row.get("value")) for row in true):
                continue
            real = True if true else False if here else None
            yield _of(source, group, file, number, candidate, real)


def harmless(folder: Path, find: Finder) -> Iterator[Labelled]:
    """The candidates in installed packages, all taken for harmless: many have looked at them."""
    for place, _, names in sorted(os.walk(folder)):
        for name in sorted(names):
            path = Path(place, name)
            if not name.endswith(_READ) or path.is_symlink() or path.stat().st_size > _LARGEST:
                continue
            file = str(path.relative_to(folder))
            for _, candidate in find(path.read_bytes(), file):
                yield _of("packages", file.partition("/")[0], file, 0, candidate, False)


def made_up(find: Finder) -> Iterator[Labelled]:
    """The candidates in made-up lines (see `made`)."""
    for number, (path, text, value, real) in enumerate(made()):
        for _, candidate in find(text.encode(), path):
            if _is_same(candidate.value, value):
                yield _of("made", f"made {number % 50}", path, 1, candidate, real)


def _of(source: str, group: str, file: str, line: int, candidate: Candidate, real: bool | None) -> Labelled:
    return Labelled(source, group, file, line, candidate, tuple(evidence(candidate)), real)


def _is_same(value: str, told: str | None) -> bool:
    one, other = value.strip(), (told or "").strip()
    return told is None or bool(one and other and (one in other or other in one))


def letters(folders: Sequence[Path]) -> list[list[float]]:
    """What each letter costs behind each other one, and first, in bits, in the words of the Python files of folders."""
    from math import log2

    counts = [[0.5] * 26 for _ in range(27)]
    for folder in folders:
        for path in sorted(folder.rglob("*.py")):
            if "test" in path.parts or "site-packages" in path.parts:
                continue
            for word in re.findall(r"[a-z]+", path.read_text("utf-8", "ignore").lower()):
                last = 26
                for char in word:
                    counts[last][ord(char) - 97] += 1
                    last = ord(char) - 97
    return [[round(-log2(count / sum(row)), 1) for count in row] for row in counts]
