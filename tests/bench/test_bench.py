"""The arithmetic and the tables of the bench, that it sees how commands end and what they take, and what it makes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import pytest

from modelguard.rules.templates import expand

BENCH = Path(__file__).resolve().parent.parent.parent / "bench"


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


def test_ratios_of_cpu_leave_out_rounds_in_which_it_is_not_known(measure: ModuleType, table: ModuleType) -> None:
    ours = [measure.Run("c", "modelguard", number, 1.0, 0, cpu=cpu) for number, cpu in enumerate((3.0, None, 3.0))]
    theirs = [measure.Run("c", "peer", number, 1.0, 0, cpu=cpu) for number, cpu in enumerate((2.0, 2.0, None))]
    assert table.ratios(ours, theirs, cpu=True) == [1.5]


def test_the_table_holds_medians_and_says_what_failed(measure: ModuleType, table: ModuleType) -> None:
    runs = [
        measure.Run("tree", "modelguard", -1, 50.0, 0, memory=measure.Memory(30.4, 9.6), said="5.0 MB"),
        measure.Run("tree", "peer", -1, 60.0, 3, failed=True, memory=measure.Memory(99.6, 0.1)),
        *(measure.Run("tree", "modelguard", n, seconds, 0, cpu=3.0) for n, seconds in enumerate((1.0, 9.0, 2.0))),
        *(measure.Run("tree", "peer", n, seconds, 3, True, cpu=4.0) for n, seconds in enumerate((4.0, 9.0, 4.0))),
    ]
    text = table.compared(runs)
    assert "| tree | modelguard | 3 | 2.00 | 1.00 | 9.00 |  | 3.00 |  | 30 (10) | 0 | 5.0 MB |" in text
    ratios = "0.50 (0.25 to 1.00) | 4.00 | 0.75 (0.75 to 0.75)"
    assert f"| tree | peer | 3 | 4.00 | 4.00 | 9.00 | {ratios} | 100 (0) | **3: failed** |  |" in text


def test_a_scan_made_again_is_compared_with_the_first(measure: ModuleType, table: ModuleType) -> None:
    runs = [measure.Run("h", name, 0, seconds, 0) for name, seconds in (("first", 4.0), ("again", 1.0))]
    text = table.repeated(runs, "first")
    assert "| it / first | CPU s | CPU it / first |" in text
    assert "| h | first | 1 | 4.00 | 4.00 | 4.00 |  |  |  |  | 0 |  |" in text
    assert "| h | again | 1 | 1.00 | 1.00 | 1.00 | 0.25 (0.25 to 0.25) |  |  |  | 0 |  |" in text
    assert table.repeated([], "first") == ""


def test_a_copy_with_every_run_is_kept(measure: ModuleType, table: ModuleType, tmp_path: Path) -> None:
    runs = [measure.Run("tree", "modelguard", 0, 1.25, 0, cpu=2.5)]
    text = table.page({"modelguard": "1", "peer": "2"}, ["tree: 7 files"], [table.compared(runs), ""])
    table.kept(text, runs, tmp_path / "results")
    (kept,) = (tmp_path / "results").iterdir()
    assert text.startswith("modelguard 1, peer 2\n")
    assert "* tree: 7 files\n\n| case | scanner |" in text
    assert kept.read_text().startswith(text)
    assert "tree, modelguard, 1: 1.250 s, CPU 2.500 s" in kept.read_text()


def test_the_size_of_a_tree_leaves_out_links(table: ModuleType, tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"12345")
    (tmp_path / "link").symlink_to("a")
    assert table.size_of(tmp_path) == (1, 5)


def test_commands_run_in_turn_after_a_warm_up(measure: ModuleType, tmp_path: Path) -> None:
    log = tmp_path / "log"
    code = "import time; open({!r}, 'a').write({!r}); time.sleep(0.2)"  # long enough to be looked at
    commands = {name: python(measure, code.format(str(log), name)) for name in "ab"}
    runs = measure.interleaved("case", commands, 2)
    assert log.read_text() == "ababab"
    assert [(run.name, run.round) for run in runs] == [(name, number) for number in (-1, 0, 1) for name in "ab"]
    assert [run.memory is not None for run in runs] == [sys.platform == "linux"] * 2 + [False] * 4


def test_an_exit_status_that_is_none_of_a_scan_is_a_failure(measure: ModuleType) -> None:
    commands = {"fine": python(measure, "raise SystemExit(1)"), "not": python(measure, "raise SystemExit(3)")}
    runs = measure.interleaved("case", commands, 1, warm_up=False)
    assert [(run.status, run.failed) for run in runs] == [(1, False), (3, True)]


@pytest.mark.parametrize("said", ["WRN incomplete scan ended after 89.1ms", 'ERR error="stderr is not empty"'])
def test_a_scan_that_was_cut_short_is_a_failure(measure: ModuleType, said: str) -> None:
    (run,) = measure.interleaved("case", {"any": python(measure, f"print({said!r})")}, 1, warm_up=False)
    assert run.failed and run.status == 0


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
    assert run.memory is None if sys.platform != "linux" else run.memory.all > run.memory.own > 120


def test_a_command_that_is_not_there_is_said(measure: ModuleType) -> None:
    with pytest.raises(SystemExit, match="nothing-of-the-kind: could not be run"):
        measure.interleaved("case", {"any": measure.Command(["nothing-of-the-kind"])}, 1)


def test_the_output_of_a_mute_command_is_not_looked_at(measure: ModuleType) -> None:
    command = python(measure, "print('INF scanned ~4652254 bytes')", mute=True)
    (run,) = measure.interleaved("case", {"any": command}, 1, warm_up=False)
    assert run.said == ""


BURN = "import time\nwhile time.process_time() < 0.3: pass\nprint(flush=True)\n"


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux hands orphans to a chosen process")
@pytest.mark.parametrize(
    "left",
    [
        "child = begun(burn + 'time.sleep(600)'); child.stdout.readline(); child.kill()",  # killed, never waited for
        "child = begun(parent + 'child.stdout.readline(); print(flush=True); time.sleep(600)')\n"
        "child.stdout.readline(); child.kill()",  # killed, and its child becomes an orphan
        "begun(burn, start_new_session=True)",  # goes on in the background
    ],
    ids=["killed", "grandchild", "background"],
)
def test_cpu_time_is_that_of_all_descendants(measure: ModuleType, left: str) -> None:
    begin = (
        "import subprocess, sys, time\n"
        "def begun(code, **more):\n"
        "    return subprocess.Popen([sys.executable, '-c', code], stdout=subprocess.PIPE, **more)\n"
    )
    parent = f"{begin}child = begun({BURN!r})\n"
    command = python(measure, f"{begin}burn, parent = {BURN!r}, {parent!r}\n{left}")
    (run,) = measure.interleaved("case", {"any": command}, 1, warm_up=False)
    assert run.cpu > 0.3 and not run.failed


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux hands orphans to a chosen process")
def test_what_never_ends_is_killed_and_counted(tmp_path: Path) -> None:
    code = f"""
