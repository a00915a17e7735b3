"""Every planted value is found by its rule, once, at its place; nothing is found in what only looks alike."""

from __future__ import annotations

from collections import Counter

import pytest

from modelguard.model import Category, Finding
from tests.corpus.clean import clean
from tests.corpus.items import Item
from tests.corpus.make import FAMILIES, corpus
from tests.readers.opened import scanned

SEEDS = range(1, 6)


def _told(item: Item) -> Counter[tuple[str, str | None, int | None]]:
    seen = scanned(item.data, item.path, pii="all")
    return Counter(map(_place, filter(_counts, seen.findings)))


def _counts(finding: Finding) -> bool:
    return finding.rule == "home-path-in-artifact" or finding.category is not Category.CONFIG


def _place(finding: Finding) -> tuple[str, str | None, int | None]:
    return finding.rule, finding.place.inner, finding.place.line


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("seed", SEEDS)
def test_what_is_planted_is_found_once_at_its_place(family: str, seed: int) -> None:
    for item in corpus(seed, [family]):
        expected = Counter((plant.rule, plant.inner, plant.line) for plant in item.plants)
        assert _told(item) == expected, item.path


@pytest.mark.parametrize("seed", SEEDS)
def test_nothing_is_found_in_what_only_looks_alike(seed: int) -> None:
    for item in clean(seed):
        seen = scanned(item.data, item.path, pii="all")
        assert not seen.findings, (item.path, [(each.rule, each.place) for each in seen.findings])
        assert not seen.gaps, (item.path, seen.gaps)


def test_a_value_is_planted_once() -> None:
    planted = Counter(plant.value for item in corpus(1) for plant in item.plants)
    assert planted
    assert set(planted.values()) == {1}


def test_every_family_has_look_alikes() -> None:
    assert {item.family for item in clean(1)} == set(FAMILIES)


def test_the_same_seed_makes_the_same_files() -> None:
    assert list(corpus(7)) == list(corpus(7))
    assert list(clean(7)) == list(clean(7))
