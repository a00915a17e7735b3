"""Before a commit: what is staged, and nothing else."""

from __future__ import annotations

import os
from collections.abc import Callable

from msgspec.structs import replace

from modelguard.model import Finding, ScanResult
from modelguard.pipeline import run
from modelguard.settings import Settings
from modelguard.sources.exclusion import Exclusions
from modelguard.sources.history.staged import StagedSource, repository_here
from modelguard.verdict.outcome import exit_status

_IN_A_COMMIT = "GIT_INDEX_FILE"
"""git sets it for the hooks that it runs for a commit (githooks(5))."""


def check_staged(settings: Settings, told: Callable[[str], None], suffix: bytes = b"") -> ScanResult:
    """Scan what is staged, of files whose names end with `suffix`.

    A framework that runs its hooks over all files stages nothing, and to look at nothing then would pass in silence: if
    nothing is staged and no commit is being made, all that the index holds is scanned.

    Raises:
        ModelguardError: see `pipeline.scan`.
    """
    exclusions = Exclusions(settings.exclude, settings.default_exclusions)
    source = StagedSource(repository_here(), exclusions, _IN_A_COMMIT not in os.environ, suffix)
    return run(source, ["."], settings, told=told)


def check_outputs(settings: Settings, told: Callable[[str], None]) -> ScanResult:
    """The same of the outputs of notebooks alone: what stands in their sources and metadata is not asked about.

    Raises:
        ModelguardError: see `pipeline.scan`.
    """
    result = check_staged(settings, told, b".ipynb")
    findings = tuple(finding for finding in result.findings if _is_output(finding))
    return replace(result, findings=findings, exit_status=exit_status(findings, result.gaps, settings.allow_gaps))


def _is_output(finding: Finding) -> bool:
    """Whether it stands in an output of a cell, as `readers/notebooks/places.py` names these."""
    return ".output[" in (finding.place.inner or "")
