"""Kinds of files that drown people in false alarms elsewhere: nothing is found in them but what is really there."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from modelguard import Finding, scan
from modelguard.rules.templates import expand
from modelguard.settings import Settings

from .noise import NOISE

_SEEDS = range(2)


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Finding]]:
    """The findings in each file, by its path."""
    root = tmp_path_factory.mktemp("noise")
    for seed in _SEEDS:
        for name, make in NOISE.items():
            text = make(random.Random(f"{seed} {name}"))
            for folder, more in (("plain", ""), ("spiked", "\n" + expand("hf_<alpha:34>", seed) + "\n")):
                path = root / folder / str(seed) / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text + more, encoding="utf-8")
    result = scan(root, settings=Settings(default_exclusions=False, history=False, cache=False))
    assert result.gaps == ()
    assert result.stats.blobs == 2 * len(_SEEDS) * len(NOISE)
    by_path: dict[str, list[Finding]] = {}
    for finding in result.findings:
        by_path.setdefault(str(Path(finding.origin.path).relative_to(root)), []).append(finding)
    return by_path


@pytest.mark.parametrize("name", NOISE)
def test_nothing_is_found_where_nothing_is(found: dict[str, list[Finding]], name: str) -> None:
    said = [(each.rule, each.excerpt) for seed in _SEEDS for each in found.get(f"plain/{seed}/{name}", ())]
    assert said == []


@pytest.mark.parametrize("name", NOISE)
def test_a_token_among_it_is_found_alone(found: dict[str, list[Finding]], name: str) -> None:
    for seed in _SEEDS:
        assert [each.rule for each in found[f"spiked/{seed}/{name}"]] == ["hf-user-token"]
