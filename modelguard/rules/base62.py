"""The checksum that GitHub and npm put at the end of their tokens."""

from __future__ import annotations

import zlib

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def base62_crc(payload: str) -> str:
    """Six base-62 digits of the CRC-32 of `payload`.

    Source: "Behind GitHub's new authentication token formats", GitHub engineering, 2021.
    """
    number = zlib.crc32(payload.encode())
    digits = ""
    for _ in range(6):
        number, rest = divmod(number, 62)
        digits = ALPHABET[rest] + digits
    return digits
