"""Rule files: what a good one gives, and that each wrong one is refused with its file, its line and the key."""

from __future__ import annotations

from pathlib import Path

import pytest

from modelguard.engine.interface import Tail
from modelguard.errors import RuleError
from modelguard.model import Category, Confidence, Severity
from modelguard.rules.interface import Rule
from modelguard.rules.loader import load_file, load_files

GOOD = r"""- id: acme-badge
  title: Acme badge
  category: secret
  severity: high
  confidence: medium
  pattern: '\b(?P<value>acme-[0-9]{9})\b'
  checks: [not-placeholder, entropy>=2.0]
  preview: prefix:5
  what: Opens doors.
  why: Anyone can walk in.
  remedy: Revoke the badge.
  examples: ['badge acme-<digit:9>', 'acme-<digit:9>']
  not_examples: ['acme-000000000']
  references: [https://acme.test/badges]
"""
NEAR = GOOD.replace(r"  pattern: '\b(?P<value>acme-[0-9]{9})\b'", "  near: [acme, 'ac\\.me']\n  value: '[0-9]{9}'")


def written(folder: Path, text: str | bytes, name: str = "rules.yaml") -> Path:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def loaded(folder: Path, text: str) -> Rule:
    (rule,) = load_file(written(folder, text))
    return rule


def test_a_rule(tmp_path: Path) -> None:
    rule = loaded(tmp_path, GOOD)
    assert (rule.id, rule.title, rule.preview) == ("acme-badge", "Acme badge", "prefix:5")
    assert (rule.category, rule.severity, rule.confidence) == (Category.SECRET, Severity.HIGH, Confidence.MEDIUM)
    assert rule.checks == ("not-placeholder", "entropy>=2.0")
    assert (rule.pattern.width, rule.pattern.keywords, rule.pattern.tails) == (14, ("acme-",), ())
    assert (rule.generic, rule.foreign, rule.was, rule.paths) == (False, False, (), ())
    assert rule.help.remedy == "Revoke the badge."


def test_a_value_near_a_name(tmp_path: Path) -> None:
    regex = loaded(tmp_path, NEAR).pattern
    assert regex.regex.startswith(r"(?i:acme|ac\.me)[^\r\n]{0,40}?(?i:key|")
    assert regex.regex.endswith(r"(?P<value>[0-9]{9})(?![\w\-])")
    assert [tail.same_line for tail in regex.tails] == [True, True]
    assert "(?i:key" not in loaded(tmp_path, NEAR + "  word: false\n").pattern.regex


def test_a_pattern_in_parts(tmp_path: Path) -> None:
    parts = r"  pattern: ['acme\s{0,3}', '(?:badge|key)=', '(?P<value>[0-9]{9})']"
    pattern = loaded(tmp_path, GOOD.replace(r"  pattern: '\b(?P<value>acme-[0-9]{9})\b'", parts)).pattern
    assert pattern.regex == r"acme\s{0,3}(?:badge|key)=(?P<value>[0-9]{9})"
    assert pattern.tails == (Tail(25, 9, 6, True), Tail(11, 15, 7, False))
    assert pattern.regex[25:] == "(?P<value>[0-9]{9})"
    assert pattern.regex[11:25] == "(?:badge|key)="


def test_a_rule_without_an_end(tmp_path: Path) -> None:
    more = "  end: 'END'\n  limit: 4096\n"
    pattern = loaded(tmp_path, GOOD + more).pattern
    assert (pattern.end, pattern.limit) == ("END", 4096)


def test_where_and_of_what_a_rule_is_silent(tmp_path: Path) -> None:
    rule = loaded(tmp_path, GOOD + "  not_paths: ['*.md', 're:^docs/']\n  not_values: ['0{9}$']\n  paths: ['re:.']\n")
    assert (rule.paths, rule.not_paths, rule.not_values) == (("re:.",), ("*.md", "re:^docs/"), ("0{9}$",))


