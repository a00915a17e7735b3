"""Stand-ins: values that documentation, templates and tests write where a secret would be."""

from __future__ import annotations

import re

_LONG_WORDS = (
    "example|placeholder|changeme|change[-_ ]me|change[-_ ]this|replace|redacted|removed|insert|foobar|enter[-_ ]|"
    "your[-_ ]?(?:api|own|key|token|secret|password|access|account|hf|openai|org|name|user|client|private|auth|project|"
    "bot|app)|my[-_]?(?:secret|token|password|api[-_]?key|key)\\b|some[-_]?(?:secret|token|password|key)|"
    "test[-_]?(?:token|secret|password|key)|not[-_]?(?:a|real|the)[-_]|(?-i:xxxx|XXXX)|\\*\\*\\*|\\.\\.\\.|____|-----|0000000|"
    "1111111|deadbeef|abcdefgh|abcd1234|12345678|987654321|qwertyui|asdfghj|"
    "(?:password|passphrase|phrase|key|token|secret|name|value|id)[-_ ]here\\b"
)
_SHORT_WORDS = "sample|hidden|masked|dummy|fake|lorem|todo|fixme"
_AS_WRITTEN = "|".join([_SHORT_WORDS, _SHORT_WORDS.upper(), _SHORT_WORDS.title()])
"""In one case, as people write a word: in any, one random token of seven thousand held such a one."""
_STAND_IN = re.compile(f"{_LONG_WORDS}|(?-i:{_AS_WRITTEN})", re.IGNORECASE)
_STAND_IN_OF_LONG = re.compile(
    f"{_LONG_WORDS}|(?<![A-Za-z0-9])(?:{_SHORT_WORDS})(?![A-Za-z0-9])".replace("xxxx|XXXX", "x{6}|X{6}"), re.IGNORECASE
)
_LONG = 64
"""From this length on, four random characters spell some short word too often to count."""
_REFERENCE = re.compile(
    r"\$\{?[A-Za-z_(]|\{\{|\}\}|^\{[\w.\[\]'\"!:-]*\}$"
    r"|<[\w:. -]{1,60}>|<[^<>]{0,60}>?$|^<|%\(\w+\)s|^%s$|^%\w+%?$|^@\w+@?$|\$\(|^#\{|^:\w+$|^\[.*\]$",
)
_RUN = re.compile(r"(.)\1{6,}", re.DOTALL)
_MARK = re.compile(r"^(?:[A-Za-z]{2,10}[_-]){1,3}")
_REPEATED = re.compile(r"(.{1,6}?)\1{3,}", re.DOTALL)


def not_placeholder(value: str, argument: str) -> bool:
    """The value could be real: no stand-in word, variable reference, long run or endless repetition."""
    if len(set(value)) <= min(4, max(1, len(value) // 3)):
        return False
    stand_in = _STAND_IN if len(value) < _LONG else _STAND_IN_OF_LONG
    if stand_in.search(value) or _REFERENCE.search(value):
        return False
    return not _RUN.search(value) and not _mostly_repeated(value) and not _counts(value)


def url_password(value: str, argument: str) -> bool:
    """The password of a URL is a literal: no variable, no stand-in, no word that documentation puts there."""
    if value.lower() in _DOCUMENTED or not not_placeholder(value, ""):
        return len(value) >= 3 and value.lower() not in _DOCUMENTED and _looks_chosen(value)
    return True


_DOCUMENTED = frozenset(
    "password passwd pass pwd secret token user username passw0rd mypassword my-password my_password pw xxx port host "
    "x-oauth-basic x-access-token oauth2 your-password yourpassword userpass userpassword changeit "
    "apikey api_key key string str text foo bar baz none null true false empty".split()
)


def _looks_chosen(value: str) -> bool:
    """A stand-in word inside a longer value with digits may still be a chosen password: `changeme` and a year."""
    if _REFERENCE.search(value) or _RUN.search(value):
        return False
    rest = _STAND_IN.sub("", value)
    return len(rest) >= 6 and any(char.isdigit() for char in rest) and any(char.isalpha() for char in rest)


def _mostly_repeated(value: str) -> bool:
    return any(len(found[0]) * 2 > len(value) for found in _REPEATED.finditer(value))


def _counts(value: str) -> bool:
    """Most neighbours are one apart: `abcdefghijkl`, `0123456789`, `a1b2c3d4e5f6`, behind a vendor's mark as well."""
    if len(value) < 8:
        return False
    marked = _MARK.sub("", value)
    if len(marked) < len(value) and len(marked) >= 16:
        return _counts(marked)
    for step in (1, 2):
        pairs = list(zip(value, value[step:], strict=False))
        if sum(ord(b) - ord(a) in (1, -1) for a, b in pairs) * 10 > len(pairs) * 7:
            return True
    return False
