"""Images of containers: what a later layer deletes is found, and said to be deleted."""

from __future__ import annotations

import gzip
import io
import json
import tarfile
from collections.abc import Callable

import pytest

from modelguard.budget import Budget
from modelguard.readers.archives.image_manifest import images
from modelguard.readers.archives.image_whiteouts import Whiteouts, layers_above
from modelguard.readers.interface import Limits, OverBudget
from modelguard.readers.kinds import HEAD_BYTES, kind_of
from tests.corpus.archives import packed_by_zstd
from tests.packed import tarred, zipped
from tests.readers.opened import RULES, bears_damage, scanned, values
from tests.readers.written_images import in_blobs, layer, layout, saved, with_links

VALUES = values()
ENV = f"# settings\nHF_TOKEN={VALUES.hub}\n".encode()
DELETED = " (deleted by a later layer)"
FIRST = "0" * 64 + "/layer.tar"
SECOND = "0" * 63 + "1/layer.tar"
LOWER = layer(("app/.env", ENV), ("app/main.py", b"import torch\n"))


def told(data: bytes, path: str = "image.tar") -> list[str | None]:
    """The places of all tokens."""
    return [each.place.inner for each in scanned(data, path).findings if each.rule == RULES.hub]


@pytest.mark.parametrize(
    ("whiteout", "is_deleted"),
    [
        ("app/.wh..env", True),
        ("./app/.wh..env", True),
        ("/app//.wh..env", True),
        (".wh.app", True),
        ("app/.wh..wh..opq", True),
        (".wh..wh..opq", True),
        ("app/.wh.main.py", False),
        ("app/.wh..en", False),
        ("app/.wh.app", False),
        ("app/.env/.wh..wh..opq", False),
        ("app/.wh.", False),
        (".wh..wh.app", False),
        ("app/sub/.wh..wh..opq", False),
        ("other/.wh..env", False),
    ],
)
def test_what_a_whiteout_deletes(whiteout: str, is_deleted: bool) -> None:
    remark = DELETED if is_deleted else ""
    upper = layer(("app/x", b"x"), (whiteout, b""))
    assert told(saved(LOWER, upper)) == [f"{FIRST}!app/.env{remark}"]


@pytest.mark.parametrize("pack", [bytes, gzip.compress, packed_by_zstd])
@pytest.mark.parametrize("nested", [False, True])
@pytest.mark.parametrize("before", ["", "./"])
def test_an_oci_layout(pack: Callable[[bytes], bytes], nested: bool, before: str) -> None:
    data = layout(LOWER, layer(("app/.wh..env", b"")), pack=pack, nested=nested, before=before)
    blob = in_blobs(pack(LOWER))
    inner = "" if pack is bytes else "!" + blob.rpartition("/")[2]
    assert told(data) == [f"{before}{blob}{inner}!app/.env{DELETED}"]
    finding = next(iter(scanned(data, "image.tar").findings))
    assert (finding.origin.path, finding.place.line, finding.place.inside) == ("image.tar", 2, True)


def test_only_layers_below_are_meant() -> None:
    whiteout = ("app/.wh..env", b"")
    assert told(saved(layer(whiteout), LOWER)) == [f"{SECOND}!app/.env"]
    assert told(saved(layer(("app/.env", ENV), whiteout))) == [f"{FIRST}!app/.env"]
    assert told(saved(layer(("app/.env", ENV), whiteout), layer(("app/x", b"")))) == [f"{FIRST}!app/.env"]


def test_what_a_still_later_layer_brings_back_was_deleted_all_the_same() -> None:
    lowest, whiteout, again = LOWER, layer(("app/.wh..env", b"")), layer(("app/.env", b"#\n" + ENV))
    assert told(saved(lowest, whiteout, again)) == [f"{FIRST}!app/.env{DELETED}", f"{'0' * 63}2/layer.tar!app/.env"]


def test_the_manifest_says_the_order_and_not_the_archive() -> None:
    data = saved(layer(("app/.wh..env", b"")), LOWER, images=[[1, 0]])
    assert told(data) == [f"{SECOND}!app/.env{DELETED}"]


