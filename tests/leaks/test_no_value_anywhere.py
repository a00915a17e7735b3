"""No planted value in any output, log, traceback, cache, baseline or temporary file, at the most talkative level."""

from __future__ import annotations

import base64
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from modelguard.reports import FORMATS
from modelguard.rules.templates import expand
from tests.cli.program import Program

PLANTS = {
    "token": "hf_<alnum:34>",
    "github": "ghp_<base62crc:30>",
    "password": "<alnum:16>",
    "url": "<alnum:20>",
    "card": "<luhn:453202:16>",
    "key": "<pem:4>",
}
LINES = {
    "token": 'login("{}")',
    "github": "GITHUB_TOKEN={}",
    "password": 'db_password = "{}"',
    "url": "https://someone:{}@files.company.test/x",
    "card": "card number: {}",
    "key": "-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----",
}

BROKEN = """
import sys
import modelguard.detectors.patterns as patterns
judged = patterns.judge
def judge(rule, span, text, path, remembered):
    raise ValueError(f"cannot judge {text!r}")
patterns.judge = judge
if sys.argv[1] == "edge":
    import modelguard.pipeline
    def run(*args, **options):
        raise ValueError(open("plants.txt").read())
    modelguard.pipeline.run = run
from modelguard.commands.edge import main
main(sys.argv[2:])
"""


@pytest.fixture
def planted(program: Program) -> dict[str, str]:
    values = {name: expand(template) for name, template in PLANTS.items()}
    text = "".join(LINES[name].format(value) + "\n" for name, value in values.items())
    (program.home / "plants.txt").write_text(text)
    (program.home / "plants-16.txt").write_text(text, encoding="utf-16")
    (program.home / "plants.env").write_text(text)
    (program.home / "plants.json").write_text(f'{{"text": {text!r}}}'.replace("'", '"'))
    return values


def forms(value: str) -> Iterator[bytes]:
    """The value as it could be written: itself, its parts, and what encodings make of it."""
    raw = value.encode()
    for start in range(8 if "_" in value[:8] else 0, len(raw) - 11):  # a vendor's prefix may be shown
        yield raw[start : start + 12]
    yield base64.b64encode(raw).rstrip(b"=")[:-1]
    yield raw.hex().encode()
    yield raw[::-1]


def leaked(values: dict[str, str], *texts: bytes) -> set[str]:
    return {name for name, value in values.items() for form in forms(value) if any(form in text for text in texts)}


def written(program: Program) -> list[bytes]:
    """Everything on disk but what was planted."""
    places = [*program.home.rglob("*"), *program.cache.rglob("*")]
    return [path.read_bytes() for path in places if path.is_file() and not path.name.startswith("plants")]


def test_the_test_can_see_a_leak(program: Program, planted: dict[str, str]) -> None:
    for value in planted.values():
        assert leaked(planted, b"x" + value.encode())
    assert leaked(planted, (program.home / "plants.txt").read_bytes()) == set(PLANTS)


@pytest.mark.parametrize("form", FORMATS)
def test_no_value_in_any_report(program: Program, planted: dict[str, str], form: str) -> None:
    done = program("scan", ".", "-v", "--format", form, "--output", f"{form}=report.out", env={"PYTHONVERBOSE": ""})
    assert done.returncode == 1
    for name in ("hf-user-token", "github-pat", "private-key-pem", "payment-card"):
        assert name in done.stdout
    assert leaked(planted, done.stdout.encode(), done.stderr.encode(), *written(program)) == set()


def test_no_value_in_a_baseline_or_a_second_report(program: Program, planted: dict[str, str]) -> None:
    said: list[Any] = [
        program("baseline", "create", "."),
        program("baseline", "audit"),
        program("baseline", "update", "."),
        program("scan", ".", "-v", "--baseline", ".modelguard-baseline.json", "--output", "json=out.json"),
        program("report", "out.json", "-v"),
        program("report", "plants.json"),
        program("scan", ".", "--baseline", "plants.txt"),
        program("scan", ".", "--config", "plants.txt"),
        program("rules", "check", "plants.txt"),
        program("scan", ".", "--with", "detect-secrets", "-v"),
    ]
    assert (program.home / ".modelguard-baseline.json").exists()
    outputs = [text.encode() for done in said for text in (done.stdout, done.stderr)]
    assert not any(b"Traceback" in text for text in outputs)
    assert leaked(planted, *outputs, *written(program)) == set()


@pytest.mark.parametrize("where", ["blob", "edge"])
def test_no_value_in_a_crash(program: Program, planted: dict[str, str], where: str) -> None:
    command = [program.command()[0], "-c", BROKEN, where, "scan", ".", "-v"]
    done = subprocess.run(command, cwd=program.home, env=program.environment(), capture_output=True, check=False)
    assert done.returncode == 2
    assert b"ValueError" in done.stdout + done.stderr
    assert leaked(planted, done.stdout, done.stderr, *written(program)) == set()


def test_temporary_files_hold_no_value(program: Program, planted: dict[str, str], tmp_path: Path) -> None:
    folder = tmp_path / "tmp"
    folder.mkdir()
    program("scan", ".", "--jobs", "2", env={"TMPDIR": str(folder)})
    assert leaked(planted, *(path.read_bytes() for path in folder.rglob("*") if path.is_file())) == set()
