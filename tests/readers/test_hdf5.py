"""HDF5: attributes, names and datasets at their places; nothing outside the file is opened, and no plugin is loaded."""

from __future__ import annotations

import io
import json
import os
import re
import struct
import sys
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from modelguard.model import GapReason
from modelguard.readers.interface import Text
from modelguard.seen import Seen
from tests.readers.opened import PASSWORD, RULES, bears_damage, in_worker, opened, places, scanned, values

VALUES = values()
HUB = VALUES.hub.encode()


def written(make: Callable[[Any], object], **how: Any) -> bytes:
    out = io.BytesIO()
    with h5py.File(out, "w", **how) as file:
        make(file)
    return out.getvalue()


def seen_of(make: Callable[[Any], object], **how: Any) -> Seen:
    return scanned(written(make, **how), "model.h5")


def attribute(value: Any) -> Callable[[Any], None]:
    def make(file: Any) -> None:
        file.create_group("layer").attrs["notes"] = value

    return make


def dataset(data: Any, **how: Any) -> Callable[[Any], object]:
    return lambda file: file.create_dataset("layer/notes", data=data, **how)


LINES = np.frombuffer(b"line\n" * 1000 + HUB + b"\n" + b"z" * 3000, dtype="u1")
POINTS = np.array([*b"x ", *HUB])
ROWS = np.array([b"x", HUB, b"y"])
GZIP = {"compression": "gzip", "shuffle": True, "fletcher32": True}
HIDDEN: dict[str, tuple[Callable[[Any], object], str]] = {
    "json attribute": (attribute(json.dumps({"config": VALUES.hub})), 'attribute "notes" of /layer'),
    "lines in an attribute": (attribute(f"one\ntwo {VALUES.hub}"), 'attribute "notes" of /layer:2'),
    "fixed attribute": (attribute(np.bytes_(HUB)), 'attribute "notes" of /layer'),
    "attribute of several": (attribute(["a", VALUES.hub, "b"]), 'attribute "notes"[1] of /layer'),
    "attribute of several, fixed": (attribute(ROWS), 'attribute "notes"[1] of /layer'),
    "opaque attribute": (attribute(np.void(b"\1" + HUB)), 'attribute "notes" of /layer'),
    "attribute of numbers": (attribute(POINTS.astype(">i8")), 'attribute "notes" of /layer'),
    "strings": (dataset(["a", "b", VALUES.hub]), "/layer/notes[2]"),
    "one string": (dataset(VALUES.hub), "/layer/notes"),
    "strings, packed": (
        dataset(np.array([["a", "b"], ["c", VALUES.hub]], dtype=object), chunks=(1, 2), compression="gzip"),
        "/layer/notes[1, 1]",
    ),
    "rows": (dataset(ROWS), "/layer/notes[1]"),
    "rows, in chunks": (dataset(ROWS, chunks=(1,)), "/layer/notes[1]"),
    "rows, packed": (dataset(ROWS, chunks=(2,), **GZIP), "/layer/notes[1]"),
    "rows, lzf": (dataset(np.array([b"x", b"y"] * 200 + [HUB]), chunks=(64,), compression="lzf"), "/layer/notes[400]"),
    "bytes": (dataset(LINES), "/layer/notes"),
    "bytes, packed": (dataset(LINES, chunks=(700,), compression="gzip"), "/layer/notes"),
    "bytes, with checksums": (dataset(LINES, chunks=(20,), fletcher32=True), "/layer/notes"),
    "bytes, lzf": (dataset(LINES, chunks=(700,), compression="lzf", shuffle=True), "/layer/notes"),
    "opaque": (dataset(np.void(b"\1" + HUB)), "/layer/notes"),
    "numbers": (dataset(POINTS.astype("i4"), chunks=(10,), **GZIP), "/layer/notes"),
    "large numbers": (dataset(POINTS.astype("i8"), chunks=(10,), **GZIP), "/layer/notes[2]"),
    "records": (dataset(np.array([(1, HUB)], dtype=[("a", "i4"), ("b", "S50")]), chunks=(1,), **GZIP), "/layer/notes"),
    "name": (lambda file: file.create_group(f"layer/{VALUES.hub}"), "name 0 in /layer"),
    "link": (
        lambda file: file.create_group("layer").__setitem__("a", h5py.SoftLink(f"/{VALUES.hub}")),
        "link /layer/a",
    ),
}


@pytest.mark.parametrize("how", [{}, {"libver": "latest"}, {"userblock_size": 1024}], ids=["old", "new", "block"])
@pytest.mark.parametrize("name", HIDDEN)
def test_each_hiding_place(name: str, how: dict[str, Any]) -> None:
    make, place = HIDDEN[name]
    seen = seen_of(make, **how)
    assert places(seen) == {RULES.hub: place}
    assert not seen.gaps


