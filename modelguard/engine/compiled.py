"""The compiled Hyperscan database in the user's cache: paid for once, loaded in milliseconds, never trusted blindly.

A file is used only if it is a regular file of this user in a folder of this user that nobody else can write, and its
content has the digest it was written with; anything else is compiled anew. It holds rules, never a scanned value.
"""

from __future__ import annotations

import hashlib
import os
import platform
import stat
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Literal, NamedTuple

import hyperscan

from modelguard.cache_folder import cache_folder, ours_alone
from modelguard.engine.interface import Pattern, Refused

_MAGIC = b"modelguard-db-1\n"
_DIGEST_BYTES = 32
_SIZE_BYTES = 8
_FORM = "11"  # counts up when `fast.hunts` makes something else of the same patterns


Part = Literal["all", "wide", "names"]
PARTS: tuple[Part, ...] = ("all", "wide", "names")


class Hunt(NamedTuple):
    """One expression of a database: the number that its events carry, its text, and whether one event is enough.

    Those that are `wide` can only match where there is a NUL, and `names` are looked for near the common hunt alone:
    both are compiled apart.
    """

    pattern: int
    text: str
    once: bool = False
    part: Part = "all"


class Compiled(NamedTuple):
    """What all text is looked through for, what else text that holds a NUL is, and what text near the common hunt."""

    database: hyperscan.Database
    wide: hyperscan.Database | None
    names: hyperscan.Database | None


def cache_file(patterns: Sequence[Pattern]) -> Path:
    """The file for these patterns, this engine version and this kind of machine."""
    told = [str(getattr(hyperscan, "__version__", "")), platform.machine(), sys.platform, _FORM]
    for pattern in patterns:
        told += (pattern.hunt, *pattern.keywords)
    return cache_folder() / f"engine-{hashlib.sha256(chr(0).join(told).encode()).hexdigest()[:32]}.hsdb"


def compile_database(hunts: Sequence[Hunt]) -> Compiled:
    """Compile; about 2 ms a rule.

    Raises:
        Refused: Hyperscan cannot compile a pattern.
    """
    main, wide, names = ([hunt for hunt in hunts if hunt.part == part] for part in PARTS)
    return Compiled(_compiled(main), _compiled(wide) if wide else None, _compiled(names) if names else None)


def _compiled(hunts: Sequence[Hunt]) -> hyperscan.Database:
    database = hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK)
    try:
        database.compile(
            expressions=[hunt.text.encode("ascii") for hunt in hunts],
            ids=[hunt.pattern for hunt in hunts],
            flags=[hyperscan.HS_FLAG_SINGLEMATCH if hunt.once else 0 for hunt in hunts],
        )
    except hyperscan.HyperscanError as error:
        if len(hunts) == 1:
            raise Refused(hunts[0].pattern, str(error)) from None
        for hunt in reversed(hunts):  # what was added comes last
            _compiled([hunt])
        raise
    return database


def load(path: Path) -> Compiled | None:
    """The databases in `path`, or None if there is none or anything about it is odd."""
    try:
        content = _trusted_content(path)
    except OSError:
        return None
    start = len(_MAGIC) + _DIGEST_BYTES
    body = content[start:]
    if not content.startswith(_MAGIC) or hashlib.sha256(body).digest() != content[len(_MAGIC) : start]:
        return None
    parts: list[bytes] = []
    for _ in PARTS:
        size = int.from_bytes(body[:_SIZE_BYTES], "little")
        parts.append(body[_SIZE_BYTES : _SIZE_BYTES + size])
        body = body[_SIZE_BYTES + size :]
    try:
        main, wide, names = (hyperscan.loadb(part, hyperscan.HS_MODE_BLOCK) if part else None for part in parts)
        return None if main is None else Compiled(main, wide, names)
    except hyperscan.HyperscanError:  # another engine version or processor wrote it
        return None


def store(databases: Compiled, path: Path) -> bool:
    """Write atomically, readable by this user alone. False where the cache cannot be written or is not ours."""
    import tempfile

    parts = [b"" if database is None else hyperscan.dumpb(database) for database in databases]
    body = b"".join(len(part).to_bytes(_SIZE_BYTES, "little") + part for part in parts)
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not ours_alone(os.lstat(path.parent)):
            return False
        descriptor, aside = tempfile.mkstemp(dir=path.parent, prefix=".engine-")  # mode 0600
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(_MAGIC + hashlib.sha256(body).digest() + body)
            os.replace(aside, path)
        except BaseException:
            os.unlink(aside)
            raise
    except OSError:
        return False
    return True


def _trusted_content(path: Path) -> bytes:
    if not ours_alone(os.lstat(path.parent)):
        raise PermissionError(path.parent)
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0))
    with os.fdopen(descriptor, "rb") as file:
        state = os.fstat(descriptor)
        if not stat.S_ISREG(state.st_mode) or not ours_alone(state):
            raise PermissionError(path)
        return file.read()
