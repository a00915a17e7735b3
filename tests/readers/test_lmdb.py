"""LMDB: every key and value at its place, whatever kind of page holds it; old data as they stand."""

from __future__ import annotations

import pickle
import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import lmdb
import pytest

from modelguard.model import GapReason
from modelguard.readers.interface import Text
from tests.corpus.documents import png
from tests.readers.opened import PASSWORD, RULES, bears_damage, opened, places, scanned, values

VALUES = values()
HUB = VALUES.hub.encode()
CLOUD = VALUES.cloud.encode()
Write = Callable[[lmdb.Environment, lmdb.Transaction], None]


def written(folder: Path, *writes: Write) -> bytes:
    """The file of an environment after these transactions."""
    with lmdb.open(str(folder / "e"), map_size=1 << 24, max_dbs=8, sync=False) as environment:
        for write in writes:
            with environment.begin(write=True) as transaction:
                write(environment, transaction)
        environment.sync(True)
    return (folder / "e" / "data.mdb").read_bytes()


def puts(*pairs: tuple[bytes, bytes], name: bytes | None = None, **flags: bool) -> Write:
    def write(environment: lmdb.Environment, transaction: lmdb.Transaction) -> None:
        db = environment.open_db(name, transaction, **flags)
        for key, value in pairs:
            transaction.put(key, value, db=db)

    return write


MANY = [(b"key%06d" % number, b"value %d " % number * 9) for number in range(3000)]


@pytest.mark.parametrize(
    ("pairs", "place"),
    [
        ([(b"note", b"x: " + HUB)], 'main["note"]'),
        ([*MANY, (b"key001500x", b"x: " + HUB)], 'main["key001500x"]'),
        ([(b"long", b"words " * 1000 + HUB + b"\n" * 20_000)], 'main["long"]'),
        ([(b"longer", b"words " * 20_000 + HUB + b"\n" * 20_000)], 'main["longer"]'),
        ([(b"k: " + HUB, b"")], 'main["k: ***"]'),
        ([(b"k: " + HUB, b"x" * 9000)], 'main["k: ***"]'),
        ([(b"k: " + HUB, b"x" * 90_000)], 'main["k: ***"]'),
        ([(b"image", png((b"zTXt", b"Comment\0\0" + zlib.compress(HUB))))], 'main["image"] → text chunk "Comment"'),
        ([(b"sample", pickle.dumps({"meta": {"token": VALUES.hub}}))], 'main["sample"] → ["meta"]["token"]'),
    ],
    ids=range(9),
)
def test_values_of_every_size(tmp_path: Path, pairs: list[tuple[bytes, bytes]], place: str) -> None:
    seen = scanned(written(tmp_path, puts(*pairs)), "train_lmdb/data.mdb")
    assert places(seen) == {RULES.hub: place}
    assert not seen.gaps


def test_a_key_says_what_its_value_is(tmp_path: Path) -> None:
    seen = scanned(written(tmp_path, puts((b"db_password", PASSWORD.encode()))), "data.mdb")
    assert set(places(seen).values()) == {'main["db_password"]'}


def test_databases_with_names(tmp_path: Path) -> None:
    data = written(tmp_path, puts((b"a", b"x: " + HUB), name=b"labels"), puts((b"b", b"x"), name=CLOUD))
    seen = scanned(data, "data.mdb")
    assert places(seen) == {RULES.hub: 'labels["a"]', RULES.cloud: 'name of database "***"'}


def test_keys_that_are_numbers(tmp_path: Path) -> None:
    data = written(tmp_path, puts((struct.pack("<Q", 77), b"x: " + HUB), name=b"n", integerkey=True))
    assert places(scanned(data, "data.mdb")) == {RULES.hub: "n[77]"}


@pytest.mark.parametrize("count", [3, 2000])
@pytest.mark.parametrize("fixed", [False, True])
def test_several_values_of_a_key(tmp_path: Path, count: int, fixed: bool) -> None:
    listed = [b"%06d %b" % (number, b"x" * 40) for number in range(count)] + [b"zz " + HUB.ljust(44)]
    pairs = [(b"k", value) for value in listed]
    data = written(tmp_path, puts(*pairs, name=b"d", dupsort=True, dupfixed=fixed))
    seen = scanned(data, "data.mdb")
    assert places(seen) == {RULES.hub: f'd["k"][{count}]'}
    assert not seen.gaps


