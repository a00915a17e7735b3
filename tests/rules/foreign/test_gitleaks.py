"""Files of gitleaks and betterleaks, written here: what is taken over, and what is said of the rest."""

from __future__ import annotations

from pathlib import Path

import pytest

from modelguard.errors import RuleError
from modelguard.rules.external import External, import_rules, load_external
from modelguard.rules.interface import Rule

ACME = r"""
title = "acme"
[[rules]]
id = "acme_token"
description = "A token of Acme"
regex = '''(?i)acme_([a-z0-9]{16})'''
keywords = ["acme"]
tags = ["x"]
"""


def written(folder: Path, text: str, name: str = "rules.toml") -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def loaded(folder: Path, text: str) -> tuple[External, list[str]]:
    told: list[str] = []
    return load_external([written(folder, text)], (), told.append), [line.partition("rules.toml: ")[2] for line in told]


def rule_of(folder: Path, text: str) -> tuple[Rule, list[str]]:
    found, told = loaded(folder, text)
    (rule,) = found.rules
    return rule, told


def lost(folder: Path, text: str) -> list[str]:
    """What is told of a file that cannot be taken over as a whole; `import` says the same."""
    told: list[str] = []
    path = written(folder, text)
    with pytest.raises(RuleError, match="cannot be taken over") as error:
        load_external([path], (), told.append)
    assert "rules import" in error.value.remedy
    imported = import_rules(path, ())
    assert imported.lost and sum("NOT TAKEN OVER" in line for line in imported.notes) == imported.lost
    return [line.partition("NOT TAKEN OVER: ")[2] for line in told if "NOT TAKEN OVER" in line]


def test_a_rule(tmp_path: Path) -> None:
    rule, told = rule_of(tmp_path, ACME + "entropy = 3.5\n")
    assert told == []
    assert (rule.id, rule.was, rule.title, rule.what) == (
        "acme-token", ("acme_token",), "A token of Acme", "A token of Acme."
    )  # fmt: skip
    assert (rule.checks, rule.preview, rule.pattern.keywords) == (("entropy>=3.5",), "none", ("acme_",))
    assert rule.pattern.regex == "(?i:acme_(?P<value>[a-z0-9]{16}))"


def test_the_group_that_is_the_secret(tmp_path: Path) -> None:
    rule, _ = rule_of(tmp_path, ACME.replace("acme_([a-z0-9]{16})", "acme(_|-)([a-z0-9]{16})") + "secretGroup = 2\n")
    assert rule.pattern.regex.endswith("(?P<value>[a-z0-9]{16}))")
    assert lost(tmp_path, ACME + "secretGroup = 3\n") == ["its regex has no group 3"]


def test_keys_in_any_case(tmp_path: Path) -> None:
    rule, _ = rule_of(tmp_path, ACME.replace("[[rules]]", "[[Rules]]").replace("regex =", "Regex ="))
    assert rule.id == "acme-token"


def test_allowlists_of_values_and_paths(tmp_path: Path) -> None:
    rule, told = rule_of(
        tmp_path,
        "[allowlist]\npaths = ['''(^|/)vendor/''']\nregexes = ['''^0+''']\n"
        + ACME
        + "[[rules.allowlists]]\nregexes = ['''EXAMPLE$''']\nstopwords = ['Dummy', 'a.b']\n"
        + "[[rules.allowlists]]\ncondition = 'AND'\npaths = ['''_test\\.go$''']\n",
    )
    assert told == []
    assert rule.not_values == ("EXAMPLE$", r"(?i:Dummy|a\.b)", "^0{1,257}")
    assert rule.not_paths == (r"re:_test\.go$", "re:(?:^|/)vendor/")


def test_the_older_allowlist_of_a_rule(tmp_path: Path) -> None:
    rule, _ = rule_of(tmp_path, ACME + "[rules.allowlist]\nstopwords = ['dummy']\n")
    assert rule.not_values == ("(?i:dummy)",)


def test_an_allowlist_for_some_rules(tmp_path: Path) -> None:
    other = ACME.replace("acme", "beta").replace('title = "beta"', "")
    text = ACME + other + "[[allowlists]]\ntargetRules = ['beta_token']\nstopwords = ['dummy']\n"
    found, _ = loaded(tmp_path, text)
    assert [rule.not_values for rule in found.rules] == [(), ("(?i:dummy)",)]


