"""Puts the guard up as soon as a program imports huggingface_hub, and stops Pythons that would start without it.

This runs in every Python of a guarded program, so it imports nothing but what each Python has, and costs little until
huggingface_hub is imported. modelguard must be importable there: where it is not, huggingface_hub is not, either.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Mapping, Sequence
from typing import Any

VARIABLE = "MODELGUARD_HUB_GUARD"
"""Its value is the guard's mode."""

GUARDED = "huggingface_hub"

_PYTHON = re.compile(r"(?:python|pypy)[\d.]*w?(?:\.exe)?", re.IGNORECASE)
_OWN = (["-I", "-c"], "from modelguard.")
"""How modelguard starts its own processes, which upload nothing: these options, and a line that holds this."""

_STARTS = {"subprocess.Popen": (0, 1, 3), "os.exec": (0, 1, 2), "os.posix_spawn": (0, 1, 2), "os.spawn": (1, 2, 3)}
"""Where program, arguments and environment stand in what Python tells an audit hook of a process that is to start."""

_SHEBANG_BYTES = 256

_WITH_A_VALUE = ("--check-hash-based-pycs",)
"""Long options of Python whose value is the next word."""


def begin(file: str) -> None:
    """Wait for huggingface_hub, and look at each process that is to start; `file` lies in the folder to hand on."""
    if not os.environ.get(VARIABLE) or any(isinstance(each, _Waiting) for each in sys.meta_path):
        return
    folder = os.path.dirname(os.path.abspath(file))
    sys.meta_path.insert(0, _Waiting())
    sys.addaudithook(lambda event, arguments: _started(event, arguments, folder))


def hand_on(file: str) -> None:
    """Let another `sitecustomize` run that this one has hidden, as if this one were not there."""
    folder = os.path.dirname(os.path.abspath(file))
    sys.path[:] = [each for each in sys.path if os.path.abspath(each or ".") != folder]
    ours = sys.modules.pop("sitecustomize", None)
    try:
        import sitecustomize  # noqa: F401  # another one
    except ImportError as error:
        if error.name != "sitecustomize":
            raise
    if ours is not None:
        sys.modules.setdefault("sitecustomize", ours)


def hides(arguments: Sequence[str]) -> bool:
    """Whether a Python that is started so ignores PYTHONPATH, or does not run `sitecustomize`: `-I`, `-E`, `-S`."""
    rest = iter(arguments[1:])
    for argument in rest:
        if not argument.startswith("-") or argument == "-":
            return False
        if argument.startswith("--"):
            if argument in _WITH_A_VALUE:
                next(rest, None)
            continue
        for at, letter in enumerate(argument[1:], 2):
            if letter in "IES":
                return True
            if letter in "cm":
                return False
            if letter in "WX":
                if at == len(argument):
                    next(rest, None)
                break
    return False


def python_of(program: str, arguments: Sequence[str]) -> list[str]:
    """How Python is started by a program, if it is one or begins with a line that names one; else nothing."""
    if _PYTHON.fullmatch(os.path.basename(program)):
        return [program, *arguments[1:]]
    if os.path.dirname(program) == "":
        import shutil  # here, since few programs start others

        program = shutil.which(program) or program
    try:
        with open(program, "rb") as file:
            first = file.readline(_SHEBANG_BYTES).decode("utf-8", "replace")
    except OSError:
        return []
    if not first.startswith("#!"):
        return []
    words = first[2:].split()
    if words and os.path.basename(words[0]) == "env":
        words = [word for word in words[1:] if word != "-S" and "=" not in word]
    return words if words and _PYTHON.fullmatch(os.path.basename(words[0])) else []


def is_guarded(environment: Mapping[str, str], folder: str) -> bool:
    """Whether a Python that is started with these variables stands under the guard."""
    paths = environment.get("PYTHONPATH", "").split(os.pathsep)
    return bool(environment.get(VARIABLE)) and folder in map(os.path.abspath, filter(None, paths))


def _started(event: str, arguments: tuple[Any, ...], folder: str) -> None:
    """Stop a process that would be a Python without the guard."""
    places = _STARTS.get(event)
    if places is None:
        return
    program, words, environment = (arguments[place] for place in places)
    words = [words] if isinstance(words, (str, bytes, os.PathLike)) else words or ()
    told = [os.fsdecode(word) for word in words]
    python = python_of(os.fsdecode(program or (told[0] if told else "")), told)
    if not python or (told[1:3] == _OWN[0] and _OWN[1] in "".join(told[3:4])):
        return
    if hides(python):
        raise PermissionError(
            "modelguard run --guard-hub: a Python with -I, -E or -S would start without the guard; leave these out"
        )
    if not is_guarded(_decoded(environment), folder):
        raise PermissionError(
            f"modelguard run --guard-hub: a Python without PYTHONPATH and {VARIABLE} would start without the guard; "
            "hand on the variables of this process"
        )


def _decoded(environment: Any) -> Mapping[str, str]:
    if environment is None:
        return os.environ
    return {os.fsdecode(name): os.fsdecode(value) for name, value in dict(environment).items()}


class _Waiting:
    """A finder that has an answer for one module: what the other finders say, and the guard behind it."""

    def __init__(self) -> None:
        self._asking = False

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        """See `importlib.abc.MetaPathFinder`."""
        if name != GUARDED or self._asking:
            return None
        self._asking = True
        try:
            found = (finder.find_spec(name, path, target) for finder in sys.meta_path if finder is not self)
            spec = next((each for each in found if each is not None), None)
        finally:
            self._asking = False
        if spec is not None and spec.loader is not None:
            spec.loader = _Guarding(spec.loader)  # type: ignore[assignment]  # it does what one does
        return spec


class _Guarding:
    """The loader of huggingface_hub, after which the guard stands."""

    def __init__(self, loader: Any) -> None:
        self._loader = loader

    def __getattr__(self, name: str) -> Any:
        return getattr(self._loader, name)

    def create_module(self, spec: Any) -> Any:
        """See `importlib.abc.Loader`."""
        return self._loader.create_module(spec)

    def exec_module(self, module: Any) -> None:
        """See `importlib.abc.Loader`.

        Raises:
            RuntimeError: the guard cannot stand in this Python.
        """
        self._loader.exec_module(module)
        try:
            from modelguard.guards.hub.making import stand_here
        except ImportError as error:
            raise RuntimeError(
                f"modelguard run --guard-hub: this Python ({sys.executable}) has no modelguard that works"
                f" ({error.name}), so it may not use huggingface_hub; install modelguard-scanner there"
            ) from None
        stand_here(os.environ.get(VARIABLE, "block"))
