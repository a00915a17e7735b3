"""Expands the templates of examples, so that no live-looking value stands in any file.

`docs/rules.md` lists the templates. The same text and seed always expand to the same value.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import random
import re
import string
import uuid
from collections.abc import Callable

from modelguard.rules.base62 import base62_crc
from modelguard.rules.national_numbers import is_number

ALPHABETS = {
    "alpha": string.ascii_letters,
    "lower": string.ascii_lowercase,
    "upper": string.ascii_uppercase,
    "digit": string.digits,
    "alnum": string.ascii_letters + string.digits,
    "loweralnum": string.ascii_lowercase + string.digits,
    "upperalnum": string.ascii_uppercase + string.digits,
    "hex": "0123456789abcdef",
    "upperhex": "0123456789ABCDEF",
    "base32": string.ascii_uppercase + "234567",
    "base64": string.ascii_letters + string.digits + "+/",
    "base64url": string.ascii_letters + string.digits + "-_",
}
_TEMPLATE = re.compile(r"<([a-z0-9]+)(?::((?:[^<>]|<[^<>]*>)*))?>")


class TemplateError(ValueError):
    """The template is not one of those that `docs/rules.md` lists."""


def expand(text: str, seed: int = 0) -> str:
    """`text` with its templates expanded.

    Raises:
        TemplateError: a template's argument is wrong. A word in angle brackets that is no template stays as it is.
    """
    source = random.Random(hashlib.sha256(f"{seed}:{text}".encode()).digest())
    return _expand(text, source)


def _expand(text: str, source: random.Random) -> str:
    return _TEMPLATE.sub(lambda found: _one(found, source), text)


def _one(found: re.Match[str], source: random.Random) -> str:
    name, argument = found[1], found[2] or ""
    if name in ALPHABETS:
        if not argument.isdigit():
            raise TemplateError(f"<{name}:N> needs a number")
        return _spread(ALPHABETS[name], int(argument), source)
    if name not in _SPECIAL:
        return found[0]
    try:
        return _SPECIAL[name](argument, source)
    except (ValueError, LookupError):
        raise TemplateError(f"the argument of <{name}> is wrong: {argument!r}") from None


def _spread(alphabet: str, count: int, source: random.Random) -> str:
    """Random characters in which each class of the alphabet occurs, as in real tokens, with no symbol at an end."""
    ends = [char for char in alphabet if char.isalnum()]
    while True:
        text = "".join(source.choice(ends if at in (0, count - 1) else alphabet) for at in range(count))
        classes = (str.isdigit, str.isupper, str.islower)
        wanted = [is_class for is_class in classes if count >= 8 and any(map(is_class, alphabet))]
        if all(any(map(is_class, text)) for is_class in wanted):
            return text


def _uuid(argument: str, source: random.Random) -> str:
    return str(uuid.UUID(int=source.getrandbits(128), version=4))


def _base62crc(argument: str, source: random.Random) -> str:
    payload = _spread(ALPHABETS["alnum"], int(argument), source)
    return payload + base62_crc(payload)


def _luhn(argument: str, source: random.Random) -> str:
    prefix, count = argument.split(":")
    digits = prefix + "".join(source.choice(string.digits) for _ in range(int(count) - len(prefix) - 1))
    total = 0
    for place, digit in enumerate(reversed(digits)):
        doubled = int(digit) * (2 if place % 2 == 0 else 1)
        total += doubled - 9 if doubled > 9 else doubled
    return digits + str(-total % 10)


def _number(argument: str, source: random.Random) -> str:
    """A number of a kind (see `national_numbers`), found by trying."""
    kind, shape = argument.split(":")
    return _tried(shape, source, lambda text: is_number(kind, text))


def _iban(argument: str, source: random.Random) -> str:
    from stdnum import iban

    return _tried(argument, source, lambda text: bool(iban.is_valid(text, check_country=False)))


def _tried(shape: str, source: random.Random, is_good: Callable[[str], bool]) -> str:
    """A text of the shape, in which each # is a digit and each @ a capital, that is good.

    Raises:
        ValueError: of many such texts none is.
    """
    kinds = {"#": string.digits, "@": string.ascii_uppercase}
    for _ in range(_TRIES):
        text = "".join(source.choice(kinds[char]) if char in kinds else char for char in shape)
        if is_good(text):
            return text
    raise ValueError(shape)


_TRIES = 20_000


def _jwt(argument: str, source: random.Random) -> str:
    header = {"alg": "HS256", "typ": "JWT"}
    claims = {"sub": _spread(ALPHABETS["digit"], 10, source), "iat": source.randrange(1_600_000_000, 1_700_000_000)}
    parts = [_base64url(json.dumps(part).encode()) for part in (header, claims)]
    return ".".join([*parts, _spread(ALPHABETS["base64url"], 43, source)])


def _base64url(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


def _b64(argument: str, source: random.Random) -> str:
    return base64.b64encode(_expand(argument, source).encode()).decode()


def _pem(argument: str, source: random.Random) -> str:
    return "\n".join(_spread(ALPHABETS["base64"], 64, source) for _ in range(int(argument)))


def _nkey(argument: str, source: random.Random) -> str:
    """An nkey seed whose text begins with `argument`: two bytes of prefix, 32 of seed, two of their CRC-16."""
    body = base64.b32decode(argument + "A" * 5)[:2] + source.randbytes(32)
    return base64.b32encode(body + binascii.crc_hqx(body, 0).to_bytes(2, "little")).decode().rstrip("=")


_SPECIAL: dict[str, Callable[[str, random.Random], str]] = {
    "uuid": _uuid,
    "base62crc": _base62crc,
    "luhn": _luhn,
    "number": _number,
    "iban": _iban,
    "jwt": _jwt,
    "b64": _b64,
    "pem": _pem,
    "nkey": _nkey,
}
