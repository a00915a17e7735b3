"""Detectors besides our own rules, by the names that `--with` takes. Each is imported only when it is asked for."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Protocol

from modelguard.detectors.interface import Detector
from modelguard.errors import DetectorError
from modelguard.rules.interface import Rule

_DETECTORS: dict[str, tuple[str, str]] = {
    "detect-secrets": ("modelguard.detectors.detect_secrets", "DetectSecrets"),
}
"""Each name with its module and the class in it, which is called with the user's plugin files. A name is also that of
the package to install."""


class OtherDetector(Detector, Protocol):
    """A Detector that brings its own rules."""

    @property
    def rules(self) -> Sequence[Rule]:
        """Every rule that a match of it may carry."""
        ...


def others(names: Sequence[str], plugin_files: Sequence[str]) -> list[OtherDetector]:
    """The detectors of these names, each once, in the order given. `plugin_files` are Python files of the user's own.

    Raises:
        DetectorError: a name is not known, what it names is not installed, or a plugin file cannot be used.
    """
    return [_one(name, tuple(plugin_files)) for name in dict.fromkeys(names)]


@lru_cache(maxsize=4)
def _one(name: str, plugin_files: tuple[str, ...]) -> OtherDetector:
    """Made once a process: a plugin file is run when it is loaded."""
    if name not in _DETECTORS:
        raise DetectorError(f"there is no detector {name!r}", f"Known detectors: {', '.join(_DETECTORS)}.")
    module, factory = _DETECTORS[name]
    try:
        make: Callable[[Sequence[str]], OtherDetector] = getattr(importlib.import_module(module), factory)
        return make(plugin_files)
    except ImportError as error:
        missing = f" (there is no module {error.name})" if error.name else ""
        raise DetectorError(f"{name} cannot be imported{missing}", f"Install it: pip install {name}") from None
