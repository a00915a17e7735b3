"""Settings from flags, environment, the project's file and the user's file; each value knows where it came from.

A settings file of a scanned tree is data of that tree: it can name no code, and detect-secrets plugin files are read
only from the user's own file, outside every tree.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from msgspec import Struct, field
from msgspec.structs import fields

from modelguard.errors import SettingsError
from modelguard.home_folder import home_folder

if TYPE_CHECKING:
    from modelguard.yaml_lines import Located

PROJECT_FILE = ".modelguard.yaml"
PYPROJECT = "pyproject.toml"
PREFIX = "MODELGUARD_"
_SIZE = r"(\d+(?:\.\d+)?)\s*([KMGT]?)i?B?"
_FACTORS = {"": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30, "T": 1 << 40}
_USER_ONLY = ("detect_secrets_plugins",)
_PATHS = ("baseline", "rules")

FileName = str | os.PathLike[str]
"""A file or folder, as whoever calls has it."""


class Settings(Struct, frozen=True):
    """What one scan was asked to do. `origins` maps the name of each value that was set to where it was set.

    `exclude` holds gitignore-style lines, `rules` files or folders of rules, `disable` and `only` rule ids, `fail_on`
    what `verdict.policy.parse_policy` reads, `pii` one of none, structured and all, `jobs` a number of workers (0: one
    a processor), `history` whether the history of repositories is scanned, `cache` whether what earlier scans of it
    have seen is remembered and passed over, `max_file_size` bytes (None: no limit), `weights` whether the numbers of a
    model are looked at as bytes, `allow_comments` whether comments may allow findings on their lines, `trust_changes`
    whether a pull request is scanned as its own settings say, `with_detectors` names such as `detect-secrets`,
    `detect_secrets_plugins` Python files of the user.
    """

    exclude: tuple[str, ...] = ()
    default_exclusions: bool = True
    rules: tuple[str, ...] = ()
    disable: tuple[str, ...] = ()
    only: tuple[str, ...] = ()
    baseline: str | None = None
    fail_on: str = "default"
    pii: str = "structured"
    jobs: int = 0
    allow_gaps: bool = False
    history: bool = True
    cache: bool = True
    max_file_size: int | None = None
    weights: bool = False
    allow_comments: bool = True
    trust_changes: bool = False
    with_detectors: tuple[str, ...] = ()
    detect_secrets_plugins: tuple[str, ...] = ()
    origins: Mapping[str, str] = field(default_factory=dict)


def load_settings(
    flags: Mapping[str, Any], config: FileName | None = None, start: FileName | None = None, environment: bool = True
) -> Settings:
    """Settings for a scan started in `start` (the current folder where None).

    `flags` holds only what was given; `config` is a file named by the user, instead of the project's.

    Raises:
        SettingsError: a key is not known or a value is wrong; the message names the file and the line.
    """
    start = _current_folder() if start is None else start
    merged: dict[str, tuple[Any, str]] = {}
    for layer in (
        _user_file(),
        _named_file(config) if config is not None else _project_file(start),
        _environment() if environment else {},
        {name: (value, "flag") for name, value in flags.items()},
    ):
        merged.update(layer)
    values = {name: _checked(name, value, origin) for name, (value, origin) in merged.items()}
    return Settings(**values, origins={name: origin for name, (_, origin) in merged.items()})


def user_folder() -> str:
    """Where this user's own settings live, outside every scanned tree.

    Raises:
        RuntimeError: this user has no home.
    """
    if sys.platform == "win32":  # pragma: no cover - other platforms are tested
        roaming = os.environ.get("APPDATA") or os.path.join(home_folder(), "AppData", "Roaming")
        return os.path.join(roaming, "modelguard")
    return os.path.join(os.environ.get("XDG_CONFIG_HOME") or os.path.join(home_folder(), ".config"), "modelguard")


def parse_size(text: str) -> int:
    """Bytes from `500MB`, `2 GiB`, `1048576`; K, M, G and T are powers of 1024.

    Raises:
        ValueError: `text` is no size.
    """
    found = re.fullmatch(_SIZE, text.strip(), re.IGNORECASE)
    if found is None:
        raise ValueError(text)
    try:
        return int(float(found[1]) * _FACTORS[found[2].upper()])
    except OverflowError:
        raise ValueError(text) from None


_NAMES = tuple(entry.name for entry in fields(Settings) if entry.name != "origins")
_LISTS = ("exclude", "rules", "disable", "only", "with_detectors", "detect_secrets_plugins")
_SWITCHES = (
    "default_exclusions",
    "allow_gaps",
    "history",
    "cache",
    "weights",
    "allow_comments",
    "trust_changes",
)
_CHOICES = {"pii": ("none", "structured", "all")}


def _checked(name: str, value: Any, origin: str) -> Any:
    """The value as `Settings` holds it."""
    if name in _LISTS and isinstance(value, (list, tuple)) and all(isinstance(item, str) for item in value):
        return tuple(value)
    if name in _SWITCHES and isinstance(value, bool):
        return value
    if name == "jobs" and isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= 256:
        return value
    if name == "max_file_size" and (value is None or isinstance(value, (int, str))):
        return None if value is None else _size(value, origin)
    if name in ("baseline", "fail_on") and isinstance(value, str):
        return value
    if name in _CHOICES and value in _CHOICES[name]:
        return value
    wanted = (
        "a list of texts" if name in _LISTS
        else "true or false" if name in _SWITCHES
        else "a number from 0 to 256" if name == "jobs"
        else "one of " + ", ".join(_CHOICES[name]) if name in _CHOICES
        else "a text"
    )  # fmt: skip
    raise SettingsError(f"{origin}: {name} is not {wanted}", "docs/settings.md lists every setting.")


def _size(value: int | str, origin: str) -> int:
    try:
        return parse_size(str(value))
    except ValueError:
        raise SettingsError(f"{origin}: max_file_size is not a size", "Write 500MB or 2GiB.") from None


def _environment() -> dict[str, tuple[Any, str]]:
    found: dict[str, tuple[Any, str]] = {}
    for name in _NAMES:
        variable = PREFIX + name.upper()
        text = os.environ.get(variable)
        if text is None or name in _USER_ONLY:
            continue
        value: Any = text
        if name in _LISTS:
            value = [item for item in text.split(os.pathsep if name == "rules" else ",") if item]
        elif name in _SWITCHES:
            value = {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}.get(text.lower())
        elif name == "jobs":
            value = int(text) if text.isdecimal() and len(text) < 9 else text
        found[name] = (value, variable)
    return found


def settings_in(folder: FileName) -> tuple[str, dict[str, tuple[Any, str]]] | None:
    """The file of a project's folder that holds settings, and what it sets; None where there is none.

    Raises:
        SettingsError: the file cannot be read as settings.
    """
    own, pyproject = os.path.join(folder, PROJECT_FILE), os.path.join(folder, PYPROJECT)
    if os.path.isfile(own):
        return own, _with_rules_inside(folder, _read(own, user=False))
    found = _read(pyproject, user=False) if os.path.isfile(pyproject) else {}
    return (pyproject, _with_rules_inside(folder, found)) if found else None


def _project_file(start: FileName) -> dict[str, tuple[Any, str]]:
    """The settings of the nearest folder, from `start` up to the root of its repository, that has any."""
    for folder in _upwards(os.fspath(start)):
        there = settings_in(folder)
        if there is not None:
            return there[1]
        if os.path.lexists(os.path.join(folder, ".git")):
            break
    return {}


def _upwards(folder: str) -> Iterator[str]:
    """A folder and those that it lies in, up to the root."""
    yield folder
    while (above := os.path.dirname(folder)) != folder:
        folder = above
        yield folder


def _with_rules_inside(folder: FileName, found: dict[str, tuple[Any, str]]) -> dict[str, tuple[Any, str]]:
    """The same settings; a project names rules of its own, and no other file of whoever scans it."""
    rules, where = found.get("rules", ((), ""))
    if not isinstance(rules, list):
        return found
    from pathlib import Path

    for name in rules:
        if isinstance(name, str) and not Path(os.path.realpath(name)).is_relative_to(os.path.realpath(folder)):
            raise SettingsError(
                f"{where}: rules lead out of the folder of this file",
                "Name rules outside of the project with --rules, or in settings.yaml in your own settings folder.",
            )
    return found


def _user_file() -> dict[str, tuple[Any, str]]:
    """Empty where there is none: also for a user without a home, or in another's that may not be entered."""
    try:
        path = os.path.join(user_folder(), "settings.yaml")
    except RuntimeError:
        return {}
    return _read(path, user=True) if os.path.isfile(path) else {}


