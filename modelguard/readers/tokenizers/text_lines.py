"""Files with an entry a line, some lines at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import accumulate

from modelguard.model import Blob
from modelguard.readers.tokenizers.tokens import Tokens

_STEP = 1 << 20


class Block:
    """Whole lines, which are the bytes of the blob from `start` on. `written` are they without their line feeds."""

    def __init__(self, start: int, end: int, written: Sequence[bytes]) -> None:
        self.start = start
        self.end = end
        self.written = written

    @cached_property
    def tokens(self) -> Tokens:
        """The lines as they read."""
        text = b"\n".join(self.written).decode("utf-8", "surrogateescape")
        return Tokens(text.replace("\r\n", "\n").removesuffix("\r"))

    def span(self, number: int) -> tuple[int, int]:
        """The bytes of the blob that a line is."""
        start = self._starts[number]
        return start, start + len(self.written[number].removesuffix(b"\r"))

    @cached_property
    def _starts(self) -> list[int]:
        return list(accumulate((len(line) + 1 for line in self.written), initial=self.start))


def blocks(blob: Blob) -> Iterator[Block]:
    """All lines of a blob, up to one that is longer than a MiB."""
    at = 0
    while block := blob.read(at, at + _STEP):
        end = len(block) if len(block) < _STEP else block.rfind(b"\n") + 1
        if not end:
            return
        written = block[:end].split(b"\n")
        if block[end - 1 : end] == b"\n":
            written.pop()
        yield Block(at, at + end, written)
        at += end
