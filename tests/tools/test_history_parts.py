"""Parts of a credential in a history: told with the secret they stand beside, and by themselves where they stand alone."""

from __future__ import annotations

from typing import Any

from modelguard.rules.templates import expand
from tests.tools.conftest import Scan
from tests.tools.repo import Repo, Told

KEY, SECRET = expand("AKIA<base32:16>"), expand("<base64:40>")
ID_LINE, SECRET_LINE = f"aws_access_key_id = {KEY}\n", f"aws_secret_access_key = {SECRET}\n"
BOTH = f"[default]\n{ID_LINE}{SECRET_LINE}"


def rules(told: Told) -> list[str]:
    return sorted(each["rule"] for each in told.findings)


def parts(finding: dict[str, Any]) -> list[tuple[str, int, str]]:
    return [(each["name"], each["line"], each["preview"]) for each in finding["parts"]]


def test_what_only_the_history_holds_has_its_parts(repo: Repo, scan: Scan) -> None:
    """The store keeps no text: the second scan reads the object anew, and says the same."""
    brought = repo.commit({"credentials": BOTH})
    repo.commit({"credentials": None})
    first, second = scan(repo), scan(repo)
    assert first.same() == second.same()
    (found,) = second.findings
    assert (found["rule"], found["in_tree"]) == ("aws-secret-access-key", False)
    assert parts(found) == [("access key id", 2, "AKIA**** (20 characters)")]
    assert found["commits"][0] == repo.commit_of(brought, "credentials", 3, "introduced")
    assert KEY not in str(second.document)


def test_fingerprints_do_not_depend_on_parts(repo: Repo, scan: Scan) -> None:
    repo.commit({"a.txt": SECRET_LINE})
    alone = scan(repo).findings[0]
    repo.commit({"a.txt": BOTH})
    (beside,) = scan(repo).findings
    assert (alone["fingerprint"], alone["parts"]) == (beside["fingerprint"], [])
    assert parts(beside) == [("access key id", 2, "AKIA**** (20 characters)")]


def test_an_id_whose_secret_came_later_is_told_with_it(repo: Repo, scan: Scan) -> None:
    """It was a finding of its own once; its value never left the tree, so nothing says that it was removed."""
    repo.commit({"a.txt": ID_LINE})
    assert rules(scan(repo)) == ["aws-access-key-id"]
    repo.commit({"a.txt": BOTH})
    assert rules(scan(repo)) == ["aws-secret-access-key"]
    repo.commit({"a.txt": None})
    assert rules(scan(repo)) == ["aws-secret-access-key"]
    assert rules(scan(repo, "--no-cache")) == ["aws-secret-access-key"]


def test_an_id_that_stays_when_its_secret_goes_is_a_finding(repo: Repo, scan: Scan) -> None:
    first = repo.commit({"a.txt": BOTH})
    repo.commit({"a.txt": ID_LINE})
    told = {each["rule"]: each for each in scan(repo).findings}
    assert set(told) == {"aws-access-key-id", "aws-secret-access-key"}
    assert told["aws-access-key-id"]["in_tree"] is True
    assert [each["sha"] for each in told["aws-access-key-id"]["commits"]] == [first]
    assert told["aws-secret-access-key"]["in_tree"] is False


def test_an_id_is_not_lost_where_the_secret_is_shown_without_it(repo: Repo, scan: Scan) -> None:
    """The newest place of the secret is one where it stands alone; the history holds both beside each other."""
    repo.commit({"old.txt": BOTH})
    repo.commit({"old.txt": None, "new.txt": SECRET_LINE})
    told = {each["rule"]: each for each in scan(repo).findings}
    assert set(told) == {"aws-access-key-id", "aws-secret-access-key"}
    assert (told["aws-secret-access-key"]["path"], told["aws-secret-access-key"]["parts"]) == ("new.txt", [])
    assert (told["aws-access-key-id"]["path"], told["aws-access-key-id"]["in_tree"]) == ("old.txt", False)


def test_in_a_message_both_stand_in_the_same_place(repo: Repo, scan: Scan) -> None:
    commit = repo.commit({"a.txt": "1"}, f"deploy with\n\n{BOTH}")
    (found,) = scan(repo).findings
    assert found["inner"] == found["parts"][0]["inner"] == f"commit {commit} message"
    assert found["line"] == found["parts"][0]["line"] + 1


def test_a_change_that_adds_an_id_to_an_old_secret_blocks(repo: Repo, scan: Scan) -> None:
    repo.commit({"a.txt": SECRET_LINE})
    repo.commit({"a.txt": f"{ID_LINE}{SECRET_LINE}"})
    told = scan(repo, "--diff", "HEAD~..HEAD")
    assert [(each["rule"], each["context"]) for each in told.findings] == [("aws-secret-access-key", False)]
    assert told.status == 1
    repo.commit({"a.txt": f"# more\n{ID_LINE}{SECRET_LINE}"})
    assert scan(repo, "--diff", "HEAD~..HEAD").status == 0
