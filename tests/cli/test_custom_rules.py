"""Rules from outside: ours, and those of other tools, given to a scan as they are or imported first."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from modelguard.rules.templates import expand
from tests.cli.program import Program

TOML = r"""
[allowlist]
paths = ['''^docs/''']
[[rules]]
id = "acme_token"
description = "A token of Acme"
regex = '''(?i)acme[_-]?token\s*=\s*([a-z0-9]{16,})'''
[[rules.allowlists]]
stopwords = ["dummy"]
"""
YAML = r"""
rules:
  - name: Beta Key
    id: kingfisher.beta.1
    pattern: |
      (?x) beta_ ( [0-9]{12} )   # digits
"""
LOST = TOML + "[[rules]]\nid = 'gamma-key'\nregex = '''gamma(?=x)'''\n"


@pytest.fixture
def value() -> str:
    return expand("<loweralnum:20>")


@pytest.fixture
def tree(program: Program, value: str) -> Program:
    """Two values, one in a file where the rule is silent, and one with a word that makes it none."""
    (program.home / "docs").mkdir()
    (program.home / "a.txt").write_text(f"acme-token = {value}\nACME_TOKEN=dummy{value}\n")
    (program.home / "docs/a.txt").write_text(f"acme-token = {value}\n")
    (program.home / "b.txt").write_text(expand("beta_<digit:12>\n"))
    (program.home / "own").mkdir()
    (program.home / "own/rules.toml").write_text(TOML)
    (program.home / "own/rules.yml").write_text(YAML)
    return program


def found(program: Program, *arguments: str | Path) -> list[tuple[str, str, int]]:
    result = program.result(".", "--exclude", "own*", *arguments)
    all_found = [(finding["rule"], finding["path"], finding["line"]) for finding in result["findings"]]
    return [each for each in all_found if each[0] in ("acme-token", "kingfisher-beta-1")]


def test_a_folder_of_rules_of_other_tools(tree: Program, value: str) -> None:
    expected = [("acme-token", "a.txt", 1), ("kingfisher-beta-1", "b.txt", 1)]
    assert found(tree, "--rules", "own") == expected
    assert found(tree, "--rules", "own/rules.toml", "--rules", "own/rules.yml") == expected
    done = tree("scan", "a.txt", "--rules", "own")
    assert done.returncode == 1 and value not in done.stdout + done.stderr
    assert "own/rules.toml: acme_token: narrowed:" in done.stderr
    assert "narrowed" not in tree("scan", "a.txt", "--rules", "own", "--quiet").stderr


def test_old_ids_still_name_the_rules(tree: Program) -> None:
    shown = tree("rules", "show", "acme_token", "--rules", "own")
    assert "acme-token" in shown.stdout and "re:^docs/" in shown.stdout and "(?i:dummy)" in shown.stdout
    assert "acme-token" in tree("rules", "list", "--rules", "own").stdout
    assert tree("scan", "a.txt", "--rules", "own", "--only", "acme_token").returncode == 1


def test_a_rule_that_cannot_be_taken_over_stops_the_scan(tree: Program) -> None:
    path = tree.home / "own/rules.toml"
    path.write_text(LOST)
    for arguments in (("scan", "."), ("rules", "list"), ("rules", "check")):
        done = tree(*arguments, "--rules", "own")
        assert done.returncode == 2 and done.stdout == ""
        assert "gamma-key: NOT TAKEN OVER: its regex has a lookaround" in done.stderr
        assert "1 of 2 rules cannot be taken over" in done.stderr and "rules import" in done.stderr


def test_import_writes_what_it_can_and_lists_the_rest(tree: Program) -> None:
    (tree.home / "own/rules.toml").write_text(LOST)
    done = tree("rules", "import", "own/rules.toml", "--output", "own.yaml")
    assert done.returncode == 2 and done.stdout == ""
    assert "gamma-key: NOT TAKEN OVER" in done.stderr and done.stderr.endswith("1 rules taken over, 1 not\n")
    assert found(tree, "--rules", "own.yaml") == [("acme-token", "a.txt", 1)]
    done = tree("rules", "import", "own/rules.yml")
    assert done.returncode == 0 and "- id: kingfisher-beta-1\n" in done.stdout
    assert tree("rules", "import", "missing.toml").returncode == 2
    assert tree("rules", "import", "own.yaml").returncode == 2
    assert tree("rules", "import", "own/rules.yml", "--output", "missing/own.yaml").returncode == 2


def test_rules_of_other_tools_are_proved_by_what_they_say(tree: Program) -> None:
    assert tree("rules", "check", "--rules", "own/rules.toml").returncode == 0
    (tree.home / "own/rules.yml").write_text(YAML + "    examples: [beta_1]\n")
    done = tree("rules", "check", "own/rules.yml")
    assert done.returncode == 2 and "finds 0 of 3 expansions of 'beta_1'" in done.stdout


def test_a_project_names_its_own_rules(tree: Program) -> None:
    (tree.home / ".modelguard.yaml").write_text("rules: [own]\n")
    assert found(tree) == [("acme-token", "a.txt", 1), ("kingfisher-beta-1", "b.txt", 1)]
    (tree.home / ".modelguard.yaml").write_text("rules: [/etc]\n")
    done = tree("scan", ".")
    assert done.returncode == 2 and "lead out of the folder" in done.stderr


def test_a_link_out_of_a_folder_of_rules_is_not_followed(tree: Program) -> None:
    (tree.home / "elsewhere.yaml").write_text("secret: text\n")
    (tree.home / "own/link.yaml").symlink_to(tree.home / "elsewhere.yaml")
    done = tree("scan", "a.txt", "--rules", "own")
    assert done.returncode == 2 and "leads out of the folder" in done.stderr and "secret" not in done.stderr


def test_a_pattern_that_an_engine_refuses_names_its_rule(tree: Program) -> None:
    (tree.home / "own/rules.yml").write_text(YAML.replace("beta_", r"beta\bx"))
    (tree.home / "large.txt").write_text("nothing\n" * 40_000)
    done = tree("scan", "large.txt", "--rules", "own", "--only", "kingfisher-beta-1", "--only", "hf-user-token")
    assert done.returncode == 2 and "kingfisher-beta-1: an engine refuses the pattern" in done.stderr


def test_rules_of_ones_own_run_where_they_can_be_stopped(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Nobody has measured them: a text that one of them takes forever for must become a gap, not a scan without end."""
    import modelguard
    from modelguard import pipeline

    asked: list[int] = []
    results = pipeline.results

    def seen(worker, stream, tick, jobs, seconds):  # type: ignore[no-untyped-def]
        asked.append(jobs)
        return results(worker, stream, tick, jobs, seconds)

    monkeypatch.setattr(pipeline, "results", seen)
    (tmp_path / "rules.toml").write_text(TOML)
    (tmp_path / "a.txt").write_text("x")
    for rules in ([], [str(tmp_path / "rules.toml")]):
        modelguard.scan(tmp_path / "a.txt", rules=rules, only=["npm-access-token"], jobs=2, history=False)
    assert asked == [1, 2]


def test_without_rules_of_ones_own_nothing_of_this_is_loaded(program: Program) -> None:
    (program.home / "a.txt").write_text("x\n")
    code = (
        "import sys, modelguard; modelguard.scan('a.txt', history=False);"
        "new = ('rules.foreign', 'rules.external', 'rules.loader', 'engine.effort', 'toml_text', 'tomllib');"
        "print([name for name in sys.modules if name.endswith(new)])"
    )

    done = subprocess.run(
        [program.command()[0], "-c", code], cwd=program.home, env=program.environment(), capture_output=True, text=True
    )
    assert done.stdout == "[]\n", done.stderr
