"""What is read in private keys, however they are written down."""

from __future__ import annotations

import base64
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelguard.detectors.checks import read
from modelguard.detectors.checks.reading import Reading
from modelguard.model import Confidence, Severity

from . import made_keys as made


def key(text: str, argument: str = "") -> Reading:
    return read("private-key", text, argument, "")


@pytest.mark.parametrize(
    ("text", "detail"),
    [
        (made.pem("RSA PRIVATE KEY", made.rsa()), "RSA, 2048 bits, not encrypted"),
        (made.pem("RSA PRIVATE KEY", made.rsa(512)), "RSA, 512 bits, not encrypted"),
        (made.pem("PRIVATE KEY", made.pkcs8("RSA")), "RSA, 1024 bits, not encrypted"),
        (made.pem("PRIVATE KEY", made.rsa(1024)), "RSA, 1024 bits, not encrypted"),
        (made.pem("PRIVATE KEY", made.pkcs8("Ed25519")), "Ed25519, not encrypted"),
        (made.pem("PRIVATE KEY", made.pkcs8("X25519")), "X25519, not encrypted"),
        (made.pem("PRIVATE KEY", made.pkcs8("P-256")), "EC P-256, not encrypted"),
        (made.pem("PRIVATE KEY", made.pkcs8("secp256k1")), "EC secp256k1, not encrypted"),
        (made.pem("EC PRIVATE KEY", made.ec()), "EC P-256, not encrypted"),
        (made.pem("EC PRIVATE KEY", made.ec("06052b81040022", 48)), "EC P-384, not encrypted"),
        (made.pem("DSA PRIVATE KEY", made.dsa()), "DSA, 1024 bits, not encrypted"),
        (made.pem("OPENSSH PRIVATE KEY", made.openssh(), 70), "Ed25519, not encrypted"),
        (made.pem("OPENSSH PRIVATE KEY", made.openssh(b"ssh-rsa"), 70), "RSA, 3072 bits, not encrypted"),
        (made.pem("OPENSSH PRIVATE KEY", made.openssh(b"ecdsa-sha2-nistp256"), 70), "EC P-256, not encrypted"),
        (made.putty(), "RSA, 1024 bits, not encrypted"),
        (made.putty(kind="ssh-ed25519"), "Ed25519, not encrypted"),
    ],
)
def test_a_whole_key_is_named(text: str, detail: str) -> None:
    assert key(text) == Reading(True, detail)


@pytest.mark.parametrize(
    ("text", "passed", "detail"),
    [
        (made.pem("ENCRYPTED PRIVATE KEY", made.encrypted_pkcs8()), True, "private key, encrypted with a passphrase"),
        (
            made.pem("OPENSSH PRIVATE KEY", made.openssh(cipher=b"aes256-ctr")),
            True,
            "Ed25519, encrypted with a passphrase",
        ),
        (made.putty("aes256-cbc"), True, "RSA, 1024 bits, encrypted with a passphrase"),
        (
            made.pem("RSA PRIVATE KEY", bytes(608), head="Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00FF00FF\n"),
            None,
            "encrypted with a passphrase",
        ),
        (
            made.pem("OPENSSH PRIVATE KEY", made.openssh(b"sk-ssh-ed25519@openssh.com")),
            True,
            "Ed25519, of use with its hardware token only",
        ),
    ],
)
def test_a_key_that_needs_something_else_is_less_severe(text: str, passed: bool | None, detail: str) -> None:
    assert key(text) == Reading(passed, detail, Severity.MEDIUM)


WRITTEN = {
    "with the line ends of Windows": lambda lines: "\r\n".join(lines),
    "as one line": lambda lines: " ".join(lines),
    "escaped, as it is viewed": lambda lines: " \n".join(lines),
    "escaped twice": lambda lines: "\\\\n".join(lines),
    "indented": lambda lines: "\n        ".join(lines),
    "joined with plus, line by line": lambda lines: " +\n".join(f'  "{line} \n"' for line in lines),
    "joined with plus, in a line": lambda lines: "+".join(f'"{line} \n"' for line in lines),
    "joined with the line end of PHP": lambda lines: "\n".join(f"'{line}' . PHP_EOL ." for line in lines),
    "appended": lambda lines: "\n".join(f'key.append("{line}").append(System.lineSeparator());' for line in lines),
    "in a list": lambda lines: ",\n".join(f"  '{line}'" for line in lines),
    "commented out": lambda lines: "\n".join(f"# {line}" for line in lines),
    "in a comment of another language": lambda lines: "\n".join(f"// {line}" for line in lines),
    "added in a diff": lambda lines: "\n".join(f"+{line}" for line in lines),
    "quoted in a mail": lambda lines: "\n".join(f"> {line}" for line in lines),
    "in XML": lambda lines: "&#10;".join(lines),
    "in JSON for HTML": lambda lines: " \n".join(lines).replace("+", "\\u002B").replace("=", "\\u003D"),
    "in a URL": lambda lines: "%0A".join(lines).replace("+", "%2B").replace("/", "%2F"),
}


