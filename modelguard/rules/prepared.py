"""Rules travel prepared: the package carries their parsed form as JSON, so that a start parses no YAML and no pattern.

The form is made when the package is built (`hatch_build.py`). In a checkout, where the YAML files lie beside it, it is
made anew as soon as one of them has changed.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from modelguard.engine.interface import Pattern, Tail
from modelguard.errors import RuleError
from modelguard.model import Category, Confidence, Severity
from modelguard.rules.interface import Rule

PACKS = Path(__file__).parent / "packs"
PREPARED = Path(__file__).parent / "prepared.json"
_SOURCES = ("near.py", "loader.py", "../engine/syntax.py")
_LISTS = ("checks", "paths", "was", "examples", "not_examples", "references")


def builtin_rules() -> tuple[Rule, ...]:
    """The rules that come with modelguard.

    Raises:
        RuleError: the package is broken, or a rule file of this checkout is.
    """
    try:
        document = json.loads(PREPARED.read_bytes())
    except (OSError, ValueError):
        document = None
    if PACKS.is_dir() and (document is None or document["stamp"] != _stamp()):
        document = prepare()
    if document is None:
        raise RuleError("the package holds no rules", "Install modelguard-scanner anew.")
    return tuple(_rule(entry) for entry in document["rules"])


def prepare() -> dict[str, Any]:
    """Read the packs, write `prepared.json`, and give its content.

    Raises:
        RuleError: a rule file is wrong.
    """
    from modelguard.rules.loader import load_files

    document = {"stamp": _stamp(), "rules": [asdict(rule) for rule in load_files([PACKS])]}
    aside = PREPARED.with_name(f".prepared-{os.getpid()}.json")
    try:
        aside.write_text(json.dumps(document, default=str, separators=(",", ":")), encoding="utf-8")
        os.replace(aside, PREPARED)
    except OSError:  # a checkout that cannot be written still works, only slower
        aside.unlink(missing_ok=True)
    return json.loads(json.dumps(document, default=str))  # type: ignore[no-any-return]  # just written as such


def digest_of(rules: Sequence[Rule]) -> str:
    """What identifies a set of rules: 16 hexadecimal digits."""
    told = [
        part
        for rule in rules
        for part in (rule.id, rule.pattern.regex, *rule.checks, *rule.paths, str(rule.severity), str(rule.confidence))
    ]
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


def _rule(entry: dict[str, Any]) -> Rule:
    pattern = entry["pattern"]
    return Rule(
        **{
            **entry,
            **{name: tuple(entry[name]) for name in _LISTS},
            "pattern": Pattern(
                **{
                    **pattern,
                    "keywords": tuple(pattern["keywords"]),
                    "tails": tuple(Tail(*tail) for tail in pattern["tails"]),
                }
            ),
            "category": Category(entry["category"]),
            "severity": Severity(entry["severity"]),
            "confidence": Confidence(entry["confidence"]),
        }
    )
