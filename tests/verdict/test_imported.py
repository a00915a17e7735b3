"""Baselines of other tools: data, in which nothing is run, opened or believed that an audit called real."""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from modelguard.errors import BaselineError
from modelguard.model import Finding, Place
from modelguard.verdict.baseline import apply_baseline, load
from tests.reports.samples import finding

SHA1 = hashlib.sha1(b"value").hexdigest()
SECRET = {"type": "Secret Keyword", "hashed_secret": SHA1, "line_number": 7, "filename": "a.py"}
GITLEAKS = {"RuleID": "generic-api-key", "File": "a.py", "StartLine": 7, "Secret": "value-of-it"}


def written(tmp_path: Path, content: Any, name: str = ".secrets.baseline") -> Path:
    path = tmp_path / name
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return path


def detect_secrets(*secrets: dict[str, Any], where: str = "a.py", **others: Any) -> dict[str, Any]:
    return {"version": "1.5.0", "plugins_used": [], "filters_used": [], "results": {where: list(secrets)}, **others}


def at(line: int | None, path: str = "a.py", recognised: bool = False) -> Finding:
    return finding(path=path, place=Place(0, 9, line, 1, line, 9), recognised=recognised)


def accepted(path: Path, *found: Finding) -> list[bool]:
    return [str(one.status) == "baselined" for one in apply_baseline(found, load(path))[0]]


def test_an_entry_of_detect_secrets_goes_by_value_and_line(tmp_path: Path) -> None:
    path = written(tmp_path, detect_secrets(SECRET))
    baseline = load(path)
    assert baseline.known == {SHA1}
    (entry,) = baseline.entries
    assert (entry.path, entry.line, entry.rule, entry.fingerprint) == ("a.py", 7, "Secret Keyword", None)
    found = [at(7), at(99, recognised=True), at(99), at(7, "b.py"), at(99, "b.py", recognised=True), at(None)]
    assert accepted(path, *found) == [True, True, False, False, False, False]


def test_the_reason_names_the_file(tmp_path: Path) -> None:
    path = written(tmp_path, detect_secrets(SECRET))
    ((decided,), _) = apply_baseline([at(7)], load(path))
    assert decided.status_reason == f"accepted in {path}"


@pytest.mark.parametrize(("verdict", "entries"), [(True, 0), (False, 1), (None, 1)])
def test_what_an_audit_called_real_is_not_accepted(tmp_path: Path, verdict: bool | None, entries: int) -> None:
    path = written(tmp_path, detect_secrets({**SECRET, "is_secret": verdict}))
    assert len(load(path).entries) == entries
    assert load(path).known == ({SHA1} if entries else set())


def test_two_values_of_one_file_that_have_moved_are_both_used(tmp_path: Path) -> None:
    other = {**SECRET, "hashed_secret": "ab" * 20, "line_number": 8}
    baseline = load(written(tmp_path, detect_secrets(SECRET, other)))
    decided, notices = apply_baseline([at(50, recognised=True), at(51, recognised=True)], baseline)
    assert [str(one.status) for one in decided] == ["baselined"] * 2
    assert notices == []


@pytest.mark.parametrize("where", ["./src/a.py", "src\\a.py", ".\\src\\a.py", "src//a.py", "src/x/../a.py"])
def test_paths_are_brought_to_one_form(tmp_path: Path, where: str) -> None:
    listed = [{**GITLEAKS, "File": where}]
    for path in (
        written(tmp_path, detect_secrets(SECRET, where=where)),
        written(tmp_path, listed, "leaks.json"),
        written(tmp_path, f"{where}:generic-api-key:7\n", ".gitleaksignore"),
    ):
        assert accepted(path, at(7, "src/a.py")) == [True], path


