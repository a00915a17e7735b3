"""A reader cuts Segments out of a window, or finds nothing of its own kind there."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from modelguard.model import Segment, Window

Reader = Callable[[Window], Iterator[Segment]]
