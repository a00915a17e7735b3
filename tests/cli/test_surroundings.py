"""Odd surroundings: closed streams, no home, a folder that is gone, a cache that cannot be used, a signal."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

from tests.cli.powers import bound_by_modes
from tests.cli.program import Program

FULL = "could not write standard output: No space left on device"
CLOSED = "could not write standard output: Bad file descriptor"


def redirected(program: Program, redirection: str, *arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
    """Run the program with a redirection of the shell's, such as `>&-`."""
    command = ["sh", "-c", f'exec "$@" {redirection}', "sh", *program.command(*arguments)]
    return subprocess.run(
        command,
        cwd=program.home,
        env={**program.environment(), **env},
        text=True,
        capture_output=True,
        timeout=60,
        check=False,
    )


@pytest.fixture
def leak(program: Program, token: str) -> Program:
    (program.home / "leak.py").write_text(f'login("{token}")\n')
    (program.home / "clean.py").write_text("x = 1\n")
    return program


@pytest.mark.parametrize(("redirection", "message"), [(">&-", CLOSED), (">/dev/full", FULL)])
@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        (("scan", "leak.py"), 1),
        (("scan", "leak.py", "--format", "jsonl"), 1),
        (("scan", "clean.py"), 2),
        (("rules", "list"), 2),
    ],
)
def test_output_that_cannot_be_written_is_said_once(
    leak: Program, redirection: str, message: str, arguments: tuple[str, ...], status: int
) -> None:
    done = redirected(leak, redirection, *arguments)
    assert done.returncode == status
    assert done.stderr.splitlines()[0] == f"modelguard: {message}"
    assert done.stderr.count("could not write") == 1
    assert "bug" not in done.stderr


def test_closed_error_output_changes_nothing(leak: Program) -> None:
    done = redirected(leak, "2>&-", "scan", ".")
    assert (done.returncode, "hf-user-token" in done.stdout) == (1, True)
    assert redirected(leak, "2>&-", "scan", "missing").returncode == 2
    assert redirected(leak, "2>&-", "scan", "--nonsense").returncode == 2


def test_closed_input_is_a_gap(leak: Program) -> None:
    done = redirected(leak, "<&-", "scan", "--stdin")
    assert done.returncode == 2
    assert "<stdin>" in done.stdout
    assert "pipe something into it" in done.stdout
    assert redirected(leak, "<&-", "scan", "leak.py").returncode == 1


def test_a_list_of_rules_that_nobody_reads_to_its_end(program: Program) -> None:
    done = redirected(program, "| head -n 1", "rules", "list")
    assert done.stdout.count("\n") == 1
    assert "modelguard:" not in done.stderr
    shown = subprocess.Popen(
        program.command("rules", "list"), cwd=program.home, env=program.environment(), stdout=-1, stderr=-1
    )
    assert shown.stdout is not None
    shown.stdout.close()
    _, said = shown.communicate(timeout=60)
    assert (shown.returncode, said) == (2, b"")  # 1 would say that there is a leak


def test_a_home_that_may_not_be_entered(leak: Program, tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0)
    done = leak("scan", "leak.py", env={"HOME": str(closed)}, **bound_by_modes())
    assert (done.returncode, done.stderr) == (1, "")


def test_own_settings_that_may_not_be_read(leak: Program) -> None:
    settings = leak.home / ".config" / "modelguard" / "settings.yaml"
    settings.parent.mkdir(parents=True)
    settings.write_text("fail_on: never\n")
    settings.chmod(0)
    done = leak("scan", "leak.py", **bound_by_modes())
    assert done.returncode == 2
    assert f"{settings}: Permission denied" in done.stderr


def test_a_current_folder_that_is_gone(leak: Program) -> None:
    gone = leak.home / "gone"
    gone.mkdir()
    command = ["sh", "-c", 'rmdir "$PWD"; exec "$@"', "sh", *leak.command("scan", ".")]
    done = subprocess.run(command, cwd=gone, env=leak.environment(), text=True, capture_output=True, check=False)
    assert done.returncode == 2
    assert "the current folder: No such file or directory" in done.stderr
    assert "Change to a folder that exists" in done.stderr


def test_the_name_of_a_folder_does_not_act_in_a_message(program: Program) -> None:
    folder = program.home / "x\x07\x1b]0;owned\x07\n::error::owned"
    folder.mkdir()
    (folder / ".modelguard.yaml").write_text("nonsense: 1\n")
    done = program("scan", ".", cwd=folder)
    assert done.returncode == 2
    assert "\\x1b]0;owned\\x07\\n::error::owned/.modelguard.yaml:1" in done.stderr
    assert not set(done.stderr) & {"\x07", "\x1b"}
    assert program("scan", "--x\n::error::owned").stderr.count("\n") == 2


