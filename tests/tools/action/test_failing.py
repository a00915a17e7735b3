"""A step that ends as it should not: the job fails, and never because of a leak that nobody saw."""

from __future__ import annotations

import pytest

from tests.tools.action.hosted import Hosted
from tests.tools.action.workflow import Job, Workflow


def run(hosted: Hosted, workflow: Workflow, script: str) -> Job:
    """With a Python that is this script; `$REAL` is the one that it stands before."""
    stand_in = workflow.temp / "python"
    stand_in.write_text(f"#!/bin/sh\nREAL='{workflow.python}'\n{script}\n")
    stand_in.chmod(0o755)
    workflow.python = stand_in
    sha = hosted.repo.head()
    hosted.checkout("refs/heads/main", sha)
    return workflow.run(hosted.push(None, sha), comment="true", upload_sarif="true")


def test_no_step_runs(hosted: Hosted, workflow: Workflow) -> None:
    job = run(hosted, workflow, "exit 1")
    assert (job.status, job.outputs["exit-status"]) == (2, "")
    assert "scan" not in job.steps


@pytest.mark.parametrize("end", ["kill -9 $$", "exit 139", "exit 127"])
def test_the_scan_is_killed(hosted: Hosted, workflow: Workflow, end: str) -> None:
    job = run(hosted, workflow, f'case "$*" in *scan) {end} ;; *) exec "$REAL" "$@" ;; esac')
    assert (job.status, job.outputs["exit-status"]) == (2, "2")
    assert "upload" not in job.used and "comment" not in job.steps


def test_the_plan_is_lost(hosted: Hosted, workflow: Workflow) -> None:
    job = run(hosted, workflow, 'case "$*" in *commits) exit 0 ;; *) exec "$REAL" "$@" ;; esac')
    assert (job.status, job.outputs["exit-status"]) == (2, "2")
    (told,) = job.annotations
    assert told.level == "error" and "has not said which" in told.text
