"""Runs over many lines: a step over lines that are alike says what a look at each of them says."""

from __future__ import annotations

import random

import pytest

from modelguard.readers.decode import runs
from modelguard.readers.decode.runs import BASE64, HEX, run_around

BREAKS = [
    b"\n",
    b"\r\n",
    b"\\n",
    b"\\n\n",
    b'\\n",\n    "',
    b'",\n  "',
    b"' +\n'",
    b"\n# ",
    b"\\\n",
    b"\n\t",
    b"\\r\\n",
]
TAILS = [b"", b"\n", b"=", b"==\n", b'"', b"<", b".", b" and more", b"\\n", b"/"]


def wrapped(noise: random.Random) -> bytes:
    """Encoded lines, most of one length, with what commonly stands around them, and now and then with what does not."""
    alphabet, size = noise.choice((BASE64, HEX)), noise.choice((15, 16, 60, 76))
    usual = noise.choice(BREAKS)
    text = noise.choice((b"", b"x = '", b"\n", b'{"a": "'))
    for _ in range(noise.randint(1, 12)):
        longer = noise.choice((0, 0, 0, 0, 0, 0, 0, 0, 0, 1, -1, -9))
        line = bytes(noise.choices(alphabet, k=size + longer))
        if not noise.randrange(9):
            line = line[:5] + b"\\/" + line[5:]
        text += line + (usual if noise.randrange(12) else noise.choice(BREAKS))
    return text + bytes(noise.choices(alphabet, k=noise.randint(0, size + 2))) + noise.choice(TAILS)


@pytest.mark.parametrize("seed", range(40))
def test_lines_that_are_alike_are_those_that_would_be_found_one_by_one(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    noise = random.Random(seed)
    asked = []
    for _ in range(50):
        text = wrapped(noise)
        at, alphabet = noise.randint(1, len(text)), noise.choice((BASE64, HEX))
        low, high = noise.choice((0, 0, at // 2)), noise.choice((len(text), len(text), (at + len(text)) // 2))
        asked.append((text, at, alphabet, low, max(at, high)))
    quick = [run_around(*each) for each in asked]
    monkeypatch.setattr(runs, "_alike", lambda *arguments: [])
    assert [run_around(*each) for each in asked] == quick


def test_a_picture_of_many_lines_is_one_run() -> None:
    lines = [bytes(random.Random(number).choices(BASE64, k=76)) for number in range(5000)]
    text = b'"' + b"\\n".join(lines) + b'"'
    run = run_around(text, 40, BASE64, 0, len(text))
    assert run.joined(text) == b"".join(lines) and len(run.pieces) == 5000
