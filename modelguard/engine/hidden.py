"""What a mark looks like when it is encoded, so that the one pass over a text also tells where to decode.

Of base64, a text has three forms, one for each place in a group of three bytes where it may begin; the characters that
its neighbours have a part in are left out. The mark of a vendor is looked for where it comes first, as in a value that
is encoded by itself, and the words that stand beside values wherever they may be: whatever else is encoded is a
document, and has them. Text of two bytes a character is looked for in base64, too, and what is commonly encoded twice.
Escapes are looked for by themselves, several of them or one beside a word.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import product
from typing import NamedTuple

from modelguard.engine.interface import Hint, Pattern
from modelguard.engine.literals import Literals
from modelguard.engine.marks import Mark, literal, marks_of, words

BASE64, HEX, ESCAPED, PRINTABLE = KINDS = ("base64", "hex", "escaped", "quoted-printable")
"""The kinds of hints, in the order of their numbers in a database."""

_ALPHABET = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_SHORTEST = 5
_WIDE_STEM = 4
_HEX_STEM = 4
_FEW = 5
_EVERY = frozenset(range(256))

LEAST_RUN = 16
"""Shorter runs of the characters of base64 are not decoded."""

_RUN = _ALPHABET + b"-_"

_WELL_KNOWN = ("H4sI", "-----B", '"private', "hf_", "ghp_", "github", "glpat-", "sk-", "AKIA", "AIza", "xoxb-")
"""With the words, what is looked for in base64 of two bytes a character, or encoded twice."""

_COMPRESSED = (
    r"(?:^|[^\w\x2b\x2f\x2d])H4sI[\w\x2b\x2f\x2d]{16}",  # gzip: RFC 1952, section 2.3.1
    r"(?:^|[^\w\x2b\x2f\x2d])e(?:J[w-z]|N[o-r]|AE|AF|F4|F5|F6|F7)[\w\x2b\x2f\x2d]{20}",  # zlib: RFC 1950, section 2.2
)

_SHORT_MARKS = (r"(?:^|[^\w\x2b\x2f\x2d])aGZf(?:[Q-Za-e][\w\x2b\x2f\x2d]{3}){3}",)
"""`hf_` and letters, at the beginning of what is encoded: by itself it is too short a mark."""

_NAME = r"(?i:key|token|secret|passw(?:or)?d|credential)"

ESCAPES = (
    r"(?:%[2-7][0-9A-Fa-f]){4}",
    r"(?:\x5cx[2-7][0-9A-Fa-f]){4}",
    r"(?:\x5cu00[2-7][0-9A-Fa-f]){4}",
    r"(?:&#[0-9]{2,3};){4}",
    r"(?i:(?:&#x[2-7][0-9a-f];){4})",
    r"\x5cu00(?:2[bBdDfF]|3[aA]|40|5[fF])",
    r"(?i:&#(?:4[35-7]|58|61|64|95|x2[bdef]|x3a|x3d|x40|x5f);)",
    r"(?i:&(?:colon|commat|equals|lowbar);)",
    _NAME + r"[\w-]{0,12}(?i:&quot;|&#3[49];|&apos;)?\s?[:=]\s?(?i:&quot;|&#3[49];|&apos;)",
    r"(?i:&quot;(?:[\w-]{0,24})(?:key|token|secret|password)[\w-]{0,12}&quot;)",
    _NAME + r"[\w-]{0,12}(?:%3[aAdD]|%22%3[aA])",
    r"(?i:%3a%2f%2f)[\w.~!*-]{0,60}(?i:%3a)[\w.~!*-]{1,80}(?i:%40)",
)
"""Escapes in a row, those of characters that values hold, and those that stand behind a name."""

_PRINTABLES = (r"(?i:quoted-printable)", _NAME + r"[\w-]{0,12}=3D")


class Form(NamedTuple):
    """One thing to look for: the kind of hint that it is, and a regular expression."""

    kind: str
    regex: str

    @property
    def plain(self) -> bytes | None:
        """The literal that it is, in small letters where they may be capitals, or None."""
        found = _LITERAL.fullmatch(self.regex)
        return None if found is None else (found[1] or found[2]).encode()


_LITERAL = re.compile(r"([A-Za-z0-9]+)|\(\?i:([a-z0-9]+)\)")


def hidden_forms(patterns: Sequence[Pattern]) -> list[Form]:
    """Everything to look for, each once."""
    known = [*words(), *map(literal, _WELL_KNOWN)]
    deeper = [*map(_widened, known), *(form for mark in known for form in _nested(mark))]
    found = [
        *(Form(BASE64, regex) for pattern in patterns for regex in pattern.encoded),
        *(form for mark in (*known, *deeper) for form in _in_base64(mark)),
        *(form for form in (_in_hex(mark) for mark in known) if form is not None),
        *(Form(BASE64, regex) for regex in (*_COMPRESSED, *_SHORT_MARKS)),
        *(Form(ESCAPED, regex) for regex in ESCAPES),
        *(Form(PRINTABLE, regex) for regex in _PRINTABLES),
    ]
    return sorted(set(found), key=lambda form: (form.kind, form.regex))


def encoded_marks(hunt: str, keywords: Iterable[str]) -> tuple[str, ...]:
    """What the marks of a pattern look like at the beginning of a text in base64."""
    return tuple(sorted({form.regex for mark in marks_of(hunt, keywords) for form in _in_base64(mark, (0,))}))


MAY_HIDE = re.compile(
    rb"[\w+/-]{16}|%[2-7]|\\[xu][02-7]|&(?:#|(?i:quot|apos|colon|commat|equals|lowbar);)|(?i:quoted-printable)|=3D"
)
"""Stands in every text in which one of the forms does."""


class Forms:
    """Looks for the forms: the literals together, all else one by one, with `re`."""

    def __init__(self, patterns: Sequence[Pattern]) -> None:
        plain: dict[str, list[bytes]] = {}
        self._others: list[tuple[str, re.Pattern[bytes]]] = []
        for form in hidden_forms(patterns):
            if (literal := form.plain) is None:
                self._others.append((form.kind, re.compile(f"(?=(?P<form>{form.regex}))".encode("ascii"))))
            else:
                plain.setdefault(form.kind, []).append(literal)
        self._plain = {kind: Literals(literals) for kind, literals in plain.items()}

    def ends_in(self, text: bytes) -> Iterator[tuple[int, str]]:
        """Where each form ends in `text`, wherever it begins."""
        lower = text.lower()
        for kind, literals in self._plain.items():
            where = lower if kind == HEX else text
            for plain in literals.held_in(where):
                start = where.find(plain)
                while start >= 0:
                    yield start + len(plain), kind
                    start = where.find(plain, start + 1)
        for kind, regex in self._others:
            yield from ((found.end("form"), kind) for found in regex.finditer(text))


def in_a_run(text: bytes, end: int) -> bool:
    """Whether what ends at an offset lies in a run of the characters of base64 that is long enough to be decoded."""
    before = text[max(0, end - LEAST_RUN) : end]
    left = len(before) - len(before.rstrip(_RUN))
    after = text[end : end + LEAST_RUN - left]
    return left + len(after) - len(after.lstrip(_RUN)) >= LEAST_RUN


def hints(text: bytes, ends: Iterable[tuple[int, str]]) -> tuple[Hint, ...]:
    """The hints for where forms of each kind end, in order, each once."""
    return tuple(
        Hint(end, kind) for end, kind in sorted(set(ends)) if kind in (ESCAPED, PRINTABLE) or in_a_run(text, end)
    )


def _widened(mark: Mark) -> Mark:
    """The first letters of a mark in two bytes a character, from the first to the last."""
    first, *others = mark[:_WIDE_STEM]
    return (first, *(each for letter in others for each in (frozenset({0}), letter)))


def _nested(mark: Mark) -> Iterator[Mark]:
    """The marks that a mark is when it is encoded in base64."""
    yield from (_single(once.plain) for once in _in_base64(mark))


def _single(text: bytes | None) -> Mark:
    return tuple(frozenset({byte}) for byte in text or b"")


def _in_base64(mark: Mark, places: Sequence[int] = (0, 1, 2)) -> Iterator[Form]:
    """The forms of a mark in base64, by the bytes before it in its group: characters that it alone decides, or few.

    Literals of four would stand in every picture.
    """
    for before in places:
        first = -(-before * 8 // 6)
        sextets = [_sextet(mark, 6 * at - 8 * before) for at in range(first, (before + len(mark)) * 8 // 6)]
        while sextets and len(sextets[-1]) > _FEW:
            sextets.pop()
        if before and len(sextets) < _SHORTEST:  # with the character that its neighbour has a part in
            sextets.insert(0, _sextet((_EVERY, *mark), 6 * (first - 1) - 8 * before + 8))
        if len(sextets) >= _SHORTEST:
            for values in product(*sextets):
                yield Form(BASE64, "".join(map(_class, values)))


def _sextet(mark: Mark, bit: int) -> frozenset[int]:
    """The values that the six bits from `bit` on may have."""
    at, within = divmod(bit, 8)
    low = mark[at + 1] if within > 2 else frozenset({0})
    return frozenset(((one << 8 | other) >> (10 - within)) & 63 for one in mark[at] for other in low)


def _class(value: int) -> str:
    """A character of base64, in both alphabets."""
    return {62: r"[\x2b\x2d]", 63: r"[\x2f\x5f]"}.get(value) or chr(_ALPHABET[value])


def _in_hex(mark: Mark) -> Form | None:
    """A mark in hexadecimal digits."""
    stem = [each for each in mark[:_HEX_STEM] if len(each) == 1]
    if len(stem) < _HEX_STEM:
        return None
    digits = bytes(byte for each in stem for byte in each).hex()
    return Form(HEX, f"(?i:{digits})")
