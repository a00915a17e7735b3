"""Archives in memory, always the same for the same members."""

from __future__ import annotations

import io
import tarfile
import zipfile

_OLD = (1980, 1, 1, 0, 0, 0)


def zipped(*members: tuple[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A zip archive."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, data in members:
            info = zipfile.ZipInfo(name, _OLD)
            info.compress_type = method
            archive.writestr(info, data)
    return out.getvalue()


def tarred(*members: tuple[str, bytes], dialect: int = tarfile.PAX_FORMAT) -> bytes:
    """A tar archive."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=dialect) as archive:
        for name, data in members:
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return out.getvalue()
