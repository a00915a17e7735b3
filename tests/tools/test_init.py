"""`modelguard init` in real repositories: what it writes works, what was there stays, and each step can be undone."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import subprocess
import sys
import termios
from pathlib import Path

import pytest
import yaml

from tests.tools.repo import Repo, Tool, planted

CONFIG = ".pre-commit-config.yaml"
SETTINGS = ".modelguard.yaml"
BASELINE = ".modelguard-baseline.json"
WRITTEN = {CONFIG, ".gitignore", SETTINGS, BASELINE}
URL = "https://example.test/owner/modelguard"
HOOKS = "# our hooks\r\nrepos:\r\n-   repo: meta\r\n    hooks:\r\n    -   id: identity  # says what runs"


@pytest.fixture
def project(repo: Repo) -> Repo:
    """A project with a leak, hooks of others, and a `.gitignore` that was edited since the last commit."""
    repo.commit({"train.py": f'login("{planted()}")\n', CONFIG: HOOKS, ".gitignore": "*.pyc\n"})
    repo.write(".gitignore", "*.pyc\n/data/")
    return repo


def state(repo: Repo) -> dict[str, bytes]:
    """Every file of the work tree, but git's own."""
    names = [
        path for path in repo.path.rglob("*") if path.is_file() and ".git" not in path.relative_to(repo.path).parts
    ]
    return {path.relative_to(repo.path).as_posix(): path.read_bytes() for path in names}


def undo_commands(output: str) -> list[str]:
    lines = output.splitlines()
    at = next(number for number, line in enumerate(lines) if line.startswith("Done, in "))
    return [line.split("  ")[-1].strip() for line in lines[at + 1 :] if line.startswith("  ") and "git rm" not in line]


def test_a_dry_run_shows_everything_and_changes_nothing(project: Repo, tool: Tool) -> None:
    before, status = state(project), project.git("status", "--porcelain")
    done = tool("init", "--dry-run", "--hook-repo", URL, cwd=project.path)
    assert (done.returncode, done.stderr) == (0, "")
    for shown in (
        "+#exclude: []",
        f"+-   repo: {URL}",
        "+wandb/",
        '+      "rule": "hf-user-token",',
        f"+baseline: {BASELINE}",
    ):
        assert f"\n  {shown}\n" in done.stdout
    assert "train.py:1:8" in done.stdout and planted() not in done.stdout
    assert "identity" not in done.stdout and "/data/" not in done.stdout
    assert (state(project), project.git("status", "--porcelain")) == (before, status)
    assert not (project.path / ".git" / "modelguard-init").exists()


def test_all_of_it_works_and_a_second_run_does_nothing(project: Repo, tool: Tool) -> None:
    done = tool("init", "--yes", "--hook-repo", URL, "--hook-rev", "v9", cwd=project.path)
    assert (done.returncode, done.stderr) == (0, "")
    assert planted() not in done.stdout and "revoke" in done.stdout
    after = state(project)
    assert set(after) == WRITTEN | {"train.py"}
    assert after[CONFIG].startswith(HOOKS.encode() + b"\r\n") and b"\n" not in after[CONFIG].replace(b"\r\n", b"")
    assert yaml.safe_load(after[CONFIG])["repos"][1] == {"repo": URL, "rev": "v9", "hooks": [{"id": "modelguard"}]}
    assert after[".gitignore"].startswith(b"*.pyc\n/data/\n\n# ")
    assert planted().encode() not in b"".join(after[name] for name in WRITTEN)
    valid = [sys.executable, "-m", "pre_commit", "validate-config", CONFIG]
    subprocess.run(valid, cwd=project.path, check=True, env={**os.environ, "HOME": str(tool.home)})
    project.commit()
    assert tool("scan", cwd=project.path).returncode == 0
    again = tool("init", "--yes", "--hook-repo", URL, cwd=project.path)
    assert (again.returncode, again.stderr) == (0, "")
    assert "Nothing was changed." in again.stdout
    assert state(project) == after and project.git("status", "--porcelain") == ""
    project.write("new.py", f'login("{planted(1)}")\n')
    assert tool("scan", "--no-history", cwd=project.path).returncode == 1


