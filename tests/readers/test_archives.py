"""Archives: every member is looked at, at its place; what cannot be unpacked is a gap and is looked at as bytes."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import pickle
import random
import struct
import sys
import tarfile
import zipfile
import zlib
from collections.abc import Callable

import lz4.frame
import pytest

from modelguard.budget import Budget
from modelguard.model import GapReason
from modelguard.readers.interface import Limits
from modelguard.readers.members import Streamed
from tests.corpus.archives import packed_by_zstd
from tests.packed import ar, cpio, rpm, tarred, zipped
from tests.readers.opened import RULES, PathBlob, bears_damage, places, scanned, values

VALUES = values()
ENV = f"# settings\nHF_TOKEN={VALUES.hub}\n".encode()


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2])
def test_a_member_of_a_zip_is_named_with_its_own_lines(method: int) -> None:
    seen = scanned(zipped(("a/.env", ENV), ("b.txt", b"nothing"), method=method), "dist.whl")
    (finding,) = seen.findings
    assert (finding.origin.path, finding.place.inner, finding.place.line) == ("dist.whl", "a/.env", 2)
    assert finding.place.inside
    assert not seen.gaps


@pytest.mark.parametrize("dialect", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_a_member_of_a_tar(dialect: int) -> None:
    seen = scanned(tarred(("x" * 90 + "/.env", ENV), dialect=dialect), "layer.tar")
    assert [(each.place.inner, each.place.line) for each in seen.findings] == [("x" * 90 + "/.env", 2)]
    assert not seen.gaps


@pytest.mark.parametrize(
    ("name", "pack"),
    [("run.log.gz", gzip.compress), ("run.log.bz2", bz2.compress), ("run.log.xz", lzma.compress)],
)
def test_one_compressed_file(name: str, pack: object) -> None:
    seen = scanned(pack(ENV) + pack(b"more"), name)  # type: ignore[operator]
    assert [(each.place.inner, each.place.line) for each in seen.findings] == [("run.log", 2)]
    assert not seen.gaps


def test_zstd() -> None:
    from backports import zstd

    seen = scanned(zstd.compress(ENV), "run.log.zst")
    assert places(seen) == {RULES.hub: "run.log"}


def test_lz4() -> None:
    frame = lz4.frame.compress(ENV, content_checksum=True)
    seen = scanned(frame + b"\x5a\x2a\x4d\x18\x04\0\0\0skip" + lz4.frame.compress(b"more"), "run.log.lz4")
    assert [(each.place.inner, each.place.line) for each in seen.findings] == [("run.log", 2)]
    assert not seen.gaps


def test_lz4_that_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "lz4.frame", None)
    (gap,) = scanned(lz4.frame.compress(ENV), "run.log.lz4").gaps
    assert gap.reason is GapReason.MISSING_EXTRA and "modelguard-scanner[all]" in gap.detail


def test_lz4_before_its_frames_is_a_gap() -> None:
    (gap,) = scanned(b"\x02\x21\x4c\x18" + struct.pack("<I", 20) + bytes(20), "vmlinux.lz4").gaps
    assert gap.reason is GapReason.UNREADABLE


def test_a_bomb_of_lz4(monkeypatch: pytest.MonkeyPatch) -> None:
    small = Limits(Budget(opened_bytes=1 << 22))
    monkeypatch.setattr("modelguard.readers.interface.Limits", lambda *told: small)
    seen = scanned(lz4.frame.compress(ENV + bytes(1 << 26)), "bomb.lz4")
    assert [gap.reason for gap in seen.gaps] == [GapReason.OVER_BUDGET]


def skippable(data: bytes) -> bytes:
    return b"\x50\x2a\x4d\x18" + struct.pack("<I", len(data)) + data


@pytest.mark.parametrize("pack", [packed_by_zstd, lz4.frame.compress])
@pytest.mark.parametrize("first", [True, False])
def test_frames_that_are_passed_over_are_looked_at_as_they_stand(pack: Callable[[bytes], bytes], first: bool) -> None:
    hidden = skippable(VALUES.cloud.encode())
    data = hidden + pack(ENV) if first else pack(ENV) + hidden + pack(b"more")
    seen = scanned(data, "run.log.packed")
    assert places(seen) == {RULES.hub: "run.log.packed", RULES.cloud: None}
    assert not seen.gaps


def gzipped(flags: int, header: bytes) -> bytes:
    plain = gzip.compress(ENV, mtime=0)
    return plain[:3] + bytes([flags]) + plain[4:10] + header + plain[10:]


@pytest.mark.parametrize(
    ("flags", "header"),
    [
        (16, VALUES.cloud.encode() + b"\0"),
        (8, VALUES.cloud.encode() + b"\0"),
        (4, struct.pack("<HccH", 25, b"A", b"p", 21) + VALUES.cloud.encode() + b"\n"),
        (28, struct.pack("<HccH", 5, b"A", b"p", 1) + b"xname\0" + VALUES.cloud.encode() + b"\0"),
    ],
)
@pytest.mark.parametrize("before", [b"", gzip.compress(b"first\n")])
def test_what_stands_in_a_header_of_gzip(flags: int, header: bytes, before: bytes) -> None:
    seen = scanned(before + gzipped(flags, header), "run.log.gz")
    assert places(seen) == {RULES.hub: "run.log", RULES.cloud: None}
    assert not seen.gaps


def test_what_follows_the_end_of_a_packed_member_is_looked_at() -> None:
    packed = zlib.compress(ENV, wbits=-15) + VALUES.cloud.encode() + b"\n"
    data = bytearray(zipped(("a.env", packed), method=zipfile.ZIP_STORED))
    for at in (8, data.rindex(b"PK\x01\x02") + 10):
        data[at] = zipfile.ZIP_DEFLATED
    assert places(scanned(bytes(data), "a.zip")) == {RULES.hub: "a.env", RULES.cloud: None}


def test_containers_within_containers() -> None:
    inner = gzip.compress(tarred(("app/.env", ENV)))
    seen = scanned(zipped(("x/y.tar.gz", inner)), "outer.zip")
    assert places(seen) == {RULES.hub: "x/y.tar.gz!y.tar!app/.env"}


def test_what_stands_beside_the_members_is_looked_at() -> None:
    data = ENV + zipped(("a.txt", b"fine")) + b"\n" + VALUES.cloud.encode() + b"\n"
    assert set(places(scanned(data, "self-extracting.bin"))) >= {RULES.cloud}
    data = zipped(("a.txt", b"fine"))
    commented = io.BytesIO(data)
    with zipfile.ZipFile(commented, "a") as archive:
        archive.comment = ENV
    assert places(scanned(commented.getvalue(), "a.zip")) == {RULES.hub: None}


def test_two_members_of_one_name_are_both_looked_at() -> None:
    with pytest.warns(UserWarning, match="Duplicate"):
        data = zipped(("a.txt", VALUES.cloud.encode()), ("a.txt", ENV))
    assert set(places(scanned(data, "a.zip"))) == {RULES.hub, RULES.cloud}


def test_a_members_name_is_told_once() -> None:
    inner = zipped((f"{VALUES.cloud}.npy", b"x"))
    data = zipped(("a.txt", b"fine"), (f"{VALUES.hub}.npy", b"\0" * 40), (f"w/{VALUES.forge}", inner))
    told = {RULES.hub: "name of member 1", RULES.forge: "name of member 2", RULES.cloud: "w/***!name of member 0"}
    found = places(scanned(data, "arrays.npz"))
    assert {rule: (place or "").replace(" → ", "!") for rule, place in found.items()} == told


def test_a_members_name_that_is_a_value_is_not_shown() -> None:
    member = (f"{VALUES.forge}/{VALUES.hub}.env", f"id={VALUES.cloud}\n".encode())
    damaged = (f"{VALUES.hub}.npy", b"\x93NUMPY\x01\0")
    for pack in (zipped, tarred):
        seen = scanned(pack(member, ("inner.zip", zipped(damaged)), damaged), "a.bin")
        assert seen.gaps
        for said in (*seen.findings, *seen.gaps):
            assert VALUES.hub not in str(said)
            assert VALUES.forge not in str(said)
        assert "***/***.env" in {each.place.inner for each in seen.findings}


def test_the_place_of_a_members_name() -> None:
    data = zipped(("a.txt", b"fine"), (f"{VALUES.hub}.npy", b"\0" * 40))
    finding = next(each for each in scanned(data, "arrays.npz").findings if each.rule == RULES.hub)
    assert data[finding.place.byte_start : finding.place.byte_end].decode() == f"{VALUES.hub}.npy"


def test_a_name_that_only_the_directory_has_is_found() -> None:
    data = zipped((f"{VALUES.hub}.npy", b"\0" * 40), ("b.txt", b"fine"))
    at = data.rindex(VALUES.hub.encode())
    data = data[:at] + VALUES.forge[:37].encode() + data[at + 37 :]
    other = data.replace(VALUES.forge[:37].encode(), VALUES.cloud.rjust(37, "/").encode())
    assert set(places(scanned(other, "arrays.npz"))) == {RULES.hub, RULES.cloud}


def test_a_member_that_repeats_another_one_tells_only_what_is_new() -> None:
    code = f'def forward(self):\n  return "{VALUES.hub}"\n'
    source = pickle.dumps([f'return "{VALUES.hub}"', f"# {VALUES.cloud}"], 2)
    members = [("a/code/m.py.debug_pkl", source), ("a/code/m.py", code.encode())]
    for some in (members, members[::-1]):
        seen = scanned(zipped(*some, method=zipfile.ZIP_STORED), "script.pt")
        assert places(seen) == {RULES.hub: "a/code/m.py", RULES.cloud: "a/code/m.py.debug_pkl → [1]"}
    alone = scanned(zipped(members[0]), "script.pt")
    assert set(places(alone)) == {RULES.hub, RULES.cloud}


def test_an_encrypted_member_is_a_gap() -> None:
    data = bytearray(zipped(("a.txt", ENV)))
    directory = data.rindex(b"PK\x01\x02")
    data[directory + 8] |= 1
    seen = scanned(bytes(data), "a.zip")
    assert [(gap.inner, gap.reason) for gap in seen.gaps] == [("a.txt", GapReason.UNREADABLE)]


def test_a_bomb_ends_within_its_budget(monkeypatch: pytest.MonkeyPatch) -> None:
    bomb = b"\0" * (1 << 20)
    for _ in range(4):
        bomb = zipped(*[(f"{number}.zip", bomb) for number in range(10)])
    small = Limits(Budget(opened_bytes=1 << 26))
    monkeypatch.setattr("modelguard.readers.interface.Limits", lambda *told: small)
    seen = scanned(bomb, "bomb.zip")
    assert {gap.reason for gap in seen.gaps} == {GapReason.OVER_BUDGET}


def test_too_many_containers_in_each_other() -> None:
    data = ENV
    for _ in range(12):
        data = zipped(("in.zip", data), method=zipfile.ZIP_STORED)
    seen = scanned(data, "deep.zip")
    assert [gap.reason for gap in seen.gaps] == [GapReason.OVER_BUDGET]
    assert seen.findings, "what is too deep is looked at as bytes"


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_a_damaged_zip(method: int) -> None:
    bears_damage(zipped(("a/.env", ENV), ("b.txt", b"x" * 50), method=method), "a.zip")


def test_a_damaged_tar() -> None:
    bears_damage(tarred(("a/.env", ENV))[:2048], "a.tar")


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress, lz4.frame.compress])
def test_damaged_compression(pack: object) -> None:
    bears_damage(pack(ENV * 3), "a.bin")  # type: ignore[operator]


@pytest.mark.parametrize(
    ("budget", "reason"),
    [
        (Budget(held_bytes=1000), GapReason.MALFORMED),
        (Budget(held_bytes=1000, opened_bytes=1_200_000), GapReason.OVER_BUDGET),
    ],
)
def test_a_stream_that_ends_too_early_is_looked_at_as_far_as_it_goes(
    budget: Budget, reason: GapReason, monkeypatch: pytest.MonkeyPatch
) -> None:
    limits = Limits(budget)
    monkeypatch.setattr("modelguard.readers.interface.Limits", lambda *told: limits)
    content = b"words\n" * 100_000 + ENV + random.Random(1).randbytes(1_000_000)
    packed = gzip.compress(content, 1)
    seen = scanned(packed[: len(packed) - 1000], "run.txt.gz")
    assert places(seen) == {RULES.hub: "run.txt"}
    assert [gap.reason for gap in seen.gaps] == [reason]


def test_a_compressed_file_that_is_cut_short_says_so_and_tells_what_came_out() -> None:
    noise = bytes(range(256)) * 40
    packed = gzip.compress(ENV + noise)
    seen = scanned(packed[: len(packed) - 30], "a.env.gz")
    assert [gap.reason for gap in seen.gaps] == [GapReason.MALFORMED]
    assert places(seen) == {RULES.hub: "a.env"}


def test_a_stream_that_does_not_fit_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is unpacked once, in windows; a value across two of them is found, and so is what precedes damage."""
    noise = b"\n".join(b"%d" % (number * number) for number in range(1_000_000))
    text = noise[: 4 * 1024 * 1024 - 20] + b"\n" + ENV + noise
    small = Limits(Budget(held_bytes=1 << 20, opened_bytes=len(text) + 1))
    monkeypatch.setattr("modelguard.readers.interface.Limits", lambda *told: small)
    seen = scanned(gzip.compress(text, 1), "a.log.gz")
    line = text[: text.index(VALUES.hub.encode())].count(b"\n") + 1
    assert [(each.place.inner, each.place.line) for each in seen.findings] == [("a.log", line)]
    assert not seen.gaps


