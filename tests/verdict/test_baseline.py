"""Baselines of our own format: what is written is read back, what is broken is refused, and what is stale is said."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from msgspec.structs import replace

from modelguard.errors import BaselineError
from modelguard.model import CredentialPart, Finding, NoticeKind, Place, ScanResult, Status
from modelguard.verdict.baseline import SCHEMA, Baseline, Entry, apply_baseline, dump, load
from tests.reports.samples import allowed, finding
from tests.reports.strategies import results

OTHER = "11" * 16


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "base.json"


def at(path: str, fingerprint: str = "00" * 16, line: int | None = 12) -> Finding:
    return finding(path=path, fingerprint=fingerprint, place=Place(1, 2, line, 1, line, 2))


def statuses(found: list[Finding]) -> list[str]:
    return [str(one.status) for one in found]


def test_what_is_written_is_read_back(path: Path) -> None:
    found = [at("b.py", OTHER, None), at("a.py"), at("a.py", OTHER)]
    path.write_text(dump(found))
    read = load(path)
    assert read.source == str(path)
    assert [(entry.path, entry.fingerprint, entry.line) for entry in read.entries] == [
        ("a.py", "00" * 16, 12),
        ("a.py", OTHER, 12),
        ("b.py", OTHER, None),
    ]
    decided, notices = apply_baseline(found, read)
    assert (statuses(decided), notices) == (["baselined"] * 3, [])


@settings(deadline=None, max_examples=50)
@given(results())
def test_whatever_was_found_is_accepted_by_its_own_baseline(result: ScanResult) -> None:
    found = [one for one in result.findings if one.fingerprint and one.rule and one.origin.path]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "base.json"
        path.write_bytes(dump(found).encode("utf-8", "backslashreplace"))
        baseline = load(path)
    decided, notices = apply_baseline(found, baseline)
    assert not [one for one in decided if one.status is Status.OPEN]
    assert notices == []


def test_the_same_content_makes_the_same_file() -> None:
    found = [at("b.py"), at("a.py"), at("a.py", OTHER)]
    assert dump(found) == dump(list(reversed(found)))
    assert dump([*found, *found]) == dump(found)
    assert dump(found).endswith("}\n")


def test_a_finding_is_known_by_its_fingerprint_wherever_it_goes() -> None:
    baseline = Baseline.of("base", [Entry("a.py", "00" * 16, "r", 12, reason="old")])
    decided, notices = apply_baseline([at("moved/to.py", line=99), at("a.py", OTHER)], baseline)
    assert [(str(one.status), one.status_reason) for one in decided] == [("baselined", "old"), ("open", "")]
    assert notices == []


def test_each_of_two_entries_with_one_fingerprint_is_used_by_its_own_file() -> None:
    baseline = Baseline.of(
        "base", [Entry("a.py", "00" * 16, "r", reason="one"), Entry("b.py", "00" * 16, "r", reason="two")]
    )
    decided, notices = apply_baseline([at("a.py"), at("b.py")], baseline)
    assert ([one.status_reason for one in decided], notices) == (["one", "two"], [])
    _, notices = apply_baseline([at("a.py")], baseline)
    assert [notice.path for notice in notices] == ["b.py"]


def test_what_is_no_longer_found_is_stale_if_its_file_was_scanned() -> None:
    baseline = Baseline.of("base", [Entry("a.py", OTHER, "some-rule", 3), Entry("b.py", "22" * 16, "r", 4)])
    _, notices = apply_baseline([], baseline)
    assert [(notice.kind, notice.path, notice.line) for notice in notices] == [
        (NoticeKind.STALE_BASELINE, "a.py", 3),
        (NoticeKind.STALE_BASELINE, "b.py", 4),
    ]
    assert "some-rule" in notices[0].message
    assert "baseline update" in notices[0].message
    _, notices = apply_baseline([], baseline, scanned=["b.py", "c.py"])
    assert [notice.path for notice in notices] == ["b.py"]
    assert len(apply_baseline([], baseline, scanned=["."])[1]) == 2
    assert apply_baseline([], baseline, scanned=["b", "b.py/inside"])[1] == []


def test_what_a_comment_allows_stays_allowed_and_keeps_its_entry_fresh() -> None:
    one = replace(allowed(), fingerprint=OTHER)
    (decided,), notices = apply_baseline([one], Baseline.of("base", [Entry("src/train.py", OTHER, "r")]))
    assert (decided, notices) == (one, [])


def test_reasons_are_carried_over(path: Path) -> None:
    known = Baseline.of("base", [Entry("a.py", "00" * 16, "r", reason="mine"), Entry("b.py", "00" * 16, "r")])
    path.write_text(dump([at("a.py"), at("b.py"), at("c.py", OTHER)], known))
    assert [(entry.path, entry.reason) for entry in load(path).entries] == [
        ("a.py", "mine"),
        ("b.py", ""),
        ("c.py", ""),
    ]


ENTRY = {"fingerprint": OTHER, "rule": "r", "path": "a.py", "line": 3}


@pytest.mark.parametrize(
    "entries",
    [
        None,
        {},
        "x",
        [None],
        [[]],
        [ENTRY, {}],
        [{**ENTRY, "fingerprint": None}],
        [{**ENTRY, "fingerprint": ""}],
        [{**ENTRY, "fingerprint": 3}],
        [{**ENTRY, "path": ["a.py"]}],
        [{name: value for name, value in ENTRY.items() if name != "rule"}],
    ],
)
def test_a_malformed_entry_is_named(path: Path, entries: Any) -> None:
    path.write_text(json.dumps({"schema": SCHEMA, "entries": entries}))
    with pytest.raises(BaselineError) as caught:
        load(path)
    number = len(entries) if isinstance(entries, list) else 1
    assert f"{path}: entry {number} lacks" in caught.value.message
    assert caught.value.remedy


@pytest.mark.parametrize("line", [None, "3", 3.5, []])
def test_a_line_is_only_for_people(path: Path, line: Any) -> None:
    path.write_text(json.dumps({"schema": SCHEMA, "entries": [{**ENTRY, "line": line}]}))
    (entry,) = load(path).entries
    assert entry.line is None


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"null",
        b"3",
        b"[3]",
        b"{}",
        b"{",
        b"\xff\xfe\x00",
        b"[" * 100_000,
        b'{"schema": "modelguard-baseline/2", "entries": []}',
        b'{"schema": "modelguard/1", "findings": []}',
        b"9" * 5000,
    ],
)
def test_what_is_no_baseline_is_refused(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    with pytest.raises(BaselineError) as caught:
        load(path)
    assert str(path) in caught.value.message
    assert "baseline create" in caught.value.remedy


def test_what_cannot_be_read_is_refused(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "missing.json"):
        with pytest.raises(BaselineError, match=r"Is a directory|No such file"):
            load(path)


def test_an_empty_baseline_accepts_nothing(path: Path) -> None:
    path.write_text("\ufeff" + dump([]))
    assert load(path).entries == ()
    decided, notices = apply_baseline([at("a.py")], load(path))
    assert (statuses(decided), notices) == (["open"], [])


def test_a_part_that_was_accepted_alone_is_not_stale_and_accepts_nothing_else(path: Path) -> None:
    part = CredentialPart("key id", "", Place(0, 20, 2, 1, 2, 21), "aws-access-key-id", OTHER)
    (decided,), notices = apply_baseline([replace(at("a.py"), parts=(part,))], Baseline.of("b", [Entry("a.py", OTHER)]))
    assert (str(decided.status), notices) == ("open", [])
    path.write_text(dump([replace(at("a.py"), parts=(part,))]))
    accepted, notices = apply_baseline([at("a.py", OTHER, 2)], load(path))
    assert statuses(accepted) == ["baselined"] and len(notices) == 1
