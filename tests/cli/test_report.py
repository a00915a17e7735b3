"""`modelguard report FILE`: an earlier result in another format is what the scan itself would have written."""

from __future__ import annotations

import json

import pytest

from modelguard.reports import FORMATS
from tests.cli.program import Program

LINK = "https://host.test/owner/repo/blob/main"


@pytest.fixture
def scanned(program: Program, token: str) -> Program:
    (program.home / "leak.py").write_text(f'login("{token}")\n')
    outputs = [part for form in FORMATS for part in ("--output", f"{form}=out.{form}")]
    done = program("scan", ".", "missing", *outputs, "--link", LINK)
    assert (done.returncode, done.stderr) == (1, "")
    assert (program.home / "out.terminal").read_text() == done.stdout
    return program


@pytest.mark.parametrize("form", FORMATS)
def test_every_format_is_the_scans_own(scanned: Program, form: str) -> None:
    done = scanned("report", "out.json", "--format", form, "--link", LINK)
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout == (scanned.home / f"out.{form}").read_text()
    assert "leak.py" in done.stdout and "hf-user-token" in done.stdout and "missing" in done.stdout


def test_a_link_is_a_web_address(scanned: Program) -> None:
    assert f"]({LINK}/leak.py?plain=1#L1)" in (scanned.home / "out.markdown").read_text()
    done = scanned("report", "out.json", "--format", "markdown", "--link", "javascript:alert(1)")
    assert (done.returncode, done.stdout, "https://" in done.stderr) == (2, "", True)


def test_the_status_is_that_of_the_scan(program: Program) -> None:
    for target, status in ((".", 0), ("missing", 2)):
        (program.home / "a.py").write_text("x = 1\n")
        assert program("scan", target, "--output", "json=result.json").returncode == status
        assert program("report", "result.json").returncode == status


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (b"", "not JSON"),
        (b"{}", "schema is not there"),
        (b'{"schema": "other/1"}', "not a modelguard/1 result"),
        (b"\xff\xfe", "not UTF-8"),
        (b"[" * 100_000, "not JSON"),
        (b'{"schema": "modelguard/1", "targets": 3}', "targets"),
    ],
)
def test_what_is_no_result_is_refused(program: Program, content: bytes, word: str) -> None:
    (program.home / "result.json").write_bytes(content)
    done = program("report", "result.json")
    assert (done.returncode, done.stdout) == (2, "")
    assert word in done.stderr
    assert "Traceback" not in done.stderr


def test_a_result_that_is_missing_or_of_an_unknown_format(scanned: Program) -> None:
    done = scanned("report", "missing.json")
    assert (done.returncode, "No such file" in done.stderr) == (2, True)
    done = scanned("report", "out.json", "--format", "pdf")
    assert (done.returncode, "sarif" in done.stderr) == (2, True)


def test_a_result_tampered_with_does_not_act_on_a_terminal(scanned: Program) -> None:
    document = json.loads((scanned.home / "out.json").read_text())
    document["findings"][0]["title"] = "\x1b]0;owned\x07\n::error::owned"
    (scanned.home / "out.json").write_text(json.dumps(document))
    done = scanned("report", "out.json")
    assert done.returncode == 1
    assert "\\x1b]0;owned" in done.stdout
    assert not set(done.stdout) & {"\x1b", "\x07"}
    assert not any(line.lstrip().startswith("::") for line in done.stdout.splitlines())