def test_a_stream_that_is_damaged_far_inside(monkeypatch: pytest.MonkeyPatch) -> None:
    noise = b"\n".join(b"%d" % (number * number) for number in range(1_000_000))
    packed = gzip.compress(ENV + noise, 1)
    small = Limits(Budget(held_bytes=1 << 20))
    monkeypatch.setattr("modelguard.readers.interface.Limits", lambda *told: small)
    seen = scanned(packed[: len(packed) // 2], "a.log.gz")
    assert [(each.place.inner, each.place.line) for each in seen.findings] == [("a.log", 2)]
    assert {gap.reason for gap in seen.gaps} == {GapReason.MALFORMED}


# zip archives with more in them than their directory says


def streamed(method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A zip that was written to a pipe: lengths follow the data."""

    class Pipe(io.RawIOBase):
        def __init__(self) -> None:
            self.written = bytearray()

        def writable(self) -> bool:
            return True

        def write(self, data: object) -> int:
            self.written += data  # type: ignore[arg-type]
            return len(data)  # type: ignore[arg-type]

    pipe = Pipe()
    with zipfile.ZipFile(pipe, "w", method) as archive:
        archive.writestr("a/.env", ENV)
        archive.writestr("b.txt", b"fine\n" * 40)
    return bytes(pipe.written)


def without_directory(data: bytes) -> bytes:
    return data[: data.index(b"PK\x01\x02")]


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2])
@pytest.mark.parametrize("is_streamed", [True, False])
def test_a_zip_that_was_cut_off_before_its_directory(method: int, is_streamed: bool) -> None:
    data = streamed(method) if is_streamed else zipped(("a/.env", ENV), ("b.txt", b"fine\n" * 40), method=method)
    seen = scanned(without_directory(data), "cut.zip")
    assert [(each.place.inner, each.place.line) for each in seen.findings] == [("a/.env", 2)]
    assert [gap.reason for gap in seen.gaps] == [GapReason.MALFORMED]


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2])
def test_every_way_of_packing(method: int) -> None:
    for data in (streamed(method), zipped(("a/.env", ENV), method=method)):
        seen = scanned(data, "a.zip")
        assert [(each.place.inner, each.place.line) for each in seen.findings] == [("a/.env", 2)]
        assert not seen.gaps


def test_what_was_deleted_from_a_zip_and_is_still_there() -> None:
    deleted = without_directory(zipped(("a/.env", ENV)))
    data = deleted + zipped(("b.txt", b"fine"))
    assert places(scanned(data, "a.zip")) == {RULES.hub: "a/.env"}
    assert places(scanned(zipped(("a/.env", ENV)) + zipped(("b.txt", b"fine")), "a.zip")) == {RULES.hub: "a/.env"}


@pytest.mark.parametrize(
    ("before", "path"),
    [(b"#!/usr/bin/env python3\n", "app.pex"), (b"MZ" + bytes(5000), "setup.exe"), (b"Cr24", "a.crx")],
)
def test_a_zip_behind_a_program(before: bytes, path: str) -> None:
    seen = scanned(before + zipped(("a/.env", ENV)), path)
    assert [(each.place.inner, each.place.line) for each in seen.findings] == [("a/.env", 2)]
    assert not seen.gaps


def test_a_zip_behind_more_than_a_window() -> None:
    data = random.Random(1).randbytes(5 << 20) + zipped(("a/.env", ENV))
    assert places(scanned(data, "model.dat")) == {RULES.hub: "a/.env"}


def test_a_member_that_only_says_that_it_is_encrypted() -> None:
    for method in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        data = bytearray(zipped(("a/.env", ENV), method=method))
        data[data.rindex(b"PK\x01\x02") + 8] |= 1
        seen = scanned(bytes(data), "a.zip")
        assert places(seen) == {RULES.hub: "a/.env"}
        assert [gap.reason for gap in seen.gaps] == [GapReason.UNREADABLE]


def test_a_way_of_packing_that_nobody_knows_is_a_gap() -> None:
    data = zipped(("a/.env", ENV)).replace(b"\x08\0\0\0\x21\0", b"\x09\0\0\0\x21\0")
    seen = scanned(data, "a.zip")
    assert [(gap.inner, gap.reason) for gap in seen.gaps] == [("a/.env", GapReason.UNREADABLE)]


def test_a_value_in_the_name_of_a_member_is_told_once() -> None:
    seen = scanned(zipped((f"runs/{VALUES.hub}/a.txt", b"fine")), "a.zip")
    assert list(places(seen)) == [RULES.hub]


def test_an_empty_zip_is_no_gap() -> None:
    seen = scanned(zipped(), "a.zip")
    assert not seen.gaps
    assert not seen.findings


def test_damaged_zips_without_a_directory() -> None:
    bears_damage(without_directory(streamed()), "a.zip")
    bears_damage(zipped(("a/.env", ENV), method=zipfile.ZIP_LZMA), "a.zip")


# other archives


@pytest.mark.parametrize("name", [".env", "a/longer/name/of/some.env"])
def test_a_member_of_an_ar_archive(name: str) -> None:
    data = ar(("first.o", b"odd"), (name, ENV))
    seen = scanned(data, "lib.a")
    assert [(each.place.inner, each.place.line) for each in seen.findings] == [(name, 2)]
    assert not seen.gaps
    bears_damage(data, "lib.a")


def test_a_debian_package() -> None:
    data = ar(("debian-binary", b"2.0\n"), ("data.tar.xz", lzma.compress(tarred(("./opt/.env", ENV)))))
    assert places(scanned(data, "demo.deb")) == {RULES.hub: "data.tar.xz!data.tar!./opt/.env"}


@pytest.mark.parametrize("is_new", [True, False])
def test_a_member_of_a_cpio_archive(is_new: bool) -> None:
    data = cpio(("a.txt", b"odd"), ("opt/.env", ENV), is_new=is_new)
    for each, inner in ((data, "opt/.env"), (gzip.compress(data), "initrd.img!opt/.env")):
        seen = scanned(each, "initrd.img")
        assert places(seen) == {RULES.hub: inner}
        assert not seen.gaps
    behind = cpio(("a.txt", b"odd"), is_new=is_new) + data
    assert places(scanned(behind, "initrd.img")) == {RULES.hub: "opt/.env"}
    bears_damage(data, "a.cpio")


@pytest.mark.parametrize(("pack", "ending"), [(gzip.compress, ".gz"), (lzma.compress, ".xz"), (bytes, "")])
def test_an_rpm_package(pack: object, ending: str) -> None:
    data = rpm(pack(cpio(("./opt/.env", ENV))))  # type: ignore[operator]
    seen = scanned(data, "demo.rpm")
    between = "payload.cpio!" if ending else ""
    assert places(seen) == {RULES.hub: f"payload.cpio{ending}!{between}./opt/.env"}
    assert not seen.gaps
    bears_damage(data, "demo.rpm")


@pytest.mark.parametrize(
    ("head", "path"),
    [
        (b"Rar!\x1a\x07\x01\0", "a.rar"),
        (b"MSCF\0\0\0\0", "a.cab"),
        (b"hsqs" + bytes(20), "a.squashfs"),
        (b"#!/usr/bin/env run-singularity\n\0SIF_MAGIC", "a.sif"),
        (b"\x7fELF\2\1\1\0AI\2", "a.AppImage"),
        (b"\x1f\x9d\x90abc", "a.tar.Z"),
        (b"LZIP\1", "a.lz"),
        (b"x\xff\0", "a.br"),
    ],
)
def test_what_nothing_opens_is_a_gap_and_looked_at_as_it_stands(head: bytes, path: str) -> None:
    seen = scanned(head + b"\n" * 20 + ENV, path)
    assert places(seen) == {RULES.hub: None}
    assert [gap.reason for gap in seen.gaps] == [GapReason.UNREADABLE]


def test_text_and_programs_are_no_gap() -> None:
    for data, path in ((b"hsqs is a mark\n", "a.txt"), (b"\x7fELF\2\1\1\0" + bytes(90), "a.so"), (b"fine\n", "a.br")):
        assert not scanned(data, path).gaps


# tar


def old_tar(name: str, data: bytes) -> bytes:
    header = bytearray(512)
    header[: len(name)] = name.encode()
    header[100:148] = b"0000644\0" + b"0001750\0" * 2 + b"%011o\0" % len(data) + b"14000000000\0"
    header[148:157] = b"        0"
    header[148:156] = b"%06o\0 " % sum(header)
    return bytes(header) + data + bytes(-len(data) % 512) + bytes(1024)


def test_a_tar_of_the_oldest_dialect() -> None:
    seen = scanned(old_tar("a/.env", ENV), "a.bin")
    assert places(seen) == {RULES.hub: "a/.env"}
    assert not seen.gaps
    bears_damage(old_tar("a/.env", ENV)[:2048], "a.tar")


def test_a_tar_behind_a_tar() -> None:
    first, second = tarred(("b.txt", b"fine")), tarred(("a/.env", ENV))
    for data, inner in ((first + second, "a/.env"), (gzip.compress(first) + gzip.compress(second), "a.tar!a/.env")):
        seen = scanned(data, "a.tar" if data[:2] != b"\x1f\x8b" else "a.tar.gz")
        assert places(seen) == {RULES.hub: inner}
        assert not seen.gaps


# what stands beside what is compressed


def test_names_and_comments_of_gzip() -> None:
    head, packed = b"\x1f\x8b\x08\x1c" + bytes(6), gzip.compress(b"fine", mtime=0)[10:]
    extra = b"AB" + len(ENV).to_bytes(2, "little") + ENV
    for told in (
        len(extra).to_bytes(2, "little") + extra + b"a.txt\0comment\0",
        b"\0\0a.txt\0" + ENV + b"\0",
        b"\0\0" + ENV + b"\0comment\0",
    ):
        for before in (b"", gzip.compress(b"first")):
            seen = scanned(before + head + told + packed, "a.gz")
            assert places(seen) == {RULES.hub: None}
            assert not seen.gaps


def test_frames_that_zstd_skips() -> None:
    from backports import zstd

    skipped = b"\x53\x2a\x4d\x18" + len(ENV).to_bytes(4, "little") + ENV
    fine = zstd.compress(b"fine")
    for data in (skipped + fine, fine + skipped, fine + skipped + fine):
        seen = scanned(data, "a.zst")
        assert places(seen) == {RULES.hub: None}
        assert not seen.gaps
    assert places(scanned(b"\x50\x2a\x4d\x18\1\0\0\0x" + zstd.compress(ENV), "a.zst")) == {RULES.hub: "a"}


@pytest.mark.parametrize("damage", [-8, -1])
def test_what_comes_out_before_the_damage_is_looked_at(damage: int) -> None:
    data = bytearray(gzip.compress(ENV))
    data[damage] ^= 0xFF
    seen = scanned(bytes(data), "a.log.gz")
    assert places(seen) == {RULES.hub: "a.log"}
    assert [gap.reason for gap in seen.gaps] == [GapReason.MALFORMED]


def test_a_member_that_lies_before_the_archive_takes_no_other_with_it() -> None:
    """The directory moves all members by what it lies about itself; the second one's entry makes up for that."""
    data = bytearray(zipped(("a.txt", b"x" * 50), ("b.env", f"TOKEN={VALUES.hub}".encode() * 3)))
    second, end = data.rindex(b"PK\x01\x02"), data.rindex(b"PK\x05\x06")
    for at in (second + 42, end + 16):
        data[at : at + 4] = (int.from_bytes(data[at : at + 4], "little") + 10).to_bytes(4, "little")
    seen = scanned(bytes(data), "a.zip")
    assert {finding.place.inner for finding in seen.findings} == {"b.env"}
    assert [gap.inner for gap in seen.gaps] == ["a.txt"]


def in_parts(data: bytes, count: int = 3) -> list[bytes]:
    size = len(data) // count + 1
    return [data[at : at + size] for at in range(0, len(data), size)]


@pytest.mark.parametrize(
    "names",
    [
        ("a.zip.001", "a.zip.002", "a.zip.003"),
        ("a.z01", "a.z02", "a.zip"),
        ("a.tar.gz.aa", "a.tar.gz.ab", "a.tar.gz.ac"),
        ("a.7z.01", "a.7z.02", "a.7z.03"),
    ],
)
def test_each_part_of_a_split_archive_is_a_gap(names: tuple[str, ...]) -> None:
    noise = random.Random(1).randbytes(9000)
    whole = gzip.compress(noise) if "gz" in names[0] else zipped(("a.bin", noise))
    for name, part in zip(names, in_parts(whole), strict=True):
        assert scanned(part, name).gaps, name


def test_what_is_only_named_so_is_no_gap() -> None:
    for name in ("notes.zip", "run.001", "a.zip.001", "b.z01", "c.tar.gz.aa"):
        assert not scanned(b"version https://git-lfs.github.com/spec/v1\n", name).gaps
    assert not scanned(random.Random(2).randbytes(5000), "run.001").gaps


def test_a_zip_file_behind_something_else_is_opened() -> None:
    data = b"\x7fELF" + bytes(3000) + zipped(("a.txt", b"x " * 300 + VALUES.hub.encode()))
    assert places(scanned(data, "setup.pyz")) == {RULES.hub: "a.txt"}


def test_a_rar_archive_is_a_gap() -> None:
    (gap,) = scanned(b"Rar!\x1a\x07\x01\x00" + bytes(300), "a.rar").gaps
    assert gap.reason is GapReason.UNREADABLE


class _Counted:
    """Bytes that come out of a stream, and how often it was asked."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0
        self.asked = 0

    def read(self, count: int) -> bytes:
        self.asked += 1
        self.at += count
        return self.data[self.at - count : self.at]


def test_many_small_reads_of_a_stream_unpack_much_at_once_and_keep_the_rest() -> None:
    data = random.Random(4).randbytes(5 << 20)
    stream = _Counted(data)
    member = Streamed(PathBlob(b"", "a.gz"), "a", lambda: stream, 0, 0)
    chance = random.Random(5)
    at = 0
    while at < len(data):
        end = at + chance.choice((1, 512, 512, 3000, 200_000, 2_000_000))
        assert member.read(at, end) == data[at:end]
        at = min(end, len(data)) - chance.choice((0, 1)) if end < len(data) else end
    assert stream.asked < 20


def test_a_long_name_of_a_member_that_lies_before_the_archive() -> None:
    data = bytearray(zipped(("a/very/long/name/of/a/file.txt", b"fine"), ("b.env", ENV)))
    listed, end = data.index(b"PK\x01\x02"), data.rindex(b"PK\x05\x06")
    data[end + 16 : end + 20] = (int.from_bytes(data[end + 16 : end + 20], "little") + 60).to_bytes(4, "little")
    assert listed < end
    seen = scanned(bytes(data), "a.zip")
    assert RULES.hub in {each.rule for each in seen.findings}
    assert {gap.reason for gap in seen.gaps} == {GapReason.MALFORMED}
    assert not any("Error" in gap.detail for gap in seen.gaps)


def test_a_checksum_of_a_tar_header_that_is_no_number() -> None:
    """What a file is must be told without an error, whatever is in it."""
    data = bytearray(tarred(("a/.env", ENV), dialect=tarfile.USTAR_FORMAT))
    data[257:265] = bytes(8)
    data[329:357] = bytes(28)
    for checksum in (b"_WrXGybh", b"12 34567", b"        ", b"\0" * 8, b"99999999"):
        data[148:156] = checksum
        assert RULES.hub in {finding.rule for finding in scanned(bytes(data), "a.bin").findings}


def test_what_breaks_while_a_kind_is_told_is_looked_at_as_it_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(head: bytes, path: str) -> None:
        raise ValueError("the message may hold a value")

    monkeypatch.setattr("modelguard.readers.kinds.sniffed", broken)
    assert RULES.hub in {finding.rule for finding in scanned(ENV, "a.bin").findings}