def test_each_step_is_undone_by_what_was_said(project: Repo, tool: Tool) -> None:
    before, status = state(project), project.git("status", "--porcelain")
    (project.path / CONFIG).chmod(0o755)
    done = tool("init", "--yes", cwd=project.path)
    assert (project.path / CONFIG).stat().st_mode & 0o777 == 0o755
    commands = undo_commands(done.stdout)
    assert len(commands) == 5
    for command in commands:
        subprocess.run(["sh", "-ec", command], cwd=project.path, check=True)
    assert (state(project), project.git("status", "--porcelain")) == (before, status)
    assert tool("scan", cwd=project.path).returncode == 1  # and nothing of what was kept is a finding of its own


def test_undoing_the_baseline_alone_leaves_settings_that_load(project: Repo, tool: Tool) -> None:
    done = tool("init", "--yes", cwd=project.path)
    for command in undo_commands(done.stdout)[:2]:
        subprocess.run(["sh", "-ec", command], cwd=project.path, check=True)
    assert b"#baseline: " in state(project)[SETTINGS] and BASELINE not in state(project)
    assert tool("scan", cwd=project.path).returncode == 1


def test_nobody_to_ask_changes_nothing(project: Repo, tool: Tool) -> None:
    before = state(project)
    for arguments in ((), ("--yes", "--dry-run"), ("nowhere", "--yes"), ("train.py", "--yes")):
        done = tool("init", *arguments, cwd=project.path, stdin=subprocess.DEVNULL)
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr.startswith("modelguard: ")
    assert "--dry-run" in tool("init", cwd=project.path, stdin=subprocess.DEVNULL).stderr
    assert state(project) == before


def at_terminal(tool: Tool, folder: Path, answers: list[bytes], *arguments: str) -> tuple[int, str]:
    """Exit status and all that a person sees who gives these answers, one a question."""
    ours, theirs = pty.openpty()
    command = tool.command("init", "--hook-repo", URL, *arguments)
    environment = {**tool.environment(), "TERM": "dumb"}
    child = subprocess.Popen(
        command,
        cwd=folder,
        env=environment,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
        preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),  # so that Ctrl-C is a signal
    )
    os.close(theirs)
    seen, asked, left, idle = b"", 0, list(answers), 0
    while idle < 60:
        if not select.select([ours], [], [], 2)[0]:
            idle += 1
            if idle % 8 == 0 and asked and answers[asked - 1] == b"\x03":  # pressed before Python waits, it is not seen
                os.write(ours, b"\x03")
            continue
        try:
            part = os.read(ours, 65536)
        except OSError:  # how Linux says that nobody holds the other end any more
            break
        seen += part
        if seen.count(b"]: ") > asked:
            asked += 1
            os.write(ours, left.pop(0))
    os.close(ours)
    assert not left
    return child.wait(timeout=60), seen.decode().replace("\r\n", "\n")


def test_each_step_is_asked_for(project: Repo, tool: Tool) -> None:
    status, seen = at_terminal(tool, project.path, [b"\n", b"n\n", b"y\n", b"\n"])
    assert status == 1  # a leak that nobody has accepted
    for question in (
        f"Write {SETTINGS}? [Y/n]: ",
        f"Add the hook to {CONFIG}? [Y/n]: ",
        "Accept 1 finding as they are? [y/N]: ",
    ):
        assert question in seen
    assert "left out" in seen and planted() not in seen
    after = state(project)
    assert set(after) == WRITTEN - {BASELINE} | {"train.py"}
    assert after[CONFIG] == HOOKS.encode()
    assert b"wandb/" in after[".gitignore"]
    status, seen = at_terminal(tool, project.path, [b"y\n", b"y\n"])
    assert status == 0
    assert set(state(project)) == WRITTEN | {"train.py"}


@pytest.mark.parametrize("ending", [b"\x03", b"\x04"])
def test_who_leaves_in_between_is_told_what_was_done(project: Repo, tool: Tool, ending: bytes) -> None:
    status, seen = at_terminal(tool, project.path, [b"y\n", ending])
    assert status == 130
    assert f"wrote {SETTINGS}  rm {SETTINGS}\n" in seen
    assert set(state(project)) == {SETTINGS, CONFIG, ".gitignore", "train.py"}
    assert state(project)[CONFIG] == HOOKS.encode()


