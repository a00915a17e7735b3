"""Keys and values that stand beside a table: `metadata["huggingface"]`, as parquet and Arrow have them."""

from __future__ import annotations

from collections.abc import Iterator

from modelguard.readers.interface import Text
from modelguard.readers.json_places import json_paths, quoted

_MOST_AT_ONCE = 4 * 1024 * 1024
_SHARED = 4096
_SCHEMA = b"ARROW:schema"
"""The schema once more, in base64: https://arrow.apache.org/docs/cpp/parquet.html#serialization-details."""


def about(key: bytes, value: bytes, name: str, span: tuple[int, int], again: bool = False) -> Iterator[Text]:
    """What stands under a key, as `key: value`. Within a value that is JSON, a place is named by its keys."""
    label = f"{name}[{quoted(key.decode('utf-8', 'replace'))}]"
    before = key + b": "
    is_json = value[:1] in (b"{", b"[")

    def place(offset: int) -> str:
        if not is_json or offset < 0:
            return label
        (path,) = json_paths(value, [offset])
        shown = str(path)
        return f"{label}{'.' if shown and shown[0] != '[' else ''}{shown}"

    for first in range(0, max(1, len(value)), _MOST_AT_ONCE):
        part = value[max(0, first - _SHARED) : first + _MOST_AT_ONCE]
        shift = max(0, first - _SHARED) - len(before)

        def named(offset: int, shift: int = shift) -> str:
            return place(offset + shift)

        yield Text(before + part, named, lambda *at: span, again=again or bool(first) or key == _SCHEMA)
