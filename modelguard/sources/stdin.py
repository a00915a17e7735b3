"""Standard input as one Blob in memory: no part of it is written anywhere."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import BinaryIO

from modelguard.model import Finding, Gap, GapReason, Origin
from modelguard.sources.interface import Item

SHOWN = "<stdin>"


class BytesBlob:
    """Bytes in memory as a Blob."""

    __slots__ = ("_data", "_shown")

    def __init__(self, data: bytes, shown: str) -> None:
        self._data = data
        self._shown = shown

    @property
    def origin(self) -> Origin:
        """See `Blob.origin`."""
        return Origin(self._shown)

    @property
    def size(self) -> int:
        """See `Blob.size`."""
        return len(self._data)

    def read(self, start: int, end: int) -> bytes:
        """See `Blob.read`."""
        return self._data[start:end]


class StdinSource:
    """A Source over a stream that is read to its end. `shown` is what findings call it."""

    whole = True

    def __init__(self, stream: BinaryIO, shown: str = SHOWN) -> None:
        self._stream = stream
        self._shown = shown

    def items(self) -> Iterator[Item]:
        """See `Source.items`."""
        try:
            data = self._stream.read()
        except OSError as error:
            yield Gap(self._shown, GapReason.UNREADABLE, f"{error.strerror}; pipe something into it")
            return
        yield BytesBlob(data, self._shown)

    def described(self, findings: Sequence[Finding]) -> list[Finding]:
        """See `Source.described`: there is nothing to add."""
        return list(findings)

    def repositories(self) -> Sequence[tuple[str, str]]:
        """See `Source.repositories`: a stream is none."""
        return ()
