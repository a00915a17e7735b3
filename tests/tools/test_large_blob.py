"""Large objects in a history: found to the line, wherever windows meet, in flat memory and without temporary files."""

from __future__ import annotations

import hashlib
import json
import subprocess
import time
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.tools.conftest import Scan
from tests.tools.repo import Repo, Told, Tool, fingerprint, planted

_WINDOW = 4 << 20
_LINE = b"nothing is on this line, which is one like all the others here\n\n"
_LINES = _WINDOW // len(_LINE) * 2
"""Line feeds in a window."""

_HUGE_WINDOWS = 512
_MOST_RSS = 300 << 20
_MOST_WRITTEN = 8 << 20
_EDGE, _END = planted(0), planted(1)


def windows(count: int, edge: int) -> Iterator[tuple[bytes, bool]]:
    """`count` windows of text, and whether each is like most: a value lies across the `edge`th edge, and one at the end."""
    plain = _LINE * (_WINDOW // len(_LINE))
    for number in range(1, count + 1):
        window = plain
        if number == edge:
            window = window[:-22] + b"\n\n" + _EDGE[:20].encode()
        if number == edge + 1:
            window = _EDGE[20:].encode() + b"\n" + window[len(_EDGE[20:]) + 1 :]
        if number == count:
            window = window[: -len(_END) - 1] + b"\n" + _END.encode()
        yield window, window is plain


def lines(count: int, edge: int) -> dict[str, int]:
    """On which line each value is."""
    text = b"".join(window for window, _ in windows(2, 1))
    at_edge = (edge - 1) * _LINES + text[: _WINDOW - 20].count(b"\n")
    at_end = (count - 2) * _LINES + text.count(b"\n")
    return {_EDGE: at_edge + 1, _END: at_end + 1}


def put_huge(repo: Repo) -> str:
    """2 GiB as a loose object, whose deflated windows are all the same but three: git takes ten seconds to make it."""
    size = _HUGE_WINDOWS * _WINDOW
    digest, check = hashlib.sha1(usedforsecurity=False), 1
    head = f"blob {size}\0".encode()
    alike = b""
    written = [b"\x78\x01", _deflated(head)]
    for window, plain in ((head, False), *windows(_HUGE_WINDOWS, _HUGE_WINDOWS // 2)):
        digest.update(window)
        check = zlib.adler32(window, check)
        if window is not head:
            alike = alike or (_deflated(window) if plain else b"")
            written.append(alike if plain else _deflated(window))
    name = digest.hexdigest()
    repo.write(f".git/objects/{name[:2]}/{name[2:]}", b"".join(written) + b"\x03\x00" + check.to_bytes(4, "big"))
    return name


def _deflated(content: bytes) -> bytes:
    """By itself, so that others may precede and follow it (RFC 1951, 3.2.3)."""
    deflating = zlib.compressobj(6, zlib.DEFLATED, -15)
    return deflating.compress(content) + deflating.flush(zlib.Z_FULL_FLUSH)


def committed(repo: Repo, name: str) -> None:
    """In the history at `big.txt`, and no longer in the tree."""
    tree = repo.git("mktree", stdin=f"100644 blob {name}\tbig.txt\n".encode())
    commit = repo.git("commit-tree", tree, "-m", "big")
    empty = repo.git("mktree")
    repo.git("update-ref", "HEAD", repo.git("commit-tree", empty, "-p", commit, "-m", "gone"))


def family(session: int) -> tuple[int, int]:
    """Bytes in memory of all that run in a session, and bytes that they have written to files (proc(5))."""
    resident = written = 0
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if int((folder / "stat").read_bytes().rpartition(b") ")[2].split()[3]) != session:
                continue
            resident += int((folder / "statm").read_text().split()[1]) * 4096
            written += int((folder / "io").read_text().partition("\nwrite_bytes: ")[2].split()[0])
        except OSError:
            continue
    return resident, written


def test_two_gigabytes(repo: Repo, tool: Tool) -> None:
    name = put_huge(repo)
    committed(repo, name)
    scanning = subprocess.Popen(
        tool.command("scan", "--history-only", "--jobs", "2", "--format", "json"),
        cwd=repo.path,
        env=tool.environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    most = written = samples = 0
    while scanning.poll() is None:
        seen = family(scanning.pid)
        most, written, samples = max(most, seen[0]), max(written, seen[1]), samples + 1
        time.sleep(0.02)
    told = Told(scanning.returncode, json.loads(scanning.communicate()[0]), "")
    assert (told.status, told.gaps) == (1, [])
    assert {each["fingerprint"]: (each["path"], each["line"], each["object"]) for each in told.findings} == {
        fingerprint(token): ("big.txt", line, name) for token, line in lines(_HUGE_WINDOWS, _HUGE_WINDOWS // 2).items()
    }
    assert samples > 10
    assert most < _MOST_RSS, f"{most >> 20} MiB"
    assert written < _MOST_WRITTEN, f"{written} bytes"


@pytest.mark.parametrize("packed", [False, True])
def test_across_the_edge_of_windows(repo: Repo, scan: Scan, packed: bool) -> None:
    """Objects that are read at once and as a stream; in a pack, one is made from the other by a delta."""
    for count in (2, 10):  # windows: 8 and 40 MiB
        whole = b"".join(window for window, _ in windows(count, 1))
        for text in (whole, b"one line more\n" + whole, whole + b"\n" + planted(2).encode()):
            repo.commit({f"{count}.txt": text})
        repo.commit({f"{count}.txt": None})
        if packed:
            repo.git("repack", "-adf", "--quiet", "--window=3")
        told = scan(repo)
        assert told.gaps == []
        for token, line in lines(count, 1).items():
            found = told.one(token)
            assert (found["path"], found["line"]) == (f"{count}.txt", line)
            assert [each["deed"] for each in found["commits"] if each["path"] == f"{count}.txt"] == [
                "introduced",
                "removed",
            ]
        assert told.one(planted(2))["line"] == lines(count, 1)[_END] + 1


def test_a_large_history_behind_a_small_tree(repo: Repo, tool: Tool, scan: Scan) -> None:
    """The engine is chosen for what there is to scan, not for the few files beside it."""
    for database in tool.cache.glob("*.hsdb"):
        database.unlink()
    repo.commit({"a.txt": b"".join(window for window, _ in windows(2, 1))})
    repo.commit({"a.txt": "clean\n"})
    assert len(scan(repo).findings) == 2
    assert list(tool.cache.glob("*.hsdb"))
