"""What is taken for a person's data, and what only looks like it."""

from __future__ import annotations

import pytest

from modelguard.detectors.checks import FILTERS, STRICT_PROOFS, lines
from modelguard.detectors.checks.made_up import SAMPLES, STRIPE_TEST_CARDS, TEST_CARDS, is_made_up
from modelguard.detectors.patterns import PatternDetector
from modelguard.engine.plain import PlainEngine
from modelguard.model import Category, Check, Confidence
from modelguard.rules.interface import Rule
from modelguard.rules.prepared import builtin_rules
from modelguard.rules.templates import expand

RULES = [rule for rule in builtin_rules() if rule.category is Category.PII]
CARD, IBAN = STRICT_PROOFS["payment-card"], STRICT_PROOFS["iban"]
PHONE, EMAIL = FILTERS["phone-number"], FILTERS["personal-email"]


@pytest.fixture(scope="module")
def detector() -> PatternDetector:
    return PatternDetector(RULES, engine=PlainEngine)


def found(detector: PatternDetector, text: str, path: str = "data.txt") -> list[str]:
    return [match.rule.id for match in detector.detect(text.encode(), lambda: path).matches]


# ---- by the value alone ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "template",
    [
        "<luhn:4539:16>",
        "<luhn:4539:13>",
        "<luhn:5412:16>",
        "<luhn:2500:16>",
        "<luhn:3714:15>",
        "<luhn:6011:16>",
        "<luhn:3056:14>",
        "<luhn:3530:16>",
        "<luhn:6222:19>",
        "<luhn:6759:16>",
        "<luhn:2202:16>",
    ],
)
def test_cards_of_every_network(template: str) -> None:
    number = expand(template, 1)
    assert CARD(number, "") and CARD(f"{number[:4]} {number[4:8]}-{number[8:]}", "")
    assert not CARD(number[:-1] + str((int(number[-1]) + 1) % 10), "")


@pytest.mark.parametrize(
    "template", ["<luhn:1539:16>", "<luhn:4539:15>", "<luhn:5712:16>", "<luhn:2800:16>", "<luhn:9999:16>"]
)
def test_luhn_alone_is_no_card(template: str) -> None:
    assert not CARD(expand(template), "")


def test_about_one_random_number_in_ten_passes_luhn_but_few_are_cards() -> None:
    numbers = [expand("<digit:16>", seed) for seed in range(2000)]
    passing = [number for number in numbers if CARD(number, "")]
    assert len(passing) < 80


STRIPE = [expand(f"<luhn:400{kind}{country}000000:16>") for kind in ("000", "005", "100") for country in ("076", "826")]


@pytest.mark.parametrize("number", [*sorted(TEST_CARDS | STRIPE_TEST_CARDS), *STRIPE, expand("<luhn:400000000000:16>")])
def test_published_test_cards_are_nobodys(number: str) -> None:
    assert not CARD(number, "")


@pytest.mark.parametrize(
    "shape",
    [
        "DE##37040044##########",
        "NL##INGB##########",
        "GB##MIDL##############",
        "FR##3000600001###########12",
        "NO#############",
    ],
)
def test_account_numbers(shape: str) -> None:
    number = expand(f"<iban:{shape}>")
    assert IBAN(number, "") and IBAN(" ".join(number[at : at + 4] for at in range(0, len(number), 4)), "")
    wrong = number[:2] + f"{(int(number[2:4]) + 1) % 98:02}" + number[4:]
    assert not any(IBAN(other, "") for other in (wrong, number[:-1], number + "0", "XX" + number[2:]))


@pytest.mark.parametrize("number", ["DE89370400440532013000", "GB82 WEST 1234 5698 7654 32", "NL91ABNA0417164300"])
def test_examples_of_the_registry_are_nobodys(number: str) -> None:
    assert not IBAN(number, "")


@pytest.mark.parametrize("kind", sorted(SAMPLES))
def test_published_national_numbers_are_nobodys(kind: str) -> None:
    for number in SAMPLES[kind].split():
        assert not FILTERS["national-number"](number, kind)


@pytest.mark.parametrize(
    ("digits", "made_up"),
    [
        ("111111111", True),
        ("121212121", True),
        ("123456782", True),
        ("987654320", True),
        ("4000000000000002", True),
        ("1234", True),
        ("1122", False),
        ("481920573", False),
        ("4539710264815036", False),
    ],
)
def test_made_up_digits(digits: str, made_up: bool) -> None:
    assert is_made_up(digits) is made_up