MORE = {
    "commits": ("[[rules.allowlists]]\ncommits = ['abc']\n", "an allowlist of commits"),
    "the line": ("[[rules.allowlists]]\nregexTarget = 'line'\nregexes = ['x']\n", "for the whole line"),
    "the match": ("[[rules.allowlists]]\nregexTarget = 'match'\nregexes = ['x']\n", "for the whole match"),
    "two at once": ("[[rules.allowlists]]\ncondition = 'AND'\nregexes = ['x']\npaths = ['y']\n", "paths and regexes"),
    "what ours cannot say": ("[[rules.allowlists]]\nregexes = ['''\\pL''']\n", "Unicode class"),
    "what is slow": ("[[rules.allowlists]]\nregexes = ['''x(a+)+(b+|a+)+c''']\n", "could take very long"),
    "an expression": ("filter = '''true'''\n", "its filter is not run"),
    "part of an expression": ("filter = '''entropy(finding[\"secret\"]) < 3\n|| x'''\n", "its filter is not run"),
    "other rules": ("[[rules.required]]\nid = 'x'\n", "other rules nearby"),
    "the path": ("path = '''\\pL'''\n", "the path '\\\\pL' uses"),
}


@pytest.mark.parametrize("kind", MORE)
def test_what_is_left_out_finds_more_and_says_so(tmp_path: Path, kind: str) -> None:
    text, expected = MORE[kind]
    rule, told = rule_of(tmp_path, ACME + text)
    assert rule.not_values == rule.not_paths == rule.paths == ()
    (line,) = told
    assert line.startswith("acme_token: finds more:") and expected in line


def test_other_things_that_are_told(tmp_path: Path) -> None:
    rule, told = rule_of(tmp_path, ACME + "validate = '''cel'''\nfilter = '''entropy(finding[\"secret\"]) <= 3.1'''\n")
    assert told == ["acme_token: validate is never run"] and rule.checks == ("entropy>=3.1",)
    _, told = rule_of(tmp_path, ACME.replace("{16}", "{16,}"))
    assert told == ["acme_token: narrowed: what repeats without an end does so at most 4096 times more than it must"]
    _, told = rule_of(tmp_path, ACME.replace("(?i)acme_", "[a-f]"))
    assert told == ["acme_token: finds more: its keywords stand in no match, so they are not asked for"]
    _, told = rule_of(tmp_path, "[extend]\nuseDefault = true\ndisabledRules = ['x']\n" + ACME)
    assert [line.partition(":")[0] for line in told] == ["extend.useDefault", "extend.disabledRules"]
    found, told = loaded(tmp_path, ACME + "skipReport = true\n")
    assert found.rules == [] and "left out" in told[0]


def test_a_rule_for_some_files(tmp_path: Path) -> None:
    rule, told = rule_of(tmp_path, ACME + "path = '''(?i)\\.env$'''\n")
    assert (rule.paths, told) == ((r"re:(?i:\.env$)",), [])


LOST = {
    "no id": (ACME.replace('id = "acme_token"', ""), "it has no id"),
    "a path alone": ('[[rules]]\nid = "p12"\npath = "p12$"\n', "it goes by the path alone"),
    "a change of a default rule": ('[[rules]]\nid = "jwt"\nentropy = 1\n', "it has no regex: it changes a rule that"),
    "a lookaround": (ACME.replace("acme_", "acme(?=_)"), "its regex has a lookaround"),
    "nothing at all": (ACME.replace("acme_([a-z0-9]{16})", "x?"), "may be empty"),
    "too wide": (ACME.replace("{16}", "{8000}").replace("acme_", "a{1000}"), "the widest that is accepted"),
    "slow": (ACME.replace("acme_", "acme(?:a+a+)+_"), "could take very long"),
    "large": (ACME.replace("acme_", "acme(?:abcdefgh){900}_"), "is too large"),
    "a number for a regex": (ACME.replace("'''(?i)acme_([a-z0-9]{16})'''", "5"), "regex is not a text"),
    "a text for a number": (ACME + "entropy = 'x'\n", "entropy is not a number"),
}


