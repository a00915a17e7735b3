"""Every operation that is built to add a file is taken down, and what is read of it later is what was scanned."""

from __future__ import annotations

import hashlib
import io
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from modelguard.errors import GuardError, Unreadable
from modelguard.guards.hub.content import ContentReader, FileContent, StreamContent
from modelguard.guards.hub.guard import Guard
from modelguard.guards.hub.ledger import Entry

SENDING: ContextVar[Entry | None] = ContextVar("SENDING", default=None)
"""The entry whose bytes are being read to be sent, where these go through a client of Python's."""

_KEPT = "_modelguard"


def wrapped_init(original: Callable[[Any], None], standing: Callable[[], Guard | None]) -> Callable[[Any], None]:
    """`CommitOperationAdd.__post_init__`; size, sample and SHA-256 of an operation are those of its entry then."""

    def __post_init__(self: Any) -> None:  # noqa: N807  # it takes the place of one
        original(self)
        guard = standing()
        if guard is None:
            return
        entry, content = guard.given(self.path_in_repo, self.path_or_fileobj)
        setattr(self, _KEPT, (entry, None if isinstance(self.path_or_fileobj, bytes) else content))
        taken = entry.taken
        info = self.upload_info
        info.size, info.sample, info.sha256 = taken.size, taken.sample, bytes.fromhex(taken.sha256)

    return __post_init__


def wrapped_as_file(original: Callable[..., Any], standing: Callable[[], Guard | None]) -> Callable[..., Any]:
    """`CommitOperationAdd.as_file`, which gives what was scanned, or ends."""

    @contextmanager
    def as_file(self: Any, with_tqdm: bool = False) -> Iterator[Any]:
        guard = standing()
        if guard is None:
            with original(self, with_tqdm) as file:
                yield file
            return
        entry, content = kept(self)
        guard.ledger.release([entry])
        reader = _reader(self.path_or_fileobj, entry, content)
        token = SENDING.set(entry)
        try:
            yield reader
        except Unreadable as error:
            raise changed(entry, error) from None
        finally:
            SENDING.reset(token)
            reader.close()

    return as_file


def kept(operation: Any) -> tuple[Entry, FileContent | StreamContent | None]:
    """The entry of an operation, and its content where that is not in memory.

    Raises:
        GuardError: it has none: it was built before the guard stood.
    """
    found = getattr(operation, _KEPT, None)
    if found is None:
        raise GuardError(
            f"{operation.path_in_repo}: this operation was built before the guard stood, so it is not sent",
            "Build it within the guard.",
        )
    return found  # type: ignore[no-any-return]


def changed(entry: Entry, error: Unreadable) -> GuardError:
    """The error for content that is not what was scanned."""
    return GuardError(f"{entry.shown}: {error.message}", "Let nothing write to it, and upload again.")


def _reader(source: Any, entry: Entry, content: FileContent | StreamContent | None) -> io.BufferedIOBase:
    if content is None:
        data = source if isinstance(source, bytes) else b""
        if hashlib.sha256(data).hexdigest() != entry.taken.sha256:
            raise GuardError(f"{entry.name}: the operation holds other bytes than when it was built")
        return io.BytesIO(data)
    given = content.source
    same = os.path.abspath(source) == given if isinstance(source, (str, os.PathLike)) else source is given
    if not same:
        raise GuardError(f"{entry.name}: the operation holds another file than when it was built")
    return ContentReader(content.again())
