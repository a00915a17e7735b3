"""Our entry in a `.pre-commit-config.yaml`: where it goes, what it looks like, and that nothing else changes."""

from __future__ import annotations

import difflib
import json
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from modelguard.starting.commit_config import entry, holds_hook, with_hook
from modelguard.starting.interface import CannotEdit, Hook

HOOK = Hook("https://example.test/owner/modelguard", "v1.2.3")
OURS = {"repo": HOOK.repo, "rev": HOOK.rev, "hooks": [{"id": "modelguard"}]}


def added(before: str, hook: Hook = HOOK) -> list[str]:
    """The lines that the edit brings; that it takes none away is checked here."""
    after = with_hook(before, hook)
    assert not holds_hook(before, hook) and holds_hook(after, hook)
    assert yaml.safe_load(after)["repos"][-1] == {**OURS, "repo": hook.repo, "rev": hook.rev}
    changes = list(difflib.ndiff(before.splitlines(keepends=True), after.splitlines(keepends=True)))
    assert not [line for line in changes if line.startswith("-")]
    return [line[2:] for line in changes if line.startswith("+")]


USUAL = """\
# Hooks of this project
default_language_version: {python: python3}
repos:
  # formatting
  - repo: https://example.test/ruff
    rev: 'v0.6'  # keep
    hooks:
      - id: ruff
        args: [--fix]   # as in CI
        # types: [python]
  # - repo: https://example.test/old

ci:
  autofix: false
"""


def test_it_stands_behind_the_last_entry_and_the_comments_of_the_list() -> None:
    assert added(USUAL) == [
        "  - repo: https://example.test/owner/modelguard\n",
        "    rev: v1.2.3\n",
        "    hooks:\n",
        "      - id: modelguard\n",
    ]
    lines = with_hook(USUAL, HOOK).splitlines()
    assert lines[lines.index("  - repo: https://example.test/owner/modelguard") - 1].startswith("  # - repo")
    assert lines[-3:] == ["", "ci:", "  autofix: false"]


def test_the_sample_of_pre_commit_keeps_its_wide_dashes() -> None:
    sample = (
        "repos:\n-   repo: https://example.test/hooks\n    rev: v3.2.0\n    hooks:\n    -   id: one\n    -   id: two\n"
    )
    assert added(sample) == [
        "-   repo: https://example.test/owner/modelguard\n",
        "    rev: v1.2.3\n",
        "    hooks:\n",
        "    -   id: modelguard\n",
    ]


def test_a_blank_line_between_entries_is_kept_up() -> None:
    one = "- repo: local\n  hooks:\n  - {id: a, name: a, entry: a, language: system}\n"
    assert added(f"repos:\n{one}\n{one}")[0] == "\n"
    assert added(f"repos:\n{one}{one}")[0] != "\n"


def test_lines_end_as_the_others_do() -> None:
    assert all(line.endswith("\r\n") for line in added(USUAL.replace("\n", "\r\n")))


@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_a_last_line_that_nothing_ends(line_end: str) -> None:
    text = f"repos:{line_end}- repo: meta{line_end}  hooks:{line_end}  - id: identity"
    after = with_hook(text, HOOK)
    assert after.startswith(text + line_end + "- repo: ") and after.endswith(f"  - id: modelguard{line_end}")


def test_an_empty_list_becomes_one_in_block_style() -> None:
    before = "# a\nrepos: []\nci: {skip: []}\n"
    assert with_hook(before, HOOK) == f"# a\nrepos:\n{entry(HOOK)}ci: {{skip: []}}\n"
    assert with_hook("repos: [ ] \r\n", HOOK) == "repos: \r\n" + entry(HOOK).replace("\n", "\r\n")
    assert with_hook("repos: []", HOOK) == f"repos:\n{entry(HOOK)}"
    assert with_hook("repos:\nci: {}\n", HOOK) == f"repos:\n{entry(HOOK)}ci: {{}}\n"


