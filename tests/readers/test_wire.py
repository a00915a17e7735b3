"""The wire format: fields where they stand, nothing long read, nothing believed; and messages told without a schema."""

from __future__ import annotations

from itertools import pairwise

import pytest

from modelguard.budget import Budget
from modelguard.readers.interface import Covered, Limits, Malformed, Text
from modelguard.readers.messages import Teller
from modelguard.readers.shapes import UNKNOWN, Schema, root
from modelguard.readers.wire import FIXED32, FIXED64, LENGTH, VARINT, Source, fields, guessed, varint
from tests.readers.opened import PathBlob, values
from tests.readers.written_messages import double, pair, single, text, whole
from tests.readers.written_messages import varint as written

VALUES = values()


def source(data: bytes) -> Source:
    return Source(PathBlob(data, "a.bin"), Limits(Budget()))


def told(data: bytes) -> dict[bytes, str]:
    """Each text of a message of which nothing is known, and its name."""
    teller = Teller(PathBlob(data, "a.bin"), Limits(Budget()), Schema({}))
    found: dict[bytes, str] = {}
    for piece in [*teller.tell(root(), UNKNOWN, 0, len(data)), *teller.finish()]:
        if isinstance(piece, Text):
            starts = [*(piece.starts or ()), len(piece.text) + 1]
            for start, end in pairwise(starts):
                found[piece.text[start : end - 1]] = piece.name(start)
    return found


def test_fields_and_where_they_stand() -> None:
    data = whole(1, 300) + double(2, 1.0) + text(3, "abc") + single(400, 1.0)
    assert list(fields(source(data), 0, len(data))) == [
        (1, VARINT, 1, 3),
        (2, FIXED64, 4, 12),
        (3, LENGTH, 14, 17),
        (400, FIXED32, 19, 23),
    ]


@pytest.mark.parametrize("value", [0, 1, 127, 128, 300, 1 << 32, (1 << 64) - 1])
def test_varints(value: int) -> None:
    assert varint(written(value) + b"rest", 0) == (value, len(written(value)))


@pytest.mark.parametrize(
    "data",
    [
        b"\x0a\x05abc",
        b"\x0a",
        b"\x0f\x00",
        b"\x00\x01",
        b"\x08" + b"\xff" * 11,
        b"\x0a" + b"\xff" * 9 + b"\x01",
        b"\x09\0\0",
        b"\xff\xff\xff\xff\xff\xff\xff\x01\x00",
    ],
)
def test_what_is_no_message(data: bytes) -> None:
    with pytest.raises(Malformed):
        list(fields(source(data), 0, len(data)))
    assert guessed(source(data), 0, len(data)) is None


def test_a_long_field_is_passed_over_unread() -> None:
    blob = PathBlob(text(1, b"\0" * (8 << 20)) + text(2, "after"), "a.bin")
    found = list(fields(Source(blob, Limits(Budget())), 0, blob.size))
    assert [field[0] for field in found] == [1, 2]
    assert blob.asked < 1 << 18


def test_a_range_within_a_blob_ends_where_it_is_said_to() -> None:
    data = b"\xff\xff" + text(1, "abc") + b"\xff\xff"
    assert list(fields(source(data), 2, 7)) == [(1, LENGTH, 4, 7)]


def test_strings_are_named_by_their_fields() -> None:
    data = text(2, text(1, text(5, VALUES.hub) + whole(1, 1)) + whole(2, 2))
    assert told(data)[VALUES.hub.encode()] == "field 2.1.5"


def test_a_key_and_its_value_are_one_text() -> None:
    data = pair(4, "hub_token", VALUES.hub)
    assert told(data) == {f"hub_token: {VALUES.hub}".encode(): 'field 4["hub_token"]'}


def test_a_text_that_may_be_a_message_is_told_as_both_where_a_length_looks_like_a_letter() -> None:
    inner = b"\n" + b"A" + b"x" * 65
    assert {b"x" * 65, inner} <= set(told(text(3, inner)))
    inner = b"\n" + b"!" + b"x" * 33
    assert set(told(text(3, inner))) == {inner}


def test_numbers_between_strings_are_told_too() -> None:
    letters = b"".join(whole(8, byte) for byte in VALUES.hub.encode())
    assert VALUES.hub.encode() in told(text(1, "before") + letters + text(2, "after"))
    groups = b"".join(double(15, 0)[:1] + VALUES.hub.encode()[at : at + 8] for at in range(0, 32, 8))
    assert any(groups in each for each in told(groups + text(2, "behind")))


def test_what_is_covered_was_told() -> None:
    data = (
        text(1, text(2, "strings " * 3) + whole(3, 1) * 20)
        + whole(9, 1) * 9
        + text(3, b"\xff\0" * 100)
        + text(4, "end")
    )
    blob = PathBlob(data, "a.bin")
    teller = Teller(blob, Limits(Budget()), Schema({}))
    shown: set[int] = set()
    for piece in [*teller.tell(root(), UNKNOWN, 0, len(data)), *teller.finish()]:
        if isinstance(piece, Text):
            starts = [*(piece.starts or ()), len(piece.text) + 1]
            for start, end in pairwise(starts):
                shown.update(range(*piece.span(start, end - 1)))
        elif isinstance(piece, Covered):
            unseen = [at for at in range(piece.start, piece.end) if at not in shown]
            runs = "".join("x" if at in unseen else " " for at in range(len(data))).split()
            assert all(len(run) < 8 for run in runs)


def test_messages_within_messages_end() -> None:
    data = b""
    for _ in range(500):
        data = text(1, data + whole(2, 1))
    assert told(data + text(3, VALUES.hub))[VALUES.hub.encode()] == "field 3"


def test_a_long_string_stays_as_it_stands() -> None:
    data = text(1, "short text") + text(2, b"A" + b"a b " * (1 << 19)) + text(3, "short too")
    blob = PathBlob(data, "a.bin")
    teller = Teller(blob, Limits(Budget()), Schema({}))
    pieces = [*teller.tell(root(), UNKNOWN, 0, len(data)), *teller.finish()]
    covered = [(piece.start, piece.end) for piece in pieces if isinstance(piece, Covered)]
    start = data.index(b"Aa b")
    assert covered == [(0, start), (start + (1 << 21) + 1, len(data))]
