"""Private keys of OpenSSH (its PROTOCOL.key) and PuTTY (its manual, appendix C)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from modelguard.detectors.checks.binary import Malformed, number, ssh_strings
from modelguard.detectors.checks.der_keys import Key
from modelguard.detectors.checks.key_text import decoded_bodies

MAGIC = b"openssh-key-v1\0"
_CURVES = {b"nistp256": "P-256", b"nistp384": "P-384", b"nistp521": "P-521"}
_SHORT = 180
"""Bytes; the smallest key, Ed25519's, has about 230, and a sample that shows but the first lines fewer."""
_PUTTY = re.compile(r"PuTTY-User-Key-File-[123]:\s*([\w-]+)[^\w]{1,40}Encryption:\s*([\w-]+)")
_COUNT = re.compile(r"\s*\d{1,4}")


def openssh_key(data: bytes) -> Key:
    """The key in what follows the magic word. Raises `Malformed` as `der_key` does."""
    try:
        (cipher, _, _), at = ssh_strings(data, 3, len(MAGIC))
        (public, private), _ = ssh_strings(data, 2, at + 4)  # between them, the number of keys
    except Malformed:
        raise Malformed(doubtful=len(data) >= _SHORT) from None
    name, kind = _kind(public)
    if cipher != b"none":
        return Key(kind, encrypted=True)
    in_hardware = name.startswith(b"sk-")
    if private[:4] != private[4:8] or ssh_strings(private, 1, 8)[0] != [name]:
        raise Malformed
    return Key(kind, in_hardware=in_hardware)


def putty_key(text: str) -> Key:
    """The key in a PuTTY file. Raises `Malformed` as `der_key` does."""
    head, _, rest = text.partition("Public-Lines:")
    public_part, _, private_part = rest.partition("Private-Lines:")
    found = _PUTTY.match(head)
    if found is None:
        raise Malformed
    for public in _bodies(public_part.partition("Key-Derivation:")[0]):
        try:
            name, kind = _kind(public)
        except Malformed:
            continue
        if name.decode("latin-1") != found[1]:
            continue
        if found[2] != "none":
            return Key(kind, encrypted=True)
        if any(_belongs(name, public, private) for private in _bodies(private_part.partition("Private-MAC")[0])):
            return Key(kind)
    raise Malformed


def _bodies(part: str) -> Iterator[bytes]:
    """What may stand in a part of a PuTTY file, behind the number of its lines."""
    count = _COUNT.match(part)
    return decoded_bodies(part[count.end() :] if count else part)


def _belongs(name: bytes, public: bytes, private: bytes) -> bool:
    """Whether the private primes make the public modulus; of other kinds than RSA, whether there is anything."""
    if name != b"ssh-rsa":
        return bool(private)
    try:
        (_, _, modulus), _ = ssh_strings(public, 3)
        (_, first, second), _ = ssh_strings(private, 3)
    except Malformed:
        return False
    return number(first) * number(second) == number(modulus)


def _kind(public: bytes) -> tuple[bytes, str]:
    """The name that a public key begins with, and the same in words."""
    (name,), at = ssh_strings(public, 1)
    base = name.partition(b"@")[0].removeprefix(b"sk-")
    if base == b"ssh-rsa":
        (_, modulus), _ = ssh_strings(public, 2, at)
        said = f"RSA, {number(modulus).bit_length()} bits"
    elif base == b"ssh-dss":
        (prime,), _ = ssh_strings(public, 1, at)
        said = f"DSA, {number(prime).bit_length()} bits"
    elif base in (b"ssh-ed25519", b"ssh-ed448"):
        said = base.decode()[4:].capitalize()
    elif base.startswith(b"ecdsa-sha2-"):
        said = f"EC {_CURVES.get(base[11:], '')}".rstrip()
    else:
        raise Malformed
    return name, said
