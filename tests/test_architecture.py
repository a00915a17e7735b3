"""The laws of docs/architecture.md, held by reading every import: left never imports right, and data names no code."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "modelguard"
FILES = sorted(PACKAGE.rglob("*.py"))
NOUNS = {"model", "errors", "budget", "version"}

ROOMS = {
    "engine": {"cache_folder", "whole_file"},
    "rules": {"engine", "toml_text", "whole_file", "yaml_lines"},
    "detectors": {"engine", "rules"},
    "readers": set(),
    "sources": {"pool"},
    "redact": {"detectors"},
    "verdict": set(),
    "reports": set(),
    "commands": {
        "guards",
        "hook_files",
        "pipeline",
        "settings",
        "sources",
        "starting",
        "store",
        "verdict",
        "reports",
        "whole_file",
    },
    "hub": {"guards", "settings"},
    "hook_files": {"settings", "sources", "whole_file"},
    "guards": {"pipeline", "settings", "sources", "verdict", "reports"},
    "starting": {"settings", "sources", "verdict", "yaml_lines"},
    "settings": {"home_folder", "toml_text", "yaml_lines"},
    "toml_text": set(),
    "yaml_lines": set(),
    "pool": set(),
    "cache_folder": {"home_folder"},
    "home_folder": set(),
    "whole_file": set(),
    "store": {"cache_folder", "store_file", "store_records"},
    "store_file": {"cache_folder"},
    "store_records": set(),
    "errors": set(),
    "model": set(),
    "budget": set(),
    "version": set(),
    "layers": {"detectors", "readers"},
    "opening": {"readers"},
    "seen": {"readers"},
    "told_once": set(),
    "detecting": {"detectors", "layers", "readers", "rules", "settings"},
    "looking": {"detecting", "detectors", "layers", "opening", "pool", "readers", "redact", "seen", "told_once"},
    "inspection": {
        "detecting",
        "detectors",
        "looking",
        "opening",
        "pool",
        "readers",
        "rules",
        "seen",
        "settings",
        "sources",
        "told_once",
    },
    "explanation": {"detectors", "opening", "readers", "redact", "rules"},
    "history": {"inspection", "pool", "seen", "sources", "store"},
    "pipeline": {
        "settings",
        "inspection",
        "seen",
        "explanation",
        "history",
        "pool",
        "sources",
        "rules",
        "detectors",
        "verdict",
    },
}
"""What each room may import besides the nouns and itself."""

DOORS = {
    ("redact", "detectors"): {"modelguard.detectors.interface", "modelguard.detectors.checks.characters"},
    ("detecting", "rules"): {"modelguard.rules.interface", "modelguard.rules.ruleset"},
    ("sources", "pool"): {"modelguard.pool"},
    ("inspection", "rules"): {"modelguard.rules.interface"},
    ("inspection", "sources"): {"modelguard.sources.interface"},
}
"""Where one room looks into another, the only files that it may look at."""

CHOOSES_BY_TABLE = {
    "__init__.py",
    "commands/line.py",
    "detectors/checks/__init__.py",
    "detectors/others.py",
    "engine/syntax.py",
    "opening.py",
    "reports/__init__.py",
}
"""Files that import a module whose name stands in a table of the program's own."""

RUNS_THE_USERS_OWN_PLUGINS = {"detectors/detect_secrets/plugins.py"}
"""The one file that may run Python files: those that the user's own settings name, outside every tree."""

RUNS_A_PROCESS = {"sources/git.py", "engine/choose.py", "guards/hub/scanner.py"}

HANDS_ON = {"guards/hub/startup/modelguard_startup.py"}
"""The file that stands in front of the loader of one module that a program imports anyway."""


def name_of(path: Path) -> str:
    return path.relative_to(PACKAGE).as_posix()


def room_of(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def imports(path: Path) -> Iterator[str]:
    """The full name of every module and name that a file imports, within functions and for types alone, too."""
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports are absolute"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def calls(path: Path) -> Iterator[str]:
    """What every call in a file calls, as far as it is a plain or dotted name."""
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Call) and isinstance(node.func, (ast.Name, ast.Attribute)):
            yield ast.unparse(node.func)


