"""A gitleaks file and those that it extends: rules of the same id are joined, allowlists come one after the other.

`extend.path` is followed where it stays in the folder of the file that names it, `MAX_DEPTH` files deep. The rules of
`extend.useDefault` are another tool's and are not here.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, NamedTuple

from modelguard.errors import RuleError
from modelguard.rules.foreign.draft import Table, Untakable
from modelguard.toml_text import MAX_BYTES, TomlError, read_toml

MAX_DEPTH = 2
"""As gitleaks does."""

_OVER = ("description", "entropy", "secretgroup", "regex", "path", "validate", "filter")
_JOINED = ("tags", "keywords", "allowlists", "required")


class Config(NamedTuple):
    """What a file and those it extends say: rules, allowlists for all of them or some, and notes."""

    rules: list[Table]
    allowlists: list[Table]
    notes: list[str]

    def for_rule(self, source_id: str) -> list[Table]:
        """The allowlists of the whole file that concern a rule.

        Raises:
            Untakable: an allowlist names its rules in another way than by a list of texts.
        """
        named = [(table, table.texts("targetrules")) for table in self.allowlists]
        return [table for table, rules in named if not rules or source_id in rules]


def read_config(path: Path, content: bytes, seen: tuple[Path, ...] = ()) -> Config:
    """Read a file and those that it extends.

    Raises:
        RuleError: one of them is no such file, or may not be followed.
    """
    table = _table(path, content)
    try:
        config = Config(table.tables("rules"), [*table.tables("allowlist"), *table.tables("allowlists")], [])
        for rule in config.rules:
            _rename_allowlist(rule)
        for key in ("prefilter", "filter"):
            if table.values.get(key):
                config.notes.append(f"finds more: the {key} for all rules is not run")
        for extend in table.tables("extend"):
            config = _extended(path, config, extend, (*seen, Path(os.path.realpath(path))))
    except Untakable as error:
        raise RuleError(f"{path}: {error}", "docs/rules.md lists what is read of such a file.") from None
    return config


def _table(path: Path, content: bytes) -> Table:
    try:
        return Table(read_toml(content))
    except TomlError as error:
        where = f"{path}:{error.line}" if error.line else str(path)
        raise RuleError(f"{where}: {error}", "Mend the file; other tools cannot read it either.") from None


def _rename_allowlist(rule: Table) -> None:
    """`[rules.allowlist]` is the older form of `[[rules.allowlists]]`."""
    older: Any = rule.values.pop("allowlist", None)
    if older is not None:
        rule.tables("allowlists")
        rule.values["allowlists"] = [*(rule.values.get("allowlists") or []), older]


def _extended(path: Path, config: Config, extend: Table, seen: tuple[Path, ...]) -> Config:
    disabled = set(extend.texts("disabledrules"))
    if extend.values.get("usedefault"):
        config.notes.append(
            "extend.useDefault: the rules of that tool are not here; those of modelguard take their place"
        )
        if disabled:
            config.notes.append("extend.disabledRules: name what you do not want of modelguard's rules with --disable")
    if extend.values.get("url"):
        config.notes.append("extend.url: nothing is fetched")
    name = extend.text("path")
    if not name:
        return config
    other = read_config(*_followed(path, name, seen), seen)
    rules = {_id_of(rule): rule for rule in other.rules if _id_of(rule) not in disabled}
    own = [_joined(rules.pop(_id_of(rule)), rule) if _id_of(rule) in rules else rule for rule in config.rules]
    return Config([*own, *rules.values()], config.allowlists + other.allowlists, config.notes + other.notes)


def _followed(path: Path, name: str, seen: tuple[Path, ...]) -> tuple[Path, bytes]:
    """The file that `extend.path` names, and its content.

    Raises:
        RuleError: it lies elsewhere, is no regular file, is too deep, or extends itself.
    """
    remedy = "Put the file beside the one that extends it, or name both with --rules."
    inside = Path(os.path.realpath(path.parent))
    target = Path(os.path.realpath(inside / name))
    if not target.is_relative_to(inside):
        raise RuleError(f"{path}: extend.path leads out of the folder of its file", remedy)
    if target in seen or len(seen) > MAX_DEPTH:
        raise RuleError(f"{path}: extend.path goes round, or more than {MAX_DEPTH} files deep", remedy)
    try:
        if not target.is_file():
            raise RuleError(f"{path}: extend.path names no file", remedy)
        with target.open("rb") as file:
            return target, file.read(MAX_BYTES + 1)
    except OSError as error:
        raise RuleError(f"{target}: {error.strerror}", remedy) from None


def _id_of(rule: Table) -> str:
    return str(rule.values.get("id", ""))


def _joined(base: Table, over: Table) -> Table:
    """A rule that says how to change one of the extended file."""
    values = dict(base.values)
    values.update({key: over.values[key] for key in _OVER if over.values.get(key)})
    for key in _JOINED:
        parts = [part for table in (base, over) for part in table.values.get(key) or []]
        if parts:
            values[key] = parts
    return Table(values)
