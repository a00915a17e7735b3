"""Every byte of every blob, as it stands: source, text in any encoding that extends ASCII, binary files."""

from __future__ import annotations

from collections.abc import Iterator

from modelguard.model import Segment, Window


def read_raw(window: Window) -> Iterator[Segment]:
    """The window as one segment."""
    yield Segment(window.data, ((0, window.start),))
