"""Output with colour codes: values beside codes and cut by them, at their line; nothing twice; damage."""

from __future__ import annotations

import pytest

from modelguard.readers.runs import console
from modelguard.rules.templates import expand
from tests.readers.opened import PASSWORD, RULES, bears_damage, kind, scanned, values

VALUES = values()
RED, PLAIN = "\x1b[1;31m", "\x1b[0m"
EMAIL = expand("<lower:6>.<lower:7><digit:2>@<lower:9>.com")


def found(text: str, path: str = "logs/train.log") -> list[tuple[str, int | None, str | None]]:
    seen = scanned(text.encode(), path, pii="all")
    assert not seen.gaps
    return [(each.rule, each.place.line, each.place.inner) for each in seen.findings]


@pytest.mark.parametrize("path", ["a.log", "slurm-1.out", "nohup.out", "job.err", "syslog", "notes.txt"])
def test_values_beside_codes_and_cut_by_them_are_told_once_at_their_line(path: str) -> None:
    text = f"start\nINFO token={RED}{VALUES.hub}{PLAIN} ok\n\nid {VALUES.cloud[:9]}{RED}{VALUES.cloud[9:]}{PLAIN}\n"
    assert found(text, path) == [(RULES.hub, 2, None), (RULES.cloud, 4, None)]


def test_the_end_of_an_address_is_no_other_one() -> None:
    text = f"mail {EMAIL[:9]}{RED}{EMAIL[9:]}{PLAIN}\nand {RED}{EMAIL}{PLAIN} and x{EMAIL}\n"
    assert [(rule, line) for rule, line, _ in found(text)] == [("email-address", 1), ("email-address", 2)] + [
        ("email-address", 2)
    ]


def test_a_password_is_told_without_the_codes_around_it() -> None:
    text = f"password={RED}{PASSWORD}{PLAIN}\n".encode()
    (finding,) = scanned(text, "a.log").findings
    assert text[finding.place.byte_start : finding.place.byte_end] == PASSWORD.encode()


def test_output_without_codes_is_told_as_it_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(console, "substituted")
    assert found(f"token={VALUES.hub}\n") == [(RULES.hub, 1, None)]


def test_places_far_into_a_file() -> None:
    line = f"{RED}step{PLAIN} loss 0.5\n"
    text = line * 60_000 + f"token={RED}{VALUES.hub}{PLAIN}\n"
    assert found(text) == [(RULES.hub, 60_001, None)]


def test_other_text_is_none() -> None:
    assert kind(b"plain", "notes.txt") is None


def test_damage() -> None:
    bears_damage(f"x\n{RED}{VALUES.hub}{PLAIN}\n\x1b]8;;http://x\x07y\x1b]8;;\x07\x1b\n".encode(), "a.log")
