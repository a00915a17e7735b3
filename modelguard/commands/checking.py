"""What hooks do once they know their settings; the edge runs those of a plain command line without reading it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from modelguard.model import ScanResult
    from modelguard.settings import Settings


class Reporting(Struct, frozen=True):
    """How a hook reports: the options of its command, as they are where none is given."""

    format: str = "hook"
    outputs: tuple[str, ...] = ()
    verbose: bool = False


_AS_USUAL = Reporting()


def pre_commit(settings: Settings | None = None, reporting: Reporting = _AS_USUAL) -> int:
    """Scan what is staged, once over the index. None: settings as files and the environment have them."""
    from modelguard.commands.output import tell
    from modelguard.guards.pre_commit import check_staged

    return reported(check_staged(settings or _found(), tell), reporting)


def notebooks(settings: Settings | None = None, reporting: Reporting = _AS_USUAL) -> int:
    """The same of the outputs of staged notebooks, and nothing else of them."""
    from modelguard.commands.output import tell
    from modelguard.guards.pre_commit import check_outputs

    return reported(check_outputs(settings or _found(), tell), reporting)


CHECKS: Mapping[tuple[str, ...], Callable[[], int]] = {
    ("hook", "pre-commit"): pre_commit,
    ("hook", "notebooks"): notebooks,
}
"""Whole command lines that need no reading, since no option and no name stands in them."""


def reported(result: ScanResult | None, reporting: Reporting) -> int:
    """Write the reports, to a terminal only where something stops; None, where nothing is brought, needs none."""
    from modelguard.commands.output import destinations, to_files, write_reports

    places = destinations(reporting.format, reporting.outputs)
    if result is None:
        return 0
    if result.exit_status == 0 and not result.gaps:
        places = to_files(places)
    write_reports(result, places, reporting.verbose)
    return result.exit_status


def _found() -> Settings:
    from modelguard.settings import load_settings

    return load_settings({})
