"""How much memory a library in C may take while it reads what somebody else has written."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

MORE_BYTES = 1536 * 1024 * 1024


@contextmanager
def memory_bounded(more: int = MORE_BYTES) -> Iterator[None]:
    """Let this process take so many bytes more than it has; then the library fails to allocate, which is an error.

    Only Linux says how much a process has and keeps it to a limit (proc(5), setrlimit(2)); elsewhere nothing is done.
    """
    has = _address_space()
    if has is None:
        yield
        return
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    most = has + more if soft == resource.RLIM_INFINITY else min(soft, has + more)
    resource.setrlimit(resource.RLIMIT_AS, (most, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


def _address_space() -> int | None:
    try:
        with open("/proc/self/statm", "rb") as told:
            pages = int(told.read().split()[0])
        import resource
    except (OSError, ValueError, IndexError, ImportError):
        return None
    return pages * resource.getpagesize()
