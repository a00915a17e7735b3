"""Questions to the first bytes of a blob, for formats of protocol buffers: these have no magic number.

A message begins with the tag of a field, and its fields follow each other. Where the head of a blob ends, so does what
can be asked of it.
"""

from __future__ import annotations

ONNX_MAGICS = tuple(bytes([0x08, version]) for version in range(1, 32))
"""The field `ir_version`."""

SENTENCEPIECE_MAGICS = tuple(bytes([0x0A, length, 0x0A]) for length in range(5, 32))
"""The first piece, with its text first: `<unk>`, `<pad>`, `<s>` and the like."""

_MOST_FIELDS = 50
_CONTROLS = bytes(byte for byte in range(0x20) if byte not in b"\t\n\r\x0c\x1b")
_TEXTS = {0x12, 0x1A, 0x22, 0x32}
_MESSAGES = {0x3A: b"\x0a\x12\x2a\x52\x5a", 0x42: b"\x0a\x10", 0x72: b"\x0a"}


def looks_like_onnx(head: bytes) -> bool:
    """`ir_version`, then texts without control characters, then a graph, a set of operators or properties."""
    for tag, start, end in _fields(head, 2):
        if tag in _TEXTS:
            if (
                any(byte < 0x20 and byte not in b"\t\n\r" for byte in head[start:end])
                or head[start : start + 1] == b"\n"
            ):
                return False
            if end > len(head):
                return True
        elif tag != 0x28:
            return tag in _MESSAGES and (head[start : start + 1] in _MESSAGES[tag]) and start < len(head)
    return False


def looks_like_sentencepiece(head: bytes) -> bool:
    """A piece with its text and its score, and another one behind it."""
    if len(head) < 12 or head[0] != 0x0A or head[2] != 0x0A or head[1] > 0x7F:
        return False
    end = 2 + head[1]
    score = 4 + head[3]
    return score + 5 <= end and head[score : score + 1] == b"\x15" and head[end : end + 1] in (b"\x0a", b"\x12")


def looks_like_message(head: bytes) -> bool:
    """Fields that follow each other to the end of the head, some of them with a length; text has no controls."""
    tags = [tag for tag, _, _ in _fields(head, 0)]
    return any(tag & 7 == 2 for tag in tags) and tags[-1] != 0 and len(head.translate(None, _CONTROLS)) < len(head)


def looks_like_tfrecord(head: bytes) -> bool:
    """A length below 4 GiB with its checksum: https://www.tensorflow.org/tutorials/load_data/tfrecord."""
    return head[4:8] == b"\0\0\0\0" and len(head) > 12 and _has_length(head)


def _has_length(head: bytes) -> bool:
    from modelguard.readers.runs.checksums import masked_crc32c

    return masked_crc32c(head[:8]) == int.from_bytes(head[8:12], "little")


def _fields(head: bytes, at: int) -> list[tuple[int, int, int]]:
    """Tags, and from where to where the content stands, as far as the head goes; 0 for what is no field."""
    found: list[tuple[int, int, int]] = []
    while at < len(head) and len(found) < _MOST_FIELDS:
        tag, at = _number(head, at)
        wire = tag & 7
        if at > len(head):
            break
        if tag < 8 or wire in (3, 4, 6, 7):
            return [*found, (0, at, at)]
        if wire == 2:
            length, at = _number(head, at)
        else:
            length = _number(head, at)[1] - at if wire == 0 else 8 if wire == 1 else 4
        if length > 1 << 40:
            return [*found, (0, at, at)]
        found.append((tag, at, at + length))
        at += length
    return found


def _number(head: bytes, at: int) -> tuple[int, int]:
    """A varint and where it ends; beyond the head it is cut off."""
    value = 0
    for place in range(10):
        if at + place >= len(head):
            return value, len(head) + 1
        value |= (head[at + place] & 0x7F) << 7 * place
        if head[at + place] < 0x80:
            return value, at + place + 1
    return 1 << 63, at + 10