WRONG = {
    "a value without a bound": (GOOD + "  not_values: ['0+']\n", 15, "not_values: '0+' has an endless repeat"),
    "a slow value": (GOOD + "  not_values: ['(?:a{1,99}){1,99}b']\n", 15, "could take very long"),
    "a path without a bound": (GOOD + "  not_paths: ['re:.*x']\n", 15, "not_paths: '.*x' has an endless repeat"),
    "no regular expression for a path": (GOOD + "  paths: ['re:(']\n", 15, "paths: '(' is not a regular expression"),
    "an unknown key": (GOOD + "  colour: red\n", 15, "colour"),
    "no id": (GOOD.replace("id: acme-badge", "was: [old-id]"), 1, "id is missing"),
    "a wrong id": (GOOD.replace("acme-badge", "Acme_Badge", 1), 1, "kebab-case"),
    "no title": (GOOD.replace("  title: Acme badge\n", ""), 1, "title is missing"),
    "a number for a title": (GOOD.replace("Acme badge", "7"), 2, "title is not a"),
    "an unknown severity": (GOOD.replace("severity: high", "severity: huge"), 4, "'huge'"),
    "an unknown category": (GOOD.replace("category: secret", "category: odd"), 3, "'odd'"),
    "a text for a list": (GOOD.replace("[https://acme.test/badges]", "here"), 14, "references is not a list"),
    "a list of numbers": (GOOD.replace("[https://acme.test/badges]", "[1]"), 14, "references is not a list of texts"),
    "a wrong preview": (GOOD.replace("prefix:5", "all"), 1, "preview 'all'"),
    "no pattern": (GOOD.replace(r"  pattern: '\b(?P<value>acme-[0-9]{9})\b'" + "\n", ""), 1, "either `pattern` or"),
    "two patterns": (NEAR + "  pattern: '(?P<value>abc)'\n", 1, "either `pattern` or"),
    "no value": (GOOD.replace("?P<value>", ""), 1, "value"),
    "not a regular expression": (GOOD.replace("[0-9]{9}", "[0-9"), 1, "not a regular expression"),
    "no bound": (GOOD.replace("{9}", "+"), 1, "acme-badge"),
    "a limit without an end": (GOOD + "  limit: 10\n", 1, "only one of `end` and `limit`"),
    "a part with an alternative": (
        GOOD.replace(r"pattern: '\b(?P<value>acme-[0-9]{9})\b'", "pattern: ['ab|cd', '(?:ef|gh)', '(?P<value>acme)']"),
        1,
        "not its parts one after the other",
    ),
    "half a group": (
        GOOD.replace(r"pattern: '\b(?P<value>acme-[0-9]{9})\b'", "pattern: ['(?:ab', ')(?P<value>acme)']"),
        1,
        "not a regular expression by itself",
    ),
    "a mapping": ("id: acme-badge\n", 1, "not a list"),
    "a text for a rule": ("- acme\n", 1, "not a rule"),
    "a key twice": (GOOD.replace("  why:", "  what: x\n  why:"), 10, "'what' twice"),
    "an alias": ("- &a\n  id: x-y\n- *a\n", 1, "alias"),
    "a tag": ("- id: !!python/name:os.getcwd ''\n", 1, "tag"),
    "broken YAML": ("- id: [\n", 2, ""),
    "not UTF-8": (b"- id: \xff\n", 1, "UTF-8"),
}


@pytest.mark.parametrize("kind", WRONG)
def test_a_wrong_file_is_named_with_its_line(tmp_path: Path, kind: str) -> None:
    text, line, word = WRONG[kind]
    path = written(tmp_path, text)
    with pytest.raises(RuleError) as error:
        load_file(path)
    assert error.value.message.startswith(f"{path}:{line}:")
    assert word in error.value.message
    assert error.value.remedy


def test_what_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(RuleError, match="No such file"):
        load_files([tmp_path / "missing.yaml"])
    with pytest.raises(RuleError, match="holds no rule file"):
        load_files([tmp_path])


def test_ids_are_unique_among_files_and_rules_in_order(tmp_path: Path) -> None:
    written(tmp_path, GOOD.replace("acme-badge", "zebra-key"), "a.yaml")
    written(tmp_path, GOOD, "b.yaml")
    (tmp_path / "notes.txt").write_text("not a rule")
    assert [rule.id for rule in load_files([tmp_path])] == ["acme-badge", "zebra-key"]
    written(tmp_path, GOOD, "c.yaml")
    with pytest.raises(RuleError, match="acme-badge is taken already"):
        load_files([tmp_path])
