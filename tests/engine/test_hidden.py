"""Both engines give the same hints in any text, and one for every encoding of a mark."""

from __future__ import annotations

import base64
import random
from collections.abc import Callable
from functools import lru_cache

import pytest

from modelguard.engine.fast import FastEngine, build
from modelguard.engine.hidden import LEAST_RUN
from modelguard.engine.interface import Asked, Engine
from modelguard.engine.plain import PlainEngine
from modelguard.rules.templates import expand

from .texts import RULES, examples

TOKEN = expand("hf_<alpha:34>")
WRITINGS: dict[str, Callable[[bytes], bytes]] = {
    "base64": base64.b64encode,
    "urlsafe": base64.urlsafe_b64encode,
    "wrapped": base64.encodebytes,
    "twice": lambda data: base64.b64encode(base64.b64encode(data)),
    "hex": lambda data: data.hex().encode(),
    "upper hex": lambda data: data.hex().upper().encode(),
    "percent": lambda data: "".join(f"%{byte:02x}" for byte in data).encode(),
    "backslash x": lambda data: "".join(f"\\x{byte:02x}" for byte in data).encode(),
    "code points": lambda data: "".join(f"\\u{byte:04x}" for byte in data).encode(),
    "entities": lambda data: "".join(f"&#{byte};" for byte in data).encode(),
    "hexadecimal entities": lambda data: "".join(f"&#x{byte:x};" for byte in data).encode(),
    "plain": lambda data: data,
}


@lru_cache(maxsize=1)
def _engines() -> dict[str, Engine]:
    patterns = [rule.pattern for rule in RULES]
    return {"plain": PlainEngine(patterns), "fast": FastEngine(patterns, build(patterns))}


@pytest.mark.parametrize("writing", WRITINGS)
def test_engines_agree_on_what_may_be_hidden(writing: str) -> None:
    rnd = random.Random(writing)
    plain, fast = _engines()["plain"], _engines()["fast"]
    seen = 0
    for _, text in examples()[::12]:
        data = WRITINGS[writing](b"y" * rnd.randrange(4) + text.encode())
        data = b" " * rnd.randrange(70) + data[: rnd.randint(len(data) // 2, len(data))]
        hints = plain.scan(data).hidden
        assert fast.scan(data).hidden == hints, data
        (held,) = fast.holds([Asked(data)], lambda text, span: True)
        assert held.hidden == hints
        assert not (hints and held.is_near)
        seen += len(hints)
    assert seen > 20 or writing == "plain"


@pytest.mark.parametrize("shift", range(3))
@pytest.mark.parametrize("writing", [name for name in WRITINGS if name != "plain"])
def test_a_mark_is_noticed_in_every_encoding(writing: str, shift: int) -> None:
    data = WRITINGS[writing](b" " * shift + f'token = "{TOKEN}"'.encode())
    for engine in _engines().values():
        assert engine.scan(b"x: " + data).hidden


@pytest.mark.parametrize("name", ["plain", "fast"])
def test_a_short_run_is_no_hint(name: str) -> None:
    encoded = base64.b64encode(b"secret")
    assert len(encoded) < LEAST_RUN
    assert _engines()[name].scan(b"a " + encoded + b" b").hidden == ()
    assert _engines()[name].scan(b"a " + encoded * 2 + b" b").hidden


def test_several_texts_at_once_keep_their_hints_apart() -> None:
    encoded = base64.b64encode(b"secret" * 3)
    texts = [b"nothing", b"a " + encoded, b"b", b"cc " + encoded]
    held = _engines()["fast"].holds([Asked(text) for text in texts], lambda text, span: True)
    assert [[hint.end for hint in each.hidden] for each in held] == [
        [hint.end for hint in _engines()["plain"].scan(text).hidden] for text in texts
    ]
    assert [each.is_near for each in held] == [True, False, True, False]
