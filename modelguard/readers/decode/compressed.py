"""gzip (RFC 1952) and zlib (RFC 1950) within other encodings: as much as a budget allows, never the whole bomb."""

from __future__ import annotations

import zlib

_GZIP = b"\x1f\x8b\x08"
_RESERVED_FLAGS = 0xE0
_LEAST = 12


def inflated(data: bytes, most: int) -> tuple[str, bytes, str] | None:
    """The name of the format, up to `most` bytes of what is in it, and why there may be more; None where it is neither.

    What was compressed but is damaged or cut counts as far as it can be read.
    """
    if len(data) < _LEAST:
        return None
    if data.startswith(_GZIP) and not data[3] & _RESERVED_FLAGS:
        name, window = "gzip", 16 + zlib.MAX_WBITS
    elif is_zlib(data):
        name, window = "zlib", zlib.MAX_WBITS
    else:
        return None
    stream = zlib.decompressobj(window)
    content = b""
    try:
        content = stream.decompress(data, most + 1)
        broken = not stream.eof and len(content) <= most
    except zlib.error:
        content = _until_broken(data, window, most)
        broken = True
    if not content:
        return None
    if len(content) > most:
        return name, content[:most], f"more than {most} bytes come out of it; the rest was not looked at"
    return name, content, f"the {name} in it is cut or damaged; what follows was not looked at" if broken else ""


def is_zlib(data: bytes) -> bool:
    """Whether data begins as a zlib stream does: deflate with the usual window, no dictionary, and a check."""
    return data[:1] == b"\x78" and int.from_bytes(data[:2], "big") % 31 == 0 and not data[1] & 0x20


def _until_broken(data: bytes, window: int, most: int) -> bytes:
    """What comes out before the damage."""
    stream = zlib.decompressobj(window)
    parts: list[bytes] = []
    size = 0
    try:
        for start in range(0, len(data), 256):
            part = stream.decompress(data[start : start + 256], most + 1 - size)
            parts.append(part)
            size += len(part)
            if size > most or stream.eof:
                break
    except zlib.error:
        pass
    return b"".join(parts)
