"""Workers: threads that take work from one stream and give results to one reader, with flat memory.

Matching and reading release the interpreter's lock, so threads are enough. Work that fails becomes what `failed` makes
of it, for that piece alone; an interrupt stops all workers after the piece that they are at.
"""

from __future__ import annotations

import os
import queue
import threading
from collections import deque
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Generic, TypeVar

Work = TypeVar("Work")
Result = TypeVar("Result")

_BATCH = 16
_PENDING_RESULTS = 1024


def processors() -> int:
    """How many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class Pool(Generic[Work, Result]):
    """Runs `do` over a stream of work in `jobs` threads.

    `do` returns a result or None (nothing to say), and may add pieces of work through `Pool.add`, which other workers
    then share. `failed` turns an exception that `do` let through into a result.
    """

    def __init__(
        self,
        do: Callable[[Work], Result | None],
        failed: Callable[[Work, Exception], Result],
        jobs: int,
    ) -> None:
        self._do = do
        self._failed = failed
        self._jobs = max(1, jobs)
        self._added: deque[Work] = deque()
        self._results: queue.Queue[Result | None | BaseException] = queue.Queue(_PENDING_RESULTS)
        self._source_lock = threading.Lock()
        self._stop = threading.Event()
        self._busy = 0

    def add(self, work: Work) -> None:
        """Put a piece of work before the rest of the stream. Call it from `do`."""
        self._added.append(work)

    def run(self, stream: Iterator[Work], tick: Callable[[], None] = lambda: None) -> Iterator[Result]:
        """The results as they come. `tick` is called ten times a second, in the calling thread."""
        threads = [
            threading.Thread(target=self._worker, args=(stream,), name=f"modelguard-{n}", daemon=True)
            for n in range(self._jobs)
        ]
        for thread in threads:
            thread.start()
        running = len(threads)
        try:
            while running:
                try:
                    result = self._results.get(timeout=0.1)
                except queue.Empty:
                    tick()
                    continue
                if result is None:
                    running -= 1
                elif isinstance(result, BaseException):
                    raise result
                else:
                    yield result
        finally:
            self._stop.set()
            while any(thread.is_alive() for thread in threads):
                self._drain()
                threads[-1].join(0.01)
                threads = [thread for thread in threads if thread.is_alive()]

    def _drain(self) -> None:
        while True:
            try:
                self._results.get_nowait()
            except queue.Empty:
                return

    def _worker(self, stream: Iterator[Work]) -> None:
        try:
            while not self._stop.is_set():
                batch = self._next(stream)
                if not batch:
                    break
                for work in batch:
                    if self._stop.is_set():
                        break
                    self._piece(work)
                with self._source_lock:
                    self._busy -= 1
        except BaseException as error:  # the stream itself failed: the reader raises it
            self._results.put(error)
        finally:
            self._results.put(None)

    def _next(self, stream: Iterator[Work]) -> list[Work]:
        """The next pieces, or none when the stream is dry and no worker can add to it."""
        while not self._stop.is_set():
            with self._source_lock:
                if self._added:
                    batch = [self._added.popleft()]
                else:
                    batch = list(islice(stream, _BATCH))
                if batch:
                    self._busy += 1
                    return batch
                if not self._busy:
                    return []
            self._stop.wait(0.001)
        return []

    def _piece(self, work: Work) -> None:
        try:
            result = self._do(work)
        except Exception as error:  # one piece must not end the others
            result = self._failed(work, error)
        if result is not None:
            self._results.put(result)
