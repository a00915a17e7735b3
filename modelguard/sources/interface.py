"""A source yields what a target holds: Blobs, and a Gap or LeftOut for everything that is not one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol, Union

from modelguard.model import Blob, Gap, LeftOut

Item = Union[Blob, Gap, LeftOut]


class Source(Protocol):
    """Where bytes live. Yields items lazily, in a stable order."""

    def items(self) -> Iterator[Item]:
        """Everything the source holds; nothing is passed over in silence."""
        ...
