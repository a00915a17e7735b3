"""`--pii none|structured|all`: what each asks for, what blocks, and what a scan that finds nothing loads."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest

from modelguard.rules.templates import expand
from tests.cli.program import Program

VALUES = {
    "payment-card": ("card no. ", "<luhn:453901:16>"),
    "bank-account-iban": ("IBAN ", "<iban:DE##37040044##########>"),
    "pl-pesel": ("pesel=", "<number:pl-pesel:850714#####>"),
    "us-ssn": ("ssn: ", "<number:us-ssn:5##-##-####>"),
    "email-address": ("from ", "<lower:7>@<lower:9>.co.uk"),
    "phone-number": ("phone: ", "+1 (212) 736-<digit:4>"),
}
STRUCTURED = {"payment-card", "bank-account-iban", "pl-pesel", "us-ssn"}
PROVEN = STRUCTURED - {"us-ssn"}


@pytest.fixture
def people(program: Program) -> dict[str, str]:
    values = {rule: expand(template) for rule, (_, template) in VALUES.items()}
    lines = [f"{VALUES[rule][0]}{value}\n" for rule, value in values.items()]
    (program.home / "people.txt").write_text("".join(lines))
    return values


def said(result: dict[str, Any]) -> dict[str, bool]:
    return {finding["rule"]: finding["blocking"] for finding in result["findings"]}


@pytest.mark.parametrize(
    ("options", "rules"),
    [
        ((), STRUCTURED),
        (("--pii", "structured"), STRUCTURED),
        (("--pii", "all"), set(VALUES)),
        (("--pii", "none"), set()),
    ],
)
def test_each_mode_asks_for_its_own(
    program: Program, people: dict[str, str], options: tuple[str, ...], rules: set[str]
) -> None:
    result = program.result(".", *options)
    assert said(result) == {rule: rule in PROVEN for rule in rules}
    assert result["exit_status"] == bool(rules & PROVEN)


def test_modes_are_different_sets_of_rules(program: Program, people: dict[str, str]) -> None:
    digests = {program.result(".", "--pii", mode)["tool"]["rules_digest"] for mode in ("none", "structured", "all")}
    assert len(digests) == 3


def test_a_rule_that_is_named_is_asked_for_in_every_mode(program: Program, people: dict[str, str]) -> None:
    for mode in ("none", "structured", "all"):
        assert set(said(program.result(".", "--pii", mode, "--only", "email-address"))) == {"email-address"}


def test_addresses_are_shown_and_never_block(program: Program) -> None:
    (program.home / "mails.txt").write_text(expand("from <lower:7>@<lower:9>.co.uk"))
    done = program("scan", ".", "--pii", "all")
    assert done.returncode == 0 and "email-address" in done.stdout


@pytest.mark.parametrize("form", ["terminal", "json", "jsonl", "sarif"])
def test_no_part_of_a_value_is_shown(program: Program, people: dict[str, str], form: str) -> None:
    done = program("scan", ".", "--pii", "all", "-v", "--format", form)
    assert all(rule in done.stdout for rule in VALUES)
    for value in people.values():
        for at in range(len(value) - 5):
            assert value[at : at + 6] not in done.stdout + done.stderr


def test_a_clean_scan_loads_neither_library(program: Program) -> None:
    (program.home / "clean.txt").write_text("nothing to see: 17, a@b, card, phone, ssn\n" * 50)
    code = (
        "import sys\nfrom modelguard import scan\nresult = scan('clean.txt', pii='all', history=False)\n"
        "assert not result.findings and not result.gaps\nprint(*sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=program.home,
        env=program.environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    assert "modelguard.pipeline" in done.stdout
    assert not {"phonenumbers", "stdnum"} & set(done.stdout.split())


def test_a_commit_names_its_author_and_its_message_may_name_somebody(program: Program) -> None:
    git = ["git", "-c", "user.name=Somebody", "-c", f"user.email={expand('<lower:7>@<lower:9>.org')}"]
    run = {"cwd": program.home, "check": True, "capture_output": True}
    (program.home / "a.txt").write_text("x\n")
    subprocess.run(["git", "init", "-q"], **run)  # type: ignore[call-overload]
    subprocess.run([*git, "add", "a.txt"], **run)  # type: ignore[call-overload]
    trailer = expand("Signed-off-by: Somebody <<lower:7>@<lower:9>.org>")
    message = expand(f"Refund\n\nfor the customer's card <luhn:453901:16>\n\n{trailer}")
    subprocess.run([*git, "commit", "-qm", message], **run)  # type: ignore[call-overload]
    assert set(said(program.result(".", "--pii", "all"))) == {"payment-card"}
