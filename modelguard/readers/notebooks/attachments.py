"""Files attached to the cells of a notebook, in base64: `"attachments": {"a.txt": {"text/plain": "…"}}`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from modelguard.readers.kinds import HEAD_BYTES, kind_of
from modelguard.readers.notebooks.pictures import LETTERS, Encoded, decoded

_KEY = re.compile(rb'"attachments"\s*:\s*(?=\{\s*")')
_TOKEN = re.compile(rb'(?P<colon>:\s*)?"(?P<string>[^"]*)"|[{}]')
_FILES, _FORMS = 1, 2
_SHORTEST = 16
_MOST_CONTROLS = 0.02
_CONTROLS = bytes({*range(32)} - set(b"\t\n\r\f\x1b")) + b"\x7f"


def attached(text: bytes) -> Iterator[Encoded]:
    """Each attachment that is text, or of a kind that is known; `text` is without escapes."""
    for key in _KEY.finditer(text) if b'"attachments"' in text else ():
        depth = 0
        for token in _TOKEN.finditer(text, key.end()):
            if token["string"] is None:
                depth += 1 if token[0] == b"{" else -1
                if depth == 0 or depth > _FORMS:
                    break
            elif token["colon"] and depth == _FORMS:
                encoded = _file(token["string"], token.start("string"))
                if encoded is not None:
                    yield encoded


def _file(written: bytes, start: int) -> Encoded | None:
    if len(written) < _SHORTEST or not _is_base64(written):
        return None
    data = decoded(written)
    if kind_of(data[:HEAD_BYTES]) is None and not _is_text(data):
        return None
    return Encoded(data, start, start + len(written), start + len(written))


def _is_base64(written: bytes) -> bool:
    letters = written.removesuffix(rb"\n").rstrip(b"=")
    for escape in (rb"\n", rb"\r", rb"\/"):
        letters = letters.replace(escape, b"")
    return not letters.translate(None, LETTERS)


def _is_text(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return len(data) - len(data.translate(None, _CONTROLS)) <= _MOST_CONTROLS * len(data)
