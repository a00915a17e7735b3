"""Zip archives (APPNOTE.TXT 6.3.10): every member that the directory names, also where two have one name.

What stands before, between and behind the members is looked at as it stands; so are members that cannot be unpacked.
"""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from modelguard.model import Blob, GapReason
from modelguard.readers.archives.streams import Decompressor, Unpacking, bzip2, deflate, unpacked, zstd
from modelguard.readers.interface import Covered, Limits, Malformed, Member, OverBudget, Piece, Problem
from modelguard.readers.members import Held, Ranged
from modelguard.readers.pickles.arrays import Numbers, Weights, looked_at
from modelguard.readers.seeking import BlobFile

if TYPE_CHECKING:
    from modelguard.readers.pickles.torch import Storage

_LOCAL_HEADER_BYTES = 30
_ENCRYPTED = 0x1
_STORED = 0
_PICKLE = ".pkl"

METHODS: Mapping[int, Callable[[], Decompressor]] = {8: deflate, 12: bzip2, 93: zstd}
"""Section 4.4.5, as far as anybody writes them."""


def read(blob: Blob, limits: Limits) -> Iterator[Piece]:
    """The members of a zip archive. See `Reader`."""
    infos = directory(blob)
    storages = _storages(blob, infos, limits)
    weights = Weights()
    for info in infos:
        storage = storages.get(info.filename)
        if storage is not None and not _is_folder(info):
            yield from _numbers(blob, info, storage, weights, limits)
        elif not _is_folder(info) or info.file_size:
            yield from _member(blob, info, limits)
    yield from weights.pieces()


def _is_folder(info: zipfile.ZipInfo) -> bool:
    """Whether its name says so; zipfile breaks on an empty one."""
    return info.filename.endswith("/")


def _storages(blob: Blob, infos: Sequence[zipfile.ZipInfo], limits: Limits) -> Mapping[str, Storage]:
    """The members that are the numbers of PyTorch's tensors, by name: a pickle beside their folder says so."""
    found: dict[str, Storage] = {}
    for info in infos:
        if info.filename.endswith(_PICKLE) and not info.flag_bits & _ENCRYPTED:
            from modelguard.readers.pickles.torch import storages_in

            folder = info.filename.removesuffix(_PICKLE)
            with suppress(Malformed):
                pickled = Held(blob, info.filename, held(blob, info, limits, limits.budget.held_bytes))
                found.update((f"{folder}/{key}", each) for key, each in storages_in(pickled, limits).items())
    return found


def _numbers(blob: Blob, info: zipfile.ZipInfo, storage: Storage, weights: Weights, limits: Limits) -> Iterator[Piece]:
    """A member that is numbers, if it is as long as they are: weights, code points, or a member like any other."""
    looked: list[Piece] = []
    with suppress(Malformed):
        start, end = data_range(blob, info)
        is_so = storage.items * storage.width == info.file_size and end <= blob.size
        if is_so and info.compress_type == _STORED and end - start == info.file_size:
            numbers = Numbers(start, end, storage.width, storage.is_real, storage.is_whole)
            looked = list(looked_at(blob, numbers, info.filename, limits, weights))
        elif is_so and storage.is_real and not limits.weights:
            weights.add(info.file_size)
            looked = [Covered(start, end)]
    yield from looked or _member(blob, info, limits)


def directory(blob: Blob) -> list[zipfile.ZipInfo]:
    """The entries of an archive's central directory.

    Raises:
        Malformed: there is none that can be read.
    """
    try:
        with zipfile.ZipFile(BlobFile(blob)) as archive:
            return archive.infolist()
    except OverBudget:
        raise
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError, UnicodeError) as error:
        raise Malformed(f"its directory cannot be read ({type(error).__name__})") from None


def data_range(blob: Blob, info: zipfile.ZipInfo) -> tuple[int, int]:
    """Where the data of a member stand in the archive: its local header says how long that header is (4.3.7).

    Raises:
        Malformed: there is no such header there.
    """
    header = blob.read(info.header_offset, info.header_offset + _LOCAL_HEADER_BYTES)
    if len(header) < _LOCAL_HEADER_BYTES or not header.startswith(b"PK\x03\x04"):
        raise Malformed("a member is not where the directory says")
    names = int.from_bytes(header[26:28], "little") + int.from_bytes(header[28:30], "little")
    start = info.header_offset + _LOCAL_HEADER_BYTES + names
    return start, start + info.compress_size


def _member(blob: Blob, info: zipfile.ZipInfo, limits: Limits) -> Iterator[Piece]:
    name = info.filename
    try:
        start, end = data_range(blob, info)
        if end > blob.size:
            raise Malformed("a member is longer than the archive")
        if info.flag_bits & _ENCRYPTED:
            yield Problem(GapReason.UNREADABLE, "a member is encrypted; scan it before it is packed", name)
            return
        if info.compress_type == _STORED:
            yield Member(Ranged(blob, name, start, end))
            yield Covered(start, end)
            return
        new = METHODS.get(info.compress_type)
        if new is None:
            yield Problem(GapReason.MALFORMED, f"a member has compression method {info.compress_type}", name)
            return
        stream = Unpacking(blob, start, end, new, limits)
        yield from unpacked(blob, name, stream, limits, start, end)
        if stream.has_ended:  # the directory may say that more belongs to it
            yield Covered(start, stream.packed_end)
    except Malformed as error:
        yield Problem(GapReason.MALFORMED, str(error), name)


def held(blob: Blob, info: zipfile.ZipInfo, limits: Limits, most: int) -> bytes:
    """The first `most` bytes of a member, for readers that must look into one before the others.

    Raises:
        Malformed: it cannot be unpacked.
    """
    start, end = data_range(blob, info)
    if info.compress_type == _STORED:
        return blob.read(start, min(end, start + most))
    new = METHODS.get(info.compress_type)
    if new is None:
        raise Malformed(f"a member has compression method {info.compress_type}")
    return Unpacking(blob, start, end, new, limits).read(most)
