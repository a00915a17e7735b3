"""Where a password opens something: one for this machine only, or for a host that nobody has, is a smaller leak."""

from __future__ import annotations

import re

from modelguard.detectors.checks.characters import shannon_entropy
from modelguard.detectors.checks.reading import Reading
from modelguard.model import Confidence, Severity

_HOST = re.compile(r"\[?([\w.:-]{1,253})")
_HOST_SETTING = re.compile(
    r"\b(?:server|data source|host|hostname|addr|address)\s{0,2}=\s{0,2}(?:tcp:)?([\w.:-]{1,253})", re.IGNORECASE
)
_USER_SETTING = re.compile(r"\b(?:uid|user id|user|username)\s{0,2}=\s{0,2}([^;\s\"']{1,64})", re.IGNORECASE)
_LOOPBACK = re.compile(r"(?:[\w-]+\.)*localhost|127(?:\.\d{1,3}){3}|::1|0\.0\.0\.0|host\.docker\.internal|\.")
_EXAMPLE = re.compile(
    r"(?:[\w-]+\.)*(?:example(?:\.(?:com|org|net))?|invalid)|your[_.-]?\w*host\w*|my[_.-]?host|hostname"
)
"""RFC 2606, and what documentation writes. `.test` is not among them: people do run hosts under it."""
_GUESSED_FIRST = frozenset(
    "postgres root admin guest mysql redis mongo mongodb rabbitmq rabbit wordpress drupal test testing demo dev "
    "develop development user sa password1 password123 passw0rd 1234 12345 123456 12345678 admin123 root123 test123 "
    "qwerty letmein welcome".split()
)
_GENERATED = 12


def url_host(value: str, argument: str, line: str) -> Reading:
    """What the host and the user beside a password make of it, in a URL or a connection string."""
    user, host = _around(value, line)
    generated = _looks_generated(value)
    if value.lower() in _GUESSED_FIRST or (value.lower() == user.lower() and not generated):
        return Reading(None, "a password that is guessed first", confidence=Confidence.LOW)
    if _EXAMPLE.fullmatch(host):
        return Reading(None, "for an example host", confidence=Confidence.LOW)
    if _LOOPBACK.fullmatch(host):
        sure = Confidence.MEDIUM if generated else Confidence.LOW
        return Reading(None, "for this machine only", Severity.MEDIUM, sure)
    return Reading()


def _around(value: str, line: str) -> tuple[str, str]:
    """User and host, as far as the line says them."""
    before, found, after = line.partition(f":{value}@")
    if found:
        host = _HOST.match(after)
        return before.rpartition("//")[2], _without_port(host[1]) if host else ""
    user, setting = _USER_SETTING.search(line), _HOST_SETTING.search(line)
    return user[1] if user else "", _without_port(setting[1]) if setting else ""


def _without_port(host: str) -> str:
    name, colon, port = host.rpartition(":")
    return (name if colon and port.isdigit() and ":" not in name else host).lower()


def _looks_generated(value: str) -> bool:
    letters, digits = any(map(str.isalpha, value)), any(map(str.isdigit, value))
    return len(value) >= _GENERATED and letters and digits and shannon_entropy(value) >= 3.0
