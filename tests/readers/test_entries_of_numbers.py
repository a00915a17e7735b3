"""Entries are judged alone, but a number among its like is data there, too."""

from __future__ import annotations

import pytest

from modelguard.inspection import Inspection
from modelguard.pipeline import chosen_rules
from modelguard.readers.interface import entries
from modelguard.rules.templates import expand
from modelguard.seen import Seen
from modelguard.settings import Settings
from tests.readers.opened import PathBlob

CARD = expand("<luhn:453901:16>")


@pytest.fixture(scope="module")
def inspections() -> dict[str, Inspection]:
    return {
        pii: Inspection(chosen_rules(chosen), chosen, None, frozenset())
        for pii in ("structured", "all")
        for chosen in [Settings(pii=pii)]
    }


def seen(inspection: Inspection, texts: list[str], sort: str = "") -> Seen:
    text = entries([each.encode() for each in texts], lambda at: f"entry {at}", lambda at: (at, at + 1), sort=sort)
    return inspection._looking.in_text(PathBlob(b"", "model.bin"), text)


def told(inspection: Inspection, texts: list[str], sort: str = "") -> list[tuple[str, str | None]]:
    return [(finding.rule, finding.place.inner) for finding in seen(inspection, texts, sort).findings]


def test_a_card_among_words(inspections: dict[str, Inspection]) -> None:
    words = ["the", "1234567890123456", CARD[:12], f"\u0120{CARD}", "of"]
    assert told(inspections["all"], words) == [("payment-card-alone", "entry 3")]
    assert told(inspections["structured"], words) == []
    for inspection in inspections.values():
        assert told(inspection, words, "vocabulary") == [("payment-card-in-vocabulary", "entry 3")]


@pytest.mark.parametrize("sort", ["", "vocabulary"])
def test_a_table_of_numbers_holds_no_card(inspections: dict[str, Inspection], sort: str) -> None:
    numbers = [expand("<digit:16>", seed) for seed in range(9000)]
    said = seen(inspections["all"], [*numbers[:4000], CARD, *numbers[4000:]], sort)
    assert said.findings == ()
    assert said.gaps == (), "there are many numbers, but none of them is worth a look of its own"
