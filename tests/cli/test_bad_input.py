"""Whatever is wrong with the input: a clear message with a remedy, the right exit status, no traceback, no half report."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.cli.program import Program

AS_NOBODY = """
import os, sys
import modelguard.pipeline, modelguard.commands.edge, modelguard.commands.scan, modelguard.commands.output
import modelguard.commands.stream, modelguard.commands.progress, modelguard.engine.choose, modelguard.engine.fast
import modelguard.reports.as_json, modelguard.reports.terminal, modelguard.sources.filesystem, modelguard.redact.seal
import modelguard.detectors.checks, modelguard.detectors.overlap, modelguard.verdict.inline, modelguard.readers.lines
import modelguard.reports.terminal_page, modelguard.sources.git_ignored, rich.cells, multiprocessing.connection
from modelguard.rules.prepared import builtin_rules
rules = builtin_rules()
import modelguard.pipeline
modelguard.pipeline.builtin_rules = lambda: rules
if os.getuid() == 0:
    os.setgroups([]); os.setgid(65534); os.setuid(65534)
modelguard.commands.edge.main(sys.argv[1:])
"""
"""Everything is imported before root is given up, since the interpreter may lie where only root can read."""


def as_nobody(program: Program, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the program as a user who may not read everything."""
    environment = {**program.environment(), "MODELGUARD_CACHE_DIR": "/nonexistent"}
    command = [sys.executable, "-c", AS_NOBODY, *arguments]
    return subprocess.run(
        command, cwd=program.home, env=environment, capture_output=True, text=True, timeout=60, check=False
    )


@pytest.fixture
def open_home(program: Program, tmp_path: Path) -> Program:
    """A program whose home everybody may enter."""
    for folder in (program.home, *program.home.parents):
        if folder.is_relative_to(tmp_path.parent.parent):
            folder.chmod(0o755)
    return program


def clear(done: subprocess.CompletedProcess[str], status: int, *words: str) -> None:
    said = done.stdout + done.stderr
    assert done.returncode == status, said
    assert "Traceback" not in said
    for word in words:
        assert word in said


def test_a_file_without_permission(open_home: Program, token: str) -> None:
    secret = open_home.home / "secret.py"
    secret.write_text(token)
    secret.chmod(0)
    (open_home.home / "a.py").write_text("x = 1\n")
    clear(as_nobody(open_home, "scan", "."), 2, "secret.py", "permission denied", "scan as a user")
    (open_home.home / "leak.py").write_text(token)
    clear(as_nobody(open_home, "scan", "."), 1, "secret.py", "permission denied", "leak.py")


def test_a_folder_without_permission(open_home: Program) -> None:
    folder = open_home.home / "closed"
    folder.mkdir()
    (open_home.home / "a.py").write_text("x = 1\n")
    folder.chmod(0)
    clear(as_nobody(open_home, "scan", "."), 2, "closed", "permission denied")
    folder.chmod(0o755)


def test_a_missing_path(program: Program) -> None:
    clear(program("scan", "no/such/path"), 2, "no/such/path", "check the path")


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        (".modelguard.yaml", "fail_on: [", (".modelguard.yaml:1",)),
        (".modelguard.yaml", "exclude: [a]\nfail_onn: high\n", (".modelguard.yaml:2", "fail_onn", "Known settings")),
        (".modelguard.yaml", "jobs: many\n", (".modelguard.yaml:1", "jobs")),
        (".modelguard.yaml", "a: &a [x]\nb: *a\n", (".modelguard.yaml:1", "alias")),
        (".modelguard.yaml", "exclude: " + "[" * 3000, (".modelguard.yaml",)),
        (".modelguard.yaml", "detect_secrets_plugins: [x.py]\n", (".modelguard.yaml:1", "names code to run")),
        ("pyproject.toml", "[tool.modelguard]\nexclude = []\nfoo = 1\n", ("pyproject.toml:3", "foo")),
        ("pyproject.toml", "[tool.modelguard]\nexclude = [\n", ("pyproject.toml",)),
    ],
)
def test_a_broken_settings_file(program: Program, name: str, content: str, words: tuple[str, ...]) -> None:
    (program.home / name).write_text(content)
    (program.home / "a.py").write_text("x = 1\n")
    clear(program("scan", "a.py"), 2, *words)


def test_unknown_names(program: Program) -> None:
    (program.home / "a.py").write_text("x = 1\n")
    clear(program("scan", "a.py", "--only", "no-such-rule"), 2, "no-such-rule", "rules list")
    clear(program("scan", "a.py", "--format", "pdf"), 2, "pdf", "sarif")
    clear(program("scan", "a.py", "--fail-on", "whenever"), 2, "whenever")
    clear(program("scan", "a.py", "--with", "magic"), 2, "magic", "detect-secrets")
    clear(program("scan", "--no-such-option"), 2, "--no-such-option", "--help")
    clear(program("scan", "a.py", "--config", "missing.yaml"), 2, "missing.yaml")


