"""Logs of Weights & Biases: records over blocks, keys beside values, what is damaged."""

from __future__ import annotations

import json
import struct
import zlib

import pytest

from modelguard.budget import Budget
from modelguard.model import GapReason
from modelguard.readers.interface import Covered, Limits, Text
from modelguard.readers.runs import wandb
from tests.readers.opened import RULES, PathBlob, bears_damage, opened, places, scanned, values
from tests.readers.written_messages import text, whole

VALUES = values()
BLOCK = 32768
HEADER = b":W&B" + struct.pack("<HB", 0xBEE1, 0)
PATH = "run-abcd1234.wandb"


def log(*records: bytes) -> bytes:
    """A file as the library writes it: records cut where a block ends."""
    out = bytearray(HEADER)
    for record in records:
        first = True
        while True:
            left = BLOCK - len(out) % BLOCK
            if left < 7:
                out += b"\0" * left
                left = BLOCK
            part, record = record[: left - 7], record[left - 7 :]
            kind = (1 if first else 4) if not record else 2 if first else 3
            out += struct.pack("<IHB", zlib.crc32(bytes([kind]) + part), len(part), kind) + part
            first = False
            if not record:
                break
    return bytes(out)


def item(key: str, value: object) -> bytes:
    return text(1, key) + text(16, json.dumps(value))


def history(step: int) -> bytes:
    return whole(1, step) + text(2, text(1, item("loss", 0.5)) + text(1, item("_step", step)))


def output(line: str) -> bytes:
    return text(13, whole(1, 1) + text(3, line))


PLACES = {
    'record 2, config.update["hub_token"]': text(5, text(1, item("hub_token", VALUES.hub))),
    'record 2, run.config.update["args"]': text(17, text(1, "id") + text(4, text(1, item("args", {"t": VALUES.hub})))),
    'record 2, run.settings.item["api_key"]': text(17, text(11, text(1, item("api_key", VALUES.hub)))),
    "record 2, run.git.remote_url": text(17, text(21, text(1, f"https://jdoe:{VALUES.hub}@host/x.git"))),
    "record 2, output_raw.line": output(f"export HF_TOKEN={VALUES.hub}\n"),
    "record 2, alert.text": text(10, text(1, "title") + text(2, f"see {VALUES.hub}")),
    'record 2, summary.update["note"]': text(3, text(1, item("note", VALUES.hub))),
    "record 2, artifact.metadata": text(8, text(8, json.dumps({"token": VALUES.hub}))),
    "record 2, field 100.13.1": text(100, text(13, whole(2, 1) + text(1, VALUES.hub))),
}


@pytest.mark.parametrize("place", PLACES)
def test_each_hiding_place(place: str) -> None:
    for path in (PATH, "renamed"):
        seen = scanned(log(history(1), history(2), PLACES[place], history(3)), path)
        assert places(seen) == {RULES.hub: place}
        assert not seen.gaps


def texts(data: bytes) -> list[bytes]:
    return [line for piece in opened(data, PATH)[0] if isinstance(piece, Text) for line in piece.text.split(b"\n")]


def test_keys_stand_beside_their_values() -> None:
    nested = text(2, "outer key") + text(2, "hub_token") + text(16, '"inner"')
    data = log(text(5, text(1, item("password", "abc")) + text(1, nested)))
    assert {b'password: "abc"', b"outer key", b'hub_token: "inner"'} <= set(texts(data))
    found = log(text(2, text(1, text(2, "a key") + text(2, "note") + text(16, json.dumps(VALUES.hub)))))
    assert places(scanned(found, PATH)) == {RULES.hub: 'record 0, history.item["note"]'}


def split(at: int) -> bytes:
    """A log where a block ends so many bytes into a record."""
    filler = output("y" * (BLOCK - len(HEADER) - 2 * 7 - at - (len(output("y" * 30_000)) - 30_000)))
    return log(filler, output(f"export HF_TOKEN={VALUES.hub}\n"), history(1))


@pytest.mark.parametrize("at", [1, 5, 30, 40, 50])
def test_a_value_that_is_cut_by_the_end_of_a_block(at: int) -> None:
    data = split(at)
    seen = scanned(data, PATH)
    assert places(seen) == {RULES.hub: "record 1, output_raw.line"}
    assert not seen.gaps
    (finding,) = seen.findings
    start, end = finding.place.byte_start, finding.place.byte_end
    joined = data[start:end] if VALUES.hub.encode() in data else data[start:BLOCK] + data[BLOCK + 7 : end]
    assert joined == VALUES.hub.encode()


def test_a_record_over_many_blocks() -> None:
    long = output("word " * 40_000 + f"HF_TOKEN={VALUES.hub}\n" + "word " * 10_000)
    assert places(scanned(log(history(1), long, history(2)), PATH)) == {RULES.hub: "record 1, output_raw.line:1"}
    longer = output("words\n" * 1_500_000 + f"HF_TOKEN={VALUES.hub}\n" + "word " * 1000)
    seen = scanned(log(history(1), longer, history(2)), PATH)
    assert places(seen) == {RULES.hub: "record 1, output_raw.line"}


def test_a_part_that_is_lost_says_so_and_hides_nothing() -> None:
    whole_log = log(output("x" * 40_000), output(f"HF_TOKEN={VALUES.hub} "))
    seen = scanned(HEADER + b"\0" * (BLOCK - 7) + whole_log[BLOCK:], PATH)
    assert places(seen) == {RULES.hub: "record 0, output_raw.line"}
    assert [gap.reason for gap in seen.gaps] == [GapReason.MALFORMED]
    seen = scanned(log(output(f"HF_TOKEN={VALUES.hub} " + "x" * 40_000))[:BLOCK], PATH)
    assert places(seen) == {RULES.hub: "record 0"}
    assert [gap.reason for gap in seen.gaps] == [GapReason.MALFORMED]


def test_a_checksum_that_is_wrong_says_so_and_hides_nothing() -> None:
    data = bytearray(log(history(1), PLACES["record 2, output_raw.line"]))
    data[-1] ^= 1
    seen = scanned(bytes(data), PATH)
    assert places(seen) == {RULES.hub: "record 1, output_raw.line"}
    assert [gap.reason for gap in seen.gaps] == [GapReason.MALFORMED]


def test_a_record_of_no_kind() -> None:
    data = log(history(1)) + struct.pack("<IHB", 0, 50, 9) + f" HF_TOKEN={VALUES.hub} ".encode() + b"\0" * 50
    seen = scanned(data, PATH)
    assert set(places(seen)) == {RULES.hub}
    assert [gap.reason for gap in seen.gaps] == [GapReason.MALFORMED]


def test_clean_logs_give_nothing() -> None:
    seen = scanned(log(*(history(step) for step in range(2000))), PATH)
    assert not seen.findings
    assert not seen.gaps


def test_damaged_logs() -> None:
    bears_damage(log(history(1), PLACES["record 2, output_raw.line"], history(2)), PATH)
    data = split(30)
    bears_damage(data[:7] + data[BLOCK - 2000 :], PATH)


def test_a_header_that_is_cut_off_covers_no_more_than_there_is() -> None:
    assert next(wandb.read(PathBlob(HEADER[:6], PATH), Limits(Budget()))) == Covered(0, 6)