@pytest.mark.parametrize("kind", ["a file", "corrupt", "closed"])
def test_a_cache_that_cannot_be_used_is_done_without(leak: Program, tmp_path: Path, kind: str) -> None:
    cache = tmp_path / "cache"
    if kind == "a file":
        cache.write_text("not a folder")
    else:
        shutil.copytree(leak.cache, cache)
        cache.chmod(0o700)
    if kind == "corrupt":
        for file in cache.glob("*.hsdb"):
            file.write_bytes(file.read_bytes()[:-100] + bytes(100))
    if kind == "closed":
        cache.chmod(0)
    environment = {"MODELGUARD_CACHE_DIR": str(cache), "MODELGUARD_NO_BACKGROUND": "1"}
    done = leak("scan", "leak.py", env=environment, **bound_by_modes())
    cache.chmod(0o700)
    assert (done.returncode, done.stderr) == (1, "")
    assert "leak.py:1:8" in done.stdout


@pytest.mark.parametrize("with_signal", [signal.SIGTERM, signal.SIGKILL])
def test_no_process_is_left_behind(program: Program, with_signal: int) -> None:
    with open(program.home / "huge.bin", "wb") as file:
        file.truncate(50 * 1024**3)
    command = program.command("scan", ".", "--jobs", "2")
    scan = subprocess.Popen(
        command, cwd=program.home, env=program.environment(), stdout=-1, stderr=-1, start_new_session=True
    )
    children = Path(f"/proc/{scan.pid}/task/{scan.pid}/children")
    wait_until(lambda: len(children.read_text().split()) >= 2)
    os.kill(scan.pid, with_signal)
    scan.communicate(timeout=20)
    assert scan.returncode == -with_signal
    wait_until(lambda: not group_lives(scan.pid))


def wait_until(holds: Any, seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.02)


def group_lives(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


def test_help_is_whole_and_no_arguments_are_wrong(program: Program) -> None:
    shown = program("--help")
    assert (shown.returncode, shown.stderr) == (0, "")
    assert "\\b" not in shown.stdout
    assert "130 interrupted" in " ".join(shown.stdout.split())
    assert "\\b" not in program("scan", "--help").stdout
    done = program()
    assert done.stdout + done.stderr != ""
    assert "Commands:" in done.stdout + done.stderr
    assert program("--version").stdout.startswith("modelguard ")
    assert program("nonsense").returncode == 2


def test_where_a_report_cannot_be_written_the_others_are(leak: Program) -> None:
    (leak.home / "folder").mkdir()
    done = leak(
        "scan", ".", "--output", "json=missing/out.json", "--output", "sarif=folder", "--output", "json=out.json"
    )
    assert done.returncode == 1
    assert "missing/out.json: No such file or directory" in done.stderr
    assert "hf-user-token" in (leak.home / "out.json").read_text()
    assert "hf-user-token" in done.stdout
    assert list((leak.home / "folder").iterdir()) == []


def test_a_report_keeps_to_the_mask_and_follows_a_link(leak: Program) -> None:
    (leak.home / "link.json").symlink_to("real.json")
    done = leak("scan", ".", "--output", "json=link.json", preexec_fn=lambda: os.umask(0o027))
    assert done.returncode == 1
    assert (leak.home / "link.json").is_symlink()
    assert (leak.home / "real.json").stat().st_mode & 0o777 == 0o640


def test_a_report_goes_through_a_pipe(leak: Program) -> None:
    os.mkfifo(leak.home / "pipe")
    with subprocess.Popen(["cat", "pipe"], cwd=leak.home, stdout=-1) as reader:
        assert leak("scan", "leak.py", "--output", "json=pipe").returncode == 1
        assert b"hf-user-token" in reader.communicate(timeout=20)[0]


def test_nothing_in_the_current_folder_is_run(leak: Program) -> None:
    """`python -m` puts that folder first; a model's repository may well hold a `queue.py` or a `yaml.py`."""
    marker = leak.home / "ran"
    for name in (
        "yaml",
        "click",
        "rich",
        "hyperscan",
        "pathspec",
        "json",
        "random",
        "queue",
        "tempfile",
        "sitecustomize",
    ):
        (leak.home / f"{name}.py").write_text(f"open({str(marker)!r}, 'w')\n")
    (leak.home / ".modelguard.yaml").write_text("fail_on: low\n")
    assert leak("scan", ".", "--exclude", "nothing").returncode == 1
    assert leak("scan", ".", "--with", "detect-secrets").returncode == 1
    assert not marker.exists()