import subprocess, sys
endless = {BURN!r} + "time.sleep(600)"
child = subprocess.Popen([sys.executable, "-c", endless], stdout=subprocess.PIPE, start_new_session=True)
child.stdout.readline()
raise SystemExit(7)
"""
    report = tmp_path / "report"
    subprocess.run([sys.executable, BENCH / "reaper.py", report, "0", sys.executable, "-c", code], check=True)
    told = json.loads(report.read_text())
    assert told["status"] == 7 and told["cpu"] > 0.3


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


def test_what_a_repository_holds_is_summed_by_type(tmp_path: Path) -> None:
    import repository

    lines = [b"blob 3000000", b"tree 500000", b"blob 1", b"commit 200"]
    assert repository.counted(lines) == repository.Contents(4, 3_500_201, 2, 3_000_001)
    assert str(repository.counted(lines)) == "4 objects, 4 MB, of them 2 blobs, 3 MB"
    assert repository.counted([]) == repository.Contents()


def test_small_texts_are_files_and_neither_links_nor_large() -> None:
    import repository

    listing = [
        b"100644 blob aaaa     120\tfolder/a.py",
        b"120000 blob bbbb      12\tlink.py",
        b"100644 blob cccc   99999\tlarge.py",
        b"100644 blob dddd     120\tpicture.png",
        b"160000 commit eeee       -\tmodule.py",
        b"100644 blob ffff       0\tempty.py",
        b"100644 blob abcd       9\tREADME.md",
    ]
    assert list(repository.small_texts(listing)) == [("aaaa", b"folder/a.py"), ("abcd", b"README.md")]


def test_a_made_history_is_always_the_same_and_has_deltas(tmp_path: Path) -> None:
    import growth
    import pseudo
    import repository

    assert list(pseudo.commits(300_000)) == list(pseudo.commits(300_000))
    made = growth.grown(tmp_path, 0.001)
    assert growth.grown(tmp_path, 0.001) == made
    held = repository.contents(made)
    commits = int(repository.git(made, "rev-list", "--count", "HEAD"))
    assert 1_000_000 <= held.blob_bytes < 1_200_000
    assert commits > 5 and held.objects > held.blobs + commits
    assert (made / "config").exists()
    (index,) = made.glob("objects/pack/*.idx")
    assert b"chain length = 2" in repository.git(made, "verify-pack", "-v", str(index))


def test_growth_is_given_by_the_gigabyte_of_blobs(measure: ModuleType) -> None:
    import growth
    import repository

    runs = [
        measure.Run("small", "modelguard", -1, 9.0, 0, cpu=9.0, memory=measure.Memory(40.0, 20.0)),
        measure.Run("small", "modelguard", 0, 1.0, 0, cpu=1.5),
        measure.Run("other", "modelguard", 0, 1.0, 0, cpu=1.5),
    ]
    text = growth.per_gigabyte(runs, {"small": repository.Contents(9, 600_000_000, 7, 500_000_000)})
    assert "| small | 7 | 0.50 | modelguard | 2.00 | 3.00 | 40 (20) | 0 |" in text
    assert "other" not in text
    assert growth.per_gigabyte(runs, {}) == ""


def tiny_repository(folder: Path) -> Path:
    import growth

    return growth.grown(folder, 0.0005)


def test_one_more_commit_leaves_the_original_as_it_is(tmp_path: Path) -> None:
    import repository

    original = tiny_repository(tmp_path)
    before = repository.git(original, "rev-parse", "HEAD")
    copy = repository.mirrored(original, tmp_path / "copy.git")
    for _ in "ab":
        repository.commit_once_more(copy)
    changed = repository.git(copy, "diff", "--numstat", "HEAD~2", "HEAD").splitlines()
    assert [line.split()[:2] for line in changed] == [[b"2", b"0"]] * 5
    assert repository.git(copy, "rev-parse", "HEAD~2") == before == repository.git(original, "rev-parse", "HEAD")
    assert repository.contents(copy).blobs == repository.contents(original).blobs + 10


def test_a_lost_blob_is_found_and_its_gap_filled(tmp_path: Path) -> None:
    import repository
    import staged

    folder = staged.made_ready(tmp_path / "repository") / ".git"
    assert repository.missing(folder) == []
    lost = repository.git(folder, "rev-parse", f"HEAD:{staged.STAGED[1]}").strip().decode()
    repository.git(folder, "unpack-objects", "-q", stdin=aside(folder))
    (folder / "objects" / lost[:2] / lost[2:]).unlink()
    assert repository.missing(folder) == [lost]
    with pytest.raises(subprocess.CalledProcessError):
        repository.git(folder, "log", "-p", "--all")
    repository.fill_gaps(folder, [lost])
    assert repository.git(folder, "log", "-p", "--all").count(b"+++ b/") == 299


def aside(folder: Path) -> bytes:
    """The bytes of the only pack, which is no longer there."""
    (pack,) = (folder / "objects" / "pack").glob("*.pack")
    held = pack.read_bytes()
    for path in pack.parent.iterdir():
        path.chmod(0o600)
        path.unlink()
    return held


def test_only_five_files_are_staged(tmp_path: Path) -> None:
    import repository
    import staged

    made = staged.made_ready(tmp_path / "repository")
    assert repository.git(made, "diff", "--cached", "--name-only").decode().split() == sorted(staged.STAGED)
    assert repository.git(made, "diff", "--name-only") == b""
    assert len(repository.git(made, "ls-files").splitlines()) == 300


def test_peers_are_asked_for_histories_and_for_what_is_staged(tmp_path: Path) -> None:
    import histories
    import peers

    every, added = peers.PEERS["kingfisher"], peers.PEERS["gitleaks"]
    asked = histories.every_object(tmp_path, [every, added, peers.PEERS["detect-secrets"]], tmp_path)
    assert list(asked) == ["modelguard", "kingfisher", "git cat-file"]
    assert added.on_history(tmp_path).arguments[1:] == ["git", "--no-banner", str(tmp_path)]
    assert added.on_staged(tmp_path, ["a.py"]).arguments[-2:] == ["--staged", "."]
    hook = replace(peers.PEERS["detect-secrets"], program=Path("bin/detect-secrets")).on_staged(tmp_path, ["a.py"])
    assert hook.arguments == [str(Path("bin/detect-secrets-hook")), "--no-verify", "a.py"]
    assert hook.folder == tmp_path


def test_a_history_is_measured_from_end_to_end(tmp_path: Path) -> None:
    import again
    import histories
    import subject

    compiled = tmp_path / "compiled"
    subject.compile_into(compiled)
    repository = tiny_repository(tmp_path)
    runs = histories.histories("tiny", repository, [], tmp_path, compiled, 1)
    assert [(run.name, run.failed) for run in runs] == [("modelguard", False), ("git cat-file", False)] * 2
    assert runs[0].said and not runs[1].said
    assert all(run.cpu or sys.platform != "linux" for run in runs)
    (tmp_path / "work").mkdir()
    repeated = again.again("tiny", repository, tmp_path / "work", compiled, 1)
    assert [run.name for run in repeated] == ["first scan", "nothing new", "one new commit"] * 2
    assert not any(run.failed for run in repeated)
    assert os.listdir(tmp_path / "work") == []


def test_what_is_staged_is_measured_from_end_to_end(tmp_path: Path) -> None:
    import staged

    runs = staged.staged(tmp_path, [], 1)
    cases = ["five staged files, warm", "five staged files, warm", "five staged files, empty cache"]
    assert [(run.case, run.failed) for run in runs] == [(case, False) for case in cases]


def test_a_whole_clone_of_a_partial_one_is_partial_no_more(tmp_path: Path) -> None:
    import repository
    import staged

    folder = staged.made_ready(tmp_path / "repository") / ".git"
    lost = repository.git(folder, "rev-parse", f"HEAD:{staged.STAGED[1]}").strip().decode()
    repository.git(folder, "unpack-objects", "-q", stdin=aside(folder))
    (folder / "objects" / lost[:2] / lost[2:]).unlink()
    head = repository.git(folder, "rev-parse", "HEAD")
    repository.git(folder, "pack-objects", "-q", str(folder / "objects" / "pack" / "pack"), stdin=head)
    (pack,) = (folder / "objects" / "pack").glob("*.pack")
    pack.with_suffix(".promisor").touch()
    copy = repository.whole(folder, tmp_path / "copy.git")
    assert repository.missing(copy) == [] and not list(copy.rglob("*.promisor"))
    assert repository.missing(folder) == [lost] and list(folder.rglob("*.promisor"))


def test_what_a_hook_adds_to_a_commit(tmp_path: Path) -> None:
    """Each round makes a commit with each hook, and one with none, of which nothing else is different."""
    import hooked
    import repository

    runs = hooked.hooked(tmp_path, [], 2)
    assert [(run.name, run.round) for run in runs] == [(n, r) for r in (-1, 0, 1) for n in (hooked.NONE, "modelguard")]
    assert not any(run.failed for run in runs)
    for name in ("no-hook", "modelguard"):
        home = tmp_path / "repositories" / name
        assert repository.git(home, "rev-list", "--count", "HEAD").strip() == b"5"
        assert (home / ".git/hooks/pre-commit").exists() == (name == "modelguard")


def test_what_our_hook_adds_to_a_framework(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each round makes a commit without hooks, one with the framework alone, and one that ours was run for."""
    import framed
    import hooked
    import repository

    program = Path(sys.executable).parent / "prek"
    monkeypatch.setattr(framed, "FRAMEWORKS", framed.FRAMEWORKS[1:])  # it builds in a third of the time
    monkeypatch.setattr(framed, "installed", lambda work, peer: replace(peer, program=program, version="1"))
    runs, versions = framed.framed(tmp_path, tmp_path, 2)
    names = (hooked.NONE, framed.EMPTY, "modelguard")
    assert [(run.name, run.round) for run in runs] == [(name, number) for number in (-1, 0, 1) for name in names]
    assert not any(run.failed for run in runs)
    assert versions == {"prek": "1"}
    for name, commits in zip(("no-hook", "empty-hook", "modelguard"), (b"5", b"6", b"6"), strict=True):
        home = tmp_path / "prek" / name
        assert repository.git(home, "rev-list", "--count", "HEAD").strip() == commits
        assert (home / ".git/hooks/pre-commit").exists() == (name != "no-hook")
    (home / "package/part_0.py").write_text(expand('login("hf_<alnum:34>")\n'))
    repository.git(home, "add", "--all")
    refused = subprocess.run(
        ["git", *hooked.IDENTITY, "commit", "--quiet", "-m", "a leak"],
        cwd=home,
        env={**os.environ, **framed._environment(tmp_path / "prek")},
        capture_output=True,
    )
    assert refused.returncode == 1 and b"hf-user-token" in refused.stdout + refused.stderr


