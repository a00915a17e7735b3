"""Values behind encodings, as a scan of a file finds them: where they are short, or an entity cuts them in two."""

from __future__ import annotations

import base64

import pytest

from tests.readers.opened import PASSWORD, RULES, places, scanned, values

VALUES = values()
ADDRESS = "mira.okonkwo57{}contoso.com"


@pytest.mark.parametrize(
    ("text", "path", "inner"),
    [
        ("apiVersion: v1\nkind: Secret\ndata:\n  t: {}\n", "a.yaml", "base64"),
        ('{{"x": "{}"}}', "a.json", "x → base64"),
        ("X={}\n", ".env", "base64"),
        ("{}", "a.txt", "base64"),
    ],
)
def test_a_hub_token_alone_in_base64(text: str, path: str, inner: str) -> None:
    data = text.format(base64.b64encode(VALUES.hub.encode()).decode())
    assert places(scanned(data.encode(), path)) == {RULES.hub: inner}


@pytest.mark.parametrize("entity", ["&#64;", "&#x40;", "&commat;"])
def test_an_address_whose_sign_is_an_entity(entity: str) -> None:
    data = f"<p>write to {ADDRESS.format(entity)}</p>\n".encode()
    assert places(scanned(data, "a.html", pii="all")) == {"email-address": "html"}


def test_an_address_whose_dot_is_an_entity() -> None:
    data = f"<p>write to {ADDRESS.format('@')}</p>\n".replace(".com", "&#46;com").encode()
    assert places(scanned(data, "a.html", pii="all")) == {"email-address": "html"}


@pytest.mark.parametrize(
    "text", ["<p>password&#58; {}</p>", "<pre>password = &#39;{}&#39;</pre>", "<pre>db_password: &quot;{}&quot;</pre>"]
)
def test_a_password_behind_entities(text: str) -> None:
    seen = scanned(text.format(PASSWORD).encode(), "a.html")
    assert [each.place.inner for each in seen.findings] == ["html"]


def test_who_changed_a_document_is_no_author_of_an_address() -> None:
    """Word and Excel write who made a change or a note as an attribute, on the one line that all of a document is."""
    for tag in ('<w:del w:id="1" w:author="A B" w:date="2024-01-01T00:00:00Z"><w:t>', '<comment authorId="0"><t>'):
        data = f"<x>{tag}mail: {ADDRESS.format('@')}</t></x>".encode()
        assert set(places(scanned(data, "a.xml", pii="all"))) == {"email-address"}
    for line in ("Author: M. Okonkwo <{}>", 'author="{}"', "<author>{}</author>"):
        data = line.format(ADDRESS.format("@")).encode()
        assert not scanned(data, "a.txt", pii="all").findings
