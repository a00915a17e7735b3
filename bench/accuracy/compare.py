"""Compares what modelguard and its peers find: `python bench/accuracy/compare.py --help`.

Each scanner runs once on labelled examples, on labelled lines and on pinned packages; those that take minutes on a tree
do without the packages. Scores count secrets; `modelguard, blocking` is what changes the exit status. A result is kept
in `bench/results`: tables, and all findings by file, line and rule, so that a later run can tell what has changed.
"""

from __future__ import annotations

import argparse
import datetime
import json
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from peers import Peer, installed
from subject import our_version
from table import OURS, page, size_of

from accuracy.difference import difference
from accuracy.packages import packages
from accuracy.scanners import COMPARED, Found, as_row, found_by, found_by_us
from accuracy.tables import Case, by_rule, lines_reported, scores
from accuracy.truth import EXAMPLE_GROUPS, LINE_GROUPS, labelled_lines, unpacked_examples

_BENCH = Path(__file__).resolve().parents[1]
RESULTS = _BENCH / "results"
_BEFORE = f"{OURS} before"

Kept = dict[str, dict[str, list[Found]]]
"""What was found, by case and scanner."""


def main() -> int:
    """Run the comparison and print it as Markdown."""
    arguments = _arguments()
    arguments.work.mkdir(parents=True, exist_ok=True)
    before = _read(arguments.before) if arguments.before else {}
    peers = [installed(arguments.work, COMPARED[name]) for name in arguments.peers.split(",") if name]
    found: Kept = {}
    subjects, tables, changes = [], [], []
    with tempfile.TemporaryDirectory() as aside:
        for case, folder in _cases(arguments, Path(aside)):
            earlier, now = before.get(case.name), _found(case, folder, peers)
            found[case.name] = now
            subjects.append(_subject(case, folder, arguments.before is not None and earlier is None))
            tables += _tables(case, now, earlier)
            changes += difference(case, earlier[OURS], now[OURS]) if earlier else []
    if not arguments.lines:
        subjects.append("no labelled lines: none were named with --lines")
    if arguments.before:
        deed = "this has changed:" if any(changes) else "nothing has changed."
        changes = [f"Since {arguments.before.name} {deed}\n", *changes]
    versions = {OURS: our_version(), **{peer.name: peer.version for peer in peers}}
    text = page(versions, subjects, [*tables, *changes])
    print(text)
    print(f"kept as {_keep(text, found, RESULTS)}", file=sys.stderr)
    return 0


def _cases(arguments: argparse.Namespace, aside: Path) -> Iterator[tuple[Case, Path]]:
    for source in arguments.examples:
        folder = aside / source.stem
        yield Case(source.stem, unpacked_examples(source, folder), EXAMPLE_GROUPS), folder
    for source in arguments.lines:
        yield Case(source.name, labelled_lines(source), LINE_GROUPS), source / "files"
    if arguments.packages:
        folder = packages(arguments.work)
        yield Case(folder.name), folder


def _found(case: Case, folder: Path, peers: Sequence[Peer]) -> dict[str, list[Found]]:
    """What each scanner finds; the slow ones are left out where nothing is labelled."""
    found = {OURS: found_by_us(folder.resolve())}
    for peer in peers:
        if case.units or not peer.slow:
            print(f"{case.name}: {peer.name}", file=sys.stderr)
            found[peer.name] = found_by(peer, folder.resolve())
    return found


def _subject(case: Case, folder: Path, is_new: bool) -> str:
    count, size = size_of(folder)
    return f"{case.name}: {count} files, {size / 1e6:.1f} MB{', not in the result before' if is_new else ''}"


def _tables(case: Case, found: dict[str, list[Found]], before: dict[str, list[Found]] | None) -> list[str]:
    shown = {**_with_blocking(OURS, found[OURS]), **(_with_blocking(_BEFORE, before[OURS]) if before else {}), **found}
    return [scores(case, shown)] if case.units else [lines_reported(case, shown), by_rule(case, found[OURS])]


def _with_blocking(name: str, found: list[Found]) -> dict[str, list[Found]]:
    return {name: found, f"{name}, blocking": [each for each in found if each.blocking]}


def _keep(text: str, found: Kept, results: Path) -> Path:
    results.mkdir(parents=True, exist_ok=True)
    path = results / f"accuracy-{datetime.datetime.now():%Y%m%d-%H%M%S}.json"
    path.with_suffix(".md").write_text(text)
    rows = {case: {name: [as_row(each) for each in here] for name, here in of.items()} for case, of in found.items()}
    path.write_text(json.dumps(rows))
    return path


def _read(path: Path) -> Kept:
    kept: dict[str, dict[str, list[list[Any]]]] = json.loads(path.read_text())
    return {case: {name: [Found(*row) for row in rows] for name, rows in of.items()} for case, of in kept.items()}


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    option = parser.add_argument
    option("--examples", type=Path, action="append", default=[], metavar="JSONL", help="a file of labelled examples")
    option("--lines", type=Path, action="append", default=[], metavar="FOLDER", help="a folder of labelled lines")
    option("--packages", action="store_true", help="also the packages in packages.txt")
    option("--peers", default=",".join(COMPARED), metavar="NAMES", help=f"which peers ({', '.join(COMPARED)})")
    option("--before", type=Path, metavar="JSON", help="also what has changed since this kept result")
    option("--work", type=Path, default=_BENCH / "work", help="environments and packages, kept for the next time")
    arguments = parser.parse_args()
    arguments.work = arguments.work.absolute()
    unknown = [name for name in arguments.peers.split(",") if name and name not in COMPARED]
    if unknown:
        parser.error(f"there is no peer {unknown[0]!r}")
    files = [*arguments.examples, *(folder / "truth.jsonl" for folder in arguments.lines)]
    names = [*(path.stem for path in arguments.examples), *(path.name for path in arguments.lines)]
    twice = [name for name in names if names.count(name) > 1]
    if twice:
        parser.error(f"two of them are called {twice[0]!r}")
    missing = [path for path in [*files, arguments.before] if path and not path.is_file()]
    if missing or not (files or arguments.packages):
        parser.error(f"{missing[0]}: there is no such file" if missing else "nothing to compare in")
    return arguments


if __name__ == "__main__":
    sys.exit(main())