@pytest.mark.parametrize("before", ["", "\n", "# nothing yet", "# nothing yet\n", "\ufeff"])
def test_a_file_that_says_nothing(before: str) -> None:
    after = with_hook(before, HOOK)
    assert after.startswith(before) and yaml.safe_load(after) == {"repos": [OURS]}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("repos: [{repo: meta, hooks: [{id: identity}]}]\n", ", OURS]\n"),
        ("repos: [{repo: meta, hooks: [{id: identity}]},]\n", ", OURS,]\n"),
        ("{repos: []}", "[OURS]}"),
        ("repos: []  # none yet", "repos: [OURS]  # none yet"),
        ("{\n  repos: [\n  ]\n}\n", "[\n  OURS]\n}\n"),
        ("repos: [\n  {repo: meta, hooks: []}  # c\n]\n", ",\n  OURS  # c\n]\n"),
    ],
)
def test_flow_style(before: str, after: str) -> None:
    ours = f'{{repo: "{HOOK.repo}", rev: "v1.2.3", hooks: [{{id: "modelguard"}}]}}'
    edited = with_hook(before, HOOK)
    assert edited.endswith(after.replace("OURS", ours))
    assert yaml.safe_load(edited)["repos"][-1] == OURS


def test_json_stays_json() -> None:
    before = json.dumps({"repos": [{"repo": "meta", "hooks": [{"id": "identity"}]}], "fail_fast": True}, indent=2)
    after = json.loads(with_hook(before, HOOK))
    assert after == {**json.loads(before), "repos": [*json.loads(before)["repos"], OURS]}


@pytest.mark.parametrize(
    "last",
    [
        "  - id: a\n    entry: |\n      # not a comment\n      run\n",
        "  - id: a\n    entry: |+\n      run\n\n\n",
        "  - id: a\n    entry: >-\n      one\n      two",
        "  - id: a\n    args:\n    - x\n    - y  # why\n",
        "  - id: a\n    args:\n",
        "  - id: a\n    args: *x\n",
        "  - id: a\n    args: *x  # again\n    # types: []\n",
        "  - id: a\n    description: one\n      two\n      three\n",
        "  - id: a\n    description: 'one\n\n      two'   \n",
        "  -\n    id: a\n",
        "  - ? id\n    : a\n",
    ],
)
def test_whatever_ends_the_last_entry(last: str) -> None:
    before = f"x: &x [--all]\nrepos:\n- repo: local\n  hooks:\n{last}"
    for rest in ("", "# the end\n", "ci:\n  autofix: false\n", "\n\n# services\nci: {}\n", "...\n"):
        text = before + ("" if before.endswith("\n") or not rest else "\n") + rest
        edited = with_hook(text, HOOK)
        was, now = yaml.safe_load(text), yaml.safe_load(edited)
        assert now == {**was, "repos": [*was["repos"], OURS]}
        assert all(line in edited.splitlines() for line in text.splitlines())


@pytest.mark.parametrize(
    "text",
    [
        "- repo: https://example.test/old-format\n  hooks: []\n",
        "repos: {}\n",
        "repos: null\n",
        "repos: hooks\n",
        "repos: []\nrepos: []\n",
        "ci: {}\n",
        "repos:\n  - a: [\n",
        "repos: []\n---\nrepos: []\n",
        "x: &x []\nrepos: *x\n",
        "x: &x [{repo: meta}]\nrepos: *x\n",
        "x: &x {repo: meta}\nrepos: [*x]\n",
        "repos:\n\t- repo: meta\n",
        "repos: &r\n- repo: meta\nagain: *r\n",
        "repos:\n- repo: local\n  hooks:\n  - entry: |\n      no end",
        "a: \x01\n",
        "!!python/object/apply:os.system [x]\n",
        "[" * 500,
    ],
)
def test_what_is_not_clear_is_left_alone(text: str) -> None:
    with pytest.raises(CannotEdit) as raised:
        with_hook(text, HOOK)
    assert str(raised.value).startswith("it ")


@pytest.mark.parametrize(
    "text",
    [
        "repos:\n- repo: https://elsewhere.test/fork/ModelGuard.git\n  hooks: []\n",
        "repos:\n- repo: git@example.test:owner/modelguard\n  hooks: []\n",
        "repos: [{repo: local, hooks: [{id: modelguard-files}]}]\n",
        "repos:\n- repo: local\n  hooks:\n  - id: leaks\n    entry: modelguard hook pre-commit\n",
    ],
)
def test_ours_is_recognised(text: str) -> None:
    assert holds_hook(text, HOOK)


def test_another_repository_with_hooks_is_not_ours() -> None:
    assert not holds_hook(USUAL, HOOK)
    assert not holds_hook("repos:\n- repo: https://example.test/not-modelguard\n  hooks: [a, {id: [b]}]\n", HOOK)
    assert not holds_hook("repos:\n- just a text\n- [a]\n- {repo: [modelguard]}\n", HOOK)