@pytest.mark.parametrize("way", WRITTEN)
@pytest.mark.parametrize(
    "text",
    [
        made.pem("RSA PRIVATE KEY", made.rsa(2048, seed=9)),
        made.pem("EC PRIVATE KEY", made.ec()),
        made.pem("OPENSSH PRIVATE KEY", made.openssh(b"ssh-rsa"), 70),
    ],
)
def test_a_key_is_read_as_source_writes_it(way: str, text: str) -> None:
    written = WRITTEN[way](text.split("\n"))
    assert key(written[written.index("-----BEGIN") :]) == key(text)
    assert key(text).passed


def test_base64_of_a_key_is_read_too() -> None:
    text = base64.b64encode(made.pem("RSA PRIVATE KEY", made.rsa()).encode()).decode()
    assert key(text, "base64") == Reading(True, "RSA, 2048 bits, not encrypted")
    assert key(base64.b64encode(b"-----BEGIN PRIVATE KEY-----").decode(), "base64").passed is False


def test_what_cannot_be_a_key_fails() -> None:
    whole = made.pem("RSA PRIVATE KEY", made.rsa()).split("\n")
    noise = base64.b64encode(random.Random(1).randbytes(900)).decode()
    for text in (
        "\n".join([*whole[:3], "...", *whole[-2:]]),
        "\n".join([*whole[:9], "[snip]", whole[-1]]),
        f"-----BEGIN PRIVATE KEY-----\n{noise}\n-----END PRIVATE KEY-----",
        made.pem("RSA PRIVATE KEY", made.numbers(0, 12345678901, 65537, 99, 3, 5, 7, 9, 11)),
        made.pem("OPENSSH PRIVATE KEY", made.openssh(checks=(7, 8))),
        made.putty(fitting=False),
        made.pem(
            "PUBLIC KEY", made.der(0x30, made.der(0x30, bytes.fromhex(made.DER_OIDS["RSA"])) + made.der(3, b"x" * 99))
        ),
        "PuTTY-User-Key-File-2: ssh-rsa",
        "",
    ):
        assert key(text) == Reading(False, "not a whole key"), text


def test_what_begins_as_a_key_and_is_nearly_whole_proves_nothing() -> None:
    """A log that was cut, or a way of writing that is not understood: it goes on blocking."""
    lines = made.pem("RSA PRIVATE KEY", made.rsa()).split("\n")
    for text in ("\n".join(lines[:-4]), "\n".join([*lines[:12], "strange words between", *lines[12:]])):
        said = key(text)
        assert said.passed is None and said.confidence is Confidence.MEDIUM and said.severity is Severity.CRITICAL


@given(st.binary(max_size=300), st.sampled_from(["PRIVATE KEY", "OPENSSH PRIVATE KEY"]), st.booleans())
def test_any_bytes_are_answered(data: bytes, label: str, magic: bool) -> None:
    assert key(made.pem(label, b"openssh-key-v1\0" * magic + data)).passed in (True, False, None)


@given(st.integers(0, 600), st.integers(0, 255))
def test_a_changed_byte_never_breaks_the_reading(at: int, byte: int) -> None:
    data = bytearray(made.rsa(1024))
    data[at % len(data)] = byte
    assert key(made.pem("RSA PRIVATE KEY", bytes(data))).passed in (True, False, None)


@pytest.mark.parametrize(
    "part",
    [
        "Public-Lines: 1\n",
        "Key-Derivation:",
        "+ ",
        "//",
        "=",
        "\\",
        "\n",
        " ",
        "#",
        '"',
        "M",
        "Version: ",
        "&#",
        "<br ",
        "- ",
    ],
)
def test_no_text_takes_long_to_read(part: str) -> None:
    """A form that is tried from every place, to the end, would take minutes for one of these."""
    heads = ("PuTTY-User-Key-File-3: ssh-rsa\nEncryption: none\nPublic-Lines:", "-----BEGIN PRIVATE KEY-----\n")
    for head in heads:
        assert key(head + part * 100_000).passed is False
    assert read("pgp-key", heads[1] + part * 100_000, "", "").passed is False


def pgp(head: bytes, size: int) -> str:
    block = made.pem("PGP PRIVATE KEY BLOCK", head + b"\x04" + random.Random(3).randbytes(size - 1))
    begin, _, rest = block.partition("\n")
    return "\n".join([begin, "Version: GnuPG v2", "", rest.replace("\n-----END", "\n=Ab3d\n-----END")])


@pytest.mark.parametrize("head", [b"\x95\x01\x00", b"\x94\xff", b"\xc5\xc0\x40", b"\xc5\xff\x00\x00\x01\x00"])
@pytest.mark.parametrize("way", WRITTEN)
def test_a_whole_openpgp_key_passes(head: bytes, way: str) -> None:
    size = 255 if head == b"\x94\xff" else 256
    written = WRITTEN[way](pgp(head, size).split("\n"))
    assert read("pgp-key", written[written.index("-----BEGIN") :], "", "") == Reading(True)


def test_an_openpgp_key_that_is_not_whole_does_not_pass() -> None:
    most, some = pgp(b"\x95\x01\x00", 220), pgp(b"\x95\x01\x00", 90)
    assert read("pgp-key", most, "", "").confidence is Confidence.MEDIUM
    public, other = pgp(b"\x99\x01\x00", 256), pgp(b"\x95\x01\x00\x09", 256)
    for text in (some, public, other, "-----BEGIN PGP PRIVATE KEY BLOCK-----", ""):
        assert read("pgp-key", text, "", "").passed is False
