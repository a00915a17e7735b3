"""Archives: every member is looked at, at its place; what cannot be unpacked is a gap and is looked at as bytes."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import random
import tarfile
import zipfile

import pytest

from modelguard.budget import Budget
from modelguard.model import GapReason
from modelguard.readers.interface import Limits
from tests.packed import tarred, zipped
from tests.readers.opened import RULES, bears_damage, places, scanned, values

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


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress])
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
    seen = scanned(packed[: len(packed) - 1000], "run.log.gz")
    assert places(seen) == {RULES.hub: "run.log"}
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
