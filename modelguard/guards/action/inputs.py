"""What a workflow asks of the action: the inputs of `action/action.yml`, which reach us through the environment."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from msgspec import Struct

from modelguard.errors import UsageError


class Inputs(Struct, frozen=True):
    """One field an input, empty where it was not given. `rules` are paths, `folder` where reports are written."""

    path: str = "."
    scan: str = "diff"
    base: str = ""
    config: str = ""
    baseline: str = ""
    fail_on: str = ""
    pii: str = ""
    rules: tuple[str, ...] = ()

    def flags(self) -> dict[str, Any]:
        """What these say of settings, as flags would, but the paths of files."""
        given = {"fail_on": self.fail_on, "pii": self.pii}
        return {name: value for name, value in given.items() if value}


def read_inputs(environment: Mapping[str, str]) -> Inputs:
    """The inputs in `INPUT_PATH`, `INPUT_FAIL_ON` and so on; rules are a path a line."""
    given = {name: environment.get(f"INPUT_{name.upper()}", "").strip() for name in Inputs.__struct_fields__}
    values: dict[str, Any] = {name: value for name, value in given.items() if value}
    values["rules"] = tuple(line.strip() for line in given["rules"].splitlines() if line.strip())
    return Inputs(**values)


def folder_of(inputs: Inputs, environment: Mapping[str, str]) -> Path:
    """The real folder that `path` names in the workspace.

    Raises:
        UsageError: it is no folder, or a link leads out of the workspace.
    """
    workspace = Path(environment.get("GITHUB_WORKSPACE") or ".").resolve()
    folder = (workspace / inputs.path).resolve()
    if not folder.is_relative_to(workspace):
        raise UsageError(f"path {inputs.path!r} leads out of the workspace", "Name a folder of the checkout.")
    if not folder.is_dir():
        raise UsageError(f"path {inputs.path!r} is no folder", "Check the path, and that actions/checkout ran before.")
    return folder
