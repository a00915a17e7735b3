"""safetensors: the header as the JSON text that it is, and of the tensors those that may hold text.

Format: https://huggingface.co/docs/safetensors/index#format. Eight bytes say how long the header is, the header names
tensors with their type and bytes, `__metadata__` holds whatever a training tool wrote. The library refuses a file that
is not well formed; here that is a gap, and everything is looked at as bytes.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence

from modelguard.model import Blob
from modelguard.readers.interface import Covered, Limits, Omitted, Piece, Text
from modelguard.readers.json_places import Path, json_paths, quoted
from modelguard.readers.weights.numbers import MOST_LOOKED_AT, text_in
from modelguard.readers.weights.safetensors_header import LENGTH_BYTES, METADATA, header_end, tensors

_MOST_READ = 64 * 1024 * 1024
"""Bytes of a header in which places have names."""

_CODE_POINTS = {"I16": 2, "U16": 2, "I32": 4, "U32": 4, "I64": 8, "U64": 8}
_BYTES = {"U8", "I8", "BOOL"}


def read(blob: Blob, limits: Limits) -> Iterator[Piece]:
    """Texts in tensors of whole numbers; all others are weights. The header is left as it stands. See `Reader`."""
    data_start = header_end(blob)
    for _ in tensors(blob, data_start, limits.check_time):  # nothing is believed of a header that is not sound
        pass
    weights = names = 0
    for name, kind, start, end in tensors(blob, data_start, limits.check_time):
        if start == end:
            continue
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
    data_start = header_end(blob)
    among = bisect_left(offsets, data_start)
    near = [at - LENGTH_BYTES for at in offsets[:among] if at < _MOST_READ]
    text = blob.read(LENGTH_BYTES, LENGTH_BYTES + near[-1] + 1) if near else b""
    in_header = [_shown(path) for path in json_paths(text, near)]
    in_header += ["header"] * (among - len(near))
    return [*in_header, *_in_tensors(blob, offsets[among:], data_start)]


def _shown(path: Path) -> str | None:
    steps = path.steps
    if not steps:
        return "header"
    first, *others = steps
    if path.in_key and not others:
        return f"tensor {first.number}"
    whole = str(Path(tuple(others), path.in_key))
    if first.key == METADATA:
        key = others[0].key if others else None
        deeper = str(Path(tuple(others[1:]), path.in_key and len(others) > 1))
        return f"__metadata__[{quoted(key)}]{deeper}" if key is not None and not path.in_key else f"__metadata__{whole}"
    return f"tensor {first.number}{'.' if whole and whole[0] != '[' else ''}{whole}"


def _in_tensors(blob: Blob, offsets: Sequence[int], data_start: int) -> list[str | None]:
    """The first tensor of the header that each of these offsets, which ascend, is in."""
    names: dict[int, str] = {}
    left = list(dict.fromkeys(offsets))
    for name, _, start, end in tensors(blob, data_start) if left else ():
        inside = slice(bisect_left(left, start), bisect_left(left, end))
        names |= {at: f"tensor {quoted(name)}, byte {at - start}" for at in left[inside]}
        del left[inside]  # tensors that overlap would have each of them asked again
        if not left:
            break
    return [names.get(at) for at in offsets]


def _indexed(name: str) -> Callable[[int], str]:
    return lambda number: f"tensor {quoted(name)}[{number}]"
