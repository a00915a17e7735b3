"""Rules travel prepared: the package carries their parsed form as JSON, so that a start parses no YAML and no pattern.

The form is made when the package is built (`hatch_build.py`). In a checkout, where the YAML files lie beside it, it is
made anew as soon as one of them has changed.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from pathlib import Path

import msgspec
from msgspec import Struct

from modelguard.errors import RuleError
from modelguard.rules.interface import Rule

PACKS = Path(__file__).parent / "packs"
PREPARED = Path(__file__).parent / "prepared.json"
WEIGHTS = Path(__file__).parent / "weights.json"
_SOURCES = (
    "prepared.py",
    "interface.py",
    "near.py",
    "loader.py",
    "../engine/syntax.py",
    "../engine/interface.py",
    "../engine/views.py",
    "../engine/common.py",
    "../engine/marks.py",
    "../engine/hidden.py",
)


class Prepared(Struct, frozen=True):
    """What `prepared.json` holds: what the rules were made from, the rules, and the digest of each."""

    stamp: str
    rules: tuple[Rule, ...]
    digests: tuple[str, ...]


_digests: dict[int, str] = {}
"""Of the rules that came prepared, by their identity: one that is changed is another object."""
_loaded: list[tuple[Rule, ...]] = []


def builtin_rules() -> tuple[Rule, ...]:
    """The rules that come with modelguard.

    Raises:
        RuleError: the package is broken, or a rule file of this checkout is.
    """
    try:
        prepared = msgspec.json.decode(PREPARED.read_bytes(), type=Prepared)
    except (OSError, msgspec.MsgspecError):
        prepared = None
    if PACKS.is_dir() and (prepared is None or prepared.stamp != _stamp()):
        prepared = prepare()
    if prepared is None:
        raise RuleError("the package holds no rules", "Install modelguard-scanner anew.")
    _digests.clear()
    _digests.update(zip(map(id, prepared.rules), prepared.digests, strict=True))
    _loaded[:] = [prepared.rules]  # as long as they live, no other object has their identity
    return prepared.rules


def prepare() -> Prepared:
    """Read the packs, write `prepared.json`, and give its content.

    Raises:
        RuleError: a rule file is wrong.
    """
    from modelguard.rules.loader import load_files

    rules = tuple(load_files([PACKS]))
    prepared = Prepared(_stamp(), rules, tuple(map(_digest, rules)))
    aside = PREPARED.with_name(f".prepared-{os.getpid()}.json")
    try:
        aside.write_bytes(msgspec.json.encode(prepared))
        os.replace(aside, PREPARED)
    except OSError:  # a checkout that cannot be written still works, only slower
        aside.unlink(missing_ok=True)
    return prepared


def digest_of(rules: Sequence[Rule]) -> str:
    """What identifies a set of rules: 16 hexadecimal digits."""
    known = _digests
    digest = hashlib.sha256("".join([known.get(id(rule)) or _digest(rule) for rule in rules]).encode())
    if any(rule.judged for rule in rules):
        digest.update(WEIGHTS.read_bytes())
    return digest.hexdigest()[:16]


def _digest(rule: Rule) -> str:
    """What identifies a rule, as far as it decides what is found: 16 hexadecimal digits."""
    told = (
        rule.id,
        rule.pattern.regex,
        f"{rule.pattern.end} {rule.pattern.limit} {rule.judged} {rule.generic}",
        *rule.checks,
        *map(str, rule.parts),
        *rule.paths,
        *rule.over,
        "not in",
        *rule.not_paths,
        "no value",
        *rule.not_values,
        str(rule.severity),
        str(rule.confidence),
    )
    return hashlib.sha256(chr(0).join(told).encode()).hexdigest()[:16]


def _stamp() -> str:
    """Changes when any rule file, or the code that reads them, changes."""
    here = str(PACKS.parent)
    states = [(name, os.stat(os.path.join(here, name))) for name in _SOURCES]
    for folder, _, _ in os.walk(PACKS):
        with os.scandir(folder) as listing:
            states += [(entry.name, entry.stat()) for entry in listing if entry.name.endswith(".yaml")]
    told = sorted(f"{name}:{state.st_size}:{state.st_mtime_ns}" for name, state in states)
    return hashlib.sha256(";".join(told).encode()).hexdigest()
