"""Archives in memory, always the same for the same members."""

from __future__ import annotations

import io
import re
import tarfile
import zipfile

_OLD = (1980, 1, 1, 0, 0, 0)
_TIMES, _TIME = re.compile(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"), b"1980-01-01T00:00:00Z"


def zipped(*members: tuple[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A zip archive."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, data in members:
            info = zipfile.ZipInfo(name, _OLD)
            info.compress_type = method
            archive.writestr(info, data)
    return out.getvalue()


def always_the_same(document: io.BytesIO) -> bytes:
    """An office document without the time at which it was written."""
    with zipfile.ZipFile(document) as archive:
        return zipped(*((name, _TIMES.sub(_TIME, archive.read(name))) for name in archive.namelist()))


def tarred(*members: tuple[str, bytes], dialect: int = tarfile.PAX_FORMAT) -> bytes:
    """A tar archive."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=dialect) as archive:
        for name, data in members:
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return out.getvalue()


def ar(*members: tuple[str, bytes]) -> bytes:
    """As `ar` of GNU writes them."""
    longs = b"".join(name.encode() + b"/\n" for name, _ in members if len(name) > 15)
    listed = [*([("//", longs)] if longs else []), *members]
    out = b"!<arch>\n"
    for name, data in listed:
        short = name if name == "//" else f"{name}/" if len(name) <= 15 else f"/{longs.index(name.encode())}"
        out += (
            f"{short:<16}{0:<12}{0:<6}{0:<6}{'100644':<8}{len(data):<10}`\n".encode() + data + b"\n" * (len(data) % 2)
        )
    return out


def cpio(*members: tuple[str, bytes], is_new: bool = True) -> bytes:
    """As `cpio -H newc` and `-H odc` write them."""
    out = b""
    for name, data in (*members, ("TRAILER!!!", b"")):
        written = name.encode() + b"\0"
        if is_new:
            numbers = (1, 0o100644, 0, 0, 1, 0, len(data), 0, 0, 0, 0, len(written), 0)
            out += b"070701" + b"".join(b"%08X" % number for number in numbers) + written
            out += b"\0" * (-len(out) % 4) + data
            out += b"\0" * (-len(out) % 4)
        else:
            out += b"070707" + b"%06o" * 7 % (0, 1, 0o100644, 0, 0, 1, 0)
            out += b"%011o%06o%011o" % (0, len(written), len(data)) + written + data
    return out + bytes(-len(out) % 512)


def rpm(payload: bytes) -> bytes:
    """An RPM package of nothing but a name and this payload."""
    header = b"\x8e\xad\xe8\x01" + bytes(4) + (1).to_bytes(4, "big") + (5).to_bytes(4, "big") + bytes(16) + b"demo\0"
    return b"\xed\xab\xee\xdb" + bytes(92) + header + bytes(-len(header) % 8) + header + payload
