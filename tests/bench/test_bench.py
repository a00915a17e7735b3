"""The arithmetic and the table of the bench, and that it sees how a command ends and what it holds in memory."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

BENCH = Path(__file__).resolve().parent.parent.parent / "bench"


@pytest.fixture(autouse=True, scope="module")
def _bench_on_path() -> Iterator[None]:
    """The bench is a folder of scripts, not a package."""
    before = set(sys.modules)
    sys.path.insert(0, str(BENCH))
    yield
    sys.path.remove(str(BENCH))
    for name in set(sys.modules) - before:
        if str(getattr(sys.modules[name], "__file__", "")).startswith(str(BENCH)):
            del sys.modules[name]


@pytest.fixture
def measure() -> ModuleType:
    import measure

    return measure


@pytest.fixture
def table() -> ModuleType:
    import table

    return table


def python(measure: ModuleType, code: str, **options: object) -> object:
    return measure.Command([sys.executable, "-c", code], **options)


def test_ratios_are_those_of_the_same_round(measure: ModuleType, table: ModuleType) -> None:
    ours = [measure.Run("c", "modelguard", number, seconds, 0) for number, seconds in ((-1, 9.0), (0, 1.0), (1, 4.0))]
    theirs = [measure.Run("c", "peer", number, seconds, 0) for number, seconds in ((-1, 1.0), (0, 2.0), (1, 2.0))]
    assert table.ratios(ours, theirs) == [0.5, 2.0]
    assert table.ratios(ours, theirs[:2]) == [0.5]


def test_the_table_holds_medians_and_says_what_failed(measure: ModuleType, table: ModuleType) -> None:
    runs = [
        measure.Run("tree", "modelguard", -1, 50.0, 0, mib=30.4, said="5.0 MB"),
        measure.Run("tree", "peer", -1, 60.0, 3, failed=True, mib=99.6),
        *(measure.Run("tree", "modelguard", number, seconds, 0) for number, seconds in enumerate((1.0, 9.0, 2.0))),
        *(measure.Run("tree", "peer", number, seconds, 3, True) for number, seconds in enumerate((4.0, 9.0, 4.0))),
    ]
    text = table.table(runs, {"tree": (7, 5_000_000)}, {"modelguard": "1", "peer": "2"})
    assert "modelguard 1, peer 2" in text
    assert "* tree: 7 files, 5 MB" in text
    assert "| tree | modelguard | 3 | 2.00 | 1.00 | 9.00 |  | 30 | 0 | 5.0 MB |" in text
    assert "| tree | peer | 3 | 4.00 | 4.00 | 9.00 | 0.50 (0.25 to 1.00) | 100 | **3: failed** |  |" in text


def test_a_copy_with_every_run_is_kept(measure: ModuleType, table: ModuleType, tmp_path: Path) -> None:
    (tmp_path / "tree").mkdir()
    (tmp_path / "tree" / "a").write_bytes(b"12345")
    (tmp_path / "tree" / "link").symlink_to("a")
    runs = [measure.Run("tree", "modelguard", 0, 1.25, 0)]
    text = table.written(runs, {"tree": tmp_path / "tree"}, {"modelguard": "1"}, tmp_path / "results")
    (kept,) = (tmp_path / "results").iterdir()
    assert "1 files, 0 MB" in text
    assert kept.read_text().startswith(text)
    assert "tree, modelguard, 1: 1.250 s" in kept.read_text()
    assert table.size_of(tmp_path / "tree") == (1, 5)


def test_commands_run_in_turn_after_a_warm_up(measure: ModuleType, tmp_path: Path) -> None:
    log = tmp_path / "log"
    commands = {name: python(measure, f"open({str(log)!r}, 'a').write({name!r})") for name in "ab"}
    runs = measure.interleaved("case", commands, 2)
    assert log.read_text() == "ababab"
    assert [(run.name, run.round) for run in runs] == [(name, number) for number in (-1, 0, 1) for name in "ab"]
    assert [run.mib is not None for run in runs] == [sys.platform == "linux"] * 2 + [False] * 4


def test_an_exit_status_that_is_none_of_a_scan_is_a_failure(measure: ModuleType) -> None:
    commands = {"fine": python(measure, "raise SystemExit(1)"), "not": python(measure, "raise SystemExit(3)")}
    runs = measure.interleaved("case", commands, 1, warm_up=False)
    assert [(run.status, run.failed) for run in runs] == [(1, False), (3, True)]


def test_memory_is_that_of_all_processes(measure: ModuleType) -> None:
    hold = "x = b'x' * (60 << 20); print(flush=True); input()"
    both = f"""
