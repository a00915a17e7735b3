"""SentencePiece: each piece alone, blanks where the file has U+2581, training settings, and whatever else is there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from modelguard.model import GapReason
from modelguard.readers import message_walk
from modelguard.readers.interface import Text
from modelguard.readers.tokenizers.sentencepiece import guide
from modelguard.readers.wire import fields
from tests.readers.opened import RULES, PathBlob, bears_damage, kind, opened, places, scanned, values
from tests.readers.written_messages import single, text, whole

VALUES = values()


def piece(value: str, sort: int | None = None, score: float = -1.0) -> bytes:
    return text(1, text(1, value) + single(2, score) + (b"" if sort is None else whole(3, sort)))


START = piece("<unk>", 2) + piece("<s>", 3) + piece("</s>", 3)
WORDS = b"".join(piece(f"▁word{number}") for number in range(200))


def model(extra: bytes = b"", trainer: bytes = b"") -> bytes:
    return START + extra + WORDS + text(2, text(1, "corpus.txt") + whole(3, 1) + trainer) + text(3, text(1, "nmt_nfkc"))


def test_a_piece() -> None:
    for path in ("tokenizer.model", "a.spm", "renamed.bin"):
        seen = scanned(model(piece(VALUES.hub, 4)), path)
        assert places(seen) == {RULES.hub: "piece[3]"}
        assert not seen.gaps


def test_a_long_piece() -> None:
    assert places(scanned(model(piece("x" * 150 + " " + VALUES.hub, 4)), "a.model")) == {RULES.hub: "piece[3]"}


def test_the_metaspace_is_a_blank() -> None:
    data = model(piece(f"▁token▁{VALUES.hub}▁x"))
    assert places(scanned(data, "tokenizer.model")) == {RULES.hub: "piece[3]"}
    texts = [each for each in opened(data, "tokenizer.model")[0] if isinstance(each, Text)]
    assert b" word7" in next(each.text for each in texts if each.sort == "vocabulary").split(b"\n")


def test_neighbours_are_not_read_together() -> None:
    assert not scanned(model(piece("hub_token:") + piece(VALUES.hub[:20]) + piece(VALUES.hub[20:])), "a.model").findings


@pytest.mark.parametrize(
    ("field", "place"),
    [(1, "trainer_spec.input[1]"), (31, "trainer_spec.user_defined_symbols[0]"), (2, "trainer_spec.model_prefix")],
)
def test_training_settings(field: int, place: str) -> None:
    assert places(scanned(model(trainer=text(field, VALUES.hub)), "a.model")) == {RULES.hub: place}


@pytest.mark.parametrize("field", [30, 31, 45, 48])
def test_a_symbol_of_a_user_stands_twice_and_is_told_once(field: int) -> None:
    data = model(piece(f"<{VALUES.hub}>", 4), text(field, f"<{VALUES.hub}>") + text(31, VALUES.cloud))
    told = {RULES.hub: "piece[3]", RULES.cloud: f"trainer_spec.user_defined_symbols[{1 if field == 31 else 0}]"}
    assert places(scanned(data, "a.model")) == told


def test_what_no_piece_should_hold() -> None:
    odd = text(1, text(1, "odd") + single(2, 1.0) + text(200, VALUES.hub))
    assert places(scanned(model(odd), "a.model")) == {RULES.hub: "piece[3].field 200"}
    assert places(scanned(model() + text(77, VALUES.hub), "a.model")) == {RULES.hub: "field 77"}
    between = START + whole(8, 1) * 3 + b"".join(whole(8, byte) for byte in VALUES.hub.encode()) + WORDS
    assert set(places(scanned(between, "a.model"))) == {RULES.hub}


def test_clean_vocabularies_give_nothing() -> None:
    seen = scanned(model(), "tokenizer.model")
    assert not seen.findings
    assert not seen.gaps


def test_other_files_are_none() -> None:
    for data in (b"\n\x10\n hello", b"\n\nhello", b"tree\nversion=v4\n", b"\n\x0e\n\x05<unk>"):
        assert kind(data, "a.model") is None


def test_one_that_is_cut_short_says_so() -> None:
    data = model(piece(VALUES.hub, 4))
    seen = scanned(data[:-5], "a.model")
    assert places(seen) == {RULES.hub: "piece[3]"}
    assert [gap.reason for gap in seen.gaps] == [GapReason.MALFORMED]


def test_many_pieces() -> None:
    data = START + b"".join(piece(f"▁{number}") for number in range(120_000)) + piece(VALUES.hub)
    assert places(scanned(data, "a.model")) == {RULES.hub: "piece[120003]"}


def test_the_places_of_many_bytes_are_told_by_one_walk(monkeypatch: pytest.MonkeyPatch) -> None:
    """A thousand values behind a megabyte of pieces took seven seconds, a thousand walks."""
    data = model(trainer=text(31, VALUES.cloud)) + text(9, text(1, "not known") + text(7, "at all"))
    blob = PathBlob(data, "a.model")
    alone = [guide(blob, [at])[0] for at in range(0, len(data), 50)]
    walked = []

    def counted(*message: Any) -> Iterator[Any]:
        for field in fields(*message):
            walked.append(field)
            yield field

    monkeypatch.setattr(message_walk, "fields", counted)
    assert guide(blob, range(len(data)))[::50] == alone
    assert 200 < len(walked) < len(data)


def test_a_damaged_model() -> None:
    bears_damage(model(piece(VALUES.hub, 4))[:700], "a.model")
