"""The folder of this user, as text: a start has no time for pathlib."""

from __future__ import annotations

import os


def home_folder() -> str:
    """Where this user is at home.

    Raises:
        RuntimeError: this user has no home.
    """
    folder = os.path.expanduser("~")
    if folder.startswith("~"):
        raise RuntimeError("this user has no home")
    return folder
