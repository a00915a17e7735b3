"""OpenPGP private keys in armor (RFC 9580, sections 4.2, 5.5.3 and 6)."""

from __future__ import annotations

from modelguard.detectors.checks.key_text import bodies
from modelguard.detectors.checks.reading import Reading
from modelguard.model import Confidence

_SECRET_KEY = 5
_VERSIONS = (3, 4, 5, 6)


def pgp_key(value: str, argument: str, line: str) -> Reading:
    """The first packet is a secret key, and all of it is there."""
    begun = 0.0
    for data in bodies(value):
        start, end = _first_packet(data)
        if data[start : start + 1] and data[start] in _VERSIONS and end > start:
            begun = max(begun, len(data) / end)
    if begun >= 1:
        return Reading(True)
    if begun >= 0.75:
        return Reading(None, "not a whole key as far as can be seen", confidence=Confidence.MEDIUM)
    return Reading(False, "not a whole key")


def _first_packet(data: bytes) -> tuple[int, int]:
    """Where the body of a secret key packet begins and ends, perhaps beyond the data; nowhere if it is another one."""
    if len(data) < 6 or not data[0] & 0x80:
        return 0, 0
    if data[0] & 0x40:
        tag, first = data[0] & 0x3F, data[1]
        size = 1 if first < 192 else 2 if first < 224 else 5
        length = first if size == 1 else (first - 192 << 8) + data[2] + 192 if size == 2 else _number(data[2:6])
    else:
        tag, size = data[0] >> 2 & 0xF, 1 << (data[0] & 3)
        length = _number(data[1 : 1 + size])
    return (1 + size, 1 + size + length) if tag == _SECRET_KEY and size < 8 else (0, 0)


def _number(content: bytes) -> int:
    return int.from_bytes(content, "big")
