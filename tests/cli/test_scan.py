"""`modelguard scan` on files, from its exit status to each of its reports."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import jsonschema
import pytest

from modelguard.rules.templates import expand
from tests.cli.program import ROOT, Program


def test_a_clean_tree_exits_0(program: Program) -> None:
    (program.home / "a.py").write_text("print('hello')\n")
    done = program("scan", ".")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("No findings")


def test_one_planted_token_exits_1_and_is_not_shown(program: Program, token: str) -> None:
    (program.home / "train.py").write_text(f'# größe\nx = "é"; login("{token}")\n')
    done = program("scan", ".")
    assert done.returncode == 1
    assert "train.py:2:17" in done.stdout
    assert "Access Tokens" in done.stdout
    assert token not in done.stdout + done.stderr


def test_an_unreadable_file_exits_2_and_a_leak_beside_it_1(program: Program, token: str) -> None:
    (program.home / "pipe-in-disguise").symlink_to("/dev/null")
    assert program("scan", "missing.py").returncode == 2
    (program.home / "leak.py").write_text(token)
    assert program("scan", "missing.py", "leak.py").returncode == 1


def test_allow_gaps_is_the_only_way_past_a_gap_and_counts_it(program: Program) -> None:
    (program.home / "a.py").write_text("x = 1\n")
    done = program("scan", "a.py", "missing.py", "--allow-gaps")
    assert done.returncode == 0
    assert "1 gap" in done.stdout


def test_a_scan_of_nothing_exits_2(program: Program) -> None:
    done = program("scan", ".")
    assert done.returncode == 2
    assert "nothing" in done.stdout


def test_json_says_where_to_the_byte(program: Program, token: str) -> None:
    content = f"eins\r\nzwei ü {token}\r\n".encode()
    (program.home / "a.txt").write_bytes(content)
    result = program.result("a.txt")
    (finding,) = result["findings"]
    assert (result["schema"], result["exit_status"]) == ("modelguard/1", 1)
    assert (finding["path"], finding["line"], finding["column"], finding["end_column"]) == ("a.txt", 2, 8, 45)
    assert content[finding["byte_start"] : finding["byte_end"]] == token.encode()
    assert (finding["rule"], finding["status"], finding["blocking"]) == ("hf-user-token", "open", True)
    assert finding["preview"] == "hf_**** (37 characters)"


def test_jsonl_is_one_finding_a_line(program: Program, token: str) -> None:
    for number in range(3):
        (program.home / f"{number}.py").write_text(token)
    lines = [json.loads(line) for line in program("scan", ".", "--format", "jsonl").stdout.splitlines()]
    assert sorted(line["path"] for line in lines[:-1]) == ["0.py", "1.py", "2.py"]
    assert lines[-1]["summary"]["exit_status"] == 1


def test_sarif_is_valid(program: Program, token: str) -> None:
    (program.home / "a b.py").write_text(token)
    log = json.loads(program("scan", "a b.py", "missing", "--format", "sarif").stdout)
    jsonschema.validate(log, json.loads((ROOT / "tests/data/sarif-schema-2.1.0.json").read_text()))
    (result,) = log["runs"][0]["results"]
    assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "a%20b.py"


def test_several_outputs_at_once(program: Program, token: str) -> None:
    (program.home / "a.py").write_text(token)
    done = program("scan", "a.py", "--output", "json=out.json", "--output", "sarif=out.sarif")
    assert done.returncode == 1
    assert "hf-user-token" in done.stdout
    assert json.loads((program.home / "out.json").read_text())["findings"]
    assert json.loads((program.home / "out.sarif").read_text())["version"] == "2.1.0"
    again = program("report", "out.json")
    assert (again.returncode, "hf-user-token" in again.stdout) == (1, True)


def test_standard_input(program: Program, token: str) -> None:
    done = program("scan", "--stdin", "--stdin-name", "diff", "--format", "json", input=f"x = {token}\n")
    (finding,) = json.loads(done.stdout)["findings"]
    assert (done.returncode, finding["path"], finding["line"]) == (1, "diff", 1)


def test_quiet_says_nothing_on_success(program: Program, token: str) -> None:
    (program.home / "a.py").write_text("x = 1\n")
    assert program("scan", "a.py", "--quiet").stdout == ""
    (program.home / "b.py").write_text(token)
    assert "hf-user-token" in program("scan", ".", "--quiet").stdout


@pytest.mark.parametrize(
    ("line", "status"), [("never", 0), ("critical", 1), ("critical/high", 1), ("low", 1), ("default", 1)]
)
def test_fail_on_moves_the_line(program: Program, token: str, line: str, status: int) -> None:
    (program.home / "a.py").write_text(token)
    assert program("scan", "a.py", "--fail-on", line).returncode == status


def test_rules_can_be_chosen_and_added(program: Program, token: str) -> None:
    (program.home / "a.py").write_text(token)
    assert program("scan", "a.py", "--disable", "hf-user-token").returncode == 0
    assert program("scan", "a.py", "--only", "npm-access-token").returncode == 0
    (program.home / "own.yaml").write_text(
        "- {id: acme-key, title: Acme key, category: secret, severity: high, confidence: high,\n"
        "   pattern: '\\bacme_(?P<value>[a-z]{8})\\b', checks: [], preview: none, what: w, why: y, remedy: r}\n"
    )
    (program.home / "b.py").write_text("acme_" + "qwhzkpls")
    result = program.result("b.py", "--rules", "own.yaml")
    assert [finding["rule"] for finding in result["findings"]] == ["acme-key"]


def test_what_is_left_out_is_said(program: Program, token: str) -> None:
    for folder in (".git", "node_modules/x", "env/lib", "raw"):
        (program.home / folder).mkdir(parents=True)
        (program.home / folder / "leak.txt").write_text(token)
    (program.home / "env/pyvenv.cfg").write_text("")
    (program.home / "a.py").write_text("x = 1\n")
    result = program.result(".", "--exclude", "raw/")
    assert [left["path"] for left in result["left_out"]] == [".git/", "env/", "node_modules/", "raw/"]
    assert (result["findings"], result["exit_status"]) == ([], 0)
    everything = program.result(".", "--no-default-exclusions")
    assert len(everything["findings"]) == 4


def test_a_file_that_git_ignores_is_scanned_and_marked(program: Program, token: str) -> None:
    subprocess.run(["git", "init", "-q", "."], cwd=program.home, check=True)
    marker = program.home / "ran"
    hook = program.home / "hook.sh"
    hook.write_text(f"#!/bin/sh\ntouch {marker}\n")
    hook.chmod(0o755)
    subprocess.run(["git", "config", "core.fsmonitor", str(hook)], cwd=program.home, check=True)
    (program.home / ".gitignore").write_text(".env\n")
    for name in (".env", "a.py"):
        (program.home / name).write_text(token)
    found = {finding["path"]: finding["ignored"] for finding in program.result(".")["findings"]}
    assert found == {".env": True, "a.py": False}
    assert not marker.exists()


@pytest.mark.parametrize(
    ("comment", "allowed"),
    [
        ("modelguard: allow[hf-user-token] a demo", True),
        ("modelguard: allow[npm-access-token] the wrong rule", False),
        ("modelguard: allow", False),
        ("gitleaks:allow", True),
        ("betterleaks:allow", True),
        ("pragma: allowlist secret", True),
        ("kingfisher:ignore", True),
        ("trufflehog:ignore", True),
        ("nosec", False),
        ("nosec hf-user-token", True),
        ("an ordinary comment", False),
    ],
)
def test_comments_allow_a_finding(program: Program, token: str, comment: str, allowed: bool) -> None:
    (program.home / "a.py").write_text(f'login("{token}")  # {comment}\n')
    (finding,) = program.result("a.py")["findings"]
    assert (finding["status"], finding["blocking"]) == (("allowed", False) if allowed else ("open", True))


@pytest.mark.parametrize(
    "comment", ["pragma: allowlist nextline secret", "modelguard: allow-next-line[hf-user-token] x"]
)
def test_comments_allow_the_next_line(program: Program, token: str, comment: str) -> None:
    (program.home / "a.py").write_text(f'# {comment}\nlogin("{token}")\n')
    (finding,) = program.result("a.py")["findings"]
    assert finding["status"] == "allowed"


def test_an_allow_that_allows_nothing_is_said(program: Program) -> None:
    (program.home / "a.py").write_text(f"x = 1  # modelguard{': '}allow[hf-user-token] it was here once\n")
    (notice,) = program.result("a.py")["notices"]
    assert (notice["kind"], notice["path"], notice["line"]) == ("unused-allow", "a.py", 1)


def test_a_baseline_accepts_what_is_there_and_nothing_new(program: Program, token: str) -> None:
    (program.home / "a.py").write_text(f'login("{token}")\npassword = "{expand("<alnum:14>")}"\n')
    assert program("baseline", "create", "a.py").returncode == 0
    baseline = (program.home / ".modelguard-baseline.json").read_text()
    assert token not in baseline
    assert program("scan", "a.py", "--baseline", ".modelguard-baseline.json").returncode == 0
    (program.home / "a.py").write_text(f'\n\nmoved("{token}")\n')
    result = program.result("a.py", "--baseline", ".modelguard-baseline.json")
    assert [finding["status"] for finding in result["findings"]] == ["baselined"]
    assert [notice["kind"] for notice in result["notices"]] == ["stale-baseline"]
    (program.home / "a.py").write_text(f'login("{expand("hf_<alnum:34>", seed=1)}")\n')
    assert program("scan", "a.py", "--baseline", ".modelguard-baseline.json").returncode == 1
    assert program("baseline", "create", "a.py").returncode == 2  # it is there already
    assert program("baseline", "update", "a.py").returncode == 1
    assert "0 entries" in program("baseline", "audit").stderr


def test_baselines_of_other_tools(program: Program, token: str) -> None:
    import hashlib

    (program.home / "a.py").write_text(f'\nlogin("{token}")\n')
    sha1 = hashlib.sha1(token.encode()).hexdigest()
    marker = program.home / "ran"
    (program.home / "plugin.py").write_text(f"open({str(marker)!r}, 'w')\n")
    plugins = [{"name": "Evil", "path": f"file://{program.home}/plugin.py"}]
    entry = {"type": "Secret Keyword", "hashed_secret": sha1, "line_number": 77}
    real = {**entry, "is_secret": True}
    for name, content, status in (
        (".secrets.baseline", {"plugins_used": plugins, "results": {"a.py": [entry]}}, 0),
        (".secrets.baseline", {"plugins_used": plugins, "results": {"a.py": [real]}}, 1),
        (".secrets.baseline", {"plugins_used": plugins, "results": {"b.py": [entry]}}, 1),
        ("gitleaks.json", [{"RuleID": "x", "File": "a.py", "StartLine": 9, "Secret": token}], 0),
        ("gitleaks.json", [{"RuleID": "x", "File": "a.py", "StartLine": 9, "Secret": "REDACTED"}], 1),
        ("gitleaks.json", [{"RuleID": "x", "File": "a.py", "StartLine": 2, "Secret": "REDACTED"}], 0),
    ):
        (program.home / name).write_text(json.dumps(content))
        assert program("scan", "a.py", "--baseline", name).returncode == status, content
    (program.home / ".gitleaksignore").write_text("# comment\na.py:some-rule:2\n")
    assert program("scan", "a.py", "--baseline", ".gitleaksignore").returncode == 0
    assert not marker.exists()


def test_detect_secrets_runs_when_asked_for(program: Program) -> None:
    (program.home / "a.py").write_text(f'thing = "{expand("<base64:40>")}"\n')
    assert program.result("a.py")["findings"] == []
    found = program.result("a.py", "--with", "detect-secrets")["findings"]
    assert found
    assert all(finding["rule"].startswith("detect-secrets-") for finding in found)


def test_a_large_tree_goes_to_several_processes_and_gives_the_same(program: Program, token: str) -> None:
    for number in range(200):
        (program.home / f"{number}.py").write_text(token if number % 50 == 0 else "x = 1\n" * 1000)
    one = program.result(".", "--jobs", "1")
    two = program.result(".", "--jobs", "2")
    assert len(two["findings"]) == 4
    assert one["findings"] == two["findings"]
    assert (one["stats"]["blobs"], one["stats"]["bytes"]) == (two["stats"]["blobs"], two["stats"]["bytes"])


def test_rules_are_listed_shown_and_proved(program: Program) -> None:
    assert "hf-user-token" in program("rules", "list").stdout
    shown = program("rules", "show", "hf-user-token")
    assert (shown.returncode, "what to do" in shown.stdout) == (0, True)
    assert program("rules", "show", "no-such-rule").returncode == 2


def test_memory_stays_flat_on_a_5_gb_file(program: Program, token: str) -> None:
    size = 5 * 1024**3
    path = program.home / "weights.bin"
    window = 4 * 1024 * 1024
    places = (window - 10, size - 100)
    with open(path, "wb") as file:
        file.truncate(size)
        for place in places:
            file.seek(place)
            file.write(f" {token} ".encode())
    code = (
        "import resource, sys, modelguard;"
        "r = modelguard.scan(sys.argv[1], jobs=2);"
        # ru_maxrss of a program is never below that of whoever started it: here pytest, which has all tests in memory
        "own = next(int(line.split()[1]) for line in open('/proc/self/status') if line.startswith('VmHWM'));"
        "peak = own + 2 * resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss;"
        "print(r.exit_status, peak // 1024, *(f.place.byte_start for f in r.findings))"
    )
    command = [program.command()[0], "-c", code, str(path)]
    done = subprocess.run(command, env=program.environment(), capture_output=True, text=True, check=True)
    status, peak, *starts = map(int, done.stdout.split())
    assert status == 1
    assert starts == [place + 1 for place in places]
    assert peak < 300


def test_links_are_not_followed_out_of_the_tree(program: Program, token: str, tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside/leak.txt").write_text(token)
    (program.home / "a.py").write_text("x = 1\n")
    (program.home / "out").symlink_to(tmp_path / "outside")
    (program.home / "nowhere").symlink_to("missing")
    (program.home / "loop").symlink_to("loop")
    (program.home / "inside").symlink_to("a.py")
    os.mkfifo(program.home / "fifo")
    result = program.result(".")
    assert {left["path"]: left["reason"].split(" that ")[-1].split(",")[0] for left in result["left_out"]} == {
        "fifo": "a FIFO",
        "loop": "leads nowhere",
        "nowhere": "leads nowhere",
        "out": "leads out of the tree",
    }
    assert (result["findings"], result["gaps"]) == ([], [])


def test_names_that_are_not_utf8_or_hold_escapes(program: Program, token: str) -> None:
    for name in (b"caf\xe9.py", b"a\x1b[31m\nb.py"):
        with open(os.fsencode(program.home) + b"/" + name, "w") as file:
            file.write(token)
    done = program("scan", ".")
    assert done.returncode == 1
    assert "\x1b" not in done.stdout
    assert "caf\\xe9.py" in done.stdout
