"""Names that are not UTF-8, hold control characters, or look like something else: every report names them, and none acts."""

from __future__ import annotations

import json
import os
from pathlib import Path

import jsonschema
import pytest

from tests.cli.program import ROOT, Program

NAMES = {
    b"caf\xe9.py": r"caf\xe9.py",
    b"\xff\xfe": r"\xff\xfe",
    b"a\nb\x1b[31m.py": "a\nb\x1b[31m.py",
    b"::error::x.py": "::error::x.py",
    b"-rf": "-rf",
    b" blank ": " blank ",
    b"%s{0}[bold]": "%s{0}[bold]",
    "Größe-数据.py".encode(): "Größe-数据.py",
    "\u202ecod.exe".encode(): "\u202ecod.exe",
    b"back\\slash": "back\\slash",
    b"quote\"'`$(touch x)": "quote\"'`$(touch x)",
    b"x" * 255: "x" * 255,
}


@pytest.fixture
def named(program: Program, token: str) -> Program:
    (program.home / "in").mkdir()
    for name in NAMES:
        with open(os.fsencode(program.home / "in") + b"/" + name, "w") as file:
            file.write(f'login("{token}")\n')
    return program


def test_json_and_sarif_name_them_all(named: Program) -> None:
    done = named(
        "scan", "in", "--output", "json=out.json", "--output", "sarif=out.sarif", "--output", "jsonl=out.jsonl"
    )
    assert done.returncode == 1
    found = json.loads((named.home / "out.json").read_text("utf-8"))["findings"]
    assert {finding["path"] for finding in found} == {f"in/{shown}" for shown in NAMES.values()}
    log = json.loads((named.home / "out.sarif").read_text("utf-8"))
    jsonschema.validate(log, json.loads((ROOT / "tests/data/sarif-schema-2.1.0.json").read_text("utf-8")))
    assert len(log["runs"][0]["results"]) == len(NAMES)
    assert len((named.home / "out.jsonl").read_text("utf-8").splitlines()) == len(NAMES) + 1


def test_at_a_terminal_none_acts(named: Program) -> None:
    done = named("scan", "in", "-v")
    assert done.returncode == 1
    assert not {char for char in done.stdout if char != "\n" and not char.isprintable()}
    assert not any(line.lstrip().startswith("::") for line in done.stdout.splitlines())
    for shown in (r"caf\xe9.py", r"\xff\xfe", r"a\nb\x1b[31m.py", r"\u202ecod.exe", "Größe-数据.py"):
        assert f"in/{shown}\n" in done.stdout


def test_they_can_be_named_one_by_one(named: Program) -> None:
    for name, shown in NAMES.items():
        result = json.loads(named("scan", "--format", "json", "--", os.fsdecode(b"in/" + name)).stdout)
        assert [finding["path"] for finding in result["findings"]] == [f"in/{shown}"]


def test_they_can_be_missing(program: Program) -> None:
    for name in (b"caf\xe9.py", b"a\nb\x1b[31m.py"):
        done = program("scan", "--output", "json=out.json", os.fsdecode(name))
        assert done.returncode == 2
        assert "Traceback" not in done.stderr
        assert "\x1b" not in done.stdout
        (gap,) = json.loads((program.home / "out.json").read_text("utf-8"))["gaps"]
        assert (gap["path"], gap["reason"]) == (NAMES[name], "missing")


def test_an_empty_folder_of_such_a_name(program: Program) -> None:
    for name, shown in ((b"caf\xe9", r"caf\xe9"), (b"a\n\x1b[31m", "a\n\x1b[31m")):
        os.mkdir(os.fsencode(program.home) + b"/" + name)
        done = program("scan", "--output", "json=out.json", os.fsdecode(name))
        assert done.returncode == 2
        assert "\x1b" not in done.stdout
        assert "nothing-to-scan" in done.stdout
        document = json.loads((program.home / "out.json").read_bytes())
        assert [gap["path"] for gap in document["gaps"]] == document["targets"] == [shown]


def test_a_baseline_of_such_names_is_read_back(named: Program) -> None:
    assert named("baseline", "create", "in").returncode == 0
    result = named.result("in", "--baseline", ".modelguard-baseline.json")
    assert (result["exit_status"], result["notices"]) == (0, [])
    audit = named("baseline", "audit")
    assert audit.stdout.count("\n") == len(NAMES)
    assert "\x1b" not in audit.stdout


def test_a_folder_whose_name_is_not_utf8_can_be_scanned_from_inside(
    program: Program, token: str, tmp_path: Path
) -> None:
    folder = os.fsencode(tmp_path) + b"/caf\xe9"
    os.mkdir(folder)
    with open(folder + b"/a.py", "w") as file:
        file.write(token)
    done = program("scan", ".", cwd=folder)
    assert (done.returncode, done.stderr) == (1, "")
    assert "a.py:1:1" in done.stdout
