"""The steps of `modelguard init`: each looks at the tree, and says what it would change and how that is undone."""

from __future__ import annotations

from collections.abc import Callable

from modelguard.starting import first_baseline, hook, ignored, settings_file
from modelguard.starting.interface import Asked, Step
from modelguard.starting.tree import Tree

STEPS: dict[str, Callable[[Tree, Asked], Step]] = {
    "settings": settings_file.step,
    "hook": hook.step,
    "gitignore": ignored.step,
    "baseline": first_baseline.step,
}
"""All of them by name, in order: the baseline is last, since the settings name it."""
