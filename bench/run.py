"""Compares modelguard with its peers, in one run: `python bench/run.py --help`.

Commands run in turn (A B C A B C ...), after one warm-up each; figures are medians, ratios are of medians. Peers are
installed from PyPI into environments of their own below the work folder, never into this one.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from measure import Run, interleaved
from peers import PEERS, Peer, installed
from table import written
from trees import found_trees, large_file


def main() -> int:
    """Run the comparison and print it as Markdown."""
    arguments = _arguments()
    arguments.work.mkdir(parents=True, exist_ok=True)
    trees = found_trees(arguments.work, dict(pair.split("=", 1) for pair in arguments.tree))
    peers = [installed(arguments.work, PEERS[name]) for name in arguments.peers.split(",") if name]
    runs: list[Run] = []
    for name, tree in trees.items():
        chosen = [peer for peer in peers if arguments.slow or not peer.slow]
        commands = {"modelguard": _ours(tree), **{peer.name: peer.on(tree) for peer in chosen}}
        runs += interleaved(name, commands, arguments.runs)
    runs += _startup(arguments)
    if arguments.large:
        file = large_file(arguments.work)
        runs += interleaved("one 5 GB file", {"modelguard": _ours(file)}, 1)
    versions = {peer.name: peer.version for peer in peers}
    print(written(runs, trees, versions, arguments.work.parent / "results"))
    return 0


def _ours(target: Path) -> list[str]:
    return [sys.executable, "-m", "modelguard", "scan", str(target), "--format", "json", "--no-progress"]


def _startup(arguments: argparse.Namespace) -> list[Run]:
    """One small file, with a database in the cache and on a machine that never ran the program."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "small.py"
        file.write_text("print('hello')\n" * 50)
        warm = interleaved("one small file, warm", {"modelguard": _ours(file)}, arguments.runs * 2)
        cold = []
        for number in range(arguments.runs):
            os.environ["MODELGUARD_CACHE_DIR"] = str(Path(folder) / f"cache-{number}")
            os.environ["MODELGUARD_NO_BACKGROUND"] = "1"
            cold += interleaved("one small file, first run", {"modelguard": _ours(file)}, 1, warm_up=False)
        del os.environ["MODELGUARD_CACHE_DIR"], os.environ["MODELGUARD_NO_BACKGROUND"]
    return warm + cold


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=5, help="counted runs of each command (5)")
    parser.add_argument("--work", type=Path, default=Path(__file__).parent / "work", help="environments and trees")
    parser.add_argument(
        "--tree", action="append", default=[], metavar="NAME=PATH", help="this folder, not our own trees"
    )
    parser.add_argument("--peers", default="kingfisher,betterleaks,gitleaks,detect-secrets", help="which peers")
    parser.add_argument("--slow", action="store_true", help="also peers that take minutes")
    parser.add_argument("--large", action="store_true", help="also one file of 5 GB")
    return parser.parse_args()


__all__ = ["Peer", "main"]

if __name__ == "__main__":
    sys.exit(main())