@pytest.mark.parametrize(
    ("pattern", "word"),
    [("(?P<value>abc[", "not a regular expression"), ("abc(?P<value>.*)", "endless"), ("abcdef", "(?P<value>")],
)
def test_a_rule_file_with_a_bad_pattern(program: Program, pattern: str, word: str) -> None:
    (program.home / "own.yaml").write_text(
        "- id: acme-key\n  title: t\n  category: secret\n  severity: high\n  confidence: high\n"
        f"  pattern: '{pattern}'\n  preview: none\n  what: w\n  why: y\n  remedy: r\n"
    )
    (program.home / "a.py").write_text("x = 1\n")
    clear(program("scan", "a.py", "--rules", "own.yaml"), 2, "own.yaml:1", "acme-key", word)
    clear(program("rules", "check", "own.yaml"), 2, "own.yaml:1")


def test_a_malformed_baseline(program: Program) -> None:
    (program.home / "a.py").write_text("x = 1\n")
    for content in ("", "{}", "[1]", '{"schema": "modelguard-baseline/1", "entries": [{}]}', "\x00"):
        (program.home / "base.json").write_text(content)
        clear(program("scan", "a.py", "--baseline", "base.json"), 2, "base.json", "baseline create")
    clear(program("scan", "a.py", "--baseline", "missing.json"), 2, "missing.json")


def test_a_full_disk(program: Program, token: str) -> None:
    (program.home / "a.py").write_text("x = 1\n")
    with open("/dev/full", "w") as full:
        command = program.command("scan", "a.py", "--format", "json")
        done = subprocess.run(command, cwd=program.home, env=program.environment(), stdout=full, stderr=-1, check=False)
    assert (done.returncode, b"Traceback" in done.stderr) == (2, False)
    assert b"Free some space" in done.stderr
    clear(program("scan", "a.py", "--output", "json=/dev/full"), 2, "/dev/full", "Free some space")
    (program.home / "leak.py").write_text(token)
    clear(program("scan", ".", "--output", "json=/dev/full"), 1, "/dev/full")


def test_a_report_is_never_half_written(program: Program, token: str) -> None:
    for number in range(20):
        (program.home / f"{number}.py").write_text(token)
    (program.home / "out.json").write_text("before")
    limited = "import resource, signal, sys; signal.signal(signal.SIGXFSZ, signal.SIG_IGN);"
    limited += "resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000));"
    limited += "from modelguard.commands.edge import main; main(sys.argv[1:])"
    command = [sys.executable, "-c", limited, "scan", ".", "--output", "json=out.json"]
    done = subprocess.run(
        command, cwd=program.home, env=program.environment(), capture_output=True, text=True, check=False
    )
    clear(done, 1, "could not write out.json")
    assert (program.home / "out.json").read_text() == "before"
    assert not list(program.home.glob(".out.json.*"))


def test_an_interrupt_ends_everything(program: Program) -> None:
    for number in range(100):
        (program.home / f"{number}.txt").write_text("some text to read, again and again\n" * 100)
    with open(program.home / "huge.bin", "wb") as file:
        file.truncate(200 * 1024**3)
    command = program.command("scan", ".", "--output", "json=out.json", "--jobs", "2")
    child = subprocess.Popen(
        command,
        cwd=program.home,
        env=program.environment(),
        stderr=-1,
        stdout=-1,
        start_new_session=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),  # a shell's `&` ignores it
    )
    time.sleep(2)  # long enough to be in the middle; the file would take minutes
    os.killpg(child.pid, signal.SIGINT)
    out, said = child.communicate(timeout=20)
    assert child.returncode == 130, said
    assert b"Traceback" not in out + said
    assert b"interrupted" in said
    assert not (program.home / "out.json").exists()
    with pytest.raises(ProcessLookupError):
        os.killpg(child.pid, 0)


def test_a_closed_pipe(program: Program, token: str) -> None:
    for number in range(400):
        (program.home / f"{number}.py").write_text(token)
    for form in ("terminal", "jsonl", "json"):
        command = program.command("scan", ".", "--format", form)
        child = subprocess.Popen(command, cwd=program.home, env=program.environment(), stdout=-1, stderr=-1)
        assert child.stdout is not None
        assert child.stderr is not None
        child.stdout.read(1)
        child.stdout.close()
        said = child.stderr.read()
        assert (child.wait(timeout=60), said) == (1, b"")
        child.stderr.close()
