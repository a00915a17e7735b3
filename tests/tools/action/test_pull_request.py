"""A pull request: each of its commits is looked at, and none of anybody else's."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.tools.action.hosted import PULL, Hosted
from tests.tools.action.workflow import Job, Workflow
from tests.tools.repo import fingerprint, planted


@pytest.fixture
def grown(hosted: Hosted) -> Hosted:
    """Values by number: 0 on main before, 1 on main since; 2 comes and goes in the change, 3 stays in it."""
    repo = hosted.repo
    repo.commit({"old.txt": planted(0)})
    repo.git("checkout", "--quiet", "-b", "change")
    repo.commit({"a.py": f"x = 1\ntoken = '{planted(2)}'\n"})
    repo.commit({"a.py": "x = 1\n", "b.py": f"\n\ntoken = '{planted(3)}'\n"})
    repo.git("checkout", "--quiet", "main")
    repo.commit({"since.txt": planted(1)})
    return hosted


def found(job: Job) -> set[int]:
    """The numbers of the values that are told of."""
    told = {each["fingerprint"] for each in job.report["findings"]}
    numbers = {number for number in range(10) if fingerprint(planted(number)) in told}
    assert len(numbers) == len(told)
    return numbers


@pytest.mark.parametrize("depth", [0, 1, 2, 5])
def test_exactly_its_commits(grown: Hosted, workflow: Workflow, depth: int) -> None:
    event = grown.pull_request()
    grown.checkout(event["ref"], event["sha"], depth)
    job = workflow.run(event)
    assert found(job) == {2, 3}, job.log
    assert job.status == 1
    assert job.outputs["findings"] == "2"
    assert not any(planted(number) in job.everything for number in range(4))


def test_what_it_says(grown: Hosted, workflow: Workflow) -> None:
    event = grown.pull_request()
    grown.checkout(event["ref"], event["sha"])
    job = workflow.run(event, upload_sarif="true")
    assert job.levels == {"error"}
    gone, there = sorted(job.annotations, key=lambda each: each.properties["file"])
    assert there.properties | {"col": "", "endColumn": "", "title": ""} == {
        "title": "", "file": "b.py", "line": "3", "endLine": "3", "col": "", "endColumn": ""
    }  # fmt: skip
    assert gone.properties.keys() == {"title", "file"}, "its line is to be seen nowhere"
    assert gone.properties["file"] == "a.py"
    assert "a.py" in job.summary
    head = event["payload"]["pull_request"]["head"]["sha"]
    assert f"https://github.test/acme/models/blob/{head}/b.py?plain=1#L3" in job.summary
    assert job.used["upload"] == {"sarif_file": job.outputs["sarif-file"], "category": "modelguard-commits"}
    sarif = json.loads(Path(job.outputs["sarif-file"]).read_text(encoding="utf-8"))
    assert len(sarif["runs"][0]["results"]) == 2
    assert job.used["cache"]["path"] == f"{workflow.cache}/*.hsdb"
    assert job.used["cache"]["key"].startswith("modelguard-Linux-X64-")


def test_a_clean_one(grown: Hosted, workflow: Workflow) -> None:
    grown.repo.git("checkout", "--quiet", "-b", "clean", "main")
    grown.repo.commit({"c.py": "x = 1\n"})
    event = grown.pull_request("clean")
    grown.checkout(event["ref"], event["sha"])
    job = workflow.run(event)
    assert (job.status, job.outputs["findings"], job.levels) == (0, "0", set()), job.log
    assert "upload" not in job.used


def test_the_base_in_its_branch_is_not_its_own(grown: Hosted, workflow: Workflow) -> None:
    """Merged into the change, and from further away than the first fetch reaches."""
    repo = grown.repo
    for number in range(40):
        repo.commit({"count.txt": f"{number}\n"})
    repo.commit({"late.txt": planted(4)})
    repo.git("checkout", "--quiet", "change")
    repo.git("merge", "--quiet", "-m", "Merge", "main")
    repo.commit({"after.txt": planted(5)})
    event = grown.pull_request()
    grown.checkout(event["ref"], event["sha"])
    assert found(workflow.run(event)) == {2, 3, 5}


def test_a_long_one(grown: Hosted, workflow: Workflow) -> None:
    repo = grown.repo
    repo.git("checkout", "--quiet", "change")
    for number in range(70):
        repo.commit({"count.txt": f"{number}\n"})
    event = grown.pull_request()
    event["payload"]["pull_request"]["commits"] = 3  # whatever GitHub counts
    grown.checkout(event["ref"], event["sha"], 2)
    assert found(workflow.run(event)) == {2, 3}


def test_an_event_that_is_older_than_the_base(grown: Hosted, workflow: Workflow) -> None:
    """GitHub tells of the base as it was when the change was last pushed; the merge commit knows better."""
    repo = grown.repo
    old = repo.head("main~1")
    repo.git("checkout", "--quiet", "change")
    repo.git("merge", "--quiet", "-m", "Merge", "main")
    event = grown.pull_request()
    event["payload"]["pull_request"]["base"]["sha"] = old
    grown.checkout(event["ref"], event["sha"])
    assert found(workflow.run(event)) == {2, 3}


def test_a_checkout_of_its_head(grown: Hosted, workflow: Workflow) -> None:
    event = grown.pull_request()
    grown.checkout(f"{PULL}/head", event["payload"]["pull_request"]["head"]["sha"])
    assert found(workflow.run(event)) == {2, 3}


@pytest.mark.parametrize("filters", [("--filter=blob:none",), ("--filter=tree:0",)])
def test_a_partial_checkout(grown: Hosted, workflow: Workflow, filters: tuple[str, ...]) -> None:
    """What a filter leaves away is fetched: it would be passed over as missing by design."""
    grown.repo.git("config", "uploadpack.allowFilter", "true")
    event = grown.pull_request()
    place = grown.checkout(event["ref"], event["sha"], 0, *filters)
    assert place.git("config", "remote.origin.promisor") == "true"
    assert found(workflow.run(event)) == {2, 3}


def test_as_a_target_it_is_data(grown: Hosted, workflow: Workflow) -> None:
    """`pull_request_target` runs for the base, which is checked out; the change is fetched, and no file of it is made."""
    event = grown.pull_request(fork=True) | {"name": "pull_request_target", "ref": "refs/heads/main"}
    event["sha"] = grown.repo.head("main")
    place = grown.checkout("refs/heads/main", event["sha"])
    job = workflow.run(event, upload_sarif="true")
    assert found(job) == {2, 3}
    assert not (place.path / "b.py").exists()
    assert place.head() == event["sha"]
    assert place.git("status", "--porcelain") == ""
    assert {each.properties.get("line") for each in job.annotations} == {"3", None}
    job = workflow.run(event, scan="full")
    assert found(job) == {0, 1}
    assert "only `scan: diff` looks at what the pull request brings" in job.log


def test_a_merge_queue(grown: Hosted, workflow: Workflow) -> None:
    event = grown.pull_request()
    group = {
        "base_sha": grown.repo.head("main"),
        "head_sha": event["sha"],
        "head_ref": "refs/heads/gh-readonly-queue/x",
    }
    grown.checkout("refs/heads/gh-readonly-queue/x", event["sha"])
    told = grown.other("merge_group", event["sha"], merge_group=group)
    assert found(workflow.run(told)) == {2, 3}


def test_what_cannot_be_fetched(grown: Hosted, workflow: Workflow) -> None:
    event = grown.pull_request()
    grown.checkout(event["ref"], event["sha"])
    grown.repo.path.rename(grown.repo.path.with_name("gone"))
    job = workflow.run(event)
    assert job.status == 2
    (told,) = job.annotations
    assert (told.level, "fetch-depth: 0" in told.text) == ("error", True)
    assert "nothing was looked at" in job.summary


def test_what_it_adds_to_a_file_alone(hosted: Hosted, workflow: Workflow) -> None:
    """A value that was in a file before is none of a change to another line of it."""
    repo = hosted.repo
    repo.commit({"a.py": f"old = '{planted(0)}'\n"})
    repo.git("checkout", "--quiet", "-b", "change")
    repo.commit({"a.py": f"x = 1\nold = '{planted(0)}'\nnew = '{planted(1)}'\n"})
    event = hosted.pull_request()
    hosted.checkout(event["ref"], event["sha"])
    assert found(workflow.run(event)) == {1}


def test_its_message(hosted: Hosted, workflow: Workflow) -> None:
    hosted.repo.git("checkout", "--quiet", "-b", "change")
    hosted.repo.commit({"a.py": "x = 1\n"}, f"With {planted(1)}")
    event = hosted.pull_request()
    hosted.checkout(event["ref"], event["sha"])
    assert found(workflow.run(event)) == {1}


def test_all_of_it(grown: Hosted, workflow: Workflow) -> None:
    event = grown.pull_request()
    grown.checkout(event["ref"], event["sha"])
    assert found(workflow.run(event, scan="full")) == {0, 1, 3}
    assert found(workflow.run(event, scan="history")) == {0, 1, 2, 3}
