"""Variables of a workflow that would say which programs run, or which repository is meant, from within the checkout."""

from __future__ import annotations

import os
from collections.abc import MutableMapping

_KEPT = ("GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM", "GIT_CONFIG_NOSYSTEM")


def without_the_checkout(environment: MutableMapping[str, str]) -> None:
    """Take away what names a repository to git, and folders on PATH that count from the current one."""
    for name in [name for name in environment if name.startswith("GIT_") and name not in _KEPT]:
        del environment[name]
    folders = environment.get("PATH", "").split(os.pathsep)
    environment["PATH"] = os.pathsep.join(folder for folder in folders if os.path.isabs(folder))
