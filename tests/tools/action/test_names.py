"""File names and values that speak to the runner: whatever a change holds, the log is ours."""

from __future__ import annotations

import pytest

from tests.tools.action.hosted import Hosted
from tests.tools.action.workflow import Workflow
from tests.tools.repo import ALLOW, RULE, planted

NAMES = [
    b"a%0A::set-output name=x::y.py",
    b"a\n::set-output name=x::y.py",
    b"::stop-commands::x.py",
    b"::error::x.py",
    b" ::add-mask::x.py",
    b"##[command]rm.py",
    b"a,line=1,title=x.py",
    b"a\r::error::b.py",
    b"\xff\xfe::warning::c.py",
    b"a:b:c.py",
    "\u2028::notice::d.py".encode(),
    b"x](https://example.test).md",
    b"<img src=x>@somebody.md",
    b"end-0<<EOF.py",
]


@pytest.fixture
def event(hosted: Hosted) -> dict:
    repo = hosted.repo
    repo.git("checkout", "--quiet", "-b", "change")
    for number, name in enumerate(NAMES):
        repo.write(name, f"token = '{planted(number)}'\n")
    repo.commit({"allowed.py": f"token = '{planted(90)}'  # {ALLOW}[{RULE}] ::stop-commands::x ##[error]y\n"})
    event = hosted.pull_request()
    hosted.checkout(event["ref"], event["sha"])
    return event


def test_nothing_in_it_is_obeyed(event: dict, workflow: Workflow) -> None:
    job = workflow.run(event, comment="true")
    assert job.status == 1
    assert job.levels == {"error", "notice"}
    assert len([each for each in job.annotations if each.level == "error"]) == 10, "as many as GitHub shows"
    assert job.outputs["findings"] == str(len(NAMES))
    for each in job.annotations:
        assert each.properties.keys() <= {"title", "file", "line", "endLine", "col", "endColumn"}
        assert "\n" not in each.properties["file"]
    assert job.steps["scan"].keys() == {"findings", "sarif-file", "report-file", "upload", "category", "exit-status"}


def test_nor_in_the_summary(event: dict, workflow: Workflow) -> None:
    summary = workflow.run(event).summary
    assert "](https://example.test" not in summary
    assert not [line for line in summary.splitlines() if line.startswith(("<img", "::"))]
    bare = "".join(part for number, part in enumerate(summary.split("`")) if number % 2 == 0)
    assert "@somebody" not in bare and "<img" not in bare


def test_a_link_of_git_or_a_branch_with_a_name(hosted: Hosted, workflow: Workflow) -> None:
    """The names of branches are an author's, too."""
    repo = hosted.repo
    before = repo.head()
    name = "side%0Aerror,x=1;y"
    repo.git("checkout", "--quiet", "-b", name)
    after = repo.commit({"a.py": f"token = '{planted(1)}'\n"})
    hosted.checkout("refs/heads/main", after)
    job = workflow.run(hosted.push(before, after, f"refs/heads/{name}"))
    assert job.status == 1
    assert job.levels == {"error"}
    job = workflow.run(hosted.other("workflow_dispatch", after), base="x\n::error::y")
    assert job.status == 2
    assert job.levels == {"error"}
    assert all("::error::y" not in line for line in job.log.splitlines() if line.lstrip().startswith("::error::y"))
