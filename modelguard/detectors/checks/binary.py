"""The two ways in which private keys are written as bytes: DER (ITU-T X.690) and the strings of SSH (RFC 4251)."""

from __future__ import annotations

INTEGER, OCTETS, OID, SEQUENCE = 0x02, 0x04, 0x06, 0x30
_MOST_ELEMENTS = 64


class Malformed(ValueError):
    """The bytes are not what they say. `doubtful` where they begin well: cut short, or mixed with something else."""

    def __init__(self, doubtful: bool = False) -> None:
        super().__init__("malformed")
        self.doubtful = doubtful


def element(data: bytes, at: int = 0) -> tuple[int, int, int]:
    """The tag of the DER element at `at`, where its content begins, and where it ends: perhaps beyond the data.

    Raises:
        Malformed: there is none.
    """
    if at + 2 > len(data):
        raise Malformed
    tag, length, at = data[at], data[at + 1], at + 2
    if length & 0x80:
        size = length & 0x7F
        if not 1 <= size <= 3 or at + size > len(data):
            raise Malformed
        length, at = int.from_bytes(data[at : at + size], "big"), at + size
    return tag, at, at + length


def elements(data: bytes) -> list[tuple[int, bytes]]:
    """Tag and content of each of the DER elements that `data` consists of. Raises `Malformed`."""
    found: list[tuple[int, bytes]] = []
    at = 0
    while at < len(data):
        tag, start, at = element(data, at)
        if at > len(data) or len(found) == _MOST_ELEMENTS:
            raise Malformed
        found.append((tag, data[start:at]))
    return found


def ssh_strings(data: bytes, count: int, at: int = 0) -> tuple[list[bytes], int]:
    """So many strings of SSH from `at` on, and where the last one ends. Raises `Malformed`."""
    found = []
    for _ in range(count):
        start = at + 4
        at = start + int.from_bytes(data[at:start], "big")
        if at > len(data):
            raise Malformed
        found.append(data[start:at])
    return found, at


def number(content: bytes) -> int:
    """A positive integer, as both DER and SSH write it."""
    return int.from_bytes(content, "big")
