"""Compares modelguard with its peers, in one run: `python bench/run.py --help`.

Commands run in turn (A B C A B C ...), after one warm-up each, in which memory is looked at; ratios are those of
neighbouring runs. Peers are installed from PyPI into environments of their own below the work folder, never into this
one.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from measure import Run, interleaved
from peers import PEERS, installed
from startup import startup
from subject import our_version, ours
from table import OURS, written
from trees import MAKERS, found_trees, large_file

HERE = Path(__file__).resolve().parent


def main() -> int:
    """Run the comparison and print it as Markdown."""
    arguments = _arguments()
    arguments.work.mkdir(parents=True, exist_ok=True)
    named = dict(pair.split("=", 1) for pair in arguments.tree)
    trees = found_trees(arguments.work, _names(arguments.trees), named)
    chosen = [PEERS[name] for name in _names(arguments.peers) if arguments.slow or not PEERS[name].slow]
    peers = [installed(arguments.work, peer) for peer in chosen]
    runs: list[Run] = []
    for name, tree in trees.items():
        quick = {peer.name: peer.on(tree) for peer in peers if not peer.slow}
        runs += interleaved(name, {OURS: ours(tree), **quick}, arguments.runs)
        runs += interleaved(name, {peer.name: peer.on(tree) for peer in peers if peer.slow}, 1, warm_up=False)
    if not arguments.no_startup:
        with tempfile.TemporaryDirectory() as folder:
            runs += startup(Path(folder), peers, arguments.runs)
    if arguments.large:
        file = large_file(arguments.work)
        quick = {peer.name: peer.on(file, unlimited=True) for peer in peers if not peer.slow}
        runs += interleaved("one 5 GB file", {OURS: ours(file), **quick}, 1, warm_up=False)
    versions = {OURS: our_version(), **{peer.name: peer.version for peer in peers}}
    print(written(runs, trees, versions, HERE / "results"))
    return 1 if any(run.failed for run in runs) else 0


def _names(text: str) -> list[str]:
    return [name for name in text.split(",") if name]


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=5, help="counted runs of each command (5)")
    parser.add_argument(
        "--work", type=Path, default=HERE / "work", help="environments and trees, kept for the next time"
    )
    parser.add_argument("--trees", default="", metavar="NAMES", help=f"which trees, by comma: {', '.join(MAKERS)}")
    parser.add_argument("--tree", action="append", default=[], metavar="NAME=PATH", help="this folder for a tree")
    parser.add_argument("--peers", default=",".join(PEERS), metavar="NAMES", help=f"which peers: {', '.join(PEERS)}")
    parser.add_argument("--slow", action="store_true", help="also peers that take minutes, once each")
    parser.add_argument("--large", action="store_true", help="also one file of 5 GB, once (minutes for some peers)")
    parser.add_argument("--no-startup", action="store_true", help="without the cases of one small file")
    arguments = parser.parse_args()
    arguments.work = arguments.work.absolute()
    unknown = [name for name in _names(arguments.peers) if name not in PEERS]
    if unknown or arguments.runs < 1:
        parser.error(f"there is no peer {unknown[0]!r}" if unknown else "--runs is at least 1")
    return arguments


if __name__ == "__main__":
    sys.exit(main())
