"""What compiled rules depend on, as the name under which a workflow keeps them."""

from __future__ import annotations

import hashlib
import sys
from importlib.metadata import PackageNotFoundError, version

from modelguard.pipeline import digest_of_rules
from modelguard.settings import Settings
from modelguard.version import VERSION


def cache_key() -> str:
    """Another one for each version of the scanner, of its rules, of the engine and of Python."""
    try:
        engine = version("hyperscan")
    except PackageNotFoundError:
        engine = "none"
    python = ".".join(map(str, sys.version_info[:2]))
    digest = hashlib.sha256(f"{digest_of_rules(Settings())} {engine}".encode()).hexdigest()[:16]
    return f"{VERSION}-py{python}-{digest}"