def test_old_data_are_looked_at_as_they_stand(tmp_path: Path) -> None:
    def delete(_: lmdb.Environment, transaction: lmdb.Transaction) -> None:
        transaction.delete(b"old")

    data = written(tmp_path, puts(*MANY[:3], (b"old", b"x: " + HUB + b" ")), delete)
    assert {finding.place.inner for finding in scanned(data, "data.mdb").findings} == {None}
    data = written(tmp_path, puts((b"old", b"words " * 2000 + HUB + b" " * 9000)), delete, puts((b"new", b"y")))
    assert {finding.place.inner for finding in scanned(data, "data.mdb").findings} == {None}


def test_nothing_is_told_twice_and_most_is_covered(tmp_path: Path) -> None:
    data = written(tmp_path, puts(*MANY))
    pieces, gaps = opened(data, "data.mdb")
    told = b"\n".join(piece.text for piece in pieces if isinstance(piece, Text)).split(b"\n")
    assert sorted(told) == [key + b": " + value for key, value in MANY]
    assert not gaps


@pytest.mark.parametrize("root", [1, 3, 1 << 50])
def test_a_tree_that_is_none(tmp_path: Path, root: int) -> None:
    data = bytearray(written(tmp_path, puts((b"note", b"x: " + HUB))))
    for at in (0, int.from_bytes(data[40:44], "little")):
        struct.pack_into("<Q", data, at + 128, root)
    seen = scanned(bytes(data), "data.mdb")
    assert [gap.reason for gap in seen.gaps] == [GapReason.MALFORMED]
    assert places(seen) == {RULES.hub: None}


def test_one_meta_page_is_enough(tmp_path: Path) -> None:
    data = bytearray(written(tmp_path, puts((b"a", b"b")), puts((b"note", b"x: " + HUB))))
    size = int.from_bytes(data[40:44], "little")
    newest = max((0, size), key=lambda at: struct.unpack_from("<Q", data, at + 144)[0])
    older = size - newest
    data[older + 88 : older + 152] = bytes(64)
    assert places(scanned(bytes(data), "data.mdb")) == {RULES.hub: 'main["note"]'}


def test_another_version_is_a_gap(tmp_path: Path) -> None:
    data = written(tmp_path, puts((b"note", b"x: " + HUB))).replace(b"\xde\xc0\xef\xbe\1", b"\xde\xc0\xef\xbe\2")
    seen = scanned(data, "data.mdb")
    assert [gap.reason for gap in seen.gaps] == [GapReason.MALFORMED]
    assert places(seen) == {RULES.hub: None}


def test_pages_that_grow_into_themselves(tmp_path: Path) -> None:
    """Every child of a branch is the branch itself, or one leaf."""
    data = bytearray(written(tmp_path, puts(*MANY[:100])))
    size = int.from_bytes(data[40:44], "little")
    for at in range(2 * size, len(data), size):
        if data[at + 10] & 1:
            lower = struct.unpack_from("<H", data, at + 12)[0]
            for pointer in struct.unpack_from(f"<{(lower - 16) // 2}H", data, at + 16):
                struct.pack_into("<HHH", data, at + pointer, at // size, 0, 0)
            break
    seen = scanned(bytes(data), "data.mdb")
    assert not seen.findings and not seen.gaps


def test_nodes_that_lie_upon_each_other(tmp_path: Path) -> None:
    """A page that says that its nodes are all of it, over and over."""
    data = bytearray(written(tmp_path, puts((b"note", b"x: " + HUB))))
    size = int.from_bytes(data[40:44], "little")
    at = next(at for at in range(2 * size, len(data), size) if HUB in data[at : at + size])
    pointers = range(1016, 2016)
    struct.pack_into("<H", data, at + 12, 16 + 2 * len(pointers))
    struct.pack_into(f"<{len(pointers)}H", data, at + 16, *pointers)
    data[at + 2016 : at + size - 100] = struct.pack("<H", 1000) * ((size - 100 - 2016) // 2)
    seen = scanned(bytes(data), "data.mdb")
    assert {gap.reason for gap in seen.gaps} == {GapReason.MALFORMED}
    assert places(seen) == {RULES.hub: None}


def test_damage(tmp_path: Path) -> None:
    pairs = [(b"k", b"d%d" % number) for number in range(5)]
    writes = (puts((b"a", b"b"), (b"big", b"c" * 5000)), puts(*pairs, name=b"d", dupsort=True))
    bears_damage(written(tmp_path, *writes), "data.mdb")
