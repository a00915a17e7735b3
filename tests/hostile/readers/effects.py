"""Scans files in a process that notes what Python does meanwhile; run as a program by `test_effects.py`.

`python -m tests.hostile.readers.effects FOLDER` scans all files below a folder and writes one line of JSON to standard
output: each event that nothing asks for (https://docs.python.org/3/library/audit_events.html).
"""

from __future__ import annotations

import gc
import json
import os
import sys
from collections import Counter
from pathlib import Path
from typing import Any

from modelguard import pool
from modelguard.inspection import Inspection
from modelguard.pipeline import chosen_rules
from modelguard.settings import Settings
from modelguard.sources.file import FileBlob

_CHANGES = (
    "os.chmod", "os.chown", "os.link", "os.mkdir", "os.remove", "os.rename", "os.rmdir", "os.symlink", "os.truncate",
    "os.utime", "os.setxattr", "os.removexattr", "os.chflags", "os.lockf", "os.putenv", "os.unsetenv", "os.chdir", "os.kill",
    "os.mknod", "os.mkfifo", "shutil.", "tempfile.", "fcntl.",
)  # fmt: skip
_RUNS = (
    "os.exec",
    "os.fork",
    "os.forkpty",
    "os.posix_spawn",
    "os.spawn",
    "os.startfile",
    "os.system",
    "subprocess.Popen",
    "pty.spawn",
)
_REACHES = (
    "socket.",
    "urllib.",
    "http.",
    "ftplib.",
    "smtplib.",
    "ssl.",
    "webbrowser.",
    "sqlite3.",
    "telnetlib.",
    "poplib.",
)
_LOADS = (
    "pickle.find_class",
    "marshal.loads",
    "marshal.load",
    "ctypes.dlopen",
    "ctypes.dlsym",
    "code.__new__",
    "function.__new__",
)
UNWANTED = (*_CHANGES, *_RUNS, *_REACHES, *_LOADS)

_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_LIBRARIES = tuple(os.path.realpath(each) + os.sep for each in sys.path if each)


class Notes:
    """What happens while `counts` is set. What was imported before that may be imported then, with all of its parts."""

    def __init__(self, folder: str) -> None:
        self.counts = False
        self.seen: Counter[str] = Counter()
        self._folder = os.path.realpath(folder) + os.sep
        self._known = {name.partition(".")[0] for name in sys.modules} - {"webbrowser", "runpy"}

    def __call__(self, event: str, args: tuple[Any, ...]) -> None:
        if not self.counts:
            return
        if event == "open":
            path, mode, flags = args
            if (isinstance(flags, int) and flags & _WRITES) or (isinstance(mode, str) and set(mode) & set("wax+")):
                self.note(event, path)
            elif not self._may_be_read(path):
                self.note("read", path)
        elif event == "import":
            if args[0].partition(".")[0] not in self._known:
                self.note(event, args[0])
        elif event == "compile" and not self._is_code(args[1]):
            self.note(event, args[1])
        elif event == "exec" and not self._is_code(args[0].co_filename):
            self.note(event, args[0].co_filename)
        elif event.startswith("marshal."):
            if not _imports():
                self.note(event, "")
        elif event.startswith(UNWANTED):
            self.note(event, args[:1])

    def note(self, event: str, what: object) -> None:
        self.seen[f"{event} {what!r}"[:300]] += 1

    def _may_be_read(self, path: object) -> bool:
        if isinstance(path, int):
            return True
        text = os.path.realpath(os.fsdecode(path))  # type: ignore[arg-type]
        return text.startswith((self._folder, *_LIBRARIES, "/proc/self/", f"/proc/{os.getpid()}/"))

    def _is_code(self, name: object) -> bool:
        """Whether code has the name of a file that belongs to Python or a library, or was made by these."""
        text = os.fsdecode(name) if isinstance(name, (str, bytes)) else ""
        return text.startswith(_LIBRARIES) or text.startswith("<") or name is None


def _imports() -> bool:
    """Whether it is Python's own import that loads a module."""
    frame = sys._getframe(2)
    return (
        frame.f_globals.get("__name__") == "importlib._bootstrap_external"
        or "frozen importlib" in frame.f_code.co_filename
    )


def main(folder: str) -> dict[str, int]:
    """What happened while the files below a folder were scanned, those in `samples` before anything counts.

    They are of every kind, and so bring in the libraries and compile the rules.
    """
    settings = Settings(pii="all")
    inspection = Inspection(chosen_rules(settings), settings, None, frozenset())
    pool._Here.is_worker = True
    files = [path for path in sorted(Path(folder).rglob("*")) if path.is_file()]
    first = [path for path in files if path.parent.name == "samples"]
    for path in first:
        _scan(inspection, path)
    notes = Notes(folder)
    sys.addaudithook(notes)
    for path in files:
        if path not in first:
            notes.counts = True
            _scan(inspection, path)
            notes.counts = False
    return dict(notes.seen)


def _scan(inspection: Inspection, path: Path) -> None:
    inspection.do(FileBlob(str(path), path.name))
    gc.collect(0)


if __name__ == "__main__":
    said = main(sys.argv[1])
    json.dump(said, sys.stdout)
