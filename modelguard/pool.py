"""Workers: processes that take work from one stream and give results to one reader, with flat memory.

Processes and not threads, because half the time of a scan of many small files is Python's own, which threads cannot
share; and because a piece of work that kills its worker, or hangs in it, must cost that piece alone. A small amount of
work is done here, without any process.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import time
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

from msgspec import Struct, field

from modelguard.budget import Budget

if TYPE_CHECKING:
    from multiprocessing.connection import Connection
    from multiprocessing.context import BaseContext
    from multiprocessing.process import BaseProcess

W = TypeVar("W")
R = TypeVar("R")
_Result_co = TypeVar("_Result_co", covariant=True)

_BATCH = 24
_TICK_SECONDS = 0.1
_ORPHAN_SECONDS = 1.0
_NICE = 5
"""Whoever brings work goes before those who do it: else they wait for it later (0.4 of 10 s on 465,000 objects)."""


class NeedsProcess(Exception):
    """Raised by `Worker.do` for a piece that may end its process, where that was not started for such work."""


_GETTING_ON = b"on"
_SIGN_SECONDS = 1.0


class _Here:
    """What this process is: a worker, since when it has given no sign, and where signs go."""

    is_worker = False
    signed = 0.0
    channel: Connection | None = None


def may_end() -> bool:
    """Whether the end of this process costs no more than the piece of work that it does."""
    return _Here.is_worker


def getting_on() -> None:
    """Tell whoever waits for this piece of work that it is not stuck; called as often as it is true."""
    channel = _Here.channel
    if channel is not None and time.monotonic() - _Here.signed > _SIGN_SECONDS:
        _Here.signed = time.monotonic()
        channel.send(_GETTING_ON)


class Worker(Protocol[W, _Result_co]):
    """What a process does; it is copied into each of them, so it keeps no state that others should see."""

    def do(self, work: W) -> tuple[_Result_co | None, Sequence[W]]:
        """The result, or None where there is nothing to say, and more work that any worker may take."""
        ...

    def split(self, work: W) -> Sequence[W]:
        """Smaller pieces of one that broke or killed its worker or took too long, to find what is to blame; or none."""
        ...

    def failed(self, work: W, why: str) -> _Result_co:
        """The result for a piece of work that raised an error, killed its worker or took too long."""
        ...


def processors() -> int:
    """How many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def run_here(
    worker: Worker[W, R], stream: Iterator[W], tick: Callable[[], None], seconds: float = Budget().seconds
) -> Iterator[R]:
    """The results of a stream of work, done in this process, one piece after the other.

    Pieces that may end their process are done last, in one of their own; there they may take so many seconds each.
    """
    added: deque[W] = deque()
    elsewhere: list[W] = []
    last = time.monotonic()
    while True:
        work = added.popleft() if added else next(stream, None)
        if work is None:
            break
        try:
            result, more = _one(worker, work)
        except NeedsProcess:
            elsewhere.append(work)
            continue
        added.extend(more)
        if result is not None:
            yield result
        if time.monotonic() - last > _TICK_SECONDS:
            last = time.monotonic()
            tick()
    if elsewhere:
        yield from Pool(worker, 1, seconds, 1).run(iter(elsewhere), tick)


def results(
    worker: Worker[W, R],
    stream: Iterator[W],
    tick: Callable[[], None],
    jobs: int,
    seconds: float,
    batch: int = _BATCH,
    ahead: int = 0,
) -> Iterator[R]:
    """The results of a stream of work: of a `Pool` of so many jobs, or of this process where one is enough."""
    if jobs == 1:
        return run_here(worker, stream, tick, seconds)
    return Pool(worker, jobs, seconds, batch, ahead).run(stream, tick)


def made_ahead(stream: Iterator[W], most: int) -> Generator[W, None, None]:
    """The same items, up to `most` of them made before they are asked for, by a thread that ends with this."""
    import queue
    import threading

    waiting: queue.Queue[Any] = queue.Queue(most)
    end = object()
    failure: list[BaseException] = []
    over = threading.Event()

    def put(item: object) -> None:
        while not over.is_set():
            with contextlib.suppress(queue.Full):
                waiting.put(item, timeout=_TICK_SECONDS)
                return

    def make() -> None:
        try:
            for item in stream:
                put(item)
                if over.is_set():
                    return
        except BaseException as error:  # it is raised where the items are asked for
            failure.append(error)
        put(end)

    thread = threading.Thread(target=make, daemon=True)
    thread.start()
    try:
        while (item := waiting.get()) is not end:
            yield item
        if failure:
            raise failure[0]
    finally:
        over.set()
        thread.join(_TICK_SECONDS)


class _Process(Struct, Generic[W], eq=False):
    process: BaseProcess
    channel: Connection
    batch: list[W] = field(default_factory=list)
    since: float = 0.0


