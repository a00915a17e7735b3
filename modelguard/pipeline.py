"""The whole machine, top to bottom; the one file that knows every room.

settings → sources → readers → detectors(rules, engine) → redact.seal → verdict → ScanResult
"""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msgspec import Struct, field
from msgspec.structs import replace

from modelguard.budget import Budget
from modelguard.errors import SettingsError, Unreadable, UsageError
from modelguard.inspection import Inspection
from modelguard.model import (
    Blob,
    Category,
    Explained,
    Explanation,
    Finding,
    Gap,
    GapReason,
    LeftOut,
    Mark,
    Notice,
    RuleHelp,
    ScanResult,
    Stats,
    Status,
)
from modelguard.pool import processors, results
from modelguard.rules.prepared import builtin_rules, digest_of
from modelguard.rules.ruleset import Listed, RuleSet
from modelguard.seen import Seen
from modelguard.settings import Settings, load_settings
from modelguard.sources.interface import Item, Source
from modelguard.verdict.outcome import exit_status
from modelguard.verdict.policy import Policy, apply_policy, parse_policy
from modelguard.version import VERSION

if TYPE_CHECKING:
    from modelguard.history.interface import Dug
    from modelguard.rules.external import Imported
    from modelguard.sources.history.scope import Scope
    from modelguard.verdict.baseline import Baseline

_PEEKED_BLOBS = 64
_ALONE_BYTES = 4 * 1024 * 1024  # less than this is done before other processes have started
_FAR_JOBS = 8  # who reads from far away mostly waits


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
    scope: Scope | None = None,
    told: Callable[[str], None] = lambda line: None,
    baseline: Baseline | None = None,
) -> ScanResult:
    """Run the machine over a source, and over the history of the repositories in it where settings ask for that.

    `tick` is called about ten times a second; `found` gets each finding as it is found. `scope` limits the history.
    `told` gets a line for all in files of rules that is not as they say. A `baseline` that was read already takes the
    place of the one that settings name.

    Raises:
        ModelguardError: see `scan`.
    """
    began = time.perf_counter()
    policy = parse_policy(settings.fail_on, settings.origins.get("fail_on", ""))
    rules = chosen_rules(settings, told)
    digest = digest_of(rules)
    baseline = baseline or _baseline(settings)
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
            for finding in _decided(_marked(seen.findings, _by_path(seen.marks), settings)[0], baseline, policy)[0]:
                found(finding)
    ordered = sorted(gathered.findings, key=_place_of)
    described = source.described(ordered) if ordered else []
    marked, notices = _marked(described, _by_path(gathered.marks), settings)
    repositories = source.repositories() if settings.history else ()
    if repositories:
        dug = _histories(repositories, inspection, digest, settings, scope, progress, tick)
        gathered.gaps += dug.gaps
        gathered.left_out += dug.left_out
        notices += dug.notices
        findings_dug = _told_once(marked, dug.findings)
        marked = _with_history(marked, findings_dug)
        if found is not None:
            for finding in _decided(findings_dug, baseline, policy)[0]:
                found(finding)
    if source.whole and not progress.looked and not gathered.gaps and not _excluded(gathered.left_out):
        gathered.gaps.append(
            Gap(", ".join(targets), GapReason.NOTHING, "there is nothing here to scan; check the path")
        )
    findings, stale = _decided(marked, baseline, policy, targets)
    whole = source.whole and (settings.history or not source.repositories())
    return ScanResult(
        targets=tuple(targets),
        findings=tuple(findings),
        gaps=tuple(sorted(dict.fromkeys(gathered.gaps), key=lambda gap: (gap.path, gap.reason, gap.inner or ""))),
        left_out=tuple(sorted(dict.fromkeys(gathered.left_out), key=lambda left: left.path)),
        notices=(*notices, *(stale if whole else ())),
        stats=Stats(progress.blobs, progress.bytes, time.perf_counter() - began, progress.remembered),
        exit_status=exit_status(findings, gathered.gaps, settings.allow_gaps),
        rules_digest=digest,
        rules=_help(rules, findings),
    )


