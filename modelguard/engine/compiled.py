"""The compiled Hyperscan database in the user's cache: paid for once, loaded in milliseconds, never trusted blindly.

A file is used only if it is a regular file of this user in a folder of this user that nobody else can write, and its
content has the checksum it was written with; anything else is compiled anew. It holds rules, never a scanned value.
"""

from __future__ import annotations

import hashlib
import mmap
import os
import platform
import stat
import sys
import zlib
from collections.abc import Iterable, Sequence
from typing import Literal, NamedTuple

import hyperscan
import msgspec
from msgspec import Struct

from modelguard.cache_folder import cache_folder, ours_alone
from modelguard.engine.interface import Pattern, Patterns, Refused
from modelguard.whole_file import write_whole

_MAGIC = b"modelguard-db-3\n"
_CHECKSUM_BYTES = 4
_SIZE_BYTES = 8
_FORM = "15"  # counts up when `fast.build` makes something else of the same patterns


Part = Literal["all", "wide", "names", "glued"]
PARTS: tuple[Part, ...] = ("all", "wide", "names", "glued")
FileName = str | os.PathLike[str]


class Hunt(NamedTuple):
    """One expression of a database: the number that its events carry, its text, and whether one event is enough.

    Those that are `wide` can only match where there is a NUL, `names` are looked for near the common hunt alone, and
    `glued` ones, which ask nothing of what follows, where that may be no part of the text: they are compiled apart.
    """

    pattern: int
    text: str
    once: bool = False
    part: Part = "all"


class Plan(Struct, frozen=True):
    """What else an engine must know of all its patterns, each given by its number.

    `far` are those that reach farther than `NEAR`; `listed` are, of each name near the common hunt, those that have it,
    as JSON: to read it takes longer than to look through a small commit, and few of these hold such a name.
    """

    far: frozenset[int]
    listed: msgspec.Raw

    @staticmethod
    def of(far: Iterable[int], named: Iterable[Sequence[int]]) -> Plan:
        """The plan that says this."""
        return Plan(frozenset(far), msgspec.Raw(msgspec.json.encode(tuple(named))))

    def named(self) -> tuple[tuple[int, ...], ...]:
        """What is `listed`."""
        return msgspec.json.decode(self.listed, type=tuple[tuple[int, ...], ...])


class Compiled:
    """What all text is looked through for, and what else some texts are: see `Hunt`.

    The others, given as they are stored, are made when they are first asked for: many small scans do without.
    """

    def __init__(
        self,
        plan: Plan,
        database: hyperscan.Database,
        wide: _Part = b"",
        names: _Part = b"",
        glued: _Part = b"",
    ) -> None:
        self.plan = plan
        self.database = database
        self._others: dict[Part, _Part] = {"wide": wide, "names": names, "glued": glued}

    @property
    def wide(self) -> hyperscan.Database | None:
        """Of what can only match where there is a NUL; None where there is nothing of that kind."""
        return self._made("wide")

    @property
    def names(self) -> hyperscan.Database | None:
        """Of the names before the common hunt; None where there are none."""
        return self._made("names")

    @property
    def glued(self) -> hyperscan.Database | None:
        """Of patterns that ask for the end of a word behind them, without that; None where there are none."""
        return self._made("glued")

    def stored(self) -> list[bytes]:
        """The plan and all databases as they are stored, the latter in the order of `PARTS`."""
        databases = (self.database, *self._others.values())
        stored = (hyperscan.dumpb(part) if isinstance(part, hyperscan.Database) else bytes(part) for part in databases)
        return [msgspec.json.encode(self.plan), *stored]

    def _made(self, part: Part) -> hyperscan.Database | None:
        known = self._others[part]
        if isinstance(known, hyperscan.Database):
            return known
        if not known:
            return None
        self._others[part] = made = hyperscan.loadb(bytes(known), hyperscan.HS_MODE_BLOCK)
        return made


