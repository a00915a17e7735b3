"""AWS access key ids, read: the account that they belong to stands in them.

Sixteen characters of base32 follow the prefix. In those made since 2019 the first of the 80 bits is set, and the next
40 are the account's number.
Sources: "AWS Access Key ID Formats" (A. Steele, 2020), "A short note on AWS KEY ID" (T. Be'ery, 2023).
"""

from __future__ import annotations

import base64
import binascii

from modelguard.detectors.checks.reading import Reading

_NEW = 1 << 79
_ACCOUNTS = 10**12


def aws_account(value: str, argument: str, line: str) -> Reading:
    """Base32 with an account number of twelve digits; an older id says nothing of its account."""
    try:
        bits = int.from_bytes(base64.b32decode(value[4:]), "big")
    except (binascii.Error, ValueError):
        return Reading(False)
    if len(value) != 20:
        return Reading(False)
    if not bits & _NEW:
        return Reading()
    account = (bits - _NEW) >> 39
    return Reading(True, f"account {account:012}") if account < _ACCOUNTS else Reading(False)
