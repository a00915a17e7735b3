"""What is read in values whose format says more than that they are well formed."""

from __future__ import annotations

import base64
import json
import time
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelguard.detectors.checks import READINGS, read
from modelguard.detectors.checks.reading import Reading
from modelguard.model import Confidence, Severity
from modelguard.rules.templates import expand

DAY = 86_400
AZURE_LINK = "https://a.blob.core.windows.net/c/f?sv=2022-11-02&se={}&sr=c&sp=rl&sig={}"
PASSED, FAILED, NOTHING = Reading(True), Reading(False), Reading()


def base64url(content: object) -> str:
    raw = content if isinstance(content, bytes) else json.dumps(content).encode()
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def token(claims: object, alg: str = "HS256") -> str:
    return f"{base64url({'alg': alg})}.{base64url(claims)}.{expand('<base64url:43>')}"


@given(st.sampled_from(sorted(READINGS)), st.text(max_size=80), st.text(max_size=200))
def test_every_reading_answers_for_any_text(name: str, value: str, line: str) -> None:
    assert isinstance(read(name, value, "32", line + value + line), Reading)


def test_a_json_web_token_has_a_header_and_claims() -> None:
    assert read("jwt", expand("<jwt>"), "", "") == PASSED
    for header in ({}, {"alg": 1}, ["alg"], "alg"):
        assert read("jwt", f"{base64url(header)}.{base64url({})}.x", "", "") == FAILED
    for claims in ("e30", "bm8", base64url([1]), "%%"):
        assert read("jwt", f"{base64url({'alg': 'HS256'})}.{claims}.x", "", "").passed is (claims == "e30")
    for cut in ("eyJ" + "A" * 100_000, base64.b64encode(b"[" * 40_000).decode(), base64url({"alg": "none"}), ""):
        assert read("jwt", cut, "", "") == FAILED
    encrypted = ".".join([base64url({"alg": "RSA-OAEP", "enc": "A256GCM"}), "a", "b", "c", "d"])
    assert read("jwt", encrypted, "", "") == Reading(True, "encrypted")


def test_a_json_web_token_that_has_expired_is_told_of_and_does_not_block() -> None:
    assert read("jwt", token({"exp": 1_600_000_000}), "", "") == Reading(
        True, "expired on 2020-09-13", Severity.LOW, Confidence.LOW
    )
    assert read("jwt", token({"exp": 1_600_000_000_000}), "", "").detail == "expired on 2020-09-13"
    later = time.time() + 9 * DAY
    assert read("jwt", token({"exp": later}), "", "") == Reading(
        True, time.strftime("expires on %Y-%m-%d", time.gmtime(later))
    )
    for odd in ("soon", True, None, 10**400, -5, float("inf"), [1]):
        assert read("jwt", token({"exp": odd}), "", "") == PASSED


def test_a_json_web_token_that_anybody_can_make_is_no_secret() -> None:
    unsigned = token({"sub": "1"}, alg="none")
    assert read("jwt", unsigned, "", "") == Reading(True, "not signed", Severity.LOW, Confidence.LOW)
    example = token({"iat": 1, "name": "John Doe", "sub": "1234567890"})
    assert read("jwt", example, "", "") == Reading(False, "the example token of documentation")
    for issuer, role, passed, detail in (
        ("supabase", "anon", True, "a key that pages may show"),
        ("supabase-demo", "service_role", False, "a demo key"),
    ):
        said = read("jwt", token({"iss": issuer, "role": role, "exp": 1983812996}), "", "")
        assert (said.passed, said.detail) == (passed, detail)
    assert read("jwt", token({"iss": "supabase", "role": "service_role"}), "", "") == PASSED


def aws_id(account: int, prefix: str = "AKIA") -> str:
    return prefix + base64.b32encode(((1 << 79) | account << 39 | 12345).to_bytes(10, "big")).decode()


def test_an_access_key_id_names_its_account() -> None:
    assert read("aws-account", aws_id(123456789012), "", "") == Reading(True, "account 123456789012")
    assert read("aws-account", aws_id(7, "ASIA"), "", "") == Reading(True, "account 000000000007")
    assert read("aws-account", aws_id(10**12), "", "") == FAILED
    assert read("aws-account", "AKIAI" + "ABCDEFG234567AB", "", "") == NOTHING
    assert read("aws-account", "AKIA" + "Q1S89TUV0ABCDEFG", "", "") == FAILED


def test_checksums_of_grafana_and_gitlab() -> None:
    body = expand("glsa_<alnum:32>")
    checksum = zlib.crc32(body.encode()).to_bytes(4, "little").hex()
    assert read("crc32-hex", f"{body}_{checksum}", "", "") == PASSED
    assert read("crc32-hex", f"{body}_{checksum[:-1]}{'0' if checksum[-1] != '0' else '1'}", "", "") == FAILED

    def base36(number: int) -> str:
        digits = ""
        while number:
            number, rest = divmod(number, 36)
            digits = "0123456789abcdefghijklmnopqrstuvwxyz"[rest] + digits
        return digits.rjust(7, "0")

    for form in ("{}.0y", "{}.01.0y"):
        head = form.format(expand("glpat-<base64url:34>"))
        routable = head + base36(zlib.crc32(head.encode()))
        assert read("crc32-base36", routable, "", "") == PASSED
        assert read("crc32-base36", routable.replace("glpat-", "glpat-x"), "", "") == FAILED
    assert read("crc32-base36", expand("glpat-<base64url:20>"), "", "") == NOTHING


