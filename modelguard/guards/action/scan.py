"""The step that looks: under the settings that count, and under those that a change proposes."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from modelguard.errors import ModelguardError, UsageError
from modelguard.guards.action.choosing import repository_of
from modelguard.guards.action.commit_settings import Asked, asked_by, named_after
from modelguard.guards.action.inputs import Inputs, folder_of
from modelguard.guards.action.plan import COMMITS, FULL, HISTORY, NOTHING, Plan
from modelguard.guards.action.stricter import stricter
from modelguard.model import Gap, GapReason, ScanResult, Stats
from modelguard.pipeline import run
from modelguard.settings import PROJECT_FILE, Settings, load_settings
from modelguard.sources.commits import CommitsSource
from modelguard.sources.filesystem import FilesystemSource
from modelguard.sources.history.repository import Repository
from modelguard.sources.history.scope import Scope
from modelguard.sources.history.tree import objects_of
from modelguard.sources.interface import Source
from modelguard.sources.repositories import RepositoriesSource
from modelguard.verdict.outcome import INCOMPLETE

Told = Callable[[str], None]
_ADVICE = (
    "They count once they are merged; `trust_changes: true` in the settings of the base branch would have them now."
)


class Looked(Struct, frozen=True):
    """A result, and sentences on how it came about."""

    result: ScanResult
    notes: tuple[str, ...]


def look(plan: Plan, inputs: Inputs, environment: Mapping[str, str]) -> Looked:
    """Scan what the plan says; the current folder becomes the top of the repository, from which paths count.

    Raises:
        ModelguardError: the plan tells of a problem; settings, rules or a baseline cannot be used.
    """
    if plan.problem:
        raise UsageError(plan.problem, plan.remedy)
    notes = list(plan.notes)
    if plan.scan == NOTHING:
        return Looked(ScanResult((".",), (), (), (), (), Stats(), 0, ""), tuple(notes))
    folder = folder_of(inputs, environment)
    repository = repository_of(folder)
    os.chdir(repository.folder if repository else folder)
    target = os.path.relpath(folder)
    if repository is None or not plan.trusted:
        settings = load_settings(_flags(inputs), Path(inputs.config) if inputs.config else None)
        result = _Scan(plan, target, repository, notes.append).under(settings, None)
    else:
        result = _Proposal(plan, inputs, target, repository, notes.append).result()
    return Looked(result, tuple(dict.fromkeys(notes)))


def _flags(inputs: Inputs) -> dict[str, object]:
    paths = {"baseline": inputs.baseline, "rules": inputs.rules}
    return inputs.flags() | {name: value for name, value in paths.items() if value}


class _Scan(Struct, frozen=True):
    """One scan of what a plan speaks of."""

    plan: Plan
    target: str
    repository: Repository | None
    told: Told

    def under(self, settings: Settings, asked: Asked | None) -> ScanResult:
        source, settings, scope = self._source(settings)
        baseline = asked.baseline if asked else None
        result = run(source, [self.target], settings, scope=scope, told=self.told, baseline=baseline)
        return self._in_tree(result) if scope else result

    def _source(self, settings: Settings) -> tuple[Source, Settings, Scope | None]:
        plan = self.plan
        if plan.scan == COMMITS:
            return CommitsSource("."), replace(settings, history=True), Scope(tips=(plan.tip,), without=plan.without)
        if plan.scan == HISTORY:
            return RepositoriesSource(["."]), replace(settings, history=True), None
        assert plan.scan == FULL
        if settings.history and self.repository is not None and self.repository.shallow:
            self.told("The checkout is shallow, so only files are looked at; `fetch-depth: 0` brings the history.")
            settings = replace(settings, history=False)
        return FilesystemSource([self.target], settings.exclude, settings.default_exclusions), settings, None

    def _in_tree(self, result: ScanResult) -> ScanResult:
        """Whether a line is to be seen in the change is a matter of its newest commit, not of what is checked out."""
        assert self.repository is not None
        if not result.findings:
            return result
        held = objects_of(self.repository, self.plan.tip)
        return replace(
            result,
            findings=tuple(
                replace(each, origin=replace(each.origin, in_tree=each.origin.object in held))
                for each in result.findings
            ),
        )


class _Proposal(Struct, frozen=True):
    """A scan of what a change proposes: the settings of its base count, its own can only make that stricter."""

    plan: Plan
    inputs: Inputs
    target: str
    repository: Repository
    told: Told

    def result(self) -> ScanResult:
        with tempfile.TemporaryDirectory(prefix="modelguard-") as made:
            trusted = self._asked(self.plan.trusted, Path(made))
            self._tell_lacking(trusted)
            if trusted.settings.trust_changes:
                self.told("The settings of the base branch trust those of this change.")
                return self._under(self._asked(self.plan.proposed, Path(made)))
            result = self._under(trusted)
            try:
                proposed = self._asked(self.plan.proposed, Path(made))
                if proposed.same_as(trusted) or self._changes_nothing(proposed, Path(made)):
                    return result
                self.told(
                    f"This change has settings, a baseline or rules of its own: the stricter ones count. {_ADVICE}"
                )
                return stricter(result, self._under(_with_effort_of(trusted, proposed)))
            except ModelguardError as error:
                return _with_problem(result, error)

    def _asked(self, commit: str, made: Path) -> Asked:
        folder = made / commit
        if folder.exists():
            folder = Path(tempfile.mkdtemp(dir=made))
        folder.mkdir(exist_ok=True)
        known = dict.fromkeys((self.plan.trusted, self.plan.proposed, self.plan.tip, self.repository.commit("HEAD")))
        return asked_by(self.repository, commit, self.inputs, folder.resolve(), [each for each in known if each])

    def _under(self, asked: Asked) -> ScanResult:
        with named_after(asked.folder, asked.commit):
            return _Scan(self.plan, self.target, self.repository, self.told).under(asked.settings, asked)

    def _changes_nothing(self, proposed: Asked, made: Path) -> bool:
        """Whether the settings are merely older than those of the base branch."""
        parted = self.plan.parted
        return bool(parted) and proposed.same_as(self._asked(parted, made))

    def _tell_lacking(self, trusted: Asked) -> None:
        for name in trusted.lacking:
            self.told(f"{name} is not in the base branch yet, so nothing in it counts.")


def _with_effort_of(trusted: Asked, proposed: Asked) -> Asked:
    """How many processes work, and what is remembered, is nothing that a change may say."""
    jobs, cache = trusted.settings.jobs, trusted.settings.cache
    return replace(proposed, settings=replace(proposed.settings, jobs=jobs, cache=cache))


def _with_problem(result: ScanResult, error: ModelguardError) -> ScanResult:
    detail = f"what this change makes of the settings cannot be used: {error.message}. {error.remedy}".rstrip()
    gap = Gap(PROJECT_FILE, GapReason.MALFORMED, detail)
    return replace(result, gaps=(*result.gaps, gap), exit_status=result.exit_status or INCOMPLETE)
