"""The arrays that joblib and PyTorch write between and behind pickles, and numpy in them: weights or texts."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

from modelguard.model import Blob
from modelguard.readers.interface import Covered, Limits, Omitted, Piece, Text, entries
from modelguard.readers.pickles.nodes import Built, Item, Literal
from modelguard.readers.weights.numbers import code_points, is_text_alone, is_text_like

MOST_LOOKED_AT = 16 * 1024 * 1024
"""Bytes of one array of whole numbers that are looked at for text without `--weights`; larger ones are weights."""

_CODE_POINTS = (2, 4, 8)
_DTYPE = re.compile(rb"[<>|=]?([A-Za-z?])([0-9]{0,9})")
_WIDTHS = {b"U": 4}
_TEXTS = (b"U", b"S")
_REAL = b"fcg"
_WHOLE = b"iu"
_MOST_DIMENSIONS = 64
_BATCH = 1 << 20
SHORTEST = 8
"""Bytes of a text between which each is looked at alone; a value may go on over several shorter ones."""


class Numbers(NamedTuple):
    """Numbers of one sort: `is_real` for those that are no whole ones, `is_whole` for those that are.

    `letter` is `U` or `S` for texts of `width` bytes each.
    """

    start: int
    end: int
    width: int
    is_real: bool
    is_whole: bool
    letter: bytes = b""


class Weights:
    """Counts what is left out of one blob."""

    def __init__(self) -> None:
        self._bytes = 0
        self._arrays = 0

    def add(self, count: int) -> None:
        """One array of so many bytes."""
        self._bytes += count
        self._arrays += 1

    def pieces(self) -> Iterator[Piece]:
        """What was left out, if anything was."""
        if self._arrays:
            detail = f"{self._arrays} tensors of a model; --weights looks at them, too"
            yield Omitted("tensors", detail, self._bytes)


def looked_at(blob: Blob, numbers: Numbers, name: str, limits: Limits, weights: Weights) -> Iterator[Piece]:
    """The text in an array of whole numbers, or that it is weights; what is neither is left as it stands."""
    start, end = numbers.start, numbers.end
    size = end - start
    if limits.weights or not size:
        return
    if numbers.is_real or size > MOST_LOOKED_AT:
        weights.add(size)
        yield Covered(start, end)
    elif numbers.letter and numbers.width >= SHORTEST:
        yield from _rows(blob, numbers, name, limits)
    elif numbers.is_whole and numbers.width in _CODE_POINTS:
        text = in_code_points(blob.read(start, end), numbers.width, start, name, limits)
        if text is not None:
            yield text
        if text is not None and not text.again:
            yield Covered(start, end)


def _rows(blob: Blob, numbers: Numbers, name: str, limits: Limits) -> Iterator[Piece]:
    """The texts of an array, each looked at alone."""
    step = max(1, _BATCH // numbers.width) * numbers.width
    for start in range(numbers.start, numbers.end, step):
        data = blob.read(start, min(numbers.end, start + step))
        limits.spend(len(data))
        texts = cut(data, numbers.letter, numbers.width)
        if texts:
            first = (start - numbers.start) // numbers.width
            yield entries(texts, _named(name, first), _spans(start, numbers.width))
            yield Covered(start, start + len(data))


def _named(name: str, first: int) -> Callable[[int], str]:
    return lambda number: f"{name}[{first + number}]"


def _spans(start: int, width: int) -> Callable[[int], tuple[int, int]]:
    return lambda number: (start + number * width, start + (number + 1) * width)


def cut(data: bytes, letter: bytes, width: int) -> list[bytes]:
    """The texts of an array as numpy stores them: each of so many bytes, with NUL behind what is shorter.

    Those of the type `U` are UTF-32 in either byte order: the first character says which, as text has no other. None at
    all where these are no characters.
    """
    cells = [data[at : at + width] for at in range(0, len(data), width)]
    if letter == b"U":
        first = len(data) - len(data.lstrip(b"\0"))
        codec = "utf-32-le" if first % 4 == 0 else "utf-32-be"
        try:
            cells = [cell.decode(codec).encode() for cell in cells]
        except UnicodeError:
            return []
    return [cell.rstrip(b"\0") for cell in cells]


def texts_in(dtype: bytes, data: bytes) -> list[bytes]:
    """The texts of an array of a type as `dtype_of` tells it; none where it is of another."""
    code = _DTYPE.fullmatch(dtype)
    if code is None or code[1] not in _TEXTS:
        return []
    width = int(code[2] or 0) * _WIDTHS.get(code[1], 1)
    return cut(data, code[1], width) if width >= SHORTEST else []


def in_code_points(data: bytes, width: int, start: int, name: str, limits: Limits) -> Text | None:
    """The text in numbers that begin at a byte of the blob; None where they hold none."""
    if not is_text_like(data, width):
        return None
    limits.spend(len(data) // width)
    return Text(
        code_points(data, width),
        lambda offset: f"{name}[{offset}]",
        lambda first, last: (start + first * width, start + last * width),
        again=not is_text_alone(data, width),
    )


def after_wrapper(blob: Blob, at: int, wrapper: Built) -> Numbers | None:
    """The numbers that joblib writes behind its `NumpyArrayWrapper`, which tells their type and shape.

    None where these make no sense. The format is that of joblib's `numpy_pickle.py`: where the wrapper names an
    alignment, a byte says how many bytes of padding follow it.
    """
    kept = wrapper.kept or {}
    dtype = _DTYPE.fullmatch(dtype_of(kept.get(b"dtype")))
    shape = kept.get(b"shape")
    if dtype is None or not isinstance(shape, Built) or len(shape.items) > _MOST_DIMENSIONS:
        return None
    letter = dtype[1]
    width = int(dtype[2] or 1) * _WIDTHS.get(letter, 1)
    size = width
    for length in shape.items:
        if not isinstance(length, int) or length < 0:
            return None
        size = min(size * length, blob.size + 1)
    if kept.get(b"numpy_array_alignment_bytes") is not None:
        padding = blob.read(at, min(blob.size, at + 1))
        at += 1 + (padding[0] if padding else 0)
    if at + size > blob.size:
        return None
    texts = letter if letter in _TEXTS else b""
    return Numbers(at, at + size, width, letter in _REAL, letter in _WHOLE, texts)


def dtype_of(made: Item) -> bytes:
    """The letters with which numpy's `dtype` was called: `f8`, `O`."""
    arguments = made.items[1] if isinstance(made, Built) and len(made.items) == 2 else None
    first = arguments.items[0] if isinstance(arguments, Built) and arguments.items else None
    return (first.text or b"") if isinstance(first, Literal) else b""
