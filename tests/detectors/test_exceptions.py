"""Where and of what a rule is silent: `paths`, `not_paths` and `not_values`."""

from __future__ import annotations

import random

import pytest
from msgspec.structs import replace
from pathspec import GitIgnoreSpec

from modelguard.detectors.paths import is_named, speaks_in
from modelguard.detectors.patterns import PatternDetector
from modelguard.detectors.proving import engines
from modelguard.engine.interface import Asked
from modelguard.engine.syntax import derive
from modelguard.model import Category, Confidence, Severity
from modelguard.rules.interface import Rule

RULE = Rule(
    "acme-key", "Acme key", Category.SECRET, Severity.HIGH, Confidence.HIGH, derive(r"acme=(?P<value>\w{4,20})"),
    (), "none", "x", "x", "x",
)  # fmt: skip


@pytest.mark.parametrize("name", engines())
def test_values_that_are_none(name: str) -> None:
    detector = PatternDetector([replace(RULE, not_values=("^0{1,9}$", "(?i:dummy)"))], engine=engines()[name])
    found = detector.detect(b"acme=0000 acme=00001 acme=myDUMMYkey acme=real", None)
    assert [match.value for match in found.matches] == [b"00001", b"real"]
    assert len(found.sensitive) == 4  # an excerpt shows none of them
    heard = detector.rules_in([Asked(b"acme=0000"), Asked(b"acme=0001")])
    assert [each.rules for each in heard] == [frozenset(), {"acme-key"}]


@pytest.mark.parametrize("name", engines())
def test_files_in_which_a_rule_is_silent(name: str) -> None:
    detector = PatternDetector([replace(RULE, not_paths=("*.md",))], engine=engines()[name])
    assert not detector.detect(b"acme=real", lambda: "a/b.md").matches
    assert detector.detect(b"acme=real", lambda: "a/b.py").matches and detector.detect(b"acme=real", None).matches


SPEAKS = {
    "anywhere": ((), (), "a/b.py", True),
    "a line": (("*.py",), (), "a/b.py", True),
    "not another": (("*.py",), (), "a/b.md", False),
    "an expression": (("re:^a/.{1,20}y$",), (), "a/b.py", True),
    "an expression for the whole path": (("re:^b",), (), "a/b.py", False),
    "either": (("*.md", "re:^a/"), (), "a/b.py", True),
    "not in a line": ((), ("a/",), "a/b.py", False),
    "not in an expression": ((), ("re:py$",), "a/b.py", False),
    "in, but not in": (("*.py",), ("re:test",), "tests/b.py", False),
    "by the member": ((), ("re:^b",), "a.zip!b.py", False),
}


@pytest.mark.parametrize("kind", SPEAKS)
def test_where_a_rule_speaks(kind: str) -> None:
    paths, not_paths, path, expected = SPEAKS[kind]
    assert speaks_in(replace(RULE, paths=paths, not_paths=not_paths), path) is expected


def test_names_are_matched_as_gitignore_does() -> None:
    """Where a rule's lines are nothing but names and endings, pathspec is not asked: it would say the same."""
    chance = random.Random(3)
    parts = ["a", "b.txt", ".env", "x.jinja", "jinja", "config.json", "my_config.json", ".jinja", "a.jinja2", "x.y.z"]
    lines = ["*.jinja", ".env", "config.json", "*_config.json", "*.z", "*rc", "a.jinja2", "*.tar-gz", "a"]
    seen = set()
    for _ in range(3000):
        path = "/".join(chance.choices(parts, k=chance.randrange(1, 4)))
        some = tuple(chance.sample(lines, chance.randrange(1, 5)))
        expected = bool(GitIgnoreSpec.from_lines(some, backend="simple").match_file(path))
        assert is_named(some, path) is expected, (some, path)
        seen.add(expected)
    assert seen == {True, False}
