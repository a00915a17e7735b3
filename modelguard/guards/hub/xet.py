"""The door to Xet: its client reads files and sends from Rust, where no hook sees it, so it is given bytes, not paths.

What goes through is read by us, block by block, each compared with what was scanned (`content.py`).
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from typing import Any

from modelguard.errors import GuardError, Unreadable
from modelguard.guards.hub.content import BLOCK, Content, FileContent
from modelguard.guards.hub.guard import Guard
from modelguard.guards.hub.ledger import Entry
from modelguard.guards.hub.operations import changed

OTHER_VERSION = "the client would send another version than the one that was scanned"

Standing = Callable[[], Guard | None]


class GuardedSession:
    """A `hf_xet.XetSession` all of whose uploads are ours; what downloads is its own."""

    def __init__(self, session: Any, standing: Standing) -> None:
        self._session = session
        self._standing = standing

    def __getattr__(self, name: str) -> Any:
        return getattr(self._session, name)

    def new_upload_commit(self, *arguments: Any, **options: Any) -> Any:
        """See `hf_xet.XetSession.new_upload_commit`."""
        commit = self._session.new_upload_commit(*arguments, **options)
        return GuardedCommit(commit, self._standing)


class GuardedCommit:
    """A `hf_xet.XetUploadCommit` that sends what was scanned."""

    def __init__(self, commit: Any, standing: Standing) -> None:
        self._commit = commit
        self._standing = standing

    def __getattr__(self, name: str) -> Any:
        return getattr(self._commit, name)

    def __enter__(self) -> GuardedCommit:
        self._commit.__enter__()
        return self

    def __exit__(self, *error: Any) -> Any:
        return self._commit.__exit__(*error)

    def start_upload_file(self, path: Any, sha256: Any = None) -> Any:
        """See `hf_xet.XetUploadCommit.start_upload_file`.

        Raises:
            ModelguardError: it may not be sent, or is not what was scanned.
        """
        guard = self._standing()
        if guard is None:
            return self._commit.start_upload_file(path, sha256=sha256)
        entry, content = file_at(guard, str(path))
        guard.ledger.release([entry])
        if isinstance(sha256, str) and sha256 != entry.taken.sha256:
            raise GuardError(f"{entry.shown}: {OTHER_VERSION}")
        return self._sent(guard, entry, content, sha256)

    def start_upload_bytes(self, data: bytes, sha256: Any = None, name: str | None = None) -> Any:
        """See `hf_xet.XetUploadCommit.start_upload_bytes`.

        Raises:
            ModelguardError: they may not be sent.
        """
        guard = self._standing()
        if guard is None:
            return self._commit.start_upload_bytes(data, sha256=sha256, name=name)
        if isinstance(sha256, str) and sha256 != hashlib.sha256(data).hexdigest():
            raise GuardError(f"{name or 'bytes'}: {OTHER_VERSION}")
        guard.ledger.look_at([(name or "bytes", bytes(data))])
        return _Noted(self._commit.start_upload_bytes(data, sha256=sha256, name=name), guard)

    def start_upload_stream(self, name: str | None = None, sha256: Any = None) -> Any:
        """See `hf_xet.XetUploadCommit.start_upload_stream`: what is not there yet cannot be scanned.

        Raises:
            GuardError: unless the guard only warns.
        """
        guard = self._standing()
        if guard is not None:
            guard.refuse("an upload as a stream cannot be scanned before it is sent", "Write it to a file first.")
        return self._commit.start_upload_stream(name=name, sha256=sha256)

    def _sent(self, guard: Guard, entry: Entry, content: Content, sha256: Any) -> Any:
        stream = self._commit.start_upload_stream(name=entry.name, sha256=sha256)
        try:
            for start in range(0, content.size, BLOCK):
                stream.write(content.read(start, start + BLOCK))
        except Unreadable as error:
            stream.abort()
            raise changed(entry, error) from None
        except BaseException:
            stream.abort()
            raise
        finally:
            content.close()
        return _Finished(stream.finish(), guard)


class _Finished:
    """The handle of an upload that is over, as `hf_xet.XetFileUpload` tells of it."""

    def __init__(self, told: Any, guard: Guard) -> None:
        self._told = told
        guard.ledger.stored.add(told.xet_info.hash)

    def result(self) -> Any:
        """See `hf_xet.XetFileUpload.result`."""
        return self._told

    try_result = result


class _Noted:
    """A handle of `hf_xet`; the hash under which it is kept is written down when it is known."""

    def __init__(self, handle: Any, guard: Guard) -> None:
        self._handle = handle
        self._guard = guard

    def __getattr__(self, name: str) -> Any:
        return getattr(self._handle, name)

    def result(self) -> Any:
        """See `hf_xet.XetFileUpload.result`."""
        told = self._handle.result()
        self._guard.ledger.stored.add(told.xet_info.hash)
        return told


def file_at(guard: Guard, path: str) -> tuple[Entry, Content]:
    """The entry for a file that a client is about to send, and the content; a new one where there is none.

    Raises:
        GuardError: it cannot be read.
    """
    path = os.path.abspath(path)
    entry = guard.ledger.at(path)
    if entry is None:
        return guard.given(path, path)
    return entry, entry_content(entry)


def entry_content(entry: Entry) -> FileContent:
    """The file of an entry, for a reader of its own.

    Raises:
        GuardError: it is none.
    """
    if entry.file is None:
        raise GuardError(f"{entry.name}: there is no file for it")
    return entry.file.again()


def guarded_get(original: Callable[[Any], Any], standing: Standing) -> Callable[[Any], Any]:
    """`XetSessionHolder.get`, which gives the session that a process shares."""

    def get(self: Any) -> Any:
        session = original(self)
        return session if isinstance(session, GuardedSession) else GuardedSession(session, standing)

    return get


def guarded_session(original: Callable[..., Any], standing: Standing) -> Callable[..., Any]:
    """`hf_xet.XetSession`, for whoever makes one by hand."""

    def make(*arguments: Any, **options: Any) -> Any:
        return GuardedSession(original(*arguments, **options), standing)

    return make


def refused(name: str, original: Callable[..., Any], standing: Standing) -> Callable[..., Any]:
    """A function of `hf_xet` that sends files by path, and cannot be given bytes instead."""

    def refuse(*arguments: Any, **options: Any) -> Any:
        guard = standing()
        if guard is not None:
            guard.refuse(
                f"hf_xet.{name} reads and sends files where the guard cannot see it",
                "Set HF_HUB_DISABLE_XET=1, or renew huggingface_hub.",
            )
        return original(*arguments, **options)

    return refuse
