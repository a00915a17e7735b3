"""The header of safetensors, member by member: of one that is as long as it may be, only a little is ever in memory.

Format: https://huggingface.co/docs/safetensors/index#format. Python's parser takes thirty times as many bytes as the
text has that it parses, and the header may have a hundred million.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

import msgspec

from modelguard.model import Blob
from modelguard.readers.interface import Malformed
from modelguard.readers.json_places import key_text

LENGTH_BYTES = 8
METADATA = "__metadata__"
_LONGEST = 100_000_000
"""What the library allows, in bytes."""

_STEP = 256 * 1024
"""Bytes that are read at once. What the header says of one tensor is never so long."""

_STRING = rb'"[^"\\]*(?:\\.[^"\\]*)*"'
_OPENING = re.compile(rb"\s*\{\s*(\}?)", re.DOTALL)
_NAME = re.compile(rb"\s*(" + _STRING + rb")\s*:\s*", re.DOTALL)
_ENTRY = re.compile(rb'\{[^{}"]*(?:' + _STRING + rb'[^{}"]*)*\}', re.DOTALL)
_SIMPLE = re.compile(_STRING + rb'|[^\s"{}\[\],:]+', re.DOTALL)
_FOLLOWING = re.compile(rb"\s*([,}])")
_STRINGS = re.compile(rb'[^"{}\[\]]*(?:' + _STRING + rb'[^"{}\[\]]*){0,1000}', re.DOTALL)
"""Up to the next bracket. Python's `re` remembers each round of a repeat: a million of them take 100 MB."""

_NO_JSON = "its header is no JSON object"


class Tensor(NamedTuple):
    """What the header says of a tensor: its bytes in the blob are those from `start` to `end`."""

    name: str
    kind: str
    start: int
    end: int


class _Entry(msgspec.Struct):
    data_offsets: tuple[int, int]
    dtype: str = ""


def header_end(blob: Blob) -> int:
    """Where the header ends, and the tensors begin.

    Raises:
        Malformed: it is longer than it may be.
    """
    length = int.from_bytes(blob.read(0, LENGTH_BYTES), "little")
    end = LENGTH_BYTES + length
    if length > _LONGEST or end > blob.size:
        raise Malformed("its header is longer than it may be")
    return end


def tensors(blob: Blob, end: int, check_time: Callable[[], None] = lambda: None) -> Iterator[Tensor]:
    """Each tensor that the header names, also where two have one name, in its order; the header ends at `end`.

    Raises:
        Malformed: it is not as it should be, which may show after some of them.
        OverBudget: as `check_time` does, which is asked each time that some more of it was read.
    """
    size = blob.size
    decoder = msgspec.json.Decoder(_Entry)
    text = _Header(blob, LENGTH_BYTES, end, check_time)
    is_over = bool(text.next(_OPENING)[1])
    while not is_over:
        name = key_text(text.next(_NAME)[1])
        if name == METADATA:
            text.pass_value()
        else:
            yield Tensor(name, *_told(decoder, text.entry(), end, size))
        is_over = text.next(_FOLLOWING)[1] == b"}"
    text.pass_blanks()


def _told(decoder: msgspec.json.Decoder[_Entry], entry: bytes, header_end: int, size: int) -> tuple[str, int, int]:
    """The type of a tensor, and its bytes."""
    try:
        told = decoder.decode(entry)
    except msgspec.ValidationError:
        raise Malformed("a tensor does not say which bytes it has") from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise Malformed(_NO_JSON) from None
    start, end = header_end + told.data_offsets[0], header_end + told.data_offsets[1]
    if not header_end <= start <= end <= size:
        raise Malformed("a tensor lies outside the file")
    return told.dtype, start, end


class _Header:
    """The text of the header, of which a window is in memory."""

    def __init__(self, blob: Blob, at: int, end: int, check_time: Callable[[], None]) -> None:
        self._blob = blob
        self._end = end
        self._check_time = check_time
        self._from = at
        self._at = 0
        self._text = b""

    def next(self, pattern: re.Pattern[bytes]) -> re.Match[bytes]:
        """Go past what comes next, which must be this."""
        found = self._match(pattern)
        if found is None:
            raise Malformed(_NO_JSON)
        return found

    def entry(self) -> bytes:
        """Go past what is said of a tensor."""
        found = self._match(_ENTRY)
        if found is not None:
            return found[0]
        start = self._from + self._at
        self.pass_value()
        end = self._from + self._at
        if end - start > _STEP:
            raise Malformed("it says more of a tensor than any does")
        return self._blob.read(start, end)

    def pass_value(self) -> None:
        """Go past a value, whatever it is."""
        if self._match(_SIMPLE) is not None:
            return
        depth = 0
        while True:
            depth += 1 if self._to_bracket() in b"{[" else -1
            self._at += 1
            if depth <= 0:
                return

    def pass_blanks(self) -> None:
        """Go to the end, before which there must be nothing else."""
        while self._from + self._at < self._end:
            if self._text[self._at :].strip():
                raise Malformed(_NO_JSON)
            self._at = len(self._text)
            if self._from + self._at < self._end:
                self._read_on()

    def _match(self, pattern: re.Pattern[bytes]) -> re.Match[bytes] | None:
        found = pattern.match(self._text, self._at)
        if (found is None or found.end() == len(self._text)) and self._read_on():  # it may go on there
            found = pattern.match(self._text)
        if found is not None:
            self._at = found.end()
        return found

    def _to_bracket(self) -> bytes:
        """Go up to the next bracket, past strings and what stands between them; returns it."""
        while True:
            before = self._at
            found = _STRINGS.match(self._text, before)
            self._at = found.end() if found is not None else before
            sign = self._text[self._at : self._at + 1]
            if sign and sign in b"{}[]":
                return sign
            if (self._at == before or not sign) and not self._read_on():
                self._pass_long_string()

    def _pass_long_string(self) -> None:
        """Go past a string that begins here and is longer than what is in memory."""
        at = self._from + self._at + 1
        while at < self._end:
            self._check_time()
            block = self._blob.read(at, min(self._end, at + _STEP))
            for escape in (b"\\\\", b'\\"'):
                block = block.replace(escape, b"\0\0")
            found = block.find(b'"')
            if found >= 0:
                self._from, self._at, self._text = at + found + 1, 0, b""
                return
            at += max(1, len(block) - block.endswith(b"\\"))  # an escape may be cut in two
        raise Malformed(_NO_JSON)

    def _read_on(self) -> bool:
        """Have in memory what follows; returns whether that is more than before."""
        if self._at == 0 and self._text:
            return False
        self._check_time()
        self._from, self._at = self._from + self._at, 0
        self._text = self._blob.read(self._from, min(self._end, self._from + _STEP))
        if not self._text:
            raise Malformed(_NO_JSON)
        return True
