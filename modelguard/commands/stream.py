"""JSON lines on standard output as findings are found."""

from __future__ import annotations

from msgspec import Struct

from modelguard.commands.output import Destination, write_stdout
from modelguard.errors import OutputError
from modelguard.model import Finding, ScanResult
from modelguard.verdict.outcome import CLEAN, LEAK


class JsonLines(Struct, frozen=True):
    """Writes one line a finding, and at the end a line with everything else."""

    place: Destination

    @staticmethod
    def of(places: list[Destination]) -> JsonLines | None:
        """The stream that `places` ask for, if any of them is JSON lines to standard output."""
        wanted = [place for place in places if place.format == "jsonl" and place.path is None]
        return JsonLines(wanted[0]) if wanted else None

    def write(self, finding: Finding) -> None:
        """One finding, at once.

        Raises:
            OutputError: standard output cannot be written.
        """
        from modelguard.reports.jsonl import line

        self._out(line(finding), LEAK if finding.blocking else CLEAN)

    def finish(self, result: ScanResult) -> None:
        """The last line.

        Raises:
            OutputError: standard output cannot be written.
        """
        from modelguard.reports.jsonl import tail

        self._out(tail(result), result.exit_status)

    def _out(self, text: str, status: int) -> None:
        try:
            write_stdout(text)
        except OSError as error:
            failure = OutputError(f"could not write standard output: {error.strerror}", "Free some space.")
            failure.exit_status = status or OutputError.exit_status
            raise failure from None
