"""Matroska and WebM: title, tags, names, attached files; nothing that follows a text is read as more of it."""

from __future__ import annotations

import pytest

from modelguard.model import GapReason
from tests.packed import zipped
from tests.readers.opened import PASSWORD, RULES, bears_damage, places, scanned, values

VALUES = values()
HUB = VALUES.hub.encode()
SEGMENT, INFO, TITLE, TAGS, TAG, SIMPLE, NAME, STRING, CLUSTER = (
    "18538067", "1549A966", "7BA9", "1254C367", "7373", "67C8", "45A3", "4487", "1F43B675",
)  # fmt: skip


def element(number: str, *parts: bytes, unknown: bool = False) -> bytes:
    data = b"".join(parts)
    size = b"\x01" + b"\xff" * 7 if unknown else (1 << 56 | len(data)).to_bytes(8, "big")
    return bytes.fromhex(number) + size + data


def film(*parts: bytes, unknown: bool = False) -> bytes:
    head = element("1A45DFA3", element("4282", b"webm"))
    return head + element(SEGMENT, *parts, element(CLUSTER, bytes(40)), unknown=unknown)


def tags(*pairs: tuple[bytes, bytes]) -> bytes:
    simple = (element(SIMPLE, element(NAME, name), element(STRING, text)) for name, text in pairs)
    return element(TAGS, element(TAG, *simple))


CASES = {
    "title": (element(INFO, element(TITLE, HUB), element("4D80", b"Lavf")), "title"),
    "application": (element(INFO, element("5741", HUB)), "writing application"),
    "tag": (tags((b"ENCODER", b"Lavf"), (b"COMMENT", HUB), (b"X", b"y")), 'tag "COMMENT"'),
    "name of a tag": (tags((HUB, b"y")), "name of a tag"),
    "track": (element("1654AE6B", element("AE", element("536E", HUB), element("86", b"V_VP9"))), "name of a track"),
    "chapter": (element("1043A770", element("45B9", element("B6", element("80", element("85", HUB))))), "chapter"),
    "file": (
        element("1941A469", element("61A7", element("466E", b"a.zip"), element("465C", zipped(("a.env", HUB))))),
        "attached file → a.env",
    ),
}


@pytest.mark.parametrize("unknown", [False, True])
@pytest.mark.parametrize("name", CASES)
def test_places(name: str, unknown: bool) -> None:
    part, place = CASES[name]
    seen = scanned(film(part, unknown=unknown), "a.webm")
    assert {each.replace("!", " → ") if each else each for each in places(seen).values()} == {place}
    assert set(places(seen)) == {RULES.hub}
    assert not seen.gaps


def test_a_tag_says_what_its_text_is() -> None:
    seen = scanned(film(tags((b"password", PASSWORD.encode()))), "a.mkv")
    assert set(places(seen).values()) == {'tag "password"'}


def test_picture_and_sound_are_looked_at_as_they_stand() -> None:
    assert places(scanned(film(element(CLUSTER, b" " + HUB + b" ")), "a.mkv")) == {RULES.hub: None}


def test_an_element_that_is_longer_than_the_film() -> None:
    data = film(element(INFO, element(TITLE, b"x: " + HUB + b" " * 20)))
    seen = scanned(data[:-60], "a.mkv")
    assert [gap.reason for gap in seen.gaps] == [GapReason.MALFORMED]
    assert set(places(seen)) == {RULES.hub}


def test_tags_in_tags_without_end() -> None:
    data = element(NAME, b"x")
    for _ in range(500):
        data = element(SIMPLE, data)
    (gap,) = scanned(film(element(TAGS, element(TAG, data))), "a.mkv").gaps
    assert gap.reason is GapReason.MALFORMED


def test_damage() -> None:
    bears_damage(film(*(part for part, _ in CASES.values())), "a.mkv")
