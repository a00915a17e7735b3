"""Links: never a way out of the tree, never a circle without end, and said where they are not followed."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from modelguard import scan
from modelguard.model import GapReason, LeftOut
from modelguard.settings import Settings
from modelguard.sources.filesystem import FilesystemSource
from tests.cli.program import Program

OUT = "a symbolic link that leads out of the tree"
NOWHERE = "a symbolic link that leads nowhere"


@pytest.fixture
def tree(tmp_path: Path, token: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A tree with a leak beside it."""
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "leak.txt").write_text(token)
    folder = tmp_path / "tree"
    folder.mkdir()
    (folder / "a.py").write_text("x = 1\n")
    monkeypatch.chdir(folder)
    return folder


def left_out(*targets: str) -> dict[str, str]:
    result = scan(*targets, settings=Settings(jobs=1))
    assert result.findings == ()
    assert result.gaps == ()
    return {left.path: left.reason for left in result.left_out}


@pytest.mark.parametrize("target", ["../outside", "../outside/leak.txt", "/", "..", "../tree/../outside"])
def test_a_link_out_is_not_followed_and_said(tree: Path, target: str) -> None:
    (tree / "link").symlink_to(target)
    assert left_out(".") == {"link": OUT}


def test_a_tree_beside_ours_with_the_same_beginning_is_outside(tree: Path, token: str) -> None:
    other = tree.parent / "tree-of-others"
    other.mkdir()
    (other / "leak.txt").write_text(token)
    (tree / "link").symlink_to("../tree-of-others")
    assert left_out(".") == {"link": OUT}


def test_a_chain_of_links_is_judged_by_its_end(tree: Path) -> None:
    (tree / "one").symlink_to("two")
    (tree / "two").symlink_to("../outside")
    (tree / "in").symlink_to("also-in")
    (tree / "also-in").symlink_to("a.py")
    assert left_out(".") == {"one": OUT, "two": OUT}


def test_circles_and_dangling_links_lead_nowhere(tree: Path) -> None:
    (tree / "self").symlink_to("self")
    (tree / "one").symlink_to("two")
    (tree / "two").symlink_to("one")
    (tree / "missing").symlink_to("no/such/file")
    assert left_out(".") == dict.fromkeys(("self", "one", "two", "missing"), NOWHERE)


def test_a_link_to_a_folder_above_is_no_endless_tree(tree: Path) -> None:
    (tree / "sub").mkdir()
    (tree / "sub" / "up").symlink_to("..")
    (tree / "sub" / "root").symlink_to(tree)
    assert left_out(".") == {}
    assert scan(".", settings=Settings()).stats.blobs == 1


def test_a_link_that_is_named_is_followed(tree: Path) -> None:
    (tree / "link").symlink_to("../outside")
    (tree / "file").symlink_to("../outside/leak.txt")
    for target, path in (("link", "link/leak.txt"), ("file", "file")):
        (finding,) = scan(target, settings=Settings()).findings
        assert finding.origin.path == path


def test_a_circle_that_is_named_is_a_gap(program: Program) -> None:
    (program.home / "self").symlink_to("self")
    (gap,) = program.result("self")["gaps"]
    assert (gap["path"], gap["reason"]) == ("self", "unreadable")
    assert "leads in a circle" in gap["detail"]


def test_a_folder_that_becomes_a_link_is_not_followed(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The walk has seen a folder; when it comes to list it, it is a link out of the tree."""
    (tree / "sub").mkdir()
    listed = os.scandir

    def scandir(folder: str) -> object:
        if folder.endswith("sub"):
            (tree / "sub").rmdir()
            (tree / "sub").symlink_to("../outside")
        return listed(folder)

    monkeypatch.setattr(os, "scandir", scandir)
    result = scan(".", settings=Settings(jobs=1))
    assert result.findings == ()
    assert [(gap.path, gap.reason) for gap in result.gaps] == [("sub", GapReason.CHANGED)]
    assert result.exit_status == 2


def test_a_file_that_becomes_a_link_is_not_followed(tree: Path) -> None:
    blobs = []
    for item in FilesystemSource(["."]).items():
        assert not isinstance(item, LeftOut)
        blobs.append(item)
    (tree / "a.py").unlink()
    (tree / "a.py").symlink_to("../outside/leak.txt")
    from modelguard.errors import Unreadable

    with pytest.raises(Unreadable) as caught:
        blobs[0].read(0, 10)  # type: ignore[union-attr]
    assert caught.value.reason is GapReason.CHANGED
