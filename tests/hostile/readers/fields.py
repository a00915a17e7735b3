"""Where in a file of a binary format its fields stand."""

from __future__ import annotations

from collections.abc import Iterator


def varints(data: bytes, least: int) -> Iterator[tuple[int, int]]:
    """Where numbers of seven bits a byte may stand behind `least` bytes, and how long they are: at most 300 of them."""
    at = given = 0
    while at < len(data) and given < 300:
        end = at
        while end < len(data) and data[end] > 0x7F and end - at < 5:
            end += 1
        if at >= least:
            given += 1
            yield at, min(len(data), end + 1) - at
        at = end + 1
