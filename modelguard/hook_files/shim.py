"""The text of a hook: what is shipped, with the program that installed it written in, and a seal to know it by.

`hooks/` holds the text. Its last line, when it is installed, is a digest of all lines before: a hook of any version of
ours that nobody has changed is known without that version at hand.
"""

from __future__ import annotations

import hashlib
import os
import re
import sys
from enum import Enum
from pathlib import Path

_PACKAGE = Path(os.path.abspath(__file__)).parent.parent
TEXTS = {"pre-commit": "pre-commit", "pre-merge-commit": "pre-commit", "pre-push": "pre-push"}
"""The hooks that we install, each with the file that holds its text (githooks(5): a merge runs one of its own)."""

_MARK = re.compile(rb"#!.*\n# modelguard hook \d+:")
_SEAL = re.compile(rb"# sha256 ([0-9a-f]{64})\n\Z")


class Kind(Enum):
    """What a file in the place of a hook is to us: `EDITED` is ours with changes that we did not make."""

    FOREIGN = "foreign"
    EDITED = "edited"
    OURS = "ours"


def text(name: str, portable: bool = False) -> bytes:
    """The hook `name` as it is installed.

    One that is `portable` holds no path of this machine: it runs whatever `modelguard` is on PATH.
    """
    content = _shipped(name)
    if not portable:
        content = content.replace(b"python=''\n", b"python=" + _quoted(sys.executable or "") + b"\n", 1)
        content = content.replace(b"program=''\n", b"program=" + _quoted(_program()) + b"\n", 1)
    return content + b"# sha256 " + hashlib.sha256(content).hexdigest().encode() + b"\n"


def kind_of(content: bytes) -> Kind:
    """What a file is that holds this; line ends may be those of Windows."""
    content = content.replace(b"\r\n", b"\n")
    if not _MARK.match(content):
        return Kind.FOREIGN
    seal = _SEAL.search(content)
    if seal is None:
        return Kind.OURS if content in map(_shipped, TEXTS) else Kind.EDITED
    return Kind.OURS if hashlib.sha256(content[: seal.start()]).hexdigest().encode() == seal[1] else Kind.EDITED


def _shipped(name: str) -> bytes:
    """From the package, or from the checkout that it is run in."""
    folder = _PACKAGE / "hooks"
    return ((folder if folder.is_dir() else _PACKAGE.parent / "hooks") / TEXTS[name]).read_bytes()


def _program() -> str:
    """What the interpreter runs: by its path, since `-m` would look for it in the folder that is checked."""
    return str(_PACKAGE / "__main__.py")


def _quoted(path: str) -> bytes:
    """A path as one word of a shell, with slashes also on Windows."""
    if os.name == "nt":  # pragma: no cover - other platforms are tested
        path = path.replace("\\", "/")
    return b"'" + os.fsencode(path).replace(b"'", b"'\\''") + b"'"
