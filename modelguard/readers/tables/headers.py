"""Names of columns that say what the bare values below them are: numbers of cards and people, passwords, keys.

A table of settings has no such name; two of its columns hold a name and its value in each row.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

_PARTS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[^\W\d_]+")
_LONGEST = 200
_NUMBERS = frozenset(
    """
    aadhaar bsn card cards cc ccn ccnum cnpj cpf cvc cvv dni fax iban imei msisdn mobile nhs nie nin nino passport pesel
    phone phones sin ssn tax telephone tin vat
    """.split()
)
_SECRETS = frozenset(
    """
    auth authorization bearer cookie credential credentials dob jwt passphrase passwd password passwords passwort pin
    pwd secret secrets token
    """.split()
)
_KEYS = frozenset({"key", "keys"})
_OTHER_KEYS = frozenset(
    """
    cache column composite dict event foreign group hash hashed id index join lookup map natural object partition pk
    primary public record row sha sort surrogate unique
    """.split()
)
"""What a key is called that opens nothing."""

_PHRASES_OF_NUMBERS = (
    "accountnumber",
    "cardno",
    "cardnumber",
    "creditcard",
    "driverlicen",
    "nationalid",
    "socialsecurity",
    "taxid",
)
_PHRASES = (
    *_PHRASES_OF_NUMBERS,
    "accesskey",
    "apikey",
    "authkey",
    "connectionstring",
    "privatekey",
    "secretkey",
)

CELLS = "cells"
"""The sort of texts in which a name stands before each cell."""

_NAMES_OF_VALUES = frozenset("k key name param parameter setting attribute variable option field tag".split())
_VALUES = re.compile(r"(?:^|_)val(?:ue)?$|^v$")


def holds_names(name: str) -> bool:
    """Whether a column holds the names of what another one holds."""
    return name.lower() in _NAMES_OF_VALUES


def holds_values(name: str) -> bool:
    """Whether a column holds values, each with its name in another one."""
    return bool(_VALUES.search(name.lower()))


def pair_in(names: Sequence[str]) -> tuple[int, int] | None:
    """The numbers of two columns, the first of which holds the names of what is in the second; None: there are none."""
    key = next((number for number, name in enumerate(names) if holds_names(name)), None)
    value = next((number for number, name in enumerate(names) if holds_values(name)), None)
    return None if key is None or value is None else (key, value)


def is_telling(name: str) -> bool:
    """Whether a value may be something to hide that nothing but this name beside it tells.

    `key` alone is no such name, but `wandb_key` is: columns of keys without a word more are full of digests.
    """
    parts = {part.lower() for part in _PARTS.findall(name[:_LONGEST])}
    others = parts - _KEYS
    is_key = len(others) < len(parts) and bool(others) and others.isdisjoint(_OTHER_KEYS)
    return is_key or _has(name, _NUMBERS | _SECRETS, _PHRASES)


def names_numbers(name: str) -> bool:
    """Whether that is so of numbers: those of cards, telephones and people."""
    return _has(name, _NUMBERS, _PHRASES_OF_NUMBERS)


def _has(name: str, words: frozenset[str], phrases: Sequence[str]) -> bool:
    parts = [part.lower() for part in _PARTS.findall(name[:_LONGEST])]
    whole = "".join(parts)
    return not words.isdisjoint(parts) or any(phrase in whole for phrase in phrases)
