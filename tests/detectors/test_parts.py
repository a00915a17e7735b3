"""One finding a credential: the parts near a secret are told with it, and nothing that matters more is swallowed."""

from __future__ import annotations

import time
from functools import lru_cache

import pytest
from msgspec.structs import replace

from modelguard.detectors.interface import Detection, Match
from modelguard.detectors.parts import REACH, with_parts
from modelguard.detectors.patterns import PatternDetector
from modelguard.engine.plain import PlainEngine
from modelguard.model import Check
from modelguard.rules.prepared import builtin_rules
from modelguard.rules.templates import expand

VENDORS = ("aws-", "azure-sql", "cloudflare-", "database-url", "datadog-", "freeagent-", "okx-", "twilio-")
AWS_ID, AWS_SECRET = "AKIA<base32:16>", "<base64:40>"


@lru_cache(maxsize=1)
def detector() -> PatternDetector:
    """With the vendors that are met here, and the generic rules."""
    rules = [rule for rule in builtin_rules() if rule.generic or rule.id.startswith(VENDORS)]
    return PatternDetector(rules, engine=PlainEngine)


def detection(text: str) -> Detection:
    return detector().detect(text.encode(), lambda: "settings.txt")


def found(text: str) -> dict[str, list[Match]]:
    listed: dict[str, list[Match]] = {}
    for match in detection(text).matches:
        listed.setdefault(match.rule.id, []).append(match)
    return listed


def told(match: Match, text: str) -> dict[str, str]:
    """The parts of a match: name and text."""
    return {part.part.name: text.encode()[part.start : part.end].decode() for part in match.parts}


def test_a_key_pair_and_its_session_are_one_finding() -> None:
    key, session = expand(AWS_ID), expand("IQoJb3JpZ2lu<base64:300>")
    text = f"aws_access_key_id = {key}\naws_secret_access_key = {expand(AWS_SECRET)}\naws_session_token = {session}\n"
    matches = found(text)
    assert list(matches) == ["aws-secret-access-key"]
    assert told(matches["aws-secret-access-key"][0], text) == {"access key id": key, "session token": session}


def test_alone_each_is_what_it_was() -> None:
    assert list(found(f"aws_access_key_id = {expand(AWS_ID)}\n")) == ["aws-access-key-id"]
    (match,) = found(f"aws_secret_access_key = {expand(AWS_SECRET)}\n")["aws-secret-access-key"]
    assert match.parts == ()


