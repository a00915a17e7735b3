"""A file is written whole or not at all: aside first, then renamed over what was there."""

from __future__ import annotations

import os
from contextlib import suppress


def write_whole(path: str | os.PathLike[str], data: bytes, mode: int, durable: bool = True) -> None:
    """Write `data` as the file at `path`, with these permissions; nobody ever sees half of it.

    With `durable`, it is on the disk before it takes the place of what was there.

    Raises:
        OSError: it could not be written; what was there before is untouched.
    """
    import tempfile

    folder, name = os.path.split(path)
    descriptor, aside = tempfile.mkstemp(dir=folder or os.curdir, prefix=f".{name}.")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            if durable:
                file.flush()
                os.fsync(file.fileno())
        os.chmod(aside, mode)
        os.replace(aside, path)
    except BaseException:
        with suppress(OSError):
            os.unlink(aside)
        raise


def as_umask_allows(mode: int) -> int:
    """Permissions as a new file of this user gets them."""
    mask = os.umask(0)
    os.umask(mask)
    return mode & ~mask
