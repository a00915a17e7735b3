"""What is observed of a candidate, and that it moves the likelihood the way a person would."""

from __future__ import annotations

import pytest

from modelguard.detectors.judgement import REPORTED
from modelguard.detectors.judgement.evidence import evidence, kind_of_name, surprise
from modelguard.rules.templates import expand
from tests.detectors.judgement.reading import candidate, likely

VALUE = expand("<alpha:5>-<digit:3>-<alpha:5>")
TOKEN = expand("<alnum:32>")


def seen(value: str, name: str = "db_password", path: str = "settings.py") -> set[str]:
    """What is observed of a quoted value under a name, without what depends on the kind of name."""
    return set(evidence(candidate(f'{name} = "{value}"', value, path)))


@pytest.mark.parametrize(
    ("value", "observed"),
    [
        ("changeme", "common-password"),
        ("your-password-here", "stand-in"),
        ("xxxxxxxx1xxx", "stand-in"),
        ("01234567899", "placeholder"),
        ("{{ vault_password }}", "reference"),
        ("${DB_PASSWORD}", "reference"),
        ("vault:secret/db", "reference"),
        ("string", "type-or-word"),
        ("Optional", "type-or-word"),
        ("get_password()", "code"),
        ("settings.db.value", "dotted-name"),
        ("DB_MAIN_VALUE", "constant-name"),
        ("mainDatabaseValue", "camel-name"),
        ("MainDatabase", "pascal-name"),
        ("main_database", "snake-name"),
        ("main-database", "kebab-name"),
        ("/etc/ssl/private/db.pem", "path"),
        ("C:\\\\keys\\\\db.key", "path"),
        ("https://login.company.test", "url"),
        ("ops@company.test", "url"),
        ("2024-05-01T10:00:00", "date"),
        ("12.4.1", "version"),
        ("Content-Type", "header-name"),
        ("$2b$12$abcdefghijklmnopqrstuv", "crypt"),
        ("pr0duct", "leet"),
        ("qwe-asd-9", "walk"),
        ("the lazy fox jumps", "sentence"),
        ("aaabaaabaaab", "few-characters"),
        ("12345678901", "number"),
        ("pässwört-1", "not-ascii"),
        ("tiger!77x", "password-symbol"),
    ],
)
def test_what_is_observed_of_a_value(value: str, observed: str) -> None:
    assert f"value:{observed}" in seen(value)
    assert f"value:{observed}" not in seen(VALUE)


@pytest.mark.parametrize(
    ("template", "observed"),
    [
        ("<uuid>", "uuid"),
        ("<hex:40>", "hex-long"),
        ("0x<hex:8>", "hex"),
        ("<base64:32>", "base64"),
        ("<loweralnum:24>", "token-like"),
        ("<alnum:10>.<alnum:10>.<alnum:10>", "dotted-token"),
    ],
)
def test_the_shape_of_what_machines_make(template: str, observed: str) -> None:
    value = expand(template, 1)
    assert f"value:{observed}" in seen(value, "db_secret")


def test_a_value_that_is_its_name() -> None:
    assert "value:is-its-name" in seen("db-password")
    assert "value:is-a-part-of-its-name" in seen("database", "database_password")
    assert not {"value:is-its-name", "value:is-a-part-of-its-name"} & seen(VALUE)


@pytest.mark.parametrize(
    ("name", "observed", "kind"),
    [
        ("db_password", "ends-telling", "password"),
        ("dbpasswd", "ends-telling", "password"),
        ("password_length", "about-it", "password"),
        ("password_for_batch", "goes-on-otherwise", "password"),
        ("next_page_token", "other-thing", "secret"),
        ("public_key_secret", "public", "secret"),
        ("password_hash", "digest", "password"),
        ("smtp_password", "real-service", "password"),
        ("fake_password", "made-up", "password"),
        ("PASSWORD", "capitals", "password"),
        ("db.password", "dotted", "password"),
    ],
)
def test_what_is_observed_of_a_name(name: str, observed: str, kind: str) -> None:
    found = candidate(f'{name} = "{VALUE}"', VALUE)
    assert f"name:{observed}" in evidence(found)
    assert kind_of_name(found) == kind


@pytest.mark.parametrize(
    ("line", "observed"),
    [
        ('# password = "{}"', "comment"),
        ('connect(user="bob", password="{}")', "login-beside"),
        ('password = "{}"', "first-on-line"),
        ('password = "{}" + salt', "goes-on"),
        ('f(password="{}", x=1)', "then:,"),
        ('password = load("{}")', "wrapper"),
        ('password = os.environ.get("{}")', "wrapper:reads"),
    ],
)
def test_what_is_observed_of_the_line(line: str, observed: str) -> None:
    assert f"place:{observed}" in evidence(candidate(line.format(VALUE), VALUE))


def test_the_folder_counts() -> None:
    assert "place:folder:test" in seen(VALUE, path="tests/test_db.py")
    assert not any(each.startswith("place:folder:") for each in seen(VALUE))


def test_random_letters_surprise_and_words_do_not() -> None:
    words, random = surprise("administrationinterface"), surprise(expand("<lower:24>", 2))
    assert words < 3.8 < random


@pytest.mark.parametrize(
    ("text", "value", "path"),
    [
        (f'db_password = "{VALUE}"', VALUE, "settings.py"),
        (f"DB_PASSWORD={VALUE}\n", VALUE, ".env"),
        (f'api_secret = "{TOKEN}"', TOKEN, "settings.py"),
        (f'"clientSecret": "{TOKEN}",', TOKEN, "conf.json"),
        (f"db:\n  password: {VALUE}\n", VALUE, "app.yaml"),
    ],
)
def test_what_a_person_takes_for_a_secret(text: str, value: str, path: str) -> None:
    assert likely(text, value, path) >= REPORTED


@pytest.mark.parametrize(
    ("text", "value", "path"),
    [
        ('password = "your-password-here"', "your-password-here", "settings.py"),
        ('password = "{{ vault_password }}"', "{{ vault_password }}", "settings.py"),
        ('password_field = "user_password"', "user_password", "forms.py"),
        ('secret_name = "prod/db/main"', "prod/db/main", "settings.py"),
        ('token_type = "bearer"', "bearer", "settings.py"),
        ('password: "string"', "string", "api.yaml"),
        ('"passwordLabel": "Enter your password"', "Enter your password", "en.json"),
        ('key_file = "/etc/ssl/private/db.pem"', "/etc/ssl/private/db.pem", "settings.py"),
    ],
)
def test_what_a_person_does_not(text: str, value: str, path: str) -> None:
    assert likely(text, value, path) < REPORTED


def test_the_same_value_is_less_likely_where_more_speaks_against_it() -> None:
    plain = likely(f'db_password = "{VALUE}"', VALUE)
    assert likely(f'password_hint = "{VALUE}"', VALUE) < plain
    assert likely(f'db_password = os.environ.get("{VALUE}")', VALUE) < plain
