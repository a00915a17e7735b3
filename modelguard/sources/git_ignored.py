"""Which files git ignores: they are not pushed, but a folder upload takes them all the same.

git itself is asked, once for each repository, and only when there are findings. Nothing that the repository's own
configuration names is run.
"""

from __future__ import annotations

import os
from collections.abc import Iterable

_SECONDS = 20
_SAFE = ("-c", "core.fsmonitor=false", "-c", f"core.hooksPath={os.devnull}")


def ignored_files(paths: Iterable[str]) -> set[str]:
    """Those of the absolute `paths` that git ignores; none where git is missing or refuses the repository."""
    repositories: dict[str, list[str]] = {}
    for path in paths:
        root = _repository(os.path.dirname(path))
        if root is not None:
            repositories.setdefault(root, []).append(path)
    found: set[str] = set()
    for root, inside in repositories.items():
        found |= _asked(root, inside)
    return found


def _repository(folder: str) -> str | None:
    while not os.path.lexists(os.path.join(folder, ".git")):
        folder, below = os.path.split(folder)
        if not below:
            return None
    return folder


def _asked(root: str, paths: list[str]) -> set[str]:
    import subprocess

    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    environment |= {"GIT_OPTIONAL_LOCKS": "0", "GIT_NO_LAZY_FETCH": "1", "GIT_ALLOW_PROTOCOL": "none"}
    try:
        answer = subprocess.run(
            ["git", *_SAFE, "-C", root, "check-ignore", "-z", "--stdin"],
            input=b"".join(os.fsencode(path) + b"\0" for path in paths),
            capture_output=True,
            env=environment,
            timeout=_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return set()
    return {os.fsdecode(name) for name in answer.stdout.split(b"\0") if name}