class Pool(Generic[W, R]):
    """Runs a worker over a stream of work in `jobs` processes.

    `batch` pieces are handed out at a time. A piece that takes longer than `seconds` without a sign (`getting_on`), or
    whose process dies, becomes what `Worker.failed` makes of it, unless it can be split; the pieces that were handed
    out together with it are done again, each on its own. Where `ahead` is given, a thread makes up to so many pieces
    before they are asked for.
    """

    def __init__(self, worker: Worker[W, R], jobs: int, seconds: float, batch: int = _BATCH, ahead: int = 0) -> None:
        self._worker = worker
        self._jobs = jobs
        self._seconds = seconds
        self._batch = batch
        self._ahead = ahead
        self._context = _context()
        self._first: deque[list[W]] = deque()
        self._processes: list[_Process[W]] = []

    def run(self, stream: Iterator[W], tick: Callable[[], None]) -> Iterator[R]:
        """The results as they come. `tick` is called about ten times a second."""
        from multiprocessing.connection import wait

        ahead = made_ahead(stream, self._ahead) if self._ahead else None  # it begins when it is first asked
        try:
            for _ in range(self._jobs):
                self._processes.append(self._start())
            while True:
                for process in self._processes:
                    if not process.batch:
                        self._hand_out(process, ahead or stream)
                busy = [process for process in self._processes if process.batch]
                if not busy:
                    return
                ready = wait([process.channel for process in busy], timeout=_TICK_SECONDS)
                for process in busy:
                    if process.channel in ready:
                        yield from self._answer(process)
                    elif time.monotonic() - process.since > self._seconds * len(process.batch):
                        yield from self._lost(process, f"it was stuck for longer than {self._seconds:g} seconds")
                tick()
        finally:
            for process in self._processes:
                _end(process)
            if ahead is not None:
                ahead.close()

    def _start(self) -> _Process[W]:
        here, there = self._context.Pipe()
        process = self._context.Process(  # type: ignore[attr-defined]  # every context has it
            target=_serve, args=(self._worker, there, [here], os.getpid()), daemon=True
        )
        process.start()
        there.close()
        return _Process(process, here)

    def _hand_out(self, process: _Process[W], stream: Iterator[W]) -> None:
        process.batch = self._first.popleft() if self._first else list(islice(stream, self._batch))
        process.since = time.monotonic()
        if process.batch:
            with contextlib.suppress(OSError):  # it died idle: `_answer` sees the closed channel
                process.channel.send(process.batch)

    def _answer(self, process: _Process[W]) -> Iterator[R]:
        try:
            said = process.channel.recv()
        except (EOFError, OSError):
            yield from self._lost(process, "it ended the process that looked at it")
            return
        if said == _GETTING_ON:
            process.since = time.monotonic()
            return
        process.batch = []
        results, more = said
        self._first.extend([work] for work in more)
        yield from results

    def _lost(self, process: _Process[W], why: str) -> Iterator[R]:
        """A batch of one that cannot be split is to blame; of several, each gets a process to itself."""
        batch = process.batch
        _end(process)
        self._processes[self._processes.index(process)] = self._start()
        pieces = batch if len(batch) > 1 else self._worker.split(batch[0])
        if pieces:
            self._first.extendleft([work] for work in reversed(pieces))
        else:
            yield self._worker.failed(batch[0], why)


def _serve(worker: Worker[Any, Any], channel: Connection, others: Sequence[Connection], parent: int) -> None:
    """A process's life: batches in, results out, until the channel closes. An interrupt is the parent's to handle."""
    _Here.is_worker = True
    _Here.channel = channel
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if hasattr(os, "nice"):
        os.nice(_NICE)
    _end_with(parent)
    for other in others:
        other.close()
    try:
        while True:
            results: list[Any] = []
            added: list[Any] = []
            batch = channel.recv()
            _Here.signed = time.monotonic()
            for work in batch:
                result, more = _one(worker, work)
                added.extend(more)
                if result is not None:
                    results.append(result)
            channel.send((results, added))
    except (EOFError, OSError):
        pass
    finally:
        os._exit(0)  # no handlers of the parent's, no flushing of its buffers


def _end_with(parent: int) -> None:
    """Look each second whether somebody still waits: a piece may take a minute, or hang, when its reader is killed."""

    def look(*_: object) -> None:
        if os.getppid() != parent:
            os._exit(0)

    if hasattr(signal, "setitimer"):
        signal.signal(signal.SIGALRM, look)
        signal.setitimer(signal.ITIMER_REAL, _ORPHAN_SECONDS, _ORPHAN_SECONDS)


def _one(worker: Worker[W, R], work: W) -> tuple[R | None, Sequence[Any]]:
    try:
        return worker.do(work)
    except NeedsProcess:
        raise
    except Exception as error:  # one piece must not end the others; a message could hold a value, so it is not told
        smaller = worker.split(work)
        if smaller:
            return None, smaller
        return worker.failed(work, f"modelguard broke on it ({_kind(error)}); please report this"), ()


def _kind(error: Exception) -> str:
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return type(error).__name__ + (f" in {trace.tb_frame.f_code.co_name}" if trace is not None else "")


def _end(process: _Process[Any]) -> None:
    process.channel.close()
    process.process.kill()
    process.process.join()


def _context() -> BaseContext:
    """`fork` on Linux, where it is cheap and this process has no threads; `spawn` elsewhere."""
    import multiprocessing

    return multiprocessing.get_context("fork" if sys.platform == "linux" else "spawn")
