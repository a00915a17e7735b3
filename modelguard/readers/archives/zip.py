"""Zip archives (APPNOTE.TXT 6.3.10): every member that the directory names, and those that it does not.

Two may have one name; what was deleted, or stands before the archive, may still be there.
What stands before, between and behind the members is looked at as it stands; so are members that cannot be unpacked.
"""

from __future__ import annotations

import zipfile
from collections.abc import Container, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from modelguard.model import Blob
from modelguard.readers.archives.zip_members import ENCRYPTED, STORED, held, local_header, member
from modelguard.readers.archives.zip_names import names_told
from modelguard.readers.archives.zip_unlisted import unlisted
from modelguard.readers.interface import Covered, Limits, Malformed, Member, OverBudget, Piece
from modelguard.readers.members import Held
from modelguard.readers.pickles.arrays import Numbers, Weights, looked_at
from modelguard.readers.seeking import BlobFile

if TYPE_CHECKING:
    from modelguard.readers.pickles.torch import Storage

_PICKLE = ".pkl"
_SOURCE = ".debug_pkl"
_WORKBOOK = "xl/workbook.xml"
_KERAS_WEIGHTS, _KERAS_CONFIG = "model.weights.h5", "config.json"


def read(blob: Blob, limits: Limits) -> Iterator[Piece]:
    """The members of a zip archive. See `Reader`."""
    try:
        infos, end = directory(blob)
    except Malformed:
        yield from unlisted(blob, limits, [(0, blob.size)])
        raise
    storages = _storages(blob, infos, limits)
    weights = Weights()
    listed: list[tuple[int, int]] = []
    names = {info.filename for info in infos}
    for info in infos:
        storage = storages.get(info.filename)
        if storage is not None and not _is_folder(info):
            yield from _numbers(blob, info, storage, weights, limits)
        elif _repeats(info.filename, names):
            for piece in member(blob, info, limits):
                yield Member(piece.blob, again=True) if isinstance(piece, Member) else piece
        elif not _is_folder(info) or info.file_size:
            yield from member(blob, info, limits)
        with suppress(Malformed):
            listed.append((info.header_offset, local_header(blob, info).end))
    yield from names_told(blob, infos, end, limits)
    if _WORKBOOK in names:
        from modelguard.readers.documents.workbook import cells

        yield from cells(blob, infos, limits)
    yield from weights.pieces()
    yield from unlisted(blob, limits, _between(listed, end))


def _between(listed: list[tuple[int, int]], end: int) -> Iterator[tuple[int, int]]:
    """What no member takes of the bytes before the directory."""
    at = 0
    for first, last in sorted(listed):
        if first > at:
            yield at, first
        at = max(at, last)
    if at < end:
        yield at, end


def _repeats(name: str, names: Container[str]) -> bool:
    """Whether a member repeats another one: TorchScript keeps the source of its code, Keras names layers twice."""
    if name.endswith(_SOURCE):
        return name.removesuffix(_SOURCE) in names
    return name == _KERAS_WEIGHTS and _KERAS_CONFIG in names


def _is_folder(info: zipfile.ZipInfo) -> bool:
    """Whether its name says so; zipfile breaks on an empty one."""
    return info.filename.endswith("/")


def _storages(blob: Blob, infos: Sequence[zipfile.ZipInfo], limits: Limits) -> Mapping[str, Storage]:
    """The members that are the numbers of PyTorch's tensors, by name: a pickle beside their folder says so."""
    found: dict[str, Storage] = {}
    for info in infos:
        if info.filename.endswith(_PICKLE) and not info.flag_bits & ENCRYPTED:
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
        _, start, end, _ = local_header(blob, info)
        is_so = storage.items * storage.width == info.file_size and end <= blob.size
        if is_so and info.compress_type == STORED and end - start == info.file_size:
            numbers = Numbers(start, end, storage.width, storage.is_real, storage.is_whole)
            looked = list(looked_at(blob, numbers, info.filename, limits, weights))
        elif is_so and storage.is_real and not limits.weights:
            weights.add(info.file_size)
            looked = [Covered(start, end)]
    yield from looked or member(blob, info, limits)


def directory(blob: Blob) -> tuple[list[zipfile.ZipInfo], int]:
    """The entries of an archive's central directory, and where that begins.

    Raises:
        Malformed: there is none that can be read.
    """
    try:
        with zipfile.ZipFile(BlobFile(blob)) as archive:
            return archive.infolist(), archive.start_dir
    except OverBudget:
        raise
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError, UnicodeError) as error:
        raise Malformed(f"its directory cannot be read ({type(error).__name__})") from None
