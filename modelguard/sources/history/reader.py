"""Content of objects as git inflates it: one `git cat-file --batch` a process, read while it works.

Requests run ahead of the answers, so that git never waits; they fit into a pipe's buffer, so that we never wait for git
to take them while it waits for us.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import IO

from modelguard.sources.git import Process, end, on_lines
from modelguard.sources.history.listing import Listed
from modelguard.sources.history.repository import Repository

_AHEAD_BYTES = 32 * 1024
_BUFFER_BYTES = 128 * 1024
_SET_PIPE_SIZE = 1031  # F_SETPIPE_SZ of fcntl(2): Python knows it by name since 3.10, on Linux


class ObjectReader:
    """Reads objects of one repository; used in one thread. `close` ends the git behind it."""

    def __init__(self, repository: Repository) -> None:
        self._repository = repository
        self._ahead = _AHEAD_BYTES // (2 * repository.id_bytes + 1)
        self._process: Process | None = None
        self._answers: IO[bytes] | None = None

    def read(self, objects: Sequence[Listed]) -> Iterator[tuple[Listed, bytes | None]]:
        """Each object with its content, or None where git has none: it is damaged, or gone.

        Raises:
            GitError: git cannot be started.
        """
        at = 0
        while at < len(objects):
            for content in self._until_it_breaks(objects[at:]):
                yield objects[at], content
                at += 1
            if at < len(objects):
                yield objects[at], None
                at += 1

    def close(self) -> None:
        """End git; the next `read` starts another."""
        process, self._process = self._process, None
        if process is not None:
            end(process)

    def _until_it_breaks(self, objects: Sequence[Listed]) -> Iterator[bytes | None]:
        """Contents in order; it ends early where git does, with the object at which it did."""
        answers, requests = self._started()
        asked = 0
        for number in range(len(objects)):
            if asked - number <= self._ahead // 2 and asked < len(objects):
                ahead = objects[asked : number + self._ahead]
                with suppress(BrokenPipeError):  # it has died: the answers end, too
                    os.write(requests, on_lines(entry.id for entry in ahead))
                asked += len(ahead)
            head = answers.readline()
            if not head.endswith(b"\n"):
                self.close()
                return
            if head.endswith(b" missing\n"):
                yield None
                continue
            size = objects[number].size
            if int(head.rpartition(b" ")[2]) != size:  # damaged: it could be any size
                self.close()
                return
            content = answers.read(size)
            if len(content) < size or not answers.read(1):
                self.close()
                return
            yield content

    def _started(self) -> tuple[IO[bytes], int]:
        if self._process is None:
            process = self._repository.git.start("cat-file", "--batch", quiet=True)
            assert process.stdout is not None
            _widen(process.stdout.fileno())
            self._process = process
            self._answers = open(process.stdout.fileno(), "rb", buffering=_BUFFER_BYTES, closefd=False)  # noqa: SIM115
        assert self._answers is not None
        assert self._process.stdin is not None
        return self._answers, self._process.stdin.fileno()


def _widen(descriptor: int) -> None:
    """A pipe of 128 KiB instead of 64: of the sizes up to 1 MiB the one that costs least (by a third, on 2 GB)."""
    with suppress(ImportError, OSError):
        import fcntl

        fcntl.fcntl(descriptor, _SET_PIPE_SIZE, _BUFFER_BYTES)