def test_nothing_that_a_baseline_names_is_run_or_opened(tmp_path: Path) -> None:
    marker = tmp_path / "ran"
    plugin = tmp_path / "plugin.py"
    plugin.write_text(f"open({str(marker)!r}, 'w')\n")
    evil = {"name": "Evil", "path": f"file://{plugin}"}
    path = written(
        tmp_path,
        detect_secrets(
            SECRET,
            plugins_used=[evil, {"name": "http://attacker.test/plugin.py"}],
            filters_used=[{"path": f"file://{plugin}::is_fine"}, {"path": "os.system", "command": f"touch {marker}"}],
            where="../../../../etc/passwd",
        ),
    )
    load(written(tmp_path, detect_secrets(), "other.baseline"))  # what is imported to read any baseline is imported now
    seen: list[str] = []
    watching = True

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        if watching and event in ("open", "import", "exec", "socket.connect", "subprocess.Popen", "os.system"):
            seen.append(f"{event} {arguments[0]}")

    sys.addaudithook(hook)
    load(path)
    watching = False
    assert seen == [f"open {path}"]
    assert not marker.exists()


@pytest.mark.parametrize(
    "results",
    [
        {"a.py": {}},
        {"a.py": ["x"]},
        {"a.py": [{}]},
        {"a.py": [{**SECRET, "hashed_secret": None}]},
        {"a.py": [SECRET, {"type": "x", "line_number": 3}]},
        {"a.py": None},
    ],
)
def test_a_broken_entry_of_detect_secrets_is_refused(tmp_path: Path, results: Any) -> None:
    path = written(tmp_path, {"plugins_used": [], "results": results})
    with pytest.raises(BaselineError) as caught:
        load(path)
    assert str(path) in caught.value.message
    assert "a.py" in caught.value.message
    assert caught.value.remedy


def test_a_line_that_is_no_number_leaves_the_value(tmp_path: Path) -> None:
    path = written(tmp_path, detect_secrets({**SECRET, "line_number": "7"}))
    assert accepted(path, at(7), at(7, recognised=True)) == [False, True]


@pytest.mark.parametrize(
    ("secret", "known"),
    [
        ("value-of-it", True),
        ("REDACTED", False),
        ("val...", False),
        ("short", False),
        ("", False),
        (None, False),
        (3, False),
    ],
)
def test_a_report_of_gitleaks_goes_by_secret_unless_it_is_redacted(tmp_path: Path, secret: Any, known: bool) -> None:
    path = written(tmp_path, [{**GITLEAKS, "Secret": secret}], "leaks.json")
    digest = hashlib.sha1(str(secret).encode()).hexdigest()
    assert load(path).known == ({digest} if known else set())
    assert accepted(path, at(7), at(8)) == [True, False]


@pytest.mark.parametrize("broken", [{"File": None}, {"File": 3}, {"StartLine": "7"}, {"StartLine": None}])
def test_a_broken_finding_of_gitleaks_is_refused(tmp_path: Path, broken: dict[str, Any]) -> None:
    path = written(tmp_path, [GITLEAKS, {**GITLEAKS, **broken}], "leaks.json")
    with pytest.raises(BaselineError, match="finding 2 has no File or StartLine"):
        load(path)


def test_a_report_of_gitleaks_without_findings(tmp_path: Path) -> None:
    assert load(written(tmp_path, [], "leaks.json")).entries == ()


def test_the_ignore_file_of_gitleaks(tmp_path: Path) -> None:
    commit = "0123456789abcdef0123456789abcdef01234567"
    lines = f"# comment\n\n  a.py:generic-api-key:7  \n{commit}:with space/and:colon.py:aws-key:9\r\n"
    path = written(tmp_path, lines, ".gitleaksignore")
    assert [(entry.path, entry.rule, entry.line) for entry in load(path).entries] == [
        ("a.py", "generic-api-key", 7),
        ("with space/and:colon.py", "aws-key", 9),
    ]
    assert accepted(path, at(7), at(8), at(9, "with space/and:colon.py")) == [True, False, True]


@pytest.mark.parametrize("line", ["a.py", "a.py:7", "a.py:rule:", "a.py:rule:x", "a.py:ru le:7", ":rule:7", "*"])
def test_a_broken_line_of_an_ignore_file_is_named(tmp_path: Path, line: str) -> None:
    path = written(tmp_path, f"# comment\n{line}\n", ".gitleaksignore")
    with pytest.raises(BaselineError) as caught:
        load(path)
    assert f"{path}:2: not PATH:RULE:LINE" in caught.value.message


def test_an_ignore_file_of_another_name_is_no_baseline(tmp_path: Path) -> None:
    with pytest.raises(BaselineError, match="not a baseline of any format"):
        load(written(tmp_path, "a.py:generic-api-key:7\n", "ignore.txt"))