def test_bytes_of_the_file() -> None:
    for name in ("rows", "strings", "json attribute"):
        data = written(HIDDEN[name][0])
        (finding,) = scanned(data, "model.h5").findings
        assert HUB in data[finding.place.byte_start : finding.place.byte_end]


def test_an_attributes_name_is_the_key_of_its_value() -> None:
    (finding,) = seen_of(lambda file: file.attrs.__setitem__("db_password", PASSWORD)).findings
    assert finding.place.inner == 'attribute "db_password" of /'


@pytest.mark.parametrize(
    "data", [PASSWORD, np.bytes_(PASSWORD.encode()), [PASSWORD]], ids=["any", "fixed", "one of one"]
)
def test_a_datasets_name_is_the_key_of_its_only_string(data: Any) -> None:
    for how in ({}, {"libver": "latest"}):
        (finding,) = seen_of(lambda file: file.create_dataset("smtp/db_password", data=data), **how).findings
        assert (finding.place.inner or "").startswith("/smtp/db_password")


def test_a_name_that_is_a_value_is_not_shown() -> None:
    (finding,) = seen_of(lambda file: file.attrs.__setitem__(VALUES.hub, "x" * 20)).findings
    assert VALUES.hub not in str(finding)


def test_numbers_are_weights() -> None:
    make = dataset(np.frombuffer(b" " * 8 + HUB + b"\n" * (48 * 8 - 45), dtype="f8"))
    seen = seen_of(make)
    assert not seen.findings and not seen.gaps
    assert [(left.path, left.bytes) for left in seen.left_out] == [("model.h5!datasets", 384)]
    data = written(make)
    assert set(places(scanned(data, "model.h5", weights=True))) == {RULES.hub}


def test_no_other_file_is_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "secret.txt").write_bytes(HUB)
    with h5py.File(tmp_path / "other.h5", "w") as other:
        other["notes"] = VALUES.hub
        other["raw"] = np.frombuffer(HUB, dtype="u1")

    def make(file: Any) -> None:
        file["external"] = h5py.ExternalLink(str(tmp_path / "other.h5"), "/notes")
        file["soft"] = h5py.SoftLink("/external")
        file.create_dataset("stored", (37,), dtype="u1", external=[(str(tmp_path / "secret.txt"), 0, 37)])
        virtual = h5py.VirtualLayout((37,), dtype="u1")
        virtual[:] = h5py.VirtualSource(str(tmp_path / "other.h5"), "raw", shape=(37,))
        file.create_virtual_dataset("virtual", virtual)

    data = written(make)
    opened: list[str] = []
    monkeypatch.setattr(os, "open", lambda path, *how, **more: opened.append(str(path)))
    seen = scanned(data, "model.h5")
    assert not seen.findings and not opened
    assert sorted((gap.inner, gap.reason) for gap in seen.gaps) == [
        ("/external", GapReason.UNREADABLE),
        ("/stored", GapReason.UNREADABLE),
        ("/virtual", GapReason.UNREADABLE),
    ]


def test_links_in_a_circle_end() -> None:
    def make(file: Any) -> None:
        group = file.create_group("a")
        group["self"], group["up"], group["soft"] = group, file["/"], h5py.SoftLink("/a/soft")
        group.attrs["note"] = VALUES.hub

    seen = seen_of(make)
    assert places(seen) == {RULES.hub: 'attribute "note" of /a'}
    assert not seen.gaps


def test_no_plugin_is_loaded_for_a_filter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folders = [h5py.h5pl.get(number) for number in range(h5py.h5pl.size())]

    def make(file: Any) -> None:
        made = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
        made.set_chunk((10,))
        made.set_filter(32999, h5py.h5z.FLAG_OPTIONAL, ())
        space = h5py.h5s.create_simple((10,))
        chunk = h5py.h5d.create(file.id, b"notes", h5py.h5t.STD_U8LE, space, made)
        chunk.write_direct_chunk((0,), b"0123456789")

    seen = seen_of(make)
    assert [(gap.inner, gap.reason) for gap in seen.gaps] == [("/notes", GapReason.UNREADABLE)]
    assert "32999" in seen.gaps[0].detail
    assert [h5py.h5pl.get(number) for number in range(h5py.h5pl.size())] == folders


def packed(content: bytes, length: int) -> bytes:
    def make(file: Any) -> None:
        notes = file.create_dataset("notes", (length,), dtype="u1", chunks=(length,), compression="gzip")
        notes.id.write_direct_chunk((0,), content)

    return written(make)


def test_a_chunk_that_is_a_bomb() -> None:
    seen = scanned(packed(zlib.compress(b"\0" * (300 << 20)), 1000) + HUB, "model.h5")
    assert [(gap.inner, gap.reason) for gap in seen.gaps] == [("/notes", GapReason.MALFORMED)]
    assert set(places(seen)) == {RULES.hub}


