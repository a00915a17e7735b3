"""Rules travel prepared: the package carries their parsed form as JSON, so that a start parses no YAML and no pattern.

The first line lists all rules, and is all that is read at a start; each further line is a rule. The form is made when
the package is built (`hatch_build.py`). In a checkout, where the YAML files lie beside it, it is made anew as soon as
one of them has changed.
"""

from __future__ import annotations

import hashlib
import mmap
import os
from collections.abc import Sequence
from contextlib import suppress
from itertools import accumulate

import msgspec
from msgspec import Struct

from modelguard.errors import RuleError
from modelguard.rules.interface import Rule
from modelguard.rules.ruleset import Listed, RuleSet, listed
from modelguard.whole_file import as_umask_allows, write_whole

_HERE = os.path.dirname(os.path.abspath(__file__))
PACKS = os.path.join(_HERE, "packs")
PREPARED = os.path.join(_HERE, "prepared.jsonl")
WEIGHTS = os.path.join(_HERE, "weights.json")
_REMEDY = "Install modelguard-scanner anew."
_SOURCES = (
    "prepared.py",
    "interface.py",
    "ruleset.py",
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
    """The first line of `prepared.jsonl`: what the rules were made from, and how many bytes of them follow."""

    stamp: str
    size: int
    rules: tuple[Listed, ...]


def builtin_rules() -> RuleSet:
    """The rules that come with modelguard.

    Raises:
        RuleError: the package is broken, or a rule file of this checkout is.
    """
    is_checkout = os.path.isdir(PACKS)
    rules = _read(_stamp() if is_checkout else None)
    if rules is None and is_checkout:
        rules = prepare()
    if rules is None:
        raise RuleError("the package holds no rules", _REMEDY)
    return rules


def prepare() -> RuleSet:
    """Read the packs, write `prepared.jsonl`, and give the rules.

    Raises:
        RuleError: a rule file is wrong.
    """
    from pathlib import Path

    from modelguard.rules.loader import load_files

    rules = load_files([Path(PACKS)])
    lines = [msgspec.json.encode(rule) + b"\n" for rule in rules]
    starts = accumulate(map(len, lines), initial=0)
    entries = tuple(listed(rule, start, len(line)) for rule, start, line in zip(rules, starts, lines, strict=False))
    first = msgspec.json.encode(Prepared(_stamp(), sum(map(len, lines)), entries))
    with suppress(OSError):  # a checkout that cannot be written still works, only slower
        write_whole(PREPARED, b"".join((first, b"\n", *lines)), as_umask_allows(0o666), durable=False)
    return RuleSet.of(rules)


def _read(stamp: str | None) -> RuleSet | None:
    """The rules of `prepared.jsonl`, or None where it is not whole, or not made from what `stamp` tells."""
    try:
        with open(PREPARED, "rb") as file:
            content = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        begin = content.find(b"\n") + 1
        prepared = msgspec.json.decode(content[:begin], type=Prepared)
    except (OSError, ValueError, msgspec.MsgspecError):  # an empty file cannot be mapped
        return None
    if len(content) != begin + prepared.size or stamp not in (None, prepared.stamp):
        return None

    def make(entry: Listed) -> Rule:
        start = begin + entry.start
        try:
            return msgspec.json.decode(content[start : start + entry.size], type=Rule)
        except msgspec.MsgspecError:
            raise RuleError(f"the package's rule {entry.id} is damaged", _REMEDY) from None

    return RuleSet(prepared.rules, make)


def digest_of(rules: Sequence[Rule]) -> str:
    """What identifies a set of rules: 16 hexadecimal digits."""
    entries = RuleSet.of(rules).listed
    digest = hashlib.sha256("".join(entry.digest for entry in entries).encode())
    if any(entry.judged for entry in entries):
        with open(WEIGHTS, "rb") as file:
            digest.update(file.read())
    return digest.hexdigest()[:16]


def _stamp() -> str:
    """Changes when any rule file, or the code that reads them, changes."""
    here = os.path.dirname(PACKS)
    states = [(name, os.stat(os.path.join(here, name))) for name in _SOURCES]
    for folder, _, _ in os.walk(PACKS):
        with os.scandir(folder) as listing:
            states += [(entry.name, entry.stat()) for entry in listing if entry.name.endswith(".yaml")]
    told = sorted(f"{name}:{state.st_size}:{state.st_mtime_ns}" for name, state in states)
    return hashlib.sha256(";".join(told).encode()).hexdigest()