@pytest.mark.parametrize(
    "number",
    [
        "+49 30 2<digit:2>45<digit:3>",
        "+3120<digit:1>5<digit:5>",
        "(212) 736-<digit:4>",
        "077<digit:8>",
        "+1 (212) 736-<digit:4>",
    ],
)
def test_telephone_numbers(number: str) -> None:
    assert PHONE(expand(number, 2), "")


@pytest.mark.parametrize(
    "number",
    [
        "+1 202 555 0143",
        "(212) 555-1212",
        "+44 20 7946 0<digit:3>",
        "07700 900<digit:3>",
        "+44 1632 960<digit:3>",
        "+61 491 570 <digit:3>",
        "+49 30 23125 <digit:3>",
        "+33 1 99 00 <digit:4>",
        "1234567890",
        "+1234567890",
        "0.1.20260309",
        "3.519.17.7824",
        "+35236450.6",
        "+4906-11631",
        "20240131",
        "1700000000",
    ],
)
def test_numbers_that_reach_nobody(number: str) -> None:
    assert not PHONE(expand(number), "")


@pytest.mark.parametrize(
    "address", ["<lower:5>.<lower:7>@gmail.com", "<lower:8>@<lower:9>.co.uk", "<lower:4>+x@<lower:9>.de"]
)
def test_addresses_of_people(address: str) -> None:
    assert EMAIL(expand(address), "")


@pytest.mark.parametrize(
    "address",
    [
        "jane@example.com",
        "jane@mail.example.org",
        "jane@host.test",
        "jane@host.invalid",
        "jane@box.localhost",
        "jane@printer.local",
        "noreply@github.com",
        "no-reply@service.io",
        "1234+jane@users.noreply.github.com",
        "support@service.io",
        "bug-make@gnu.org",
        "numpy-discussion-owner@python.org",
        "someone@groups.google.com",
        "you@yourdomain.com",
        "john.doe@gmail.com",
        "icon@2x.png",
        "getty@tty1.service",
        "left-pad@1.3.0",
        "q@k.mT",
        "x@w.shape",
        "python@sha256",
        "@",
        "@.",
        "a@..com",
    ],
)
def test_addresses_of_nobody(address: str) -> None:
    assert not EMAIL(address, "")


# ---- by the line around it ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "value", "after", "alone"),
    [
        ("card ", "4539710264815036", " 12/27 123", True),
        ("card 2 ", "4539710264815036", ", 4024", True),
        ("card ", "4539710264815036", ".", True),
        ("card ", "4539710264815036", ".25", False),
        ("card ", "4539 7102 6481 5036", " 1234", False),
        ("card 1234 ", "4539 7102 6481 5036", "", False),
        ("card ", "4539 7102 6481 5036", " 12/27", True),
        ("card ", "4539-7102-6481-5036", " 1234", True),
    ],
)
def test_a_number_inside_a_longer_one(before: str, value: str, after: str, alone: bool) -> None:
    assert lines.alone(before, value, after) is alone


