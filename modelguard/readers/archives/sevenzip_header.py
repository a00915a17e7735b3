"""The header of a 7z archive: which files there are, and in which packed streams (7zFormat.txt of the LZMA SDK).

Every count is bounded by the bytes that are left, so a header cannot ask for more than it is.
"""

from __future__ import annotations

from typing import NamedTuple

from modelguard.readers.interface import Malformed

MAGIC = b"7z\xbc\xaf\x27\x1c"
SIGNATURE_BYTES = 32
_MOST_FOLDERS = 100_000
_MOST_FILES = 1_000_000

_END, _HEADER, _MAIN_STREAMS, _FILES, _PACK_INFO, _UNPACK_INFO, _SUBSTREAMS = 0x00, 0x01, 0x04, 0x05, 0x06, 0x07, 0x08
_SIZE, _CRC, _FOLDER, _CODERS_SIZE, _NUMBER, _EMPTY_STREAM, _NAMES = 0x09, 0x0A, 0x0B, 0x0C, 0x0D, 0x0E, 0x11
ENCODED = 0x17
_ARCHIVE_PROPERTIES, _ADDITIONAL_STREAMS = 0x02, 0x03


class Coder(NamedTuple):
    """One step of unpacking: its method, its properties, and whether it has one way in and one out."""

    method: bytes
    properties: bytes
    is_simple: bool


class Folder(NamedTuple):
    """What was packed together: the steps that unpack it, the packed streams that it takes, and what comes out."""

    coders: tuple[Coder, ...]
    packed_streams: int
    sizes: tuple[int, ...]
    files: tuple[int, ...] = ()

    @property
    def size(self) -> int:
        """Bytes that come out; in a chain the first coder of the list is the last step."""
        return self.sizes[0] if self.sizes else 0


class Streams(NamedTuple):
    """The packed streams, which begin `position` bytes behind the signature, and the folders that take them in turn."""

    position: int
    packed: tuple[int, ...]
    folders: tuple[Folder, ...]


class Header(NamedTuple):
    """The streams, and the names of the files that have bytes, in the order in which these come out of the folders.

    `listed` are the names of all files and folders.
    """

    streams: Streams
    names: tuple[str, ...]
    listed: tuple[str, ...] = ()