def test_a_file_that_changes_while_somebody_thinks_is_not_overwritten(project: Repo, tool: Tool) -> None:
    slow = (
        "import sys, click\n"
        "def confirm(*a, **k):\n"
        "    open('.gitignore', 'a').write('mine\\n'); return True\n"
        "click.confirm = confirm\n"
        "import modelguard.commands.init as init; init._can_be_asked = lambda *a: None\n"
        "from modelguard.commands.edge import main; main(sys.argv[1:])\n"
    )
    command = [sys.executable, "-c", slow, "init", "--skip", "settings", "--skip", "hook", "--skip", "baseline"]
    done = subprocess.run(
        command, cwd=project.path, env=tool.environment(), capture_output=True, text=True, check=False
    )
    assert done.returncode == 2 and ".gitignore has changed meanwhile" in done.stderr
    assert state(project)[".gitignore"] == b"*.pyc\n/data/mine\n"


def test_outside_of_git_there_are_only_settings(tool: Tool, tmp_path: Path) -> None:
    folder = tmp_path / "plain"
    folder.mkdir()
    (folder / CONFIG).write_text(HOOKS)
    done = tool("init", "--yes", folder)
    assert done.returncode == 0
    assert sorted(os.listdir(folder)) == [SETTINGS, CONFIG]
    assert "not in a git repository" in done.stdout and (folder / CONFIG).read_text() == HOOKS.replace("\r\n", "\n")


def test_a_bare_repository_is_refused(project: Repo, tool: Tool) -> None:
    bare = project.clone("bare.git", "--bare")
    for folder in (bare.path, bare.path / "refs", project.path / ".git"):
        done = tool("init", "--yes", folder)
        assert (done.returncode, done.stdout) == (2, "") and "bare" in done.stderr


def test_from_a_folder_below_it_is_the_project_that_is_set_up(project: Repo, tool: Tool, tmp_path: Path) -> None:
    project.commit({"src/deep/x.py": "x = 1\n"})
    assert tool("init", "--yes", project.path / "src" / "deep", cwd=tmp_path).returncode == 0
    assert set(state(project)) >= WRITTEN
    assert tool("scan", cwd=project.path).returncode == 0


def test_a_worktree_and_a_submodule_are_set_up_themselves(project: Repo, tool: Tool) -> None:
    project.commit()
    project.git("worktree", "add", "--quiet", "../tree", "-b", "side")
    outer = project.other("outer").init()
    outer.git("submodule", "--quiet", "add", f"file://{project.path}", "sub")
    for folder in (project.path.parent / "tree", outer.path / "sub"):
        (folder / ".gitignore").write_bytes(b"*.log\n")
        done = tool("init", "--yes", cwd=folder)
        assert done.returncode == 0, done.stderr
        assert set(os.listdir(folder)) >= WRITTEN
        assert tool("scan", cwd=folder).returncode == 0
        for command in undo_commands(done.stdout):
            subprocess.run(["sh", "-ec", command], cwd=folder, check=True)
        assert (folder / ".gitignore").read_bytes() == b"*.log\n"
    assert not WRITTEN & set(os.listdir(outer.path))


@pytest.mark.parametrize("name", [CONFIG, ".gitignore", SETTINGS])
@pytest.mark.parametrize("there", [True, False])
def test_nothing_is_written_through_a_link(project: Repo, tool: Tool, tmp_path: Path, name: str, there: bool) -> None:
    target = tmp_path / "outside"
    if there:
        target.write_text("exclude: []\n")
    (project.path / name).unlink(missing_ok=True)
    (project.path / name).symlink_to(target)
    done = tool("init", "--yes", "--skip", "baseline", cwd=project.path)
    if name == SETTINGS and there:
        assert "settings are in .modelguard.yaml already" in done.stdout
    else:
        assert done.returncode == 2 and f"not done: {name}: it is a link" in done.stdout
    assert (target.read_text() if there else not target.exists()) == ("exclude: []\n" if there else True)
    assert (project.path / name).is_symlink()


