#!/usr/bin/env python3
"""For Cursor: a command, a call of a tool or a prompt that holds a secret does not leave the machine.

The event comes as JSON on standard input; the answer is JSON on standard output.
"""

from __future__ import annotations

import json
import subprocess
import sys

SCAN = ["modelguard", "scan", "--stdin", "--stdin-name", "tool-call.json", "--quiet"]
REASON = "modelguard does not let this pass. Take the value from the environment or a secret store."


def main() -> None:
    """Answer one event; what could not be scanned does not pass."""
    try:
        done = subprocess.run(SCAN, input=sys.stdin.buffer.read(), capture_output=True, check=False)
        passes, report = done.returncode == 0, (done.stdout + done.stderr).decode("utf-8", "replace")
    except OSError as error:
        passes, report = False, f"modelguard could not be run: {error}"
    # Commands and tools look at `permission`, prompts at `continue`.
    answer: dict[str, object] = {"permission": "allow" if passes else "deny", "continue": passes}
    if not passes:
        answer |= {"user_message": f"{REASON}\n{report}", "agent_message": f"{REASON}\n{report}"}
    print(json.dumps(answer))


if __name__ == "__main__":
    main()
