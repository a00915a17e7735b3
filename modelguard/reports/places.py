"""A place as people write it, in whatever report they read."""

from __future__ import annotations

from modelguard.model import Finding, Place
from modelguard.reports.escape import printable


def where(path: str, place: Place) -> str:
    """A place as people write it.

    `path:line:column`, `path @ byte 1234`, each with ` (inner)` behind it; `path!inner:line:column` in a container.
    """
    inner = place.inner and printable(place.inner)
    file = f"{printable(path)}!{inner}" if inner and place.inside else printable(path)
    if place.line is not None:
        file += f":{place.line}" if place.column is None else f":{place.line}:{place.column}"
    elif not (inner and place.inside):
        file += f" @ byte {place.byte_start}"
    return f"{file} ({inner})" if inner and not place.inside else file


def line_in_tree(finding: Finding) -> int | None:
    """The line of the file as it lies in the tree; None where there is none.

    So it is in a container, whose lines are not those of the file, and for what only the history holds.
    """
    return None if finding.place.inside or finding.origin.in_tree is False else finding.place.line
