"""Files that a hook framework names."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from msgspec.structs import replace

from modelguard.model import ScanResult
from modelguard.pipeline import run
from modelguard.settings import Settings
from modelguard.sources.filesystem import FilesystemSource


def check_files(paths: Sequence[str], settings: Settings, told: Callable[[str], None]) -> ScanResult | None:
    """Scan files as they lie in the work tree, and no history; None where there are none.

    Raises:
        ModelguardError: see `pipeline.scan`.
    """
    if not paths:
        return None
    source = FilesystemSource(list(paths), settings.exclude, settings.default_exclusions)
    return run(source, list(paths), replace(settings, history=False), told=told)