class Bytes:
    """A header, read forwards."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    @property
    def left(self) -> int:
        """Bytes that follow."""
        return len(self._data) - self._at

    def take(self, count: int) -> bytes:
        """So many bytes."""
        if not 0 <= count <= self.left:
            raise Malformed("its header ends too early")
        self._at += count
        return self._data[self._at - count : self._at]

    def byte(self) -> int:
        """The next byte."""
        return self.take(1)[0]

    def number(self) -> int:
        """A number of one to nine bytes: the ones that the first byte begins with say how many follow."""
        first = self.byte()
        mask, value = 0x80, 0
        for place in range(8):
            if not first & mask:
                return value + ((first & (mask - 1)) << (8 * place))
            value |= self.byte() << (8 * place)
            mask >>= 1
        return value

    def count(self, most: int) -> int:
        """A number of things, of which each takes at least a bit of what is left or none at all."""
        number = self.number()
        if number > most or number > 8 * self.left + 8:
            raise Malformed("its header names more than it can hold")
        return number

    def bits(self, count: int) -> list[bool]:
        """So many truths, eight a byte."""
        data = self.take((count + 7) // 8)
        return [bool(data[number >> 3] & (0x80 >> (number & 7))) for number in range(count)]

    def skip_digests(self, count: int) -> int:
        """Go past the checksums of so many things; returns how many have one."""
        defined = count if self.byte() else sum(self.bits(count))
        self.take(4 * defined)
        return defined


def read_header(header: Bytes) -> Header:
    """A header that is not packed itself."""
    streams, names, listed = Streams(0, (), ()), tuple[str, ...](), tuple[str, ...]()
    while (kind := header.byte()) != _END:
        if kind == _MAIN_STREAMS:
            streams = read_streams(header)
        elif kind == _FILES:
            names, listed = _names(header)
        elif kind == _ARCHIVE_PROPERTIES:
            while header.byte() != _END:
                header.take(header.number())
        elif kind == _ADDITIONAL_STREAMS:
            read_streams(header)
        else:
            raise Malformed("its header holds what is not known")
    return Header(streams, names, listed)


def read_streams(header: Bytes) -> Streams:
    """The packed streams and the folders."""
    position, packed = 0, tuple[int, ...]()
    folders: list[Folder] = []
    while (kind := header.byte()) != _END:
        if kind == _PACK_INFO:
            position, packed = _pack_info(header)
        elif kind == _UNPACK_INFO:
            folders = _folders(header)
        elif kind == _SUBSTREAMS:
            folders = _substreams(header, folders)
        else:
            raise Malformed("its header holds what is not known")
    return Streams(
        position, packed, tuple(each if each.files else each._replace(files=(each.size,)) for each in folders)
    )


def _pack_info(header: Bytes) -> tuple[int, tuple[int, ...]]:
    position, count = header.number(), header.count(_MOST_FOLDERS)
    sizes: tuple[int, ...] = ()
    while (kind := header.byte()) != _END:
        if kind == _SIZE:
            sizes = tuple(header.number() for _ in range(count))
        elif kind == _CRC:
            header.skip_digests(count)
        else:
            raise Malformed("its header holds what is not known")
    return position, sizes


def _folders(header: Bytes) -> list[Folder]:
    if header.byte() != _FOLDER:
        raise Malformed("its header names no folders")
    count = header.count(_MOST_FOLDERS)
    if header.byte():
        raise Malformed("its folders are named elsewhere")
    folders = [_folder(header) for _ in range(count)]
    if header.byte() != _CODERS_SIZE:
        raise Malformed("its header does not say how much comes out")
    folders = [each._replace(sizes=tuple(header.number() for _ in each.sizes)) for each in folders]
    while (kind := header.byte()) != _END:
        if kind != _CRC:
            raise Malformed("its header holds what is not known")
        header.skip_digests(count)
    return folders


def _folder(header: Bytes) -> Folder:
    coders: list[Coder] = []
    ways_in = ways_out = 0
    for _ in range(header.count(32)):
        flags = header.byte()
        method = header.take(flags & 0x0F)
        ins, outs = (header.count(32), header.count(32)) if flags & 0x10 else (1, 1)
        properties = header.take(header.number()) if flags & 0x20 else b""
        coders.append(Coder(method, properties, (ins, outs) == (1, 1)))
        ways_in += ins
        ways_out += outs
    pairs = max(0, ways_out - 1)
    for _ in range(2 * pairs):
        header.number()
    packed = ways_in - pairs
    for _ in range(packed if packed > 1 else 0):
        header.number()
    return Folder(tuple(coders), max(0, packed), (0,) * ways_out)


def _substreams(header: Bytes, folders: list[Folder]) -> list[Folder]:
    counts = [1] * len(folders)
    kind = header.byte()
    if kind == _NUMBER:
        counts = [header.count(_MOST_FILES) for _ in folders]
        kind = header.byte()
    files: list[tuple[int, ...]] = []
    for folder, count in zip(folders, counts, strict=True):
        sizes = [header.number() for _ in range(count - 1)] if kind == _SIZE else [0] * max(0, count - 1)
        files.append((*sizes, folder.size - sum(sizes)) if count else ())
    if kind == _SIZE:
        kind = header.byte()
    while kind != _END:
        if kind != _CRC:
            raise Malformed("its header holds what is not known")
        header.skip_digests(sum(counts))
        kind = header.byte()
    return [folder._replace(files=sizes) for folder, sizes in zip(folders, files, strict=True)]


def _names(header: Bytes) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The names of the files that have bytes, and those of all."""
    count = header.count(_MOST_FILES)
    names: list[str] = []
    empty = [False] * count
    while (kind := header.byte()) != _END:
        part = Bytes(header.take(header.number()))
        if kind == _NAMES and not part.byte():
            names = part.take(part.left).decode("utf-16-le", "replace").split("\0")[:count]
        elif kind == _EMPTY_STREAM:
            empty = part.bits(count)
    names += [f"file {number}" for number in range(len(names), count)]
    return tuple(name for name, is_empty in zip(names, empty, strict=True) if not is_empty), tuple(names)
