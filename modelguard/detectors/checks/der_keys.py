"""Private keys in DER: PKCS #1 (RFC 8017), SEC 1 (RFC 5915), OpenSSL's DSA, and PKCS #8 (RFC 5958), plain or not."""

from __future__ import annotations

from typing import NamedTuple

from modelguard.detectors.checks.binary import INTEGER, OCTETS, OID, SEQUENCE, Malformed, element, elements, number

_LONGEST_SCALAR = 72  # bytes; that of P-521 has 66


class Key(NamedTuple):
    """What kind of key it is, in words, whether it is encrypted, and whether it works with a hardware token only."""

    kind: str
    encrypted: bool = False
    in_hardware: bool = False


_RSA = (bytes.fromhex("2a864886f70d010101"), bytes.fromhex("2a864886f70d01010a"))
_DSA = bytes.fromhex("2a8648ce380401")
_EC = bytes.fromhex("2a8648ce3d0201")
_EDWARDS = {
    bytes.fromhex("2b6570"): "Ed25519",
    bytes.fromhex("2b6571"): "Ed448",
    bytes.fromhex("2b656e"): "X25519",
    bytes.fromhex("2b656f"): "X448",
}
_CURVES = {
    bytes.fromhex("2a8648ce3d030107"): "P-256",
    bytes.fromhex("2b81040022"): "P-384",
    bytes.fromhex("2b81040023"): "P-521",
    bytes.fromhex("2b81040021"): "P-224",
    bytes.fromhex("2b8104000a"): "secp256k1",
}


def der_key(data: bytes) -> Key:
    """The key that `data` begins with.

    Raises:
        Malformed: there is none, or it is not whole; doubtful where it begins as one.
    """
    tag, start, end = element(data)
    content = data[start:end]
    if tag != SEQUENCE or not content.startswith((b"\x02\x01\x00", b"\x02\x01\x01", b"\x30")):
        raise Malformed
    if end > len(data):
        raise Malformed(doubtful=len(data) * 4 >= end * 3)
    try:
        return _key(elements(content))
    except Malformed:
        raise Malformed(doubtful=len(data) > end + 2) from None  # what is too long is mixed with something else


def _key(parts: list[tuple[int, bytes]]) -> Key:
    tags = [tag for tag, _ in parts]
    if tags[:3] == [INTEGER, SEQUENCE, OCTETS]:
        return _pkcs8(parts[1][1], parts[2][1])
    if tags == [SEQUENCE, OCTETS] and [tag for tag, _ in elements(parts[0][1])[:1]] == [OID]:
        return Key("private key", encrypted=True)
    if tags[:2] == [INTEGER, OCTETS]:
        return Key(_elliptic(parts, b""))
    if tags[:9] == [INTEGER] * 9:
        return Key(_rsa([number(content) for _, content in parts[:6]]))
    if tags == [INTEGER] * 6:
        return Key(f"DSA, {number(parts[1][1]).bit_length()} bits")
    raise Malformed


def _pkcs8(algorithm: bytes, wrapped: bytes) -> Key:
    (tag, oid), *parameters = elements(algorithm) or [(0, b"")]
    if tag != OID:
        raise Malformed
    if oid in _EDWARDS:
        if [tag for tag, _ in elements(wrapped)] != [OCTETS]:
            raise Malformed
        return Key(_EDWARDS[oid])
    if oid == _DSA:
        prime = elements(parameters[0][1])[:1] if parameters else []
        return Key(f"DSA, {number(prime[0][1]).bit_length()} bits" if prime else "DSA")
    if oid not in _RSA and oid != _EC:
        return Key("private key")
    (tag, inner), *rest = elements(wrapped) or [(0, b"")]
    if tag != SEQUENCE or rest:
        raise Malformed
    parts = elements(inner)
    if oid == _EC:
        return Key(_elliptic(parts, parameters[0][1] if parameters else b""))
    if [tag for tag, _ in parts[:9]] != [INTEGER] * 9:
        raise Malformed
    return Key(_rsa([number(content) for _, content in parts[:6]]))


def _rsa(numbers: list[int]) -> str:
    """Version, modulus, public and private exponent, two primes: the modulus is their product, or nothing fits."""
    version, modulus, public, _, first, second = numbers
    if modulus == 0 or public < 3 or (version == 0 and first and modulus != first * second):
        raise Malformed
    return f"RSA, {modulus.bit_length()} bits"


def _elliptic(parts: list[tuple[int, bytes]], curve: bytes) -> str:
    """`[1, scalar, [0] curve, [1] public key]`; in PKCS #8 the curve stands outside."""
    if [tag for tag, _ in parts[:2]] != [INTEGER, OCTETS] or not 0 < len(parts[1][1]) <= _LONGEST_SCALAR:
        raise Malformed
    for tag, content in parts[2:]:
        if tag == 0xA0:
            named = elements(content)
            curve = named[0][1] if named else curve
    return f"EC {_CURVES[curve]}" if curve in _CURVES else "EC"
