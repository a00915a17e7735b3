"""What kind of file a blob is: by its first bytes, and by its name where these say nothing. Both may lie.

`KINDS` is the table of all readers. A row is found by one dict lookup with the first two bytes of a blob, or with its
name, so a file of no kind costs less than a microsecond.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from modelguard.readers.looks import (
    looks_like_bzip2,
    looks_like_hdf5,
    looks_like_msgpack,
    looks_like_safetensors,
    looks_like_tar,
    looks_like_tflite,
    looks_like_ubjson,
    looks_like_zlib,
)

HEAD_BYTES = 4096
"""So much of a blob is enough to tell its kind."""


class Kind(NamedTuple):
    """A kind of file.

    `reader` and `guide` are the modules in this room whose `read` or `guide` is called. `magics` are what such files
    begin with; `names` and `suffixes` are file names and what they end with, in lower case, for kinds that
    bytes alone do not tell. `looks` has the last word; it is asked with the head of the blob. `native` says that a
    library in C parses such files: they are opened in a process that may die.
    """

    title: str
    reader: str | None = None
    guide: str | None = None
    magics: Sequence[bytes] = ()
    names: Sequence[str] = ()
    suffixes: Sequence[str] = ()
    looks: Callable[[bytes], bool] | None = None
    native: bool = False


KINDS: Sequence[Kind] = (
    Kind(
        "safetensors",
        "weights.safetensors",
        "weights.safetensors",
        suffixes=(".safetensors",),
        looks=looks_like_safetensors,
    ),
    Kind("safetensors", "weights.safetensors", "weights.safetensors", looks=looks_like_safetensors),
    Kind("GGUF", "weights.gguf", "weights.gguf", magics=(b"GGUF",)),
    Kind("NumPy array", "weights.numpy", magics=(b"\x93NUMPY",)),
    Kind("HDF5", "weights.hdf5", magics=(b"\x89HDF\r\n\x1a\n",), native=True),
    Kind("HDF5", "weights.hdf5", suffixes=(".h5", ".hdf5", ".hdf", ".mat"), looks=looks_like_hdf5, native=True),
    Kind("TFLite", "weights.tflite", "weights.tflite", looks=looks_like_tflite),
    Kind("MessagePack", "weights.msgpack", suffixes=(".msgpack", ".mpk"), looks=looks_like_msgpack),
    Kind("UBJSON", "weights.ubjson", magics=(b"{L\0\0\0\0\0\0",)),
    Kind("UBJSON", "weights.ubjson", suffixes=(".ubj", ".ubjson"), looks=looks_like_ubjson),
    Kind("zip archive", "archives.zip", magics=(b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")),
    Kind("tar archive", "archives.tar", looks=looks_like_tar),
    Kind("gzip", "archives.compressed", magics=(b"\x1f\x8b\x08",)),
    Kind("bzip2", "archives.compressed", magics=(b"BZh",), looks=looks_like_bzip2),
    Kind("xz", "archives.compressed", magics=(b"\xfd7zXZ\0", b"\x5d\x00\x00")),
    Kind("zstd", "archives.compressed", magics=(b"\x28\xb5\x2f\xfd",)),
    Kind(
        "zlib",
        "archives.compressed",
        magics=(b"\x78\x01", b"\x78\x5e", b"\x78\x9c", b"\x78\xda"),
        looks=looks_like_zlib,
    ),
)
"""Of two rows that fit, the first one counts."""

_ANY: list[Kind] = []
_BY_START: dict[bytes, list[Kind]] = {}
_BY_NAME: dict[str, list[Kind]] = {}
_BY_SUFFIX: dict[str, list[Kind]] = {}


def _fill() -> None:
    for kind in KINDS:
        for magic in kind.magics:
            _BY_START.setdefault(magic[:2], []).append(kind)
        for name in kind.names:
            _BY_NAME.setdefault(name, []).append(kind)
        for suffix in kind.suffixes:
            _BY_SUFFIX.setdefault(suffix, []).append(kind)
        if not kind.magics and not kind.names and not kind.suffixes:
            _ANY.append(kind)


_fill()


def kind_of(head: bytes, path: str = "") -> Kind | None:
    """The kind of a blob with this head, at this path (empty: not known); None where its bytes are all there is."""
    by_start = _BY_START.get(head[:2])
    if by_start:
        for kind in by_start:
            if head.startswith(tuple(kind.magics)) and (kind.looks is None or kind.looks(head)):
                return kind
    for kind in _ANY:
        if kind.looks is not None and kind.looks(head):
            return kind
    return _named(head, path) if path else None


def _named(head: bytes, path: str) -> Kind | None:
    name = path[max(path.rfind("/"), path.rfind("!")) + 1 :].lower()
    candidates = _BY_NAME.get(name) or _BY_SUFFIX.get(name[name.rfind(".") :] if "." in name else "")
    for kind in candidates or ():
        if kind.looks is None or kind.looks(head):
            return kind
    return None
