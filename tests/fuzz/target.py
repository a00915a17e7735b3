"""One target under libFuzzer, by atheris: `python -m tests.fuzz.target weights.gguf [FOLDER | FILE]... [-option]...`.

With files it looks at each of them once, and so repeats a crash. With `--serve` it does what lines on standard input
ask for, one after the other, each in a fork: to import all readers anew takes longer than CI fuzzes one of them.
"""

from __future__ import annotations

import importlib
import json
import os
import pkgutil
import sys

import atheris


def _instrumented() -> None:
    """Import every reader in such a way that the fuzzer sees which of its branches are taken.

    Nothing else is: what a reader hands on to is the same for all of them, and was fuzzed by others.
    """
    with atheris.instrument_imports(include=["modelguard.readers", "modelguard.opening"]):
        import modelguard.opening
        import modelguard.readers

        for module in pkgutil.walk_packages(modelguard.readers.__path__, "modelguard.readers."):
            importlib.import_module(module.name)


def fuzz(name: str, options: list[str]) -> None:
    """Fuzz until libFuzzer ends this process."""
    from tests.fuzz.laws import check
    from tests.fuzz.targets import TARGETS

    target = TARGETS[name]

    def look(data: bytes) -> int:
        taken_for = target.taken_for(data)
        if taken_for is None:
            return -1
        check(data, *taken_for)
        return 0

    atheris.Setup([sys.argv[0], *options], look)
    atheris.Fuzz()


def serve() -> None:
    """For each line `[target, options, file]` one fork, which says all that it says in the file; its status is told."""
    for line in sys.stdin:
        name, options, said = json.loads(line)
        process = os.fork()
        if not process:
            out = os.open(said, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            os.dup2(out, 1)
            os.dup2(out, 2)
            fuzz(name, options)
            os._exit(0)
        print(os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]), flush=True)


if __name__ == "__main__":
    _instrumented()
    if sys.argv[1:] == ["--serve"]:
        serve()
    else:
        fuzz(sys.argv[1], sys.argv[2:])