def _excluded(left_out: Sequence[LeftOut]) -> bool:
    """Whether a user's own settings leave anything out."""
    return any("settings" in left.reason for left in left_out)


def _place_of(finding: Finding) -> tuple[str, int, str]:
    return finding.origin.path, finding.place.byte_start, finding.rule


def _with_history(files: Sequence[Finding], dug: Sequence[Finding]) -> list[Finding]:
    """Both, one finding a value, in order."""
    from modelguard.history.merge import merged

    return sorted(merged(files, dug), key=_place_of) if dug else list(files)


def _told_once(files: Sequence[Finding], dug: Sequence[Finding]) -> list[Finding]:
    """What only history holds and no other finding tells as its part, and what it says of values in files."""
    from modelguard.history.merge import told_once

    return told_once(files, dug) if dug else []


def _histories(
    repositories: Sequence[tuple[str, str]],
    inspection: Inspection,
    rules_digest: str,
    settings: Settings,
    scope: Scope | None,
    progress: Progress,
    tick: Callable[[], None],
) -> Dug:
    """What the history of each repository says; none that two of them share is looked at twice."""
    from modelguard.history.interface import Machine
    from modelguard.history.scan import dig_all
    from modelguard.sources.exclusion import Exclusions

    machine = Machine(
        inspection=inspection,
        exclusions=Exclusions(settings.exclude, settings.default_exclusions),
        budget=replace(Budget(), file_bytes=settings.max_file_size),
        jobs=settings.jobs or processors(),
        tick=tick,
        count=progress.count,
        apply_marks=lambda findings, marks: _marked(findings, marks, settings)[0],
    )
    dug = dig_all(repositories, machine, _seen_under(rules_digest, settings), scope)
    progress.remembered += dug.remembered
    return dug


def _seen_under(rules_digest: str, settings: Settings) -> str | None:
    """Names everything on which it depends whether an object is clean; None where nothing may be remembered.

    What another detector finds depends on a program and on files of the user that may change from one scan to the next.
    """
    if not settings.cache or settings.with_detectors:
        return None
    told = (
        VERSION,
        rules_digest,
        str(settings.max_file_size),
        *settings.exclude,
        str(settings.default_exclusions),
        str(settings.weights),
    )
    return hashlib.sha256("\0".join(told).encode("utf-8", "surrogatepass")).hexdigest()


def _help(rules: RuleSet, findings: Sequence[Finding]) -> dict[str, RuleHelp]:
    """What a reader should know of each rule that has findings."""
    named = {finding.rule for finding in findings}
    return {rule.id: rule.help for rule in rules.where(lambda entry: entry.id in named)}


def chosen_rules(settings: Settings, told: Callable[[str], None] = lambda line: None) -> RuleSet:
    """The rules that these settings ask for, those of other detectors included.

    `told` gets a line for all in files of other tools that is not as they say.

    Raises:
        DetectorError: a detector that is asked for cannot run here.
        RuleError: a rule file cannot be used.
        SettingsError: `disable` or `only` names a rule that does not exist.
    """
    rules = builtin_rules()
    if settings.rules:
        from modelguard.rules.external import load_external

        rules = rules.with_added(load_external([Path(name) for name in settings.rules], rules, told).rules)
    if settings.with_detectors:
        from modelguard.detectors.others import others

        for detector in others(settings.with_detectors, settings.detect_secrets_plugins):
            rules = rules.with_added(detector.rules)
    known = {entry.id for entry in rules.listed}
    renamed = {old: entry.id for entry in rules.listed for old in entry.was}
    for key in ("disable", "only"):
        for name in getattr(settings, key):
            if name not in known and name not in renamed:
                origin = settings.origins.get(key, "the call")
                raise SettingsError(f"{origin}: there is no rule {name!r}", "See `modelguard rules list`.")
    only = {renamed.get(name, name) for name in settings.only}
    disabled = {renamed.get(name, name) for name in settings.disable}
    return rules.where(
        lambda rule: rule.id not in disabled and (rule.id in only if only else _is_wanted(rule, settings.pii))
    )


