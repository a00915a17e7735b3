"""A pull request that hides its own leak: whatever it edits, the settings of its base branch count."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from tests.tools.action.hosted import Hosted
from tests.tools.action.test_pull_request import found
from tests.tools.action.workflow import Job, Workflow
from tests.tools.repo import ALLOW, RULE, fingerprint, planted

Files = dict[str, str | bytes | None]
Opened = Callable[..., Job]

LEAK: dict[str, str] = {"src/a.py": f"token = '{planted(1)}'\n"}
ENTRY = {"fingerprint": fingerprint(planted(1)), "path": "src/a.py", "rule": RULE}
BASELINE = json.dumps({"schema": "modelguard-baseline/1", "entries": [ENTRY]})
WEAKER_RULE = f"""\
- id: {RULE}
  title: nothing
  category: secret
  severity: low
  confidence: low
  pattern: 'never-(?P<value>[a-z]{{30}})\\b'
  preview: none
  what: Nothing.
  why: Nothing.
  remedy: Nothing.
  examples: ['never-<alpha:30>']
  not_examples: ['always']
  references: ['https://example.test/']
"""
LOUDER_RULE = WEAKER_RULE.replace(RULE, "acme-note").replace(
    "never-(?P<value>[a-z]{30})\\b", "token = '(?P<value>hf_[A-Za-z]{34})'"
).replace("never-<alpha:30>", "token = 'hf_<alpha:34>'")  # fmt: skip

HIDING: dict[str, Files] = {
    "excluded": {".modelguard.yaml": "exclude: ['*']\n"},
    "excluded in pyproject": {"pyproject.toml": "[tool.modelguard]\nexclude = ['src/']\n"},
    "nothing fails": {".modelguard.yaml": "fail_on: never\n"},
    "rule disabled": {".modelguard.yaml": f"disable: [{RULE}]\n"},
    "another rule only": {".modelguard.yaml": "only: [aws-access-key-id]\n"},
    "baseline": {".modelguard.yaml": "baseline: accepted.json\n", "accepted.json": BASELINE},
    "its own trust": {".modelguard.yaml": "trust_changes: true\nfail_on: never\n"},
    "rule replaced": {".modelguard.yaml": "rules: [weak.yaml]\n", "weak.yaml": WEAKER_RULE},
    "a rule that speaks instead": {".modelguard.yaml": "rules: [loud.yaml]\n", "loud.yaml": LOUDER_RULE},
    "small files only": {".modelguard.yaml": "max_file_size: 1\nallow_gaps: true\n"},
    "settings that break": {".modelguard.yaml": "exclude: [\n"},
    "settings of the user": {".config/modelguard/settings.yaml": "fail_on: never\n"},
    "git ignores it": {".gitignore": "src/\n", "src/.gitignore": "*\n"},
    "modelguard ignores it": {
        ".modelguardignore": "*\n",
        ".gitleaksignore": "src/a.py:hf:1\n",
        ".secrets.baseline": "{}",
    },
    "no diff": {".gitattributes": "*.py -diff -text binary\n"},
    "filtered": {".gitattributes": "*.py filter=lfs diff=lfs merge=lfs -text\n"},
    "another encoding": {
        ".gitattributes": "src/a.py working-tree-encoding=UTF-16LE ident export-ignore\n",
        "src/a.py": LEAK["src/a.py"].encode("utf-16-le"),
    },
    "generated": {".gitattributes": "* linguist-generated linguist-vendored\n"},
    "a submodule": {".gitmodules": '[submodule "src"]\n\tpath = src\n\turl = https://example.test/x\n\tignore = all\n'},
    "lfs": {".lfsconfig": "[lfs]\n\turl = https://example.test/\n"},
    "its workflow": {".github/workflows/leaks.yml": "on: push\njobs: {}\n"},
    "code to run": {
        "sitecustomize.py": "raise SystemExit(0)\n",
        "modelguard/__init__.py": "raise SystemExit(0)\n",
        "modelguard/__main__.py": "raise SystemExit(0)\n",
        "click.py": "raise SystemExit(0)\n",
        "x.pth": "import os; os._exit(0)\n",
        "git": "#!/bin/sh\nexit 0\n",
    },
}


@pytest.fixture
def opened(hosted: Hosted, workflow: Workflow) -> Opened:
    """What is said of a change with these files, for a base with those."""

    def opened(change: Files, base: Files | None = None, depth: int = 1, **inputs: str) -> Job:
        repo = hosted.repo
        repo.commit({"src/b.py": "x = 1\n", **(base or {})})
        repo.git("checkout", "--quiet", "-b", "change")
        for name in change:
            (repo.path / name).unlink(missing_ok=True)  # it may be a link
        repo.commit({**LEAK, **change}, "change")
        if ".gitignore" in change:
            repo.git("add", "--force", ".")
            repo.commit({}, "with what is ignored")
        event = hosted.pull_request()
        hosted.checkout(event["ref"], event["sha"], depth)
        return workflow.run(event, **inputs)

    return opened


@pytest.mark.parametrize("how", HIDING)
def test_nothing_hides_a_leak(opened: Opened, how: str) -> None:
    job = opened(HIDING[how])
    assert job.status == 1, job.log
    assert 1 in {number for number in range(3) if fingerprint(planted(number)) in str(job.report)}
    assert "error" in job.levels


@pytest.mark.parametrize("how", ["excluded", "baseline", "nothing fails", "code to run"])
@pytest.mark.parametrize("scan", ["full", "history"])
def test_nor_in_other_scans(opened: Opened, how: str, scan: str) -> None:
    assert opened(HIDING[how], scan=scan).status == 1


@pytest.mark.parametrize("how", ["excluded", "nothing fails", "rule disabled", "baseline"])
def test_what_the_base_branch_says_counts(opened: Opened, how: str) -> None:
    assert opened({}, HIDING[how]).status == 0


def test_the_base_branch_may_trust(opened: Opened) -> None:
    job = opened(HIDING["baseline"], {".modelguard.yaml": "trust_changes: true\n"})
    assert job.status == 0
    assert "trust" in job.log


def test_stricter_it_may_be(opened: Opened) -> None:
    """The base branch would let it pass; the change itself would not."""
    job = opened({".modelguard.yaml": "fail_on: low\n"}, {".modelguard.yaml": "fail_on: never\n"})
    assert job.status == 1
    assert "stricter" in job.log


def test_it_may_bring_rules(opened: Opened) -> None:
    job = opened({**HIDING["a rule that speaks instead"], "src/a.py": "x = 1\n", "c.py": f"token = '{planted(2)}'\n"})
    assert {each["rule"] for each in job.report["findings"]} >= {RULE}
    assert job.status == 1


def test_settings_that_are_merely_old(hosted: Hosted, workflow: Workflow) -> None:
    """The base branch has accepted something since: a change that parted earlier need not say so itself."""
    repo = hosted.repo
    repo.git("checkout", "--quiet", "-b", "change")
    repo.commit(LEAK)
    repo.git("checkout", "--quiet", "main")
    repo.commit(HIDING["baseline"])
    event = hosted.pull_request()
    place = hosted.checkout(event["ref"], event["sha"])
    assert workflow.run(event).status == 0
    place.git("checkout", "--quiet", "--detach", event["payload"]["pull_request"]["head"]["sha"], check=False)
    event["sha"] = event["payload"]["pull_request"]["head"]["sha"]
    assert workflow.run(event).status == 0


def test_a_file_that_the_workflow_names_is_the_base_branchs(opened: Opened) -> None:
    job = opened(
        {"accepted.json": BASELINE},
        {"accepted.json": BASELINE.replace(RULE, "other").replace("3", "4")},
        baseline="accepted.json",
    )
    assert job.status == 1


def test_nor_one_that_is_new(opened: Opened) -> None:
    job = opened({"sub/accepted.json": BASELINE}, baseline="sub/accepted.json")
    assert job.status == 1
    assert "not in the base branch yet" in job.log


def test_one_that_is_no_part_of_the_tree_is_the_workflows(hosted: Hosted, workflow: Workflow) -> None:
    hosted.repo.git("checkout", "--quiet", "-b", "change")
    hosted.repo.commit(LEAK)
    event = hosted.pull_request()
    place = hosted.checkout(event["ref"], event["sha"])
    place.write("beside/accepted.json", BASELINE)
    assert workflow.run(event, baseline="beside/accepted.json").status == 0
    elsewhere = place.path.parent / "elsewhere.json"
    elsewhere.write_text(BASELINE)
    assert workflow.run(event, baseline=str(elsewhere)).status == 0
    assert workflow.run(event, baseline="../elsewhere.json").status == 2


def test_links_lead_nowhere(hosted: Hosted, workflow: Workflow) -> None:
    """A settings file or baseline that is a link in a commit is none."""
    repo = hosted.repo
    (repo.path.parent / "outside.yaml").write_text("fail_on: never\nexclude: ['*']\n")
    repo.git("checkout", "--quiet", "-b", "change")
    (repo.path / ".modelguard.yaml").symlink_to(repo.path.parent / "outside.yaml")
    (repo.path / "src").mkdir()
    repo.commit(LEAK)
    event = hosted.pull_request()
    hosted.checkout(event["ref"], event["sha"])
    assert workflow.run(event).status == 1


def test_a_path_that_is_a_link(hosted: Hosted, workflow: Workflow) -> None:
    repo = hosted.repo
    repo.git("checkout", "--quiet", "-b", "change")
    (repo.path / "models").symlink_to("/etc")
    repo.commit()
    event = hosted.pull_request()
    hosted.checkout(event["ref"], event["sha"])
    job = workflow.run(event, path="models", scan="full")
    assert job.status == 2
    assert "leads out" in job.log


@pytest.mark.parametrize("ignored", [False, True])
def test_comments_are_told(opened: Opened, ignored: bool) -> None:
    """A comment that allows stands where a reviewer sees it; the base branch may not want any."""
    line = f"token = '{planted(1)}'  # {ALLOW}[{RULE}] a test\n"
    base = {".modelguard.yaml": "allow_comments: false\n"} if ignored else {}
    job = opened({"src/a.py": line}, base)
    if ignored:
        assert (job.status, job.levels) == (1, {"error"})
        return
    assert job.status == 0
    (told,) = job.annotations
    assert (told.level, told.properties["file"], told.properties["line"]) == ("notice", "src/a.py", "1")
    assert "allows by comments: 1" in job.summary
    assert found(job) == {1}


def test_a_value_that_only_moves(hosted: Hosted, workflow: Workflow) -> None:
    """Told, but the change did not bring it."""
    hosted.repo.commit({"a.txt": planted(1)})
    hosted.repo.git("checkout", "--quiet", "-b", "change")
    hosted.repo.commit({"a.txt": None, "b.txt": planted(1)})
    event = hosted.pull_request()
    hosted.checkout(event["ref"], event["sha"])
    assert workflow.run(event).status == 0


def test_a_variable_of_the_runner_does_not_import(hosted: Hosted, workflow: Workflow) -> None:
    """PYTHONPATH, PATH and the like may lead into the checkout; nothing there is run."""
    repo = hosted.repo
    repo.git("checkout", "--quiet", "-b", "change")
    repo.commit({**LEAK, **HIDING["code to run"]})
    (repo.path / "git").chmod(0o755)
    repo.commit()
    event = hosted.pull_request()
    place = hosted.checkout(event["ref"], event["sha"])
    variables = {
        "PYTHONPATH": str(place.path),
        "PYTHONSTARTUP": str(place.path / "sitecustomize.py"),
        "PYTHONHOME": "",
        "PATH": f".:{workflow.environment()['PATH']}:",
        "GIT_CONFIG_GLOBAL": str(place.path / ".gitconfig"),
        "GIT_DIR": str(place.path / "nothing"),
    }
    place.write(
        ".gitconfig", "[core]\n\tfsmonitor = touch ran\n\tsshCommand = touch ran\n[alias]\n\tfetch = !touch ran\n"
    )
    assert workflow.run(event, env=variables).status == 1
    assert not (place.path / "ran").exists()
