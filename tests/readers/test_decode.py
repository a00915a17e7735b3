"""Values that hide under encodings: each layer, layers in layers, the place in the outer file, and what is too much."""

from __future__ import annotations

import base64
import gzip
import json
import random
import zlib
from collections.abc import Callable

import pytest

from modelguard.inspection import Inspection
from modelguard.model import Finding, GapReason
from modelguard.pipeline import chosen_rules
from modelguard.rules.templates import expand
from modelguard.seen import Seen
from modelguard.settings import Settings

from .memory import Bytes

TOKEN = expand("hf_<alpha:34>")
OTHER = expand("hf_<alpha:34>", 1)
LINE = f'HF_TOKEN="{TOKEN}"\n'.encode()
ONLY = ("hf-user-token", "authorization-basic", "jwt-token", "private-key-pem", "private-key-base64", "url-credentials")
INSPECTION = Inspection(chosen_rules(Settings(only=ONLY)), Settings(), None, frozenset())

b64 = base64.b64encode
LAYERS: dict[str, Callable[[bytes], bytes]] = {
    "base64": b64,
    "hex": lambda data: data.hex().encode(),
    "percent": lambda data: "".join(f"%{byte:02X}" for byte in data).encode(),
    "\\x": lambda data: "".join(f"\\x{byte:02x}" for byte in data).encode(),
    "\\u": lambda data: "".join(f"\\u{byte:04x}" for byte in data).encode(),
    "html": lambda data: "".join(f"&#x{byte:x};" for byte in data).encode(),
    "base64 → gzip": lambda data: b64(gzip.compress(data)),
    "base64 → zlib": lambda data: b64(zlib.compress(data)),
    "base64 → base64": lambda data: b64(b64(data)),
    "base64 → base64 → gzip": lambda data: b64(b64(gzip.compress(data))),
    "base64 → wide characters": lambda data: b64(data.decode().encode("utf-16-le")),
}


def seen_in(data: bytes) -> Seen:
    seen, _ = INSPECTION.do(Bytes(data))
    assert seen is not None
    return seen


def one(data: bytes) -> Finding:
    seen = seen_in(data)
    assert not seen.gaps
    (finding,) = seen.findings
    for text in (finding.preview, finding.excerpt):
        assert TOKEN not in text
        assert base64.b64encode(TOKEN.encode()).decode()[:20] not in text
    return finding


@pytest.mark.parametrize("shift", range(3))
@pytest.mark.parametrize("name", LAYERS)
def test_a_value_in_each_layer_is_told_once_with_its_layers(name: str, shift: int) -> None:
    encoded = LAYERS[name](b" " * shift + LINE)
    finding = one(b"first\nx: " + encoded + b"\nnext line\n")
    assert (finding.rule, finding.place.inner, finding.place.line) == ("hf-user-token", name, 2)
    start, end = finding.place.byte_start, finding.place.byte_end
    if name.startswith(("base64", "hex")):
        assert (start, end, finding.place.column) == (9, 9 + len(encoded), 4)
    else:
        assert (b"first\nx: " + encoded)[start:end] == LAYERS[name](TOKEN.encode())


def test_base64_for_urls() -> None:
    encoded = base64.urlsafe_b64encode(b"\xff\xff\xff" + LINE)
    assert b"_" in encoded
    assert one(b"d=" + encoded).place.byte_start == 2


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\n    ", b"\\n", b"\\r\\n", b'\\n",\n   "', b'"\n  "', b"\n> "])
def test_wrapped_lines_are_one_run(end: bytes) -> None:
    lines = base64.encodebytes(b"some text before " * 30 + LINE + b"some text after " * 20).splitlines()
    encoded = end.join(lines)
    finding = one(b'key: "' + encoded + b'"\nnext words here\n')
    assert (finding.place.byte_start, finding.place.byte_end) == (6, 6 + len(encoded))
    assert (finding.place.line, finding.place.end_line) == (1, 1 + encoded.count(b"\n"))


def test_a_slash_that_json_escapes_belongs_to_the_run() -> None:
    encoded = b64(b"\xff\xff\xff" + b"words in front " * 2 + LINE + b"\xff\xff\xff~~?")
    text = json.dumps({"a": encoded.decode()}).replace("/", "\\/").encode()
    finding = one(text)
    assert text[finding.place.byte_start : finding.place.byte_end] == encoded.replace(b"/", b"\\/")


def test_words_around_a_run_are_not_part_of_it() -> None:
    encoded = b64(LINE)
    finding = one(b"this_is_a_line_before_it\n" + encoded + b"\nand words after it\n")
    assert finding.place.line == finding.place.end_line == 2


