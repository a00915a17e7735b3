"""Texts that hold secrets, nearly hold them, or hide them behind escapes: built from the examples of all rules."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from functools import lru_cache

from modelguard.rules.interface import Rule
from modelguard.rules.prepared import builtin_rules
from modelguard.rules.templates import expand

NAMED = ("hf-user-token", "openai-api-key", "email-address", "phone-number-international")
"""Rules that tests ask for by name, and those that begin with the least telling literals."""


UNMARKED = ("payment-card-alone",)
"""Rules for values without any mark: nothing tells them in wide characters, and no literal begins them."""


def _chosen(number: int, rule: Rule) -> bool:
    """Most rules are of two forms, of which some are enough; those that are unlike others are all there."""
    pattern = rule.pattern
    if rule.id in NAMED:
        return True
    if pattern.common:
        return number % 40 == 0
    return bool(pattern.limit or rule.judged) or number % (4 if pattern.tails else 8) == 0


RULES: tuple[Rule, ...] = tuple(rule for number, rule in enumerate(builtin_rules()) if _chosen(number, rule))

GLUE = (
    "\n",
    " ",
    "",
    '"',
    "  ",
    "\\n",
    "'",
    "{",
    "=",
    ": ",
    "\r\n",
    "\t",
    "\\",
    "\\\\",
    '\\"',
    "\\t",
    "_",
    "-",
    "n",
    ",",
)
"""What may stand between two pieces of text."""


@lru_cache(maxsize=1)
def examples() -> tuple[tuple[Rule, str], ...]:
    """Every example and counter-example of every rule, expanded twice."""
    return tuple(
        (rule, expand(template, seed))
        for rule in RULES
        for template in (*rule.examples, *rule.not_examples)
        for seed in (0, 1)
    )


def as_json(text: str) -> str:
    """As the inside of a JSON string."""
    return json.dumps(text)[1:-1]


def as_slashed_json(text: str) -> str:
    """As encoders write it that escape slashes, too."""
    return as_json(text).replace("/", "\\/")


def as_html_safe_json(text: str) -> str:
    """As encoders write it that fear HTML: quotes, `=`, `&`, `<` and `>` as code points, in either case."""
    for char in "'\"=&<>":
        text = text.replace(char, f"\\u00{ord(char):02x}" if len(text) % 2 else f"\\u00{ord(char):02X}")
    return text


def as_json_twice(text: str) -> str:
    """As a JSON string within a JSON string."""
    return as_json(as_json(text))


WRITINGS: tuple[Callable[[str], str], ...] = (as_json, as_slashed_json, as_html_safe_json, as_json_twice)


def mixed(rnd: random.Random) -> bytes:
    """One to eight examples, whole or cut, bare or written, glued, repeated, and with filler of any length between."""
    parts: list[str] = []
    for _ in range(rnd.randint(1, 8)):
        parts.append(_piece(rnd))
        parts.append(rnd.choice((*GLUE, _filler(rnd), _filler(rnd))))
    text = "".join(parts)
    if rnd.random() < 0.15:
        text = rnd.choice(WRITINGS)(text)
    data = text.encode("utf-8", "replace")
    if rnd.random() < 0.05:
        data = text.encode(rnd.choice(("utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be")))
    if rnd.random() < 0.2:
        data = _damaged(rnd, data)
    return data


def _piece(rnd: random.Random) -> str:
    text = rnd.choice(examples())[1]
    fate = rnd.random()
    if fate < 0.25:
        text = text[: rnd.randint(0, len(text))]
    elif fate < 0.45:
        text = text[rnd.randint(0, len(text)) :]
    elif fate < 0.5:
        at = rnd.randint(0, len(text))
        text = text[:at] + rnd.choice(GLUE) + text[at:]
    elif fate < 0.55:
        text *= rnd.randint(2, 3)
    elif fate < 0.6:
        text = text.swapcase()
    if rnd.random() < 0.25:
        text = rnd.choice(WRITINGS)(text)
    return text


def _filler(rnd: random.Random) -> str:
    return rnd.choice(("y", "x", " ", "\n", "-", "/", "a1", "\\n", "é", "=")) * rnd.randint(0, 80)


def _damaged(rnd: random.Random, data: bytes) -> bytes:
    at = rnd.randint(0, len(data))
    return data[:at] + bytes(rnd.randrange(256) for _ in range(rnd.randint(1, 4))) + data[at + rnd.randint(0, 2) :]
