"""The templates for pipelines: valid for those who read them, and their own scripts stop a leak in a real repository."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import textwrap
from pathlib import Path
from string import Template
from typing import Any
from xml.etree import ElementTree

import pytest
import yaml

from tests.cli.program import ROOT
from tests.tools.repo import Repo, planted

CI = ROOT / "ci"
GITLAB = yaml.safe_load((CI / "gitlab.yml").read_text())["modelguard"]
AZURE = yaml.safe_load((CI / "azure-pipelines.yml").read_text())
JENKINS = (CI / "Jenkinsfile").read_text()
SCHEMAS = {"gitlab.yml": "vendor.gitlab-ci", "azure-pipelines.yml": "vendor.azure-pipelines"}


def checked(file: Path) -> str:
    """What check-jsonschema says, which has no network here."""
    proxy = dict.fromkeys(("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"), "http://127.0.0.1:9")
    # Azure's schema has regular expressions that are none in Unicode mode.
    options = ["--regex-variant", "nonunicode", "--builtin-schema", SCHEMAS[file.name]]
    command = [sys.executable, "-m", "check_jsonschema", *options, str(file)]
    done = subprocess.run(command, env={**os.environ, **proxy}, capture_output=True, text=True, check=False)
    assert done.stderr == ""
    return done.stdout


@pytest.mark.parametrize("name", SCHEMAS)
def test_valid(name: str) -> None:
    assert checked(CI / name) == "ok -- validation done\n"


@pytest.mark.parametrize(
    ("name", "from_", "to"), [("gitlab.yml", "  script:", "  skript:"), ("azure-pipelines.yml", "- bash:", "- bush:")]
)
def test_the_schemas_can_refuse(name: str, from_: str, to: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text((CI / name).read_text().replace(from_, to))
    assert checked(tmp_path / name).startswith("Schema validation errors")


def jenkins_scripts() -> list[str]:
    return [textwrap.dedent(script) for script in re.findall(r"sh '''\n(.*?)'''", JENKINS, re.DOTALL)]


def azure_scripts() -> list[str]:
    return [step["bash"] for step in AZURE["steps"] if "bash" in step]


def test_each_installs_what_its_variable_names() -> None:
    assert '"$MODELGUARD_SOURCE"' in GITLAB["before_script"][0]
    assert '"$MODELGUARD_SOURCE"' in azure_scripts()[0]
    assert '"$MODELGUARD_SOURCE"' in jenkins_scripts()[0]
    sources = [GITLAB["variables"]["MODELGUARD_SOURCE"], AZURE["variables"]["MODELGUARD_SOURCE"]]
    sources += re.findall(r"MODELGUARD_SOURCE = '(.*)'", JENKINS)
    assert set(sources) == {"git+https://github.com/OWNER/modelguard@REF"}


def test_whole_histories_are_checked_out() -> None:
    assert GITLAB["variables"]["GIT_DEPTH"] == "0"
    assert AZURE["steps"][0] == {"checkout": "self", "fetchDepth": "0"}


def test_reports_are_published_whatever_the_outcome() -> None:
    assert GITLAB["artifacts"]["when"] == "always"
    publish = AZURE["steps"][-1]
    assert publish["task"] == "PublishTestResults@2" and publish["condition"] == "succeededOrFailed()"
    assert re.search(r"always \{\s+junit testResults: 'modelguard-junit.xml'", JENKINS)


class Pipeline:
    """A pipeline system as far as a template's script knows of it: variables, and how it checks out."""

    def __init__(self, name: str, repo: Repo, machine: dict[str, str], shared_cache: Path) -> None:
        self.name, self.repo, self.machine, self.cache = name, repo, machine, shared_cache

    def branch(self) -> subprocess.CompletedProcess[str]:
        """A build of the default branch."""
        clone = self.repo.clone("build")
        given = {"GitLab": {"CI_PIPELINE_SOURCE": "push"}, "Azure": {"BUILD_REASON": "IndividualCI"}}
        return self._run(clone, given.get(self.name, {}))

    def change(self, **changes: str) -> subprocess.CompletedProcess[str]:
        """A build of what `feature` brings to `main`."""
        if self.name == "GitLab":
            clone = self.repo.clone("build", "--branch", "feature")
            base = clone.git("merge-base", "origin/main", "HEAD")
            given = {"CI_PIPELINE_SOURCE": "merge_request_event", "CI_MERGE_REQUEST_DIFF_BASE_SHA": base}
        elif self.name == "Azure":
            clone = self.repo.clone("build")
            clone.git("checkout", "--quiet", "--detach")
            clone.git("merge", "--quiet", "--no-ff", "-m", "merge", "origin/feature")
            given = {"BUILD_REASON": "PullRequest", "SYSTEM_PULLREQUEST_TARGETBRANCH": "refs/heads/main"}
        else:
            clone = self.repo.clone("build", "--single-branch", "--branch", "feature")
            given = {"CHANGE_TARGET": "main", "CHANGE_ID": "1"}
        return self._run(clone, given | changes)

    def _run(self, clone: Repo, given: dict[str, str]) -> subprocess.CompletedProcess[str]:
        self.build = clone.path
        environment = self.machine | {"MODELGUARD_CACHE_DIR": str(self.cache)} | given
        shells: dict[str, tuple[list[str], str]] = {
            "GitLab": (["sh", "-e"], GITLAB["script"][0]),
            "Azure": (["bash", "--noprofile", "--norc"], azure_scripts()[1]),
            "Jenkins": (["sh", "-xe"], jenkins_scripts()[1]),
        }
        if self.name == "GitLab":
            environment |= {"CI_PROJECT_DIR": str(clone.path), "CI_COMMIT_SHA": clone.head()}
            environment |= {name: Template(str(value)).substitute(environment)
                            for name, value in GITLAB["variables"].items()}  # fmt: skip
            self._warm(Path(environment["MODELGUARD_CACHE_DIR"]))
        if self.name == "Jenkins":
            environment["WORKSPACE_TMP"] = self.machine["TMPDIR"]
            environment.setdefault("CHANGE_TARGET", "")
        shell, script = shells[self.name]
        file = Path(self.machine["TMPDIR"]) / "step"
        file.write_text(script)
        return subprocess.run(
            [*shell, str(file)],
            cwd=clone.path,
            env=environment,
            text=True,
            capture_output=True,
            check=False,
            timeout=120,
        )

    def _warm(self, cache: Path) -> None:
        cache.mkdir(mode=0o700)
        for database in self.cache.glob("*.hsdb"):
            os.link(database, cache / database.name)

    def report(self) -> tuple[list[str], dict[str, Any]]:
        """What the published report says has failed, and the JSON result beside it."""
        result = json.loads((self.build / "modelguard.json").read_text())
        if self.name == "GitLab":
            entries = json.loads((self.build / GITLAB["artifacts"]["reports"]["codequality"]).read_text())
            return [f"{each['location']['path']}:{each['location']['lines']['begin']}" for each in entries], result
        cases = ElementTree.parse(self.build / "modelguard-junit.xml").getroot().iter("testcase")
        return [case.attrib["name"] for case in cases if case.find("failure") is not None], result