@pytest.mark.parametrize("text", [f"u=HF_TOKEN%3D%22{TOKEN}%22", f"HF_TOKEN=3D{TOKEN[:9]}=\n{TOKEN[9:]}\n"])
def test_a_value_among_escapes(text: str) -> None:
    finding = one(text.encode())
    assert finding.place.byte_start == text.index(TOKEN[:9])
    assert text[: finding.place.byte_end].endswith(TOKEN[9:])


def test_two_values_in_one_run_are_two_findings() -> None:
    seen = seen_in(b"x: " + b64(LINE + f"OTHER={OTHER}\n".encode()))
    assert len({finding.fingerprint for finding in seen.findings}) == 2


def test_the_fingerprint_is_that_of_the_value_as_it_is() -> None:
    assert one(LINE).fingerprint == one(b"x: " + b64(LINE)).fingerprint


def test_base64_in_a_file_of_wide_characters() -> None:
    text = "hf_: " + b64(LINE).decode() + "\n"
    finding = one(text.encode("utf-16-le"))
    assert (finding.place.inner, finding.place.byte_start, finding.place.byte_end) == ("base64", 10, 2 * len(text) - 2)


def test_a_rule_that_knows_the_encoded_form_speaks_alone() -> None:
    pem = expand("-----BEGIN RSA PRIVATE KEY-----\n<pem:20>\n-----END RSA PRIVATE KEY-----\n").encode()
    assert one(b"client-key-data: " + b64(pem)).rule == "private-key-base64"
    assert one(b"client-key-data: " + b64(gzip.compress(pem))).rule == "private-key-pem"
    assert one(b"Authorization: Basic " + b64(b"user:" + TOKEN.encode())).rule == "authorization-basic"


def test_a_token_that_carries_another_secret_is_told_beside_it() -> None:
    head, payload, signature = expand("<jwt>").split(".")
    assert one(f"t={head}.{payload}.{signature}".encode()).rule == "jwt-token"
    payload = base64.urlsafe_b64encode(json.dumps({"sub": "1", "token": TOKEN}).encode()).decode().rstrip("=")
    seen = seen_in(f"t={head}.{payload}.{signature}".encode())
    assert {finding.rule for finding in seen.findings} == {"jwt-token", "hf-user-token"}


def test_an_excerpt_beside_a_run_does_not_show_it() -> None:
    encoded = b64(LINE)
    seen = seen_in(f"{OTHER} ".encode() + encoded)
    assert len(seen.findings) == 2
    assert not any(encoded.decode()[:24] in finding.excerpt for finding in seen.findings)


def gaps_in(data: bytes) -> list[str]:
    seen = seen_in(data)
    assert all(gap.reason is GapReason.OVER_BUDGET for gap in seen.gaps)
    return [gap.detail for gap in seen.gaps]


def test_what_is_encoded_more_often_is_a_gap() -> None:
    packed = [LINE]
    for _ in range(4):
        packed.append(b64(gzip.compress(packed[-1])))
    assert one(packed[3]).place.inner == " → ".join(["base64 → gzip"] * 3)
    (gap,) = gaps_in(packed[4])
    assert "more than 3 times" in gap


def test_a_hundred_layers_are_a_gap() -> None:
    data = LINE
    for _ in range(100):
        data = b64(gzip.compress(data))
    assert len(gaps_in(data)) == 1


def test_a_bomb_is_a_gap() -> None:
    (gap,) = gaps_in(b"x: " + b64(gzip.compress(bytes(100_000_000))))
    assert "come out of it" in gap


def test_what_is_cut_is_read_as_far_as_it_goes_and_a_gap() -> None:
    encoded = b64(gzip.compress(LINE + bytes(range(256)) * 40))
    seen = seen_in(b"x: " + encoded[: len(encoded) // 2])
    assert [finding.rule for finding in seen.findings] == ["hf-user-token"]
    assert len(seen.gaps) == 1


@pytest.mark.parametrize(
    "unit", [b"H4sI", b"H4sI\n", b64(b"secret"), b64(b"secret") * 3 + b" ", b"%41%42%43%44 ", b"key=3D"]
)
def test_floods_of_marks_end(unit: bytes) -> None:
    seen_in(unit * (1_000_000 // len(unit)))


def test_pictures_are_no_gap() -> None:
    noise = random.Random(1).randbytes(3_000_000)
    seen = seen_in(b'{"image/png": "' + b64(noise) + b'"}\n' + base64.encodebytes(noise))
    assert not seen.findings and not seen.gaps


def test_a_value_far_inside_a_long_run_of_a_large_file() -> None:
    encoded = b64(b"nothing to see. " * 400_000 + LINE + b"nothing to see. " * 400_000)
    seen = seen_in(b"x: " + encoded)
    assert [finding.rule for finding in seen.findings] == ["hf-user-token"]
