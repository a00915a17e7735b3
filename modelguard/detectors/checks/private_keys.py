"""Private keys, read as what they say they are: kind and size, whether a passphrase guards them, or no key at all.

Only what cannot be a key fails. What begins as one and does not add up (cut short, or written in a way that is not
understood here) proves nothing.
"""

from __future__ import annotations

from modelguard.detectors.checks.binary import Malformed
from modelguard.detectors.checks.der_keys import Key, der_key
from modelguard.detectors.checks.key_text import bodies, decoded_bodies, is_encrypted
from modelguard.detectors.checks.reading import Reading
from modelguard.detectors.checks.ssh_keys import MAGIC, openssh_key, putty_key
from modelguard.model import Confidence, Severity

_BLOCK = 8  # bytes; the smallest of the ciphers that PEM names
_LEAST = 48  # bytes of a ciphertext: an EC key has 121


def private_key(value: str, argument: str, line: str) -> Reading:
    """A private key in PEM, in OpenSSH's or PuTTY's form; with the argument `base64`, all of that in base64 again."""
    if argument == "base64":
        value = next(decoded_bodies(value), b"").decode("latin-1")
    if is_encrypted(value):
        return _ciphertext(value)
    try:
        return _told(putty_key(value) if value.startswith("PuTTY") else _pem_key(value))
    except Malformed as problem:
        if problem.doubtful:
            return Reading(None, "not a whole key as far as can be seen", confidence=Confidence.MEDIUM)
        return Reading(False, "not a whole key")


def _pem_key(block: str) -> Key:
    doubtful = False
    for data in bodies(block):
        try:
            return openssh_key(data) if data.startswith(MAGIC) else der_key(data)
        except Malformed as problem:
            doubtful = doubtful or problem.doubtful
    raise Malformed(doubtful)


def _ciphertext(block: str) -> Reading:
    """A body that is encrypted as a whole shows nothing but its length."""
    if any(len(data) >= _LEAST and len(data) % _BLOCK == 0 for data in bodies(block)):
        return Reading(None, "encrypted with a passphrase", Severity.MEDIUM)
    return Reading(False, "not a whole key", Severity.MEDIUM)


def _told(key: Key) -> Reading:
    if key.encrypted:
        return Reading(True, f"{key.kind}, encrypted with a passphrase", Severity.MEDIUM)
    if key.in_hardware:
        return Reading(True, f"{key.kind}, of use with its hardware token only", Severity.MEDIUM)
    return Reading(True, f"{key.kind}, not encrypted")
