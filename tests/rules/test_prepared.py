"""The prepared form of the rules says what the YAML files say, and notices when they change."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from msgspec.structs import replace

from modelguard.errors import RuleError
from modelguard.rules import prepared
from modelguard.rules.loader import load_files
from modelguard.rules.prepared import PACKS, builtin_rules, digest_of
from modelguard.yaml_lines import read_yaml

RULES = Path(PACKS).parent


@pytest.fixture
def copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout of its own, with one pack of a few rules."""
    shutil.copytree(RULES.parent / "engine", tmp_path / "engine")
    home = tmp_path / "rules"
    (home / "packs").mkdir(parents=True)
    for name in ("prepared.py", "interface.py", "ruleset.py", "near.py", "loader.py"):
        shutil.copy(RULES / name, home / name)
    for name in ("generic", "tencent", "private-keys", "huggingface"):
        for path in (RULES / "packs").rglob(f"{name}.yaml"):
            shutil.copy(path, home / "packs")
    monkeypatch.setattr(prepared, "PACKS", home / "packs")
    monkeypatch.setattr(prepared, "PREPARED", home / "prepared.jsonl")
    return home


def test_it_says_what_the_files_say(copy: Path) -> None:
    fresh = tuple(load_files([copy / "packs"]))
    assert len(fresh) > 4 and any(rule.pattern.tails for rule in fresh) and any(rule.pattern.end for rule in fresh)
    assert tuple(builtin_rules()) == fresh  # made
    assert tuple(builtin_rules()) == fresh  # read
    assert [path.name for path in copy.glob("*prepared*.json*")] == ["prepared.jsonl"]


def test_a_changed_file_is_noticed(copy: Path) -> None:
    before = tuple(builtin_rules())
    path = next((copy / "packs").glob("tencent.yaml"))
    path.write_text(path.read_text().replace("severity: critical", "severity: low"))
    assert tuple(builtin_rules()) != before
    path.unlink()
    assert not any(rule.id.startswith("tencent") for rule in builtin_rules())


@pytest.mark.parametrize("content", [b"", b"{", b"\xff", b"\n", b'{"stamp": "other", "size": 0, "rules": []}\n'])
def test_an_odd_form_is_made_anew(copy: Path, content: bytes) -> None:
    before = tuple(builtin_rules())
    (copy / "prepared.jsonl").write_bytes(content)
    assert tuple(builtin_rules()) == before
    assert json.loads((copy / "prepared.jsonl").read_text().splitlines()[0])["rules"]


@pytest.mark.parametrize("change", [lambda whole: whole[:-1], lambda whole: whole + b"{}\n"])
def test_a_form_of_another_size_is_made_anew(copy: Path, change: Callable[[bytes], bytes]) -> None:
    before = tuple(builtin_rules())
    whole = (copy / "prepared.jsonl").read_bytes()
    (copy / "prepared.jsonl").write_bytes(change(whole))
    assert tuple(builtin_rules()) == before
    assert (copy / "prepared.jsonl").read_bytes() == whole


def test_a_damaged_rule_is_named_when_it_is_looked_at(copy: Path) -> None:
    last = builtin_rules()[-1].id
    whole = (copy / "prepared.jsonl").read_bytes()
    (copy / "prepared.jsonl").write_bytes(whole[:-2] + b"]\n")
    rules = builtin_rules()
    assert rules[0].id != last
    with pytest.raises(RuleError, match=f"{last} is damaged"):
        rules[-1]


def test_a_package_without_any_rules_says_so(copy: Path) -> None:
    shutil.rmtree(copy / "packs")
    with pytest.raises(RuleError, match="holds no rules"):
        builtin_rules()


def test_a_broken_rule_file_is_named(copy: Path) -> None:
    (copy / "packs" / "broken.yaml").write_text("- id: x\n")
    with pytest.raises(RuleError, match=r"broken\.yaml:1"):
        builtin_rules()


def test_the_digest_tells_sets_of_rules_apart() -> None:
    one, two, *_ = builtin_rules()
    told = {
        digest_of(rules)
        for rules in (
            [],
            [one],
            [two],
            [one, two],
            [replace(one, id="other-id")],
            [replace(one, checks=("luhn",))],
            [replace(one, paths=("*.md",))],
            [replace(one, not_paths=("*.md",))],
            [replace(one, not_values=("*.md",))],
            [replace(one, pattern=replace(one.pattern, regex="x"))],
            [replace(one, pattern=replace(one.pattern, end="x", limit=9))],
            [replace(one, judged=not one.judged)],
            [replace(one, generic=not one.generic)],
        )
    }
    assert len(told) == 13
    assert digest_of([one, two]) == digest_of([one, two])


def test_other_weights_are_another_set_where_rules_are_judged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    judged = [rule for rule in builtin_rules() if rule.judged]
    plain = [rule for rule in builtin_rules() if not rule.judged][:3]
    before = digest_of(judged), digest_of(plain)
    monkeypatch.setattr(prepared, "WEIGHTS", tmp_path / "weights.json")
    (tmp_path / "weights.json").write_text("{}")
    after = digest_of(judged), digest_of(plain)
    assert after[0] != before[0] and after[1] == before[1]


def test_a_rule_that_is_changed_has_another_digest() -> None:
    rules = builtin_rules()
    whole = digest_of(rules)
    assert digest_of(builtin_rules()) == whole
    assert digest_of(rules) == whole, "whether the digests came prepared or not"
    changed = replace(rules[7], checks=(*rules[7].checks, "has-digit"))
    assert digest_of([*rules[:7], changed, *rules[8:]]) != whole
    assert digest_of(rules[1:]) != whole


def test_libyaml_reads_them_as_the_reader_of_everybodys_files_does() -> None:
    some = sorted(Path(PACKS).rglob("*.yaml"))[::25]
    assert len(some) > 100
    for path in some:
        assert read_yaml(path.read_bytes(), ours=True) == read_yaml(path.read_bytes())