@pytest.mark.parametrize(
    ("repo", "rev"),
    [("../modelguard", "1.0"), ("C:\\tools\\modelguard", "yes"), ("file:///a b/#c: d", "null"), ("a\nb: c", "é")],
)
def test_an_address_that_yaml_would_read_as_something_else(repo: str, rev: str) -> None:
    assert added(USUAL, Hook(repo, rev))
    assert yaml.safe_load(with_hook("repos: [{repo: meta}]", Hook(repo, rev)))["repos"][-1]["rev"] == rev


COMMENTS = st.sampled_from(["", "", "\n", "# a: [b\n", "  # - repo: c\n", "        # deep\n", "\n# - d\n\n"])
TAILS = st.sampled_from(["", "  # why", " # - 'x", "   "])
VALUES = st.sampled_from(
    ["a", "'a # b'", '"a: b"', "[--x, '-y']", "&r [a]", "{a: b}", "", "|\n{}  # text\n{}  more", ">-\n{}  x"]
)


@st.composite
def configurations(draw: st.DrawFn) -> str:
    """Files of pre-commit of every indentation, with comments, quotes and blank lines anywhere."""
    outer, inner = draw(st.integers(0, 4)), draw(st.integers(0, 4))
    wide, wide_hook = draw(st.integers(2, 5)), draw(st.integers(2, 5))
    lines = [draw(COMMENTS), draw(st.sampled_from(["", "ci: {skip: []}\n", "exclude: |\n  a\n  b\n"])), draw(COMMENTS)]
    lines.append(f"repos:{draw(TAILS)}\n")
    for _ in range(draw(st.integers(1, 3))):
        key = " " * (outer + wide)
        lines.append(draw(COMMENTS))
        lines.append(f"{' ' * outer}-{' ' * (wide - 1)}repo: https://example.test/x{draw(TAILS)}\n")
        lines.append(f"{key}rev: {draw(st.sampled_from(['v1', chr(39) + '1.0' + chr(39)]))}{draw(TAILS)}\n")
        lines.append(draw(COMMENTS) + f"{key}hooks:{draw(TAILS)}\n")
        for name in range(draw(st.integers(1, 2))):
            column = outer + wide + inner
            lines.append(f"{' ' * column}-{' ' * (wide_hook - 1)}id: h{name}{draw(TAILS)}\n")
            if draw(st.booleans()):
                within = " " * (column + wide_hook)
                value = draw(VALUES).replace("{}", within) if draw(st.booleans()) else "*r" * ("&r" in "".join(lines))
                lines.append(f"{within}args: {value}{'' if chr(10) in value else draw(TAILS)}\n")
            lines.append(draw(COMMENTS))
    lines.append(draw(st.sampled_from(["", "fail_fast: true\n", "# end", "exclude: x"])))
    text = "".join(lines)
    return text.removesuffix("\n") if draw(st.booleans()) else text


def read(text: str) -> Any:
    try:
        return yaml.safe_load(text)
    except yaml.YAMLError:
        return None


@given(configurations(), st.sampled_from(["\n", "\r\n"]), st.booleans())
@settings(max_examples=150, deadline=None)
def test_nothing_else_changes_however_it_is_written(text: str, line_end: str, marked: bool) -> None:
    text = ("\ufeff" if marked else "") + text.replace("\n", line_end)
    was = read(text)
    if was is None:  # a comment in a block of text, where it is none
        return
    try:
        edited = with_hook(text, HOOK)
    except CannotEdit:
        assert "|" in text or ">-" in text  # blocks of text that the end of the file cuts off
        return
    now = read(edited)
    assert now == {**was, "repos": [*was["repos"], OURS]}
    ours = [line for line in edited.split(line_end) if line not in text.split(line_end)]
    assert len(ours) >= 3
    at = edited.index(ours[0])
    rest = edited.replace(line_end.join(edited[at:].split(line_end)[:4]), "", 1)
    assert rest.replace(line_end, "") == text.replace(line_end, "")


@given(st.text(alphabet="repos:-[]{}\n ,#&*'\"|", max_size=40))
@settings(max_examples=200, deadline=None)
def test_any_text_is_edited_rightly_or_left(text: str) -> None:
    text = "repos:" + text
    try:
        edited = with_hook(text, HOOK)
    except CannotEdit:
        return
    was = read(text) or {}
    assert read(edited) == {**was, "repos": [*(was.get("repos") or []), OURS]}
