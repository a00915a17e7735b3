"""Real packages, pinned by version and digest: what rules say about texts that many have looked at.

They are wheels, since these are only unpacked: pip runs what is in a source archive to learn its name. Those for one
platform are pinned to Linux on x86-64 and Python 3.11, so that everybody counts in the same files.
"""

from __future__ import annotations

import hashlib
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Sequence
from pathlib import Path

from trees import made

PINNED = Path(__file__).resolve().parent / "packages.txt"
_PLATFORMS = ("manylinux_2_28_x86_64", "manylinux2014_x86_64")
_WHEELS_ONLY = (
    *("--no-deps", "--only-binary", ":all:", "--require-hashes"),
    *(part for name in _PLATFORMS for part in ("--platform", name)),
    *("--implementation", "cp", "--python-version", "3.11", "--abi", "cp311", "--abi", "abi3", "--abi", "none"),
)


def packages(work: Path, pinned: Path = PINNED) -> Path:
    """The folder with a folder for each package; another list gets another one."""
    digest = hashlib.sha256(pinned.read_bytes()).hexdigest()[:8]
    return made(work / f"pinned-{digest}", lambda part: _filled(part, pinned))


def unpack(wheels: Sequence[Path], folder: Path) -> None:
    """Each wheel into a folder that is called as it is, without its version."""
    for wheel in wheels:
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(folder / wheel.name.split("-")[0])


def _filled(part: Path, pinned: Path) -> None:
    with tempfile.TemporaryDirectory() as folder:
        pip = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*pip, *_WHEELS_ONLY, "--dest", folder, "--requirement", pinned], check=True)
        unpack(sorted(Path(folder).glob("*.whl")), part)
