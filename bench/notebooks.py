"""A thousand notebooks as people save them: code, tables of pandas, pictures, and here and there a coloured traceback.

Everything is made up of words, so that nothing is found; the same seed makes the same files.
"""

from __future__ import annotations

import base64
import json
import random
import string
import struct
import zlib
from collections.abc import Sequence
from pathlib import Path

COUNT = 1000
_CELLS = 30
_ROWS, _COLUMNS = 10, 6
_PIXELS = 120
_RED, _GREEN, _PLAIN = "\x1b[0;31m", "\x1b[0;32m", "\x1b[0m"


def write_notebooks(folder: Path) -> float:
    """Write them into a new folder; returns how many MB they have."""
    chance = random.Random(11)
    words = ["".join(chance.choices(string.ascii_lowercase, k=chance.randint(2, 9))) for _ in range(2000)]
    folder.mkdir()
    size = 0
    for number in range(COUNT):
        is_coloured = number % 5 == 0
        cells = [_cell(chance, words, at, is_coloured) for at in range(_CELLS)]
        kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
        notebook = {"cells": cells, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}
        size += (folder / f"{number}.ipynb").write_text(json.dumps(notebook, indent=1, ensure_ascii=False))
    return size / 1e6


def _cell(chance: random.Random, words: Sequence[str], number: int, is_coloured: bool) -> dict[str, object]:
    about: dict[str, object] = {"id": f"{number:08x}", "metadata": {}}
    if number % 4 == 0:
        return {"cell_type": "markdown", **about, "source": [f"## {' '.join(chance.choices(words, k=12))}\n"]}
    outputs: list[dict[str, object]] = []
    if number % 4 == 1:
        outputs.append({"name": "stdout", "output_type": "stream", "text": _lines(chance, words, 20)})
    elif number % 4 == 2:
        table = {"text/html": _table(chance, words), "text/plain": _lines(chance, words, _ROWS)}
        outputs.append({"data": table, "execution_count": number, "metadata": {}, "output_type": "execute_result"})
    elif number % 8 == 3:
        picture = {"image/png": _picture(chance), "text/plain": ["<Figure size 640x480 with 1 Axes>"]}
        outputs.append({"data": picture, "metadata": {}, "output_type": "display_data"})
    elif is_coloured:
        shown = [f"{_GREEN}----> {at}{_PLAIN} {_RED}{line}{_PLAIN}" for at, line in enumerate(_lines(chance, words, 8))]
        outputs.append({"ename": "ValueError", "evalue": "no", "output_type": "error", "traceback": shown})
    source = [f"{chance.choice(words)} = {chance.choice(words)}({chance.random():.4f})\n" for _ in range(12)]
    return {"cell_type": "code", "execution_count": number, **about, "outputs": outputs, "source": source}


def _lines(chance: random.Random, words: Sequence[str], count: int) -> list[str]:
    return [" ".join(chance.choices(words, k=9)) + "\n" for _ in range(count)]


def _table(chance: random.Random, words: Sequence[str]) -> list[str]:
    """A table as pandas writes one for Jupyter."""
    head = [f"      <th>{chance.choice(words)}</th>\n" for _ in range(_COLUMNS)]
    lines = ["<div>\n", '<table border="1" class="dataframe">\n', "  <thead>\n", "    <tr>\n", *head, "    </tr>\n"]
    lines += ["  </thead>\n", "  <tbody>\n"]
    for row in range(_ROWS):
        cells = [f"      <td>{chance.random():.6f}</td>\n" for _ in range(_COLUMNS)]
        lines += ["    <tr>\n", f"      <th>{row}</th>\n", *cells, "    </tr>\n"]
    return [*lines, "  </tbody>\n", "</table>\n", "</div>"]


def _picture(chance: random.Random) -> str:
    """A PNG of noise, in base64."""
    rows = b"".join(b"\0" + chance.randbytes(_PIXELS) for _ in range(_PIXELS))
    size = struct.pack(">IIBBBBB", _PIXELS, _PIXELS, 8, 0, 0, 0, 0)
    chunks = ((b"IHDR", size), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    made = b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in chunks
    )
    return base64.b64encode(b"\x89PNG\r\n\x1a\n" + made).decode() + "\n"
