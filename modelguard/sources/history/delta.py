"""Versions made from others, as packs hold them (gitformat-pack(5), "Deltified representation").

A file's next version is mostly copied from the one before. What was looked at there need not be looked at again: only
what is inserted, and where two pieces meet that did not lie side by side.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

_LARGEST_COPY = 0x10000


class DeltaError(ValueError):
    """The delta is malformed, or not for this base and an object of this size."""


def size_of(delta: bytes) -> int:
    """How long the object is that `delta` makes, as it says itself.

    Raises:
        DeltaError: it does not say.
    """
    try:
        return _number(delta, _number(delta, 0)[1])[0]
    except IndexError:
        raise DeltaError from None


def applied(delta: bytes, base: bytes, size: int) -> bytes:
    """The object of `size` bytes that `delta` makes of `base`.

    Raises:
        DeltaError: it makes no such object.
    """
    apply, failure = _library()
    _body(delta, len(base), size)  # sizes that are not so are not to be made room for
    try:
        content = b"".join(apply(base, delta))
    except failure:
        raise DeltaError from None
    if len(content) != size:
        raise DeltaError
    return content


@cache
def _library() -> tuple[Callable[[bytes, bytes], list[bytes]], type[Exception]]:
    """Loaded when it is first needed: not every scan reads packs."""
    from dulwich.errors import ApplyDeltaError
    from dulwich.pack import apply_delta

    return apply_delta, ApplyDeltaError


def fresh_in(delta: bytes, base: int, size: int) -> list[int]:
    """The offsets, in pairs of start and end, of what is new in the object of `size` bytes that `delta` makes.

    `base` is the size of what it is made from. A seam, where two pieces of that meet, is a pair of equal offsets.

    Raises:
        DeltaError: it makes no such object.
    """
    at = _body(delta, base, size)
    try:
        fresh, done = _followed(delta, at, base)
    except IndexError:
        raise DeltaError from None
    if done != size:
        raise DeltaError
    return fresh


def _body(delta: bytes, base: int, size: int) -> int:
    """Where the instructions begin, behind the sizes of the base and of the object."""
    try:
        told, at = _number(delta, 0)
        wanted, at = _number(delta, at)
    except IndexError:
        raise DeltaError from None
    if (told, wanted) != (base, size):
        raise DeltaError
    return at


def _followed(delta: bytes, at: int, base: int) -> tuple[list[int], int]:  # noqa: C901  # see below
    """What the instructions from `at` on make of a base of `base` bytes: what is new, and how long the result is.

    A long history has millions of instructions, so there is no call in this loop.
    """
    fresh: list[int] = []
    done = continues = 0
    end = len(delta)
    while at < end:
        code = delta[at]
        at += 1
        if code & 0x80:
            start = length = 0
            if code & 0x01:
                start = delta[at]
                at += 1
            if code & 0x02:
                start |= delta[at] << 8
                at += 1
            if code & 0x04:
                start |= delta[at] << 16
                at += 1
            if code & 0x08:
                start |= delta[at] << 24
                at += 1
            if code & 0x10:
                length = delta[at]
                at += 1
            if code & 0x20:
                length |= delta[at] << 8
                at += 1
            if code & 0x40:
                length |= delta[at] << 16
                at += 1
            if not length:
                length = _LARGEST_COPY
            if start != continues:
                fresh += (done, done)
            continues = start + length
            if continues > base:
                raise DeltaError
            done += length
        elif code:
            at += code
            fresh += (done, done + code)
            done += code
        else:
            raise DeltaError  # reserved
    if at > end:
        raise DeltaError
    if continues != base:
        fresh += (done, done)
    return fresh, done


def windows(fresh: list[int], size: int, margin: int) -> list[tuple[int, int]]:
    """What has to be looked at: what is new with `margin` bytes on either side, those that touch joined."""
    found: list[tuple[int, int]] = []
    start = end = -1
    for at in range(0, len(fresh), 2):
        if fresh[at] - margin > end:
            if end >= 0:
                found.append((start if start > 0 else 0, end))
            start = fresh[at] - margin
        end = fresh[at + 1] + margin
    if end >= 0:
        found.append((start if start > 0 else 0, min(end, size)))
    return found


def _number(data: bytes, at: int) -> tuple[int, int]:
    """A size in groups of seven bits, the lowest first, and where it ends."""
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if not byte & 0x80:
            return value, at
        shift += 7
