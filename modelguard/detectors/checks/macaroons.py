"""Macaroons in their second binary form, of which PyPI makes its tokens (libmacaroons, doc/format.txt)."""

from __future__ import annotations

from modelguard.detectors.checks.binary import Malformed
from modelguard.detectors.checks.proofs import decoded
from modelguard.detectors.checks.reading import Reading

_END, _LOCATION, _IDENTIFIER, _SIGNATURE = 0, 1, 2, 6
_SIGNATURE_BYTES = 32


def pypi_macaroon(value: str, argument: str, line: str) -> Reading:
    """`pypi-` and a whole macaroon in base64: a head with location and identifier, caveats, and a signature."""
    raw = decoded(value.removeprefix("pypi-"))
    try:
        return Reading(_is_whole(raw))
    except Malformed:
        return Reading(False)


def _is_whole(raw: bytes) -> bool:
    if raw[:1] != b"\x02":
        return False
    fields, at = _section(raw, 1)
    if [kind for kind, _ in fields] not in ([_LOCATION, _IDENTIFIER], [_IDENTIFIER]):
        return False
    while fields:  # the caveats end with an empty section
        fields, at = _section(raw, at)
    kind, signature, at = _field(raw, at)
    return kind == _SIGNATURE and len(signature) == _SIGNATURE_BYTES and at == len(raw)


def _section(raw: bytes, at: int) -> tuple[list[tuple[int, bytes]], int]:
    fields: list[tuple[int, bytes]] = []
    while True:
        kind, content, at = _field(raw, at)
        if kind == _END:
            return fields, at
        fields.append((kind, content))


def _field(raw: bytes, at: int) -> tuple[int, bytes, int]:
    kind, at = _varint(raw, at)
    if kind == _END:
        return kind, b"", at
    length, at = _varint(raw, at)
    if at + length > len(raw):
        raise Malformed
    return kind, raw[at : at + length], at + length


def _varint(raw: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while at < len(raw) and shift <= 28:
        value |= (raw[at] & 0x7F) << shift
        at += 1
        if not raw[at - 1] & 0x80:
            return value, at
        shift += 7
    raise Malformed
