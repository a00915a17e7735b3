"""Findings that a file of the project accepts. A baseline holds fingerprints and places, never a value."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from modelguard.errors import BaselineError
from modelguard.model import Finding, Notice, NoticeKind, Status

SCHEMA = "modelguard-baseline/1"
MAX_BYTES = 256 * 1024 * 1024
_REMEDY = "Write one with `modelguard baseline create`, or name a .secrets.baseline, gitleaks JSON or .gitleaksignore."


class Entry(Struct, frozen=True):
    """One accepted finding. An entry without a fingerprint comes from another tool and goes by place or value.

    `line` counts from 1; `sha1` is the digest that another tool kept of the value; `written` is the entry's place in
    its file, for messages.
    """

    path: str
    fingerprint: str | None = None
    rule: str | None = None
    line: int | None = None
    sha1: str | None = None
    reason: str = ""
    written: str = ""


class Baseline(Struct, frozen=True):
    """The entries of one file, ready to be looked up."""

    source: str
    entries: tuple[Entry, ...]
    known: frozenset[str] = frozenset()

    @staticmethod
    def of(source: str, entries: Iterable[Entry]) -> Baseline:
        """A baseline of `entries`; `known` gathers the digests that they hold."""
        listed = tuple(entries)
        return Baseline(source, listed, frozenset(entry.sha1 for entry in listed if entry.sha1))


def load(path: Path) -> Baseline:
    """The baseline in `path`, in our own format or one that `imported` knows.

    Raises:
        BaselineError: it cannot be read, or is of no known format.
    """
    from modelguard.verdict.imported import imported_entries

    try:
        if path.stat().st_size > MAX_BYTES:
            raise BaselineError(f"{path}: larger than {MAX_BYTES} bytes", _REMEDY)
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise BaselineError(f"{path}: {error.strerror}", _REMEDY) from None
    except UnicodeDecodeError:
        raise BaselineError(f"{path}: not UTF-8 text", _REMEDY) from None
    document = _json(text)
    if isinstance(document, dict) and document.get("schema") == SCHEMA:
        return Baseline.of(str(path), _own_entries(path, document))
    entries = imported_entries(path, text, document)
    if entries is None:
        raise BaselineError(f"{path}: not a baseline of any format that modelguard knows", _REMEDY)
    return Baseline.of(str(path), entries)


def dump(findings: Sequence[Finding], known: Baseline | None = None) -> str:
    """The text of a baseline that accepts `findings`, with the reasons that a `known` one gives for them."""
    lookup = _Lookup(known) if known else None
    return _text(
        entry for finding in findings for entry in _entries_of(finding, lookup.reason_for(finding) if lookup else "")
    )


def with_added(baseline: Baseline, findings: Sequence[Finding], reason: str) -> str:
    """The text of a baseline that accepts `findings` for a reason, and everything that it accepted before.

    Raises:
        BaselineError: it is of another tool, whose entries say less than ours.
    """
    foreign = next((entry for entry in baseline.entries if entry.fingerprint is None), None)
    if foreign is not None:
        raise BaselineError(
            f"{baseline.source}: written by another tool", "Write one with `modelguard baseline create`."
        )
    return _text((*baseline.entries, *(entry for finding in findings for entry in _entries_of(finding, reason))))


def _entries_of(finding: Finding, reason: str) -> Iterator[Entry]:
    """What accepts a finding, and those of its parts that are findings where they stand alone."""
    path = finding.origin.path
    yield Entry(path, finding.fingerprint, finding.rule, finding.place.line, reason=reason)
    for part in finding.parts:
        if part.fingerprint:
            yield Entry(path, part.fingerprint, part.rule, part.place.line, reason=reason)


def _text(entries: Iterable[Entry]) -> str:
    first: dict[tuple[str, str], dict[str, Any]] = {}
    for entry in entries:
        told = {"fingerprint": entry.fingerprint, "rule": entry.rule, "path": entry.path, "line": entry.line}
        said = {"reason": entry.reason} if entry.reason else {}
        first.setdefault((entry.path, entry.fingerprint or ""), told | said)
    listed = [first[key] for key in sorted(first)]
    return json.dumps({"schema": SCHEMA, "entries": listed}, indent=2, ensure_ascii=False) + "\n"


def apply_baseline(
    findings: Sequence[Finding], baseline: Baseline, scanned: Iterable[str] | None = None
) -> tuple[list[Finding], list[Notice]]:
    """`findings` with those baselined that an entry accepts, and a notice for the entries that accept nothing.

    An entry is stale only if its file is one of the `scanned` files and folders, or below one (None: everything was).
    """
    used: set[int] = set()
    lookup = _Lookup(baseline)
    decided: list[Finding] = []
    for finding in findings:
        accepting = lookup.entries_for(finding)
        used.update(accepting)
        used.update(lookup.entries_for_parts(finding))
        if accepting and finding.status is Status.OPEN:
            reason = lookup.reason_for(finding) or f"accepted in {baseline.source}"
            finding = replace(finding, status=Status.BASELINED, status_reason=reason)
        decided.append(finding)
    stale: Iterable[Entry] = (entry for at, entry in enumerate(baseline.entries) if at not in used)
    if scanned is not None:
        stale = _below(scanned, stale)
    return decided, [_stale_notice(baseline, entry) for entry in stale]


def _below(scanned: Iterable[str], entries: Iterable[Entry]) -> Iterator[Entry]:
    """The entries whose file is one of these files and folders, or below one."""
    tops = set(map(os.path.abspath, scanned))
    folders = tuple(os.path.join(top, "") for top in tops)
    for entry in entries:
        path = os.path.abspath(entry.path)
        if path in tops or path.startswith(folders):
            yield entry


class _Lookup:
    """Finds the entries that accept a finding: by fingerprint, then by line, then by value.

    There may be several: a token that stands in two files has two entries, and a value in a line that has moved could
    be that of any entry of its file that goes by value.
    """

    def __init__(self, baseline: Baseline) -> None:
        self._entries = baseline.entries
        self._by_fingerprint: dict[str, list[int]] = {}
        self._by_place: dict[tuple[str, str], list[int]] = {}
        self._by_line: dict[tuple[str, int], list[int]] = {}
        self._by_value: dict[str, list[int]] = {}
        for at, entry in enumerate(baseline.entries):
            if entry.fingerprint is not None:
                self._by_fingerprint.setdefault(entry.fingerprint, []).append(at)
                self._by_place.setdefault((entry.path, entry.fingerprint), []).append(at)
            elif entry.line is not None:
                self._by_line.setdefault((entry.path, entry.line), []).append(at)
            if entry.sha1 is not None:
                self._by_value.setdefault(entry.path, []).append(at)

    def entries_for(self, finding: Finding) -> list[int]:
        path, line = finding.origin.path, finding.place.line
        found = self._by_place.get((path, finding.fingerprint)) or self._by_fingerprint.get(finding.fingerprint, [])
        if not found and line is not None:
            found = self._by_line.get((path, line), [])
        if not found and finding.recognised:
            found = self._by_value.get(path, [])
        return found

    def entries_for_parts(self, finding: Finding) -> list[int]:
        """The entries for parts of a credential that were findings where they stood alone: these are not stale."""
        return [
            at
            for part in finding.parts
            if part.fingerprint is not None
            for at in self._by_fingerprint.get(part.fingerprint, ())
        ]

    def reason_for(self, finding: Finding) -> str:
        """Why it is accepted, or nothing where no entry says."""
        return next((self._entries[at].reason for at in self.entries_for(finding) if self._entries[at].reason), "")


def _stale_notice(baseline: Baseline, entry: Entry) -> Notice:
    what = f"{entry.rule or 'an entry'} in {entry.path}"
    return Notice(
        NoticeKind.STALE_BASELINE,
        f"{baseline.source}: {what} is no longer found; run `modelguard baseline update`",
        entry.path,
        entry.line,
    )


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _own_entries(path: Path, document: dict[str, Any]) -> list[Entry]:
    listed = document.get("entries")
    entries: list[Entry] = []
    for number, item in enumerate(listed if isinstance(listed, list) else [None], 1):
        texts = [item.get(key) for key in ("fingerprint", "path", "rule")] if isinstance(item, dict) else []
        if not texts or not all(isinstance(text, str) and text for text in texts):
            raise BaselineError(f"{path}: entry {number} lacks a fingerprint, path or rule", _REMEDY)
        fingerprint, where, rule = map(str, texts)
        line = item.get("line") if isinstance(item.get("line"), int) else None
        entries.append(Entry(where, fingerprint, rule, line, None, str(item.get("reason") or ""), str(number)))
    return entries
