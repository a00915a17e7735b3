"""A guard made from what a program or a command asked for, and put up."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from modelguard.errors import ModelguardError, UsageError
from modelguard.guards.hub.guard import Guard, Mode, Told
from modelguard.model import ScanResult
from modelguard.settings import Settings


def made(mode: Mode, settings: Settings | None, told: Told | None, options: Mapping[str, Any]) -> Guard:
    """A guard that scans in a process of its own. `settings` and `options` are as in `modelguard.scan`.

    Raises:
        UsageError: there is no such mode.
        SettingsError: a setting is wrong.
    """
    from modelguard.guards.hub.scanner import look_at_elsewhere
    from modelguard.settings import load_settings

    if mode not in ("block", "warn"):
        raise UsageError(f"there is no mode {mode!r}", "Use block or warn.")
    return Guard(mode, settings or load_settings(options), told or _warn, look_at_elsewhere)


def stand_here(mode: Any) -> None:
    """Put a guard up in this process, for as long as it lives; what a guarded program does when it starts.

    Raises:
        ModelguardError: see `made`; or huggingface_hub is one that the guard does not know.
    """
    from modelguard.guards.hub.standing import stand

    stand(made(mode, None, None, {}))


def _warn(error: ModelguardError, result: ScanResult | None) -> None:
    """To the log, which is standard error where nobody has set it up."""
    from modelguard.reports.escape import printable

    logging.getLogger("modelguard.hub").warning("modelguard: warning: %s", printable(error.message))