_Part = hyperscan.Database | bytes | memoryview


def cache_file(patterns: Sequence[Pattern]) -> str:
    """The file for these patterns, this engine version and this kind of machine."""
    version = str(getattr(hyperscan, "__version__", ""))
    told = (version, platform.machine(), sys.platform, _FORM, Patterns.of(patterns).digest)
    return os.path.join(cache_folder(), f"engine-{hashlib.sha256(chr(0).join(told).encode()).hexdigest()[:32]}.hsdb")


def compile_database(hunts: Sequence[Hunt], plan: Plan) -> Compiled:
    """Compile; about 2 ms a rule.

    Raises:
        Refused: Hyperscan cannot compile a pattern.
    """
    from concurrent.futures import ThreadPoolExecutor

    parts = ([hunt for hunt in hunts if hunt.part == part] for part in PARTS)
    with ThreadPoolExecutor() as pool:  # Hyperscan compiles without the interpreter's lock
        main, *others = pool.map(_compiled, parts)
    assert main is not None  # there are always the engine's own probes
    return Compiled(plan, main, *(b"" if database is None else database for database in others))


def _compiled(hunts: Sequence[Hunt]) -> hyperscan.Database | None:
    """The database for some expressions; None where there are none.

    Raises:
        Refused: Hyperscan cannot compile one.
    """
    if not hunts:
        return None
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


def load(path: FileName) -> Compiled | None:
    """The databases in `path`, or None if there is none or anything about it is odd."""
    try:
        content = _trusted_parts(path)
    except OSError:
        return None
    if content is None:
        return None
    try:
        plan, database, *others = content
        made = msgspec.json.decode(plan, type=Plan)
        return Compiled(made, hyperscan.loadb(bytes(database), hyperscan.HS_MODE_BLOCK), *others)
    except (hyperscan.HyperscanError, msgspec.MsgspecError):  # another engine version or processor wrote it
        return None


def store(databases: Compiled, path: FileName) -> bool:
    """Write atomically, readable by this user alone. False where the cache cannot be written or is not ours."""
    body = b"".join(len(part).to_bytes(_SIZE_BYTES, "little") + part for part in databases.stored())
    try:
        folder = os.path.dirname(path)
        os.makedirs(folder, mode=0o700, exist_ok=True)
        if not ours_alone(os.lstat(folder)):
            return False
        write_whole(path, _MAGIC + _checksum(body) + body, 0o600, durable=False)
    except OSError:
        return False
    return True


def _trusted_parts(path: FileName) -> list[memoryview] | None:
    """What `Compiled.stored` gave, or None where it is not what was stored. Nothing is copied: a start waits."""
    if not ours_alone(os.lstat(os.path.dirname(path))):
        raise PermissionError(path)
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0))
    with os.fdopen(descriptor, "rb", buffering=0):
        state = os.fstat(descriptor)
        if not stat.S_ISREG(state.st_mode) or not ours_alone(state):
            raise PermissionError(path)
        if not state.st_size:  # which cannot be mapped
            return None
        # Nobody but this user can cut it short, and we put whole files in its place.
        content = memoryview(mmap.mmap(descriptor, 0, access=mmap.ACCESS_READ))
    head = len(_MAGIC) + _CHECKSUM_BYTES
    body = content[head:]
    if content[:head] != _MAGIC + _checksum(body):
        return None
    parts, at = list[memoryview](), 0
    while at < len(body):
        size = int.from_bytes(body[at : at + _SIZE_BYTES], "little")
        at += _SIZE_BYTES
        parts.append(body[at : at + size])
        at += size
    return parts if at == len(body) and len(parts) == 1 + len(PARTS) else None


def _checksum(body: bytes | memoryview) -> bytes:
    """Tells what a disk or a program has damaged; whoever could write something else as well is kept out elsewhere."""
    return zlib.crc32(body).to_bytes(_CHECKSUM_BYTES, "little")
