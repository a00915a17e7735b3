"""What the tokens of a vocabulary stand for: their markers for spaces and bytes are turned back into these.

A byte-level vocabulary (GPT-2's) writes each byte as one visible character. Those of SentencePiece, and what is made
from them, write a space as U+2581. Which of the two a vocabulary is, it does not say: a character that is no marker
stands for itself, so whatever is plain ASCII, as all keys and tokens are, reads the same both ways.
"""

from __future__ import annotations

import codecs

SPACE = "\u2581"
"""A space, as SentencePiece writes it (https://github.com/google/sentencepiece, "Whitespace is treated as a basic
symbol")."""


def _shown() -> str:
    """The character that each byte is written as, by `bytes_to_unicode` of OpenAI's GPT-2 (`encoder.py`).

    Bytes that are visible characters of Latin-1 stand for themselves. The 68 others are counted from U+0100 on.
    """
    visible = {*range(ord("!"), ord("~") + 1), *range(ord("¡"), ord("¬") + 1), *range(ord("®"), ord("ÿ") + 1)}
    shifted = iter(range(0x100, 0x200))
    return "".join(chr(byte if byte in visible else next(shifted)) for byte in range(256))


SHOWN = _shown()
"""At each place the character that stands for the byte of that number."""

_ASCII_MARKERS = tuple(SHOWN[byte] for byte in b" \n\t")
"""Where none of these is, no space and no end of a line is written byte-level: nothing that a value could hide behind.
Few alphabets have them (Maltese, Esperanto)."""

BREAK = SHOWN[ord("\n")]
"""A line feed, byte-level."""

# CPython has a fast form of this for tables that begin with NUL; the real character of byte 0 goes the slow way
_TO_BYTES = codecs.charmap_build("\0" + SHOWN[1:])
_KEPT = "modelguard-not-byte-level"


def _kept(error: UnicodeError) -> tuple[bytes, int]:
    """Characters that stand for no byte are left as they are, but for a space of the other sort."""
    assert isinstance(error, UnicodeEncodeError)
    text = error.object[error.start : error.end].replace(SHOWN[0], "\0").replace(SPACE, " ")
    return text.encode("utf-8", "surrogatepass"), error.end


codecs.register_error(_KEPT, _kept)


def is_byte_level(text: str) -> bool:
    """Whether a text of a vocabulary holds spaces or ends of lines as bytes."""
    return any(marker in text for marker in _ASCII_MARKERS)


def byte_level(text: str) -> bytes:
    """The bytes that a byte-level text stands for; what is no part of such a text stays as it is, in UTF-8."""
    return codecs.charmap_encode(text, _KEPT, _TO_BYTES)[0]


def spaced(text: str) -> bytes:
    """A text of SentencePiece, in UTF-8."""
    return text.replace(SPACE, " ").encode("utf-8", "surrogatepass")
