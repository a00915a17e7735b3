"""modelguard finds secrets, personal data and unsafe configuration in everything an ML project publishes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from modelguard.errors import ModelguardError
    from modelguard.model import Category, Confidence, Finding, Gap, GapReason, Origin, Place, ScanResult, Severity
    from modelguard.pipeline import scan

__all__ = [
    "Category",
    "Confidence",
    "Finding",
    "Gap",
    "GapReason",
    "ModelguardError",
    "Origin",
    "Place",
    "ScanResult",
    "Severity",
    "scan",
]

_HOMES = {"scan": "modelguard.pipeline", "ModelguardError": "modelguard.errors"}


def __getattr__(name: str) -> Any:
    """Public names are imported when they are first used: a commit hook pays for every import."""
    if name not in __all__:
        raise AttributeError(f"module 'modelguard' has no attribute {name!r}")
    import importlib

    return getattr(importlib.import_module(_HOMES.get(name, "modelguard.model")), name)
