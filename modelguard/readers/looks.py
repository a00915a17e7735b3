"""Questions to the first bytes of a blob, for kinds that no magic number tells."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import re


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


def is_text(head: bytes) -> bool:
    """Text of one byte a character, or of UTF-8."""
    return b"\0" not in head


def opens_object(head: bytes) -> bool:
    """A JSON object begins."""
    return head.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"{"


def looks_like_tokenizer(head: bytes) -> bool:
    """What the tokenizers library writes first into `tokenizer.json`, and Mistral into `tekken.json`."""
    return b'"version"' in head and any(key in head for key in (b'"truncation"', b'"added_tokens"', b'"token_bytes"'))


def looks_like_bpe_ranks(head: bytes) -> bool:
    """A vocabulary of tiktoken's JavaScript."""
    return b'"bpe_ranks"' in head


def looks_like_vocabulary(head: bytes) -> bool:
    """A JSON object that begins with a hundred names of a number each: tokens and their ids, or words and how many."""
    return _numbered_members().match(head) is not None


@lru_cache(1)
def _numbered_members() -> re.Pattern[bytes]:
    import re

    member = rb'\s*"(?:[^"\\]|\\.)*"\s*:\s*-?\d{1,7}(?:\.\d{1,20})?(?:[eE]-?\d\d?)?\s*,'
    return re.compile(rb"\{(?:%b){100}" % member)
