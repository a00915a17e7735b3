"""The image's recipe, as far as it can be held without building it: what linters say, who runs, and what goes in."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.cli.program import ROOT

LINES = [
    line for line in (ROOT / "Dockerfile").read_text().replace("\\\n", " ").splitlines() if line[:1] not in ("", "#")
]
HADOLINT = shutil.which("hadolint", path=str(Path(sys.executable).parent))


def arguments(instruction: str) -> list[str]:
    return [line.partition(" ")[2].strip() for line in LINES if line.partition(" ")[0] == instruction]


@pytest.mark.skipif(HADOLINT is None, reason="hadolint has wheels for Linux on x86-64 only")
def test_a_linter_has_nothing_to_say() -> None:
    done = subprocess.run([str(HADOLINT), str(ROOT / "Dockerfile")], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")


def test_it_is_built_in_one_stage_and_run_in_another() -> None:
    bases = [base.split()[0] for base in arguments("FROM")]
    assert len(bases) == 2 and len(set(bases)) == 1
    assert re.fullmatch(r"python:3\.\d+-slim-[a-z]+", bases[0]), "a tag that names a version, and no 'latest'"
    second = LINES[max(number for number, line in enumerate(LINES) if line.startswith("FROM")) :]
    assert not any(line.startswith(("COPY", "ADD")) for line in second), "no source, no build tool"


def test_nobody_is_root() -> None:
    assert arguments("USER") == ["10001"]
    assert LINES.index("USER 10001") < LINES.index('ENTRYPOINT ["modelguard"]')
    assert arguments("CMD") == ['["scan", "."]']


def test_what_goes_in_is_enough_for_the_wheel(tmp_path: Path) -> None:
    rules = [line for line in (ROOT / ".dockerignore").read_text().splitlines() if line and not line.startswith("#")]
    assert rules[0] == "*", "what is not named stays out"
    named = [rule[1:] for rule in rules if rule.startswith("!")]
    left_out = [rule for rule in rules[1:] if not rule.startswith("!")]
    assert left_out == ["**/__pycache__", "modelguard/rules/prepared.jsonl"]
    source = tmp_path / "source"
    source.mkdir()
    for name in named:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__", "prepared.jsonl"))
        else:
            shutil.copy(ROOT / name, source / name)
    (build,) = [line for line in arguments("RUN") if "pip wheel" in line]
    assert build.endswith("--wheel-dir /wheels .")
    options = ["--no-deps", "--no-build-isolation", "--quiet", "--disable-pip-version-check"]
    command = [sys.executable, "-m", "pip", "wheel", str(source), *options, "--wheel-dir", str(tmp_path / "wheels")]
    subprocess.run(command, check=True, timeout=300)
    (wheel,) = (tmp_path / "wheels").glob("modelguard_scanner-*.whl")
    assert "modelguard/rules/prepared.jsonl" in zipfile.ZipFile(wheel).namelist()
