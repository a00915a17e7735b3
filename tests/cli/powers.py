"""Runs a process so that the modes of files and folders hold for it, even where the tests themselves run as root."""

from __future__ import annotations

import ctypes
import os
import sys
from typing import Any

_PR_CAPBSET_DROP = 24  # linux/prctl.h
_PAST_MODES = (1, 2)  # CAP_DAC_OVERRIDE and CAP_DAC_READ_SEARCH, linux/capability.h


def bound_by_modes() -> dict[str, Any]:
    """Options for `subprocess`. The user stays the same, so the interpreter and the checkout can be read as before."""
    return {"preexec_fn": _drop} if sys.platform == "linux" and os.geteuid() == 0 else {}


def _drop() -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    for power in _PAST_MODES:
        if libc.prctl(_PR_CAPBSET_DROP, power, 0, 0, 0) != 0:
            raise OSError(ctypes.get_errno(), "prctl")
