"""Content is what was taken, whoever reads it and however, or the reading ends."""

from __future__ import annotations

import hashlib
import io
import os
import pickle
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelguard.errors import Unreadable
from modelguard.guards.hub.content import BLOCK, ContentReader, take_bytes, take_file, take_stream


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "file"
    path.write_bytes(os.urandom(2 * BLOCK + 77))
    return path


def test_it_reads_as_the_file_does(path: Path) -> None:
    data = path.read_bytes()
    with path.open("rb") as file:
        for content in (take_file(str(path), "file"), take_bytes(data, "file"), take_stream(file, "file")):
            assert (content.size, content.taken.sha256) == (len(data), hashlib.sha256(data).hexdigest())
            assert content.taken.sample == data[:512]
            for start, end in (
                (0, 10),
                (BLOCK - 3, BLOCK + 3),
                (5, 2 * BLOCK + 70),
                (len(data) - 1, len(data) + 9),
                (len(data), len(data) + 1),
            ):
                assert content.read(start, end) == data[start:end]
            assert ContentReader(content).read() == data
            content.close()


@given(
    data=st.binary(max_size=300),
    steps=st.lists(st.tuples(st.sampled_from([0, 1, 2]), st.integers(-50, 350), st.integers(-1, 99))),
)
def test_its_reader_moves_as_a_file_does(data: bytes, steps: list[tuple[int, int, int]]) -> None:
    ours, real = ContentReader(take_bytes(data, "x")), io.BytesIO(data)
    for whence, offset, count in steps:
        target = {0: 0, 1: real.tell(), 2: len(data)}[whence] + offset
        if target >= 0:
            assert ours.seek(offset, whence) == real.seek(target)
        assert ours.read(count) == real.read(count)
        assert ours.tell() == real.tell()


def test_a_file_that_is_another_one_or_changed_is_not_read(path: Path) -> None:
    content = take_file(str(path), "file")
    again = pickle.loads(pickle.dumps(content))
    assert again.read(0, 4) == path.read_bytes()[:4]
    again.close()
    with path.open("ab") as file:
        file.write(b"more")
    for each in (content.again(), pickle.loads(pickle.dumps(content))):
        with pytest.raises(Unreadable):
            each.read(0, 1)
        with pytest.raises(Unreadable):
            each.check_same()


def test_a_block_that_changed_is_not_read_though_nothing_tells_of_it(path: Path) -> None:
    content = take_file(str(path), "file")
    state = path.stat()
    with path.open("r+b") as file:
        file.seek(BLOCK + 5)
        file.write(b"changed")
    os.utime(path, ns=(state.st_atime_ns, state.st_mtime_ns))
    content.check_same()
    assert content.read(0, BLOCK)
    with pytest.raises(Unreadable):
        content.read(BLOCK - 1, BLOCK + 1)
    content.close()


def test_what_a_stream_gives_later_is_no_part_of_it(path: Path) -> None:
    with path.open("rb") as file:
        content = take_stream(file, "file")
        before = path.read_bytes()
        with path.open("ab") as more:
            more.write(b"more")
        assert ContentReader(content).read() == before
    with pytest.raises(Unreadable):
        take_stream(file, "file")
