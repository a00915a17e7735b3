"""The files that an upload takes are those that the Hub's own client takes."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from huggingface_hub import HfApi
from huggingface_hub.cli.upload import _resolve_upload_paths
from huggingface_hub.utils._paths import DEFAULT_IGNORE_PATTERNS

from modelguard.errors import UsageError
from modelguard.guards.hub.file_list import asked_for, files_of

NASTY = (
    "a.txt",
    ".env",
    ".gitignore",
    ".gitattributes",
    ".git/config",
    ".git/objects/aa/bb",
    "sub/.git/config",
    "sub/.github/workflows/x.yml",
    ".cache/huggingface/download/x.metadata",
    "sub/.cache/huggingface/y",
    "deep/er/still/weights.safetensors",
    "deep/er/logs/train.log",
    "logs/train.log",
    "__pycache__/a.cpython-311.pyc",
    "node_modules/x/index.js",
    ".venv/pyvenv.cfg",
    ".venv/lib/site-packages/x.py",
    "name with spaces.txt",
    "brackets [v1].bin",
    "Ümläut/ñ.txt",
    "UPPER.TXT",
    "back\\slash.txt",
    "-dash",
    "sub/README.md",
    ".huggingface/x",
    "empty",
    "git/.gitkeep",
    "x.git/y",
)
PATTERNS = [
    (None, None),
    (["*.txt"], None),
    (["*.TXT", "deep/"], None),
    (None, ["logs/", "*.log"]),
    (["**/*"], ["*/.git*"]),
    ([".*"], None),
    (["sub/*", "brackets [[]v1].bin"], ["*README*"]),
    (["*\\*.txt"], None),
    (["no such"], None),
    (None, ["*"]),
    ([""], [""]),
]


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    folder = tmp_path / "tree"
    for name in NASTY:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(name.encode() if name != "empty" else b"")
    outside = tmp_path / "outside"
    (outside / "inner").mkdir(parents=True)
    (outside / "far.txt").write_text("far")
    (outside / "inner" / "near.txt").write_text("near")
    (folder / "link.txt").symlink_to("a.txt")
    (folder / "link-out.txt").symlink_to(outside / "far.txt")
    (folder / "link-to-folder").symlink_to(outside)
    (folder / "dangling").symlink_to("nowhere")
    (folder / "loop").symlink_to("loop")
    os.mkfifo(folder / "fifo")
    (folder / "hard.txt").hardlink_to(folder / "a.txt")
    (folder / "no files").mkdir()
    return folder


@pytest.mark.parametrize("target", ["", ".", "sub/folder", "/rooted/", "./here"])
@pytest.mark.parametrize(("include", "exclude"), PATTERNS)
def test_a_folder(tree: Path, target: str, include: list[str] | None, exclude: list[str] | None) -> None:
    theirs = HfApi()._prepare_upload_folder_additions(
        tree, target, allow_patterns=include, ignore_patterns=[*(exclude or []), *DEFAULT_IGNORE_PATTERNS]
    )
    try:
        ours = files_of(asked_for(str(tree), target, include or (), exclude or ()))
    except UsageError:
        ours = []
    assert ours == [(each.path_in_repo, str(each.path_or_fileobj)) for each in theirs]
    assert ours or include in (["no such"], [""]) or exclude == ["*"]


def test_what_is_taken_by_name_stands_in_it(tree: Path) -> None:
    names = {name for name, _ in files_of(asked_for(str(tree), None, (), ()))}
    assert {".env", ".venv/lib/site-packages/x.py", "node_modules/x/index.js", "link-out.txt"} <= names
    assert not [name for name in names if "/.git/" in f"/{name}" or ".cache" in name or "link-to-folder" in name]


@pytest.mark.parametrize("folder", [".cache/other", "sub/.cache/x"])
def test_what_no_repository_takes_stops_both(tree: Path, folder: str) -> None:
    (tree / folder).mkdir(parents=True)
    (tree / folder / "x").write_text("x")
    with pytest.raises(ValueError):
        HfApi()._prepare_upload_folder_additions(tree, "", ignore_patterns=list(DEFAULT_IGNORE_PATTERNS))
    with pytest.raises(UsageError, match="no file of a repository"):
        files_of(asked_for(str(tree), None, (), ()))


@pytest.mark.parametrize(
    ("local", "target"),
    [
        ("a.txt", None),
        ("a.txt", "b/c.txt"),
        ("sub", None),
        ("sub", "x"),
        ("brackets [v1].bin", None),
        ("*.txt", None),
        (".", "."),
    ],
)
def test_paths_mean_what_they_mean_to_hf_upload(
    tree: Path, monkeypatch: pytest.MonkeyPatch, local: str, target: str | None
) -> None:
    monkeypatch.chdir(tree)
    theirs = _resolve_upload_paths(repo_id="org/x", local_path=local, path_in_repo=target, include=None)
    ours = asked_for(local, target, (), ())
    assert (ours.local, ours.target, None if ours.include is None else list(ours.include)) == theirs
