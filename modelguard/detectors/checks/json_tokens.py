"""JSON Web Tokens (RFC 7519), read: whether they are one, whether they are signed, and when they expire."""

from __future__ import annotations

from modelguard.detectors.checks.expiry import expiring
from modelguard.detectors.checks.proofs import json_object
from modelguard.detectors.checks.reading import Reading
from modelguard.model import Confidence, Severity

_EXAMPLES = (("1234567890", "John Doe"), ("1234567890", "Jane Doe"))
"""`sub` and `name` of the token that jwt.io shows, which documentation everywhere has copied."""
_DEMO = "supabase-demo"
"""`iss` of the keys that every local instance of Supabase has."""
_FOR_PAGES = ("supabase", "anon")
"""`iss` and `role` of the key of a Supabase project that its pages carry (its guide "Understanding API keys")."""


def jwt(value: str, argument: str, line: str) -> Reading:
    """Three parts, of which the first two are JSON objects, the first with `alg` (RFC 7515, section 4.1.1); or five."""
    parts = value.split(".")
    header = json_object(parts[0])
    if header is None or not isinstance(header.get("alg"), str):
        return Reading(False)
    if len(parts) == 5 and isinstance(header.get("enc"), str):
        return Reading(True, "encrypted")
    claims = json_object(parts[1]) if len(parts) == 3 else None
    if claims is None:
        return Reading(False)
    if (claims.get("sub"), claims.get("name")) in _EXAMPLES:
        return Reading(False, "the example token of documentation")
    if header["alg"].lower() == "none":
        return Reading(True, "not signed", Severity.LOW, Confidence.LOW)
    if claims.get("iss") == _DEMO:
        return Reading(False, "a demo key")
    if (claims.get("iss"), claims.get("role")) == _FOR_PAGES:
        return Reading(True, "a key that pages may show", Severity.LOW, Confidence.LOW)
    return expiring(claims.get("exp"), True)
