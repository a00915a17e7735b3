"""Every byte of every blob, as it stands: source, text in any encoding that extends ASCII, binary files."""

from __future__ import annotations

from modelguard.model import Segment, Window


def read_raw(window: Window) -> Segment:
    """The window as one segment."""
    return Segment(window.data, ((0, window.start),))
