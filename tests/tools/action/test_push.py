"""A push brings what its ref did not hold before; other events bring nothing."""

from __future__ import annotations

import pytest

from tests.tools.action.hosted import ZEROS, Hosted
from tests.tools.action.test_pull_request import found
from tests.tools.action.workflow import Workflow
from tests.tools.repo import planted


@pytest.mark.parametrize("depth", [0, 1, 3])
def test_what_it_brings(hosted: Hosted, workflow: Workflow, depth: int) -> None:
    repo = hosted.repo
    before = repo.commit({"old.txt": planted(0)})
    repo.commit({"a.txt": planted(1)})
    after = repo.commit({"a.txt": "gone\n", "b.txt": planted(2)})
    hosted.checkout("refs/heads/main", after, depth)
    job = workflow.run(hosted.push(before, after), upload_sarif="true")
    assert (found(job), job.status) == ({1, 2}, 1)
    assert "upload" not in job.used, "alerts of earlier pushes would be taken for mended"
    assert "scan: full" in job.log


def test_a_clean_one(hosted: Hosted, workflow: Workflow) -> None:
    before = hosted.repo.commit({"old.txt": planted(0)})
    after = hosted.repo.commit({"a.txt": "1\n"})
    hosted.checkout("refs/heads/main", after)
    job = workflow.run(hosted.push(before, after))
    assert (found(job), job.status, job.levels) == (set(), 0, set()), job.log


@pytest.mark.parametrize("given", [True, False])
def test_a_forced_one(hosted: Hosted, workflow: Workflow, given: bool) -> None:
    """What the branch held before is compared with where the server still gives it, else the default branch is."""
    repo = hosted.repo
    repo.commit({"old.txt": planted(0)})
    repo.git("checkout", "--quiet", "-b", "side")
    before = repo.commit({"a.txt": planted(1)})
    repo.git("reset", "--quiet", "--hard", "main")
    after = repo.commit({"b.txt": planted(2)})
    if not given:
        repo.git("reflog", "expire", "--expire=now", "--all")
        repo.git("prune", "--expire=now")
    hosted.checkout("refs/heads/side", after)
    event = hosted.push(None, after, "refs/heads/side", created=False, forced=True, before=before)
    job = workflow.run(event)
    assert (found(job), job.status) == ({2}, 1)
    assert ("not to be had any more" in job.log) is not given


@pytest.mark.parametrize("depth", [0, 1])
def test_a_new_branch(hosted: Hosted, workflow: Workflow, depth: int) -> None:
    repo = hosted.repo
    repo.commit({"old.txt": planted(0)})
    repo.git("checkout", "--quiet", "-b", "side")
    repo.commit({"a.txt": planted(1)})
    after = repo.commit({"a.txt": "gone\n"})
    hosted.checkout("refs/heads/side", after, depth)
    job = workflow.run(hosted.push(None, after, "refs/heads/side"))
    assert found(job) == {1}
    assert "default branch" in job.log


def test_the_first_one(hosted: Hosted, workflow: Workflow) -> None:
    hosted.repo.commit({"old.txt": planted(0)})
    after = hosted.repo.commit({"old.txt": "gone\n"})
    hosted.checkout("refs/heads/main", after)
    assert found(workflow.run(hosted.push(None, after))) == {0}


def test_a_tag(hosted: Hosted, workflow: Workflow) -> None:
    """The id in the payload is that of the tag, whose message is looked at, too."""
    repo = hosted.repo
    repo.commit({"old.txt": planted(0)})
    repo.git("tag", "-a", "-m", f"with {planted(1)}", "v1")
    hosted.checkout("refs/heads/main", repo.head("main"))
    event = hosted.push(None, repo.head("v1"), "refs/tags/v1") | {"sha": repo.head("main")}
    assert found(workflow.run(event)) == {1}


def test_a_ref_that_is_deleted(hosted: Hosted, workflow: Workflow) -> None:
    sha = hosted.repo.commit({"old.txt": planted(0)})
    hosted.checkout("refs/heads/main", sha)
    event = hosted.push(sha, sha, "refs/heads/side", after=ZEROS, deleted=True)
    job = workflow.run(event)
    assert (found(job), job.status) == (set(), 0)
    assert "deleted" in job.log


def test_another_event_has_no_commits(hosted: Hosted, workflow: Workflow) -> None:
    hosted.repo.commit({"gone.txt": planted(0)})
    sha = hosted.repo.commit({"gone.txt": "1\n", "there.txt": planted(1)})
    place = hosted.checkout("refs/heads/main", sha, 0)
    for name in ("schedule", "workflow_dispatch"):
        job = workflow.run(hosted.other(name, sha))
        assert found(job) == {0, 1}
        assert "brings no commits" in job.log
    assert found(workflow.run(hosted.other("schedule", sha), scan="history")) == {0, 1}
    place.git("fetch", "--quiet", "--depth=1", "origin", sha)
    job = workflow.run(hosted.other("schedule", sha))
    assert found(job) == {1}
    assert "shallow" in job.log
    assert found(workflow.run(hosted.other("schedule", sha), scan="history")) == {0, 1}, "it is made deep"


@pytest.mark.parametrize("base", ["main", "refs/heads/main", "id"])
def test_compared_with_what_the_workflow_says(hosted: Hosted, workflow: Workflow, base: str) -> None:
    repo = hosted.repo
    start = repo.commit({"old.txt": planted(0)})
    repo.git("checkout", "--quiet", "-b", "side")
    after = repo.commit({"a.txt": planted(1)})
    hosted.checkout("refs/heads/side", after)
    job = workflow.run(hosted.other("workflow_dispatch", after), base=start if base == "id" else base)
    assert found(job) == {1}


def test_a_base_that_is_not_there(hosted: Hosted, workflow: Workflow) -> None:
    sha = hosted.repo.head()
    hosted.checkout("refs/heads/main", sha)
    for wrong in ("nowhere", "--upload-pack=touch /tmp/x"):
        job = workflow.run(hosted.other("workflow_dispatch", sha), base=wrong)
        assert job.status == 2
        assert {each.level for each in job.annotations} == {"error"}


@pytest.mark.parametrize(
    "wrong", [{"scan": "everything"}, {"path": "nowhere"}, {"path": "../.."}, {"fail_on": "sometimes"}, {"pii": "x"}]
)
def test_inputs_that_are_wrong(hosted: Hosted, workflow: Workflow, wrong: dict[str, str]) -> None:
    sha = hosted.repo.head()
    hosted.checkout("refs/heads/main", sha)
    job = workflow.run(hosted.push(None, sha), **wrong)
    assert job.status == 2
    assert {each.level for each in job.annotations} == {"error"}


def test_no_checkout(hosted: Hosted, workflow: Workflow) -> None:
    job = workflow.run(hosted.push(None, hosted.repo.head()))
    assert job.status == 2
    assert "actions/checkout" in job.annotations[0].text


def test_what_the_workflow_moves(hosted: Hosted, workflow: Workflow) -> None:
    """Inputs reach the settings of the scan."""
    before = hosted.repo.head()
    after = hosted.repo.commit({"a.txt": planted(1), "mine.yaml": "fail_on: never\n"})
    hosted.checkout("refs/heads/main", after)
    event = hosted.push(before, after)
    for inputs in ({"fail_on": "never"}, {"config": "mine.yaml"}):
        job = workflow.run(event, **inputs)
        assert (found(job), job.status) == ({1}, 0), inputs
