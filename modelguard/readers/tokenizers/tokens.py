"""Tokens of a vocabulary as one Text: each is an entry that is looked at alone, as the bytes that it stands for."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from typing import overload

from modelguard.readers.interface import Text
from modelguard.readers.tokenizers.markers import read_tokens

SORT = "vocabulary"


class Starts(Sequence[int]):
    """Where entries begin. They are counted when somebody asks: in most vocabularies nothing is found."""

    __slots__ = ("_known", "_lengths")

    def __init__(self, lengths: Callable[[], Iterable[int]]) -> None:
        self._lengths = lengths
        self._known: list[int] | None = None

    def known(self) -> list[int]:
        """All of them."""
        if self._known is None:
            self._known = []
            at = 0
            for length in self._lengths():
                self._known.append(at)
                at += length + 1
        return self._known

    def __len__(self) -> int:
        return len(self.known())

    @overload
    def __getitem__(self, index: int) -> int: ...
    @overload
    def __getitem__(self, index: slice) -> list[int]: ...
    def __getitem__(self, index: int | slice) -> int | list[int]:
        return self.known()[index]


def token_text(
    tokens: Sequence[str],
    name: Callable[[int], str],
    span: Callable[[int], tuple[int, int]],
    again: bool = False,
    lines: bool = False,
) -> Text:
    """The text of some tokens: the i-th is called `name(i)`, and made of the bytes `span(i)` of the blob.

    Where a token stands in the blob as it is, what is found in it is placed to the byte.
    """
    text, read = read_tokens(tokens)
    starts = Starts(lambda: (len(token) if token.isascii() else len(read(token)) for token in tokens))

    def number(offset: int) -> int:
        return max(0, bisect_right(starts.known(), offset) - 1)

    def place(first: int, last: int) -> tuple[int, int]:
        entry = number(first)
        start, end = span(entry)
        before = starts[entry]
        if tokens[entry].isascii() and len(tokens[entry]) == end - start:
            return start + first - before, min(end, start + last - before)
        return start, end

    return Text(text, lambda offset: name(number(offset)), place, starts, again, SORT, lines)
