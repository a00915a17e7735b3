"""Files that vanish, shrink, grow or are replaced while they are read: a gap, never a wrong answer and never a crash."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from modelguard import scan
from modelguard.errors import Unreadable
from modelguard.model import GapReason
from modelguard.settings import Settings
from modelguard.sources.file import FileBlob


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "file.bin"
    path.write_bytes(b"0123456789" * 1000)
    return path


def blob_of(path: Path) -> FileBlob:
    return FileBlob(str(path), path.name)


def reason(action: Callable[[], object]) -> GapReason:
    with pytest.raises(Unreadable) as caught:
        action()
    assert caught.value.message
    return caught.value.reason


def test_gone_before_it_is_opened(path: Path) -> None:
    blob = blob_of(path)
    path.unlink()
    assert reason(lambda: blob.size) is GapReason.VANISHED
    assert reason(lambda: blob.read(0, 10)) is GapReason.VANISHED
    blob.close()


def test_gone_after_it_was_opened_is_read_to_its_end(path: Path) -> None:
    blob = blob_of(path)
    assert blob.size == 10_000
    path.unlink()
    assert blob.read(0, 20_000) == b"0123456789" * 1000
    blob.check_unchanged()
    blob.close()
    assert reason(lambda: blob.read(0, 1)) is GapReason.VANISHED


def test_cut_short(path: Path) -> None:
    blob = blob_of(path)
    assert blob.size == 10_000
    os.truncate(path, 100)
    assert blob.read(0, 10_000) == b"0123456789" * 10
    assert blob.read(5000, 6000) == b""
    assert reason(blob.check_unchanged) is GapReason.CHANGED
    blob.close()


def test_grown(path: Path) -> None:
    blob = blob_of(path)
    assert blob.size == 10_000
    with path.open("ab") as file:
        file.write(b"more")
    assert reason(blob.check_unchanged) is GapReason.CHANGED
    blob.close()


def test_written_over_with_as_many_bytes(path: Path) -> None:
    blob = blob_of(path)
    assert blob.size == 10_000
    os.utime(path, ns=(1, 1))
    assert reason(blob.check_unchanged) is GapReason.CHANGED
    blob.close()


def test_another_worker_reads_the_same_file_or_none(path: Path) -> None:
    blob = blob_of(path)
    assert blob.size == 10_000
    again = blob.again()
    assert again.read(0, 10) == b"0123456789"
    again.close()
    other = path.with_name("other")
    other.write_bytes(b"x" * 10_000)
    other.replace(path)
    assert reason(lambda: blob.again().read(0, 10)) is GapReason.CHANGED
    assert blob.read(0, 3) == b"012"
    blob.close()


@pytest.mark.parametrize(
    ("replacement", "expected"),
    [
        (lambda path: path.symlink_to("elsewhere"), GapReason.CHANGED),
        (lambda path: os.mkfifo(path), GapReason.SPECIAL),
        (lambda path: path.mkdir(), GapReason.SPECIAL),
    ],
)
def test_replaced_by_something_else(path: Path, replacement: Callable[[Path], None], expected: GapReason) -> None:
    blob = blob_of(path)
    path.unlink()
    replacement(path)
    assert reason(lambda: blob.size) is expected


def test_an_error_of_the_disk_is_a_gap(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(descriptor: int, count: int, offset: int) -> bytes:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(os, "pread", broken)
    (gap,) = scan(str(path), settings=Settings(jobs=1)).gaps
    assert gap.reason is GapReason.UNREADABLE
    assert "Input/output error; check the disk" in gap.detail


def test_reads_that_come_in_pieces_are_put_together(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = os.pread
    monkeypatch.setattr(os, "pread", lambda descriptor, count, offset: whole(descriptor, min(count, 7), offset))
    blob = blob_of(path)
    assert blob.read(3, 40) == (b"0123456789" * 10)[3:40]
    blob.close()


def test_descriptors_are_given_back(path: Path) -> None:
    before = len(os.listdir("/proc/self/fd"))
    for number in range(50):
        (path.parent / f"{number}.py").write_text("x = 1\n")
        os.mkfifo(path.parent / f"{number}.fifo")
    scan(str(path.parent), settings=Settings(jobs=1))
    assert len(os.listdir("/proc/self/fd")) == before


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_scan_of_a_file_that_is_cut_short_keeps_what_it_found(
    tmp_path: Path, token: str, monkeypatch: pytest.MonkeyPatch, jobs: int
) -> None:
    """The file has six windows, so that several workers share it; each sees that it changed, and one gap says so."""
    path = tmp_path / "large.bin"
    with path.open("wb") as file:
        file.write(token.encode() + b"\n")
        file.truncate(24 * 1024 * 1024)
    monkeypatch.setattr(FileBlob, "check_unchanged", _cut(FileBlob.check_unchanged, path))
    result = scan(str(path), settings=Settings(jobs=jobs))
    assert [finding.place.byte_start for finding in result.findings] == [0]
    assert [gap.reason for gap in result.gaps] == [GapReason.CHANGED]
    assert result.exit_status == 1


def _cut(check: Callable[[FileBlob], None], path: Path) -> Callable[[FileBlob], None]:
    def cut(blob: FileBlob) -> None:
        with path.open("ab") as file:
            file.write(b"x")
        check(blob)

    return cut