NOISE = {
    "a card without context": "order <luhn:453901:16>",
    "a card in a float": "card weights 0.<luhn:453901:16>",
    "a card in a longer number": "card <luhn:453901:16>0021",
    "a card in longer groups": "card 4539 1488 0343 6467 0021",
    "a card in an identifier": "card_<luhn:453901:16>_x",
    "a test card": "card: 4242424242424242, card: 378282246310005",
    "an IBAN of the registry": "IBAN: DE89 3704 0044 0532 0130 00",
    "a hash next to iban": "iban checksum <upperhex:32>",
    "digits next to ssn": "ssn_length = 9, ssn count 123456789",
    "an advertised SSN": "SSN 987-65-4320 or 078-05-1120",
    "sines": "sin(0.<digit:9>) and sin <digit:9>",
    "a national number without context": "serial <number:pl-pesel:850714#####>",
    "milliseconds": "id number 17<digit:11>, timestamp 1712345678901",
    "reserved domains": "jane@example.com, x@shop.test, y@shop.invalid, z@localhost, w@box.local",
    "an author's line": "Author: Jan Maria <<lower:7>@<lower:9>.org>",
    "a tag of javadoc": " * @author <lower:7>@<lower:9>.org",
    "a licence's header": "# Copyright (c) 2024 Jan Maria <<lower:7>@<lower:9>.org>",
    "a comment's signature": "# 2019, Jan Maria <<lower:7>@<lower:9>.org>",
    "package metadata": "Author-email: Jan Maria <<lower:7>@<lower:9>.org>\nMaintainer-email: <lower:7>@<lower:9>.org",
    "authors of a project": 'authors = [{name = "Jan", email = "<lower:7>@<lower:9>.org"}]',
    "an author in JSON": '{"name": "x", "author": {"name": "Jan", "email": "<lower:7>@<lower:9>.org"}}',
    "authors in JSON": '{"info": {"author": "Jan", "author_email": "<lower:7>@<lower:9>.org"}}',
    "trailers": "Signed-off-by: Jan <<lower:7>@<lower:9>.org>\nCo-authored-by: Jan <<lower:7>@<lower:9>.org>",
    "git over ssh": "git clone git@github.com:<lower:6>/<lower:6>.git && pip install git+ssh://git@host.com/x.git",
    "another user over ssh": "origin <lower:5>@<lower:8>.com:team/repo.git",
    "a URL with a user": "https://<lower:6>@dev.<lower:8>.com/x and https://<lower:6>:<lower:8>@<lower:8>.com",
    "a remote shell": "ssh -p 22 <lower:6>@<lower:8>.com uptime",
    "noreply": "From: noreply@<lower:8>.com, 12+<lower:6>@users.noreply.github.com",
    "a decorator": "@app.route('/')\n@pytest.mark.skip\nx = a@b.T",
    "npm versions": "npm install <lower:6>@1.2.3 @scope/<lower:6>@4.5.6-beta.1 <lower:6>@latest",
    "an image digest": "FROM python@sha256:<hex:64>",
    "a file name": "assets/icon@2x.png logo@3x.webp",
    "a systemd unit": "systemctl start getty@tty1.service",
    "a fictional number": "phone: (212) 555-0143, phone: 020 7946 0123, tel +61 491 570 156",
    "a phone id": "phone_number_id: 123456789012345, mobilenet 1.0.224",
    "a latitude": "Mobile Downtown,Mobile,AL,USA,30.62661306,-88.06809167",
    "a version": "mobile app 3.519.17.7824",
    "offsets": "2024-01-31T10:00:00+02:00 +0200 1e+10 x+4930212345678",
    "places": "CA +4906-11631 and +550737-1313435",
}


@pytest.mark.parametrize(
    "member", ['"author": "Jan D.", ', '"modelspec.author": "Jan", "tags": [1, 2], ', '"licensed under": "MIT", ']
)
def test_an_author_in_one_member_of_an_object_says_nothing_of_the_others(
    detector: PatternDetector, member: str
) -> None:
    text = expand('{"__metadata__": {' + member + '"note": "mail <lower:7>@<lower:9>.org"}}')
    assert found(detector, text) == ["email-address"]


@pytest.mark.parametrize("name", NOISE)
@pytest.mark.parametrize("seed", range(2))
def test_noise(detector: PatternDetector, name: str, seed: int) -> None:
    text = expand(NOISE[name], seed)
    assert found(detector, text) == []
    assert found(detector, text.replace("\n", "\\n")) == []  # the same in a JSON string


@pytest.mark.parametrize(
    "path",
    [
        "AUTHORS.md",
        "LICENSE",
        "pkg-1.0.dist-info/METADATA",
        "web/package.json",
        "setup.py",
        "po/de.po",
        "a.cdx.json",
        "lib/python3.11/site-packages/x/__pycache__/x.cpython-311.pyc",
    ],
)
def test_files_in_which_people_sign_their_work(detector: PatternDetector, path: str) -> None:
    address = expand("<lower:7>@<lower:9>.org")
    assert found(detector, f"say {address}", path) == []
    assert found(detector, f"say {address}", "data/messages.json") == ["email-address"]


SIGNAL = [
    ("mine: <lower:6>.<lower:7>@gmail.com", "email-address"),
    ('{"user": "<lower:7>@<lower:9>.co.uk"}', "email-address"),
    ("Kontakt: Tel. 030 2<digit:2>45<digit:3>", "phone-number"),
    ("ring +49 30 2<digit:2>45<digit:3>", "phone-number-international"),
    ("IBAN <iban:DE##37040044##########>", "bank-account-iban"),
    ("card 4 (main) <luhn:453901:16> 12/27", "payment-card"),
    ("pesel=<number:pl-pesel:850714#####>", "pl-pesel"),
    ("steuerliche IdNr <number:de-idnr:6# ### ### ###>", "de-tax-id"),
    ("user_ssn: '<number:us-ssn:5##-##-####>'", "us-ssn"),
]


@pytest.mark.parametrize(("template", "rule"), SIGNAL)
def test_signal(detector: PatternDetector, template: str, rule: str) -> None:
    assert found(detector, expand(template)) == [rule]
    assert found(detector, expand(template).replace('"', '\\"')) == [rule]


