"""The accuracy bench: how findings meet labels, what scanners say, what has changed, and that no value is kept."""

from __future__ import annotations

import json
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

from modelguard.rules.templates import expand

TOKEN = expand("hf_<alpha:34>")


def label(start: int, end: int, word: str, category: str, file: str = "a.py") -> dict[str, Any]:
    return {"file": file, "line_start": start, "line_end": end, "label": word, "category": category}


def example(name: str, text: str, word: str = "T", category: str = "made:looks real") -> dict[str, Any]:
    return {"file": name, "text": text, "label": word, "category": category, "rule_id": f"service of {name}"}


def written(path: Path, rows: list[dict[str, Any]]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def lines_case(folder: Path, rows: list[dict[str, Any]]) -> Any:
    from accuracy.tables import Case
    from accuracy.truth import LINE_GROUPS, labelled_lines

    return Case("lines", labelled_lines(written(folder / "truth.jsonl", rows).parent), LINE_GROUPS)


def found(file: str, line: int, end: int = 0, rule: str = "rule", secret: bool = True) -> Any:
    from accuracy.scanners import Found

    return Found(file, line, end or line, rule, secret)


def counts(case: Any, findings: list[Any], group: str = "all") -> tuple[int, int, int, int]:
    from accuracy.score import tally
    from accuracy.tables import met_by

    of = tally(case.units, met_by(case, findings), group)
    return of.found, of.real, of.false_alarms, of.harmless


def test_lines_that_a_finding_touches_are_found_and_false_alarms(tmp_path: Path) -> None:
    case = lines_case(tmp_path, [label(1, 1, "T", "Key"), label(5, 9, "T", "Key"), label(12, 12, "F", "Key")])
    assert counts(case, []) == (0, 2, 0, 1)
    assert counts(case, [found("a.py", 9, 11)]) == (1, 2, 0, 1)
    assert counts(case, [found("a.py", 1), found("a.py", 1), found("a.py", 11, 13)]) == (1, 2, 1, 1)
    assert counts(case, [found("b.py", 1), found("a.py", 1, secret=False)]) == (0, 2, 0, 1)


def test_a_finding_that_touches_a_true_line_is_no_false_alarm_beside_it(tmp_path: Path) -> None:
    case = lines_case(tmp_path, [label(1, 1, "T", "Key"), label(2, 2, "F", "Key")])
    assert counts(case, [found("a.py", 1, 2)]) == (1, 1, 0, 1)
    assert counts(case, [found("a.py", 1, 2), found("a.py", 2)]) == (1, 1, 1, 1)


def test_labels_of_the_same_lines_are_one_unit_which_a_true_one_decides(tmp_path: Path) -> None:
    rows = [label(1, 1, "F", "Password"), label(1, 1, "T", "UUID"), label(1, 1, "F", "Password")]
    case = lines_case(tmp_path, [*rows, label(2, 2, "X", "Password:Salt")])
    assert counts(case, [found("a.py", 1), found("a.py", 2)]) == (1, 1, 1, 1)
    assert counts(case, [found("a.py", 1)], "identifier") == (1, 1, 0, 0)
    assert counts(case, [found("a.py", 1)], "password") == (0, 0, 0, 1)
    assert counts(case, [], "crypto parameter") == (0, 0, 0, 1)


def test_what_opens_nothing_by_itself_is_not_core(tmp_path: Path) -> None:
    rows = [label(1, 1, "T", "UUID"), label(2, 2, "T", "Nonce:Salt"), label(3, 3, "T", "UUID:Key")]
    case = lines_case(tmp_path, [*rows, label(4, 4, "T", "Some Vendor Key")])
    assert counts(case, [], "core") == (0, 2, 0, 0)
    assert counts(case, [found("a.py", 4)], "vendor key") == (1, 1, 0, 0)


def test_the_table_of_scores(tmp_path: Path) -> None:
    from accuracy.tables import scores

    rows = [label(1, 1, "T", "Key"), label(2, 2, "T", "Key"), label(3, 3, "F", "Salt"), label(4, 4, "F", "Key")]
    case = lines_case(tmp_path, rows)
    text = scores(case, {"one": [found("a.py", 1), found("a.py", 3), found("a.py", 7), found("b.py", 1)], "none": []})
    assert "| all | one | 1 | 2 | 0.500 | 1 | 2 | 0.500 | 0.500 | 2 |\n" in text
    assert "| core | one | 1 | 2 | 0.500 | 0 | 1 | 1.000 | 0.667 |  |\n" in text
    assert "| crypto parameter | one | 0 | 0 |  | 1 | 1 | 0.000 |  |  |\n" in text
    assert "| all | none | 0 | 2 | 0.000 | 0 | 2 |  | 0.000 | 0 |\n" in text
    assert "password" not in text


def test_an_example_is_found_by_any_finding_in_it(tmp_path: Path) -> None:
    from accuracy.tables import Case
    from accuracy.truth import EXAMPLE_GROUPS, unpacked_examples

    rows = [
        example("a/1.txt", "one\ntwo"),
        example("a/2.txt", "", "F"),
        example("3.txt", "", "T", "made:looks made up"),
    ]
    units = unpacked_examples(written(tmp_path / "set.jsonl", rows), tmp_path / "out")
    assert (tmp_path / "out" / "a" / "1.txt").read_text() == "one\ntwo"
    case = Case("set", units, EXAMPLE_GROUPS)
    assert counts(case, [found("a/1.txt", 99), found("a/2.txt", 1)]) == (1, 2, 1, 1)
    assert counts(case, [found("3.txt", 1)], "looks real") == (0, 1, 0, 1)


@pytest.mark.parametrize("name", ["../out.txt", "a/../../out.txt", "/tmp/out.txt"])
def test_an_example_never_lies_outside_its_folder(tmp_path: Path, name: str) -> None:
    from accuracy.truth import unpacked_examples

    source = written(tmp_path / "set.jsonl", [example(name, "text")])
    with pytest.raises(SystemExit, match="lies outside"):
        unpacked_examples(source, tmp_path / "folder")
    assert [path.name for path in tmp_path.rglob("*")] == ["set.jsonl"]


REPORTS = {
    "kingfisher": '{"rule": {"id": "r"}, "finding": {"path": "FOLDER/a/b.py", "line": 3, "snippet": "s"}}\n{"audit": 1}\n',
    "betterleaks": '{"findings": [{"rule_id": "r", "match": {"value": "s"},'
    ' "location": {"path": "FOLDER/a/b.py", "start_line": 3, "end_line": 5}}]}',
    "gitleaks": '[{"RuleID": "r", "Secret": "s", "File": "FOLDER/a/b.py", "StartLine": 3, "EndLine": 5}]',
    "detect-secrets": '{"results": {"a/b.py": [{"type": "r", "hashed_secret": "s", "line_number": 3}]}}',
}


def test_every_peer_is_asked_without_values_and_its_answer_is_read(tmp_path: Path) -> None:
    from accuracy import scanners

    assert set(scanners.COMPARED) == set(scanners.READERS)
    for name, peer in scanners.COMPARED.items():
        report = REPORTS[peer.called or name]
        (one,) = scanners.READERS[name](report.replace("FOLDER", str(tmp_path)), tmp_path)
        end = 5 if "5" in report else 3
        assert one == found("a/b.py", 3, end, "r")
        asked = peer.reporting(tmp_path)
        assert asked.arguments[-1] == str(tmp_path)
        assert "--redact" in asked.arguments or name == "detect-secrets"


def test_of_our_own_findings_open_ones_count_with_what_blocks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from accuracy import scanners

    def one(line: int | None, category: str, status: str) -> dict[str, Any]:
        told = {"path": str(tmp_path / "a.py"), "line": line, "end_line": line and line + 1, "rule": "r"}
        return {**told, "category": category, "status": status, "blocking": category == "secret"}

    findings = [one(3, "secret", "open"), one(5, "secret", "allowed"), one(None, "pii", "open")]
    monkeypatch.setattr(scanners, "output", lambda command: json.dumps({"findings": findings, "gaps": []}))
    secret, pii = scanners.Found("a.py", 3, 4, "r", True, True), scanners.Found("a.py", 1, 1, "r", False, False)
    assert scanners.found_by_us(tmp_path) == [pii, secret]


def test_a_gap_ends_the_bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from accuracy import scanners

    told = {"findings": [], "gaps": [{"path": "a.zip", "reason": "encrypted", "detail": "one member"}]}
    monkeypatch.setattr(scanners, "output", lambda command: json.dumps(told))
    with pytest.raises(SystemExit, match=r"a\.zip: encrypted: one member"):
        scanners.found_by_us(tmp_path)


def test_what_fails_or_is_cut_short_gives_no_findings() -> None:
    import measure

    for code in ("raise SystemExit(3)", "import sys; print('incomplete scan', file=sys.stderr)"):
        with pytest.raises(SystemExit, match="failed with exit status"):
            measure.output(measure.Command([sys.executable, "-c", code]))
    assert measure.output(measure.Command([sys.executable, "-c", "print('é', end='')"])) == "é"


def test_a_difference_names_units_and_rules_but_what_stays(tmp_path: Path) -> None:
    from accuracy.difference import difference

    case = lines_case(tmp_path, [label(1, 1, "T", "Key"), label(2, 2, "F", "Salt"), label(3, 3, "T", "Token")])
    before = [found("a.py", 1, rule="old"), found("a.py", 3, rule="same")]
    after = [found("a.py", 1, rule="better"), found("a.py", 2, rule="better"), found("a.py", 3, rule="same")]
    rules, units = difference(case, before, after)
    assert "| better |  | 0 | 2 | +2 |\n| old |  | 1 | 0 | -1 |\n" in rules and "same" not in rules
    assert units.splitlines()[2:] == ["| new | F | a.py:2 | Salt | better |"]
    assert "| lost | F | a.py:2 | Salt | better |" in difference(case, after, before)[1]
    assert difference(case, after, after) == ["", ""]


def test_a_difference_in_packages_is_by_rule_and_package() -> None:
    from accuracy.difference import difference
    from accuracy.tables import Case, by_rule

    before = [found("flask/a.py", 1), found("flask/a.py", 1), found("django/b.py", 2, secret=False)]
    after = [found("flask/a.py", 1), found("django/b.py", 2), found("django/\x1b.py", 4, rule="other")]
    rules, places = difference(Case("packages"), before, after)
    assert rules.splitlines()[2:] == ["| other | django | 0 | 1 | +1 |", "| rule | flask | 2 | 1 | -1 |"]
    assert places.splitlines()[2:] == ["| new | django/\\x1b.py:4 | other |", "| lost | flask/a.py:1 | rule |"]
    assert "| rule | 3 | flask 2, django 1 |" in by_rule(Case("packages"), before)


def test_a_wheel_is_unpacked_into_a_folder_of_its_own(tmp_path: Path) -> None:
    from accuracy.packages import unpack

    wheel = tmp_path / "some_name-1.0-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("some_name/a.py", "a = 1\n")
        archive.writestr("../../outside.py", "b = 1\n")
    unpack([wheel], tmp_path / "deep" / "out")
    made = sorted(path.relative_to(tmp_path / "deep" / "out").as_posix() for path in tmp_path.rglob("*.py"))
    assert made == ["some_name/outside.py", "some_name/some_name/a.py"]


def test_packages_are_pinned_by_version_and_digest() -> None:
    from accuracy.packages import PINNED

    lines = [line for line in PINNED.read_text().splitlines() if not line.startswith("#")]
    assert len(lines) > 20
    for line in lines:
        name, pinned, digest = line.partition(" --hash=sha256:")
        assert name.count("==") == 1 and pinned and len(digest) == 64


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> None:
    from accuracy import compare

    monkeypatch.setattr(sys, "argv", ["compare.py", "--peers", "", *arguments])
    assert compare.main() == 0


def test_from_end_to_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    from accuracy import compare

    monkeypatch.setattr(compare, "RESULTS", tmp_path / "results")
    monkeypatch.setenv("MODELGUARD_CACHE_DIR", str(tmp_path / "cache"))
    examples = written(tmp_path / "made.jsonl", [example("1.txt", f"login('{TOKEN}')\n"), example("2.txt", "no", "F")])
    written(tmp_path / "lines" / "truth.jsonl", [label(2, 2, "T", "Token"), label(1, 1, "F", "Key")])
    (tmp_path / "lines" / "files").mkdir()
    (tmp_path / "lines" / "files" / "a.py").write_text(f"key = None\nlogin('{TOKEN}')\n")
    work = ["--examples", str(examples), "--lines", str(tmp_path / "lines"), "--work", str(tmp_path / "work")]
    run(monkeypatch, *work)
    (kept,) = (tmp_path / "results").glob("*.json")
    assert json.loads(kept.read_text())["lines"] == {"modelguard": [["a.py", 2, 2, "hf-user-token", True, True]]}
    first = capsys.readouterr().out
    assert "| all | modelguard | 1 | 1 | 1.000 | 0 | 1 | 1.000 | 1.000 | 0 |" in first

    before = tmp_path / "before.json"
    other = kept.read_text().replace(
        '[["a.py", 2, 2, "hf-user-token", true, true]]', '[["a.py", 1, 1, "o", true, false]]'
    )
    before.write_text(other)
    run(monkeypatch, *work, "--before", str(before))
    second = capsys.readouterr().out
    assert "| new | T | a.py:2 | Token | hf-user-token |" in second
    assert "| all | modelguard before | 0 | 1 | 0.000 | 1 | 1 |" in second
    assert "| all | modelguard before, blocking | 0 | 1 | 0.000 | 0 | 1 |" in second
    assert second.count("hf-user-token") == 2
    texts = [path.read_text() for path in (tmp_path / "results").iterdir()]
    assert len(texts) >= 2 and not any(TOKEN[8:] in text for text in [*texts, first, second])


def test_slow_peers_do_without_the_packages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from accuracy import compare

    monkeypatch.setattr(compare, "RESULTS", tmp_path / "results")
    monkeypatch.setattr(compare, "installed", lambda work, peer: peer)
    monkeypatch.setattr(compare, "packages", lambda work: tmp_path / "pinned")
    monkeypatch.setattr(compare, "found_by_us", lambda folder: [])
    monkeypatch.setattr(compare, "found_by", lambda peer, folder: [found("a.py", 1)])
    examples = written(tmp_path / "made.jsonl", [example("1.txt", "text")])
    asked = ["--examples", str(examples), "--packages", "--peers", "gitleaks,detect-secrets", "--work", str(tmp_path)]
    run(monkeypatch, *asked)
    (kept,) = (tmp_path / "results").glob("*.json")
    scanners = {case: list(of) for case, of in json.loads(kept.read_text()).items()}
    assert scanners == {"made": ["modelguard", "gitleaks", "detect-secrets"], "pinned": ["modelguard", "gitleaks"]}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "nothing to compare in"),
        (["--examples", "missing.jsonl"], "missing.jsonl: there is no such file"),
        (["--lines", "missing"], "truth.jsonl: there is no such file"),
        (["--packages", "--before", "missing.json"], "missing.json: there is no such file"),
        (["--examples", "a/x.jsonl", "--examples", "b/x.jsonl"], "two of them are called 'x'"),
        (["--packages", "--peers", "nobody"], "there is no peer 'nobody'"),
    ],
)
def test_what_is_asked_wrongly_is_said(
    arguments: list[str], said: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        run(monkeypatch, *arguments)
    assert ended.value.code == 2
    assert said in capsys.readouterr().err
