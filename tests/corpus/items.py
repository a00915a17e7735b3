"""What a corpus is made of: a file, what is planted in it, and where a person must be sent to see each value."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from modelguard.rules.templates import expand

CLOUD, HUB, FORGE = "aws-access-key-id", "hf-user-token", "github-pat"
EMAIL, CARD = "email-address", "payment-card"
CARD_ALONE, CARD_IN_VOCABULARY = "payment-card-alone", "payment-card-in-vocabulary"


class Plant(NamedTuple):
    """One value: the rule that must find it, and where it must say that it is."""

    rule: str
    value: str
    inner: str | None = None
    line: int | None = None


class Item(NamedTuple):
    """One file; `family` names the one that it belongs to."""

    family: str
    path: str
    data: bytes
    plants: tuple[Plant, ...] = ()


class Values(NamedTuple):
    """One value of each type, in the order in which the helpers here write them."""

    cloud: str
    hub: str
    forge: str
    email: str
    card: str


TEMPLATES = Values(
    "AKIA<base32:16>",
    "hf_<alpha:34>",
    "ghp_<base62crc:30>",
    "<lower:6>.<lower:7><digit:2>@<lower:9>.com",
    "<luhn:400000:16>",
)
KEYS = Values("aws_access_key_id", "hub_token", "github_token", "owner_email", "payment_card")
RULES = Values(CLOUD, HUB, FORGE, EMAIL, CARD)

Where = tuple[str | None, int | None]


def values_for(seed: int, path: str) -> Values:
    """The values that are planted in the file at this path."""
    made = (expand(template, _number(f"{seed}:{path}:{key}")) for key, template in TEMPLATES._asdict().items())
    return Values(*made)


def chance(seed: int, path: str) -> int:
    """A seed for whatever else is random in the file at this path."""
    return _number(f"{seed}:{path}")


def _number(text: str) -> int:
    return zlib.crc32(text.encode())


def pairs(values: Values) -> dict[str, str]:
    """The values behind keys that say what they are."""
    return dict(zip(KEYS, values, strict=True))


def settings(values: Values) -> list[str]:
    """The same as lines of a file of settings."""
    return [f"{key.upper()}={value}" for key, value in pairs(values).items()]


def sentence(values: Values) -> str:
    """All of them in one line of a log."""
    return " ".join(f"{key}={value}" for key, value in pairs(values).items())


def planted(values: Values, places: Iterable[Where], card: str = CARD) -> tuple[Plant, ...]:
    """The values, each at its place. `card` is the rule that finds the card there."""
    rules = RULES._replace(card=card)
    return tuple(Plant(rule, value, *where) for rule, value, where in zip(rules, values, places, strict=True))


def in_lines(values: Values, inner: str | None = None, first: int = 1) -> tuple[Plant, ...]:
    """What `settings` writes, from a line on."""
    return planted(values, ((inner, first + number) for number in range(len(values))))


def at_one_place(values: Values, inner: str | None, line: int | None = None, card: str = CARD) -> tuple[Plant, ...]:
    """All of them at one place: what `sentence` writes."""
    return planted(values, [(inner, line)] * len(values), card)


def named(values: Values, names: Sequence[str], line: int | None = None, card: str = CARD) -> tuple[Plant, ...]:
    """Each at a place with a name of its own."""
    return planted(values, ((name, line) for name in names), card)
