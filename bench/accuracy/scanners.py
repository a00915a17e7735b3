"""What each scanner finds in a folder, in one form: file, lines and rule, and never a value."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from measure import output
from peers import PEERS, Peer
from subject import ours


@dataclass(frozen=True, order=True)
class Found:
    """One finding. `file` is relative to the folder, lines count from 1, `end` is the last one.

    Peers look for secrets only, and do not tell what should block: theirs all do.
    """

    file: str
    line: int
    end: int
    rule: str
    secret: bool = True
    blocking: bool = True


def found_by_us(folder: Path) -> list[Found]:
    """What this checkout finds. A gap ends the bench: counts of what was not looked at as a whole say nothing."""
    return _read(_modelguard, output(ours(folder)), folder)


def found_by(peer: Peer, folder: Path) -> list[Found]:
    """What a peer finds."""
    return _read(READERS[peer.name], output(peer.reporting(folder)), folder)


def _read(reader: _Reader, text: str, folder: Path) -> list[Found]:
    return sorted(reader(text, folder))


def _modelguard(text: str, folder: Path) -> Iterator[Found]:
    told = json.loads(text)
    for gap in told["gaps"]:
        raise SystemExit(f"{gap['path']}: {gap['reason']}: {gap['detail']}")
    for found in told["findings"]:
        if found["status"] == "open":
            line = found["line"] or 1
            file, end = _within(found["path"], folder), found["end_line"] or line
            yield Found(file, line, end, found["rule"], found["category"] == "secret", found["blocking"])


def _kingfisher(text: str, folder: Path) -> Iterator[Found]:
    for told in map(json.loads, text.splitlines()):
        if "finding" in told:
            found = told["finding"]
            yield _found(found["path"], folder, found["line"], found["line"], told["rule"]["id"])


def _betterleaks(text: str, folder: Path) -> Iterator[Found]:
    for found in json.loads(text)["findings"]:
        at = found["location"]
        yield _found(at["path"], folder, at["start_line"], at["end_line"], found["rule_id"])


def _gitleaks(text: str, folder: Path) -> Iterator[Found]:
    for found in json.loads(text):
        yield _found(found["File"], folder, found["StartLine"], found["EndLine"], found["RuleID"])


def _detect_secrets(text: str, folder: Path) -> Iterator[Found]:
    for path, here in json.loads(text)["results"].items():
        for found in here:
            yield _found(path, folder, found["line_number"], found["line_number"], found["type"])


def _found(path: str, folder: Path, line: int, end: int, rule: str) -> Found:
    return Found(_within(path, folder), line, max(line, end), rule)


def _within(path: str, folder: Path) -> str:
    return Path(folder, path).relative_to(folder).as_posix()


_Reader = Callable[[str, Path], Iterator[Found]]

_OLDER = replace(PEERS["kingfisher"], name="kingfisher-1", pin="<2", called="kingfisher")

COMPARED: Mapping[str, Peer] = {**PEERS, _OLDER.name: _OLDER}
"""The peers of the other bench, and Kingfisher before 2.0, which has twice as many rules and finds more."""

READERS: Mapping[str, _Reader] = {
    "kingfisher": _kingfisher,
    "kingfisher-1": _kingfisher,
    "betterleaks": _betterleaks,
    "gitleaks": _gitleaks,
    "detect-secrets": _detect_secrets,
}


def as_row(found: Found) -> list[Any]:
    """A finding as it is kept in a result."""
    return [found.file, found.line, found.end, found.rule, found.secret, found.blocking]
