"""IPTC: what agencies and picture tools write about a picture, also within Photoshop's image resources.

Format: IPTC-IIM 4.2, section 1.5; Adobe Photoshop File Formats Specification, "Image Resource Blocks".
"""

from __future__ import annotations

from collections.abc import Iterator

from modelguard.model import Blob
from modelguard.readers.documents.labelled import labelled
from modelguard.readers.interface import Covered, Piece

_IPTC = 0x0404
_TITLES = {5: "title", 25: "keyword", 40: "instructions", 80: "author", 105: "headline", 116: "copyright"}
_TITLES |= {103: "reference", 110: "credit", 115: "source", 118: "contact", 120: "caption", 122: "caption writer"}


def resources(blob: Blob, data: bytes, start: int) -> Iterator[Piece]:
    """The IPTC in Photoshop's image resources: `8BIM`, a number, a name, a length, all of even length."""
    at = 0
    while data[at : at + 4] == b"8BIM" and at + 7 < len(data):
        number = int.from_bytes(data[at + 4 : at + 6], "big")
        at += 6 + (data[at + 6] + 2) // 2 * 2
        length = int.from_bytes(data[at : at + 4], "big")
        at += 4
        if at + length > len(data):
            return
        if number == _IPTC:
            yield from datasets(blob, data[at : at + length], start + at)
        at += length + length % 2


def datasets(blob: Blob, data: bytes, start: int) -> Iterator[Piece]:
    """IPTC: 28, a record, a number, a length of two bytes (1.5 of IIM 4.2)."""
    at = 0
    while at + 5 <= len(data) and data[at] == 0x1C:
        record, number, length = data[at + 1], data[at + 2], int.from_bytes(data[at + 3 : at + 5], "big")
        at += 5
        if at + length > len(data):
            return
        if record == 2 and number:
            title = _TITLES.get(number, str(number))
            span = start + at, start + at + length
            yield from labelled(blob, title, data[at : at + length], f"IPTC {title}", span)
            yield Covered(*span)
        at += length
