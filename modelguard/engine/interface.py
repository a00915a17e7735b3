"""The engine's nouns: a Pattern goes in, Spans come out, and every Engine gives the same ones."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple, Protocol, overload

import msgspec
from msgspec import Struct

from modelguard.engine.views import EDGE

MAX_END_WIDTH = 128
"""The widest `end` of an unbounded pattern, in bytes."""


class Tail(NamedTuple):
    """The last part of a pattern: its `regex` from `start` on.

    `width` is its own, `before` that of what comes before it in the next tail (or the pattern), and `same_line` says
    that the latter holds no line break.
    """

    start: int
    width: int
    before: int
    same_line: bool


class Pattern(Struct, frozen=True):
    """What one rule looks for, prepared for both engines.

    `regex` is the rule's own pattern in the syntax that `syntax.py` accepts, over bytes.
    `hunt` is a looser form of it for the fast engine: every match of `regex` holds the end of a match of `hunt`.
    `width` is the longest match of `regex` in bytes.
    `keywords` are lower-case literals of which every match holds at least one, in any case; empty: not known.
    `end` makes it unbounded: the match runs on to the end of the first match of `end`, or of `limit` bytes, or to where
    `regex` matches again.
    `tails` are the last parts of `regex`, the shortest first and each the end of the next one: what comes before one is
    only tried where it matches. That keeps text cheap that only begins to match.
    `one_line` says that no match holds a line feed, so that what lies around a line does not matter.
    `edge` is how many bytes on either side of a match are looked at to judge it; beyond its line they do not matter.
    `common` says that the common hunt finds it, and that its values have the shape that goes with that (see `common`);
    it has no `hunt` of its own.
    `encoded` is what its marks look like in base64, as regular expressions (see `hidden`).
    """

    regex: str
    hunt: str
    width: int
    keywords: tuple[str, ...]
    end: str | None = None
    limit: int = 0
    tails: tuple[Tail, ...] = ()
    one_line: bool = False
    edge: int = EDGE
    common: bool = False
    encoded: tuple[str, ...] = ()

    @property
    def reach(self) -> int:
        """How far from where a match ends something may matter, in bytes."""
        return self.width + self.edge - EDGE


class Patterns(Sequence[Pattern]):
    """Patterns, each made when it is looked at: thousands take longer than the scan of a small commit.

    `digest` tells them, in this order, from all others; it is made of the `identity` of each.
    """

    def __init__(self, identities: Iterable[str], make: Callable[[int], Pattern]) -> None:
        self._identities = tuple(identities)
        self._make = make

    @staticmethod
    def of(patterns: Sequence[Pattern]) -> Patterns:
        """The same, where they may be there already."""
        if isinstance(patterns, Patterns):
            return patterns
        return Patterns(map(identity, patterns), patterns.__getitem__)

    def followed_by(self, others: Sequence[Pattern]) -> Patterns:
        """These, and then the others."""
        own = len(self)
        identities = (*self._identities, *map(identity, others))
        return Patterns(identities, lambda number: self._make(number) if number < own else others[number - own])

    @property
    def digest(self) -> str:
        """32 hexadecimal digits."""
        return hashlib.sha256("".join(self._identities).encode()).hexdigest()[:32]

    def __len__(self) -> int:
        return len(self._identities)

    @overload
    def __getitem__(self, index: int) -> Pattern: ...

    @overload
    def __getitem__(self, index: slice) -> Sequence[Pattern]: ...

    def __getitem__(self, index: int | slice) -> Pattern | Sequence[Pattern]:
        if isinstance(index, slice):
            return [self._make(number) for number in range(len(self))[index]]
        return self._make(range(len(self))[index])


def identity(pattern: Pattern) -> str:
    """What tells a pattern from all others: 16 hexadecimal digits."""
    return hashlib.sha256(msgspec.json.encode(pattern)).hexdigest()[:16]


class Span(NamedTuple):
    """One match: the pattern's index, and byte offsets of the whole match and of its value, ends excluded."""

    pattern: int
    start: int
    end: int
    value_start: int
    value_end: int

    def moved(self, by: int) -> Span:
        """The same span in a text that begins so many bytes earlier."""
        pattern, start, end, value_start, value_end = self
        return Span(pattern, start + by, end + by, value_start + by, value_end + by)


class Hint(NamedTuple):
    """Where something ends that is the mark of a pattern in an encoding of this kind (see `hidden`)."""

    end: int
    kind: str


class Scan(NamedTuple):
    """What an engine saw: the spans, sorted, each once, and whether the text holds a keyword in wide characters.

    Without such a keyword no pattern can match text of two or four bytes a character that the text may hold. `hidden`
    says where the text may be worth decoding.
    """

    spans: list[Span]
    wide: bool = False
    hidden: tuple[Hint, ...] = ()


NEAR = 400
"""How far, in bytes, a pattern usually reaches; those that reach farther are said to be far."""

MARGIN = NEAR + 24
"""A part of a text with so much on either side tells everything of it that patterns say which are not far."""


Parts = Sequence[tuple[int, int]]
"""Parts of a text: where each begins, and where it ends."""


class Asked(NamedTuple):
    """A text that is asked about; with `parts`, only these parts of it are looked at."""

    text: bytes
    parts: Parts | None = None


class Held(NamedTuple):
    """Which patterns a text holds, whether wide characters or a far pattern may be there, and what may hide."""

    patterns: set[int]
    wide: bool = False
    far: bool = False
    hidden: tuple[Hint, ...] = ()

    @property
    def is_near(self) -> bool:
        """Whether nothing in the text reaches far.

        Of another version, the patterns are then among those of the text and those within `MARGIN` of what is new.
        """
        return not (self.wide or self.far or self.hidden)


class Refused(ValueError):
    """An engine cannot be made, since it refuses a pattern, given by its number."""

    def __init__(self, pattern: int, why: str) -> None:
        super().__init__(why)
        self.pattern = pattern


class Engine(Protocol):
    """Finds every match of every pattern in a text."""

    name: str

    def scan(self, text: bytes, wanted: Callable[[int], bool] = lambda pattern: True) -> Scan:
        """The spans in `text` as it stands and in its view (see `views`).

        `wanted` is asked once for each pattern that may match; what it refuses is not looked at any closer.
        """
        ...

    def glued(self, text: bytes) -> set[int]:
        """At least the patterns that would match in `text` if nothing were asked of what is beside their matches."""
        ...

    def holds(self, asked: Sequence[Asked], passes: Callable[[bytes, Span], bool]) -> list[Held]:
        """Of each text, the patterns of which a span passes a test, without the spans: at least those near its parts.

        `passes` is asked with a part of the text that holds the span and what lies within its pattern's `edge` on
        either side of it, as far as its lines go. What it says must depend on these alone: it may be remembered for
        the same part of another text.
        """
        ...
