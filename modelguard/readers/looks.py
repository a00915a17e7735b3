"""Questions to the first bytes of a blob, for kinds that no magic number tells."""

from __future__ import annotations

import re

_NOTEBOOK = re.compile(
    rb'\{\s*"(?:cells"\s*:\s*\[|worksheets"\s*:\s*\[|nbformat(?:_minor)?"\s*:\s*\d|metadata"\s*:\s*\{)'
)
_OF_NOTEBOOKS = (b'"nbformat"', b'"cell_type"', b'"worksheets"', b'"cells"')


def looks_like_tar(head: bytes) -> bool:
    """POSIX and GNU tar: `ustar` at byte 257 (POSIX.1-1988, section 10.1.1)."""
    return head[257:262] == b"ustar"


def looks_like_bzip2(head: bytes) -> bool:
    """`BZh`, a level, and the magic number of the first block or of an empty stream."""
    return head[3:4] in b"123456789" and head[4:10] in (b"1AY&SY", b"\x17rE8P\x90")


def looks_like_zlib(head: bytes) -> bool:
    """Text may begin as zlib does (RFC 1950, section 2.2), but does not go on so."""
    import zlib

    try:
        return bool(zlib.decompressobj().decompress(head, 64))
    except zlib.error:
        return False


def looks_like_safetensors(head: bytes) -> bool:
    """Eight bytes of a length below 100 MB, little-endian, and the brace that must follow them."""
    return head[8:9] == b"{" and head[4:8] == b"\0\0\0\0" and head[3] < 6


def looks_like_notebook(head: bytes) -> bool:
    """A JSON object that begins with a key of notebooks, and has another one."""
    return _NOTEBOOK.match(head) is not None and any(key in head for key in _OF_NOTEBOOKS)


def looks_like_object(head: bytes) -> bool:
    """A JSON object, perhaps behind a byte order mark."""
    return head.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"{"


def looks_like_riff(head: bytes) -> bool:
    """WebP and WAVE."""
    return head[8:12] in (b"WEBP", b"WAVE")


def looks_like_office(head: bytes) -> bool:
    """A part of an office document: its root element names one of these namespaces."""
    return (
        b"://schemas.openxmlformats.org/" in head
        or b"://purl.oclc.org/ooxml/" in head
        or b"urn:oasis:names:tc:opendocument:" in head
    )


def looks_like_mpeg4(head: bytes) -> bool:
    """MPEG-4 and its kin begin with a box that says so (ISO/IEC 14496-12, section 4.3)."""
    return head[4:8] == b"ftyp"
