"""Places in JSON: the way to a place is what a program would write, whatever was passed over on the way."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest

from modelguard.readers.json_places import json_paths, shown
from tests.readers.opened import RULES, places, scanned, values

VALUES = values()


def made(chance: random.Random, depth: int) -> Any:
    """Any JSON value; its strings are long enough for runs of them to be passed over."""
    sort = chance.randrange(7 if depth else 3)
    if sort == 0:
        return chance.choice(["", 'a "b"', "[{", "}, :", "\\n\\", "ü" * 20, "x" * 300])
    if sort == 1:
        return chance.choice([1, -2.5, True, None])
    if sort == 2:
        return [f'line {number}, with "signs"\n' for number in range(chance.randrange(40))]
    if sort % 2:
        return [made(chance, depth - 1) for _ in range(chance.randrange(5))]
    return {
        f"key {number}" if number % 2 else f"k{number}": made(chance, depth - 1)
        for number in range(chance.randrange(5))
    }


def at(value: Any, keys: tuple[str | int, ...]) -> Any:
    for key in keys:
        value = value[key]
    return value


@pytest.mark.parametrize("seed", range(60))
def test_what_stands_at_a_place_is_what_its_path_leads_to(seed: int) -> None:
    chance = random.Random(seed)
    whole = [made(chance, 5) for _ in range(6)]
    text = json.dumps(whole, indent=chance.choice([None, 1]), ensure_ascii=False).encode()
    offsets = sorted(chance.sample(range(len(text)), min(len(text), chance.choice([1, 3, 200]))))
    for offset, path in zip(offsets, json_paths(text, offsets), strict=True):
        start, end = path.token
        assert start == end or start <= offset < end
        token = text[start:end]
        if token[:1] in (b"", *(bytes([sign]) for sign in b"{}[],:")):
            continue
        if path.in_key:
            assert path.keys[-1] == json.loads(token)
            assert list(at(whole, path.keys[:-1]))[path.steps[-1].number] == path.keys[-1]
        else:
            assert at(whole, path.keys) == json.loads(token)
        assert all(text[begin : begin + 1] in (b"{", b"[") for begin in path.begins)


def test_one_offset_and_many_lead_to_the_same() -> None:
    chance = random.Random(5)
    text = json.dumps(made(chance, 6), indent=1).encode() * 3
    offsets = list(range(0, len(text), 7))
    assert json_paths(text, offsets) == [json_paths(text, [offset])[0] for offset in offsets]


@pytest.mark.parametrize("sign", [b'"a', b"[", b"{", b'{"a":', b'["', b"\\", b'"\\', b'"a",'])
def test_what_is_no_json_takes_no_longer(sign: bytes) -> None:
    text = sign * (250_000 // len(sign))
    assert len(json_paths(text, [len(text) // 2, len(text) - 1])) == 2


def test_json() -> None:
    whole = {"model": {"layers": [{}, {"the name": VALUES.hub}]}, VALUES.cloud: 1}
    assert places(scanned(json.dumps(whole).encode(), "config.json")) == {
        RULES.hub: 'model.layers[1]["the name"]',
        RULES.cloud: "[key 1]",
    }
    (finding,) = scanned(json.dumps({"a": [VALUES.forge]}, indent=1).encode(), "model.safetensors.index.json").findings
    assert (finding.place.inner, finding.place.line) == ("a[0]", 3)


@pytest.mark.parametrize("ending", [".jsonl", ".ndjson", ".JSONL"])
def test_json_lines(ending: str) -> None:
    rows = [{"text": "a"}, {"text": f"t {VALUES.hub}"}, {"messages": [{"content": VALUES.cloud}]}, [VALUES.forge]]
    data = b"\n".join(json.dumps(row).encode() for row in rows) + b"\n"
    seen = scanned(data, f"train{ending}")
    assert places(seen) == {
        RULES.hub: 'row 2, field "text"',
        RULES.cloud: 'row 3, field "messages"[0].content',
        RULES.forge: "row 4, [0]",
    }
    assert sorted(each.place.line or 0 for each in seen.findings) == [2, 3, 4]


def test_a_row_that_is_no_json() -> None:
    data = f'{{"a": 1}}\nHF_TOKEN={VALUES.hub}\n{{"{VALUES.cloud}": 1}}\n'.encode()
    assert places(scanned(data, "train.jsonl")) == {RULES.hub: "row 2", RULES.cloud: "row 3, key 0"}


def test_a_key_in_a_name_is_not_shown_if_it_is_a_value() -> None:
    (finding, *others) = scanned(json.dumps({VALUES.hub: {"a": VALUES.hub}}).encode(), "a.json").findings
    for each in (finding, *others):
        assert VALUES.hub not in (each.place.inner or "")


def test_a_path_is_shown_as_it_would_be_written() -> None:
    (path,) = json_paths(b'{"a": [0, {"b c": {"d": 1}}]}', [24])
    assert shown(path) == 'a[1]["b c"].d'
