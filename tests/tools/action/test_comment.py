"""One comment of a pull request, kept up to date; a token that may not write stops nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests.tools.action.api import Server, serving
from tests.tools.action.hosted import Hosted
from tests.tools.action.workflow import TOKEN, Job, Workflow
from tests.tools.repo import planted

Run = Callable[..., Job]


@pytest.fixture
def api() -> Iterator[Server]:
    with serving(Server()) as server:
        yield server


@pytest.fixture
def run(hosted: Hosted, workflow: Workflow, api: Server) -> Run:
    """What is said of a change that leaks this value, or none."""
    workflow.api = api.address
    hosted.repo.git("checkout", "--quiet", "-b", "change")

    def run(leak: int | None, fork: bool = False, **about: object) -> Job:
        repo = hosted.repo
        repo.git("checkout", "--quiet", "change")
        repo.git("reset", "--quiet", "--hard", "main")
        repo.commit({"a.py": f"x = 1\n{'' if leak is None else planted(leak)}\n"})
        event = hosted.pull_request(fork=fork, **about)
        if not (workflow.workspace / ".git").exists():
            hosted.checkout(event["ref"], event["sha"])
        return workflow.run(event, comment="true")

    return run


def test_written_updated_resolved(run: Run, api: Server) -> None:
    assert run(None).status == 0
    assert api.comments == [], "there is nothing to say"
    assert run(1).status == 1
    (first,) = api.own
    assert "a.py" in first and planted(1) not in first
    before = len(api.written)
    assert run(1).status == 1
    assert len(api.own) == 1
    assert {method for method, _ in api.written[before:]} <= {"PATCH"}, "the address of the commit is another one"
    assert run(2).status == 1
    (second,) = api.own
    assert second != first
    assert run(None).status == 0
    (last,) = api.own
    assert "nothing blocks any more" in last
    before = len(api.written)
    assert run(None).status == 0
    assert len(api.written) == before, "it says so already"
    assert run(3).status == 1
    assert "a.py" in api.own[0] and len(api.own) == 1


def test_found_on_a_later_page(run: Run, api: Server) -> None:
    api.page = 2
    api.of_others("hello", 3)
    run(1)
    api.of_others("more", 3)
    run(2)
    assert len(api.own) == 1


def test_a_marker_in_a_comment_of_somebody_else_is_not_ours(run: Run, api: Server) -> None:
    run(1)
    marker = api.own[0].split("\n")[0]
    api.comments.clear()
    api.of_others(f"{marker}\nIt is all fine!")
    run(2)
    assert len(api.own) == 1
    assert api.comments[0]["body"].endswith("It is all fine!"), "it is left alone"


@pytest.mark.parametrize("status", [401, 403, 404, 422, 500, 302])
def test_a_token_that_may_not_write(run: Run, api: Server, status: int) -> None:
    api.refuses = status
    job = run(1, fork=True)
    assert job.status == 1, "as the scan says"
    assert job.levels == {"error"}
    assert "No comment: " in job.log
    assert TOKEN not in job.everything
    assert api.comments == []


def test_a_fork_needs_no_token(run: Run, workflow: Workflow, api: Server) -> None:
    """Its findings are told by annotations and the summary; code scanning is not asked for what it cannot take."""
    api.refuses = 403
    job = run(1, fork=True)
    assert "a fork's pull request gets none" in job.log
    assert [each.level for each in job.annotations] == ["error"]
    assert "a.py" in job.summary


@pytest.mark.parametrize(
    ("about", "uploaded"),
    [({}, True), ({"fork": True}, False), ({"actor": "dependabot[bot]"}, False)],
)
def test_who_may_upload(hosted: Hosted, workflow: Workflow, about: dict, uploaded: bool) -> None:
    hosted.repo.git("checkout", "--quiet", "-b", "change")
    hosted.repo.commit({"a.py": planted(1)})
    event = hosted.pull_request(**about)
    hosted.checkout(event["ref"], event["sha"])
    job = workflow.run(event, upload_sarif="true")
    assert ("upload" in job.used, job.status) == (uploaded, 1)
    assert ("No upload" in job.log) is not uploaded


def test_nobody_answers(hosted: Hosted, workflow: Workflow) -> None:
    hosted.repo.git("checkout", "--quiet", "-b", "change")
    hosted.repo.commit({"a.py": "x = 1\n"})
    event = hosted.pull_request()
    hosted.checkout(event["ref"], event["sha"])
    job = workflow.run(event, comment="true")
    assert job.status == 0
    assert "GitHub cannot be reached" in job.log


def test_a_push_has_none(hosted: Hosted, workflow: Workflow, api: Server) -> None:
    workflow.api = api.address
    before = hosted.repo.head()
    after = hosted.repo.commit({"a.py": planted(1)})
    hosted.checkout("refs/heads/main", after)
    job = workflow.run(hosted.push(before, after), comment="true")
    assert job.status == 1
    assert api.asked == []


def test_only_what_talks_to_github_gets_the_token() -> None:
    from tests.tools.action.definition import STEPS

    given = {step["id"] for step in STEPS if "inputs.token" in str(step) or "github.token" in str(step)}
    assert given == {"commits", "comment"}
