"""The report of a hook: what stops it, what to do, and the one line that allows it."""

from __future__ import annotations

import pytest

from modelguard.model import Commit, Deed, Origin, Place
from modelguard.reports.allowing import command_for, comment_for
from modelguard.reports.hook import render
from modelguard.reports.interface import RenderOptions
from tests.reports.samples import CARD_RULE, GAP, HOSTILE_PATH, finding, result

MARK = "modelguard" + ": allow"
COMMIT = Commit("c" * 40, "A <a@example.test>", "2026-01-02T03:04:05+00:00", "src/train.py", 12)


def test_a_block_a_finding() -> None:
    text = render(result(finding(), finding(CARD_RULE, blocking=False)), RenderOptions())
    assert "src/train.py:12:18" in text
    assert "Revoke it in the account's token settings" in text
    assert f"write on its line:\n              # {MARK}[hf-user-token] WHY\n" in text
    assert CARD_RULE.title not in text and "1 other" in text


def test_where_nothing_stops_it_is_one_line() -> None:
    assert render(result(finding(blocking=False)), RenderOptions()).count("\n") == 1


def test_gaps_are_told() -> None:
    text = render(result(gaps=(GAP,)), RenderOptions())
    assert "Not wholly looked at: 1 gap" in text


@pytest.mark.parametrize(
    ("path", "comment"),
    [
        ("a.py", f"# {MARK}[hf-user-token] WHY"),
        ("Dockerfile", f"# {MARK}[hf-user-token] WHY"),
        ("x/.env", f"# {MARK}[hf-user-token] WHY"),
        ("a.TS", f"// {MARK}[hf-user-token] WHY"),
        ("a.sql", f"-- {MARK}[hf-user-token] WHY"),
        ("README.md", f"<!-- {MARK}[hf-user-token] WHY -->"),
    ],
)
def test_comments_by_language(path: str, comment: str) -> None:
    assert comment_for(finding(path=path)) == ("on its line", comment)


def test_a_value_of_several_lines_is_allowed_before_it() -> None:
    key = finding(path="a.py", place=Place(0, 90, line=3, column=1, end_line=9, end_column=2))
    assert comment_for(key) == ("on the line before it", f"# {MARK}-next-line[hf-user-token] WHY")


@pytest.mark.parametrize(
    "changes",
    [
        {"path": "a.ipynb"},
        {"path": "model.safetensors", "place": Place(0, 9)},
        {"path": "a.zip", "place": Place(0, 9, line=1, column=1, inner="x.py", inside=True)},
    ],
)
def test_where_no_comment_can_stand_a_command_accepts(changes: dict[str, object]) -> None:
    found = finding(**changes)  # type: ignore[arg-type]
    assert comment_for(found) is None
    assert command_for(found) == f"modelguard baseline add 000000000000 {changes['path']} --reason WHY"


def test_what_is_committed_is_taken_out_of_its_commit() -> None:
    origin = Origin("src/train.py", commits=(COMMIT, Commit("d" * 40, "", "", "src/train.py", 12, Deed.REMOVED)))
    text = render(result(finding(origin=origin)), RenderOptions(width=100))
    assert "git rebase -i cccccccccccc^" in text
    assert "modelguard baseline add 000000000000 --reason WHY" in text


def test_a_name_that_a_shell_or_runner_would_obey() -> None:
    assert command_for(finding(path="a b;c.json")) == "modelguard baseline add 000000000000 'a b;c.json' --reason WHY"
    assert command_for(finding(path=HOSTILE_PATH)) == "modelguard baseline add 000000000000 --reason WHY"
