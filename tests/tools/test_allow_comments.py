"""`allow_comments: false`: comments allow nothing, in files and in what a history holds."""

from __future__ import annotations

from tests.tools.conftest import Scan
from tests.tools.repo import ALLOW, RULE, Repo, planted


def statuses(told: list[dict]) -> list[str]:
    return [each["status"] for each in told]


def test_in_files_and_in_history(repo: Repo, scan: Scan) -> None:
    line = f"token = '{planted(1)}'  # {ALLOW}[{RULE}] a test\n"
    repo.commit({"gone.py": line.replace(planted(1), planted(2))})
    repo.commit({"gone.py": None, "there.py": line})
    allowed = scan(repo)
    assert (allowed.status, statuses(allowed.findings)) == (0, ["allowed", "allowed"])
    for told in (
        scan(repo, env={"MODELGUARD_ALLOW_COMMENTS": "false"}),
        scan(repo, "--no-cache", env={"MODELGUARD_ALLOW_COMMENTS": "no"}),
    ):
        assert (told.status, statuses(told.findings)) == (1, ["open", "open"])
    repo.write(".modelguard.yaml", "allow_comments: false\n")
    assert statuses(scan(repo, "--no-history").findings) == ["open"]
    assert statuses(scan(repo, "--history-only").findings) == ["open", "open"]
    assert "unused-allow" not in str(scan(repo).document["notices"])
