"""Runs a command, reaps all that it leaves behind, and writes down when it ended and what CPU all of it took.

    python reaper.py REPORT SECONDS COMMAND [ARGUMENT ...]

The CPU time of a process is told only to the one who waits for it. Workers that are killed and never waited for, and
children of theirs, come to the nearest subreaper (prctl(2), PR_SET_CHILD_SUBREAPER), which is this process; so does
what goes on in the background, for which it waits SECONDS before it kills it. The wall time is that of the command
alone. Linux only: elsewhere REPORT holds no CPU time.
"""

from __future__ import annotations

import ctypes
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

_PR_SET_CHILD_SUBREAPER = 36  # linux/prctl.h
_LOOK_SECONDS = 0.005


def main() -> None:
    """Run the command of the command line and write the report."""
    report, seconds, *command = sys.argv[1:]
    Path(report).write_text(json.dumps(_ran(command, float(seconds))))


def _ran(command: list[str], patience: float) -> dict[str, float | None]:
    if sys.platform != "linux":
        began = time.perf_counter()
        status = subprocess.call(command)
        return {"status": status, "seconds": time.perf_counter() - began, "cpu": None}
    import resource  # there is none on Windows

    if ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "prctl")
    began = time.perf_counter()
    child = subprocess.Popen(command)
    child.returncode = _ended(child.pid)
    seconds = time.perf_counter() - began
    _reap_the_rest(patience)
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return {"status": child.returncode, "seconds": seconds, "cpu": used.ru_utime + used.ru_stime}


def _ended(pid: int) -> int:
    """Wait until `pid` ends, reaping others on the way, and give its exit status."""
    while True:
        ended, status = os.waitpid(-1, 0)
        if ended == pid:
            return os.waitstatus_to_exitcode(status)


def _reap_the_rest(patience: float) -> None:
    """Until there is no child; children of those that end or are killed become ours, and are reaped in their turn."""
    until = time.monotonic() + patience
    while True:
        try:
            ended, _ = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if ended:
            continue
        if time.monotonic() > until:
            for child in Path(f"/proc/self/task/{os.getpid()}/children").read_text().split():
                os.kill(int(child), signal.SIGKILL)  # none of them is reaped yet, so the number is still its own
        time.sleep(_LOOK_SECONDS)


if __name__ == "__main__":
    main()