def test_a_layer_of_several_images_is_deleted_where_all_of_them_delete_it() -> None:
    whiteout = layer(("app/.wh..env", b""))
    other = layer(("app/x", b"x"), ("app/.wh..env", b""))
    assert told(saved(LOWER, whiteout, other, images=[[0, 1], [0, 2]])) == [f"{FIRST}!app/.env{DELETED}"]
    assert told(saved(LOWER, whiteout, images=[[0, 1], [0]])) == [f"{FIRST}!app/.env"]


def test_of_a_layer_that_is_listed_twice_the_last_place_counts() -> None:
    whiteout = layer(("app/.wh..env", b""))
    assert told(saved(LOWER, whiteout, images=[[0, 1, 0]])) == [f"{FIRST}!app/.env"]
    assert told(saved(LOWER, whiteout, images=[[0, 0, 1]])) == [f"{FIRST}!app/.env{DELETED}"]


def test_what_lies_in_a_deleted_file_says_so_of_the_file() -> None:
    inner = zipped(("x/.env", ENV))
    lower = layer(("app/old.zip", inner), ("app/new.zip", zipped(("y/.env", ENV))))
    data = saved(lower, layer(("app/.wh.old.zip", b""), ("x/.wh..env", b""), ("y/.wh..env", b"")))
    assert told(data) == [f"{FIRST}!app/old.zip{DELETED}!x/.env", f"{FIRST}!app/new.zip!y/.env"]


def test_an_image_in_an_image() -> None:
    within = saved(LOWER, layer(("app/.wh..env", b"")))
    data = layout(layer(("save.tar", within)), layer((".wh.other.tar", b"")), pack=gzip.compress)
    (place,) = told(zipped(("outer.tar", data)), "a.zip")
    assert place is not None and place.endswith(f"!save.tar!{FIRST}!app/.env{DELETED}")
    assert place.count(DELETED) == 1


def test_layers_that_are_links_to_others() -> None:
    whiteout = layer((".wh.app", b""))
    members = [("a" * 64 + ".tar", LOWER), ("b" * 64 + ".tar", whiteout)]
    links = {"c/layer.tar": f"../{'a' * 64}.tar", "d/layer.tar": "../e/layer.tar", "e/layer.tar": f"../{'b' * 64}.tar"}
    manifest = ("manifest.json", json.dumps([{"Layers": ["c/layer.tar", "d/layer.tar"]}]).encode())
    assert told(with_links([*members, manifest], links)) == [f"{'a' * 64}.tar!app/.env{DELETED}"]
    round_and_round = {"c/layer.tar": "../d/layer.tar", "d/layer.tar": "../c/layer.tar"}
    assert told(with_links([*members, manifest], round_and_round)) == [f"{'a' * 64}.tar!app/.env"]


MANIFESTS = {
    "no JSON": b"[{",
    "no list": b"{}",
    "other types": b'[{"Layers": [1, {}]}]',
    "nothing": b"[]",
    "null": b'[{"Layers": null}]',
    "missing layers": b'[{"Layers": ["x.tar", "../../etc/passwd", "manifest.json"]}]',
    "deep": b"[" * 100_000,
    "not UTF-8": b'[{"Layers": ["\xff"]}]',
}


@pytest.mark.parametrize("manifest", MANIFESTS.values(), ids=MANIFESTS)
def test_a_manifest_that_lies_takes_nothing_away(manifest: bytes) -> None:
    upper = layer(("app/.wh..env", b""), ("id", VALUES.cloud.encode()))
    data = tarred((FIRST, LOWER), (SECOND, upper), ("manifest.json", manifest))
    seen = scanned(data, "image.tar")
    assert [(each.rule, each.place.inner) for each in seen.findings] == [
        (RULES.hub, f"{FIRST}!app/.env"),
        (RULES.cloud, f"{SECOND}!id"),
    ]
    assert not seen.gaps


def test_indexes_that_lead_to_each_other() -> None:
    index = b'{"manifests": [{"digest": "a:1"}, {"digest": "a:1"}]}'
    texts = {
        "index.json": index,
        "blobs/a/1": b'{"manifests": [{"digest": "a:2"}, {"digest": "a:1"}]}',
        "blobs/a/2": b'{"manifests": [{"digest": "a:1"}], "layers": [{"digest": "a:3"}]}',
    }
    assert images(texts) == [("blobs/a/3",)]


