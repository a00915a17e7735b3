"""`scan --diff`: what a change brings blocks; what stood there before is shown and does not."""

from __future__ import annotations

import sys

from tests.cli.program import ROOT
from tests.tools.conftest import Scan
from tests.tools.repo import Repo, Told, Tool, planted

OLD, NEW = planted(0), planted(1)


def blocking(told: Told) -> list[tuple[str, int, bool]]:
    return [(each["path"], each["line"], each["blocking"]) for each in told.findings]


def test_only_added_lines_block(repo: Repo, scan: Scan) -> None:
    repo.commit({"a.txt": f"1\n{OLD}\n3\n"})
    repo.commit({"a.txt": f"0\n1\n{OLD}\n3\n"})
    told = scan(repo, "--diff", "HEAD~..HEAD")
    assert (blocking(told), told.status) == ([("a.txt", 3, False)], 0)
    assert told.findings[0]["context"] is True
    repo.commit({"a.txt": f"0\n1\n{OLD}\n3\n{NEW}\n"})
    told = scan(repo, "--diff", "HEAD~..HEAD")
    assert (sorted(blocking(told)), told.status) == ([("a.txt", 3, False), ("a.txt", 5, True)], 1)
    assert scan(repo, "--diff", "HEAD~2..").status == 1
    assert blocking(scan(repo, "--diff", "HEAD..HEAD~")) == [("a.txt", 3, False)]


def test_files_of_all_kinds(repo: Repo, scan: Scan) -> None:
    """New, renamed with one line more, renamed as it is, removed, binary, of odd names, emptied; a link; a submodule."""
    text = f"{OLD}\n" + "".join(f"line {number}\n" for number in range(20))
    repo.commit({"moved.txt": text, "same.txt": f"{OLD}\n" * 9, "gone.txt": planted(2), "b.bin": b"\0\n\0\n", "e": OLD})
    repo.write(b"new\n\xff.txt", planted(3))
    (repo.path / "link").symlink_to(planted(4))
    repo.git("update-index", "--add", "--cacheinfo", f"160000,{'1' * 40},sub")
    (repo.path / "sub").mkdir()
    repo.commit({"moved.txt": None, "to.txt": f"{text}{NEW}\n", "same.txt": None, "other.txt": f"{OLD}\n" * 9,
                 "gone.txt": None, "b.bin": b"\0\n\0\n\0" + planted(5).encode(), "e": ""})  # fmt: skip
    told = scan(repo, "--diff", "HEAD~..HEAD")
    assert sorted(blocking(told)) == [
        ("b.bin", 3, True),
        ("link", 1, True),
        ("new\n\\xff.txt", 1, True),
        ("to.txt", 1, False),
        ("to.txt", 22, True),
    ]
    assert told.gaps == []
    repo.git("reset", "--quiet", "--hard", "HEAD~")
    repo.git("rm", "--quiet", "gone.txt")
    repo.commit()
    told = scan(repo, "--diff", "HEAD~..HEAD")
    assert (told.findings, told.status) == ([], 0)


def test_a_line_that_looks_like_a_hunk(repo: Repo, scan: Scan) -> None:
    repo.commit({"a.txt": f"{OLD}\n"})
    repo.commit({"a.txt": f"{OLD}\n@@ -1 +1 @@\n@@ -1,5 +1,5 @@ x\n"})
    assert scan(repo, "--diff", "HEAD~..HEAD").status == 0


def test_since_they_parted(repo: Repo, scan: Scan) -> None:
    """What the other branch has brought meanwhile is not this one's."""
    repo.commit({"a.txt": "1\n"})
    repo.git("checkout", "--quiet", "-b", "side")
    repo.commit({"b.txt": NEW})
    repo.git("checkout", "--quiet", "main")
    repo.commit({"a.txt": OLD})
    assert [each["path"] for each in scan(repo, "--diff", "main...side").findings] == ["b.txt"]
    assert [each["path"] for each in scan(repo, "--diff", "side...").findings] == ["a.txt"]
    assert scan(repo, "--diff", "main..side").status == 1
    below = repo.path / "sub"
    below.mkdir()
    assert [each["path"] for each in scan(repo, "--diff", "main...side", cwd=below).findings] == ["../b.txt"]
    assert scan(repo, "--diff", "main...side", repo.path, cwd=repo.path.parent).findings[0]["path"] == "repo/b.txt"
    assert scan(repo, "--diff", "main...side", "--exclude", "b.txt").left_out("b.txt") == "excluded by settings"


def test_no_common_commit(repo: Repo, tool: Tool) -> None:
    repo.commit({"a.txt": "1\n"})
    repo.git("checkout", "--quiet", "--orphan", "other")
    repo.commit({"a.txt": "2\n"})
    ran = tool("scan", "--diff", "main...other", cwd=repo.path)
    assert (ran.returncode, ran.stdout) == (2, "")
    assert "git fetch --unshallow" in ran.stderr
    assert tool("scan", "--diff", "main..other", cwd=repo.path).returncode == 0


def test_nothing_has_changed(repo: Repo, scan: Scan) -> None:
    """An empty change has nothing that leaks: that is no error of who asks."""
    repo.commit({"a.txt": OLD})
    told = scan(repo, "--diff", "HEAD..HEAD")
    assert (told.findings, told.gaps, told.status) == ([], [], 0)


def test_before_a_push_is_accepted(repo: Repo, tool: Tool) -> None:
    """A server's hook looks at objects in quarantine, which are in no repository yet."""
    server = repo.other("server.git").init("--bare")
    python = " ".join(tool.command("scan"))
    hook = server.path / "hooks/pre-receive"
    hook.write_text(f"#!/bin/sh\nexport PYTHONPATH={ROOT} MODELGUARD_CACHE_DIR={tool.cache} MODELGUARD_NO_BACKGROUND=1\n"
                    f"while read old new ref; do {python} --diff $old..$new || exit 1; done\n")  # fmt: skip
    assert sys.executable in python
    repo.commit({"a.txt": OLD})
    hook.chmod(0o644)
    repo.git("push", "--quiet", server.path, "main")
    hook.chmod(0o755)
    repo.commit({"b.txt": "clean\n"})
    repo.git("push", "--quiet", server.path, "main")
    assert server.head("main") == repo.head()
    repo.commit({"c.txt": NEW})
    repo.git("push", "--quiet", server.path, "main", check=False)
    assert server.head("main") == repo.head("HEAD~")


def test_wide_characters(repo: Repo, scan: Scan) -> None:
    """git counts lines by bytes, and so must we."""
    text = f"\u0a05 1\n\u010a\u010a\n{OLD}\n"
    repo.commit({"a.txt": text.encode("utf-16")})
    repo.commit({"a.txt": f"{text}4\n{NEW}\n".encode("utf-16")})
    told = scan(repo, "--diff", "HEAD~..HEAD")
    assert (told.one(NEW)["line"], told.one(OLD)["context"], told.one(NEW)["context"]) == (5, True, False)
