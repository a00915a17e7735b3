"""Files that are named after the one value in them."""

from __future__ import annotations

import pytest

from tests.readers.opened import PASSWORD, RULES, bears_damage, kind, scanned, values


@pytest.mark.parametrize("path", ["mlruns/0/abc/params/password", "run/secrets/db_password"])
def test_the_name_of_a_file_says_what_is_in_it(path: str) -> None:
    (found,) = scanned(f"{PASSWORD}\n".encode(), path).findings
    assert (found.rule, found.place.line, found.place.inner) == ("generic-cell", 1, None)
    assert (found.place.byte_start, found.place.byte_end) == (0, len(PASSWORD))


def test_a_value_whose_format_is_known_is_told_once_by_its_rule() -> None:
    (found,) = scanned(values().hub.encode(), "home/.cache/huggingface/token").findings
    assert (found.rule, found.place.line) == (RULES.hub, 1)


@pytest.mark.parametrize("data", [b"", b"running", b"two\nlines", b"\0\1"])
def test_what_is_no_secret(data: bytes) -> None:
    assert not scanned(data, "params/token").findings


def test_lists_of_users_are_no_value() -> None:
    assert kind(b"root:x:0:0:root:/root:/bin/bash", "etc/passwd") is None


def test_longer_files_are_none() -> None:
    assert kind(b"x" * 600, "token") is None


def test_damage() -> None:
    bears_damage(PASSWORD.encode(), "password")
