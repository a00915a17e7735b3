"""One guard: its mode, its settings, its ledger, and what it makes of each thing that a client is about to do."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import Any, Literal

from msgspec.structs import replace

from modelguard.errors import GuardError, ModelguardError, Unreadable
from modelguard.guards.hub.content import Content, take_bytes, take_file, take_stream
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
        self.ledger = Ledger(lambda contents: scan(contents, self.settings), self._passes)
        self.expected: dict[str, tuple[Entry, Content]] | None = None
        """What alone may be sent, by path in the repository; None where that was not said beforehand."""

    def given(self, name: str, source: Any) -> tuple[Entry, Content]:
        """An entry for what a client was given to send as `name`: a path, bytes or an open file.

        Raises:
            GuardError: it cannot be read, or is none of those that were to be sent.
        """
        if self.expected is not None:
            return self._expected(name, source)
        try:
            if isinstance(source, bytes):
                content: Content = take_bytes(source, name)
                return self.ledger.add(name, content), content
            if isinstance(source, (str, os.PathLike)):
                path = os.path.abspath(os.fspath(source))
                content = take_file(path, shown_from_here(path))
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
        if not self._passes(error, None):
            raise error

    def _expected(self, name: str, source: Any) -> tuple[Entry, Content]:
        found = (self.expected or {}).get(name)
        path = None if isinstance(source, bytes) else getattr(source, "name", source)
        if found is None or os.path.abspath(os.fspath(path or "")) != getattr(found[1], "path", None):
            raise GuardError(
                f"{name}: it was not there when the files were scanned, so nothing is sent", "Run it again."
            )
        return found

    def _passes(self, error: ModelguardError, result: ScanResult | None) -> bool:
        if self.mode == "block":
            return False
        self.told(error, result)
        return True


def shown_from_here(path: str) -> str:
    """A path as a person would write it from the current folder, where it lies below that."""
    here = os.getcwd().rstrip(os.sep) + os.sep
    return path[len(here) :] if path.startswith(here) else path


def _absolute(settings: Settings) -> Settings:
    """The same settings wherever a process stands."""
    baseline = None if settings.baseline is None else os.path.abspath(settings.baseline)
    return replace(settings, baseline=baseline, rules=tuple(map(os.path.abspath, settings.rules)))


def strictest(guards: Sequence[Guard]) -> Guard | None:
    """The guard that counts where several stand: the last one that blocks, else the last one."""
    blocking = [guard for guard in guards if guard.mode == "block"]
    return (blocking or list(guards) or [None])[-1]  # type: ignore[list-item]
