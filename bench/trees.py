"""The trees: installed packages copied out of an environment, their source, and notebooks made from it."""

from __future__ import annotations

import base64
import json
import random
import shutil
import subprocess
import sys
from pathlib import Path

PACKAGES = "numpy scipy pandas pyarrow scikit-learn matplotlib sympy transformers jupyterlab datasets babel".split()
_NOTEBOOKS = 1500
_CELLS = 12


def found_trees(work: Path, named: dict[str, str]) -> dict[str, Path]:
    """The named folders, or our own trees, made where they are not there yet."""
    if named:
        return {name: Path(path) for name, path in named.items()}
    return {"packages": _packages(work), "source": _source(work), "notebooks": _notebooks(work)}


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


def _packages(work: Path) -> Path:
    tree = work / "packages"
    if not tree.exists():
        home = work / "environment"
        subprocess.run([sys.executable, "-m", "venv", home], check=True)
        subprocess.run([home / "bin/pip", "install", "--quiet", *PACKAGES], check=True)
        (installed,) = home.glob("lib/*/site-packages")
        shutil.copytree(installed, tree, symlinks=True)
    return tree


def _source(work: Path) -> Path:
    tree = work / "source"
    if not tree.exists():
        packages = _packages(work)
        for path in packages.rglob("*.py"):
            if path.is_relative_to(packages / "sympy") or path.is_relative_to(packages / "transformers"):
                target = tree / path.relative_to(packages)
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(path, target)
    return tree


def _notebooks(work: Path) -> Path:
    """Notebooks with code cells, text outputs and images, as they are saved."""
    tree = work / "notebooks"
    if not tree.exists():
        tree.mkdir()
        noise = random.Random(2)
        sources = sorted(_source(work).rglob("*.py"))
        for number in range(_NOTEBOOKS):
            lines = sources[number % len(sources)].read_text(errors="replace").splitlines(keepends=True)
            cells = [_cell(lines[at * 20 : at * 20 + 20], noise) for at in range(_CELLS)]
            notebook = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
            (tree / f"{number}.ipynb").write_text(json.dumps(notebook, indent=1))
    return tree


def _cell(lines: list[str], noise: random.Random) -> dict[str, object]:
    image = base64.b64encode(noise.randbytes(6000)).decode() if noise.random() < 0.3 else None
    outputs: list[dict[str, object]] = [{"output_type": "stream", "name": "stdout", "text": lines}]
    if image:
        outputs.append({"output_type": "display_data", "data": {"image/png": image}, "metadata": {}})
    return {"cell_type": "code", "execution_count": 1, "metadata": {}, "source": lines, "outputs": outputs}