@given(st.binary(min_size=32, max_size=32), st.sampled_from("ABCDEFGHIJ"))
def test_base64_of_so_many_bytes(raw: bytes, last: str) -> None:
    text = base64.b64encode(raw).decode()
    for written in (
        text,
        text.rstrip("="),
        text.replace("+", "%2B").replace("=", "%3D"),
        f"base64:{text}",
        base64url(raw),
    ):
        assert read("base64-bytes", written, "32", "") == PASSED
        assert read("base64-bytes", written, "64", "") == FAILED
    changed = text[:42] + last + "="
    assert read("base64-bytes", changed, "32", "").passed is (last in "AEI")


def macaroon(signature: int = 32, location: bytes = b"pypi.org") -> bytes:
    head = b"\x02\x01" + bytes([len(location)]) + location + b"\x02\x24" + b"i" * 36 + b"\x00"
    caveat = b"\x02\x03abc\x00"
    return head + caveat + b"\x00\x06" + bytes([signature]) + b"s" * signature


def test_a_pypi_token_is_a_whole_macaroon() -> None:
    whole = macaroon()
    assert read("pypi-macaroon", "pypi-" + base64url(whole), "", "") == PASSED
    assert read("pypi-macaroon", "pypi-" + base64url(macaroon(location=b"test.pypi.org")), "", "") == PASSED
    for bad in (whole[:-1], whole + b"x", macaroon(31), b"", b"\x01" + whole[1:], b"\x02" + b"\xff" * 20, b"\x02\x00"):
        assert read("pypi-macaroon", "pypi-" + base64url(bad), "", "") == FAILED


def test_a_discord_token_begins_with_an_id_made_since_2015() -> None:
    def bot(seconds: float) -> str:
        snowflake = int((seconds - 1_420_070_400) * 1000) << 22 | 5
        return f"{base64url(str(snowflake).encode())}.abcdef.{expand('<base64url:38>')}"

    assert read("discord-bot", bot(1_700_000_000), "", "") == PASSED
    assert read("discord-bot", bot(time.time() + 30 * DAY), "", "") == FAILED
    assert read("discord-bot", f"{base64url(b'not digits at all!')}.abcdef.x", "", "") == FAILED


def test_a_signed_link_says_when_it_expires() -> None:
    signature = expand("<hex:24>")
    expired = (Severity.LOW, Confidence.LOW)
    for link, detail in (
        (AZURE_LINK.format("2021-05-01T08%3A00%3A00Z", signature), "expired on 2021-05-01"),
        (AZURE_LINK.format("2021-05-01", signature), "expired on 2021-05-01"),
        (f"x?X-Amz-Date=20200101T000000Z&X-Amz-Expires=604800&X-Amz-Signature={signature}", "expired on 2020-01-08"),
        (f"x?X-Goog-Date=20200101T000000Z&X-Goog-Expires=60&X-Goog-Signature={signature}", "expired on 2020-01-01"),
        (f"x?Expires=1600000000&Signature={signature}&Key-Pair-Id=K1", "expired on 2020-09-13"),
    ):
        assert read("signed-url", signature, "", f'curl "{link}" -o x') == Reading(None, detail, *expired)
    later = AZURE_LINK.format("2999-01-01", signature)
    assert read("signed-url", signature, "", later) == Reading(None, "expires on 2999-01-01")
    elsewhere = f"{AZURE_LINK.format('2021-05-01', 'other')} {signature}"
    for line in ("", signature, AZURE_LINK.format("2021-99-99", signature), elsewhere):
        assert read("signed-url", signature, "", line) == NOTHING


@pytest.mark.parametrize(
    ("template", "password", "said"),
    [
        ("postgres://app:{}@db.company.net:5432/x", "<alnum:16>", NOTHING),
        ("postgres://app:{}@10.0.0.5/x", "Tr0ub4dor", NOTHING),
        ("postgres://app:{}@db.company.net/x", "app", "a password that is guessed first"),
        ("amqp://guest:{}@mq:5672//", "guest", "a password that is guessed first"),
        ("postgres://app:{}@db.example.com/x", "<alnum:16>", "for an example host"),
        ("https://app:{}@your-host/x", "<alnum:16>", "for an example host"),
        ("redis://:{}@localhost:6379/0", "s3cret!", "for this machine only"),
        ("redis://:{}@[::1]:6379/0", "s3cret!", "for this machine only"),
        ("Server=localhost,1433;User ID=sa;Password={};", "Str0ng!", "for this machine only"),
        ("DRIVER=x;SERVER=tcp:example.org;UID=me;PWD={};", "Str0ng!", "for an example host"),
        ("Server=sql1.company.net;User ID=svc;Password={};", "svc", "a password that is guessed first"),
        ("Server=sql1.company.net;User ID=svc;Password={};", "<alnum:16>", NOTHING),
    ],
)
def test_where_a_password_opens_something(template: str, password: str, said: Reading | str) -> None:
    value = expand(password)
    reading = read("url-host", value, "", template.format(value))
    if isinstance(said, Reading):
        assert reading == said
    else:
        assert reading.passed is None and reading.detail == said and reading.confidence is Confidence.LOW


def test_a_generated_password_for_this_machine_still_blocks() -> None:
    value = expand("<alnum:20>")
    reading = read("url-host", value, "", f"postgres://app:{value}@127.0.0.1/x")
    assert reading == Reading(None, "for this machine only", Severity.MEDIUM, Confidence.MEDIUM)