def _named_file(path: FileName) -> dict[str, tuple[Any, str]]:
    if not os.path.isfile(path):
        raise SettingsError(f"{path}: there is no such settings file", "Check the path given to --config.")
    return _read(os.fspath(path), user=False)


def _read(path: str, user: bool) -> dict[str, tuple[Any, str]]:
    try:
        with open(path, "rb") as file:
            content = file.read()
    except OSError as error:
        raise SettingsError(f"{path}: {error.strerror}", "Make the settings file readable.") from None
    table = _toml_table(path, content) if path.endswith(".toml") else _yaml_table(path, content)
    found: dict[str, tuple[Any, str]] = {}
    for key, (value, line) in table.items():
        name = key.replace("-", "_")
        where = f"{path}:{line}"
        if name not in _NAMES:
            known = ", ".join(_NAMES)
            raise SettingsError(f"{where}: the setting {key!r} is not known", f"Known settings: {known}.")
        if name in _USER_ONLY and not user:
            raise SettingsError(
                f"{where}: {key} names code to run, which a file of a project may not do",
                "Write it into settings.yaml in your own settings folder; docs/settings.md says where that is.",
            )
        found[name] = (_beside(path, value) if name in _PATHS else value, where)
    return found


def _beside(path: str, value: Any) -> Any:
    """Paths in a settings file count from its folder, wherever below it the scan starts."""
    if isinstance(value, list):
        return [_beside(path, item) for item in value]
    if not isinstance(value, str):
        return value
    joined = os.path.normpath(os.path.join(os.path.dirname(path), value))
    below = os.path.join(os.getcwd(), "")
    return joined[len(below) :] if joined.startswith(below) else joined


