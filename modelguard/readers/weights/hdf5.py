"""HDF5, and so Keras' `.h5`: attributes, names, strings and bytes of datasets; numbers are weights.

The library leads through the file. It follows nothing that leads out of the file (external links,
external and virtual storage), loads no plugin, and reads no data of datasets: see `hdf5_storage.py`.
Format: https://support.hdfgroup.org/documentation/hdf5/latest/_f_m_t3.html.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from modelguard.errors import Unreadable
from modelguard.model import Blob, GapReason
from modelguard.readers.interface import Limits, Malformed, Omitted, OverBudget, Problem, Text
from modelguard.readers.interface import Piece as Told
from modelguard.readers.json_places import quoted
from modelguard.readers.seeking import BlobFile
from modelguard.readers.weights.hdf5_attributes import Attributes
from modelguard.readers.weights.hdf5_datasets import Datasets
from modelguard.readers.weights.hdf5_headers import Kept, Sizes, kept_in_header
from modelguard.readers.weights.hdf5_storage import Strings
from modelguard.readers.weights.key_values import Entries, KeyValues

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
        try:
            file = h5py.File(_Timed(blob, limits), "r")
        except OSError:
            raise Malformed("it cannot be opened") from None
        with file:
            yield from _Walk(blob, limits, file, h5py).told()


class _Timed(BlobFile):
    """A file that ends the library's work when it has taken too long."""

    def __init__(self, blob: Blob, limits: Limits) -> None:
        super().__init__(blob)
        self._limits = limits

    def read(self, size: int | None = -1) -> bytes:
        """See `BlobFile.read`."""
        self._limits.check_time()
        return super().read(size)


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

    def __init__(self, blob: Blob, limits: Limits, file: Any, h5py: Any) -> None:
        self._blob = blob
        self._limits = limits
        self._file = file
        self._h5 = h5py
        self._values = KeyValues(again=True)
        self._entries = Entries(again=True)
        address_bytes, size_bytes = file.id.get_create_plist().get_sizes()
        self._sizes = Sizes(file.userblock_size, address_bytes, size_bytes)
        strings = Strings(blob, self._sizes)
        self._attributes = Attributes(blob, limits, h5py, strings)
        self._datasets = Datasets(blob, limits, h5py, strings)

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
            kept = self._kept(address)
            yield from self._guarded(self._attributes_of(thing, path or "/", kept), path or "/")
            if isinstance(thing, h5.h5g.GroupID):
                yield from self._guarded(self._links(thing, path, waiting), path or "/")
            elif isinstance(thing, h5.h5d.DatasetID):
                yield from self._guarded(self._dataset(thing, path, kept), path)
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
            yield Problem(error.reason, str(error), path)
        except ImportError as error:
            advice = f"{error.name or 'a library'} is not installed: pip install 'modelguard-scanner[artifacts]'"
            yield Problem(GapReason.MISSING_EXTRA, f"it is looked at as bytes only, since {advice}", path)
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

    def _kept(self, address: int) -> Kept:
        try:
            return kept_in_header(self._blob, address, self._sizes)
        except Malformed:  # the library has the last word on what is an object
            return Kept({}, None)

    def _attributes_of(self, thing: Any, path: str, kept: Kept) -> Iterator[Told]:
        """Attributes: a single text beside its name, of several each alone."""
        h5a = self._h5.h5a
        for number in range(h5a.get_num_attrs(thing)):
            self._limits.check_time()
            attribute = h5a.open(thing, index=number)
            name = attribute.name
            at = kept.attributes.get(name)
            called = f"attribute {quoted(name.decode('utf-8', 'replace'))}"
            try:
                values = self._attributes.values(attribute, None if at is None else at[1:], attribute.read)
            except Malformed as error:
                yield Problem(GapReason.MALFORMED, str(error), f"{called} of {path}")
                continue
            if len(values) == 1:
                text, start, end = values[0]
                self._values.add(name, text, f"{called} of {path}", start, end, at[0] if at else 0)
                continue
            self._add_entry(name, f"attribute {number} of {path}")
            for place, value in enumerate(values):
                self._entries.add(value.text, f"{called}[{place}] of {path}", value.start, value.end)
            if self._entries.enough:
                yield from self._gathered()

    def _dataset(self, dataset: Any, path: str, kept: Kept) -> Iterator[Told]:
        """What is in a dataset; one in the header of its object is as attributes are."""
        h5 = self._h5
        if dataset.get_create_plist().get_layout() != h5.h5d.COMPACT:
            yield from self._datasets.told(dataset, path)
            return
        values = self._attributes.values(dataset, kept.data, lambda array: dataset.read(h5.h5s.ALL, h5.h5s.ALL, array))
        for at, value in enumerate(values):
            self._entries.add(value.text, f"{path}[{at}]" if len(values) > 1 else path, value.start, value.end)
