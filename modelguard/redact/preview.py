"""What may be shown of a value: its vendor's prefix, its shape, or nothing but its length."""

from __future__ import annotations

import re
from functools import lru_cache

MASK = "****"


@lru_cache(maxsize=4096)
def preview(value: str, mode: str) -> str:
    """`value` masked as `mode` (`prefix:N`, `shape` or `none`) says. A prefix is never more than a quarter of it."""
    size = f"({len(value)} characters)"
    if mode == "shape":
        return f"{_shape(value)} {size}"
    if mode.startswith("prefix:"):
        shown = value[: min(int(mode[7:]), len(value) // 4)]
        return f"{shown if shown.isprintable() else ''}{MASK} {size}"
    return f"{MASK} {size}"


def _shape(value: str) -> str:
    """Capitals as A, letters as a, digits as 0, each run once: `Aa0-a0`."""
    classes = re.sub(r"[0-9]", "0", re.sub(r"[^\W\d_A-Z]", "a", re.sub(r"[A-Z]", "A", value)))
    return re.sub(r"(.)\1+", r"\1", classes)[:12]
