"""A source yields what a target holds: Blobs, and a Gap or LeftOut for everything that is not one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

from modelguard.model import Blob, Finding, Gap, LeftOut

Item = Blob | Gap | LeftOut


class Source(Protocol):
    """Where bytes live. Yields items lazily, in a stable order.

    `whole` says that it holds all there is below its targets, so that an entry of a baseline that accepts nothing in it
    is stale.
    """

    whole: bool

    def items(self) -> Iterator[Item]:
        """Everything the source holds; nothing is passed over in silence."""
        ...

    def described(self, findings: Sequence[Finding]) -> list[Finding]:
        """`findings` with what only this source can say of their origins."""
        ...

    def repositories(self) -> Sequence[tuple[str, str]]:
        """The git repositories among what it holds, once `items` has ended: each top folder, and how it is shown."""
        ...
