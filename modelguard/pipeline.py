"""The whole machine, top to bottom; the one file that knows every room.

settings → sources → readers → detectors(rules, engine) → redact.seal → verdict → ScanResult
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from modelguard.budget import Budget
from modelguard.errors import SettingsError, Unreadable
from modelguard.inspection import Inspection, Seen
from modelguard.model import Category, Finding, Gap, GapReason, LeftOut, Mark, Notice, RuleHelp, ScanResult, Stats
from modelguard.pool import Pool, processors, run_here
from modelguard.rules.interface import Rule
from modelguard.rules.prepared import builtin_rules, digest_of
from modelguard.settings import Settings, load_settings
from modelguard.sources.interface import Item, Source
from modelguard.verdict.outcome import exit_status
from modelguard.verdict.policy import Policy, apply_policy, parse_policy

if TYPE_CHECKING:
    from modelguard.verdict.baseline import Baseline

_PEEKED_BLOBS = 64
_ALONE_BYTES = 4 * 1024 * 1024  # less than this is done before other processes have started


def scan(*targets: str | os.PathLike[str], settings: Settings | None = None, **options: Any) -> ScanResult:
    """Scan files and folders, and say everything about them in one value. Prints nothing.

    `options` are fields of `Settings` (`exclude=["*.csv"]`, `fail_on="high"`), on top of the project's and the user's
    settings files; with `settings` given, neither files nor `options` are read.

    Raises:
        ModelguardError: settings, rules or a baseline cannot be used. What cannot be read among the targets is no
            error: it is a Gap in the result.
    """
    from modelguard.sources.filesystem import FilesystemSource

    chosen = settings or load_settings(options)
    names = [os.fspath(target) for target in targets] or ["."]
    source = FilesystemSource(names, chosen.exclude, chosen.default_exclusions)
    return run(source, names, chosen)


def run(
    source: Source,
    targets: Sequence[str],
    settings: Settings,
    progress: Progress | None = None,
    tick: Callable[[], None] = lambda: None,
    found: Callable[[Finding], None] | None = None,
) -> ScanResult:
    """Run the machine over a source.

    `tick` is called about ten times a second; `found` gets each finding as it is found.

    Raises:
        ModelguardError: see `scan`.
    """
    began = time.perf_counter()
    policy = parse_policy(settings.fail_on, settings.origins.get("fail_on", ""))
    rules = chosen_rules(settings)
    baseline = _baseline(settings)
    progress = progress or Progress()
    items = source.items()
    first = list(islice(items, _PEEKED_BLOBS))
    known = baseline.known if baseline else frozenset()
    inspection = Inspection(rules, settings, _expected_bytes(first), known)
    gathered = _Gathered()
    for seen in _results(inspection, settings, first, items, tick):
        gathered.add(seen)
        progress.add(seen)
        if found is not None and seen.findings:
            for finding in _decided(seen.findings, _by_path(seen.marks), baseline, policy)[0]:
                found(finding)
    if not progress.blobs and not gathered.gaps and not any("settings" in left.reason for left in gathered.left_out):
        gathered.gaps.append(
            Gap(", ".join(targets), GapReason.NOTHING, "there is nothing here to scan; check the path")
        )
    ordered = sorted(gathered.findings, key=lambda found: (found.origin.path, found.place.byte_start, found.rule))
    described = source.described(ordered) if ordered else []
    findings, notices = _decided(described, _by_path(gathered.marks), baseline, policy)
    return ScanResult(
        targets=tuple(targets),
        findings=tuple(findings),
        gaps=tuple(sorted(dict.fromkeys(gathered.gaps), key=lambda gap: (gap.path, gap.reason))),
        left_out=tuple(sorted(gathered.left_out, key=lambda left: left.path)),
        notices=tuple(notices),
        stats=Stats(progress.blobs, progress.bytes, time.perf_counter() - began),
        exit_status=exit_status(findings, gathered.gaps, settings.allow_gaps),
        rules_digest=digest_of(rules),
        rules=_help(rules, findings),
    )


def _help(rules: Sequence[Rule], findings: Sequence[Finding]) -> dict[str, RuleHelp]:
    """What a reader should know of each rule that has findings."""
    named = {finding.rule for finding in findings}
    return {rule.id: rule.help for rule in rules if rule.id in named}


def chosen_rules(settings: Settings) -> tuple[Rule, ...]:
    """The rules that these settings ask for, those of other detectors included.

    Raises:
        DetectorError: a detector that is asked for cannot run here.
        RuleError: a rule file cannot be used.
        SettingsError: `disable` or `only` names a rule that does not exist.
    """
    rules = {rule.id: rule for rule in builtin_rules()}
    if settings.rules:
        from modelguard.rules.loader import load_files

        rules.update({rule.id: rule for rule in load_files([Path(name) for name in settings.rules])})
    if settings.with_detectors:
        from modelguard.detectors.others import others

        for detector in others(settings.with_detectors, settings.detect_secrets_plugins):
            rules.update({rule.id: rule for rule in detector.rules})
    renamed = {old: rule.id for rule in rules.values() for old in rule.was}
    for key in ("disable", "only"):
        for name in getattr(settings, key):
            if name not in rules and name not in renamed:
                origin = settings.origins.get(key, "the call")
                raise SettingsError(f"{origin}: there is no rule {name!r}", "See `modelguard rules list`.")
    only = {renamed.get(name, name) for name in settings.only}
    disabled = {renamed.get(name, name) for name in settings.disable}
    return tuple(
        rule
        for rule in rules.values()
        if rule.id not in disabled
        and (not only or rule.id in only)
        and (settings.pii != "none" or rule.category is not Category.PII)
    )


@dataclass(slots=True)
class Progress:
    """What has been done so far, for a progress bar to read."""

    blobs: int = 0
    bytes: int = 0
    findings: int = 0

    def add(self, seen: Seen) -> None:
        """Count what a worker has said."""
        self.blobs += seen.blobs
        self.bytes += seen.bytes
        self.findings += len(seen.findings)


@dataclass(slots=True)
class _Gathered:
    """What the workers have said so far."""

    findings: list[Finding] = field(default_factory=list)
    marks: list[tuple[str, Mark]] = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)

    def add(self, seen: Seen) -> None:
        self.findings.extend(seen.findings)
        self.gaps.extend(seen.gaps)
        self.left_out.extend(seen.left_out)
        self.marks.extend(seen.marks)


def _by_path(marks: Iterable[tuple[str, Mark]]) -> dict[str, list[Mark]]:
    found: dict[str, list[Mark]] = {}
    for path, mark in marks:
        found.setdefault(path, []).append(mark)
    return found


def _decided(
    findings: Sequence[Finding], marks: Mapping[str, Sequence[Mark]], baseline: Baseline | None, policy: Policy
) -> tuple[list[Finding], list[Notice]]:
    """The findings with their verdicts, and what should be known besides."""
    decided, notices = list(findings), list[Notice]()
    if marks:
        from modelguard.verdict.inline import apply_marks

        decided, notices = apply_marks(decided, marks)
    if baseline is not None:
        from modelguard.verdict.baseline import apply_baseline

        decided, stale = apply_baseline(decided, baseline)
        notices += stale
    return apply_policy(decided, policy), notices


def _baseline(settings: Settings) -> Baseline | None:
    if settings.baseline is None:
        return None
    from modelguard.verdict.baseline import load

    return load(Path(settings.baseline))


def _results(
    inspection: Inspection, settings: Settings, first: list[Item], rest: Iterator[Item], tick: Callable[[], None]
) -> Iterator[Seen]:
    """What the workers say: as many as there are processors, or none but this process where there is little to do."""
    jobs = settings.jobs or processors()
    expected = _expected_bytes(first)
    if jobs == 1 or (expected is not None and expected < _ALONE_BYTES):
        return run_here(inspection, chain(first, rest), tick)
    return Pool(inspection, jobs, Budget().seconds).run(chain(first, rest), tick)


def _expected_bytes(first: Sequence[Item]) -> int | None:
    """How much there is to scan, if it is little enough to say so beforehand."""
    if len(first) >= _PEEKED_BLOBS:
        return None
    total = 0
    for item in first:
        if not isinstance(item, (Gap, LeftOut)):
            try:
                total += item.size
            except Unreadable:
                continue
    return total


def rule_problems(paths: Sequence[Path]) -> tuple[int, list[str]]:
    """How many rules the files and folders in `paths` hold (none: the built-in ones), and what is wrong with them.

    Raises:
        RuleError: a file cannot be read as rules, or an engine refuses a pattern.
    """
    from modelguard.detectors.proving import finds, is_check
    from modelguard.rules.checker import problems
    from modelguard.rules.loader import load_files

    rules = load_files(list(paths)) if paths else list(builtin_rules())
    return len(rules), list(problems(rules, is_check, finds))
