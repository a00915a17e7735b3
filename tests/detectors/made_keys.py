"""Private keys made up when a test runs: whole in form, and of no use to anybody, since their primes are none."""

from __future__ import annotations

import base64
import hashlib
import random

DER_OIDS = {
    "RSA": "06092a864886f70d0101010500",
    "Ed25519": "06032b6570",
    "X25519": "06032b656e",
    "P-256": "06072a8648ce3d020106082a8648ce3d030107",
    "secp256k1": "06072a8648ce3d020106052b8104000a",
}


def der(tag: int, content: bytes) -> bytes:
    """One DER element."""
    if len(content) < 0x80:
        return bytes([tag, len(content)]) + content
    size = (len(content).bit_length() + 7) // 8
    return bytes([tag, 0x80 | size]) + len(content).to_bytes(size, "big") + content


def integer(value: int) -> bytes:
    """A DER integer."""
    return der(2, value.to_bytes(value.bit_length() // 8 + 1, "big"))


def numbers(*values: int) -> bytes:
    """A DER sequence of integers."""
    return der(0x30, b"".join(map(integer, values)))


def odd(bits: int, source: random.Random) -> int:
    """An odd number of exactly so many bits."""
    return source.getrandbits(bits) | 3 << bits - 2 | 1


def rsa(bits: int = 2048, seed: int = 0) -> bytes:
    """PKCS #1."""
    source = random.Random(seed)
    first, second = odd(bits // 2, source), odd(bits // 2, source)
    other = [odd(bits // 2, source) for _ in range(3)]
    return numbers(0, first * second, 65537, odd(bits, source), first, second, *other)


def dsa(bits: int = 1024) -> bytes:
    """OpenSSL's form of a DSA key."""
    source = random.Random(1)
    return numbers(0, odd(bits, source), *(odd(160, source) for _ in range(4)))


def ec(curve: str = "06082a8648ce3d030107", scalar: int = 32) -> bytes:
    """SEC 1."""
    scalar_bytes = random.Random(2).randbytes(scalar)
    return der(0x30, integer(1) + der(4, scalar_bytes) + der(0xA0, bytes.fromhex(curve)))


def pkcs8(kind: str) -> bytes:
    """PKCS #8 of one of `DER_OIDS`."""
    inner = {"RSA": rsa(1024), "P-256": ec(), "secp256k1": der(0x30, integer(1) + der(4, bytes(range(32))))}
    wrapped = inner.get(kind) or der(4, random.Random(3).randbytes(32))
    return der(0x30, integer(0) + der(0x30, bytes.fromhex(DER_OIDS[kind])) + der(4, wrapped))


def encrypted_pkcs8() -> bytes:
    """PKCS #8 under a passphrase (PBES2)."""
    return der(
        0x30, der(0x30, bytes.fromhex("06092a864886f70d01050d") + der(0x30, b"")) + der(4, bytes(range(256)) * 2)
    )


def ssh(*strings: bytes) -> bytes:
    """Strings as SSH writes them."""
    return b"".join(len(text).to_bytes(4, "big") + text for text in strings)


def mpint(value: int) -> bytes:
    """A number as the string that SSH writes."""
    return value.to_bytes(value.bit_length() // 8 + 1, "big")


def openssh(kind: bytes = b"ssh-ed25519", cipher: bytes = b"none", checks: tuple[int, int] = (7, 7)) -> bytes:
    """OpenSSH's own form."""
    modulus = odd(3072, random.Random(4))
    public = {b"ssh-rsa": [mpint(65537), mpint(modulus)], b"ecdsa-sha2-nistp256": [b"nistp256", bytes(65)]}
    said = ssh(kind, *public.get(kind, [random.Random(5).randbytes(32)]))
    private = b"".join(check.to_bytes(4, "big") for check in checks) + said + ssh(random.Random(6).randbytes(96), b"me")
    options = b"" if cipher == b"none" else ssh(bytes(16)) + bytes([0, 0, 0, 16])
    one = (1).to_bytes(4, "big")
    return b"openssh-key-v1\0" + ssh(cipher, b"none" if not options else b"bcrypt", options) + one + ssh(said, private)


def pem(label: str, data: bytes, width: int = 64, head: str = "") -> str:
    """A PEM block."""
    text = base64.b64encode(data).decode()
    lines = [text[at : at + width] for at in range(0, len(text), width)]
    return "\n".join([f"-----BEGIN {label}-----", *([head] if head else []), *lines, f"-----END {label}-----"])


def putty(cipher: str = "none", kind: str = "ssh-rsa", fitting: bool = True) -> str:
    """A PuTTY file of version 2; `fitting`: the primes make the modulus."""
    source = random.Random(8)
    first, second = odd(512, source), odd(512, source)
    public = ssh(kind.encode(), mpint(65537), mpint(first * second if fitting else odd(1024, source)))
    if kind != "ssh-rsa":
        public = ssh(kind.encode(), source.randbytes(32))
    private = ssh(mpint(odd(1024, source)), mpint(first), mpint(second), mpint(5))
    parts = []
    for name, blob in (("Public", public), ("Private", private)):
        lines = pem("x", blob).split("\n")[1:-1]
        parts.append(f"{name}-Lines: {len(lines)}\n" + "\n".join(lines))
    mac = hashlib.sha1(public).hexdigest()
    return f"PuTTY-User-Key-File-2: {kind}\nEncryption: {cipher}\nComment: me@here\n{parts[0]}\n{parts[1]}\nPrivate-MAC: {mac}"
