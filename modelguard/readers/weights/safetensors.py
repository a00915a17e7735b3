"""safetensors: the header as the JSON text that it is, and of the tensors those that may hold text.

Format: https://huggingface.co/docs/safetensors/index#format. Eight bytes say how long the header is, the header names
tensors with their type and bytes, `__metadata__` holds whatever a training tool wrote. The library refuses a file that
is not well formed; here that is a gap, and everything is looked at as bytes.
"""

from __future__ import annotations

import json
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext
from typing import Any

from modelguard.model import Blob
from modelguard.readers.interface import Covered, Limits, Malformed, Omitted, Piece, Text
from modelguard.readers.json_places import Path, json_paths, quoted
from modelguard.readers.native import memory_bounded
from modelguard.readers.weights.numbers import MOST_LOOKED_AT, text_in

_LENGTH_BYTES = 8
_LONGEST_HEADER = 100_000_000
"""What the library allows, in bytes."""

_LONG_HEADER = 4_000_000
"""From so many bytes on it is asked how much memory the objects in it take: up to a hundred times as many."""

_CODE_POINTS = {"I16": 2, "U16": 2, "I32": 4, "U32": 4, "I64": 8, "U64": 8}
_BYTES = {"U8", "I8", "BOOL"}
_NO_TENSOR = (0, 0, "")


def read(blob: Blob, limits: Limits) -> Iterator[Piece]:
    """Texts in tensors of whole numbers; all others are weights. The header is left as it stands. See `Reader`."""
    header_end, header = _header(blob)
    size = blob.size
    tensors = [(name, entry, *_range(entry, header_end, size)) for name, entry in header if name != "__metadata__"]
    weights = names = 0
    for name, entry, start, end in tensors:
        if start == end:
            continue
        kind = entry.get("dtype")
        if end - start <= MOST_LOOKED_AT and kind in _CODE_POINTS:
            text = text_in(blob.read(start, end), _CODE_POINTS[kind], _indexed(name), start, limits)
            if text is not None:
                yield text
        if end - start <= MOST_LOOKED_AT and kind in _BYTES:
            yield _alone(blob, name, (start, end))
            yield Covered(start, end)
            continue
        looked_at = limits.weights or (kind in (*_BYTES, *_CODE_POINTS) and end - start <= MOST_LOOKED_AT)
        if not looked_at:
            yield Covered(start, end)
            weights += end - start
            names += 1
    if names:
        yield Omitted("tensors", f"{names} tensors of a model; --weights looks at them, too", weights)


def _alone(blob: Blob, name: str, span: tuple[int, int]) -> Text:
    """A tensor of bytes by itself: what begins or ends with it has nothing beside it."""
    start, end = span
    return Text(
        blob.read(start, end),
        lambda offset: f"tensor {quoted(name)}, byte {offset}",
        lambda first, last: (start + first, start + last),
    )


def guide(blob: Blob, offsets: Sequence[int]) -> list[str | None]:
    """`__metadata__["author"]`, the number of a tensor, or the tensor that a byte belongs to. See `Guide`."""
    header_end, header = _header(blob)
    paths = iter(json_paths(blob.read(_LENGTH_BYTES, header_end), [at - _LENGTH_BYTES for at in offsets]))
    tensors = sorted(_tensors(header, header_end)) if offsets and offsets[-1] >= header_end else []
    return [_shown(path) if at < header_end else _tensor(at, tensors) for at, path in zip(offsets, paths, strict=True)]


def _shown(path: Path) -> str | None:
    steps = path.steps
    if not steps:
        return "header"
    first, *others = steps
    if path.in_key and not others:
        return f"tensor {first.number}"
    whole = str(Path(tuple(others), path.in_key))
    if first.key == "__metadata__":
        key = others[0].key if others else None
        deeper = str(Path(tuple(others[1:]), path.in_key and len(others) > 1))
        return f"__metadata__[{quoted(key)}]{deeper}" if key is not None and not path.in_key else f"__metadata__{whole}"
    return f"tensor {first.number}{'.' if whole and whole[0] != '[' else ''}{whole}"


def _tensors(header: Sequence[tuple[str, Any]], header_end: int) -> Iterator[tuple[int, int, str]]:
    """The bytes of the blob that each tensor has, and its name."""
    for name, entry in header:
        offsets = entry.get("data_offsets") if name != "__metadata__" and isinstance(entry, dict) else None
        if isinstance(offsets, list) and len(offsets) == 2 and all(type(offset) is int for offset in offsets):
            yield header_end + offsets[0], header_end + offsets[1], name


def _tensor(at: int, tensors: Sequence[tuple[int, int, str]]) -> str | None:
    number = bisect_right(tensors, at, key=lambda tensor: tensor[0])
    start, end, name = tensors[number - 1] if number else _NO_TENSOR
    return f"tensor {quoted(name)}, byte {at - start}" if start <= at < end else None


def _indexed(name: str) -> Callable[[int], str]:
    return lambda number: f"tensor {quoted(name)}[{number}]"


def _header(blob: Blob) -> tuple[int, list[tuple[str, Any]]]:
    """Where the header ends, and its members, with those that have the same name."""
    length = int.from_bytes(blob.read(0, _LENGTH_BYTES), "little")
    end = _LENGTH_BYTES + length
    if length > _LONGEST_HEADER or end > blob.size:
        raise Malformed("its header is longer than it may be")
    try:
        with memory_bounded() if length > _LONG_HEADER else nullcontext():
            pairs = json.loads(blob.read(_LENGTH_BYTES, end), object_pairs_hook=_Pairs)
    except (ValueError, RecursionError, MemoryError) as error:
        raise Malformed(f"its header is no JSON ({type(error).__name__})") from None
    if not isinstance(pairs, _Pairs):
        raise Malformed("its header is no JSON object")
    return end, [(name, dict(value) if isinstance(value, _Pairs) else value) for name, value in pairs]


class _Pairs(list[tuple[str, Any]]):
    """The members of an object, in order."""


def _range(entry: Any, header_end: int, size: int) -> tuple[int, int]:
    """The bytes of the blob that a tensor has."""
    offsets = entry.get("data_offsets") if isinstance(entry, dict) else None
    if not (isinstance(offsets, list) and len(offsets) == 2 and all(type(offset) is int for offset in offsets)):
        raise Malformed("a tensor does not say which bytes it has")
    start, end = header_end + offsets[0], header_end + offsets[1]
    if not header_end <= start <= end <= size:
        raise Malformed("a tensor lies outside the file")
    return start, end
