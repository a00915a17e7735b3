"""action.yml as the runner reads it: its inputs, its steps, and what the expressions in them mean."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

import yaml

from tests.cli.program import ROOT

ACTION = ROOT / "action"
DEFINITION: dict[str, Any] = yaml.safe_load((ACTION / "action.yml").read_text(encoding="utf-8"))
STEPS: list[dict[str, Any]] = DEFINITION["runs"]["steps"]
INPUTS: dict[str, dict[str, Any]] = DEFINITION["inputs"]
OUTPUTS: dict[str, dict[str, Any]] = DEFINITION["outputs"]

_EXPRESSION = re.compile(r"\$\{\{(.*?)\}\}")
_NAME = re.compile(r"\b(inputs|steps|github|runner)(?:\.[\w-]+)+")


@dataclass
class Contexts:
    """What expressions may speak of."""

    inputs: dict[str, str]
    steps: dict[str, dict[str, str]] = field(default_factory=dict)
    github: dict[str, str] = field(default_factory=dict)
    runner: dict[str, str] = field(default_factory=dict)
    failed: bool = False

    def text(self, template: Any) -> str:
        """A value of the definition with its expressions replaced."""
        return _EXPRESSION.sub(lambda found: str(self._value(found[1])), str(template))

    def condition(self, step: dict[str, Any]) -> bool:
        """Whether a step runs: without a word on that, only if none before it has failed."""
        asked = _EXPRESSION.sub(r"\1", str(step.get("if", "success()")))
        if not re.search(r"\b(success|always|failure|cancelled)\(\)", asked):
            asked = f"success() && ({asked})"
        return bool(self._value(asked))

    def _value(self, expression: str) -> Any:
        """The few operators that the definition uses, as Python has them."""
        known = _NAME.sub(lambda found: repr(self._looked_up(found[0].split("."))), expression)
        python = known.replace("&&", " and ").replace("||", " or ").replace("!cancelled()", "not cancelled()")
        functions = {"success": lambda: not self.failed, "always": lambda: True, "cancelled": lambda: False}
        return eval(python.strip(), {"__builtins__": {}}, functions)

    def _looked_up(self, names: list[str]) -> str:
        if names[0] == "steps":
            assert names[2] == "outputs"
            return self.steps.get(names[1], {}).get(names[3], "")
        return {"inputs": self.inputs, "github": self.github, "runner": self.runner}[names[0]][names[1]]
