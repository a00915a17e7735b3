"""Archives and compressed files, also in each other: a place is the way to the member and the line in it."""

from __future__ import annotations

import bz2
import gzip
import lzma
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping

import lz4.frame

from tests.corpus.items import Item, in_lines, settings, values_for
from tests.packed import ar, cpio, rpm, tarred, zipped
from tests.readers.sevenzip_writer import sevenzip

FAMILY = "archives"


def packed_by_zstd(data: bytes) -> bytes:
    """One frame of zstd."""
    from backports import zstd

    return zstd.compress(data)


_ZIPS = (
    ("dist/app.zip", zipfile.ZIP_DEFLATED),
    ("dist/stored.zip", zipfile.ZIP_STORED),
    ("dist/bzip2.zip", zipfile.ZIP_BZIP2),
    ("dist/app-1.0-py3-none-any.whl", zipfile.ZIP_DEFLATED),
    ("model.nemo.zip", zipfile.ZIP_STORED),
)
_TARS = (
    ("layers/ustar.tar", tarfile.USTAR_FORMAT),
    ("layers/gnu.tar", tarfile.GNU_FORMAT),
    ("layers/pax.tar", tarfile.PAX_FORMAT),
)


def items(seed: int) -> Iterator[Item]:
    """One file in an archive of every kind, and in one within another."""
    for path, method in _ZIPS:
        values = values_for(seed, path)
        members = [
            ("app/main.py", b"print(1)\n" * 50),
            ("app/.env", _env(seed, path)),
            ("app/logo.bin", bytes(range(256))),
        ]
        yield Item(FAMILY, path, zipped(*members, method=method), in_lines(values, "app/.env", 2))
    for path, dialect in _TARS:
        values = values_for(seed, path)
        name = "root/" + "deep/" * 12 + "stored.env"
        members = [("etc/passwd", b"root:x:0:0\n"), (name, _env(seed, path))]
        yield Item(FAMILY, path, tarred(*members, dialect=dialect), in_lines(values, name, 2))
    for path, pack in _PACKED.items():
        values = values_for(seed, path)
        inner = path.rpartition("/")[2].rpartition(".")[0]
        yield Item(FAMILY, path, pack(_env(seed, path)), in_lines(values, inner, 2))
    for path, (pack, inner) in _OTHERS.items():
        values = values_for(seed, path)
        yield Item(FAMILY, path, pack(_env(seed, path)), in_lines(values, inner, 2))
    path = "dist/app.7z"
    data = sevenzip(("app/main.py", b"print(1)\n" * 50), ("app/.env", _env(seed, path)), packed_header=True)
    yield Item(FAMILY, path, data, in_lines(values_for(seed, path), "app/.env", 2))
    yield from _nested(seed)
    yield from _odd_zips(seed)


def _odd_zips(seed: int) -> Iterator[Item]:
    """Archives that begin late, lost their directory's entry, or are packed as few are."""
    for path, make in _ODD_ZIPS.items():
        data = make(zipped(("app/.env", _env(seed, path))))
        yield Item(FAMILY, path, data, in_lines(values_for(seed, path), "app/.env", 2))
    path = "dist/lzma.zip"
    data = zipped(("app/.env", _env(seed, path)), method=zipfile.ZIP_LZMA)
    yield Item(FAMILY, path, data, in_lines(values_for(seed, path), "app/.env", 2))


_ODD_ZIPS = {
    "dist/app.pex": lambda data: b"#!/usr/bin/env python3\n" + data,
    "dist/setup.exe": lambda data: b"MZ" + bytes(2000) + data,
    "dist/deleted.zip": lambda data: data[: data.index(b"PK\1\2")] + zipped(("ok.txt", b"fine")),
}

_PACKED = {
    "logs/run.log.gz": lambda data: gzip.compress(data, mtime=0),
    "logs/run.log.bz2": bz2.compress,
    "logs/run.log.xz": lzma.compress,
    "logs/run.log.lzma": lambda data: lzma.compress(data, lzma.FORMAT_ALONE),
    "logs/run.log.zst": packed_by_zstd,
    "logs/run.log.z": zlib.compress,
    "logs/run.log.lz4": lz4.frame.compress,
}


_OTHERS: Mapping[str, tuple[Callable[[bytes], bytes], str]] = {
    "dist/lib.a": (lambda data: ar(("first.o", b"odd"), ("a/.env", data)), "a/.env"),
    "boot/init.cpio": (lambda data: cpio(("a.txt", b"odd"), ("opt/.env", data)), "opt/.env"),
    "boot/old.cpio": (lambda data: cpio(("a.txt", b"odd"), ("opt/.env", data), is_new=False), "opt/.env"),
    "dist/demo.rpm": (
        lambda data: rpm(gzip.compress(cpio(("./opt/.env", data)), mtime=0)),
        "payload.cpio.gz!payload.cpio!./opt/.env",
    ),
}


def _env(seed: int, path: str) -> bytes:
    return ("# settings\n" + "\n".join(settings(values_for(seed, path))) + "\n" + "x" * 200 + "\n").encode()


def _nested(seed: int) -> Iterator[Item]:
    path = "export/all.tar.gz"
    data = gzip.compress(tarred(("app/.env", _env(seed, path))), mtime=0)
    yield Item(FAMILY, path, data, in_lines(values_for(seed, path), "all.tar!app/.env", 2))
    path = "export/all.tgz"
    data = gzip.compress(tarred(("app/.env", _env(seed, path))), mtime=0)
    yield Item(FAMILY, path, data, in_lines(values_for(seed, path), "all.tar!app/.env", 2))
    path = "export/outer.zip"
    data = zipped(("a/inner.zip", zipped(("b/.env", _env(seed, path)))))
    yield Item(FAMILY, path, data, in_lines(values_for(seed, path), "a/inner.zip!b/.env", 2))
    path = "export/image.tar"
    layer = gzip.compress(tarred(("root/.env", _env(seed, path))), mtime=0)
    data = tarred(("blobs/layer.tar.gz", layer), ("manifest.txt", b"[]"))
    yield Item(FAMILY, path, data, in_lines(values_for(seed, path), "blobs/layer.tar.gz!layer.tar!root/.env", 2))
    path = "export/appended.tar"
    data = tarred(("ok.txt", b"fine")) + tarred(("app/.env", _env(seed, path)))
    yield Item(FAMILY, path, data, in_lines(values_for(seed, path), "app/.env", 2))
    path = "export/comment.gz"
    told = b"\x1f\x8b\x08\x10" + bytes(6) + _env(seed, path) + b"\0" + gzip.compress(b"fine", mtime=0)[10:]
    yield Item(FAMILY, path, told, in_lines(values_for(seed, path), None, 2))
    path = "export/disguised.png"
    data = zipped(("in.env", _env(seed, path)))
    yield Item(FAMILY, path, data, in_lines(values_for(seed, path), "in.env", 2))
