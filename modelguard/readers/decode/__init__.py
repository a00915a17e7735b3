"""Text that is written in another form: encoded runs and escapes go in, Layers of the text in them come out.

What is worth decoding is decided by the engine, which sees the marks of patterns in each encoding (`engine/hidden.py`)
in its one pass; a run without such a mark is never looked at here.

| file | promise |
| --- | --- |
| `interface.py` | the noun: Layer, a decoded text and the way back |
| `runs.py` | the maximal run of encoded characters, over wrapped lines |
| `base64.py` | base64, and what is compressed within |
| `hex.py` | hexadecimal digits, and what is compressed within |
| `escapes.py` | percent-encoding, `\\x41`, `\\u0041`, HTML entities |
| `quoted_printable.py` | quoted-printable |
| `compressed.py` | gzip and zlib, within a budget |
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

from modelguard.budget import Budget
from modelguard.readers.decode.base64 import read_base64
from modelguard.readers.decode.escapes import read_escapes
from modelguard.readers.decode.hex import read_hex
from modelguard.readers.decode.interface import Bounds, Decoder, Hint, Layer
from modelguard.readers.decode.quoted_printable import read_quoted_printable

__all__ = ["Hint", "Layer", "layers"]

DECODERS: Mapping[str, Decoder] = {
    "base64": read_base64,
    "hex": read_hex,
    "escaped": read_escapes,
    "quoted-printable": read_quoted_printable,
}
"""Each kind of hint with what decodes it."""

_OVERLAP = 16 * 1024


def layers(text: bytes, hints: Iterable[Hint], budget: Budget, left: Callable[[], int]) -> Iterator[Layer]:
    """What stands around the hints, each run once.

    `left` is asked before anything is decoded how many more bytes may be; with 0 nothing more is. Where runs are longer
    than may be decoded at once, one begins a little before the end of the one before.
    """
    told: dict[str, list[Layer]] = {}
    for hint in hints:
        before = told.get(hint.kind, [])
        if any(layer.covers(hint.end) for layer in before):
            continue
        most = left()
        if most <= 0:
            return
        low = max((layer.end - _OVERLAP for layer in before if layer.end < hint.end), default=0)
        found = DECODERS[hint.kind](text, hint, Bounds(max(0, low), most, budget))
        yield from (layer for layer in found if layer.text)
        if found:
            told[hint.kind] = found
