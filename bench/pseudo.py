"""Text that looks like source and its changes, with no secret in it; always the same, so that histories are, too."""

from __future__ import annotations

import random
from collections.abc import Iterator

from repository import commit

_BLOB_BYTES = 18_000  # about what a file holds
_FILE_VERSIONS = 110  # how often a file changes, about
_CHANGED = 5  # files in a commit
_FEWEST = 20  # files
_LINES = (40, 600)
_FOLDER = 40  # files in it
_FIRST_SECOND = 1_500_000_000
_WORDS = """
model layer token tokenizer config batch hidden attention weights loss optimizer scheduler device dtype shape index
key value cache path name client request response session user api url header timeout retry logger result error
dataset split column row feature label schema reader writer buffer stream chunk offset length size count total step
epoch metric score threshold mask padding vocab embedding encoder decoder pipeline checkpoint revision branch commit
""".split()
_FORMS = (
    "    {a}_{b} = self.{c}({d}, {b}_{a}={n})\n",
    "    {a} = {b}.{c}_{d}[{n}:]\n",
    "    if {a}_{b} is None or {c} > {n}:\n",
    '        raise ValueError(f"{a} of {b} has to be {c}, not {{{d}}}")\n',
    "    return {a}_{b}.{c}({d})\n",
    "def {a}_{b}({c}: {d}, {d}_{c}: int = {n}) -> {a}:\n",
    '    """The {a} of the {b}, with {c} and {d} where there is a {a}_{c}."""\n',
    "    # {a} and {b} are {c} here, see {d} in #{n}\n",
    '    "{a}-{b}": "https://example.com/{c}/{d}/{n}",\n',
    "    # {h}: {a} of {b} is {c}\n",
    "from {a}.{b} import {c}, {d}\n",
    "    for {a}, {b} in enumerate({c}.{d}):\n",
    "\n",
)


def commits(size: int) -> Iterator[bytes]:
    """A `git fast-import` stream: a first commit with all files, and then changes, until blobs hold `size` bytes.

    The number of files grows with `size`, as projects do; each is rewritten about equally often.
    """
    noise = random.Random(3)
    count = max(_FEWEST, size // (_BLOB_BYTES * _FILE_VERSIONS))
    files = {_name(number): _lines(noise, noise.randint(*_LINES)) for number in range(count)}
    changed, written, second = list(files), 0, _FIRST_SECOND
    while written < size:
        texts = [(name.encode(), "".join(files[name]).encode()) for name in changed]
        written += sum(len(text) for _, text in texts)
        second += 600
        yield from commit(b"refs/heads/main", second, texts)
        changed = noise.sample(sorted(files), _CHANGED)
        for name in changed:
            _edit(files[name], noise)


def text(seed: int, lines: int) -> str:
    """One file."""
    return "".join(_lines(random.Random(seed), lines))


def _name(number: int) -> str:
    return f"{_WORDS[number // _FOLDER % len(_WORDS)]}_{number // _FOLDER}/{_WORDS[number % len(_WORDS)]}_{number}.py"


def _edit(lines: list[str], noise: random.Random) -> None:
    """A few lines are changed, and at one place some go and others come."""
    for _ in range(noise.randint(1, 16)):
        lines[noise.randrange(len(lines))] = _line(noise)
    at = noise.randrange(len(lines))
    lines[at : at + noise.randint(0, 5)] = _lines(noise, noise.randint(1, 5))


def _lines(noise: random.Random, count: int) -> list[str]:
    return [_line(noise) for _ in range(count)]


def _line(noise: random.Random) -> str:
    a, b, c, d = noise.choices(_WORDS, k=4)
    number = noise.randrange(10_000)
    return noise.choice(_FORMS).format(a=a, b=b, c=c, d=d, n=number, h=f"{noise.getrandbits(64):016x}")
