"""A progress bar on stderr: files, bytes, rate and findings so far; only for a person who waits at a terminal."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.live import Live

    from modelguard.pipeline import Progress

_SHOWN_AFTER_SECONDS = 0.5


class ProgressBar:
    """Call `tick` as often as you like; it draws nothing in the first half second, nor where nobody looks."""

    def __init__(self, progress: Progress, wanted: bool) -> None:
        self._progress = progress
        self._wanted = wanted and sys.stderr.isatty()
        self._began = time.monotonic()
        self._live: Live | None = None

    def __enter__(self) -> ProgressBar:
        return self

    def __exit__(self, *error: object) -> None:
        if self._live is not None:
            self._live.stop()

    def tick(self) -> None:
        """Draw the bar if it is time to."""
        seconds = time.monotonic() - self._began
        if not self._wanted or seconds < _SHOWN_AFTER_SECONDS:
            return
        from rich.text import Text

        if self._live is None:
            self._live = self._started()
        done = self._progress
        rate = done.bytes / seconds / 1e6
        self._live.update(
            Text(f"{done.blobs} files · {done.bytes / 1e6:.1f} MB · {rate:.0f} MB/s · {done.findings} findings so far")
        )

    def _started(self) -> Live:
        from rich.console import Console
        from rich.live import Live

        live = Live(console=Console(file=sys.stderr), transient=True, refresh_per_second=10)
        live.start()
        return live
