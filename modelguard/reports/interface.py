"""What a report is: a pure function from a scan's result to text."""

from __future__ import annotations

from typing import Protocol

from msgspec import Struct

from modelguard.model import ScanResult


class RenderOptions(Struct, frozen=True):
    """How a report for people should look; a report for machines takes no notice of it.

    `width` is in terminal cells. `color` is the caller's decision: no report looks at the terminal
    or at NO_COLOR itself. `verbose` lists what is otherwise only counted.
    """

    width: int = 80
    color: bool = False
    verbose: bool = False
    link: str | None = None


class Report(Protocol):
    """Turns a result into text that ends with a newline; the same input gives the same text."""

    def __call__(self, result: ScanResult, options: RenderOptions) -> str: ...
