"""A real client in a process of its own, which knows no other Hub than the stand-in."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from pathlib import Path

from modelguard.rules.templates import expand
from tests.tools.hub.server import Hub


def token(number: int = 0) -> str:
    """A made-up token that the client sends; no two numbers give the same one."""
    return expand("hf_<alnum:34>", seed=1000 + number)


def surroundings(hub: Hub, home: Path, *, xet: bool = True, key: str | None = None) -> dict[str, str]:
    """The variables of such a process: nothing of the one that asks but what a program needs to start."""
    kept = {
        name: os.environ[name] for name in ("PATH", "LANG", "PYTHONPATH", "SYSTEMROOT", "TMPDIR") if name in os.environ
    }
    told = {
        "HOME": str(home),
        "HF_HOME": str(home / "hf"),
        "HF_ENDPOINT": hub.url,
        "HF_HUB_DISABLE_TELEMETRY": "1",
        "HF_HUB_DISABLE_UPDATE_CHECK": "1",
        "HF_HUB_DISABLE_PROGRESS_BARS": "1",
        "HF_HUB_DISABLE_XET": "0" if xet else "1",
        "NO_PROXY": "*",
    }
    key = token() if key is None else key
    return {**kept, **told, **({"HF_TOKEN": key} if key else {})}


def run(hub: Hub, home: Path, source: str, *, xet: bool = True, key: str | None = None, **variables: str) -> str:
    """What Python source prints, run as a program beside the stand-in; it must end well."""
    home.mkdir(exist_ok=True)
    environment = surroundings(hub, home, xet=xet, key=key) | variables
    done = subprocess.run(
        [sys.executable, "-P", "-c", textwrap.dedent(source)],
        cwd=home,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