import subprocess, sys, time
command, pipe = [sys.executable, "-c", {hold!r}], subprocess.PIPE
children = [subprocess.Popen(command, stdin=pipe, stdout=pipe) for _ in "ab"]
for child in children:
    child.stdout.readline()
time.sleep(0.5)
for child in children:
    child.communicate(b"\\n")
"""
    (run,) = measure.interleaved("case", {"both": python(measure, both)}, 1, warm_up=False)
    assert run.mib is None if sys.platform != "linux" else run.mib > 120


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (json.dumps({"left_out": [{"bytes": 5}], "stats": {"blobs": 1, "bytes": 2_000_000}}, indent=2), "2.0 MB"),
        ("INF scanned ~4652254 bytes (4.65 MB) in 403ms", "4.7 MB"),
        (" |Bytes Scanned...............: 4.44 MiB", "4.44 MiB"),
        ("nothing of the kind", ""),
    ],
)
def test_what_a_scanner_says_it_read(measure: ModuleType, text: str, said: str) -> None:
    (run,) = measure.interleaved("case", {"any": python(measure, f"print({text!r})")}, 1, warm_up=False)
    assert run.said == said


def test_each_run_can_be_prepared_and_settled(measure: ModuleType) -> None:
    done: list[str] = []

    def prepare() -> dict[str, str]:
        done.append("before")
        return {"BENCH_STATUS": str(len(done))}

    code = "import os; raise SystemExit(int(os.environ['BENCH_STATUS']))"
    command = python(measure, code, prepare=prepare, settle=lambda: done.append("behind"), accepts=frozenset({1, 3}))
    runs = measure.interleaved("case", {"any": command}, 2, warm_up=False)
    assert [run.status for run in runs] == [1, 3]
    assert done == ["before", "behind"] * 2


def test_notebooks_are_always_the_same_and_can_be_read(tmp_path: Path) -> None:
    import trees

    (tmp_path / "source").mkdir()
    (tmp_path / "source" / "a.py").write_text("print('é')\n" * 300)
    for name in ("one", "two"):
        trees.write_notebooks(tmp_path / name, tmp_path / "source", 3)
    for file in sorted((tmp_path / "one").iterdir()):
        assert file.read_bytes() == (tmp_path / "two" / file.name).read_bytes()
        assert json.loads(file.read_text())["cells"][0]["source"][0] == "print('é')\n"


def test_named_trees_take_the_place_of_our_own(tmp_path: Path) -> None:
    import trees

    assert trees.found_trees(tmp_path, [], {"mine": str(tmp_path)}) == {"mine": tmp_path}
    assert trees.found_trees(tmp_path, ["source"], {"source": str(tmp_path)}) == {"source": tmp_path}
    with pytest.raises(SystemExit, match="no tree 'other'"):
        trees.found_trees(tmp_path, ["other"], {})
    with pytest.raises(SystemExit, match="no such tree"):
        trees.found_trees(tmp_path, [], {"mine": str(tmp_path / "missing")})


def test_a_peer_that_reads_only_below_the_current_folder_runs_there(tmp_path: Path) -> None:
    import peers

    file = tmp_path / "a.py"
    file.write_text("")
    peer = peers.PEERS["detect-secrets"]
    assert peer.on(tmp_path).folder == peer.on(file).folder == tmp_path
    assert peers.PEERS["kingfisher"].on(tmp_path).folder is None
    assert "--max-file-size" in peers.PEERS["kingfisher"].on(file, unlimited=True).arguments
