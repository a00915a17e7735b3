"""A stand-in for GitHub's runner: it runs the steps of action.yml with bash, and keeps what they say.

Nothing of this process's environment reaches a step but PATH. Steps of other people's actions are noted, not run.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.tools.action.definition import ACTION, INPUTS, OUTPUTS, STEPS, Contexts

TOKEN = "a-token-of-the-runner"
_COMMAND = re.compile(r"::(?P<name>[\w-]+)(?: (?P<properties>.*?))?::(?P<text>.*)")
_OLD_COMMAND = re.compile(r"##\[")
_HEREDOC = re.compile(r"(?P<name>[\w-]+)<<(?P<end>[^\n]+)\n(?P<value>.*?)\n(?P=end)\n", re.DOTALL)


@dataclass(frozen=True)
class Annotation:
    """A command as the runner reads it."""

    level: str
    properties: dict[str, str]
    text: str


@dataclass
class Job:
    """What one run of the action has left."""

    log: str = ""
    summary: str = ""
    status: int = 0
    outputs: dict[str, str] = field(default_factory=dict)
    steps: dict[str, dict[str, str]] = field(default_factory=dict)
    used: dict[str, dict[str, str]] = field(default_factory=dict)
    """The `with` of each step of another action, by the id of the step."""

    @property
    def annotations(self) -> list[Annotation]:
        """Everything in the log that the runner would obey."""
        found = []
        for line in self.log.splitlines():
            assert not _OLD_COMMAND.search(line), line
            if line.lstrip().startswith("::"):
                command = _COMMAND.fullmatch(line.strip())
                assert command is not None, line
                pairs = [pair.partition("=") for pair in (command["properties"] or "").split(",") if pair]
                properties = {key: _unescaped(value) for key, _, value in pairs}
                found.append(Annotation(command["name"], properties, _unescaped(command["text"])))
        return found

    @property
    def levels(self) -> set[str]:
        return {annotation.level for annotation in self.annotations}

    @property
    def report(self) -> dict[str, Any]:
        assert self.outputs["report-file"], self.log
        return json.loads(Path(self.outputs["report-file"]).read_text(encoding="utf-8"))

    @property
    def everything(self) -> str:
        """All that this run has said anywhere."""
        files = [Path(self.outputs[name]) for name in ("report-file", "sarif-file") if self.outputs[name]]
        return "\n".join([self.log, self.summary, str(self.steps), *(path.read_text("utf-8") for path in files)])


@dataclass
class Workflow:
    """Runs the action in a workspace."""

    workspace: Path
    temp: Path
    home: Path
    python: Path
    cache: Path
    server: str = "https://github.test"
    api: str = "http://127.0.0.1:9"

    def environment(self) -> dict[str, str]:
        return {
            "PATH": os.environ["PATH"],
            "HOME": str(self.home),
            "CI": "true",
            "GITHUB_ACTIONS": "true",
            "GITHUB_ACTION_PATH": str(ACTION),
            "GITHUB_WORKSPACE": str(self.workspace),
            "GITHUB_REPOSITORY": "acme/models",
            "GITHUB_SERVER_URL": self.server,
            "GITHUB_API_URL": self.api,
            "GITHUB_GRAPHQL_URL": f"{self.api}/graphql",
            "GITHUB_WORKFLOW": "leaks",
            "GITHUB_JOB": "scan",
            "RUNNER_TEMP": str(self.temp),
            "RUNNER_OS": "Linux",
            "RUNNER_ARCH": "X64",
            "GIT_CONFIG_NOSYSTEM": "1",
            "MODELGUARD_NO_BACKGROUND": "1",
        }

    def run(self, event: dict[str, Any], env: dict[str, str] | None = None, **inputs: str) -> Job:
        """Run the action for an event; `fail_on="low"` is the input `fail-on`."""
        given = {name.replace("_", "-"): value for name, value in inputs.items()}
        assert given.keys() <= INPUTS.keys()
        github = {"token": TOKEN}
        contexts = Contexts({}, github=github, runner={"os": "Linux", "arch": "X64"})
        contexts.inputs = {
            name: given.get(name, contexts.text(about.get("default", ""))) for name, about in INPUTS.items()
        }
        contexts.steps["install"] = {"python": str(self.python), "cache-folder": str(self.cache)}
        job = Job()
        variables = {**self.environment(), **self._event(event), **(env or {})}
        for step in STEPS:
            if step["id"] != "install" and contexts.condition(step):
                contexts.failed |= not self._step(step, contexts, job, variables)
        job.steps = contexts.steps
        job.outputs = {name: contexts.text(about["value"]) for name, about in OUTPUTS.items()}
        job.status = int(job.outputs["exit-status"] or 2)
        assert contexts.failed == (job.status != 0)
        return job

    def _event(self, event: dict[str, Any]) -> dict[str, str]:
        path = self.temp / "event.json"
        path.write_text(json.dumps(event["payload"]), encoding="utf-8")
        return {
            "GITHUB_EVENT_NAME": event["name"],
            "GITHUB_EVENT_PATH": str(path),
            "GITHUB_SHA": event["sha"],
            "GITHUB_REF": event["ref"],
            "GITHUB_ACTOR": event.get("actor", "somebody"),
        }

    def _step(self, step: dict[str, Any], contexts: Contexts, job: Job, variables: dict[str, str]) -> bool:
        if "uses" in step:
            job.used[step["id"]] = {name: contexts.text(value) for name, value in step["with"].items()}
            return True
        assert step["shell"] == "bash"
        files = {name: self.temp / f"{name.lower()}-{step['id']}" for name in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY")}
        for file in files.values():
            file.write_text("")
        told = {name: contexts.text(value) for name, value in step.get("env", {}).items()}
        ran = subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]],
            cwd=self.workspace,
            env=variables | told | {name: str(file) for name, file in files.items()},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=120,
            check=False,
        )
        job.log += ran.stdout.decode("utf-8", "backslashreplace")
        job.summary += files["GITHUB_STEP_SUMMARY"].read_text(encoding="utf-8")
        contexts.steps[step["id"]] = _outputs(files["GITHUB_OUTPUT"].read_text(encoding="utf-8"))
        return ran.returncode == 0


def _outputs(text: str) -> dict[str, str]:
    """What a step has set: `name=value` lines, and values of many lines between two that say where they end."""
    found = {match["name"]: match["value"] for match in _HEREDOC.finditer(text)}
    for line in _HEREDOC.sub("", text).splitlines():
        name, separator, value = line.partition("=")
        assert separator, line
        found[name] = value
    return found


def _unescaped(text: str) -> str:
    for escape, character in (("%2C", ","), ("%3A", ":"), ("%0A", "\n"), ("%0D", "\r"), ("%25", "%")):
        text = text.replace(escape, character)
    return text