@pytest.mark.parametrize("kind", LOST)
def test_a_rule_that_cannot_be_taken_over_stops_it(tmp_path: Path, kind: str) -> None:
    text, expected = LOST[kind]
    (reason,) = lost(tmp_path, text)
    assert expected in reason


def test_an_id_twice(tmp_path: Path) -> None:
    path = written(tmp_path, ACME + ACME.replace("acme_token", "Acme-Token").replace('title = "acme"', ""))
    with pytest.raises(RuleError, match=r"its id is that of another rule of rules\.toml"):
        load_external([path], ())
    assert "- id: gitleaks-acme-token\n" in import_rules(path, ()).text


def test_a_built_in_id_is_not_taken(tmp_path: Path) -> None:
    path = written(tmp_path, ACME)
    (own,) = load_external([path], ()).rules
    told: list[str] = []
    with pytest.raises(RuleError):
        load_external([path], (own,), told.append)
    assert "its id is that of a built-in rule; call it gitleaks-acme-token, say" in told[0]
    imported = import_rules(path, (own,))
    assert "- id: gitleaks-acme-token\n" in imported.text and imported.lost == 0
    assert "called gitleaks-acme-token" in imported.notes[0]


BASE = ACME.replace('title = "acme"', "") + "[[rules]]\nid = 'beta-key'\nregex = 'beta_[0-9]{9}'\n"


def test_an_extended_file(tmp_path: Path) -> None:
    written(tmp_path, BASE + "[[allowlists]]\nstopwords = ['base']\n", "sub/base.toml")
    found, _ = loaded(
        tmp_path,
        "[extend]\npath = 'sub/base.toml'\ndisabledRules = ['beta-key']\n"
        "[[rules]]\nid = 'acme_token'\nentropy = 2\n[[rules.allowlists]]\nstopwords = ['own']\n",
    )
    (rule,) = found.rules
    assert rule.checks == ("entropy>=2",) and rule.pattern.regex.startswith("(?i:acme_")
    assert rule.not_values == ("(?i:own)", "(?i:base)")


REFUSED = {
    "goes up": ("../base.toml", "leads out"),
    "is absolute": ("/etc/passwd", "leads out"),
    "is a link to elsewhere": ("link.toml", "leads out"),
    "goes round": ("rules.toml", "goes round"),
    "is a folder": ("folder", "names no file"),
    "is not there": ("missing.toml", "names no file"),
    "is too deep": ("1.toml", "files deep"),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_an_extended_file_stays_in_the_folder(tmp_path: Path, kind: str) -> None:
    name, expected = REFUSED[kind]
    folder = tmp_path / "own"
    written(tmp_path, BASE, "base.toml")
    written(folder, "", "folder/x")
    (folder / "link.toml").symlink_to(tmp_path / "base.toml")
    for number in range(1, 5):
        written(folder, f"[extend]\npath = '{number + 1}.toml'\n" + BASE, f"{number}.toml")
    with pytest.raises(RuleError, match=expected):
        loaded(folder, f"[extend]\npath = '{name}'\n")


@pytest.mark.parametrize(
    "content", [b"", b"title = 'x'\n", b"[[rules]\n", b"\xff", b"rules = 5\n", b"x = " + b"[" * 5000]
)
def test_what_is_no_such_file_is_an_error(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "rules.toml"
    path.write_bytes(content)
    with pytest.raises(RuleError, match=r"rules\.toml"):
        load_external([path], ())
    with pytest.raises(RuleError, match=r"rules\.toml"):
        import_rules(path, ())


def test_what_is_imported_is_a_rule_file_that_says_the_same(tmp_path: Path) -> None:
    text = ACME + "[[rules.allowlists]]\nregexes = ['''it's \"x\"$''']\npaths = ['''\\.md$''']\n"
    text += "[[rules]]\nid = 'on-ü'\ndescription = '''Größe: true'''\nregex = 'beta=[0-9]{9}'\npath = 'x$'\n"
    path = written(tmp_path, text)
    imported = import_rules(path, ())
    again = load_external([written(tmp_path, imported.text, "own.yaml")], ())
    assert (imported.rules, imported.lost, again.adopted) == (2, 0, frozenset())
    assert again.rules == load_external([path], ()).rules
    with pytest.raises(RuleError, match="is a rule file already"):
        import_rules(tmp_path / "own.yaml", ())
