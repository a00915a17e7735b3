"""A repository whose configuration wants something run gets nothing run, and what it hides is found all the same."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.tools.conftest import Scan
from tests.tools.repo import Repo, planted

TOKEN, STAGED, CHANGED = planted(0), planted(1), planted(2)
HOOKS = """applypatch-msg pre-applypatch post-applypatch pre-commit pre-merge-commit prepare-commit-msg commit-msg
post-commit pre-rebase post-checkout post-merge pre-push pre-receive update proc-receive post-receive post-update
reference-transaction push-to-checkout pre-auto-gc post-rewrite sendemail-validate fsmonitor-watchman
post-index-change""".split()
COMMANDS = """rev-parse rev-list cat-file diff-tree diff-index ls-files ls-tree for-each-ref merge-base check-ignore
symbolic-ref""".split()
SIGNATURE = "gpgsig -----BEGIN PGP SIGNATURE-----\n \n x\n -----END PGP SIGNATURE-----\n"

Trap = Callable[[str], str]


@pytest.fixture
def marks(tmp_path: Path) -> Path:
    """Where what is run leaves a file of its name."""
    folder = tmp_path / "marks"
    folder.mkdir()
    return folder


@pytest.fixture
def trap(tmp_path: Path, marks: Path) -> Trap:
    """A program that leaves a mark, by its name."""

    def made(name: str) -> str:
        program = tmp_path / "traps" / name
        program.parent.mkdir(exist_ok=True)
        program.write_text(f"#!/bin/sh\necho \"$@\" > '{marks}/{name}'\nexit 1\n")
        program.chmod(0o755)
        return str(program)

    return made


@pytest.fixture
def victim(repo: Repo) -> Repo:
    """One value in the history, one staged, and one in the last commit, in files with attributes."""
    repo.commit({"a.txt": TOKEN, "b.txt": "1\n", ".gitattributes": "*.txt diff=evil filter=evil\nb.txt diff=other\n"})
    repo.commit({"a.txt": "clean\n"})
    commit = repo.git("cat-file", "commit", "HEAD").replace("\n\n", f"\n{SIGNATURE}\n", 1) + "\n"
    repo.git("update-ref", "HEAD", repo.git("hash-object", "-t", "commit", "-w", "--stdin", stdin=commit.encode()))
    repo.commit({"b.txt": f"1\n{CHANGED}", "c.txt": "1\n"})
    repo.write("d.txt", STAGED)
    repo.git("add", "d.txt")
    (repo.path / "d.txt").unlink()
    (repo.path / "c.txt").write_text("clean\n")
    return repo


def all_is_found(repo: Repo, scan: Scan) -> None:
    """By each way of looking."""
    for arguments, tokens in (
        ([], [TOKEN, STAGED, CHANGED]),
        (["--history-only"], [TOKEN, STAGED, CHANGED]),
        (["--staged"], [STAGED]),
        (["--diff", "HEAD~1..HEAD"], [CHANGED]),
    ):
        told = scan(repo, *arguments)
        assert all(told.one(token) for token in tokens), arguments
        assert len(told.findings) == len(tokens)
        assert told.gaps == []


def test_programs_in_the_configuration(victim: Repo, scan: Scan, trap: Trap, marks: Path, tmp_path: Path) -> None:
    settings = {
        "core.pager": "pager",
        "pager.rev-list": "pager-rev-list",
        "core.sshCommand": "ssh",
        "core.gitProxy": "proxy",
        "core.askPass": "askpass",
        "core.editor": "editor",
        "core.alternateRefsCommand": "refs",
        "credential.helper": "helper",
        "diff.external": "external",
        "diff.evil.textconv": "textconv",
        "diff.other.command": "command",
        "filter.evil.clean": "clean",
        "filter.evil.smudge": "smudge",
        "gpg.program": "gpg",
        "uploadpack.packObjectsHook": "pack",
        "interactive.diffFilter": "filter",
        **{f"alias.{command}": f"alias-{command}" for command in COMMANDS},
    }
    for key, name in settings.items():
        victim.git("config", key, f"!{trap(name)}" if key.startswith(("alias.", "credential.")) else trap(name))
    victim.git("config", "log.showSignature", "true")
    included = tmp_path / "included"
    included.write_text(f"[core]\n\tfsmonitor = {trap('fsmonitor')}\n")
    victim.git("config", "include.path", included)

    for command in (
        ("status",),
        ("log",),
        ("log", "-p", "--no-ext-diff"),
        ("diff", "HEAD~1", "HEAD", "--", "b.txt"),
        ("diff", "HEAD~1", "HEAD", "--", "c.txt"),
        ("checkout", "--", "c.txt"),
        ("hash-object", "--path=c.txt", "--stdin"),
        ("ls-remote", "ssh://127.0.0.1/x"),
        ("ls-remote", "git://127.0.0.1:9/x"),
    ):
        victim.git(*command, check=False, GIT_ALLOW_PROTOCOL="ssh:git")
    run = {mark.name for mark in marks.iterdir()}
    assert run >= {
        "fsmonitor",
        "external",
        "command",
        "textconv",
        "clean",
        "smudge",
        "gpg",
        "ssh",
        "proxy",
    }  # the traps work
    for mark in marks.iterdir():
        mark.unlink()
    victim.write("c.txt", "clean\n")
    all_is_found(victim, scan)
    assert list(marks.iterdir()) == []


def test_filter_that_stays(victim: Repo, scan: Scan, trap: Trap, marks: Path) -> None:
    victim.git("config", "filter.evil.process", trap("process"))
    victim.git("checkout", "--", "c.txt", check=False)
    (marks / "process").unlink()
    victim.write("c.txt", "clean\n")
    all_is_found(victim, scan)
    assert list(marks.iterdir()) == []


@pytest.mark.parametrize("own_folder", [True, False])
def test_hooks(victim: Repo, scan: Scan, trap: Trap, marks: Path, own_folder: bool) -> None:
    """In `.git/hooks`, and in a folder that the configuration names."""
    folder = victim.path / ("named" if own_folder else ".git/hooks")
    folder.mkdir(exist_ok=True)
    for hook in HOOKS:
        (folder / hook).unlink(missing_ok=True)
        (folder / hook).symlink_to(trap(hook))
    if own_folder:
        victim.git("config", "core.hooksPath", folder)
        victim.write(".git/info/exclude", "named\n")
    victim.git("commit", "-m", "x", check=False)
    victim.git("update-index", "--refresh", check=False)
    assert {mark.name for mark in marks.iterdir()} >= {"pre-commit"}
    for mark in marks.iterdir():
        mark.unlink()
    all_is_found(victim, scan)
    assert list(marks.iterdir()) == []


@pytest.mark.parametrize("transport", ["ext", "file", "vcs"])
def test_missing_objects_that_a_remote_promises(
    victim: Repo, scan: Scan, trap: Trap, marks: Path, tmp_path: Path, transport: str
) -> None:
    """git fetches such an object when it is asked for it, by whatever the configuration names."""
    blob = victim.head("HEAD~1:a.txt")
    (victim.path / ".git/objects" / blob[:2] / blob[2:]).unlink()
    trap("git-remote-evil")
    settings = {
        "core.repositoryFormatVersion": "1",
        "extensions.partialClone": "origin",
        "remote.origin.promisor": "true",
        "remote.origin.url": f"ext::{trap('ext')} %S" if transport == "ext" else f"file://{tmp_path}/none",
        "remote.origin.uploadPack": trap("file"),
        "protocol.allow": "always",
        "protocol.ext.allow": "always",
    }
    if transport == "vcs":
        settings["remote.origin.vcs"] = "evil"
    for key, value in settings.items():
        victim.git("config", key, value)
    traps = f"{tmp_path}/traps:{victim.environment()['PATH']}"
    victim.git("cat-file", "-p", blob, check=False, GIT_ALLOW_PROTOCOL="ext:file:evil", PATH=traps)
    (marks / ("git-remote-evil" if transport == "vcs" else transport)).unlink()  # the trap works
    env = {"PATH": traps}
    told = [
        scan(victim, *arguments, env=env)
        for arguments in ([], ["--history-only"], ["--history-only", "--branch", "main"])
    ]
    assert all(each.one(TOKEN) for each in told)
    assert all(each["status"] for each in told[0].gaps)
    changes = scan(victim, "--diff", "HEAD~2..HEAD~1", env=env)
    assert [gap["inner"] for gap in changes.gaps] == [f"object {blob}"]
    assert changes.status == 2
    assert list(marks.iterdir()) == []


def test_settings_that_lead_elsewhere(victim: Repo, scan: Scan, tmp_path: Path) -> None:
    victim.git("config", "diff.orderFile", tmp_path / "nowhere")
    victim.git("config", "diff.relative", "true")
    victim.git("config", "diff.noprefix", "true")
    victim.git("config", "core.quotePath", "true")
    victim.git("config", "status.relativePaths", "false")
    victim.git("config", "color.ui", "always")
    all_is_found(victim, scan)


@pytest.mark.parametrize("place", ["elsewhere", "."])
def test_another_work_tree(victim: Repo, scan: Scan, tmp_path: Path, place: str) -> None:
    """`core.worktree` says that the files are in another folder, or in one above; what is here counts."""
    (tmp_path / "elsewhere").mkdir()
    victim.git("config", "core.worktree", tmp_path / place)
    all_is_found(victim, scan)
    assert scan(victim).one(STAGED)["refs"] == ["index"]