def test_beyond_its_reach_a_part_is_a_finding() -> None:
    gap = "# nothing here\n" * (REACH // 15 + 2)
    text = f"aws_access_key_id = {expand(AWS_ID)}\n{gap}aws_secret_access_key = {expand(AWS_SECRET)}\n"
    assert list(found(text)) == ["aws-access-key-id", "aws-secret-access-key"]


@pytest.mark.parametrize(
    "layout",
    [
        "[{name}]\naws_access_key_id = {key}\naws_secret_access_key = {secret}\n",
        '{{"SecretAccessKey": "{secret}", "AccessKeyId": "{key}"}},',
        '\\n{name}: \\"accessKeyId\\": \\"{key}\\", \\"secretAccessKey\\": \\"{secret}\\"\\n',
    ],
)
def test_every_secret_has_its_own_part(layout: str) -> None:
    pairs = [(expand(AWS_ID, seed), expand(AWS_SECRET, seed)) for seed in range(4)]
    text = "".join(layout.format(name=f"p{n}", key=key, secret=secret) for n, (key, secret) in enumerate(pairs))
    matches = found(text)
    assert list(matches) == ["aws-secret-access-key"]
    assert [(told(match, text), match.value.decode()) for match in matches["aws-secret-access-key"]] == [
        ({"access key id": key}, secret) for key, secret in pairs
    ]


def test_a_part_is_told_once() -> None:
    """A second secret of the same rule has no part where there is only one."""
    key, secrets = expand(AWS_ID), [expand(AWS_SECRET, seed) for seed in range(2)]
    text = f"id: {key}\n" + "".join(f"aws_secret_access_key: {secret}\n" for secret in secrets)
    first, second = found(text)["aws-secret-access-key"]
    assert told(first, text) == {"access key id": key}
    assert second.parts == ()


@pytest.mark.parametrize(
    ("text", "confidence"),
    [
        ("TWILIO_AUTH_TOKEN=<hex:32>\n", "medium"),
        ("TWILIO_AUTH_TOKEN=<hex:32>\nTWILIO_ACCOUNT_SID=AC<hex:32>\n", "high"),
        ("TWILIO_AUTH_TOKEN=<hex:32>\nTWILIO_ACCOUNT_SID=ACxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\n", "medium"),
    ],
)
def test_a_part_makes_surer(text: str, confidence: str) -> None:
    (match,) = found(expand(text))["twilio-auth-token"]
    assert match.confidence == confidence


def test_a_password_that_belongs_to_a_key_is_in_its_finding() -> None:
    text = expand("OKX_API_KEY=<uuid>\nOKX_SECRET_KEY=<upperhex:32>\nOKX_PASSPHRASE=<alpha:6>-<digit:3>-<alpha:4>\n")
    matches = found(text)
    assert list(matches) == ["okx-secret-key"]
    assert set(told(matches["okx-secret-key"][0], text)) == {"API key", "passphrase"}


@pytest.mark.parametrize(
    "template",
    [
        "DATABASE_URL=postgres://svc_ml:<alnum:20>@db.company.test:5432/prod\n",
        'cs = "Server=tcp:ml.database.windows.net;User ID=svc_ml;Password=<alnum:20>;Encrypt=True"\n',
    ],
)
def test_a_connection_string_with_its_password_is_one_finding(template: str) -> None:
    assert len(detection(expand(template)).matches) == 1


def test_what_has_no_mark_is_a_part_only_behind_its_name() -> None:
    key, secret, other = expand("<hex:32>", 1), expand("<hex:64>"), expand("<hex:32>", 2)
    text = f'md5 = "{other}"\nr2 = client(r2_access_key_id="{key}", r2_secret_access_key="{secret}")\n'
    (match,) = found(text)["cloudflare-r2-secret-key"]
    assert told(match, text) == {"access key id": key}
    (match,) = found(f'md5 = "{other}"\nr2_secret_access_key="{secret}"\n')["cloudflare-r2-secret-key"]
    assert match.parts == ()


def test_another_vendors_secret_is_never_a_part() -> None:
    text = expand('DATADOG_ACCESS_KEY_ID="<hex:32>"\nr2_secret_access_key="<hex:64>"\n')
    matches = found(text)
    assert list(matches) == ["datadog-key", "cloudflare-r2-secret-key"]
    assert matches["cloudflare-r2-secret-key"][0].parts == ()


def test_what_counts_for_more_stays_a_finding() -> None:
    """The signature of a link is of low severity; the id of the key that made it is not."""
    key = expand(AWS_ID)
    text = expand(f"https://b.s3.amazonaws.com/x?X-Amz-Credential={key}%2F2026&X-Amz-Signature=<hex:64>")
    matches = found(text)
    assert set(matches) == {"aws-access-key-id", "aws-presigned-url"}
    assert told(matches["aws-presigned-url"][0], text) == {"access key id": key}


@pytest.mark.parametrize("value", ["settings.CLIENT_ID", "SPOTIFY_CLIENT_IDENTIFIER", "${CLIENT_ID}", "your-client-id"])
def test_code_and_stand_ins_are_no_parts(value: str) -> None:
    text = expand(f"FREEAGENT_CLIENT_ID = {value}\nFREEAGENT_CLIENT_SECRET = <base64url:22>\n")
    (match,) = found(text)["freeagent-client-secret"]
    assert match.parts == ()
    text = text.replace(value, expand("<base64url:22>", 5).replace("_", "a").replace("-", "b"))
    (match,) = found(text)["freeagent-client-secret"]
    assert list(told(match, text)) == ["client id"]


def test_what_another_detector_says_of_a_part_is_no_finding() -> None:
    text = f"aws_access_key_id = {expand(AWS_ID)}\naws_secret_access_key = {expand(AWS_SECRET)}\n"
    ours = detection(text)
    (part,) = ours.matches[0].parts
    assert part.alone is not None
    generic = next(rule for rule in builtin_rules() if rule.generic)
    theirs = Detection((replace(part.alone, rule=generic),))
    assert ours.joined(theirs).matches == ours.matches


@pytest.mark.parametrize(
    ("rule", "line"),
    [
        ("dataforseo-password", b"a." * 30),
        ("mongodb-atlas-private-key", b"public key: publickey abcdefgh " * 2),
        ("freeagent-client-secret", b"client_id: " * 6),
    ],
)
def test_text_full_of_credentials_takes_no_longer_than_it_may(rule: str, line: bytes) -> None:
    """Thousands of matches, and all around them what almost is a part."""
    (chosen,) = (each for each in builtin_rules() if each.id == rule)
    text = line * (4 * 1024 * 1024 // len(line))
    spans = ((at, at + 8) for at in range(0, len(text) - 8, 1050))
    matches = [
        Match(chosen, *span, *span, text[slice(*span)], Check.NONE, chosen.confidence, chosen.severity)
        for span in spans
    ]
    with_parts(matches[:1], text)
    began = time.process_time()
    assert len(with_parts(matches, text)) == len(matches)
    assert time.process_time() - began < 5


def test_in_a_file_of_credentials_those_that_come_first_have_parts() -> None:
    pairs = [f"{expand(AWS_ID, seed)} aws_secret_access_key = {expand(AWS_SECRET, seed)}" for seed in range(20)]
    text = ("\n" + "-" * 5_000 + "\n").join(pairs)
    assert [bool(match.parts) for match in found(text)["aws-secret-access-key"]] == [True] * 20
    text = ("\n" + "-" * 900 + "\n").join(pairs * 60)
    having = [bool(match.parts) for match in found(text)["aws-secret-access-key"]]
    assert having == sorted(having, reverse=True) and 900 < sum(having) < len(having)


def test_no_rule_names_one_that_is_not() -> None:
    ids = {rule.id for rule in builtin_rules()}
    assert {name for rule in builtin_rules() for part in rule.parts for name in part.alone} <= ids
