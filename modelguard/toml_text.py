"""TOML as data: one way to read it, on every Python."""

from __future__ import annotations

import re
import sys
from typing import Any

MAX_BYTES = 4 * 1024 * 1024


class TomlError(ValueError):
    """The text is not TOML, or too much of it. `line` counts from 1; None: not known."""

    def __init__(self, message: str, line: int | None = None) -> None:
        super().__init__(message)
        self.line = line


def read_toml(content: bytes) -> dict[str, Any]:
    """Parse one document.

    Raises:
        TomlError: it is not TOML, not UTF-8, too large or too deep.
    """
    if sys.version_info >= (3, 11):
        import tomllib
    else:  # pragma: no cover - Python 3.10
        import tomli as tomllib  # type: ignore[import-not-found,unused-ignore]
    if len(content) > MAX_BYTES:
        raise TomlError(f"more than {MAX_BYTES} bytes")
    try:
        table: dict[str, Any] = tomllib.loads(content.decode("utf-8-sig"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as error:
        found = re.search(r"line (\d+)", str(error))
        raise TomlError("not TOML", int(found[1]) if found else None) from None
    return table
