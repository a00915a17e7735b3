"""The example hooks for coding agents, driven with events as these agents write them."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.cli.program import ROOT
from tests.tools.repo import planted

EXAMPLES = ROOT / "docs/examples"
COMMANDS = {
    "claude": [str(EXAMPLES / "claude-code-hook.sh")],
    "cursor": [sys.executable, str(EXAMPLES / "cursor_hook.py")],
}


def claude(command: str) -> dict[str, Any]:
    """An event as https://code.claude.com/docs/en/hooks documents it."""
    return {
        "session_id": "eb5b0174-0555-4601-804e-672d68069c89",
        "transcript_path": "/home/me/.claude/projects/x/00893aaf-19fa-41d2-8238-13269b9b3ca0.jsonl",
        "cwd": "/home/me/x",
        "permission_mode": "default",
        "hook_event_name": "PreToolUse",
        "tool_name": "Bash",
        "tool_input": {"command": command, "description": "Ask who I am", "timeout": 120000},
        "tool_use_id": "toolu_01ABC123def456GHI789jkl0",
    }


def cursor(command: str) -> dict[str, Any]:
    """An event as https://cursor.com/docs/hooks documents it."""
    return {
        "conversation_id": "eb5b0174-0555-4601-804e-672d68069c89",
        "generation_id": "00893aaf-19fa-41d2-8238-13269b9b3ca0",
        "model": "some-model",
        "hook_event_name": "beforeShellExecution",
        "cursor_version": "1.7.2",
        "workspace_roots": ["/home/me/x"],
        "command": command,
        "cwd": "/home/me/x",
    }


EVENTS = {"claude": claude, "cursor": cursor}
CLEAN = 'curl -H "Authorization: Bearer $HF_TOKEN" https://huggingface.co/api/whoami-v2\n'


def leaking() -> str:
    return CLEAN.replace("$HF_TOKEN", planted())


def run(
    agent: str, command: str, machine: dict[str, str], cache: Path, **changes: str
) -> subprocess.CompletedProcess[str]:
    event = json.dumps(EVENTS[agent](command))
    return raw(agent, event, machine | {"MODELGUARD_CACHE_DIR": str(cache)} | changes)


def raw(agent: str, event: str, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        COMMANDS[agent],
        input=event,
        cwd=environment["HOME"],
        env=environment,
        text=True,
        capture_output=True,
        check=False,
        timeout=60,
    )


def passes(agent: str, done: subprocess.CompletedProcess[str]) -> bool:
    """Whether the agent goes on: Claude Code unless the status is 2, Cursor as the answer says."""
    if agent == "claude":
        assert done.returncode in (0, 2)
        return done.returncode == 0
    assert done.returncode == 0
    answer = json.loads(done.stdout)
    assert (answer["permission"], answer["continue"]) in (("allow", True), ("deny", False))
    return bool(answer["continue"])


@pytest.mark.parametrize("agent", COMMANDS)
def test_what_is_clean_passes_in_silence(agent: str, machine: dict[str, str], shared_cache: Path) -> None:
    done = run(agent, CLEAN, machine, shared_cache)
    assert passes(agent, done)
    assert done.stderr == "" and (agent == "cursor" or done.stdout == "")


@pytest.mark.parametrize("agent", COMMANDS)
def test_a_secret_is_stopped_and_the_model_told_why(agent: str, machine: dict[str, str], shared_cache: Path) -> None:
    done = run(agent, leaking(), machine, shared_cache)
    assert not passes(agent, done)
    told = done.stderr if agent == "claude" else json.loads(done.stdout)["agent_message"]
    assert "hf-user-token" in told and "secret store" in told
    assert planted() not in done.stdout + done.stderr


@pytest.mark.parametrize("agent", COMMANDS)
def test_without_a_scan_nothing_passes(agent: str, machine: dict[str, str], shared_cache: Path, tmp_path: Path) -> None:
    (tmp_path / "bin/modelguard").unlink()
    assert not passes(agent, run(agent, CLEAN, machine, shared_cache))
    (tmp_path / "bin/modelguard").write_text("#!/bin/sh\necho broken >&2\nexit 2\n")
    (tmp_path / "bin/modelguard").chmod(0o755)
    assert not passes(agent, run(agent, CLEAN, machine, shared_cache))


@pytest.mark.parametrize("agent", COMMANDS)
def test_settings_that_are_wrong_stop_everything(agent: str, machine: dict[str, str], shared_cache: Path) -> None:
    assert not passes(agent, run(agent, CLEAN, machine, shared_cache, MODELGUARD_FAIL_ON="nonsense"))
