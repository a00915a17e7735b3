"""Build hook: rules travel prepared, so the wheel carries their parsed form and not the YAML."""

from __future__ import annotations

import importlib
import sys
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class PrepareRules(BuildHookInterface):  # type: ignore[type-arg]  # hatchling gives it no argument here
    """Writes `modelguard/rules/prepared.jsonl` before a wheel is put together."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Prepare the rules from this very source tree."""
        sys.path.insert(0, self.root)
        try:
            importlib.import_module("modelguard.rules.prepared").prepare()
        finally:
            sys.path.remove(self.root)
