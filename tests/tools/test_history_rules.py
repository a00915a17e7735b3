"""Other rules, other answers: what earlier scans of a history have seen was seen with the rules of those scans."""

from __future__ import annotations

from pathlib import Path

from modelguard.rules.templates import expand
from tests.tools.conftest import Scan
from tests.tools.repo import Repo

RULE = r"""
[[rules]]
id = "acme-token"
regex = '''acme_([a-z0-9]{16})'''
"""


def test_rules_that_are_added_or_changed_see_what_was_passed_over(repo: Repo, scan: Scan, tmp_path: Path) -> None:
    repo.commit({"a.txt": expand("acme_<loweralnum:16>\n")})
    repo.commit({"a.txt": "clean\n"})
    rules = tmp_path / "rules.toml"
    rules.write_text(RULE)
    only = ("--only", "acme-token", "--rules", rules)
    assert scan(repo, "--only", "npm-access-token").findings == []
    with_rule = scan(repo, *only)
    assert [each["rule"] for each in with_rule.findings] == ["acme-token"]
    assert scan(repo, *only).document["stats"]["remembered"] > 0
    digests = {with_rule.document["tool"]["rules_digest"]}
    for more in (
        "[[rules.allowlists]]\nregexes = ['''.''']\n",
        "[[rules.allowlists]]\npaths = ['''a\\.txt$''']\n",
    ):
        rules.write_text(RULE + more)
        silent = scan(repo, *only)
        assert silent.findings == []
        digests.add(silent.document["tool"]["rules_digest"])
    assert len(digests) == 3
    rules.write_text(RULE)
    assert len(scan(repo, *only).findings) == 1


def test_what_stands_around_a_number_is_asked_of_each_version(repo: Repo, scan: Scan) -> None:
    card = expand("<luhn:453901:16>")
    wrong = card[:-1] + str((int(card[-1]) + 1) % 10)
    filler = "x\n" * 300
    repo.commit({"a.csv": f"{wrong}\n{filler}{card}\n"})
    asked = ("--pii", "all", "--only", "payment-card-alone")
    assert scan(repo, *asked).findings == []
    repo.commit({"a.csv": f"{filler}{card}\n"})
    assert [each["rule"] for each in scan(repo, *asked).findings] == ["payment-card-alone"]
    repo.commit({"a.csv": f"{wrong}\n{filler}{card}\n"})
    assert len(scan(repo, *asked).findings) == 1