def test_a_chunk_that_says_it_is_huge() -> None:
    seen = scanned(packed(zlib.compress(HUB), 100 << 20), "model.h5")
    assert not seen.gaps and [left.path for left in seen.left_out] == ["model.h5!datasets"]
    seen = scanned(packed(zlib.compress(HUB), 100 << 20), "model.h5", weights=True)
    assert [gap.reason for gap in seen.gaps] == [GapReason.MALFORMED]


def test_many_elements_that_point_to_one_string() -> None:
    def make(file: Any) -> None:
        notes = file.create_dataset("notes", (20_000,), dtype=h5py.string_dtype())
        notes[0] = "x" * 1_000_000 + " " + VALUES.hub
        start = notes.id.get_offset()
        places_of["at"] = start

    places_of: dict[str, int] = {}
    data = bytearray(written(make))
    element = data[places_of["at"] : places_of["at"] + 16]
    data[places_of["at"] : places_of["at"] + 16 * 20_000] = element * 20_000
    seen = scanned(bytes(data), "model.h5")
    assert places(seen) == {RULES.hub: "/notes[0]"}
    assert seen.bytes < 4 * len(data)


def test_an_attribute_of_many_elements_that_point_to_one_string() -> None:
    """Reading it with the library would take 4 GB, and as much as a pointer says beside it."""
    long = "x" * 1_000_000 + " " + VALUES.hub
    data = written(lambda file: file.attrs.__setitem__("notes", [long] + ["y"] * 4000))
    length = len(long).to_bytes(4, "little")
    (first,) = (
        data.index(length + found.start().to_bytes(8, "little"))
        for found in re.finditer(b"GCOL", data)
        if length + found.start().to_bytes(8, "little") in data
    )
    for said in (length, b"\xff\xff\xff\x7f"):
        pointer = said + data[first + 4 : first + 16]
        bomb = data[:first] + pointer * 4001 + data[first + 16 * 4001 :]
        seen = scanned(bomb, "model.h5")
        assert not seen.gaps
        assert places(seen) == {RULES.hub: 'attribute "notes"[0] of /'}
        assert seen.bytes < 4 * len(data)


def test_attributes_that_lie_in_a_heap_of_their_own() -> None:
    def make(file: Any) -> None:
        for number in range(40):
            file.attrs[f"a{number}"] = np.bytes_(HUB) if number == 7 else np.bytes_(b"text")
            file.attrs[f"b{number}"] = VALUES.cloud if number == 7 else "text"

    assert places(seen_of(make, libver="latest")) == {RULES.hub: 'attribute "a7" of /', RULES.cloud: None}


def test_without_the_library_it_is_looked_at_as_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    data = written(HIDDEN["strings"][0])
    monkeypatch.setitem(sys.modules, "h5py", None)
    seen = scanned(data, "model.h5")
    assert [gap.reason for gap in seen.gaps] == [GapReason.MISSING_EXTRA]
    assert "modelguard-scanner[" in seen.gaps[0].detail
    assert places(seen) == {RULES.hub: None}


@pytest.mark.parametrize(
    "rows", [np.array([b"x", HUB]), np.frombuffer(b"x".ljust(37) + HUB, "u1")], ids=["rows", "bytes"]
)
def test_a_piece_of_a_dataset_that_goes_on_behind_the_file(rows: Any) -> None:
    """What is there is told, at bytes that there are, and the rest is a gap."""
    data = written(lambda file: file.create_dataset("notes", data=rows, chunks=rows.shape))
    at = data.index(HUB)
    assert at + len(HUB) == len(data)
    data = data.replace(struct.pack("<Q", at - 37), struct.pack("<Q", at))
    seen = scanned(data, "model.h5")
    assert set(places(seen)) == {RULES.hub}
    assert [(gap.reason, gap.inner) for gap in seen.gaps] == [(GapReason.MALFORMED, "/notes")]
    told = [each for each in in_worker(lambda: opened(data, "model.h5"))[0] if isinstance(each, Text)]
    assert all(each.span(0, len(each.text))[1] <= len(data) for each in told)


def test_damage() -> None:
    def make(file: Any) -> None:
        file.attrs["a"] = "text"
        file.create_dataset("b", data=["c", "d"])
        file.create_dataset("e", data=np.zeros(20, dtype="u1"), chunks=(10,), compression="gzip")

    data = written(make, libver="latest")
    assert len(data) < 20_000
    bears_damage(data, "model.h5")


def test_what_an_index_of_pytables_repeats_is_told_once() -> None:
    """Values that stand only there are told."""

    def make(file: Any) -> None:
        file.create_dataset("df/text", data=np.array([b"fine", HUB]))
        file.create_dataset("df/_i_table/text/sorted", data=np.array([VALUES.forge.encode(), HUB]))

    assert places(scanned(written(make), "a.h5")) == {
        RULES.hub: "/df/text[1]",
        RULES.forge: "/df/_i_table/text/sorted[0]",
    }
