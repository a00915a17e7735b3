"""TFRecord files: events and examples by record and field, framing that is broken, records of anything."""

from __future__ import annotations

import struct

import pytest

from modelguard.model import GapReason
from modelguard.readers.interface import Text
from modelguard.readers.runs.checksums import masked_crc32c
from tests.readers.opened import RULES, bears_damage, kind, opened, places, scanned, values
from tests.readers.written_messages import double, pair, single, text, whole

VALUES = values()
STRING = 7
EVENTS = "events.out.tfevents.1700000000.host.1.0"


def record(data: bytes) -> bytes:
    length = struct.pack("<Q", len(data))
    return length + struct.pack("<I", masked_crc32c(length)) + data + struct.pack("<I", masked_crc32c(data))


def event(rest: bytes, step: int = 0) -> bytes:
    return record(double(1, 1.7e9) + (whole(2, step) if step else b"") + rest)


def summary(*items: bytes) -> bytes:
    return text(5, b"".join(text(1, item) for item in items))


def scalar(step: int, tag: str = "loss/train") -> bytes:
    return event(summary(text(1, tag) + single(2, 1.0 / step)), step)


START = event(text(3, "brain.Event:2"))
SCALARS = b"".join(scalar(step) for step in range(1, 11))
WORDS = text(1, "args/text_summary") + text(8, whole(1, STRING) + text(8, f"token={VALUES.hub}"))
NODE = text(1, text(1, "n") + text(2, "Const") + text(5, text(1, "a") + text(2, text(2, VALUES.hub))))

IN_EVENTS = {
    'record 11 (step 300), tag "args/text_summary"': event(summary(WORDS), 300),
    'record 11 (step 300), tag "x", metadata.plugin_data.content': event(
        summary(text(1, "x") + text(9, text(1, text(1, "hparams") + text(2, VALUES.hub)))), 300
    ),
    'record 11 (step 300), tag "x", metadata.summary_description': event(
        summary(text(1, "x") + text(9, text(3, VALUES.hub))), 300
    ),
    "record 11, log_message.message": event(text(6, whole(1, 20) + text(2, VALUES.hub))),
    'record 11, graph_def.node["n"].attr["a"].s': event(text(4, NODE)),
    'record 11, meta_graph_def.graph_def.node["n"].attr["a"].s': event(text(9, text(2, NODE))),
    "record 11, field 99": event(text(99, VALUES.hub)),
}


def feature(key: str, *found: str) -> bytes:
    return text(1, text(1, key) + text(2, text(1, b"".join(text(1, each) for each in found))))


def example(*features: bytes) -> bytes:
    return record(text(1, b"".join(features)))


CLEAN_EXAMPLE = example(feature("text", "a sentence of words"), feature("label", "3"))

IN_EXAMPLES = {
    'record 2, feature "hub_token"': example(feature("text", "words"), feature("hub_token", VALUES.hub)),
    'record 2, feature "list"': example(feature("list", "a first one", VALUES.hub)),
    'record 2, feature list "tokens"[1]': record(
        text(1, feature("id", "identity"))
        + text(
            2,
            text(
                1,
                text(1, "tokens")
                + text(2, text(1, text(1, text(1, "a word"))) + text(1, text(1, text(1, VALUES.hub)))),
            ),
        )
    ),
    "record 2, field 3.5": record(whole(1, 1) + text(3, whole(1, 1) + text(5, VALUES.hub))),
    'record 2, field 3["hub_token"]': record(whole(1, 1) + pair(3, "hub_token", VALUES.hub)),
    "record 2": record(f'{{"hub_token": "{VALUES.hub}"}}'.encode()),
}


@pytest.mark.parametrize("place", IN_EVENTS)
def test_each_hiding_place_in_events(place: str) -> None:
    seen = scanned(START + SCALARS + IN_EVENTS[place] + SCALARS, EVENTS)
    assert places(seen) == {RULES.hub: place}
    assert not seen.gaps


