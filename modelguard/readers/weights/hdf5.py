"""HDF5, and so Keras' `.h5`: attributes, names, strings and bytes of datasets; numbers are weights.

The library leads through the file and reads attributes. It follows nothing that leads out of the file (external links,
external and virtual storage), loads no plugin, and reads no data of datasets: see `hdf5_storage.py`.
Format: https://support.hdfgroup.org/documentation/hdf5/latest/_f_m_t3.html.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from math import prod
from typing import Any

from modelguard.errors import Unreadable
from modelguard.model import Blob, GapReason
from modelguard.readers.interface import Limits, Malformed, Omitted, OverBudget, Problem, Text
from modelguard.readers.interface import Piece as Told
from modelguard.readers.json_places import quoted
from modelguard.readers.seeking import BlobFile
from modelguard.readers.weights.hdf5_datasets import Datasets
from modelguard.readers.weights.hdf5_storage import Strings
from modelguard.readers.weights.key_values import Entries, KeyValues
from modelguard.readers.weights.numbers import code_points, is_text_like, swapped

_BATCH = 1 << 20
_SHORTEST = 8
_LONGEST = 4 << 20
"""Bytes of a string between which it is an entry; others are looked at as bytes."""

_MOST_OF_ATTRIBUTE = 64 * 1024 * 1024
_DEEPEST = 500


def read(blob: Blob, limits: Limits) -> Iterator[Told]:
    """Everything that an HDF5 file says in words. See `Reader`."""
    import h5py

    with _without_plugins(h5py.h5pl):
        stream = _Checked(blob, limits)
        try:
            file = h5py.File(stream, "r")
        except OSError:
            raise Malformed("it cannot be opened") from None
        with file:
            stream.strings = Strings(blob, file.userblock_size, *file.id.get_create_plist().get_sizes())
            yield from _Walk(blob, limits, file, h5py, stream.strings).told()


class _Checked(BlobFile):
    """A file whose collections of strings are looked at before the library sees them."""

    def __init__(self, blob: Blob, limits: Limits) -> None:
        super().__init__(blob)
        self.strings: Strings | None = None
        self._limits = limits

    def read(self, size: int | None = -1) -> bytes:
        """See `BlobFile.read`.

        Raises:
            OSError: the library would never come back from what is there.
        """
        self._limits.check_time()
        start = self.tell()
        data = super().read(size)
        if self.strings is not None and data.startswith(b"GCOL") and not self.strings.intact(start):
            raise OSError("a collection of strings is damaged")
        return data


@contextmanager
def _without_plugins(plugins: Any) -> Iterator[None]:
    """While a file is read the library knows no folder with plugins: a file names the filters that it wants."""
    known = [plugins.get(number) for number in range(plugins.size())]
    for _ in known:
        plugins.remove(0)
    try:
        yield
    finally:
        for folder in known:
            plugins.append(folder)


class _Walk:
    """One file."""

    def __init__(self, blob: Blob, limits: Limits, file: Any, h5py: Any, strings: Strings) -> None:
        self._blob = blob
        self._limits = limits
        self._file = file
        self._h5 = h5py
        self._values = KeyValues(again=True)
        self._entries = Entries(again=True)
        self._datasets = Datasets(blob, limits, h5py, strings)
        self._longest: int | None = None

    def told(self) -> Iterator[Told]:
        h5 = self._h5
        seen: set[object] = set()
        waiting: list[tuple[Any, str]] = [(h5.h5o.open(self._file.id, b"/"), "")]
        while waiting:
            self._limits.check_time()
            thing, path = waiting.pop()
            address = h5.h5o.get_info(thing).addr
            if address in seen:
                continue
            seen.add(address)
            yield from self._guarded(self._attributes(thing, path or "/"), path or "/")
            if isinstance(thing, h5.h5g.GroupID):
                yield from self._guarded(self._links(thing, path, waiting), path or "/")
            elif isinstance(thing, h5.h5d.DatasetID):
                yield from self._guarded(self._dataset(thing, path), path)
            if self._values.enough or self._entries.enough:
                yield from self._gathered()
        yield from self._gathered()
        if self._datasets.omitted:
            reason = f"{self._datasets.omitted} datasets of numbers; --weights looks at them, too"
            yield Omitted("datasets", reason, self._datasets.weights)

    def _gathered(self) -> Iterator[Text]:
        yield from self._values.told()
        yield from self._entries.told()

    def _guarded(self, told: Iterator[Told], path: str) -> Iterator[Told]:
        """What one object has to say; what is wrong with it keeps nobody from the others."""
        try:
            yield from told
        except (OverBudget, Unreadable):
            raise
        except Malformed as error:
            yield Problem(GapReason.MALFORMED, str(error), path)
        except Exception as error:  # the library's, which may quote the file
            yield Problem(GapReason.MALFORMED, f"a part of it cannot be read ({type(error).__name__})", path)

    def _links(self, group: Any, path: str, waiting: list[tuple[Any, str]]) -> Iterator[Told]:
        """What is in a group: objects of this file are looked at later, what lies elsewhere never is."""
        links = self._h5.h5l
        if path.count("/") >= _DEEPEST:
            yield Problem(GapReason.OVER_BUDGET, f"groups lie more than {_DEEPEST} deep in each other", path)
            return
        for number, name in enumerate(list(group)):
            self._limits.check_time()
            shown = f"{path}/{name.decode('utf-8', 'replace')}"
            self._add_entry(name, f"name {number} in {path or '/'}")
            kind = group.links.get_info(name).type
            if kind == links.TYPE_HARD:
                waiting.append((self._h5.h5o.open(group, name), shown))
            elif kind == links.TYPE_SOFT:
                self._add_entry(group.links.get_val(name), f"link {shown}")
            else:
                if kind == links.TYPE_EXTERNAL:
                    for part in group.links.get_val(name):
                        self._add_entry(part, f"link {shown}")
                yield Problem(GapReason.UNREADABLE, "what it links to lies in another file", shown)

    def _add_entry(self, text: bytes, name: str) -> None:
        self._entries.add(text, name, 0, self._blob.size)

    def _attributes(self, thing: Any, path: str) -> Iterator[Told]:
        """Attributes: a single text beside its name, of several each alone."""
        h5 = self._h5
        for number in range(h5.h5a.get_num_attrs(thing)):
            self._limits.check_time()
            attribute = h5.h5a.open(thing, index=number)
            name = attribute.name
            called = f"attribute {quoted(name.decode('utf-8', 'replace'))}"
            try:
                values = self._texts_of(attribute, attribute.read)
            except Malformed as error:
                yield Problem(GapReason.MALFORMED, str(error), f"{called} of {path}")
                continue
            if len(values) == 1:
                self._values.add(name, values[0], f"{called} of {path}", 0, self._blob.size)
                continue
            self._add_entry(name, f"attribute {number} of {path}")
            for at, value in enumerate(values):
                self._add_entry(value, f"{called}[{at}] of {path}")
            if self._entries.enough:
                yield from self._gathered()

    def _texts_of(self, attribute: Any, read_into: Callable[[Any], None]) -> list[bytes]:
        """The texts of an attribute or a dataset as small; whole numbers as bytes, or as the text that they are."""
        import numpy

        h5 = self._h5
        kind = attribute.get_type()
        of_class = kind.get_class()
        if attribute.get_space().get_simple_extent_type() == h5.h5s.NULL or of_class in (
            h5.h5t.FLOAT,
            h5.h5t.REFERENCE,
        ):
            return []
        shape, dtype = attribute.shape, attribute.dtype
        pointed = dtype.hasobject
        if pointed and not (h5.check_string_dtype(dtype) or self._is_bytes(h5.check_vlen_dtype(dtype))):
            return []
        if prod(shape) * dtype.itemsize > min(self._blob.size, _MOST_OF_ATTRIBUTE):
            raise Malformed("an attribute is larger than its file")
        if pointed and prod(shape) * self._longest_string(prod(shape)) > _MOST_OF_ATTRIBUTE:
            raise Malformed("the strings of an attribute take more memory than they may")
        array = numpy.empty(shape, dtype=dtype)
        read_into(array)
        self._limits.spend(array.nbytes)
        if pointed:
            return [
                each if isinstance(each, bytes) else bytes(memoryview(each))
                for each in array.ravel()
                if each is not None
            ]
        if dtype.kind == "S":
            return [bytes(each) for each in array.ravel()]
        return [self._as_text(array.tobytes(), dtype.itemsize, kind)]

    @staticmethod
    def _is_bytes(dtype: Any) -> bool:
        return dtype is not None and dtype.kind in "iu" and dtype.itemsize == 1

    def _as_text(self, data: bytes, width: int, kind: Any) -> bytes:
        if kind.get_class() == self._h5.h5t.INTEGER and width > 1:
            little = data if kind.get_order() == self._h5.h5t.ORDER_LE else swapped(data, width)
            if is_text_like(little, width):
                return code_points(little, width)
        return data

    def _longest_string(self, count: int) -> int:
        """No string in the file is longer. Looking for that is dear, and not done where the file's size will do."""
        if count * self._blob.size <= _MOST_OF_ATTRIBUTE:
            return self._blob.size
        if self._longest is None:
            self._longest = _largest_collection(self._blob, self._limits)
        return self._longest

    def _dataset(self, dataset: Any, path: str) -> Iterator[Told]:
        """What is in a dataset; one in the header of its object is as attributes are."""
        h5 = self._h5
        if dataset.get_create_plist().get_layout() != h5.h5d.COMPACT:
            yield from self._datasets.told(dataset, path)
            return
        values = self._texts_of(dataset, lambda array: dataset.read(h5.h5s.ALL, h5.h5s.ALL, array))
        for at, value in enumerate(values):
            self._add_entry(value, f"{path}[{at}]" if len(values) > 1 else path)


def _largest_collection(blob: Blob, limits: Limits) -> int:
    """How many bytes the largest collection of strings has, wherever in the file there is one."""
    largest = 0
    for start in range(0, blob.size, _BATCH):
        limits.check_time()
        data = blob.read(start, start + _BATCH + 16)
        at = data.find(b"GCOL\x01")
        while at >= 0:
            largest = max(largest, min(int.from_bytes(data[at + 8 : at + 16], "little"), blob.size))
            at = data.find(b"GCOL\x01", at + 1)
    return largest
