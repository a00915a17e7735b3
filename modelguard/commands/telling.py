"""How a command tells what a scan finds: its output options, read once, and the course that all such commands take."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from msgspec import Struct

from modelguard.commands.output import Destination, destinations, tell, to_files, write_reports

if TYPE_CHECKING:
    from modelguard.model import Finding, ScanResult
    from modelguard.pipeline import Progress
    from modelguard.settings import Settings
    from modelguard.sources.history.scope import Scope
    from modelguard.sources.interface import Source

R = TypeVar("R")


class Telling(Struct, frozen=True):
    """Where reports go, and what is said besides."""

    places: tuple[Destination, ...]
    link: str | None
    quiet: bool
    verbose: bool
    no_progress: bool

    @staticmethod
    def asked(options: dict[str, Any]) -> Telling:
        """Take what `OUTPUT_OPTIONS` have put into `options`, in which settings alone are left.

        Raises:
            UsageError: a format is not known.
        """
        places = destinations(options.pop("format_name"), options.pop("output"))
        return Telling(tuple(places), *(options.pop(name) for name in ("link", "quiet", "verbose", "no_progress")))

    def told(self, line: str) -> None:
        """Say a line on standard error, unless that is to be quiet."""
        if not self.quiet:
            tell(line)

    def shown(self, work: Callable[[Progress, Callable[[], None]], R]) -> R:
        """What `work` gives, with its progress shown; it gets what it counts in and what to call as it gets on."""
        from modelguard.commands.progress import ProgressBar
        from modelguard.pipeline import Progress

        progress = Progress()
        with ProgressBar(progress, wanted=not (self.quiet or self.no_progress)) as bar:
            return work(progress, bar.tick)

    def scan(self, source: Source, targets: list[str], settings: Settings, scope: Scope | None = None) -> int:
        """Scan a source, write the reports, findings as they are found where that is asked for, and give the status.

        Raises:
            ModelguardError: see `pipeline.run` and `write_reports`.
        """
        from modelguard.commands.stream import JsonLines
        from modelguard.pipeline import run

        stream = JsonLines.of(list(self.places))
        found: Callable[[Finding], None] | None = stream.write if stream else None
        result = self.shown(
            lambda progress, tick: run(source, targets, settings, progress, tick, found, scope, self.told)
        )
        if stream:
            stream.finish(result)
        return self.report(result, but=stream.place if stream else None)

    def report(self, result: ScanResult, but: Destination | None = None) -> int:
        """Write the reports `but` one, and give the exit status.

        Raises:
            OutputError: see `write_reports`.
        """
        places = [place for place in self.places if place is not but]
        if self.quiet and result.exit_status == 0:
            places = to_files(places)
        write_reports(result, places, self.verbose, self.link)
        return result.exit_status