@pytest.mark.parametrize("place", IN_EXAMPLES)
def test_each_hiding_place_in_examples(place: str) -> None:
    for path in ("train.tfrecord", "train-00000-of-00002"):
        seen = scanned(CLEAN_EXAMPLE * 2 + IN_EXAMPLES[place] + CLEAN_EXAMPLE, path)
        assert places(seen) == {RULES.hub: place}
        assert not seen.gaps


def test_keys_stand_beside_their_values() -> None:
    pieces, _ = opened(example(feature("password", "abc")), "a.tfrecord")
    assert b"password: abc" in b"\n".join(each.text for each in pieces if isinstance(each, Text)).split(b"\n")


def test_a_tag_is_told_once() -> None:
    tag = f"run {VALUES.hub}"
    seen = scanned(START + b"".join(scalar(step, tag) for step in range(1, 200)), EVENTS)
    (finding,) = seen.findings
    assert (finding.place.inner or "").startswith('record 1 (step 1), tag "run ***')
    texts = [piece.text for piece in opened(START + SCALARS * 50, EVENTS)[0] if isinstance(piece, Text)]
    assert sum(text.count(b"loss/train") for text in texts) == 1


def test_what_is_said_of_a_number_is_told_with_each() -> None:
    odd = event(summary(text(1, "loss/train") + single(2, 1.0) + text(7, VALUES.hub)), 5)
    assert places(scanned(START + SCALARS + odd, EVENTS)) == {
        RULES.hub: 'record 11 (step 5), tag "loss/train", node_name'
    }


def test_a_long_record_is_named_too() -> None:
    data = record(b"\xff\xfe" * (1 << 20) + f" token={VALUES.hub} ".encode() + b"\xff" * 50)
    assert places(scanned(CLEAN_EXAMPLE + data, "a.tfrecord")) == {RULES.hub: "record 1"}


@pytest.mark.parametrize("cut", [3, 20])
def test_a_file_that_is_cut_short_says_so(cut: int) -> None:
    data = START + IN_EVENTS["record 11, log_message.message"] + scalar(12)
    seen = scanned(data[:-cut], EVENTS)
    assert places(seen) == {RULES.hub: "record 1, log_message.message"}
    assert [gap.reason for gap in seen.gaps] == [GapReason.MALFORMED]


def test_a_length_that_lies() -> None:
    broken = bytearray(START + SCALARS + f"token={VALUES.hub}".encode())
    broken[len(START)] ^= 1
    seen = scanned(bytes(broken), EVENTS)
    assert [gap.reason for gap in seen.gaps] == [GapReason.MALFORMED]
    assert set(places(seen)) == {RULES.hub}
    huge = struct.pack("<Q", 1 << 62)
    seen = scanned(START + huge + struct.pack("<I", masked_crc32c(huge)) + f" token={VALUES.hub}".encode(), EVENTS)
    assert [gap.reason for gap in seen.gaps] == [GapReason.MALFORMED]
    assert set(places(seen)) == {RULES.hub}


def test_a_checksum_that_is_wrong_says_so_and_hides_nothing() -> None:
    broken = bytearray(START + IN_EVENTS["record 11, log_message.message"])
    broken[-1] ^= 1
    seen = scanned(bytes(broken), EVENTS)
    assert places(seen) == {RULES.hub: "record 1, log_message.message"}
    assert [gap.reason for gap in seen.gaps] == [GapReason.MALFORMED]


def test_checksums() -> None:
    assert masked_crc32c(struct.pack("<Q", 24)) == 0x224B7FA3, "as in every event file"


def test_other_files_are_none() -> None:
    for data in (b"\x18" + b"\0" * 40, b"", START[:12], struct.pack("<Q", 40) + b'{"a": 1}' + b" " * 60):
        of_kind = kind(data, EVENTS)
        assert of_kind is None or of_kind.title != "TFRecord"


def test_clean_runs_give_nothing() -> None:
    seen = scanned(START + SCALARS * 3, EVENTS)
    assert not seen.findings
    assert not seen.gaps


def test_a_damaged_file() -> None:
    bears_damage(START + scalar(1) + event(summary(WORDS), 300), EVENTS)
    bears_damage(CLEAN_EXAMPLE + IN_EXAMPLES['record 2, feature "list"'], "a.tfrecord")
