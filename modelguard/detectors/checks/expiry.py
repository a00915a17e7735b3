"""When something expires, and what that makes of a finding: who has it afterwards has nothing."""

from __future__ import annotations

import re
import time
from calendar import timegm

from modelguard.detectors.checks.reading import Reading
from modelguard.model import Confidence, Severity

_MILLISECONDS_FROM = 10**11
_LATEST = 253_402_300_799  # the last second of the year 9999
_PIECE = re.compile(r"[^\s\"'`<>|]+")
_AZURE = re.compile(r"(?:^|[?&;])se=(\d{4}-\d\d-\d\d)(?:T(\d\d)(?:%3A|:)(\d\d))?", re.IGNORECASE)
_SIGNED = re.compile(r"X-(?:Amz|Goog)-Date=(\d{8}T\d{6})Z", re.IGNORECASE)
_LIFETIME = re.compile(r"X-(?:Amz|Goog)-Expires=(\d{1,7})", re.IGNORECASE)
_EPOCH = re.compile(r"[?&;]Expires=(\d{9,11})(?!\d)")


def expiring(seconds: object, passed: bool | None) -> Reading:
    """What the time of expiry, in seconds since 1970 (or in milliseconds, by mistake), makes of a finding."""
    if not isinstance(seconds, int | float) or isinstance(seconds, bool):
        return Reading(passed)
    if seconds >= _MILLISECONDS_FROM:
        seconds //= 1000
    if not 0 < seconds <= _LATEST:
        return Reading(passed)
    day = time.strftime("%Y-%m-%d", time.gmtime(seconds))
    if seconds < time.time():
        return Reading(passed, f"expired on {day}", Severity.LOW, Confidence.LOW)
    return Reading(passed, f"expires on {day}")


def signed_url(value: str, argument: str, line: str) -> Reading:
    """When the signed link that holds this signature expires, as links to Azure, AWS and Google say it themselves."""
    link = next((found[0] for found in _PIECE.finditer(line) if value in found[0]), "")
    return expiring(_end_of(link), None)


def _end_of(link: str) -> int | None:
    """Seconds since 1970; None where the link does not say."""
    azure, signed, lifetime, epoch = (part.search(link) for part in (_AZURE, _SIGNED, _LIFETIME, _EPOCH))
    try:
        if azure:
            day, hour, minute = azure.groups(default="00")
            return timegm(time.strptime(f"{day} {hour}:{minute}", "%Y-%m-%d %H:%M"))
        if signed and lifetime:
            return timegm(time.strptime(signed[1], "%Y%m%dT%H%M%S")) + int(lifetime[1])
    except ValueError:
        return None
    return int(epoch[1]) if epoch else None
