"""Archives of `ar`: Debian packages and static libraries.

Format: deb(5) of dpkg; ar(5) of FreeBSD, also for long names, which GNU and BSD write each in their own way.
"""

from __future__ import annotations

from collections.abc import Iterator

from modelguard.model import Blob
from modelguard.readers.interface import Covered, Limits, Malformed, Member, Piece
from modelguard.readers.members import Ranged

_MAGIC_BYTES = 8
_HEADER_BYTES = 60
_MOST_NAMES = 16 * 1024 * 1024
_LONGEST_NAME = 4096
_NO_FILES = (b"/", b"__.SYMDEF", b"/SYM64/")


def read(blob: Blob, limits: Limits) -> Iterator[Piece]:
    """The members of an archive. See `Reader`."""
    at, names = _MAGIC_BYTES, b""
    while header := blob.read(at, at + _HEADER_BYTES):
        limits.check_time()
        written = header[48:58].strip()
        if len(header) < _HEADER_BYTES or header[58:] != b"`\n" or not written.isdigit():
            raise Malformed("a header in it is none")
        start = at + _HEADER_BYTES
        end = start + int(written)
        name = header[:16].rstrip()
        if len(blob.read(max(start, end - 1), end)) < min(1, end - start):
            raise Malformed("a member is longer than the archive")
        at = end + end % 2
        if name == b"//":
            names = blob.read(start, min(end, start + _MOST_NAMES))
        elif name not in _NO_FILES and start < end:
            if name.startswith(b"#1/") and name[3:].isdigit():
                length = min(int(name[3:]), _LONGEST_NAME, end - start)
                name, start = blob.read(start, start + length).rstrip(b"\0"), start + length
            elif name[:1] == b"/" and name[1:].isdigit():
                name = names[int(name[1:]) :].partition(b"\n")[0][:_LONGEST_NAME]
            yield Member(Ranged(blob, name.removesuffix(b"/").decode("utf-8", "replace") or "file", start, end))
            yield Covered(start, end)
