"""Hexadecimal digits, in either case, wrapped or not, and what is compressed within."""

from __future__ import annotations

from modelguard.readers.decode.compressed import inflated
from modelguard.readers.decode.interface import Bounds, Hint, Layer
from modelguard.readers.decode.runs import HEX, run_around

_MARK_DIGITS = 8


def read_hex(text: bytes, hint: Hint, bounds: Bounds) -> list[Layer]:
    """What is encoded around a hint. The mark there says where a pair of digits begins."""
    reach = bounds.budget.encoded_bytes // 2
    run = run_around(text, hint.end, HEX, max(bounds.low, hint.end - reach), min(len(text), hint.end + reach))
    joined = run.joined(text)
    at = sum(min(end, hint.end) - start for start, end in run.pieces if start < hint.end)
    first = (at - _MARK_DIGITS) % 2
    size = (len(joined) - first) // 2 * 2
    if size < _MARK_DIGITS:
        return []
    decoded = bytes.fromhex(joined[first : first + size].decode("ascii"))
    start, end = run.pieces[0][0], run.pieces[-1][1]
    within = inflated(decoded, bounds.most)
    if within is not None:
        name, content, cut = within
        return [Layer(f"hex → {name}", content, start, end, cut=cut)]
    return [Layer("hex", decoded, start, end, run.steps(), (2, 1), first)]