@pytest.fixture(params=["GitLab", "Azure", "Jenkins"])
def pipeline(request: pytest.FixtureRequest, repo: Repo, machine: dict[str, str], shared_cache: Path) -> Pipeline:
    return Pipeline(request.param, repo, machine, shared_cache)


def test_a_leak_in_a_change_fails(pipeline: Pipeline, repo: Repo) -> None:
    repo.commit({"a.py": "x = 1\n"})
    repo.git("checkout", "--quiet", "-b", "feature")
    repo.commit({"leak.py": f"\nlogin('{planted()}')\n"})
    repo.git("checkout", "--quiet", "main")
    repo.commit({"b.py": "y = 1\n"})
    done = pipeline.change()
    assert done.returncode == 1, done.stderr
    failed, result = pipeline.report()
    assert [name.split(":")[:2] for name in failed] == [["leak.py", "2"]]
    assert result["exit_status"] == 1
    texts = [done.stdout, done.stderr, *(file.read_text() for file in pipeline.build.glob("*modelguard*"))]
    assert not any(planted() in text for text in texts)


def test_a_clean_change_passes_though_the_branch_has_an_old_leak(pipeline: Pipeline, repo: Repo) -> None:
    repo.commit({"old.py": f"login('{planted()}')\n"})
    repo.git("checkout", "--quiet", "-b", "feature")
    repo.commit({"a.py": "x = 1\n", "old.py": f"login('{planted()}')\nx = 1\n"})
    done = pipeline.change()
    assert done.returncode == 0, done.stderr
    failed, result = pipeline.report()
    assert result["exit_status"] == 0 and not (failed if pipeline.name != "GitLab" else [])


def test_a_branch_is_scanned_with_its_history(pipeline: Pipeline, repo: Repo) -> None:
    repo.commit({"old.py": f"login('{planted()}')\n"})
    repo.commit({"old.py": "x = 1\n"})
    done = pipeline.branch()
    assert done.returncode == 1, done.stderr
    failed, _ = pipeline.report()
    assert [name.split(":")[0] for name in failed] == ["old.py"]


def test_a_clean_branch_passes(pipeline: Pipeline, repo: Repo) -> None:
    repo.commit({"a.py": "x = 1\n"})
    done = pipeline.branch()
    assert done.returncode == 0, done.stderr
    assert pipeline.report()[0] == []


@pytest.mark.parametrize(
    ("pipeline", "missing"),
    [
        ("GitLab", {"CI_MERGE_REQUEST_DIFF_BASE_SHA": ""}),
        ("Azure", {"SYSTEM_PULLREQUEST_TARGETBRANCH": "refs/heads/gone"}),
        ("Jenkins", {"CHANGE_TARGET": "gone"}),
    ],
    indirect=["pipeline"],
)
def test_a_change_against_nothing_fails(pipeline: Pipeline, repo: Repo, missing: dict[str, str]) -> None:
    repo.commit({"a.py": "x = 1\n"})
    repo.git("checkout", "--quiet", "-b", "feature")
    repo.commit({"leak.py": f"login('{planted()}')\n"})
    repo.git("checkout", "--quiet", "main")
    assert pipeline.change(**missing).returncode not in (0, 1)
