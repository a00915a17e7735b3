"""One guard: its mode, its settings, its ledger, and what it makes of each thing that a client is about to do."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Literal

from msgspec.structs import replace

from modelguard.errors import GuardError, ModelguardError, Unreadable
from modelguard.guards.hub.content import Content, FileContent, take_bytes, take_file, take_stream
from modelguard.guards.hub.ledger import Entry, Ledger
from modelguard.model import ScanResult
from modelguard.settings import Settings

Mode = Literal["block", "warn"]
Told = Callable[[ModelguardError, ScanResult | None], None]
"""Gets what a guard in mode `warn` lets by."""


class Guard:
    """Decides what may be sent. In mode `warn` it tells what it would have stopped and lets it by."""

    def __init__(self, mode: Mode, settings: Settings, told: Told, scan: Callable[..., ScanResult]) -> None:
        self.mode: Mode = mode
        self.settings = _absolute(settings)
        self.told = told
        self.ledger = Ledger(lambda contents: scan(contents, self.settings), self.lets_by)
        self._expected: dict[str, tuple[Entry, FileContent]] | None = None
        self._given: set[str] = set()

    def expect(self, files: Iterable[tuple[str, FileContent]]) -> None:
        """Let these scanned files be sent, each as its path in the repository: all of them, and no others."""
        self._expected = {}
        for name, file in files:
            entry = self.ledger.add(name, file, file.path)
            self.ledger.admit(entry)
            self._expected[name] = (entry, file)

    def check_all_given(self) -> None:
        """Raise `GuardError` unless a client was given all that is expected: a file may be gone since its scan."""
        missing = sorted(set(self._expected or ()) - self._given)
        if missing:
            raise GuardError(f"{missing[0]}: it is gone since it was scanned, so nothing is sent", "Run it again.")

    def given(self, name: str, source: Any) -> tuple[Entry, Content]:
        """An entry for what a client was given to send as `name`: a path, bytes or an open file.

        Raises:
            GuardError: it cannot be read, or is none of those that were to be sent.
        """
        if self._expected is not None:
            return self._one_expected(name, source)
        try:
            if isinstance(source, bytes):
                content: Content = take_bytes(source, name)
                return self.ledger.add(name, content), content
            if isinstance(source, (str, os.PathLike)):
                path = os.path.abspath(os.fspath(source))
                content = take_file(path, shown_from_here(path) or name)
                return self.ledger.add(name, content, path), content
            content = take_stream(source, name)
            return self.ledger.add(name, content), content
        except Unreadable as error:
            raise GuardError(f"{name}: {error.message}", "Mend it, or leave it out.") from None

    def refuse(self, message: str, remedy: str = "") -> None:
        """Stop what cannot be seen.

        Raises:
            GuardError: unless this guard only warns.
        """
        error = GuardError(message, remedy)
        if not self.lets_by(error, None):
            raise error

    def publish(self, endpoint: str, kind: str, repo: str, token: str | None) -> None:
        """Let a repository become public, after a scan of it as it stands on the Hub at `endpoint`.

        Raises:
            UploadBlocked: it holds leaks.
            GuardError: it could not be looked at.
        """
        from modelguard.guards.hub.publish import check_remote
        from modelguard.guards.hub.scanner import Remote

        check_remote(self, Remote(endpoint, kind, repo, token))

    def _one_expected(self, name: str, source: Any) -> tuple[Entry, Content]:
        found = (self._expected or {}).get(name)
        if found is None or not isinstance(source, (str, os.PathLike)) or os.path.abspath(source) != found[1].path:
            raise GuardError(
                f"{name}: it was not there when the files were scanned, so nothing is sent", "Run it again."
            )
        self._given.add(name)
        return found

    def lets_by(self, error: ModelguardError, result: ScanResult | None) -> bool:
        """Whether this guard only warns; then `told` gets what it would have stopped."""
        if self.mode == "block":
            return False
        self.told(error, result)
        return True


def shown_from_here(path: str) -> str:
    """An absolute path as a person would write it from the current folder; empty where it does not lie below that.

    What lies elsewhere is often a temporary file of a library's, whose name says nothing to anybody.
    """
    here = os.getcwd().rstrip(os.sep) + os.sep
    return path[len(here) :] if path.startswith(here) else ""


def _absolute(settings: Settings) -> Settings:
    """The same settings wherever a process stands."""
    baseline = None if settings.baseline is None else os.path.abspath(settings.baseline)
    return replace(settings, baseline=baseline, rules=tuple(map(os.path.abspath, settings.rules)))


def strictest(guards: Sequence[Guard]) -> Guard | None:
    """The guard that counts where several stand: the last one that blocks, else the last one."""
    blocking = [guard for guard in guards if guard.mode == "block"]
    standing = blocking or guards
    return standing[-1] if standing else None
