"""One target under libFuzzer, by atheris: `python -m tests.fuzz.target weights.gguf [FOLDER | FILE]... [-option]...`.

With files it looks at each of them once, and so repeats a crash.
"""

from __future__ import annotations

import importlib
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


def main(name: str, options: list[str]) -> None:
    """Fuzz until libFuzzer ends this process."""
    _instrumented()
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


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
