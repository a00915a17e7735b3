"""Questions to the first bytes of tar archives, and of images of containers among them."""

from __future__ import annotations

import re


def looks_like_tar(head: bytes) -> bool:
    """POSIX and GNU tar: `ustar` at byte 257 (POSIX.1-1988, section 10.1.1); older ones have a checksum only."""
    return head[257:262] == b"ustar" or (head[329:357] == _NOTHING_IN_OLD_TAR and _looks_like_old_tar(head))


_NOTHING_IN_OLD_TAR = bytes(28)
_OLD_TAR = re.compile(rb"(?s)[^\0].{99}(?: *[0-7]+[ \0]+){3} *[0-7]+[ \0]+ *[0-7]+[ \0]+ *([0-7]+)[ \0]+[0-7\0]")


def _looks_like_old_tar(head: bytes) -> bool:
    """Numbers in octal, and a checksum over the header in which it counts as eight blanks (tar(5), "Old-Style")."""
    found = _OLD_TAR.match(head[:157])
    if found is None or len(head) < 512:
        return False
    told = head[148:156].split(b"\0")[0].strip()
    return _OCTAL.fullmatch(told) is not None and _sum_of_header(head) == int(told, 8)


_OCTAL = re.compile(rb"[0-7]{1,8}")


def _sum_of_header(head: bytes) -> int:
    return sum(head[:148]) + 8 * ord(" ") + sum(head[156:512])


_BLOCK_BYTES = 512
_HEADERS_IN_HEAD = 6
_NAME_BYTES = 100
_FOLDERS_OF_ALL = (b".", b"./")
_BEFORE_A_HEADER = (b"x", b"g", b"L", b"K")
"""Types of headers that tell more of the one behind them: POSIX.1-2001 pax, and GNU's long names."""

_FIRST_IN_IMAGE = re.compile(
    rb"(?:\./)?(?:blobs(?:/.*)?|(?:manifest|index)\.json|oci-layout|repositories|(?:sha256:)?[0-9a-f]{64}[/.\w]*)"
)


def looks_like_image(head: bytes) -> bool:
    """A tar whose first member has a name that those have which docker, podman, skopeo, crane and nix write first."""
    if head[257:262] != b"ustar":  # most files leave here, and no image is older
        return False
    at = 0
    for _ in range(_HEADERS_IN_HEAD):
        name = head[at : at + _NAME_BYTES].rstrip(b"\0")
        size = head[at + 124 : at + 136].strip(b" \0")
        if head[at + 156 : at + 157] not in _BEFORE_A_HEADER and name not in _FOLDERS_OF_ALL:
            return _FIRST_IN_IMAGE.fullmatch(name) is not None
        if size and _OCTAL_SIZE.fullmatch(size) is None:
            return False
        at += _BLOCK_BYTES + -(-int(size or b"0", 8) // _BLOCK_BYTES) * _BLOCK_BYTES
    return False


_OCTAL_SIZE = re.compile(rb"[0-7]{1,11}")
