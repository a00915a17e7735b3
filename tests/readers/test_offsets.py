"""Where a value is, to the byte, the line and the column, in every encoding that a text may have."""

from __future__ import annotations

import codecs

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from modelguard.inspection import Inspection
from modelguard.model import Finding
from modelguard.pipeline import chosen_rules
from modelguard.rules.templates import expand
from modelguard.settings import Settings

from .memory import Bytes

TOKEN = expand("hf_<alpha:34>")
ONE_BYTE = ("utf-8", "utf-8-sig")
WIDE = ("utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be")
BOMS = {
    "utf-16-le": codecs.BOM_UTF16_LE,
    "utf-16-be": codecs.BOM_UTF16_BE,
    "utf-32-le": codecs.BOM_UTF32_LE,
    "utf-32-be": codecs.BOM_UTF32_BE,
}
INSPECTION = Inspection(chosen_rules(Settings(only=("hf-user-token",))), Settings(), None, frozenset())

line_ends = st.sampled_from(["\n", "\r\n"])
ascii_text = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=20)
any_text = st.text(st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\ufeff"), max_size=20)
before_a_value = st.sampled_from(["", " ", '"', "=", "(", "\t"])


def found(data: bytes) -> list[Finding]:
    seen, parts = INSPECTION.do(Bytes(data))
    assert seen is not None and not parts and not seen.gaps
    return list(seen.findings)


def expected(text: str, at: int) -> tuple[int, int]:
    """Line and column, counted from 1, of the character at `at`."""
    lines = text[:at].split("\n")
    return len(lines), len(lines[-1]) + 1


def check(text: str, data: bytes, codec: str) -> None:
    """Every planted token is found, once, at its true place."""
    starts = [at for at in range(len(text)) if text.startswith(TOKEN, at)]
    findings = found(data)
    assert len(findings) == len(starts)
    for finding, at in zip(findings, starts, strict=True):
        place = finding.place
        assert data[place.byte_start : place.byte_end].decode(codec) == TOKEN
        assert (place.line, place.column) == expected(text, at)
        assert (place.end_line, place.end_column) == expected(text, at + len(TOKEN))


def planted(lines: list[tuple[str, str, bool]], end: str) -> str:
    """Lines of text, some with the token behind a separator."""
    return end.join(f"{text}{glue}{TOKEN} " if leaks else text for text, glue, leaks in lines)


def written_lines(text: st.SearchStrategy[str]) -> st.SearchStrategy[list[tuple[str, str, bool]]]:
    separated = st.tuples(text.map(lambda words: f"{words};"), before_a_value, st.booleans())
    return st.lists(separated, max_size=5)


@given(written_lines(any_text), line_ends, st.sampled_from(ONE_BYTE))
@example([("日本語 🔑 ñ;", '"', True)], "\r\n", "utf-8-sig")
@example([("", "", True)], "\n", "utf-8-sig")
def test_utf8(lines: list[tuple[str, str, bool]], end: str, codec: str) -> None:
    text = planted(lines, end)
    check(text, text.encode(codec), "utf-8")


@given(written_lines(st.text(st.characters(min_codepoint=0xA0, max_codepoint=0xFF), min_size=1)), line_ends)
def test_latin1(lines: list[tuple[str, str, bool]], end: str) -> None:
    text = planted([(f"{words}\xe9;", glue, leaks) for words, glue, leaks in lines], end)
    check(text, text.encode("latin-1"), "latin-1")


@given(written_lines(any_text), line_ends, st.sampled_from(WIDE), st.booleans())
def test_wide_text(lines: list[tuple[str, str, bool]], end: str, codec: str, marked: bool) -> None:
    """Without a mark the first characters say what it is."""
    text = ("" if marked else "# configuration" + end) + planted(lines, end)
    check(text, (BOMS[codec] if marked else b"") + text.encode(codec), codec)


@given(st.lists(st.tuples(st.binary(max_size=40), st.booleans()), max_size=6))
@example([(b"\0" * 7, True), (b"\n\0\r\n\xff", True)])
def test_bytes_that_are_no_text(pieces: list[tuple[bytes, bool]]) -> None:
    data = b"\0\xff" + b"".join(piece + b" " + TOKEN.encode() * leaks + b" " for piece, leaks in pieces)
    starts = [at for at in range(len(data)) if data.startswith(TOKEN.encode(), at)]
    findings = found(data)
    assert [finding.place.byte_start for finding in findings] == starts
    for finding, at in zip(findings, starts, strict=True):
        assert data[at : finding.place.byte_end] == TOKEN.encode()
        assert finding.place.line == data.count(b"\n", 0, at) + 1


@pytest.mark.parametrize("before", [r'{"a": "x\n', r"'\t", r'"api_key=\"', r'["a", "\"', r"\u0022"])
@pytest.mark.parametrize("after", [r'\n"}', r"\"", '"', ""])
def test_escapes_before_a_value(before: str, after: str) -> None:
    text = f"line\n{before}{TOKEN}{after}"
    check(text, text.encode(), "utf-8")


@pytest.mark.parametrize("codec", ["utf-8", *WIDE])
@pytest.mark.parametrize("size", [0, 1, 3, 4095, 70_001])
def test_one_long_line(codec: str, size: int) -> None:
    text = "é" * size + " " + TOKEN
    check(text, BOMS.get(codec, b"") + text.encode(codec), codec)


def test_a_lone_carriage_return_ends_no_line() -> None:
    text = f"a\rb\r{TOKEN}\rc\n{TOKEN}"
    check(text, text.encode(), "utf-8")


@pytest.mark.parametrize("shift", range(8))
@pytest.mark.parametrize("codec", WIDE)
def test_wide_text_inside_a_binary_file_at_any_address(codec: str, shift: int) -> None:
    data = b"\xfe" * (1000 + shift) + f"token={TOKEN};".encode(codec) + b"\xfe" * 100
    (finding,) = found(data)
    width = 4 if "32" in codec else 2
    start = data.index(TOKEN.encode(codec))
    slack = width - 1 if codec.endswith("be") else 0  # the NULs before the first letter may go to the character before
    assert start <= finding.place.byte_start <= start + slack
    assert finding.place.byte_end - finding.place.byte_start == width * len(TOKEN)
