"""Compares modelguard with its peers, in one run: `python bench/run.py --help`.

Commands run in turn (A B C A B C ...), after one warm-up each, in which memory is looked at; ratios are those of
neighbouring runs. Peers are installed from PyPI into environments of their own below the work folder, never into this
one. With --history, --again, --staged, --frameworks, --growth or --artifacts the trees and the small file are left out,
unless they are named.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from again import FIRST, again
from artifacts import artifacts, per_core, text_sizes
from framed import framed, over
from growth import SIZES, grown, per_gigabyte
from histories import every_object, histories
from hooked import NONE, alone, hooked
from measure import Run, interleaved
from peers import PEERS, Peer, installed
from repository import Contents, contents
from staged import staged
from startup import startup
from subject import compile_into, install, our_version, ours
from table import OURS, compared, kept, page, repeated, size_of
from trees import MAKERS, found_trees, large_file

HERE = Path(__file__).resolve().parent


@dataclass
class Measured:
    """What was run, case by case, and a line about each thing that was scanned."""

    compared: list[Run] = field(default_factory=list)
    repeated: list[Run] = field(default_factory=list)
    hooked: list[Run] = field(default_factory=list)
    framed: list[Run] = field(default_factory=list)
    frameworks: dict[str, str] = field(default_factory=dict)
    opened: list[Run] = field(default_factory=list)
    grown: dict[str, Contents] = field(default_factory=dict)
    subjects: list[str] = field(default_factory=list)


def main() -> int:
    """Run the comparison and print it as Markdown."""
    arguments = _arguments()
    arguments.work.mkdir(parents=True, exist_ok=True)
    install(arguments.work)
    named = dict(pair.split("=", 1) for pair in arguments.tree)
    wanted = named or arguments.trees or not _special(arguments)
    trees = found_trees(arguments.work, _names(arguments.trees), named) if wanted else {}
    chosen = [PEERS[name] for name in _names(arguments.peers)]
    used = [peer for peer in chosen if arguments.slow or not peer.slow or (arguments.staged and peer.staged)]
    peers = [installed(arguments.work, peer) for peer in used]
    measured = Measured()
    _files(arguments, trees, peers, measured)
    _repositories(arguments, peers, measured)
    if arguments.frameworks:
        with tempfile.TemporaryDirectory() as folder:
            measured.framed, measured.frameworks = framed(Path(folder), arguments.work, arguments.runs)
    if arguments.artifacts:
        measured.opened += artifacts(arguments.work, arguments.runs)
    versions = {OURS: our_version(), **{peer.name: peer.version for peer in peers}, **measured.frameworks}
    runs = [*measured.compared, *measured.repeated, *measured.hooked, *measured.framed, *measured.opened]
    tables = [
        compared(measured.compared),
        repeated(measured.repeated, FIRST),
        repeated(measured.hooked, NONE),
        alone(measured.hooked),
        over(measured.framed),
        per_gigabyte(measured.compared, measured.grown),
        per_core(measured.opened, text_sizes(arguments.work) if measured.opened else {}),
    ]
    text = page(versions, measured.subjects, tables)
    kept(text, runs, HERE / "results")
    print(text)
    return 1 if any(run.failed for run in runs) else 0


def _files(arguments: argparse.Namespace, trees: Mapping[str, Path], peers: Sequence[Peer], measured: Measured) -> None:
    """The trees, one small file, and one large file."""
    quick, slow = [peer for peer in peers if not peer.slow], [peer for peer in peers if peer.slow and arguments.slow]
    for name, tree in trees.items():
        count, size = size_of(tree)
        measured.subjects.append(f"{name}: {count} files, {size / 1e6:.0f} MB")
        fast = {peer.name: peer.on(tree) for peer in quick}
        measured.compared += interleaved(name, {OURS: ours(tree), **fast}, arguments.runs)
        measured.compared += interleaved(name, {peer.name: peer.on(tree) for peer in slow}, 1, warm_up=False)
    if not arguments.no_startup and (trees or not _special(arguments)):
        with tempfile.TemporaryDirectory() as folder:
            measured.compared += startup(Path(folder), [*quick, *slow], arguments.runs)
    if arguments.large:
        file = large_file(arguments.work)
        fast = {peer.name: peer.on(file, unlimited=True) for peer in quick}
        measured.compared += interleaved("one 5 GB file", {OURS: ours(file), **fast}, 1, warm_up=False)


def _repositories(arguments: argparse.Namespace, peers: Sequence[Peer], measured: Measured) -> None:
    """The histories that are named, histories that grow, and what is staged."""
    if arguments.histories or arguments.growth:
        with tempfile.TemporaryDirectory() as compiled:
            compile_into(Path(compiled))
            _histories(arguments, peers, Path(compiled), measured)
    if arguments.staged:
        with tempfile.TemporaryDirectory() as folder:
            measured.compared += staged(Path(folder), peers, arguments.runs)
        with tempfile.TemporaryDirectory() as folder:
            measured.hooked += hooked(Path(folder), peers, arguments.runs)


def _histories(arguments: argparse.Namespace, peers: Sequence[Peer], compiled: Path, measured: Measured) -> None:
    work, runs = arguments.work, arguments.runs
    for name, path in arguments.histories.items():
        measured.subjects.append(f"{name}: {contents(path)}")
        measured.compared += histories(name, path, peers, work, compiled, runs)
        if arguments.again:
            measured.repeated += again(name, path, work, compiled, runs)
    for gigabytes in arguments.growth:
        path, case = grown(work, gigabytes), f"made history, {gigabytes:g} GB"
        measured.grown[case] = contents(path)
        measured.subjects.append(f"{case}: {measured.grown[case]}")
        measured.compared += interleaved(case, every_object(path, peers, compiled), runs)


def _special(arguments: argparse.Namespace) -> bool:
    asked = (arguments.histories, arguments.staged, arguments.frameworks, arguments.growth, arguments.artifacts)
    return any(map(bool, asked))


def _names(text: str) -> list[str]:
    return [name for name in text.split(",") if name]


def _arguments() -> argparse.Namespace:
    parser = _parser()
    arguments = parser.parse_args()
    arguments.work = arguments.work.absolute()
    unknown = [name for name in _names(arguments.peers) if name not in PEERS]
    if unknown or arguments.runs < 1:
        parser.error(f"there is no peer {unknown[0]!r}" if unknown else "--runs is at least 1")
    arguments.histories = {name: Path(path).absolute() for name, path in (h.split("=", 1) for h in arguments.history)}
    missing = [path for path in arguments.histories.values() if not path.exists()]
    if missing or (arguments.again and not arguments.histories):
        parser.error(f"{missing[0]}: there is no such repository" if missing else "--again needs a --history")
    return arguments


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    option = parser.add_argument
    option("--runs", type=int, default=5, help="counted runs of each command (5)")
    option("--work", type=Path, default=HERE / "work", help="environments and trees, kept for the next time")
    option("--trees", default="", metavar="NAMES", help=f"which trees, by comma: {', '.join(MAKERS)}")
    option("--tree", action="append", default=[], metavar="NAME=PATH", help="this folder for a tree")
    option("--history", action="append", default=[], metavar="NAME=PATH", help="the whole history of this repository")
    option("--again", action="store_true", help="also scan each history twice, and once more after a new commit")
    option("--staged", action="store_true", help="five staged files, and what hooks add to their commit")
    option("--frameworks", action="store_true", help="what our hook adds to pre-commit and prek")
    option("--artifacts", action="store_true", help="model artifacts and datasets, with one worker (4 GB are made)")
    sizes = ",".join(f"{size:g}" for size in SIZES)
    option("--growth", type=_sizes, nargs="?", const=SIZES, default=(), metavar="GB", help=f"made histories ({sizes})")
    option("--peers", default=",".join(PEERS), metavar="NAMES", help=f"which peers: {', '.join(PEERS)}")
    option("--slow", action="store_true", help="also peers that take minutes, once each")
    option("--large", action="store_true", help="also one file of 5 GB, once (minutes for some peers)")
    option("--no-startup", action="store_true", help="without the cases of one small file")
    return parser


def _sizes(text: str) -> tuple[float, ...]:
    return tuple(float(size) for size in _names(text))


if __name__ == "__main__":
    sys.exit(main())
