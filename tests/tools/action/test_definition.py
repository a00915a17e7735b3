"""The action and the workflows of this project, as GitHub's schemas and two linters see them, and as the README says."""

from __future__ import annotations

import re
import subprocess
import sysconfig
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.cli.program import ROOT
from tests.tools.action.definition import ACTION, INPUTS, OUTPUTS, STEPS

README = (ACTION / "README.md").read_text(encoding="utf-8")
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
EXAMPLES = re.findall(r"```yaml\n(.*?)```", README, re.DOTALL)
PINNED = re.compile(r"[\w-]+/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+")


def tool(name: str, *arguments: str | Path, cwd: Path = ROOT) -> str:
    """What a linter of this environment says; nothing if it has nothing to say."""
    found = Path(sysconfig.get_path("scripts")) / name
    assert found.exists(), f"{name} is in requirements-dev.txt"
    ran = subprocess.run(
        [str(found), *map(str, arguments)], cwd=cwd, capture_output=True, text=True, timeout=120, check=False
    )
    return "" if ran.returncode == 0 else ran.stdout + ran.stderr


@pytest.fixture(scope="module")
def examples(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The workflows that the README shows, as a project would have them."""
    folder = tmp_path_factory.mktemp("project") / ".github" / "workflows"
    folder.mkdir(parents=True)
    for number, text in enumerate(EXAMPLES):
        name = "" if "name:" in text.splitlines()[1] else f"name: number {number}\n"
        (folder / f"{number}.yml").write_text(name + text, encoding="utf-8")
    return folder


def test_github_takes_it() -> None:
    assert tool("check-jsonschema", "--builtin-schema", "vendor.github-actions", ACTION / "action.yml") == ""
    assert tool("check-jsonschema", "--builtin-schema", "vendor.github-workflows", *WORKFLOWS) == ""


def test_github_takes_what_the_readme_shows(examples: Path) -> None:
    assert len(EXAMPLES) == 3
    found = sorted(examples.iterdir())
    assert tool("check-jsonschema", "--builtin-schema", "vendor.github-workflows", *found) == ""
    for text in EXAMPLES:
        (job,) = yaml.safe_load(text)["jobs"].values()
        assert set(job["steps"][-1].get("with", {})) <= set(INPUTS)


@pytest.mark.parametrize("persona", ["regular", "pedantic", "auditor"])
def test_zizmor_has_nothing_to_say(persona: str) -> None:
    assert tool("zizmor", "--offline", "--quiet", f"--persona={persona}", ROOT) == ""


def test_zizmor_on_what_the_readme_shows(examples: Path) -> None:
    """Of what is asked of everybody: pins of their own choice aside, only that `pull_request_target` is there at all."""
    said = tool("zizmor", "--offline", "--quiet", "--format=json", examples.parent.parent)
    found = {finding["ident"] for finding in yaml.safe_load(said)} if said else set()
    assert found <= {"dangerous-triggers", "unpinned-uses"}


def test_shellcheck_has_nothing_to_say() -> None:
    assert tool("shellcheck", "--enable=all", *sorted(ACTION.glob("*.sh"))) == ""


def test_steps_are_thin() -> None:
    for step in (step for step in STEPS if "run" in step):
        assert "${{" not in step["run"], "what is written there is a program"
        assert len(step["run"].splitlines()) == 1
        assert step["shell"] == "bash"


@pytest.mark.parametrize("path", [ACTION / "action.yml", *WORKFLOWS], ids=lambda path: path.name)
def test_everything_is_pinned(path: Path) -> None:
    used = re.findall(r"uses: (.+)", path.read_text(encoding="utf-8"))
    assert used
    assert not [name for name in used if not PINNED.fullmatch(name) and not name.startswith("$/action")]


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_workflows_have_few_rights_and_an_end(path: Path) -> None:
    workflow: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert workflow["permissions"] == {}
    assert workflow["concurrency"]
    for job in workflow["jobs"].values():
        assert job["permissions"] == {"contents": "read"}
        assert job["timeout-minutes"] <= 60
        checkouts = [step for step in job["steps"] if "actions/checkout" in step.get("uses", "")]
        assert all(step["with"]["persist-credentials"] is False for step in checkouts)


def test_the_readme_has_every_input_and_output() -> None:
    rows = re.findall(r"^\| `([\w-]+)` \|(?: (?:`([^`]*)`)? ?\|)? (.*) \|$", README, re.MULTILINE)
    told = {name: (default, meaning) for name, default, meaning in rows}
    for name, about in INPUTS.items():
        assert told[name] == (about["default"], about["description"].strip()), name
    for name, about in OUTPUTS.items():
        assert told[name] == ("", about["description"].strip()), name


def test_what_it_is_made_for() -> None:
    """The names that workflows use; taking one away breaks them."""
    assert set(INPUTS) == set(
        "path scan base config baseline fail-on pii rules upload-sarif comment token version python-version".split()
    )
    assert set(OUTPUTS) == {"findings", "exit-status", "sarif-file", "report-file"}
    assert not [name for name, about in INPUTS.items() if about.get("required")]
