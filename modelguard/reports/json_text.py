"""JSON as text that any pipe, terminal and build log can carry."""

from __future__ import annotations

import json
import re

from modelguard.reports.escape import valid

# Inside a JSON string `\u0023` is the same as `#`; it keeps `##[command]` in a path from a runner that reads the log.
_FIRST_OF_TWO_HASHES = re.compile(r"#(?=#)")


def dump(value: object, indent: int | None = None) -> str:
    """Write JSON in ASCII, without a final newline; lone surrogates become `\\udXXX` spelled out.

    Raises `ValueError` for a number that JSON does not have.
    """
    text = json.dumps(_valid(value), indent=indent, allow_nan=False)
    return _FIRST_OF_TWO_HASHES.sub(r"\\u0023", text)


def _valid(value: object) -> object:
    if isinstance(value, str):
        return valid(value)
    if isinstance(value, dict):
        return {valid(key): _valid(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_valid(item) for item in value]
    return value
