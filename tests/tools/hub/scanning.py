"""`modelguard scan-hub` against the stand-in, as a user runs it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

from tests.cli.program import Program
from tests.tools.hub.client import surroundings
from tests.tools.hub.server import Hub


@dataclass(frozen=True)
class Scanned:
    """What a scan said: its exit status, its result, and what it wrote to standard error."""

    status: int
    result: dict[str, Any]
    stderr: str

    @property
    def places(self) -> list[tuple[str, str]]:
        """Each finding's rule and path, without the commit in it."""
        return [(each["rule"], bare(each["path"])) for each in self.result["findings"]]

    @property
    def gaps(self) -> list[tuple[str, str]]:
        """Each gap's path, without the commit in it, and reason."""
        return [(bare(each["path"]), each["reason"]) for each in self.result["gaps"]]

    @property
    def left_out(self) -> list[str]:
        return [each["path"] for each in self.result["left_out"]]


def bare(path: str) -> str:
    """A path as findings call it, without the commit."""
    before, at, after = path.partition("@")
    return f"{before}/{after.partition('/')[2]}" if at else before


@dataclass(frozen=True)
class HubTool:
    """The program, with no other Hub than `hub`."""

    program: Program
    hub: Hub
    key: str | None = None

    def __call__(self, *arguments: str | Path, env: dict[str, str] | None = None) -> CompletedProcess[str]:
        told = surroundings(self.hub, self.program.home, key=self.key)
        return self.program("scan-hub", *arguments, env={**told, **self.program.environment(), **(env or {})})

    def scan(self, *arguments: str | Path, env: dict[str, str] | None = None) -> Scanned:
        """What it says, where it says anything in JSON."""
        ran = self(*arguments, "--format", "json", env=env)
        assert ran.stdout.startswith("{"), ran.stderr
        return Scanned(ran.returncode, json.loads(ran.stdout), ran.stderr)
