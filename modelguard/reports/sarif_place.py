"""Where something is, in SARIF's words: artifact URI, region and logical location."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import quote

from modelguard.model import Place
from modelguard.reports.escape import printable, valid

_HUB = "hf://"
_DRIVE = re.compile(r"[A-Za-z]:/")


def uri(path: str) -> str:
    """A path as a percent-encoded URI reference: relative, `file://` where the path is absolute, `hf://` on a Hub.

    A path that starts with a drive letter is absolute, on whatever system the report is written.
    """
    encodable = valid(path)
    if _DRIVE.match(encodable):
        return f"file:///{encodable[:2]}{quote(encodable[2:])}"
    if encodable.startswith(_HUB):
        return _HUB + quote(encodable[len(_HUB) :], safe="/@")
    return f"file://{quote(encodable)}" if encodable.startswith("/") else quote(encodable)


def location(path: str, inner: str | None = None, region: dict[str, int] | None = None) -> dict[str, Any]:
    """A `location` object (section 3.28) for a file, or for a place in it."""
    physical: dict[str, Any] = {"artifactLocation": {"uri": uri(path)}}
    if region:
        physical["region"] = region
    logical = {"logicalLocations": [{"fullyQualifiedName": printable(inner)}]} if inner else {}
    return {"physicalLocation": physical} | logical


def region(place: Place) -> dict[str, int]:
    """A `region` object (section 3.30): lines and columns where there are any, else bytes.

    It is empty for what lies inside a container, whose lines are not those of the file.
    """
    if place.inside:
        return {}
    if place.line is None:
        return {"byteOffset": place.byte_start, "byteLength": max(0, place.byte_end - place.byte_start)}
    positions = {
        "startLine": place.line,
        "startColumn": place.column,
        "endLine": place.end_line,
        "endColumn": place.end_column,
    }
    return {name: position for name, position in positions.items() if position is not None}