def digest_of_rules(settings: Settings) -> str:
    """Names the rules that these settings ask for, and everything in them.

    Raises:
        ModelguardError: see `chosen_rules`.
    """
    return digest_of(chosen_rules(settings))


def _is_wanted(rule: Listed, pii: str) -> bool:
    """Whether a setting for personal data asks for a rule."""
    return rule.category is not Category.PII or pii == "all" or (pii == "structured" and rule.structured)


class Progress(Struct):
    """What has been done so far, for a progress bar to read."""

    blobs: int = 0
    bytes: int = 0
    findings: int = 0
    remembered: int = 0

    @property
    def looked(self) -> int:
        """How much was looked at, now or by a scan before this one."""
        return self.blobs + self.remembered

    def add(self, seen: Seen) -> None:
        """Count what a worker has said."""
        self.count(seen.blobs, seen.bytes, len(seen.findings))

    def count(self, blobs: int, size: int, findings: int) -> None:
        """Count more blobs, the bytes in them, and what was found."""
        self.blobs += blobs
        self.bytes += size
        self.findings += findings


class _Gathered(Struct):
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


def _marked(
    findings: Sequence[Finding], marks: Mapping[str, Sequence[Mark]], settings: Settings
) -> tuple[list[Finding], list[Notice]]:
    """The findings with those allowed that comments allow, and what should be known of these comments."""
    if not marks or not settings.allow_comments:
        return list(findings), []
    from modelguard.verdict.inline import apply_marks

    return apply_marks(findings, marks)


def _decided(
    findings: Sequence[Finding], baseline: Baseline | None, policy: Policy, scanned: Sequence[str] | None = None
) -> tuple[list[Finding], list[Notice]]:
    """The findings with their verdicts, and what should be known of the baseline, as far as it is about `scanned`."""
    decided, stale = list(findings), list[Notice]()
    if baseline is not None:
        from modelguard.verdict.baseline import apply_baseline

        decided, stale = apply_baseline(decided, baseline, scanned)
    return apply_policy(decided, policy), stale


def _baseline(settings: Settings) -> Baseline | None:
    if settings.baseline is None:
        return None
    from modelguard.verdict.baseline import load

    return load(Path(settings.baseline))


def _results(
    inspection: Inspection, settings: Settings, first: list[Item], rest: Iterator[Item], tick: Callable[[], None]
) -> Iterator[Seen]:
    """What the workers say: as many as there are processors, or none but this process where there is little to do.

    Rules of the user's own are not known to be quick whatever the text, and a worker can be stopped.
    """
    jobs = settings.jobs or processors()
    expected = _expected_bytes(first)
    little = expected is not None and expected < _ALONE_BYTES and not settings.rules
    if any(getattr(item, "is_far", False) for item in first):
        jobs = settings.jobs or max(_FAR_JOBS, processors())
        return results(inspection, chain(first, rest), tick, jobs, Budget().seconds, batch=1)
    return results(inspection, chain(first, rest), tick, 1 if little else jobs, Budget().seconds)


def _expected_bytes(first: Sequence[Item]) -> int | None:
    """How much there is to scan, if it is little enough to say so beforehand."""
    if len(first) >= _PEEKED_BLOBS:
        return None
    total = 0
    for item in first:
        if not isinstance(item, (Gap, LeftOut)):
            try:
                total += getattr(item, "planned", None) or item.size
            except Unreadable:
                continue
    return total


def explain(path: str, line: int | None, settings: Settings) -> Explained:
    """Why each match of a rule in a file, or on a line of it, is a finding or is none.

    Raises:
        ModelguardError: settings, rules or a baseline cannot be used. What cannot be read is a Gap in the answer.
    """
    from modelguard.sources.filesystem import FilesystemSource

    settings = replace(settings, history=False)
    source = FilesystemSource([path], settings.exclude, settings.default_exclusions)
    result = run(source, [path], settings)
    blobs = [item for item in source.items() if not isinstance(item, (Gap, LeftOut))]
    return _explained(blobs, path, line, result, settings)