def _current_folder() -> str:
    try:
        return os.getcwd()
    except OSError as error:
        raise SettingsError(f"the current folder: {error.strerror}", "Change to a folder that exists.") from None


def _yaml_table(path: str, content: bytes) -> dict[str, tuple[Any, int]]:
    from modelguard.yaml_lines import YamlError, read_yaml

    try:
        document: Located = read_yaml(content)
    except YamlError as error:
        raise SettingsError(f"{path}:{error.line}: {error}", "Settings are a plain YAML mapping.") from None
    if document.value is None:
        return {}
    if not isinstance(document.value, dict):
        raise SettingsError(f"{path}:{document.line}: not a mapping", "Write settings as `name: value` lines.")
    return {key: (item.plain(), item.line) for key, item in document.value.items()}


def _toml_table(path: str, content: bytes) -> dict[str, tuple[Any, int]]:
    if b"modelguard" not in content:
        return {}
    from modelguard.toml_text import TomlError, read_toml

    try:
        tools = read_toml(content).get("tool", {})
    except TomlError as error:
        where = f"{path}:{error.line}" if error.line else path
        raise SettingsError(f"{where}: {error}", "Mend the file; other tools cannot read it either.") from None
    table = tools.get("modelguard", {}) if isinstance(tools, dict) else {}
    if not isinstance(table, dict):
        raise SettingsError(f"{path}: tool.modelguard is not a table", "Write [tool.modelguard].")
    return {key: (value, _toml_line(content.decode("utf-8-sig"), key)) for key, value in table.items()}


def _toml_line(text: str, key: str) -> int:
    """The line of a key of [tool.modelguard]; the table's own line where the key is written in another way."""
    lines = text.splitlines()
    header = next((at for at, line in enumerate(lines) if line.strip() == "[tool.modelguard]"), 0)
    written = re.compile(rf"\s*[\"']?{re.escape(key)}[\"']?\s*=")
    return next((at for at in range(header, len(lines)) if written.match(lines[at])), header) + 1
