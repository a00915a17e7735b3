"""What `make fuzz` stands on: every reader has a target and seeds, seeds keep the laws, and each law can be broken."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from typing import Any

import pytest

from modelguard.budget import Budget
from modelguard.model import Blob
from modelguard.readers import kinds
from modelguard.readers.interface import Covered, Limits, Member, Piece, Text, entries, passage
from modelguard.readers.kinds import KINDS, Kind
from modelguard.readers.members import Held
from modelguard.readers.runs import wandb
from tests.fuzz import laws
from tests.fuzz.targets import TARGETS, dictionary, seeds
from tests.readers.opened import PathBlob, values

VALUE = values().hub.encode()
DATA = b":W&B" + bytes(12) + VALUE + bytes(12)
"""Of a kind that the reader of these tests is put in the place of."""


def test_every_row_has_a_target() -> None:
    for kind in KINDS:
        assert kind in TARGETS[str(kind.reader or kind.guide)].kinds


@pytest.mark.parametrize("name", TARGETS)
def test_every_target_has_seeds_and_these_keep_the_laws(name: str) -> None:
    """A new reader needs files in `tests/corpus/`; but for one that reads nothing, there is nothing to fuzz."""
    target = TARGETS[name]
    made = seeds(target)
    assert made or _reads_nothing(target.kinds[0]), f"no file of tests/corpus is opened by {name}"
    for data in made:
        taken_for = target.taken_for(data)
        assert taken_for is not None
        laws.check(data, *taken_for)
    for line in dictionary(target).splitlines():
        assert eval(line)  # as the literal that libFuzzer takes it for


def _reads_nothing(kind: Kind) -> bool:
    """Whether its reader says what it says without a look at the file."""
    blob = PathBlob(bytes(4096), "a")
    reader: Any = import_module(f"modelguard.readers.{kind.reader or kind.guide}")
    return hasattr(reader, "read") and bool(list(reader.read(blob, Limits(Budget())))) and not blob.asked


def covering(blob: Blob, limits: Limits) -> Iterator[Piece]:
    yield Covered(0, blob.size)


def covering_backwards(blob: Blob, limits: Limits) -> Iterator[Piece]:
    yield Covered(8, 4)


def mistaken(blob: Blob, limits: Limits) -> Iterator[Piece]:
    yield passage(blob.read(0, 4), "x", 0, 4)
    raise TypeError(VALUE)


def out_of_place(blob: Blob, limits: Limits) -> Iterator[Piece]:
    yield passage(b"abc", "x", 0, blob.size + 1)


def nameless(blob: Blob, limits: Limits) -> Iterator[Piece]:
    yield Text(b"abc", lambda offset: [][offset], lambda first, last: (0, 1))


def badly_divided(blob: Blob, limits: Limits) -> Iterator[Piece]:
    yield Text(b"abc def", lambda offset: "x", lambda first, last: (0, 1), starts=[0, 4])


def mistaken_in_a_member(blob: Blob, limits: Limits) -> Iterator[Piece]:
    yield Member(Held(blob, "m", blob.read(0, blob.size), 0, 0))
    if limits.depth:
        raise TypeError(VALUE)


def talkative(blob: Blob, limits: Limits) -> Iterator[Piece]:
    from modelguard.readers.interface import Malformed

    yield passage(b"abc", "x", 0, 4)
    raise Malformed(f"it holds {VALUE.decode()}")


def slow(blob: Blob, limits: Limits) -> Iterator[Piece]:
    limits._until = 0
    yield passage(b"abc", "x", 0, 4)


@pytest.mark.parametrize(
    "read",
    [
        covering,
        covering_backwards,
        mistaken,
        out_of_place,
        nameless,
        badly_divided,
        mistaken_in_a_member,
        talkative,
        slow,
    ],
)
def test_a_reader_that_breaks_a_law_is_seen(read: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wandb, "read", read)
    with pytest.raises((AssertionError, IndexError)):
        laws.check(DATA, "a", _kind())


def torn(blob: Blob, limits: Limits) -> Iterator[Piece]:
    yield entries([blob.read(0, 30), blob.read(30, blob.size)], str, lambda number: (number, number))
    yield Covered(0, blob.size)


def telling(blob: Blob, limits: Limits) -> Iterator[Piece]:
    yield passage(blob.read(0, blob.size), "x", 0, blob.size)
    yield Covered(0, blob.size)


@pytest.mark.parametrize("read", [torn, telling])
def test_a_reader_that_tells_all_keeps_them(read: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wandb, "read", read)
    laws.check(DATA, "a", _kind())


def test_a_guide_answers_for_each_offset(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wandb, "guide", lambda blob, offsets: ["x"])
    with pytest.raises(AssertionError):
        laws.check(DATA, "a", _kind())


def _kind() -> Kind:
    kind = kinds.kind_of(DATA, "a")
    assert kind is not None
    return kind