def test_a_baseline_is_not_named_through_a_link(project: Repo, tool: Tool, tmp_path: Path) -> None:
    (tmp_path / "outside").write_text("fail_on: default\n")
    (project.path / SETTINGS).symlink_to(tmp_path / "outside")
    done = tool("init", "--yes", cwd=project.path)
    assert "nothing is written through one" in done.stdout
    assert (tmp_path / "outside").read_text() == "fail_on: default\n"


def test_settings_that_are_there_stay(project: Repo, tool: Tool) -> None:
    project.write(SETTINGS, "pii: all  # ours")
    assert tool("init", "--yes", cwd=project.path).returncode == 0
    assert state(project)[SETTINGS] == f"pii: all  # ours\nbaseline: {BASELINE}\n".encode()
    project.write(SETTINGS, f"baseline: {BASELINE}\n")
    project.write("new.py", f'login("{planted(1)}")\n')
    done = tool("init", "--yes", cwd=project.path)
    assert done.returncode == 1 and f"the baseline {BASELINE} does not accept them" in done.stdout
    project.write(SETTINGS, "")
    done = tool("init", "--yes", cwd=project.path)
    assert done.returncode == 1 and "no settings name it" in done.stdout
    assert state(project)[SETTINGS] == b""


def test_settings_in_pyproject_stay_where_they_are(project: Repo, tool: Tool) -> None:
    text = "[tool.modelguard]\nfail_on = 'high'\n"
    project.write("pyproject.toml", text)
    done = tool("init", "--yes", cwd=project.path)
    assert done.returncode == 1  # what is accepted counts when the settings name it, which is left to do
    assert "settings are in pyproject.toml already" in done.stdout
    assert f"set baseline to {BASELINE} there" in done.stdout
    assert SETTINGS not in state(project) and state(project)["pyproject.toml"] == text.encode()
    project.write("pyproject.toml", f"{text}baseline = '{BASELINE}'\n")
    assert tool("scan", cwd=project.path).returncode == 0
    project.write("pyproject.toml", "[tool.modelguard]\nnonsense = 1\n")
    done = tool("init", "--yes", cwd=project.path)
    assert done.returncode == 2 and "nonsense" in done.stderr


def test_a_configuration_that_is_not_clear_is_left_and_said(project: Repo, tool: Tool) -> None:
    secret = planted(7)
    for text in (f"repos: {{a: {secret}}}\n", f"- {secret}\n", "repos:\n- a: [\n", "\xff"):
        project.write(CONFIG, text.encode("latin-1"))
        done = tool("init", "--yes", "--hook-repo", URL, "--skip", "baseline", cwd=project.path)
        assert done.returncode == 2
        assert f"not done: {CONFIG}: it " in done.stdout and f"- repo: {URL}" in done.stdout
        assert secret not in done.stdout + done.stderr
        assert state(project)[CONFIG] == text.encode("latin-1")


def test_what_stands_beside_the_edit_is_not_shown(project: Repo, tool: Tool) -> None:
    secret = planted(7)
    for text in (
        f"repos: [{{repo: meta, args: {secret}}}]  # {secret}\n",
        f"repos: []  # {secret}\n",
        "repos:\n- repo: {}\n  rev: {}",
    ):
        project.write(CONFIG, text.replace("{}", secret))
        done = tool("init", "--dry-run", "--hook-repo", URL, "--skip", "baseline", cwd=project.path)
        assert URL in done.stdout and secret not in done.stdout + done.stderr


def test_a_repository_without_anything(repo: Repo, tool: Tool) -> None:
    assert tool("init", "--dry-run", cwd=repo.path).returncode == 0
    done = tool("init", "--yes", cwd=repo.path)
    assert (done.returncode, done.stderr) == (0, "")
    assert set(state(repo)) == {SETTINGS, ".gitignore"}
    assert tool("scan", cwd=repo.path).returncode == 0


def test_what_cannot_be_looked_at_is_said_and_exits_2(repo: Repo, tool: Tool) -> None:
    repo.write("model.zip", b"PK\x03\x04" + b"\x00" * 40)
    done = tool("init", "--yes", cwd=repo.path)
    assert done.returncode == 2 and "model.zip" in done.stdout
    assert SETTINGS in state(repo)
