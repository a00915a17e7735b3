"""What tests of readers share: a blob in memory with a path, what a reader makes of it, and how it bears ill use."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from typing import NamedTuple, TypeVar

import pytest

from modelguard import pool
from modelguard.budget import Budget
from modelguard.inspection import Inspection
from modelguard.model import Gap, Origin
from modelguard.opening import Opened
from modelguard.pipeline import chosen_rules
from modelguard.readers.interface import Limits, Member, Text
from modelguard.readers.kinds import HEAD_BYTES, Kind, kind_of
from modelguard.rules.templates import expand
from modelguard.seen import Seen
from modelguard.settings import Settings

_BUDGET = Budget()


class PathBlob:
    """Bytes in memory that lie at a path."""

    def __init__(self, data: bytes, path: str) -> None:
        self._data = data
        self.path = path
        self.asked = 0

    @property
    def origin(self) -> Origin:
        return Origin(self.path)

    @property
    def size(self) -> int:
        return len(self._data)

    def read(self, start: int, end: int) -> bytes:
        assert 0 <= start <= end, "a reader asks for ranges that may be"
        data = self._data[start:end]
        self.asked += len(data)
        return data


class Found(NamedTuple):
    """The values to plant, one of each kind that the engine knows for sure, and the rules that know them."""

    hub: str
    cloud: str
    forge: str


RULES = Found("hf-user-token", "aws-access-key-id", "github-pat")


PASSWORD = expand("<alpha:2>7!<lower:2>29<alpha:4>x0")
"""One that no format tells, only the name before it."""


def values(seed: int = 1) -> Found:
    """A Hub token, a cloud key id and a forge token, made up anew for each seed."""
    templates = ("hf_<alpha:34>", "AKIA<base32:16>", "ghp_<base62crc:30>")
    return Found(*(expand(template, seed) for template in templates))


_INSPECTIONS: dict[tuple[object, ...], Inspection] = {}


def scanned(data: bytes, path: str, **settings: object) -> Seen:
    """Everything that a scan says of a file with these bytes at this path."""
    chosen = Settings(**settings)  # type: ignore[arg-type]
    key = (chosen.pii, chosen.weights, chosen.max_file_size)
    if key not in _INSPECTIONS:
        _INSPECTIONS[key] = Inspection(chosen_rules(chosen), chosen, None, frozenset())
    seen, parts = in_worker(lambda: _INSPECTIONS[key].do(PathBlob(data, path)))
    assert seen is not None
    assert not parts
    return seen


_Result = TypeVar("_Result")


def in_worker(work: Callable[[], _Result]) -> _Result:
    """What this gives in a process that may end, as a worker is: libraries in C parse nothing elsewhere."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(pool._Here, "is_worker", True)
        return work()


def places(seen: Seen) -> dict[str, str | None]:
    """Rule → the inner place of its finding, of which there is one only."""
    found: dict[str, str | None] = {}
    for finding in seen.findings:
        assert finding.rule not in found, (finding.rule, finding.place, found[finding.rule])
        found[finding.rule] = finding.place.inner
    return found


def kind(data: bytes, path: str) -> Kind | None:
    """The kind of such a file."""
    return kind_of(data[:HEAD_BYTES], path)


def opened(data: bytes, path: str, budget: Budget = _BUDGET) -> tuple[list[Text | Member], list[Gap]]:
    """What the reader of such a file makes of it, members within members not opened, and what it could not open."""
    of_kind = kind(data, path)
    assert of_kind is not None
    assert of_kind.reader is not None
    work = Opened(PathBlob(data, path), of_kind, Limits(budget))
    return list(work.pieces()), work.gaps


def damaged(data: bytes, seed: int = 1, rounds: int = 300) -> Iterator[bytes]:
    """A file cut short at every byte (of the first and last few thousand), and with bytes and words overwritten."""
    ends = range(len(data)) if len(data) < 4000 else [*range(2000), *range(len(data) - 2000, len(data))]
    for end in ends:
        yield data[:end]
    chance = random.Random(seed)
    words = [b"\xff" * 4, b"\xff" * 8, b"\0" * 8, b"\x7f" + b"\xff" * 7, b"\xff\xff\xff\x7f", b"\0\0\0\x80"]
    for _ in range(rounds):
        at = chance.randrange(len(data))
        new = chance.choice([*words, chance.randbytes(1), chance.randbytes(4)])
        yield data[:at] + new + data[at + len(new) :]


def bears_damage(data: bytes, path: str, check: Callable[[bytes], None] | None = None) -> None:
    """The reader of such a file ends with whatever has been done to it, and raises nothing."""
    for broken in damaged(data):
        of_kind = kind(broken, path)
        if of_kind is not None and of_kind.reader is not None:
            work = Opened(PathBlob(broken, path), of_kind, Limits(Budget(opened_seconds=20.0, opened_bytes=1 << 28)))
            for _ in work.pieces():
                pass
            assert not [gap for gap in work.gaps if "took longer" in gap.detail]
            for start, end in work.uncovered(len(broken)):
                assert 0 <= start < end <= len(broken)
        if check is not None:
            check(broken)
