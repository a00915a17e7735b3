"""Entries of a rule file as YAML text, one rule after the other, in the order and form in which people write them."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

_WORD = re.compile(r"[A-Za-z][A-Za-z0-9-]*")
_PRINTABLE = re.compile(r"[ -~]+")
_NOT_PLAIN = {"true", "false", "yes", "no", "on", "off", "null", "y", "n"}


def written(source: str, entries: Sequence[Mapping[str, Any]]) -> str:
    """The text of a rule file. `source` is the name of the file that the rules come from."""
    lines = [f"# Made of {json.dumps(source)} by `modelguard rules import`."]
    for entry in entries:
        for number, (key, value) in enumerate(entry.items()):
            lines.append(f"{'- ' if number == 0 else '  '}{key}: {_value(value)}".rstrip())
            if isinstance(value, list):
                lines += [f"    - {_scalar(item)}" for item in value]
    return "\n".join(lines) + "\n" if entries else "[]\n"


def _value(value: Any) -> str:
    return "" if isinstance(value, list) else _scalar(value)


def _scalar(value: Any) -> str:
    """A text as it is where it is a word, else in quotes."""
    text = str(value)
    if _WORD.fullmatch(text) and text.lower() not in _NOT_PLAIN:
        return text
    if _PRINTABLE.fullmatch(text):
        return "'" + text.replace("'", "''") + "'"
    return json.dumps(text, ensure_ascii=True)
