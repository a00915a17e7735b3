"""detect-secrets beside our own rules: it takes nothing from them, whatever it finds, breaks on or takes."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

import modelguard
from modelguard.budget import Budget
from modelguard.detectors.detect_secrets import DetectSecrets
from modelguard.errors import SettingsError
from modelguard.model import GapReason
from modelguard.pipeline import chosen_rules
from modelguard.rules.templates import expand
from modelguard.settings import Settings

TOKEN = expand("ghp_<base62crc:30>")
BROKEN = """
    from detect_secrets.plugins.base import RegexBasedDetector
    import re

    class FragileDetector(RegexBasedDetector):
        secret_type = "Fragile"
        denylist = [re.compile(r"glass")]

        def analyze_string(self, string):
            if "glass" in string:
                raise ValueError(string)
            yield from super().analyze_string(string)
"""


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("HOME", "XDG_CONFIG_HOME", "MODELGUARD_CACHE_DIR", "APPDATA"):
        monkeypatch.setenv(name, str(tmp_path / "home"))
    monkeypatch.setenv("MODELGUARD_NO_BACKGROUND", "1")
    (tmp_path / "tree").mkdir()
    monkeypatch.chdir(tmp_path / "tree")
    return tmp_path / "tree"


def test_its_guesses_do_not_use_up_the_budget_of_our_findings(tree: Path) -> None:
    guesses = "".join(
        f'x{number} = "{expand("<base64:60>", seed=number)}"\n' for number in range(Budget().findings + 9)
    )
    (tree / "a.py").write_text(f"{guesses}use {TOKEN}\n")
    result = modelguard.scan(tree, with_detectors=["detect-secrets"])
    assert len(result.findings) == Budget().findings
    assert result.findings[-1].rule == "github-pat"
    (gap,) = result.gaps
    assert gap.reason is GapReason.OVER_BUDGET
    assert "the rest are not listed" in gap.detail
    assert result.exit_status == 1


def test_a_plugin_that_breaks_costs_its_own_findings_only(tree: Path, tmp_path: Path) -> None:
    plugin = tmp_path / "fragile.py"
    plugin.write_text(textwrap.dedent(BROKEN))
    (tree / "a.md").write_text(f"glass {TOKEN}\n")
    result = modelguard.scan(tree, with_detectors=["detect-secrets"], detect_secrets_plugins=[str(plugin)])
    assert [finding.rule for finding in result.findings] == ["github-pat"]
    (gap,) = result.gaps
    assert gap.reason is GapReason.CRASHED
    assert gap.detail == "the detect-secrets plugin FragileDetector broke on a line (ValueError)"


def test_after_its_time_it_stops_and_says_so() -> None:
    detection = DetectSecrets(seconds=0.0).detect(f"use {TOKEN}\n".encode() * 3, lambda: "a.md")
    assert not detection.matches
    (problem,) = detection.problems
    assert "longer than 0 seconds" in problem


@pytest.mark.parametrize("options", [{"disable": ["detect-secrets-basic-auth-credentials"]}, {"only": ["github-pat"]}])
def test_its_rules_can_be_disabled(tree: Path, options: dict[str, list[str]]) -> None:
    (tree / "a.md").write_text(f"https://{expand('<lower:6>')}:{expand('<lower:6>')}@example.com {TOKEN}\n")
    rules = {finding.rule for finding in modelguard.scan(tree, with_detectors=["detect-secrets"], **options).findings}
    assert "github-pat" in rules
    assert "detect-secrets-basic-auth-credentials" not in rules


def test_one_of_its_rules_can_be_all_that_is_asked_for(tree: Path) -> None:
    (tree / "a.md").write_text(f"use {TOKEN}\n")
    only = ["detect-secrets-github-token"]
    (finding,) = modelguard.scan(tree, with_detectors=["detect-secrets"], only=only).findings
    assert finding.rule == "detect-secrets-github-token"


def test_its_rules_are_unknown_where_it_is_not_asked_for() -> None:
    with pytest.raises(SettingsError, match="no rule 'detect-secrets-github-token'"):
        chosen_rules(Settings(only=("detect-secrets-github-token",)))
    known = {rule.id for rule in chosen_rules(Settings(with_detectors=("detect-secrets",)))}
    assert {"detect-secrets-github-token", "github-pat"} <= known
