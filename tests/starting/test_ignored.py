"""What is added to a `.gitignore`: git itself says what the tree's own files cover, and what ours do."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from modelguard.sources.git import Git
from modelguard.starting.ignored import HEAD, PATTERNS, missing_lines, step, with_lines
from modelguard.starting.interface import Asked, Hook, Step
from modelguard.starting.tree import Tree
from tests.tools.repo import Repo

ALL = [line for pattern in PATTERNS for line in (pattern.line, *pattern.kept)]


def asked() -> Asked:
    def never() -> None:
        raise AssertionError("no scan is needed")

    return Asked(frozenset(), Hook("", ""), never, lambda result: None, lambda: False)  # type: ignore[arg-type,return-value]


def made(repo: Repo) -> Step:
    return step(Tree(str(repo.path), Git(str(repo.path))), asked())


def missing(repo: Repo) -> list[str]:
    return missing_lines(Git(str(repo.path)), str(repo.path))


def ignores(repo: Repo, path: str) -> bool:
    return repo.git("check-ignore", "--no-index", path, check=False) == path


@pytest.fixture
def repo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repo:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    monkeypatch.delenv("GIT_CONFIG_GLOBAL", raising=False)
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    return Repo(tmp_path / "repo", tmp_path).init()


def test_all_lines_do_what_they_are_there_for(repo: Repo) -> None:
    (change,) = made(repo).changes
    assert (change.path, change.before) == (".gitignore", None)
    assert change.after.decode().splitlines() == [HEAD, *ALL]
    repo.write(".gitignore", change.after)
    for pattern in PATTERNS:
        assert all(ignores(repo, probe) for probe in pattern.probes), pattern.line
    for name in (
        ".env.example",
        "deploy/.env.sample",
        ".environment",
        "env.py",
        "kaggle.py",
        "model.ckpt",
        "src/wandb.py",
    ):
        assert not ignores(repo, name), name
    assert made(repo).idle


def test_what_is_covered_in_any_way_is_not_written_twice(repo: Repo) -> None:
    repo.write(".gitignore", ".env*\n/wandb\n*.json\n.[a-z]*_checkpoints\n.cache\n**/secrets.toml\n")
    lines = missing(repo)
    covered = {
        ".env",
        ".env.*",
        "wandb/",
        "kaggle.json",
        "client_secret*.json",
        ".ipynb_checkpoints/",
        "**/.cache/huggingface/",
    }
    assert not covered & set(lines)
    assert {"**/.streamlit/secrets.toml", "application_default_credentials.json"}.isdisjoint(lines)
    assert {"mlruns/", ".netrc"} <= set(lines)
    assert not [line for line in lines if line.startswith("!")]


def test_a_file_that_is_ignored_at_the_top_alone_is_ignored_everywhere(repo: Repo) -> None:
    repo.write(".gitignore", "/.env\n/wandb/\n")
    lines = missing(repo)
    assert ".env" in lines and "wandb/" not in lines


def test_what_only_this_clone_or_this_user_ignores_does_not_travel(repo: Repo, tmp_path: Path) -> None:
    repo.write(".git/info/exclude", "".join(f"{line}\n" for line in ALL))
    (tmp_path / "global").mkdir()
    (tmp_path / "global" / ".gitignore").write_text(".env\nwandb/\n")
    (tmp_path / ".gitconfig").write_text(f"[core]\n\texcludesFile = {tmp_path}/global/.gitignore\n")
    assert missing(repo) == ALL


def test_what_the_tree_keeps_on_purpose_stays(repo: Repo) -> None:
    repo.write(
        ".gitignore",
        "*.toml\n!.streamlit/secrets.toml\n!any/folder/.streamlit/secrets.toml\n!kaggle.json\n.env.example\n",
    )
    lines = missing(repo)
    assert not {"**/.streamlit/secrets.toml", "kaggle.json", "!.env.example"} & set(lines)
    assert "!.env.sample" in lines


def test_a_folder_that_is_source_code_or_a_link_is_no_runs_folder(repo: Repo, tmp_path: Path) -> None:
    repo.commit({"wandb/__init__.py": "", "mlruns/0/meta.yaml": ""})
    os.symlink(tmp_path, repo.path / "lightning_logs")
    lines = missing(repo)
    assert not {"wandb/", "lightning_logs/"} & set(lines)
    assert {"mlruns/", ".hydra/"} <= set(lines)
    assert "wandb" not in " ".join(made(repo).notes)
    assert "mlruns/0/meta.yaml" in made(repo).notes[0]


def test_what_is_tracked_already_is_named(repo: Repo) -> None:
    assert made(repo).notes == ()
    repo.commit({"app dir/.env": "A=1", ".env.example": "A=", "kaggle.json": "{}", ".gitignore": "kaggle.json\n"})
    repo.git("add", "--force", "kaggle.json")
    notes = made(repo).notes
    assert notes[0].endswith(": app dir/.env, kaggle.json")
    command = notes[1].partition(": ")[2]
    assert command == "git rm --cached -- 'app dir/.env' kaggle.json"
    repo.commit({f"wandb/run-{number}/x": "" for number in range(9)})
    assert "and 6 more" in made(repo).notes[0]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"", b"HEAD\na\nb\n"),
        (b"x\n", b"x\n\nHEAD\na\nb\n"),
        (b"x", b"x\n\nHEAD\na\nb\n"),
        (b"x\r\ny\r\n", b"x\r\ny\r\n\r\nHEAD\r\na\r\nb\r\n"),
        (b"x\r\ny", b"x\r\ny\r\n\r\nHEAD\r\na\r\nb\r\n"),
        (b"\xe9\xff\n", b"\xe9\xff\n\nHEAD\na\nb\n"),
        (b"\n", b"\nHEAD\na\nb\n"),
    ],
)
def test_everything_before_stays_and_lines_end_alike(before: bytes, after: bytes) -> None:
    assert with_lines(before, ["a", "b"]) == after.replace(b"HEAD", HEAD.encode())


def test_a_file_that_git_does_not_understand_is_left(repo: Repo) -> None:
    repo.write(".gitignore", ".env\n".encode("utf-16"))
    told = made(repo)
    assert told.idle and told.anyway == 2 and "NUL" in told.problem
    assert {"wandb/", "!.env.example"} <= set(told.by_hand)
