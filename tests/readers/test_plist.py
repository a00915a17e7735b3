"""Property lists: strings are told with the keys that they are behind, once."""

from __future__ import annotations

import plistlib

import pytest

from tests.readers.opened import PASSWORD, RULES, bears_damage, places, scanned, values

VALUES = values()
BINARY, XML = plistlib.FMT_BINARY, plistlib.FMT_XML


@pytest.mark.parametrize("more", ["", " ключ"])
def test_strings_of_a_binary_one_end_where_they_end(more: str) -> None:
    held = {"a": VALUES.hub + more, "b": [VALUES.forge + more, {"c": VALUES.cloud + more}]}
    seen = scanned(plistlib.dumps(held, fmt=BINARY), "a.plist")
    found = places(seen)
    assert set(found) == set(RULES)
    assert found[RULES.hub] == 'key "a"'
    assert found[RULES.cloud] == 'key "c"'
    assert not seen.gaps


@pytest.mark.parametrize("form", [BINARY, XML])
@pytest.mark.parametrize("secret", [PASSWORD, PASSWORD + "&<"])
def test_a_password_behind_its_key(form: plistlib.PlistFormat, secret: str) -> None:
    held = {"name": "smtp", "account": {"password": secret, "port": 25}}
    seen = scanned(plistlib.dumps(held, fmt=form), "a.plist")
    assert [each.place.inner for each in seen.findings] == ['key "password"']
    assert not seen.gaps


@pytest.mark.parametrize("form", [BINARY, XML])
def test_a_value_is_told_once(form: plistlib.PlistFormat) -> None:
    seen = scanned(plistlib.dumps({"hub_token": VALUES.hub, VALUES.forge: "x"}, fmt=form), "a.plist")
    assert set(places(seen)) == {RULES.hub, RULES.forge}


def test_lines_of_an_xml_one() -> None:
    seen = scanned(plistlib.dumps({"password": PASSWORD}), "a.plist")
    assert [each.place.line for each in seen.findings] == [6]


def test_data_are_a_member() -> None:
    held = {"blob": b"x" * 40 + b"\nHF_TOKEN=" + VALUES.hub.encode() + b"\n" + b"y" * 40}
    (finding,) = scanned(plistlib.dumps(held, fmt=BINARY), "a.plist").findings
    assert finding.place.line == 2


def test_nothing_in_what_is_ordinary() -> None:
    held = {"CFBundleIdentifier": "org.example.app", "password": "", "n": 5, "list": ["a", "b"] * 20}
    for form in (BINARY, XML):
        seen = scanned(plistlib.dumps(held, fmt=form), "Info.plist", pii="all")
        assert not seen.findings
        assert not seen.gaps


def test_damage() -> None:
    held = {"a": VALUES.hub, "b": ["x", {"password": PASSWORD, "c": "ключ"}], "d": bytes(80)}
    bears_damage(plistlib.dumps(held, fmt=BINARY), "a.plist")
    bears_damage(plistlib.dumps(held, fmt=XML), "a.plist")
