"""Comments that allow a finding: where they reach, what they name, and which of them are told to be useless."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from modelguard.model import CredentialPart, Finding, Mark, NoticeKind, Place, Status
from modelguard.verdict.inline import apply_marks
from tests.reports.samples import finding

RULE = "hf-user-token"


def own(line: int, *rules: str, reason: str = "", written: int | None = None) -> Mark:
    return Mark("modelguard", line, written or line, rules, reason)


def on_line(line: int | None, end: int | None = None, path: str = "a.py") -> Finding:
    return finding(path=path, place=Place(0, 37, line, 1, end or line, 38))


@pytest.mark.parametrize("tool", ["gitleaks", "betterleaks", "kingfisher", "trufflehog", "detect-secrets"])
def test_marks_of_other_tools_allow_everything_on_their_line(tool: str) -> None:
    (allowed, other), notices = apply_marks([on_line(3), on_line(4)], {"a.py": [Mark(tool, 3, 3, (), "marked")]})
    assert (allowed.status, allowed.status_reason) == (Status.ALLOWED, "marked")
    assert other.status is Status.OPEN
    assert notices == []


@pytest.mark.parametrize(
    ("mark", "status"),
    [
        (own(3, RULE), Status.ALLOWED),
        (own(3, "other-rule", RULE), Status.ALLOWED),
        (own(3, "other-rule"), Status.OPEN),
        (own(3), Status.OPEN),
        (own(2, RULE), Status.OPEN),
        (own(4, RULE), Status.OPEN),
        (own(3, RULE.upper()), Status.OPEN),
        (own(3, "hf-user"), Status.OPEN),
        (own(3, "*"), Status.OPEN),
        (Mark("nosec", 3, 3), Status.OPEN),
        (Mark("nosec", 3, 3, (RULE,)), Status.ALLOWED),
    ],
)
def test_what_a_mark_allows(mark: Mark, status: Status) -> None:
    (decided,), _ = apply_marks([on_line(3)], {"a.py": [mark]})
    assert decided.status is status


def test_a_mark_for_a_part_of_a_credential_allows_nothing_and_is_not_unused() -> None:
    """The id would be a finding of its own, and allowed, where its secret is taken away."""
    part = CredentialPart("key id", "", Place(0, 20, 2, 1, 2, 21), "aws-access-key-id", "11" * 16)
    marks = [own(2, "aws-access-key-id"), own(3, "aws-access-key-id"), own(2, "other-rule")]
    (decided,), notices = apply_marks([replace(on_line(3), parts=(part,))], {"a.py": marks})
    assert decided.status is Status.OPEN
    assert [notice.line for notice in notices] == [3, 2]


def test_a_mark_speaks_of_its_own_file() -> None:
    (decided,), _ = apply_marks([on_line(3, path="b.py")], {"a.py": [own(3, RULE)]})
    assert decided.status is Status.OPEN


@pytest.mark.parametrize(
    ("line", "status"), [(9, "open"), (10, "allowed"), (15, "allowed"), (20, "allowed"), (21, "open")]
)
def test_a_finding_of_many_lines_is_allowed_on_any_of_them(line: int, status: str) -> None:
    (decided,), _ = apply_marks([on_line(10, 20)], {"a.py": [own(line, RULE)]})
    assert str(decided.status) == status


def test_where_there_are_no_lines_nothing_is_allowed() -> None:
    (decided,), _ = apply_marks([on_line(None)], {"a.py": [own(1, RULE), Mark("gitleaks", 1, 1)]})
    assert decided.status is Status.OPEN


def test_a_reason_is_kept_and_its_lack_is_said() -> None:
    for reason, shown in (("a demo", "a demo"), ("", "no reason given")):
        (decided,), _ = apply_marks([on_line(3)], {"a.py": [own(3, RULE, reason=reason)]})
        assert decided.status_reason == shown


def test_a_mark_that_allows_nothing_is_said_where_it_is_written() -> None:
    marks = {"a.py": [own(3, RULE), own(8, "other-rule", written=7), own(9)], "b.py": [own(1, RULE)]}
    _, notices = apply_marks([on_line(3)], marks)
    assert {notice.kind for notice in notices} == {NoticeKind.UNUSED_ALLOW}
    assert [(notice.path, notice.line) for notice in notices] == [("a.py", 7), ("a.py", 9), ("b.py", 1)]
    assert "other-rule" in notices[0].message
    assert "names no rule" in notices[1].message


def test_unused_marks_of_other_tools_and_of_text_are_their_own_affair() -> None:
    text = Mark("modelguard", 1, 1, (RULE,), "", False)
    _, notices = apply_marks([], {"a.py": [Mark("gitleaks", 1, 1), Mark("nosec", 1, 1, ("B105",)), text]})
    assert notices == []


def test_one_mark_serves_two_findings_and_no_finding_is_dropped() -> None:
    decided, notices = apply_marks([on_line(3), on_line(3), on_line(5)], {"a.py": [own(3, RULE)]})
    assert [str(found.status) for found in decided] == ["allowed", "allowed", "open"]
    assert notices == []
