"""The trees: installed packages copied out of an environment, their source, and notebooks made from it."""

from __future__ import annotations

import base64
import json
import random
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

PACKAGES = "numpy scipy pandas pyarrow scikit-learn matplotlib sympy transformers jupyterlab datasets babel".split()
_NOTEBOOKS = 1500
_CELLS = 12


def found_trees(work: Path, wanted: Sequence[str], named: Mapping[str, str]) -> dict[str, Path]:
    """The trees that are wanted: the named folders, or our own, made where they are not there yet.

    Where nothing is wanted in particular, it is what is named, or else every tree of our own.
    """
    found: dict[str, Path] = {}
    for name in wanted or list(named) or list(MAKERS):
        if name not in named and name not in MAKERS:
            raise SystemExit(f"there is no tree {name!r}; known: {', '.join(MAKERS)}, or name one with --tree")
        found[name] = Path(named[name]).absolute() if name in named else MAKERS[name](work)
        if not found[name].exists():
            raise SystemExit(f"{found[name]}: there is no such tree")
    return found


def large_file(work: Path) -> Path:
    """A file of 5 GB, random for the first 64 MB and at its end, nothing between."""
    path = work / "large.bin"
    if not path.exists():
        noise = random.Random(1)
        with open(path, "wb") as file:
            for _ in range(16):
                file.write(noise.randbytes(4 << 20))
            file.seek((5 << 30) - (4 << 20))
            file.write(noise.randbytes(4 << 20))
    return path


def made(tree: Path, fill: Callable[[Path], None]) -> Path:
    """`tree`, filled aside and then renamed, so that what is there is whole."""
    if not tree.exists():
        part = tree.with_name(tree.name + ".part")
        shutil.rmtree(part, ignore_errors=True)
        fill(part)
        part.rename(tree)
    return tree


def _packages(work: Path) -> Path:
    def fill(part: Path) -> None:
        home = work / "environment"
        subprocess.run([sys.executable, "-m", "venv", home], check=True)
        subprocess.run([home / "bin/pip", "install", "--quiet", *PACKAGES], check=True)
        (installed,) = home.glob("lib/*/site-packages")  # a name that our default exclusions leave out
        shutil.copytree(installed, part, symlinks=True)

    return made(work / "packages", fill)


def _source(work: Path) -> Path:
    def fill(part: Path) -> None:
        packages = _packages(work)
        for folder in ("sympy", "transformers"):
            for path in (packages / folder).rglob("*.py"):
                target = part / path.relative_to(packages)
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(path, target)

    return made(work / "source", fill)


def _notebooks(work: Path) -> Path:
    return made(work / "notebooks", lambda part: write_notebooks(part, _source(work), _NOTEBOOKS))


def write_notebooks(folder: Path, source: Path, count: int) -> None:
    """`count` notebooks with code, text outputs and images, as they are saved; always the same for the same source."""
    folder.mkdir()
    noise = random.Random(2)
    sources = sorted(source.rglob("*.py"))
    for number in range(count):
        lines = sources[number % len(sources)].read_text(errors="replace").splitlines(keepends=True)
        cells = [_cell(lines[at * 20 : at * 20 + 20], noise) for at in range(_CELLS)]
        notebook = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
        (folder / f"{number}.ipynb").write_text(json.dumps(notebook, indent=1))


def _cell(lines: list[str], noise: random.Random) -> dict[str, object]:
    image = base64.b64encode(noise.randbytes(6000)).decode() if noise.random() < 0.3 else None
    outputs: list[dict[str, object]] = [{"output_type": "stream", "name": "stdout", "text": lines}]
    if image:
        outputs.append({"output_type": "display_data", "data": {"image/png": image}, "metadata": {}})
    return {"cell_type": "code", "execution_count": 1, "metadata": {}, "source": lines, "outputs": outputs}


MAKERS: dict[str, Callable[[Path], Path]] = {"packages": _packages, "source": _source, "notebooks": _notebooks}
