"""`modelguard explain`: why a line or a finding is reported, or is not; in words, and never with the value."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from modelguard.rules.templates import expand
from tests.cli.program import Program
from tests.packed import zipped
from tests.tools.repo import Repo

PASSWORD = expand("<alpha:5>-<digit:3>-<alpha:5>")
ALLOW = ": ".join(("modelguard", "allow"))  # in two words, so that it allows nothing here


def explained(program: Program, place: str, status: int = 0) -> list[dict[str, Any]]:
    ran = program("explain", place, "--format", "json")
    assert ran.returncode == status, ran.stderr
    return json.loads(ran.stdout)["explanations"]


def of_rule(said: list[dict[str, Any]], rule: str) -> dict[str, Any]:
    (found,) = [each for each in said if each["rule"] == rule]
    return found


def test_a_password_and_a_stand_in(program: Program) -> None:
    text = f'host = "h"\ndb_password = "{PASSWORD}"\npassword = "your-password-here"\n'
    (program.home / "a.py").write_text(text)
    real = of_rule(explained(program, "a.py:2"), "generic-password-quoted")
    assert (real["reported"], real["blocking"], real["line"], real["column"]) == (True, True, 2, 16)
    assert real["likelihood"] >= real["sure"] > real["threshold"]
    weights = {each["name"]: each["weight"] for each in real["evidence"]}
    assert weights["prior"] < 0 < sum(weights.values())
    stand_in = of_rule(explained(program, "a.py:3:13"), "generic-password-quoted")
    assert (stand_in["reported"], stand_in["confidence"]) == (False, None)
    assert "below 0.60" in stand_in["reason"]
    assert any(each["name"] == "value:stand-in" and each["weight"] < 0 for each in stand_in["evidence"])
    assert explained(program, "a.py:1") == []
    assert (
        explained(program, "./a.py:2")
        == explained(program, str(program.home / "a.py:2"))
        == explained(program, "a.py:2")
    )
    assert len(explained(program, "a.py")) == len(explained(program, "a.py:2")) + len(explained(program, "a.py:3"))


def test_in_words(program: Program, token: str) -> None:
    (program.home / "a.py").write_text(f'x = "{token}"\npassword = "{PASSWORD}"\ny = "hf_{"x" * 34}"\n')
    first, second, third, last = (program("explain", f"a.py:{line}").stdout for line in range(1, 5))
    assert first.splitlines()[:3] == [
        "a.py:1:6  hf-user-token  hf_**** (37 characters)",
        "  Hugging Face user access token",
        "  reported, blocks",
    ]
    assert "not-placeholder passed" in first
    assert "  for\n" in second and "  against\n" in second and "the name says password\n" in second
    assert "not reported: a check drops it: not-placeholder" in third
    assert last == "a.py:4: no rule matches anything here\n"
    for said in (first, second, third):
        assert token not in said and PASSWORD not in said


@pytest.mark.parametrize(
    ("path", "line", "rule", "reason"),
    [
        ("a.py", "aws_access_key_id = {id}", "aws-access-key-id", "it is told as the access key id of the finding of"),
        ("a.py", "aws_secret_access_key = {secret}", "generic-assigned-random", "aws-secret-access-key tells the same"),
        ("a.py", 'db_password = "{secret}"', "client-settings-password", "the rule speaks only in files such as"),
        ("a.js", "publishable_key = '{secret}'", "generic-keyed-quoted", "a key that its vendor has people publish"),
    ],
)
def test_why_it_is_no_finding_of_its_own(program: Program, path: str, line: str, rule: str, reason: str) -> None:
    key, secret = expand("AKIA<base32:16>"), expand("<base64:40>")
    both = f"aws_access_key_id = {key}\naws_secret_access_key = {secret}\n"
    text = line.format(id=key, secret=secret)
    (program.home / path).write_text(f"{both}{text}\n" if "aws" not in text else both)
    number = both.splitlines().index(text) + 1 if "aws" in text else 3
    found = of_rule(explained(program, f"{path}:{number}"), rule)
    assert not found["reported"] and reason in found["reason"]


def test_what_the_project_has_decided_is_told(program: Program, token: str) -> None:
    (program.home / "a.py").write_text(f'x = "{token}"  # {ALLOW}[hf-user-token] revoked\n')
    found = of_rule(explained(program, "a.py:1"), "hf-user-token")
    assert (found["reported"], found["blocking"], found["reason"]) == (True, False, "allowed: revoked")
    (program.home / ".modelguard.yaml").write_text("exclude: [a.py]\n")
    ran = program("explain", "a.py")
    assert (ran.returncode, ran.stdout) == (0, "a.py: left out: excluded by settings\n")


def test_text_of_two_bytes_a_character(program: Program, token: str) -> None:
    (program.home / "a.txt").write_bytes(f"one\nx = '{token}'\n".encode("utf-16"))
    found = of_rule(explained(program, "a.txt:2"), "hf-user-token")
    assert (found["reported"], found["line"], found["column"]) == (True, 2, 6)


def test_what_cannot_be_looked_at_is_said(program: Program, tmp_path: Path) -> None:
    ran = program("explain", "missing.py:3")
    assert ran.returncode == 2 and "missing.py: missing" in ran.stdout
    ran = program("explain", ".")
    assert ran.returncode == 2 and "a folder" in ran.stderr
    os.mkfifo(program.home / "pipe")
    assert program("explain", "pipe:1").returncode == 2
    (program.home / "a.py").write_text("x = 1\n")
    (program.home / ".modelguard.yaml").write_text("nonsense: 1\n")
    assert program("explain", "a.py").returncode == 2


def test_a_file_whose_name_ends_like_a_line(program: Program, token: str) -> None:
    (program.home / "a.py:3").write_text(f"\n{token}\n")
    assert [each["line"] for each in explained(program, "a.py:3") if each["reported"]] == [2]
    assert [each["line"] for each in explained(program, "a.py:3:2") if each["reported"]] == [2]


def test_more_than_anybody_reads_is_a_gap(program: Program) -> None:
    (program.home / "a.py").write_text(f'password = "{PASSWORD}"\n' * 1200)
    assert len(explained(program, "a.py", status=2)) == 1000
    assert explained(program, "a.py:1100", status=2)[0]["line"] == 1100


def test_names_cannot_act_on_the_terminal(program: Program) -> None:
    name = "a\x1b[2J.py"
    (program.home / name).write_text(f'password = "{PASSWORD}"\n')
    assert "\x1b" not in program("explain", name).stdout


def fingerprints(program: Program) -> dict[tuple[str, str], str]:
    """Of what a scan finds, by rule and path."""
    found = json.loads(program("scan", "--format", "json").stdout)["findings"]
    return {(each["rule"], each["path"]): each["fingerprint"] for each in found}


def test_a_finding_is_named_by_its_fingerprint(program: Program, token: str) -> None:
    (program.home / "sub").mkdir()
    (program.home / "sub" / "a.py").write_text(f'db_password = "{PASSWORD}"; t = "{token}"\n')
    named = fingerprints(program)[("generic-password-quoted", "sub/a.py")]
    (found,) = explained(program, named)
    assert (found["rule"], found["line"], found["column"], found["blocking"]) == (
        "generic-password-quoted",
        1,
        16,
        True,
    )
    assert found["evidence"]
    assert explained(program, named[:8]) == [found]
    said = program("explain", named, "--in", "sub").stdout
    assert said.startswith("sub/a.py:1:16  generic-password-quoted") and PASSWORD not in said


def test_a_finding_that_only_history_holds(program: Program) -> None:
    repo = Repo(program.home, program.home).init()
    repo.commit({"a.py": f'x = 1\ndb_password = "{PASSWORD}"\n'})
    repo.commit({"a.py": "x = 1\n"})
    ((key, named),) = fingerprints(program).items()
    assert key == ("generic-password-quoted", "a.py")
    (found,) = explained(program, named)
    assert (found["line"], found["reported"], found["blocking"]) == (2, True, True) and found["evidence"]


def test_a_fingerprint_that_names_nothing(program: Program) -> None:
    (program.home / "a.py").write_text("x = 1\n")
    ran = program("explain", "0123456789abcdef")
    assert ran.returncode == 2 and "no finding here has the fingerprint" in ran.stderr
    ran = program("explain", "a.py", "--in", ".")
    assert ran.returncode == 2 and "--in and a path at once" in ran.stderr
    (program.home / "abcdef0123").write_text("x = 1\n")
    assert program("explain", "abcdef0123").stdout == "abcdef0123: no rule matches anything here\n"


def test_what_lies_in_a_container(program: Program, token: str) -> None:
    """A member is named with its own line, and its finding leads back to it."""
    (program.home / "a.zip").write_bytes(zipped(("conf/.env", f"# x\nHF_TOKEN={token}\n".encode())))
    said = of_rule(explained(program, "a.zip"), "hf-user-token")
    assert (said["inner"], said["inside"], said["line"], said["reported"]) == ("conf/.env", True, 2, True)
    (found,) = json.loads(program("scan", "a.zip", "--format", "json").stdout)["findings"]
    assert [each["inner"] for each in explained(program, found["fingerprint"])] == ["conf/.env"]
    assert "a.zip!conf/.env:2:10  hf-user-token" in program("explain", found["fingerprint"]).stdout
    assert explained(program, "a.zip:2") == []