def test_every_room_has_its_law() -> None:
    rooms = {room_of(path) for path in FILES} - {"__init__", "__main__"}
    assert rooms - set(ROOMS) == set()


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_left_never_imports_right(path: Path) -> None:
    room = room_of(path)
    if room in ("__init__", "__main__"):  # the way in
        return
    for name in imports(path):
        package, _, rest = name.partition(".")
        if package != "modelguard":
            continue
        other = rest.partition(".")[0]
        assert other in {room, *NOUNS, *ROOMS[room]}, f"{room} imports {name}"
        allowed = DOORS.get((room, other))
        assert allowed is None or name.rpartition(".")[0] in allowed, f"{room} imports {name}"


def test_only_the_pipeline_and_inspection_know_the_rooms_that_see_values() -> None:
    seeing = {"detectors", "redact", "readers", "engine"}
    for path in FILES:
        if room_of(path) in ("verdict", "reports", "commands", "guards", "sources", "settings", "starting"):
            assert not [name for name in imports(path) if name.split(".")[1:2] and name.split(".")[1] in seeing], path


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_data_names_no_code(path: Path) -> None:
    made = set(calls(path))
    assert not made & {"exec", "eval", "compile", "__import__", "os.system", "os.popen", "input"}
    assert not any(name.split(".")[0] in ("pickle", "marshal", "shelve", "runpy") for name in (*made, *imports(path)))
    from_a_file = ("exec_module", "spec_from_file_location", "import_file_as_module", "load_module")
    by_name = {name for name in made if name.endswith("import_module")}
    assert not by_name or name_of(path) in CHOOSES_BY_TABLE, by_name
    may_load = RUNS_THE_USERS_OWN_PLUGINS | HANDS_ON
    assert not any(name.endswith(from_a_file) for name in made) or name_of(path) in may_load


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_processes_are_run_in_few_places_and_never_by_a_shell(path: Path) -> None:
    assert ("subprocess" in imports(path)) == (name_of(path) in RUNS_A_PROCESS)
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.keyword):
            assert node.arg != "shell"


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_yaml_is_read_as_data(path: Path) -> None:
    names = {name for name in calls(path) if name.startswith("yaml.")}
    assert names <= {"yaml.compose", "yaml.constructor.SafeConstructor"}


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_every_file_says_its_promise(path: Path) -> None:
    assert ast.get_docstring(tree_of(path)), path


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_nothing_prints_but_the_commands(path: Path) -> None:
    if room_of(path) != "commands":
        assert not set(calls(path)) & {"print", "sys.stdout.write", "sys.stderr.write", "click.echo"}


def loaded_by(code: str) -> set[str]:
    """The names of all modules that a fresh interpreter has loaded after running `code`."""
    code = f"import sys\nsys.path.insert(0, {str(ROOT)!r})\n{code}\nprint(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


HEAVY = {
    "click",
    "rich",
    "yaml",
    "hyperscan",
    "pathspec",
    "multiprocessing",
    "tempfile",
    "subprocess",
    "detect_secrets",
    "phonenumbers",
    "stdnum",
}


def test_importing_the_package_loads_nothing_else() -> None:
    loaded = loaded_by("import modelguard")
    assert not HEAVY & loaded
    assert {name for name in loaded if name.startswith("modelguard.")} == set()


def test_public_names_load_only_what_they_need() -> None:
    assert not HEAVY & loaded_by("from modelguard import Finding, Gap, Severity, ModelguardError")


def test_help_loads_no_room() -> None:
    code = "import modelguard.commands.edge as edge\ntry: edge.main(['--help'])\nexcept SystemExit: pass"
    loaded = loaded_by(code)
    assert not (HEAVY - loaded_by("import click")) & loaded
    assert "modelguard.pipeline" not in loaded


def test_public_names_are_all_there() -> None:
    import modelguard

    assert sorted(modelguard.__all__) == list(modelguard.__all__)
    for name in modelguard.__all__:
        assert getattr(modelguard, name).__module__.startswith("modelguard.")
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        _ = modelguard.nonsense