def explain_finding(fingerprint: str, targets: Sequence[str], settings: Settings) -> Explained:
    """The same for the finding of this fingerprint, or of one that begins so, in files and folders or their history.

    Raises:
        ModelguardError: see `explain`; there is no such finding, or more than one.
    """
    from modelguard.sources.filesystem import FilesystemSource

    source = FilesystemSource(targets, settings.exclude, settings.default_exclusions)
    result = run(source, targets, settings)
    found = {each.fingerprint: each for each in result.findings if each.fingerprint.startswith(fingerprint)}
    if not found:
        raise UsageError(f"no finding here has the fingerprint {fingerprint}", "Name the folder that it is in: --in.")
    if len(found) > 1:
        raise UsageError(f"{len(found)} findings have a fingerprint that begins so", "Give more of it.")
    (finding,) = found.values()
    path, line = finding.origin.path, None if finding.place.inside else finding.place.line
    if finding.origin.object is None:
        said = explain(path, line, settings)
    else:
        from modelguard.history.look import objects_named

        with objects_named(source.repositories(), finding.origin.object, path) as blobs:
            here = tuple(each for each in result.findings if each.origin.path == path)
            said = _explained(blobs, path, line, replace(result, findings=here, gaps=(), left_out=()), settings)
    own = [each for each in said.explanations if _what_and_where(each) == _what_and_where(finding)]
    return replace(said, explanations=tuple(own)) if own else said


def _what_and_where(told: Explanation | Finding) -> tuple[str, int, str | None]:
    place = told.place
    return told.rule, place.byte_start, place.inner if place.inside else None


def _explained(blobs: Iterable[Blob], path: str, line: int | None, result: ScanResult, settings: Settings) -> Explained:
    """What is said of these blobs, with the verdicts of a scan of them."""
    from modelguard.explanation import MOST, explained

    gaps = list(result.gaps)
    said: list[Explanation] = []
    for blob in blobs:
        try:
            said += islice(explained(blob, chosen_rules(settings), line), MOST + 1)
        except Unreadable as error:
            gaps.append(Gap(blob.origin.path, error.reason, error.message))
    if len(said) > MOST:
        said.pop()
        gaps.append(Gap(path, GapReason.OVER_BUDGET, f"more than {MOST} matches; ask about a line: PATH:LINE"))
    found = {_what_and_where(each): each for each in result.findings}
    return Explained(
        path=path,
        line=line,
        explanations=tuple(_with_verdict(each, found.get(_what_and_where(each))) for each in said),
        gaps=tuple(gaps),
        left_out=result.left_out,
        exit_status=exit_status((), gaps, settings.allow_gaps),
    )


def _with_verdict(explanation: Explanation, finding: Finding | None) -> Explanation:
    """An explanation with what the project's own decisions make of the finding."""
    if finding is None:
        return explanation
    decided = "" if finding.status is Status.OPEN else f"{finding.status}: {finding.status_reason}"
    return replace(explanation, blocking=finding.blocking, reason=decided)


def rule_problems(paths: Sequence[Path], told: Callable[[str], None] = lambda line: None) -> tuple[int, list[str]]:
    """How many rules the files and folders in `paths` hold (none: the built-in ones), and what is wrong with them.

    Of rules that other tools' files hold, only what these say is proved. `told` is as of `chosen_rules`.

    Raises:
        RuleError: a file cannot be read as rules, or an engine refuses a pattern.
    """
    from modelguard.detectors.proving import Prover, is_check
    from modelguard.rules.checker import problems

    rules, adopted = list(builtin_rules()), frozenset[str]()
    if paths:
        from modelguard.rules.external import load_external

        rules, adopted = load_external(paths, rules, told)
    return len(rules), list(problems(rules, is_check, Prover(rules), adopted))


def import_rules(path: Path) -> Imported:
    """A file of another tool as a rule file.

    Raises:
        RuleError: it cannot be read, or is a rule file already.
    """
    from modelguard.rules.external import import_rules as import_from

    return import_from(path, builtin_rules())