def test_what_is_added_is_that_of_the_same_round(measure: ModuleType) -> None:
    import framed
    import hooked

    taken = {hooked.NONE: (9.0, 1.0, 2.0), framed.EMPTY: (9.0, 1.25, 2.5), "modelguard": (9.0, 1.5, 2.625)}
    runs = [measure.Run("prek", name, n - 1, each, 0) for name, times in taken.items() for n, each in enumerate(times)]
    text = framed.over(runs)
    assert "| prek | empty hook | 2 | 375 | 250 | 500 |" in text
    assert "| prek | modelguard, beyond that | 2 | 188 | 125 | 250 |" in text
    assert framed.over([]) == ""


def test_a_hook_alone_is_what_it_adds_in_its_round(measure: ModuleType) -> None:
    import hooked

    taken = {hooked.NONE: (9.0, 1.0, 2.0), "modelguard": (9.0, 1.25, 2.5), "peer": (9.0, 2.0, 2.25)}
    runs = [measure.Run("c", name, n - 1, each, 0) for name, times in taken.items() for n, each in enumerate(times)]
    text = hooked.alone(runs)
    assert "| modelguard | 2 | 375 | 250 |  |" in text
    assert "| peer | 2 | 625 | 250 | 1.12 |" in text
    assert hooked.alone([]) == ""
