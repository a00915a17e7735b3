"""Tokens of a vocabulary as one Text: each is an entry that is looked at alone, as the bytes that it stands for."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from typing import overload

from modelguard.readers.interface import Text
from modelguard.readers.tokenizers.markers import BREAK, byte_level, is_byte_level, spaced

SORT = "vocabulary"


class Tokens:
    """Tokens as the vocabulary writes them.

    They come as one text with a line feed between two of them, and are taken apart when somebody asks: in most
    vocabularies nothing is found. Only where some hold line feeds themselves, they come as `apart`.
    """

    def __init__(self, text: str, apart: Sequence[str] | None = None) -> None:
        self.text = text
        self._apart = apart

    @staticmethod
    def of(apart: Sequence[str]) -> Tokens:
        """These tokens."""
        text = "\n".join(apart)
        return Tokens(text, None if text.count("\n") == len(apart) - 1 else apart)

    @cached_property
    def all(self) -> Sequence[str]:
        """Each of them."""
        return self.text.split("\n") if self._apart is None else self._apart

    @property
    def simple(self) -> bool:
        """Whether each line feed stands between two of them."""
        return self._apart is None

    def read(self) -> tuple[bytes, Callable[[str], bytes]]:
        """What they stand for, with a line feed between two of them, and what says the same of each alone."""
        if not is_byte_level(self.text):
            return spaced(self.text), spaced
        text = self.text.replace("\n", BREAK) if self._apart is None else BREAK.join(self._apart)
        return byte_level(text), byte_level


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
    tokens: Tokens,
    name: Callable[[int], str],
    span: Callable[[int], tuple[int, int]],
    again: bool = False,
    lines: bool = False,
) -> Text:
    """The text of some tokens: the i-th is called `name(i)`, and made of the bytes `span(i)` of the blob.

    Where a token stands in the blob as it is, what is found in it is placed to the byte.
    """
    text, read = tokens.read()
    starts = Starts(lambda: (len(token) if token.isascii() else len(read(token)) for token in tokens.all))

    def number(offset: int) -> int:
        return max(0, bisect_right(starts.known(), offset) - 1)

    def place(first: int, last: int) -> tuple[int, int]:
        entry = number(first)
        start, end = span(entry)
        before = starts[entry]
        if tokens.all[entry].isascii() and len(tokens.all[entry]) == end - start:
            return start + first - before, min(end, start + last - before)
        return start, end

    return Text(text, lambda offset: name(number(offset)), place, starts, again, SORT, lines)
