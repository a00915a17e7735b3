"""The numbers that joblib and PyTorch write between and behind pickles: weights, or text one code point a number."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from modelguard.model import Blob
from modelguard.readers.interface import Covered, Limits, Omitted, Piece, Text
from modelguard.readers.pickles.nodes import Built, Item, Literal
from modelguard.readers.weights.numbers import code_points, is_text_like

MOST_LOOKED_AT = 16 * 1024 * 1024
"""Bytes of one array of whole numbers that are looked at for text without `--weights`; larger ones are weights."""

_CODE_POINTS = (2, 4, 8)
_DTYPE = re.compile(rb"[<>|=]?([A-Za-z?])([0-9]{0,9})")
_WIDTHS = {b"U": 4}
_REAL = b"fcg"
_WHOLE = b"iu"
_MOST_DIMENSIONS = 64


class Numbers(NamedTuple):
    """Numbers of one sort: `is_real` for those that are no whole ones, `is_whole` for those that are."""

    start: int
    end: int
    width: int
    is_real: bool
    is_whole: bool


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
    elif numbers.is_whole and numbers.width in _CODE_POINTS:
        text = in_code_points(blob.read(start, end), numbers.width, start, name, limits)
        if text is not None:
            yield text
            yield Covered(start, end)


def in_code_points(data: bytes, width: int, start: int, name: str, limits: Limits) -> Text | None:
    """The text in numbers that begin at a byte of the blob; None where they hold none."""
    if not is_text_like(data, width):
        return None
    limits.spend(len(data) // width)
    return Text(
        code_points(data, width),
        lambda offset: f"{name}[{offset}]",
        lambda first, last: (start + first * width, start + last * width),
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
    return Numbers(at, at + size, width, letter in _REAL, letter in _WHOLE)


def dtype_of(made: Item) -> bytes:
    """The letters with which numpy's `dtype` was called: `f8`, `O`."""
    arguments = made.items[1] if isinstance(made, Built) and len(made.items) == 2 else None
    first = arguments.items[0] if isinstance(arguments, Built) and arguments.items else None
    return (first.text or b"") if isinstance(first, Literal) else b""
