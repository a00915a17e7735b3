"""The store of earlier scans: nothing is lost or made up, whatever becomes of its file, and nobody is stopped by it."""

from __future__ import annotations

import hashlib
import os
import random
import signal
import sqlite3
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from modelguard import store as store_module
from modelguard import store_file, store_records
from modelguard.errors import ModelguardError
from modelguard.store import Store, clear, compiled_databases, info
from tests.cli.powers import bound_by_modes

ROOT = Path(__file__).resolve().parent.parent
DIGEST = "0123456789abcdef" * 4
REBUILT = "the cache of earlier scans was damaged and has been rebuilt"
NOT_USED = "the cache of earlier scans is not used: "


def ids(start: int, count: int, width: int = 20) -> list[bytes]:
    return [hashlib.sha256(b"%d" % number).digest()[:width] for number in range(start, start + count)]


CLEAN = {*ids(0, 300), *ids(1000, 50, 32)}
DIRTY = {ids(2000, 1)[0]: "blob", ids(2001, 1, 32)[0]: "lfs", ids(2002, 1)[0]: "commit"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The cache folder, which is not there yet."""
    return tmp_path / "a" / "cache"


@pytest.fixture
def path(folder: Path) -> Path:
    """A store with something of each kind in it, closed."""
    store = Store.open(DIGEST, folder)
    store.remember(CLEAN, DIRTY)
    store.remember_memory("here", "holding", b"[1]")
    store.remember_sealed({"key": '{"fact": 1}'})
    store.remember_memory("here", "walked", b"\0refs")
    store.close()
    assert store.problem == ""
    return folder / "history.sqlite3"


@pytest.fixture
def opened(folder: Path) -> Iterator[Callable[..., Store]]:
    """Opens stores that are closed after the test."""
    stores: list[Store] = []

    def opener(digest: str = DIGEST) -> Store:
        stores.append(Store.open(digest, folder))
        return stores[-1]

    yield opener
    for store in stores:
        store.close()


def everything(store: Store) -> tuple[Any, ...]:
    return (
        store.memory("here", "holding"),
        store.memory("here", "walked"),
        store.sealed(["key"]),
        store.known(),
        store.dirty(),
    )


ALL = (b"[1]", b"\0refs", {"key": '{"fact": 1}'}, {*CLEAN, *DIRTY}, DIRTY)
NOTHING = (None, None, {}, set(), {})


def write_all(store: Store) -> None:
    store.remember(CLEAN, DIRTY)
    store.remember_memory("here", "holding", b"[1]")
    store.remember_sealed({"key": '{"fact": 1}'})
    store.remember_memory("here", "walked", b"\0refs")


def child(code: str, *arguments: object, **options: Any) -> subprocess.Popen[str]:
    prelude = "import sys, os\nfrom pathlib import Path\nfrom tests.test_store import *\nfolder = Path(sys.argv[1])\n"
    return subprocess.Popen(
        [sys.executable, "-c", prelude + code, *map(str, arguments)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **options,
    )


def output(process: subprocess.Popen[str]) -> str:
    told, said = process.communicate(timeout=60)
    assert process.returncode == 0, said
    return told


# what it remembers


def test_what_is_remembered_is_told_by_the_next_scan(path: Path, opened: Callable[..., Store]) -> None:
    store = opened()
    assert everything(store) == ALL
    assert store.problem == ""


def test_what_was_written_is_told_at_once(opened: Callable[..., Store]) -> None:
    store = opened()
    assert everything(store) == NOTHING
    write_all(store)
    assert everything(store) == ALL


def test_another_digest_knows_nothing_of_it(path: Path, opened: Callable[..., Store]) -> None:
    other = opened("ff" * 32)
    assert everything(other) == NOTHING
    other.remember(ids(5, 1), {})
    assert everything(opened())[:3] == ALL[:3]
    assert other.known() == set(ids(5, 1))


def test_repositories_and_names_are_apart(path: Path, opened: Callable[..., Store]) -> None:
    store = opened()
    assert (store.memory("there", "walked"), store.memory("here", "result")) == (None, None)
    assert store.sealed(["other", "key"]) == {"key": '{"fact": 1}'}
    assert store.sealed([]) == {}


def test_memory_and_facts_are_replaced(path: Path, opened: Callable[..., Store]) -> None:
    store = opened()
    store.remember_memory("here", "walked", b"")
    store.remember_sealed({"key": "2"})
    assert everything(store)[:3] == (b"[1]", b"", {"key": "2"})


def test_names_that_are_no_unicode_are_names(opened: Callable[..., Store]) -> None:
    store = opened()
    odd = os.fsdecode(b"\xff\n'\"")
    store.remember(set(), {ids(1, 1)[0]: odd})
    store.remember_memory(odd, odd, b"x")
    store.remember_sealed({odd: odd})
    assert store.memory(odd, odd) == b"x"
    assert (store.sealed([odd]), store.dirty()) == ({odd: odd}, {ids(1, 1)[0]: odd})


def test_many_facts_are_found_at_once(opened: Callable[..., Store]) -> None:
    facts = {f"key {number}": str(number) for number in range(1700)}
    store = opened()
    store.remember_sealed(facts)
    assert store.sealed([*facts, "another"]) == facts


def test_the_same_again_takes_no_room(path: Path, opened: Callable[..., Store]) -> None:
    size = path.stat().st_size
    for _ in range(100):
        store = opened()
        write_all(store)
        store.close()
    assert path.stat().st_size == size
    assert everything(opened()) == ALL


def test_an_id_of_another_length_is_refused(opened: Callable[..., Store]) -> None:
    with pytest.raises(ValueError, match="19 bytes"):
        opened().remember([bytes(19)], {})


def test_two_hundred_thousand_ids(opened: Callable[..., Store]) -> None:
    many = set(ids(0, 200_000))
    opened().remember(many, DIRTY)
    store = opened()
    assert store.known() == {*many, *DIRTY}
    assert store.dirty() == DIRTY


def rows(path: Path, question: str) -> list[tuple[Any, ...]]:
    connection = sqlite3.connect(path)
    try:
        return connection.execute(question).fetchall()
    finally:
        connection.close()


def test_many_small_writes_become_few_rows(path: Path, opened: Callable[..., Store]) -> None:
    store = opened()
    for number in range(300):
        width = (20, 32)[number % 2]
        dirty = {ids(90_000 + number, 1)[0]: "tag"} if number % 3 == 0 else {}
        store.remember(ids(3000 + 10 * number, 20, width), dirty)
    known = {*CLEAN, *DIRTY}
    known |= {each for number in range(300) for each in ids(3000 + 10 * number, 20, (20, 32)[number % 2])}
    known |= {ids(90_000 + number, 1)[0] for number in range(0, 300, 3)}
    assert store.known() == known
    assert store.dirty() == {**DIRTY, **{ids(90_000 + number, 1)[0]: "tag" for number in range(0, 300, 3)}}
    assert rows(path, "SELECT count(*) FROM seen")[0][0] <= 70


def test_what_is_dirty_is_known_whatever_another_scan_writes(opened: Callable[..., Store]) -> None:
    """Rows are merged, and a new one may get the number of one that is gone."""
    reader, writer = opened(), opened()
    for number in range(150):
        writer.remember((), {ids(90_000 + number, 1)[0]: "tag"})
        reader.memory("here", "holding")
        assert reader.dirty().keys() >= set(ids(90_000, number + 1))


def test_ids_beyond_one_row_are_divided(opened: Callable[..., Store], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store_records, "_CHUNK_BYTES", 1600)
    store = opened()
    store.remember(CLEAN, DIRTY)
    assert store.known() == {*CLEAN, *DIRTY}
    assert len(store_records.chunked(ids(0, 81), {})) == 2


@pytest.mark.parametrize(
    ("sizes", "count"),
    [
        ([20] * 65, 65),
        ([20, 20, 5000], 2),
        ([20, 100, 200, 200, 200], 5),
        ([20, 40, 80, 160], 0),
        ([20, 20, 60, 100, 1000], 4),
        ([], 0),
    ],
)
def test_large_chunks_are_left_alone(sizes: list[int], count: int) -> None:
    assert store_records.worth_merging(sizes) == count


def test_the_digests_used_last_are_kept(opened: Callable[..., Store], monkeypatch: pytest.MonkeyPatch) -> None:
    now = [time.time()]
    monkeypatch.setattr(store_records, "_DIGESTS", 8)
    monkeypatch.setattr(store_records.time, "time", lambda: now[0])
    digests = [f"{number:02x}" * 32 for number in range(10)]
    for digest in digests[:8]:
        store = opened(digest)
        write_all(store)
        store.close()
        now[0] += 10
    now[0] += 100_000
    opened(digests[0]).close()  # used today
    for digest in digests[8:]:
        now[0] += 10
        opened(digest).remember(ids(7, 1), {})
    assert [bool(opened(digest).known()) for digest in digests] == [True, False, False, *[True] * 7]
    path = info(opened("00")._folder).path
    for table in ("seen", "kept"):
        assert len(rows(path, f"SELECT DISTINCT era FROM {table}")) <= 8


def test_opening_writes_once_a_day(path: Path, opened: Callable[..., Store], monkeypatch: pytest.MonkeyPatch) -> None:
    before = path.read_bytes()
    everything(opened())
    opened("ee" * 32)
    (wal,) = path.parent.glob("*-wal")
    assert wal.stat().st_size == 0
    now = time.time() + 90_000
    monkeypatch.setattr(store_records.time, "time", lambda: now)
    opened()
    assert wal.stat().st_size > 0
    assert path.read_bytes() == before


# what is in the file


def test_nothing_else_is_in_the_file(folder: Path, opened: Callable[..., Store]) -> None:
    store = opened()
    store.remember(CLEAN, DIRTY)
    store.remember_sealed({"key": '{"fact": 1}'})
    store.remember_memory("/home/somebody/project", "walked", b"{}")
    store.close()
    (path,) = folder.iterdir()
    assert b"somebody" not in path.read_bytes()
    place = hashlib.sha256(b"/home/somebody/project").digest()
    nowhere = hashlib.sha256(b"").digest()
    kept = {(b"memory", place, b"walked", b"{}"), (b"sealed", nowhere, b"key", b'{"fact": 1}')}
    assert set(rows(path, "SELECT kind, place, name, content FROM kept")) == kept
    seen = rows(path, "SELECT dirty, word, width, ids FROM seen")
    told = {
        (each[start : start + width], bool(dirty), word)
        for dirty, word, width, each in seen
        for start in range(0, len(each), width)
    }
    assert told == {(each, False, b"") for each in CLEAN} | {(each, True, DIRTY[each].encode()) for each in DIRTY}
    assert rows(path, "SELECT digest, typeof(era), typeof(used), length(proof) FROM digests") == [
        (DIGEST.encode(), "integer", "real", 16)
    ]
    assert {
        length for (length,) in rows(path, "SELECT length(proof) FROM seen UNION SELECT length(proof) FROM kept")
    } == {16}
    assert [name for (name,) in rows(path, "SELECT name FROM sqlite_master WHERE type = 'table'")] == [
        "digests",
        "kept",
        "seen",
    ]


def mode(path: Path) -> int:
    return stat.S_IMODE(path.lstat().st_mode)


def test_file_and_folder_are_the_users_alone(folder: Path, opened: Callable[..., Store]) -> None:
    before = os.umask(0)
    try:
        write_all(opened())
    finally:
        os.umask(before)
    assert mode(folder) == 0o700
    assert {file.name: mode(file) for file in folder.iterdir()} == {
        f"history.sqlite3{end}": 0o600 for end in ("", "-wal", "-shm")
    }


def test_a_file_that_others_can_read_is_closed_to_them(path: Path, opened: Callable[..., Store]) -> None:
    path.chmod(0o644)
    assert everything(opened()) == ALL
    assert mode(path) == 0o600


# two at once, and a sudden end


WRITER = """
who = int(sys.argv[2])
store = Store.open(DIGEST, folder)
for number in range(60):
    store.remember(ids(100_000 * who + 10 * number, 10), {ids(50_000 + 100_000 * who + number, 1)[0]: "blob"})
    store.remember_memory(str(who), "holding", b"%d" % number)
    store.known()
store.close()
print(store.problem)
"""


def test_two_scans_at_once_lose_nothing(folder: Path, opened: Callable[..., Store]) -> None:
    writers = [child(WRITER, folder, who) for who in (1, 2)]
    assert [output(writer) for writer in writers] == ["\n", "\n"]
    store = opened()
    clean = {each for who in (1, 2) for each in ids(100_000 * who, 600)}
    dirty = dict.fromkeys((each for who in (1, 2) for each in ids(50_000 + 100_000 * who, 60)), "blob")
    assert store.known() == {*clean, *dirty}
    assert store.dirty() == dirty
    assert (store.memory("1", "holding"), store.memory("2", "holding"), store.problem) == (b"59", b"59", "")


OPENER = """
while not (folder / "go").exists():
    pass
for number in range(20):
    store = Store.open(f"{number:02x}" * 32, folder / str(number))
    store.remember(ids(int(sys.argv[2]), 1), {})
    store.close()
    assert not store.problem, store.problem
"""


def test_two_scans_may_make_the_file_at_once(tmp_path: Path) -> None:
    openers = [child(OPENER, tmp_path, who) for who in (1, 2, 3)]
    time.sleep(0.5)
    (tmp_path / "go").touch()
    assert [output(opener) for opener in openers] == [""] * 3
    for number in range(20):
        store = Store.open(f"{number:02x}" * 32, tmp_path / str(number))
        assert store.known() == set(ids(1, 3))
        store.close()


KILLED = """
store = Store.open(DIGEST, folder)
start = int(sys.argv[2])
for number in range(start, start + 1_000_000):
    store.remember(ids(7 * number, 7), {ids(10_000_000 + number, 1)[0]: "blob"})
    store.remember_memory("here", "holding", b"%d" % number)
    print(number, flush=True)
"""


def test_a_kill_at_any_moment_loses_nothing_that_was_written(folder: Path, opened: Callable[..., Store]) -> None:
    chance = random.Random(7)
    start = 0
    for _ in range(10):
        process = child(KILLED, folder, start)
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(chance.random() * 0.06)
        process.send_signal(signal.SIGKILL)
        told, _ = process.communicate()
        last = max([start, *map(int, told.split())])
        store = opened()
        held = int(store.memory("here", "holding") or b"")
        known = store.known()
        assert store.problem == ""
        assert held >= last
        assert known >= {*ids(0, 7 * (held + 1)), *ids(10_000_000, held + 1)}
        assert set(store.dirty()) >= set(ids(10_000_000, held + 1))
        store.close()
        assert rows(folder / "history.sqlite3", "PRAGMA integrity_check") == [("ok",)]
        start = held + 1


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store_file, "_PATIENCE_SECONDS", 0.02)


@pytest.mark.usefixtures("impatient")
def test_a_write_that_waits_for_too_long_is_done_later(path: Path, opened: Callable[..., Store]) -> None:
    first, second = opened(), opened()
    blocker = sqlite3.connect(path, isolation_level=None)
    blocker.execute("BEGIN IMMEDIATE")
    for number, store in enumerate((first, second)):
        store.remember(ids(70_000 + number, 1), {ids(80_000 + number, 1)[0]: "tag"})
        store.remember_memory("here", "holding", b"%d" % number)
        assert store.problem == ""
        assert everything(store) == ALL  # neither of them, since the later one rests on the earlier one
    blocker.execute("ROLLBACK")
    blocker.close()
    first.remember_sealed({"other": "1"})
    third = opened()
    assert (third.memory("here", "holding"), third.known()) == (
        b"0",
        {*CLEAN, *DIRTY, *ids(70_000, 1), *ids(80_000, 1)},
    )
    second.close()
    assert third.memory("here", "holding") == b"1"
    assert third.dirty() == {**DIRTY, **dict.fromkeys(ids(80_000, 2), "tag")}


def test_a_scan_does_not_go_on_after_another_dropped_its_digest(path: Path, opened: Callable[..., Store]) -> None:
    store = opened()
    assert store.known() == {*CLEAN, *DIRTY}
    for number in range(store_records._DIGESTS):
        opened(f"{number:02x}" * 32).remember(ids(1, 1), {})
    store.remember_memory("here", "holding", b"[9]")
    assert store.problem == f"{NOT_USED}another scan has emptied it"
    assert everything(opened()) == NOTHING
    assert store.dirty() == DIRTY  # what it was told as known rests on this


# damage


def other_schema(path: Path) -> None:
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE more (x)")
    connection.commit()
    connection.close()


def other_version(path: Path) -> None:
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA user_version = -1")
    connection.close()


def another_database(path: Path) -> None:
    path.unlink()
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE places (url)")
    connection.commit()
    connection.close()
    path.chmod(0o600)


def content(made: bytes) -> Callable[[Path], None]:
    def write(path: Path) -> None:
        path.write_bytes(made)

    return write


def cut(keep: Callable[[int], int]) -> Callable[[Path], None]:
    def truncate(path: Path) -> None:
        os.truncate(path, keep(path.stat().st_size))

    return truncate


def update(statement: str) -> Callable[[Path], None]:
    def change(path: Path) -> None:
        connection = sqlite3.connect(path)
        assert connection.execute(statement).rowcount > 0
        connection.commit()
        connection.close()

    return change


DAMAGE = {
    "text": content(b"hello\n" * 1000),
    "short text": content(b"xy"),
    "noise": content(random.Random(1).randbytes(20_000)),
    "zeros": content(bytes(8192)),
    "another schema": other_schema,
    "another version": other_version,
    "another database": another_database,
    **{f"cut to {keep}": cut(lambda size, keep=keep: keep) for keep in (2, 15, 16, 99, 100, 511, 512, 4095, 4096, 8192)},
    "cut in half": cut(lambda size: size // 2),
    "cut by a page": cut(lambda size: size - 4096),
    "half an id less": update("UPDATE seen SET ids = substr(ids, 1, length(ids) - 7)"),
    "an id less": update("UPDATE seen SET ids = substr(ids, 1, length(ids) - width)"),
    "another width": update("UPDATE seen SET width = 52 - width"),
    "width 0": update("UPDATE seen SET width = 0"),
    "no width": update("UPDATE seen SET width = 'x'"),
    "ids as text": update("UPDATE seen SET ids = 'abc'"),
    "text that is no text": update("UPDATE seen SET word = CAST(x'ff' AS TEXT)"),
    "clean after all": update("UPDATE seen SET dirty = 0 WHERE dirty = 1"),
    "another word": update("UPDATE seen SET word = x'41' WHERE dirty = 1"),
    "a row less": update("DELETE FROM seen WHERE dirty = 1 AND width = 32"),
    "no rows": update("DELETE FROM seen"),
    "no proof": update("UPDATE digests SET proof = x''"),
    "another era": update("UPDATE digests SET era = era + 1"),
    "no era": update("UPDATE digests SET era = 'x'"),
    "another digest": update(f"UPDATE digests SET digest = x'{b'other'.hex()}'"),
    "memory": update("UPDATE kept SET content = x'5b5d' WHERE kind = x'6d656d6f7279'"),
    "memory as text": update("UPDATE kept SET content = '[]' WHERE kind = x'6d656d6f7279'"),
}  # fmt: skip


@pytest.mark.parametrize("spoil", DAMAGE.values(), ids=DAMAGE)
def test_a_damaged_file_is_rebuilt(spoil: Callable[[Path], None], path: Path, opened: Callable[..., Store]) -> None:
    spoil(path)
    digest = "other" if spoil is DAMAGE["another digest"] else DIGEST
    store = opened(digest)
    assert store.memory("here", "holding") is None
    assert store.problem == REBUILT
    assert everything(store) == NOTHING
    write_all(store)
    assert everything(store) == ALL
    store.close()
    assert mode(path) == 0o600
    store = opened(digest)
    assert (everything(store), store.problem) == (ALL, "")


def test_a_damaged_file_is_rebuilt_by_a_write(path: Path, opened: Callable[..., Store]) -> None:
    DAMAGE["no era"](path)
    store = opened()
    write_all(store)
    assert store.problem == REBUILT
    assert everything(store) == ALL


def hides_nothing(store: Store) -> None:
    """Each answer is the true one or none; and where something counts as seen, all that is dirty is told."""
    holding, memory, sealed, known, dirty = everything(store)
    if holding or memory or known:
        assert dirty == DIRTY
    assert holding in (ALL[0], None)
    assert memory in (ALL[1], None)
    assert sealed in (ALL[2], {})
    assert known in (ALL[3], set())


def test_a_last_byte_that_is_gone_hides_nothing(path: Path, opened: Callable[..., Store]) -> None:
    os.truncate(path, path.stat().st_size - 1)
    hides_nothing(opened())


@pytest.mark.parametrize("keep", [0, 1])  # SQLite, too, takes a file of one byte for an empty one
def test_an_empty_file_is_a_new_one(keep: int, path: Path, opened: Callable[..., Store]) -> None:
    os.truncate(path, keep)
    store = opened()
    assert (everything(store), store.problem) == (NOTHING, "")
    write_all(store)
    assert everything(store) == ALL


def test_what_was_told_from_a_file_that_proves_damaged_leads_to_nothing(
    path: Path, opened: Callable[..., Store]
) -> None:
    store = opened()
    assert store.known() == {*CLEAN, *DIRTY}
    DAMAGE["clean after all"](path)
    assert store.memory("here", "holding") is None
    assert store.problem == REBUILT
    write_all(store)
    assert everything(store) == (*NOTHING[:4], DIRTY)
    again = opened()
    assert (everything(again), again.problem) == (NOTHING, "")


def test_two_scans_that_find_damage_rebuild_once(path: Path, opened: Callable[..., Store]) -> None:
    first, second = opened(), opened()
    DAMAGE["no proof"](path)
    assert (first.known(), first.problem) == (set(), REBUILT)
    write_all(first)
    assert (second.known(), second.problem) == (set(), REBUILT)
    assert everything(second) == ALL  # that of the first is left alone


def test_no_flipped_bit_hides_what_is_dirty(path: Path, folder: Path) -> None:
    whole = path.read_bytes()
    chance = random.Random(3)
    told = []
    for _ in range(200):
        spoilt = bytearray(whole)
        spoilt[chance.choice((chance.randrange(len(whole)), chance.randrange(4096, 3 * 4096)))] ^= (
            1 << chance.randrange(8)
        )
        for file in folder.iterdir():
            file.unlink()
        path.write_bytes(spoilt)
        path.chmod(0o600)
        store = Store.open(DIGEST, folder)
        hides_nothing(store)
        store.close()
        told.append(store.problem)
    assert REBUILT in told and "" in told


def test_a_file_in_place_of_the_folder(folder: Path, opened: Callable[..., Store]) -> None:
    folder.parent.mkdir()
    folder.write_text("mine")
    assert opened().problem.startswith(NOT_USED)
    assert folder.read_text() == "mine"


# what is somebody else's


def link(path: Path) -> None:
    path.rename(path.with_name("aside"))
    path.symlink_to(path.with_name("aside"))


def linked_folder(path: Path) -> None:
    path.parent.rename(path.parent.with_name("aside"))
    path.parent.symlink_to(path.parent.with_name("aside"), target_is_directory=True)


def folder_in_its_place(path: Path) -> None:
    path.unlink()
    path.mkdir()


def pipe_in_its_place(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def linked_log(path: Path) -> None:
    path.with_name("aside").touch()
    path.with_name(path.name + "-wal").symlink_to("aside")


def newer(path: Path) -> None:
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA user_version = 2")
    connection.close()


FOREIGN = {
    "group": lambda path: path.chmod(0o620),
    "world": lambda path: path.chmod(0o602),
    "folder of a group": lambda path: path.parent.chmod(0o770),
    "folder of the world": lambda path: path.parent.chmod(0o707),
    "link": link,
    "linked folder": linked_folder,
    "folder": folder_in_its_place,
    "pipe": pipe_in_its_place,
    "linked log": linked_log,
    "newer": newer,
}


def listing(folder: Path) -> dict[str, tuple[int, bytes]]:
    folder = folder.resolve()
    return {
        file.name: (file.lstat().st_mode, file.read_bytes() if stat.S_ISREG(file.lstat().st_mode) else b"")
        for file in folder.iterdir()
    }


def is_left_alone(path: Path, store: Store) -> None:
    before = listing(path.parent)
    assert store.problem.startswith(NOT_USED)
    assert everything(store) == NOTHING
    write_all(store)
    assert everything(store) == NOTHING
    store.close()
    assert listing(path.parent) == before


@pytest.mark.parametrize("spoil", FOREIGN.values(), ids=FOREIGN)
def test_what_is_not_ours_alone_is_not_used(
    spoil: Callable[[Path], None], path: Path, opened: Callable[..., Store]
) -> None:
    spoil(path)
    before = listing(path.parent)
    is_left_alone(path, opened())
    assert listing(path.parent) == before
    told = info(path.parent)
    assert not told.usable
    assert told.problem.startswith(NOT_USED)
    assert listing(path.parent) == before


@pytest.mark.parametrize("whose", ["file", "folder"])
def test_what_belongs_to_another_user_is_not_used(
    whose: str, path: Path, opened: Callable[..., Store], monkeypatch: pytest.MonkeyPatch
) -> None:
    target = path if whose == "file" else path.parent
    if os.getuid() == 0:
        os.chown(target, 12345, 12345)
    else:
        true = os.lstat(target).st_uid
        monkeypatch.setattr(os, "getuid", lambda: true + 1)
    store = opened()
    assert store.problem == f"{NOT_USED}{target} is not a private {whose} of yours"
    is_left_alone(path, store)


def test_a_newer_one_says_so(path: Path, opened: Callable[..., Store]) -> None:
    newer(path)
    assert opened().problem == f"{NOT_USED}a newer modelguard wrote it"


# no room, no right, no SQLite


READER = """
store = Store.open(DIGEST, folder)
write_all(store)
print(everything(store) == NOTHING, store.problem)
store.close()
"""


@pytest.mark.parametrize("there", [True, False])
def test_a_folder_that_cannot_be_written(there: bool, path: Path) -> None:
    if not there:
        path.unlink()
    path.parent.chmod(0o500)
    try:
        told = output(child(READER, path.parent, **bound_by_modes()))
    finally:
        path.parent.chmod(0o700)
    assert told.startswith(f"True {NOT_USED}")
    assert path.exists() == there


def test_a_home_in_which_nothing_can_be_made(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir(mode=0o500)
    told = output(child(READER + "print(info(folder).problem)", home / ".cache" / "modelguard", **bound_by_modes()))
    assert told == f"True {NOT_USED}Permission denied\n{NOT_USED}{home} cannot be written\n"


FULL = """
import resource
store = Store.open(DIGEST, folder)
if sys.argv[2] == "known before":
    assert everything(store) == ALL
room = int(sys.argv[3])
resource.setrlimit(resource.RLIMIT_FSIZE, (room, room))
store.remember(ids(500_000, 20_000), {ids(600_000, 1)[0]: "blob"})
store.remember_memory("here", "holding", b"[9]")
print(store.problem)
print(everything(store) == (*NOTHING[:4], DIRTY if sys.argv[2] == "known before" else {}))
store.close()
"""


@pytest.mark.parametrize("before", ["known before", "not"])
@pytest.mark.parametrize("room", [0, 40_000, 200_000])
def test_a_full_disk_ends_it_quietly(path: Path, opened: Callable[..., Store], before: str, room: int) -> None:
    problem, quiet = output(child(FULL, path.parent, before, room)).splitlines()
    assert problem.startswith(NOT_USED)
    assert quiet == "True"
    store = opened()
    assert (everything(store), store.problem) == (ALL, "")


def test_a_full_disk_from_the_start(folder: Path, opened: Callable[..., Store]) -> None:
    limit = "import resource\nresource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))\n"
    assert output(child(limit + READER, folder)).startswith(f"True {NOT_USED}")
    store = opened()
    write_all(store)
    assert (everything(store), store.problem) == (ALL, "")


@pytest.mark.parametrize("error", [sqlite3.OperationalError("disk I/O error"), OSError(5, "I/O"), OverflowError("big")])
def test_any_failure_of_a_read_makes_it_quiet(
    path: Path, opened: Callable[..., Store], monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    store = opened()

    def fail(*arguments: object) -> None:
        raise error

    with monkeypatch.context() as patch:
        patch.setattr(store_records.Era, "records", fail)
        assert store.sealed(["key"]) == {}
    assert store.problem.startswith(NOT_USED)
    write_all(store)
    assert everything(store) == NOTHING
    assert everything(opened()) == ALL


def test_without_sqlite(path: Path, opened: Callable[..., Store], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store_file, "sqlite3", None)
    is_left_alone(path, opened())
    assert info(path.parent).problem == f"{NOT_USED}this Python has no sqlite3"


def test_without_a_home(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(store_module, "cache_folder", fail)
    problem = f"{NOT_USED}you have no home, and MODELGUARD_CACHE_DIR is not set"
    assert (Store.open(DIGEST).problem, info().problem) == (problem, problem)
    with pytest.raises(ModelguardError, match="MODELGUARD_CACHE_DIR"):
        clear()


def test_a_folder_that_cannot_be(monkeypatch: pytest.MonkeyPatch) -> None:
    assert Store.open(DIGEST, Path("a\0b")).problem.startswith(NOT_USED)


def test_the_folder_is_the_users_cache(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MODELGUARD_CACHE_DIR", str(path.parent))
    store = Store.open(DIGEST)
    assert everything(store) == ALL
    store.close()
    assert info().path == path


def test_after_the_end_it_is_empty(path: Path, opened: Callable[..., Store]) -> None:
    store = opened()
    store.close()
    store.close()
    write_all(store)
    assert (everything(store), store.problem) == (NOTHING, "")


# what people see of it


def test_info_counts(path: Path, folder: Path, opened: Callable[..., Store]) -> None:
    opened("ff" * 32).remember([*ids(0, 10), *ids(700_000, 5)], {})
    opened().remember_memory("there", "holding", b"")
    opened().close()
    told = info(folder)
    assert (told.path, told.usable, told.problem) == (path, True, "")
    assert (told.objects, told.repositories, told.digests) == (len(CLEAN) + len(DIRTY) + 5, 2, 2)
    assert told.bytes == sum(file.stat().st_size for file in folder.iterdir())


def test_info_makes_nothing(folder: Path) -> None:
    told = info(folder)
    assert (told.bytes, told.objects, told.repositories, told.digests, told.usable, told.problem) == (
        0,
        0,
        0,
        0,
        True,
        "",
    )
    assert not folder.parent.exists()


@pytest.mark.parametrize("name", ["text", "cut in half", "a row less"])
def test_info_rebuilds_nothing(name: str, path: Path) -> None:
    DAMAGE[name](path)
    before = path.read_bytes()
    told = info(path.parent)
    assert not told.usable
    assert told.problem == "the cache of earlier scans is damaged; the next scan that uses it rebuilds it"
    assert path.read_bytes() == before


def test_clear_removes_what_is_ours_and_nothing_else(path: Path, folder: Path, opened: Callable[..., Store]) -> None:
    opened().remember(ids(1, 1), {})  # so that there is a log
    own = {file: file.stat().st_size for file in folder.iterdir()}
    assert len(own) == 3
    for name in ("engine-1.hsdb", "engine-1.building"):
        (folder / name).write_bytes(b"12345")
        own[folder / name] = 5
    aside = folder.parent / "aside"
    aside.write_text("not to be removed")
    (folder / "engine-2.hsdb").symlink_to(aside)
    (folder / "engine-3.hsdb").mkdir()
    for name in ("notes.txt", "history.sqlite3.bak", "other.hsdb", "other.building", "my-history.sqlite3"):
        (folder / name).write_text("mine")
    assert compiled_databases(folder) == (1, 5)
    others = {file for file in folder.iterdir() if file not in own}
    assert clear(folder) == sum(own.values())
    assert set(folder.iterdir()) == others
    assert aside.read_text() == "not to be removed"
    assert clear(folder) == 0


def test_clear_leaves_another_users_files(path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    true = path.lstat().st_uid
    monkeypatch.setattr(os, "getuid", lambda: true + 1)
    assert clear(folder) == 0
    assert path.exists()


def test_clear_does_not_follow_a_linked_folder(path: Path, folder: Path) -> None:
    linked_folder(path)
    assert clear(folder) == 0
    assert path.exists()


def test_clear_of_nothing(folder: Path) -> None:
    assert clear(folder) == 0


def test_a_scan_goes_on_after_a_clear(path: Path, folder: Path, opened: Callable[..., Store]) -> None:
    store = opened()
    assert everything(store) == ALL
    clear(folder)
    store.remember(ids(1, 1), {})
    again = opened()
    assert everything(again) == NOTHING
    write_all(again)
    store.close()
    assert everything(again) == ALL
    again.close()
    assert everything(opened()) == ALL
    assert rows(path, "PRAGMA integrity_check") == [("ok",)]
