"""What is fuzzed: one target a module that a row of `KINDS` names, with seeds and a dictionary."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

from modelguard.readers.kinds import KINDS, Kind
from tests.corpus.clean import clean
from tests.corpus.make import corpus
from tests.fuzz.laws import kind_among, members_of
from tests.readers.opened import values

SEED_BYTES = 16 * 1024
"""What is longer is no seed: a fuzzer lives by the number of its runs."""

_ENOUGH_BYTES = 10 * 1024
"""Nor is what is longer than that, and than two of the smallest."""


class Target(NamedTuple):
    """A module (`weights.gguf`) and the rows that it stands in."""

    name: str
    kinds: Sequence[Kind]

    @property
    def is_native(self) -> bool:
        """Whether a library in C parses such files, and may end the process."""
        return any(kind.native for kind in self.kinds)

    @property
    def paths(self) -> Sequence[str]:
        """What a file may be called to be taken for each row."""
        return tuple(dict.fromkeys(_path(kind) for kind in self.kinds))

    def taken_for(self, data: bytes) -> tuple[str, Kind] | None:
        """The path at which such bytes are this target's, and the row."""
        for path in self.paths:
            kind = kind_among(data, path, (self.name,))
            if kind is not None:
                return path, kind
        return None


def _path(kind: Kind) -> str:
    if kind.suffixes:
        return f"a{kind.suffixes[0]}"
    return kind.names[0] if kind.names else "a"


def _targets(kinds: Sequence[Kind]) -> Mapping[str, Target]:
    rows: dict[str, list[Kind]] = {}
    for kind in kinds:
        name = kind.reader or kind.guide
        assert name is not None
        rows.setdefault(name, []).append(kind)
    return {name: Target(name, kinds) for name, kinds in rows.items()}


TARGETS = _targets(KINDS)


@cache
def files() -> Sequence[tuple[str, bytes]]:
    """The files of the corpus, planted and clean, further ones, and whatever is in them."""
    from tests.fuzz.further_seeds import further  # not for each process that fuzzes: it needs many libraries

    made = [*((item.path, item.data) for item in (*corpus(1), *clean(1))), *further()]
    return [*made, *(member for path, data in made if len(data) <= SEED_BYTES for member in members_of(data, path))]


def seeds(target: Target) -> list[bytes]:
    """The files that are this target's, the smallest first; not those that are far longer than others."""
    fit = {data for path, data in files() if len(data) <= SEED_BYTES and kind_among(data, path, (target.name,))}
    made = sorted(filter(target.taken_for, fit), key=lambda data: (len(data), data))
    return [data for data in made if len(data) <= max(_ENOUGH_BYTES, 2 * len(made[0]))]


def write_seeds(target: Target, folder: Path) -> int:
    """Write them into a folder, which is made; how many there are."""
    folder.mkdir(parents=True)
    for data in seeds(target):
        (folder / hashlib.sha256(data).hexdigest()[:16]).write_bytes(data)
    return len(list(folder.iterdir()))


def dictionary(target: Target) -> str:
    """What such files begin with, and the values that must not be lost, as libFuzzer reads it."""
    words = dict.fromkeys([*(magic for kind in target.kinds for magic in kind.magics), *values()[:3]])
    return "".join(f'"{_escaped(word)}"\n' for word in words)


def _escaped(word: str | bytes) -> str:
    data = word.encode() if isinstance(word, str) else word
    return "".join(f"\\x{byte:02x}" for byte in data)