def test_a_proof_blocks_and_a_shape_does_not(detector: PatternDetector) -> None:
    text = expand("pesel <number:pl-pesel:850714#####>\nssn <number:us-ssn:5##-##-####>").encode()
    said = {match.rule.id: (match.check, match.confidence) for match in detector.detect(text, None).matches}
    assert said == {"pl-pesel": (Check.PASSED, Confidence.HIGH), "us-ssn": (Check.NONE, Confidence.MEDIUM)}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_no_rule_shows_a_value_or_is_sure_without_a_proof(rule: Rule) -> None:
    assert rule.preview == "none"
    proven = any(check.partition(":")[0] in STRICT_PROOFS for check in rule.checks)
    assert (rule.confidence is Confidence.HIGH) == proven
    assert rule.structured or not proven


# ---- by what stands around it ------------------------------------------------------------------------------------


CARD_ALONE, IN_VOCABULARY = "payment-card-alone", "payment-card-in-vocabulary"


@pytest.mark.parametrize(
    "template",
    [
        "<luhn:400000:16>",
        "jane <luhn:453901:16> 12/27",
        '{"layer.<luhn:453901:16>": [4, 2]}',
        '["<luhn:5412:16>", "<luhn:453901:16>"]',
        "<luhn:453901:16>\n<luhn:453901:16>\n",
        "3.141592653589793 and 17<digit:11> and <luhn:453901:16>.",
        "amex <luhn:3714:15>, thanks",
    ],
)
@pytest.mark.parametrize("seed", range(3))
def test_a_card_without_a_word(detector: PatternDetector, template: str, seed: int) -> None:
    text = expand(template, seed)
    assert set(found(detector, text)) <= {CARD_ALONE, "payment-card"}
    assert found(detector, text)


def test_random_numbers_hold_no_card(detector: PatternDetector) -> None:
    numbers = [expand("<digit:16>", seed) for seed in range(3000)]
    passing = [number for number in numbers if CARD(number, "")]
    assert len(passing) > 50
    for sort in ("data.csv", "tokenizer.json/:vocabulary"):
        assert found(detector, "\n".join(numbers), sort) == []
        assert found(detector, "\n".join(f"0.{number}" for number in passing), sort) == []


def test_the_shape_of_its_neighbours_counts(detector: PatternDetector) -> None:
    card = expand("<luhn:453901:16>")
    wrong = card[:-1] + str((int(card[-1]) + 1) % 10)
    grouped = " ".join(card[at : at + 4] for at in range(0, 16, 4))
    assert found(detector, f"{wrong}\n{card}") == found(detector, f"{card}\n{wrong}") == []
    assert found(detector, f"{wrong}\n{'x' * 2000}\n{card}") == [CARD_ALONE]
    assert found(detector, f"{wrong}\n{grouped}") == [CARD_ALONE]
    assert found(detector, f"1234567890123456 4242424242424242 4444444444444444 {card}") == [CARD_ALONE]


@pytest.mark.parametrize("path", ["yarn.lock", "app.min.js", "gcm_vectors.json", "lib.so.1", "drawing.svg"])
def test_files_of_numbers(detector: PatternDetector, path: str) -> None:
    assert found(detector, expand("x <luhn:453901:16>"), path) == []


def test_an_entry_of_a_vocabulary(detector: PatternDetector) -> None:
    card = expand("<luhn:453901:16>")
    assert found(detector, card, "a/tokenizer.json/:vocabulary") == [IN_VOCABULARY]
    assert found(detector, f"the\n\u2581{card}\nof", "a.zip!b/tokenizer.json/:vocabulary") == [IN_VOCABULARY]
    assert found(detector, card, "a/tokenizer.json") == [CARD_ALONE]
    assert found(detector, f"say {card}", "a/tokenizer.json/:vocabulary") == [CARD_ALONE]


def test_no_card_without_a_word_blocks(detector: PatternDetector) -> None:
    text = expand("x <luhn:453901:16>").encode()
    (match,) = detector.detect(text, lambda: "x.txt").matches
    assert (match.check, match.confidence) == (Check.NONE, Confidence.LOW)


@pytest.mark.parametrize(("path", "is_told"), [("config.json", True), ("a.pt!archive/data.pkl", True), ("x.py", False)])
def test_home_folders_are_told_in_artifacts_only(path: str, is_told: bool) -> None:
    rules = [rule for rule in builtin_rules() if rule.id == "home-path-in-artifact"]
    detector = PatternDetector(rules, engine=PlainEngine)
    text = expand('"_name_or_path": "/home/<lower:7>/x", "cache": "/home/runner/x", "tmp": "/root/x"').encode()
    matches = detector.detect(text, lambda: path).matches
    assert [match.value.count(b"/") for match in matches] == ([2] if is_told else [])
