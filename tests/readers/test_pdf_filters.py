"""Filters of PDF streams and chains of them: what comes out is as it was; bombs and damage."""

from __future__ import annotations

import base64
import random
import zlib

import pytest

from modelguard.budget import Budget
from modelguard.model import GapReason
from modelguard.readers.documents.pdf_filters import unpacked_lzw, unpacked_runs, unpredicted
from modelguard.readers.interface import Limits, OverBudget
from tests.readers.opened import RULES, bears_damage, places, scanned, values
from tests.readers.test_pdf import page

VALUES = values()
TEXT = b"line of words\n" * 30 + VALUES.hub.encode() + b"\n" + b"and the end\n" * 30
MOST = 1 << 26


def lzw(data: bytes, early: int = 1) -> bytes:
    """As the TIFF 6.0 specification writes it, section 13."""
    bits: list[str] = ["100000000"]
    table = {bytes([byte]): byte for byte in range(256)}
    width, following, run = 9, 258, b""
    for byte in data:
        longer = run + bytes([byte])
        if longer in table:
            run = longer
            continue
        bits.append(f"{table[run]:0{width}b}")
        table[longer] = following
        following += 1
        width += following + early > 1 << width and width < 12
        run = bytes([byte])
        if following == 4094:
            bits.append(f"{256:0{width}b}")
            table = {bytes([each]): each for each in range(256)}
            width, following = 9, 258
    bits.append(f"{table[run]:0{width}b}")
    width += following + 1 + early > 1 << width and width < 12
    bits.append(f"{257:0{width}b}")
    written = "".join(bits)
    written += "0" * (-len(written) % 8)
    return int(written, 2).to_bytes(len(written) // 8, "big")


def runs(data: bytes) -> bytes:
    out = b""
    for at in range(0, len(data), 100):
        part = data[at : at + 100]
        one = len(part) > 1 and len(set(part)) == 1
        out += bytes([257 - len(part), part[0]]) if one else bytes([len(part) - 1]) + part
    return out + b"\x80"


def predicted(data: bytes, kind: int, width: int) -> bytes:
    """Rows of PNG: each byte less what the kind makes of its neighbours."""
    data = data.ljust(-(-len(data) // width) * width)
    out = b""
    for at in range(0, len(data), width):
        row, above = data[at : at + width], data[at - width : at] if at else bytes(width)
        out += bytes([kind])
        for place, byte in enumerate(row):
            left = row[place - 1] if place else 0
            corner = above[place - 1] if place else 0
            near = left + above[place] - corner
            paeth = min((left, above[place], corner), key=lambda each: abs(near - each))
            out += bytes([(byte - (0, left, above[place], (left + above[place]) // 2, paeth)[kind]) & 0xFF])
    return out


CHAINS = {
    "LZW": (b"/LZWDecode", lzw(TEXT)),
    "LZW, by its other name": (b"[/LZW]", lzw(TEXT)),
    "LZW, late": (b"/LZWDecode /DecodeParms << /EarlyChange 0 >>", lzw(TEXT * 20, 0)),
    "runs": (b"/RunLengthDecode", runs(b"a" * 300 + TEXT)),
    "letters, wrapped": (
        b"[/ASCII85Decode /FlateDecode]",
        base64.a85encode(zlib.compress(TEXT), wrapcol=60, adobe=True),
    ),
    "digits, LZW, runs": (b"[/AHx /LZW /RL]", lzw(runs(TEXT)).hex().encode() + b">"),
    **{
        f"rows, {kind}": (
            b"[/A85 /Fl] /DecodeParms [null << /Predictor 15 /Columns 20 >>]",
            base64.a85encode(zlib.compress(predicted(TEXT, kind, 20))) + b"~>",
        )
        for kind in range(5)
    },
    "rows, LZW": (b"/LZWDecode /DecodeParms << /Predictor 12 /Columns 14 >>", lzw(predicted(TEXT, 2, 14))),
}


@pytest.mark.parametrize("name", CHAINS)
def test_chains(name: str) -> None:
    filters, content = CHAINS[name]
    made = b"<< /Length %d /Filter %b >>\nstream\n%b\nendstream" % (len(content), filters, content)
    seen = scanned(page(b"", (8, made)), "a.pdf")
    assert {finding.rule for finding in seen.findings} == {RULES.hub}
    assert {finding.place.inner for finding in seen.findings} == {"object 8"}
    assert not seen.gaps


@pytest.mark.parametrize("early", [0, 1])
@pytest.mark.parametrize("seed", range(5))
def test_lzw_comes_out_as_it_was(early: int, seed: int) -> None:
    chance = random.Random(seed)
    data = bytes(chance.choices(range(1 << chance.randrange(1, 9)), k=20_000)) + b"a" * 5000
    assert unpacked_lzw(lzw(data, early), early, Limits(Budget()), MOST) == (data, True)


def test_rows_of_pictures_with_several_bytes() -> None:
    parameters = {"Predictor": 2, "Colors": 3, "Columns": 2}
    assert unpredicted(bytes([1, 2, 3, 1, 1, 1]), parameters, lambda: None) == bytes([1, 2, 3, 2, 3, 4])
    assert unpredicted(b"abc", {"Predictor": 12, "Columns": 0}, lambda: None) == b"abc"


def test_a_stream_of_nothing_is_no_gap() -> None:
    seen = scanned(page(b"", (8, b"<< /Length 0 /Filter /FlateDecode >>\nstream\n\nendstream")), "a.pdf")
    assert not seen.gaps


def test_a_file_in_it_has_its_name() -> None:
    content = zlib.compress(b"a\nHF_TOKEN=" + VALUES.hub.encode())
    data = page(
        b"",
        (7, b"<< /Type /Filespec /F (.env) /EF << /F 8 0 R >> >>"),
        (8, b"<< /Length %d /Filter /FlateDecode >>\nstream\n%b\nendstream" % (len(content), content)),
    )
    assert places(scanned(data, "a.pdf")) == {RULES.hub: ".env"}


def test_what_has_no_end_is_a_gap() -> None:
    content = lzw(TEXT)[:-2]
    data = page(b"", (8, b"<< /Length %d /Filter /LZW >>\nstream\n%b\nendstream" % (len(content), content)))
    seen = scanned(data, "a.pdf")
    assert [(gap.reason, gap.inner) for gap in seen.gaps] == [(GapReason.MALFORMED, "object 8")]
    assert places(seen) == {RULES.hub: "object 8"}


def test_bombs_end() -> None:
    limits = Limits(Budget(opened_bytes=1 << 20))
    with pytest.raises(OverBudget):
        unpacked_lzw(lzw(b"a" * 6_000_000), 1, limits, MOST)
    with pytest.raises(OverBudget):
        unpacked_runs(b"\x81a" * 20_000 + b"\x80", Limits(Budget(opened_bytes=1 << 20)), MOST)
    assert len(unpacked_runs(b"\x81a" * 20_000, Limits(Budget()), 1000).data) < 1200


def test_damage() -> None:
    filters, content = CHAINS["rows, LZW"]
    made = b"<< /Length %d /Filter %b >>\nstream\n%b\nendstream" % (len(content), filters, content)
    bears_damage(page(b"", (8, made)), "a.pdf")
