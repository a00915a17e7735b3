"""Bytes that are no ordinary text: findings with true places, or nothing, and always an end."""

from __future__ import annotations

import codecs
from pathlib import Path

import pytest

from modelguard import ScanResult, scan
from modelguard.model import GapReason
from modelguard.rules.templates import expand
from modelguard.settings import Settings

WINDOW = 4 * 1024 * 1024


def scanned(path: Path, content: bytes, jobs: int = 1) -> ScanResult:
    path.write_bytes(content)
    return scan(str(path), settings=Settings(jobs=jobs))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "file.txt"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\0",
        b"\0" * 1_000_000,
        b"\xff" * 1_000_000,
        b"\n" * 1_000_000,
        b"\r" * 100_000,
        bytes(range(256)) * 4000,
        b"hf_" * 100_000,
        b"-----BEGIN PRIVATE KEY-----\n" * 10_000,
        b'"' * 500_000,
        b"\\" * 500_000,
        b"\\n" * 500_000,
        b"token=" * 100_000,
        b"://:" * 100_000,
        "é".encode() * 100_000,
        "é".encode("utf-16-le") * 100_000,
        codecs.BOM_UTF32_LE * 1000,
    ],
    ids=lambda content: repr(content[:8]),
)
def test_it_ends_without_a_finding_and_without_a_gap(path: Path, content: bytes) -> None:
    result = scanned(path, content)
    assert (result.findings, result.gaps, result.exit_status) == ((), (), 0)
    assert (result.stats.blobs, result.stats.bytes) == (1, len(content))


@pytest.mark.parametrize("before", [b"", b"x" * 100_000 + b" ", b" " * 3_000_000, b"\0" * 5000, b"\xff" * 5000])
@pytest.mark.parametrize("after", [b"", b" " + b"y" * 100_000, b"\0", b"\xff"])
def test_a_token_is_found_whatever_stands_around_it(path: Path, token: str, before: bytes, after: bytes) -> None:
    (finding,) = scanned(path, before + token.encode() + after).findings
    assert (finding.rule, finding.place.byte_start) == ("hf-user-token", len(before))
    assert finding.place.byte_end == len(before) + len(token)
    assert finding.place.line == 1
    assert finding.place.column == (len(before) + 1 if len(before) < 1024 * 1024 else None)
    assert len(finding.excerpt) < 400


@pytest.mark.parametrize(
    "codec", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be", "latin-1"]
)
def test_text_of_any_encoding_has_true_places(path: Path, token: str, codec: str) -> None:
    text = f'first line\r\nsecond = "{token}"  # größe\n'
    content = text.encode(codec)
    (finding,) = scanned(path, content).findings
    assert content[finding.place.byte_start : finding.place.byte_end].replace(b"\0", b"").decode() == token
    assert (finding.place.line, finding.place.column) == (2, 11)
    assert (finding.place.end_line, finding.place.end_column) == (2, 11 + len(token))


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_token_is_found_once_wherever_a_window_ends(path: Path, jobs: int) -> None:
    """Tokens across, just before, at and just after every edge of five windows, and in the overlap of two."""
    tokens = [expand("hf_<alnum:34>", seed=seed) for seed in range(25)]
    content = bytearray(b" " * (5 * WINDOW))
    places = []
    shifts = (-128 * 1024 - 20, -38, -20, -1, 0, 1, 128 * 1024 - 20)
    edges = [edge * WINDOW + shift for edge in range(1, 5) for shift in (shifts[1:2] + shifts[4:5])]
    edges += [WINDOW * 3 + shifts[0], WINDOW * 3 + shifts[6], 0, len(content) - 37]
    for start, value in zip(sorted(edges), tokens, strict=False):
        content[start : start + 37] = value.encode()
        places.append(start)
    result = scanned(path, bytes(content), jobs)
    assert [finding.place.byte_start for finding in result.findings] == places
    assert result.gaps == ()


@pytest.mark.parametrize("shift", [-37, -36, -20, -2, -1, 0, 1])
def test_a_token_across_an_edge(path: Path, token: str, shift: int) -> None:
    content = bytearray(b"\n" * (WINDOW + 1000))
    start = WINDOW + shift
    content[start : start + len(token)] = token.encode()
    (finding,) = scanned(path, bytes(content)).findings
    assert (finding.place.byte_start, finding.place.line, finding.place.column) == (start, start + 1, 1)


def test_a_long_key_across_an_edge(path: Path) -> None:
    key = expand("-----BEGIN PRIVATE KEY-----\n<pem:100>\n-----END PRIVATE KEY-----").encode()
    content = b" " * (WINDOW - 3000) + key + b" " * 1000
    (finding,) = scanned(path, content).findings
    assert (finding.place.byte_start, finding.place.byte_end) == (WINDOW - 3000, WINDOW - 3000 + len(key))


def test_a_flood_of_findings_is_cut_off_and_said(path: Path) -> None:
    text = "\n".join(expand("hf_<alnum:34>", seed=seed) for seed in range(1500))
    result = scanned(path, text.encode())
    assert len(result.findings) == 1000
    assert [gap.reason for gap in result.gaps] == [GapReason.OVER_BUDGET]
    assert result.exit_status == 1


def test_a_flood_on_one_line(path: Path) -> None:
    text = " ".join(expand("hf_<alnum:34>", seed=seed) for seed in range(900))
    result = scanned(path, b" " * 900_000 + text.encode())
    assert len(result.findings) == 900
    assert result.findings[-1].place.column == 900_000 + 899 * 38 + 1


@pytest.mark.parametrize("joint", ["\n", ", "])
def test_a_megabyte_of_passwords_takes_seconds(path: Path, joint: str) -> None:
    """Excerpts hide each other's values; what that costs must not grow with the square of their number."""
    text = joint.join(f'password = "{expand("<alnum:12>", seed)}"' for seed in range(30_000))
    result = scanned(path, f'{text}{joint}x = "{expand("hf_<alnum:34>")}"'.encode())
    assert len(result.findings) == 1000
    assert result.findings[-1].rule == "hf-user-token"  # however many guesses come before it
    assert [gap.reason for gap in result.gaps] == [GapReason.OVER_BUDGET]
    assert result.exit_status == 1
    assert result.stats.seconds < 30  # about 3; it took a minute for four times as many