def test_more_images_than_anybody_saves() -> None:
    manifest = json.dumps([{"Layers": [str(number)]} for number in range(10_000)]).encode()
    assert len(images({"manifest.json": manifest})) == 256


def test_a_damaged_layer_says_what_it_said_before() -> None:
    whiteouts = layer(("app/.wh..env", b""), ("more", bytes(range(256)) * 100))
    for damaged in (whiteouts[:1024] + b"\xff" * 512, gzip.compress(whiteouts)[:-20]):
        assert told(saved(LOWER, damaged)) == [f"{FIRST}!app/.env{DELETED}"]
    seen = scanned(saved(gzip.compress(LOWER)[:-9], layer(("app/.wh..env", b""))), "image.tar")
    assert seen.gaps, "the damage is told as ever"


def test_whiteouts_that_fill_memory_end() -> None:
    whiteouts = Whiteouts()
    most = 16 * 1024 * 1024 // 100
    with pytest.raises(OverBudget):
        any(whiteouts.add(f"{number}/.wh.x", 1) for number in range(most))  # type: ignore[func-returns-value]
    assert whiteouts.deleting("7/x") == 2
    assert whiteouts.deleting("a/" * 1_000_000) == 0


def test_layers_above_each_other() -> None:
    assert layers_above([[0, 1, 2], [1, 0]], 4) == [{0b110, 0}, {0b100, 0b1}, {0}, set()]


def test_a_look_ahead_that_costs_too_much_leaves_enough_for_the_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    bomb = gzip.compress(layer(("zeros", bytes(40_000_000)), ("app/.wh..env", b"")))
    limits = Limits(Budget(opened_bytes=60_000_000))
    monkeypatch.setattr("modelguard.readers.interface.Limits", lambda *told: limits)
    seen = scanned(saved(LOWER, bomb, layer(("id", VALUES.cloud.encode()))), "image.tar")
    assert {each.rule for each in seen.findings} == {RULES.hub, RULES.cloud}
    assert not seen.gaps


def test_what_a_look_ahead_costs_counts() -> None:
    limits = Limits(Budget(opened_bytes=100))
    for left in (25, 18, 13):
        ahead = limits.ahead()
        ahead.spend(left)
        with pytest.raises(OverBudget):
            ahead.spend(1)
    with pytest.raises(OverBudget):
        limits.spend(42)


@pytest.mark.parametrize("held", [1 << 12, 1 << 26])
def test_an_image_that_is_compressed_as_a_whole(held: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where it does not fit in memory it is a stream, and read forwards."""
    limits = Limits(Budget(held_bytes=held))
    monkeypatch.setattr("modelguard.readers.interface.Limits", lambda *told: limits)
    upper = layer(("bytes", bytes(range(256)) * 400), ("app/.wh..env", b""))
    for image in (saved(LOWER, upper), layout(LOWER, upper, pack=gzip.compress)):
        (place,) = told(gzip.compress(image), "image.tar.gz")
        assert place is not None and place.endswith(f"!app/.env{DELETED}")


@pytest.mark.parametrize(
    ("first", "is_image"),
    [
        ("blobs/sha256/" + "0" * 64, True),
        ("./manifest.json", True),
        ("sha256:" + "0" * 64, True),
        ("0" * 64 + ".tar.gz", True),
        ("oci-layout", True),
        ("0001.json", False),
        ("blobs.txt", False),
    ],
)
def test_what_may_be_an_image_is_told_by_its_first_member(first: str, is_image: bool) -> None:
    plain = tarred((first, b"x"))
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as archive:
        folder = tarfile.TarInfo("./")
        folder.type, folder.mtime = tarfile.DIRTYPE, 0.5  # type: ignore[assignment]  # it is in a header of its own
        archive.addfile(folder)
        archive.addfile(tarfile.TarInfo(first))
    for data in (plain, out.getvalue()):
        kind = kind_of(data[:HEAD_BYTES])
        assert kind is not None
        assert kind.reader == ("archives.image" if is_image else "archives.tar")


def test_damaged_images() -> None:
    bears_damage(saved(LOWER, layer(("app/.wh..env", b"")))[:9000], "image.tar")
    bears_damage(layout(LOWER, layer(("app/.wh..env", b"")), pack=gzip.compress, nested=True), "image.tar")
