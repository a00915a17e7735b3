"""`modelguard run --guard-hub`: a program and the Pythons that it starts, beside the stand-in."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from modelguard.rules.templates import expand
from tests.tools.hub import Hub
from tests.tools.hub.commands import Commands

SEND = "import huggingface_hub as h; h.upload_file(path_or_fileobj='{path}', path_in_repo='x.txt', repo_id='org/model')"
HF = Path(sys.executable).with_name("hf")
RUN = ("run", "--guard-hub", "--")


@pytest.fixture
def hub(hub: Hub) -> Hub:
    hub.add("model", "org/model")
    return hub


@pytest.fixture
def secret() -> str:
    return expand("hf_<alnum:34>", 78)


@pytest.fixture
def run(hub: Hub, tmp_path: Path, shared_cache: Path, secret: str) -> Commands:
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "clean.txt").write_text("clean\n")
    (tmp_path / "files" / "leak.txt").write_text(f"{secret}\n")
    return Commands.beside(hub, tmp_path, shared_cache)


def programs(path: str) -> dict[str, list[str]]:
    """Ways to have a Python upload a file."""
    send = SEND.format(path=path)
    (script := "import subprocess, sys; sys.exit(subprocess.call([sys.executable, '-c', sys.argv[1]]))")
    spawn = (
        "import multiprocessing as m, os\n"
        f"def work():\n    {send}\n"
        "if __name__ == '__main__':\n"
        "    p = m.get_context('spawn').Process(target=work); p.start(); p.join(); os._exit(p.exitcode)\n"
    )
    Path("spawned.py").write_text(spawn)
    Path("script.py").write_text(send)
    Path("script.py").chmod(0o755)
    Path("own.sh").write_text(f'#!/bin/sh\nexec "{sys.executable}" script.py\n')
    Path("own.sh").chmod(0o755)
    return {
        "-c": [sys.executable, "-c", send],
        "script": [sys.executable, "script.py"],
        "-m": [sys.executable, "-m", "script"],
        "hf": [str(HF), "upload", "org/model", path, "x.txt"],
        "subprocess": [sys.executable, "-c", script, send],
        "spawn": [sys.executable, "spawned.py"],
        "shell": ["./own.sh"],
    }


@pytest.mark.parametrize("way", ["-c", "script", "-m", "hf", "subprocess", "spawn", "shell"])
def test_a_leak_is_stopped_and_what_is_clean_is_sent(
    run: Commands, monkeypatch: pytest.MonkeyPatch, secret: str, way: str
) -> None:
    monkeypatch.chdir(run.home)
    stopped = run(*RUN, *programs("files/leak.txt")[way])
    assert stopped.returncode == 1, stopped.stderr
    assert "files/leak.txt:1:1" in stopped.stderr + stopped.stdout and secret not in stopped.stderr + stopped.stdout
    assert run.hub.record.asked("preupload|/commit/") == [] and run.hub.record.holding(secret.encode()) == []
    sent = run(*RUN, *programs("files/clean.txt")[way])
    assert sent.returncode == 0, sent.stderr
    assert list(run.hub.repositories["model", "org/model"].refs["refs/heads/main"].files) == ["x.txt"]


def test_a_warning_lets_it_by(run: Commands, secret: str) -> None:
    done = run("run", "--guard-hub", "--warn", "--", sys.executable, "-c", SEND.format(path="files/leak.txt"))
    assert done.returncode == 0 and "modelguard: warning: 1 leak" in done.stderr and secret not in done.stderr
    assert run.hub.record.holding(secret.encode())


def test_a_program_is_as_it_would_be_without_the_guard(run: Commands) -> None:
    (run.home / "theirs").mkdir()
    (run.home / "theirs" / "sitecustomize.py").write_text("import sys; sys.told_by_theirs = __file__\n")
    code = """
        import sys
        import sitecustomize
        print(sys.told_by_theirs == sitecustomize.__file__, [each for each in sys.path if "startup" in each])
        print("huggingface_hub" in sys.modules, [each for each in sys.modules if each.startswith("modelguard.")])
        sys.exit(7)
    """
    paths = f"{run.home / 'theirs'}"
    import os
    import textwrap

    paths = os.pathsep.join(filter(None, [paths, os.environ.get("PYTHONPATH", "")]))
    done = run(*RUN, sys.executable, "-c", textwrap.dedent(code), PYTHONPATH=paths)
    assert (done.returncode, done.stdout.split("\n")[:2]) == (7, ["True []", "False []"]), done.stderr


@pytest.mark.parametrize(
    "start",
    [
        "subprocess.run([sys.executable, '-I', '-c', 'print(1)'])",
        "subprocess.run([sys.executable, '-c', 'print(1)'], env={'PATH': os.environ['PATH']})",
        "os.execv(sys.executable, ['python', '-E', '-c', 'print(1)'])",
        "os.posix_spawn(sys.executable, ['python', '-S', '-c', 'print(1)'], os.environ)",
        f"subprocess.run(['{HF}', 'version'], env={{}})",
        f"os.environ['PATH'] = '{HF.parent}'; subprocess.run(['hf', 'version'], env={{}})",
    ],
)
def test_a_python_that_would_not_see_the_guard_is_not_started(run: Commands, start: str) -> None:
    done = run(*RUN, sys.executable, "-c", f"import os, subprocess, sys; {start}")
    assert done.returncode == 1 and done.stdout == ""
    assert "PermissionError: modelguard run --guard-hub: a Python with" in done.stderr


def test_other_programs_are_started_as_ever(run: Commands) -> None:
    code = (
        "import subprocess; print(subprocess.run(['sh', '-c', 'echo $X'], env={'X': 'y'}, capture_output=True).stdout)"
    )
    done = run(*RUN, sys.executable, "-c", code)
    assert (done.returncode, done.stdout) == (0, "b'y\\n'\n"), done.stderr


def test_where_there_is_no_modelguard_there_is_no_client(run: Commands) -> None:
    (run.home / "hiding").mkdir()
    (run.home / "hiding" / "msgspec.py").write_text("raise ModuleNotFoundError('gone', name='msgspec')\n")
    code = "import sys; sys.path.insert(0, 'hiding'); import huggingface_hub"
    done = run(*RUN, sys.executable, "-c", code)
    assert done.returncode == 1
    assert "has no modelguard that works (msgspec), so it may not use huggingface_hub" in done.stderr


def test_what_cannot_be_guarded_is_refused(run: Commands) -> None:
    for words in (
        ("run", "--", "true"),
        ("run", "--guard-hub"),
        (*RUN, "no-such-program"),
        (*RUN, sys.executable, "-I", "x"),
    ):
        done = run(*words)
        assert done.returncode == 2 and done.stderr.startswith("modelguard: "), words
