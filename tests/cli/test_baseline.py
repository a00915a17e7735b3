"""`modelguard baseline`: what it accepts, what it says is stale, and what becomes of reasons."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from modelguard.rules.templates import expand
from tests.cli.powers import bound_by_modes
from tests.cli.program import Program

FILE = ".modelguard-baseline.json"


def entries(program: Program) -> list[dict[str, Any]]:
    document = json.loads((program.home / FILE).read_text())
    assert document["schema"] == "modelguard-baseline/1"
    return list(document["entries"])


def kinds(result: dict[str, Any]) -> list[str]:
    return [notice["kind"] for notice in result["notices"]]


@pytest.fixture
def two_files(program: Program, token: str) -> Program:
    """The same token in two files, and a password of which a baseline can keep no digest."""
    for name in ("a.py", "b.py"):
        (program.home / name).write_text(f'login("{token}")\n')
    (program.home / "c.py").write_text(f'db_password = "{expand("<alnum:12>")}"\n')
    assert program("baseline", "create").returncode == 0
    return program


def test_a_fresh_baseline_accepts_everything_and_is_not_stale(two_files: Program) -> None:
    assert [entry["path"] for entry in entries(two_files)] == ["a.py", "b.py", "c.py"]
    result = two_files.result(".", "--baseline", FILE)
    assert {finding["status"] for finding in result["findings"]} == {"baselined"}
    assert (kinds(result), result["exit_status"]) == ([], 0)


def test_an_entry_for_a_file_that_was_not_scanned_is_not_stale(two_files: Program) -> None:
    (two_files.home / "b.py").write_text("x = 1\n")
    (two_files.home / "elsewhere").mkdir()
    for targets, stale in ((["a.py"], []), (["elsewhere", "a.py"], []), (["b.py"], ["b.py"]), (["."], ["b.py"])):
        ran = two_files("scan", *targets, "--baseline", FILE, "--format", "json", "--allow-gaps")
        assert [notice["path"] for notice in json.loads(ran.stdout)["notices"]] == stale


def test_a_token_that_is_gone_from_one_file_is_stale_there(two_files: Program) -> None:
    (two_files.home / "b.py").write_text("x = 1\n")
    result = two_files.result(".", "--baseline", FILE)
    assert [(notice["kind"], notice["path"]) for notice in result["notices"]] == [("stale-baseline", "b.py")]


def test_a_token_may_move_to_another_file(two_files: Program) -> None:
    (two_files.home / "b.py").rename(two_files.home / "moved.py")
    result = two_files.result(".", "--baseline", FILE)
    assert {finding["status"] for finding in result["findings"]} == {"baselined"}


def test_a_password_that_changes_is_new(two_files: Program) -> None:
    (two_files.home / "c.py").write_text(f'db_password = "{expand("<alnum:12>", seed=1)}"\n')
    done = two_files("scan", ".", "--baseline", FILE)
    assert done.returncode == 1
    assert "c.py:1" in done.stdout


def test_reasons_are_shown_and_survive_an_update(two_files: Program) -> None:
    document = json.loads((two_files.home / FILE).read_text())
    document["entries"][0]["reason"] = "a revoked token\x1b[31m of the tutorial"
    (two_files.home / FILE).write_text(json.dumps(document))
    (two_files.home / "b.py").unlink()
    assert "a revoked token" in two_files("scan", ".", "-v", "--baseline", FILE).stdout
    done = two_files("baseline", "update")
    assert (done.returncode, done.stdout) == (0, "")
    assert [(entry["path"], entry.get("reason", "")[:15]) for entry in entries(two_files)] == [
        ("a.py", "a revoked token"),
        ("c.py", ""),
    ]
    audit = two_files("baseline", "audit")
    assert audit.returncode == 0
    assert "a.py:1  hf-user-token  a revoked token\\x1b[31m of the tutorial" in audit.stdout
    assert "c.py:1  generic-password-quoted  (no reason given)" in audit.stdout
    assert "2 entries, 1 without a reason" in audit.stderr


def test_create_replaces_only_by_force(two_files: Program) -> None:
    before = (two_files.home / FILE).read_text()
    (two_files.home / "a.py").unlink()
    done = two_files("baseline", "create")
    assert done.returncode == 2
    assert "baseline update" in done.stderr
    assert (two_files.home / FILE).read_text() == before
    assert two_files("baseline", "create", "--force").returncode == 0
    assert [entry["path"] for entry in entries(two_files)] == ["b.py", "c.py"]


def test_create_says_what_it_could_not_look_at(program: Program) -> None:
    (program.home / "a.py").write_text("x = 1\n")
    (program.home / "closed").mkdir(mode=0)
    done = program("baseline", "create", **bound_by_modes())
    assert done.returncode == 2
    assert "not looked at: closed" in done.stderr


def test_what_a_comment_allows_is_not_in_the_baseline(program: Program, token: str) -> None:
    (program.home / "a.py").write_text(f'login("{token}")  # modelguard{": "}allow[hf-user-token] demo\n')
    assert program("baseline", "create").returncode == 0
    assert entries(program) == []


def test_update_and_audit_need_a_baseline(program: Program) -> None:
    for command in ("update", "audit"):
        done = program("baseline", command)
        assert done.returncode == 2
        assert f"{FILE}: No such file or directory" in done.stderr
        assert "baseline create" in done.stderr


def test_the_projects_baseline_holds_in_its_subfolders(two_files: Program, token: str) -> None:
    (two_files.home / ".modelguard.yaml").write_text(f"baseline: {FILE}\n")
    folder = two_files.home / "src"
    folder.mkdir()
    (folder / "d.py").write_text(f'again("{token}")\n')
    assert two_files("scan", "d.py", cwd=folder).returncode == 0
    assert two_files("scan", "src").returncode == 0


def test_several_entries_of_detect_secrets_in_a_file_that_moved(program: Program) -> None:
    values = [expand(f"hf_<alnum:{size}>") for size in (34,)] + [expand("ghp_<base62crc:30>")]
    listed = [
        {"type": "x", "hashed_secret": hashlib.sha1(value.encode()).hexdigest(), "line_number": line}
        for line, value in enumerate(values, 1)
    ]
    (program.home / ".secrets.baseline").write_text(json.dumps({"plugins_used": [], "results": {"./a.py": listed}}))
    (program.home / "a.py").write_text("\n" * 50 + "".join(f'x = "{value}"\n' for value in values))
    result = program.result("a.py", "--baseline", ".secrets.baseline")
    assert [(finding["status"], finding["recognised"]) for finding in result["findings"]] == [("baselined", True)] * 2
    assert (kinds(result), result["exit_status"]) == ([], 0)


def test_an_imported_baseline_becomes_our_own(program: Program, token: str) -> None:
    (program.home / "a.py").write_text(f'login("{token}")\n')
    (program.home / "leaks.json").write_text(
        json.dumps([{"RuleID": "huggingface", "File": "./a.py", "StartLine": 1, "Secret": token}])
    )
    assert program("baseline", "update", "a.py", "--output", "leaks.json").returncode == 0
    content = (program.home / "leaks.json").read_text()
    assert json.loads(content)["schema"] == "modelguard-baseline/1"
    assert token not in content
    assert program("scan", "a.py", "--baseline", "leaks.json").returncode == 0


def test_a_baseline_is_written_whole_or_not_at_all(two_files: Program) -> None:
    before = (two_files.home / FILE).read_text()
    done = two_files("baseline", "create", "--output", "/dev/full", "--force")
    assert done.returncode == 2
    assert "No space left on device" in done.stderr
    done = two_files("baseline", "create", "--output", "missing/base.json")
    assert done.returncode == 2
    assert (two_files.home / FILE).read_text() == before
    assert not list(Path(two_files.home).glob(f"{FILE}.*"))


def test_one_finding_is_added_with_its_reason(program: Program, token: str) -> None:
    for name in ("a.py", "b.py"):
        (program.home / name).write_text(f'login("{token}")\ndb_password = "{expand("<alnum:12>")}"\n')
    found = program.result(".")["findings"]
    wanted = next(each for each in found if each["path"] == "b.py" and each["rule"] != "hf-user-token")
    ran = program("baseline", "add", wanted["fingerprint"][:12], "b.py", "--reason", "a demo")
    assert ran.returncode == 0 and "write `baseline: .modelguard-baseline.json`" in ran.stderr
    assert [(entry["path"], entry["reason"]) for entry in entries(program)] == [("b.py", "a demo")]
    (program.home / ".modelguard.yaml").write_text(f"baseline: {FILE}\n")
    ran = program("baseline", "add", found[0]["fingerprint"], "--reason", "both")
    assert (ran.returncode, ran.stderr) == (0, "")
    assert {entry["reason"] for entry in entries(program)} == {"a demo", "both"}
    left = [each for each in program.result(".")["findings"] if each["status"] == "open"]
    assert {each["path"] for each in left} == {"a.py"} and left[0]["rule"] == wanted["rule"]


def test_what_is_not_found_is_not_added(program: Program, token: str) -> None:
    (program.home / "a.py").write_text(f'login("{token}")\n')
    for fingerprint, said in (("0" * 12, "no finding begins with"), ("", "no fingerprint"), ("zz", "no fingerprint")):
        ran = program("baseline", "add", fingerprint, "--reason", "x")
        assert ran.returncode == 2 and said in ran.stderr


def test_a_baseline_of_another_tool_is_not_added_to(program: Program, token: str) -> None:
    (program.home / "a.py").write_text(f'login("{token}")\n')
    (program.home / ".gitleaksignore").write_text("b.py:generic-api-key:1\n")
    fingerprint = program.result(".")["findings"][0]["fingerprint"]
    ran = program("baseline", "add", fingerprint, "--reason", "x", "--output", ".gitleaksignore")
    assert ran.returncode == 2 and "another tool" in ran.stderr
    assert (program.home / ".gitleaksignore").read_text() == "b.py:generic-api-key:1\n"
