"""What comes out of the only door: no part of a value, whatever stands around it."""

from __future__ import annotations

import hashlib
import itertools
import re

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelguard.detectors.interface import FoundPart
from modelguard.detectors.patterns import judge
from modelguard.engine.interface import Span
from modelguard.model import Finding, Origin, Place, Segment
from modelguard.redact.excerpt import apart, excerpt
from modelguard.redact.fingerprint import guessable
from modelguard.redact.preview import MASK, preview
from modelguard.redact.seal import Masked, seal
from modelguard.rules.interface import Part, Rule
from modelguard.rules.prepared import builtin_rules
from modelguard.rules.templates import expand

RULES = {rule.id: rule for rule in builtin_rules()}
TOKEN = RULES["hf-user-token"]
PASSWORD = msgspec.structs.replace(RULES["generic-password-quoted"], checks=())
EMAIL = RULES["email-address"]
SHOWN = 4
"""The longest run of a value's characters that may be seen: less than its vendor's prefix and what follows."""

values = st.text(st.characters(min_codepoint=0x100, max_codepoint=0x24F), min_size=8)  # nothing else is written so
around = st.text(st.sampled_from(" \t\"'=,:;()é日\x1b\x07\u202e\\"), max_size=30)


def sealed(
    rule: Rule, text: bytes, value: bytes, at: int | None = None, path: str = "a.py", **options: object
) -> Finding:
    start = text.index(value) if at is None else at
    span = Span(0, start, start + len(value), start, start + len(value))
    match = judge(msgspec.structs.replace(rule, checks=(), judged=False), span, text)
    assert match is not None
    assert "value=" not in repr(match) and repr(value) not in repr(match)
    match = msgspec.structs.replace(match, parts=options.pop("parts", ()))
    masked = Masked.of([(start, start + len(value)), *options.pop("others", ())], [match])  # type: ignore[misc, has-type]
    spans = [(start, start + len(value)), *((part.start, part.end) for part in match.parts)]
    places = {(first, last): Place(first, last, 1, 1, 1, 2) for first, last in spans}
    return seal(match, Segment(text, ((0, 0),)), masked, Origin(path), places, **options)  # type: ignore[arg-type]


def seen_of(value: str, finding: Finding) -> int:
    """The longest run of the value's characters that stands anywhere in the finding."""
    told = "\n".join((finding.preview, finding.excerpt, finding.fingerprint, finding.status_reason))
    return max((size for size in range(1, len(value) + 1) if any_run(value, size, told)), default=0)


def any_run(value: str, size: int, told: str) -> bool:
    return any(value[at : at + size] in told for at in range(len(value) - size + 1))


@given(values, around, around)
def test_no_part_of_a_value_is_shown(value: str, before: str, after: str) -> None:
    text = f"{before}\n{before}{value}{after}\n".encode()
    for rule in (PASSWORD, EMAIL):
        finding = sealed(rule, text, value.encode())
        assert seen_of(value, finding) == 0
        assert value not in repr(finding)


@pytest.mark.parametrize("seed", range(5))
def test_only_the_prefix_of_a_token_is_shown(seed: int) -> None:
    value = expand("hf_<alnum:34>", seed)
    finding = sealed(TOKEN, f'login("{value}")'.encode(), value.encode())
    assert finding.preview == "hf_**** (37 characters)"
    assert finding.excerpt == 'login("hf_****")'
    assert seen_of(value, finding) <= SHOWN


def test_every_other_value_of_the_line_is_masked() -> None:
    one, two, three = (expand("<lower:6>-<digit:3>", seed) for seed in range(3))
    text = f'a="{one}" b="{two}" c="{three}"\n'.encode()
    spans = [(text.index(value.encode()), text.index(value.encode()) + len(value)) for value in (one, three)]
    finding = sealed(PASSWORD, text, two.encode(), others=spans)
    assert finding.excerpt == f'a="{MASK}" b="{MASK}" c="{MASK}"'


def test_values_that_overlap_are_masked_whole() -> None:
    text = b"0123456789"
    assert excerpt(text, 3, (3, 5, "<v>"), apart([(3, 5), (1, 4), (4, 7)])) == f"0{MASK}<v>{MASK}789"


def test_what_looks_like_a_value_is_masked_too() -> None:
    other = expand("<alnum:24>")
    text = f"{other} password = 'abc-def-1'".encode()  # modelguard: allow[generic-password-quoted] made up
    finding = sealed(PASSWORD, text, b"abc-def-1")
    assert finding.excerpt == f"{MASK} password = '{MASK}'"


def test_an_excerpt_is_one_line_and_short() -> None:
    text = b"x " * 5000 + b"tiger-7" + b" y" * 5000 + b"\nnext"
    finding = sealed(PASSWORD, text, b"tiger-7")
    assert len(finding.excerpt) < 250 and "next" not in finding.excerpt
    key = expand("-----BEGIN PRIVATE KEY-----\n<pem:5>\n-----END PRIVATE KEY-----").encode()
    assert sealed(RULES["private-key-pem"], b"k = " + key, key).excerpt == f"k = {MASK}"


@given(st.binary(max_size=60), st.binary(max_size=60))
def test_an_excerpt_can_be_printed(before: bytes, after: bytes) -> None:
    shown = sealed(PASSWORD, before + b"~hunter~" + after, b"~hunter~", at=len(before)).excerpt
    assert shown.isprintable()


@given(st.lists(st.tuples(st.integers(0, 99), st.integers(0, 99)).map(sorted).map(tuple)))  # type: ignore[arg-type]
def test_spans_apart_cover_the_same(spans: list[tuple[int, int]]) -> None:
    found = apart(spans)
    covered = {at for start, end in spans for at in range(start, end)}
    assert {at for start, end in found for at in range(start, end)} == covered
    assert all(one[1] < other[0] for one, other in itertools.pairwise(found))


@pytest.mark.parametrize(
    ("value", "mode", "shown"),
    [
        ("hf_abcdefghijkl", "prefix:3", "hf_**** (15 characters)"),
        ("abcdefgh", "prefix:9", "ab**** (8 characters)"),
        ("abc", "prefix:3", "**** (3 characters)"),
        ("\x1b[2Jabcdefghijk", "prefix:3", "**** (15 characters)"),
        ("Ab9-cde1", "shape", "Aa0-a0 (8 characters)"),
        ("päss", "shape", "a (4 characters)"),
        ("anything", "none", "**** (8 characters)"),
    ],
)
def test_previews(value: str, mode: str, shown: str) -> None:
    assert preview(value, mode) == shown


def test_a_random_token_keeps_its_fingerprint_wherever_it_goes() -> None:
    value = expand("hf_<alnum:34>").encode()
    here = sealed(TOKEN, b"x = " + value, value).fingerprint
    assert sealed(TOKEN, b"moved\n\n  y: " + value, value, path="b/c.yaml").fingerprint == here
    assert sealed(TOKEN, b"x = " + value[:-1] + b"!", value[:-1] + b"!").fingerprint != here
    assert sealed(PASSWORD, b"x = " + value, value).fingerprint != here
    assert re.fullmatch("[0-9a-f]{32}", here)


def test_a_password_is_known_by_its_place_and_a_tag() -> None:
    first = sealed(PASSWORD, b"p = 'tiger-7'", b"tiger-7").fingerprint
    assert sealed(PASSWORD, b"# new\np  =  'tiger-7'", b"tiger-7").fingerprint == first
    changed = sealed(PASSWORD, b"p = 'tiger-8'", b"tiger-8").fingerprint
    assert changed[:28] == first[:28] and changed != first
    assert sealed(PASSWORD, b"p = 'tiger-7'", b"tiger-7", path="b.py").fingerprint[:28] != first[:28]


def test_the_commit_at_which_a_file_of_a_hub_was_read_is_no_part_of_its_name() -> None:
    def name(path: str) -> str:
        return sealed(PASSWORD, b"p = 'tiger-7'", b"tiger-7", path=path).fingerprint

    here = name("hf://models/org/a@0123456789ab/b@c.py")
    assert name("hf://models/org/a@ba9876543210/b@c.py") == here
    assert name("hf://models/org/a@0123456789ab/b@d.py") != here
    assert name("hf://models/org/b@0123456789ab/b@c.py") != here
    assert name("x/hf://models/org/a@0123456789ab/b@c.py") != name("x/hf://models/org/a@ba9876543210/b@c.py")


def test_around_personal_data_nothing_else_of_the_person_is_shown() -> None:
    card, other, mail = (
        expand(template) for template in ("<luhn:453901:16>", "<luhn:512345:16>", "<lower:6>@<lower:6>.org")
    )
    text = f"id 17, {mail}, card no. 2 of {mail}: {card}, {other}, born 1985-07-14".encode()
    start, value = text.index(b"card no"), text.index(card.encode())
    span = Span(0, start, value + len(card), value, value + len(card))
    match = judge(RULES["payment-card"], span, text)
    assert match is not None
    place = Place(value, value + len(card), 1, 1, 1, 2)
    places, masked = {(value, value + len(card)): place}, Masked.of([(value, value + len(card))], [match])
    finding = seal(match, Segment(text, ((0, 0),)), masked, Origin("a.csv"), places)
    assert finding.excerpt == f"card no. {MASK} of {MASK} {MASK}"
    assert finding.preview == f"{MASK} (16 characters)"
    moved = seal(match, Segment(text, ((0, 0),)), masked, Origin("b.csv"), places)
    assert finding.fingerprint[:28] != moved.fingerprint[:28]


@pytest.mark.parametrize(("rule", "template", "guess"), [
    (TOKEN, "hf_<alnum:34>", False),
    (PASSWORD, "<alnum:12>", True),
    (PASSWORD, "<alnum:40>", False),
    (EMAIL, "<alnum:40>@company.test", True),
])  # fmt: skip
def test_what_can_be_guessed(rule: Rule, template: str, guess: bool) -> None:
    value = expand(template).encode()
    match = judge(msgspec.structs.replace(rule, checks=()), Span(0, 0, len(value), 0, len(value)), value)
    assert match is not None
    assert guessable(match.rule.category, match.rule.generic, match.value) is guess


def test_a_value_that_an_imported_baseline_knows_is_recognised() -> None:
    digest = hashlib.sha1(b"tiger-7", usedforsecurity=False).hexdigest()
    assert sealed(PASSWORD, b"p = 'tiger-7'", b"tiger-7", known={digest}).recognised
    assert not sealed(PASSWORD, b"p = 'tiger-8'", b"tiger-8", known={digest}).recognised


def test_a_part_shows_no_more_than_it_may_and_names_nothing() -> None:
    value, key, phrase = expand("<alnum:40>"), expand("AKIA<base32:16>"), expand("<lower:6>-<lower:4>")
    text = f"k={key} p={phrase} s={value}".encode()
    shown, hidden = Part("key id", "-", "prefix:4"), Part("passphrase", "-", "none")
    parts = tuple(
        FoundPart(part, text.index(each.encode()), text.index(each.encode()) + len(each))
        for part, each in ((shown, key), (hidden, phrase))
    )
    plain, finding = (sealed(PASSWORD, text, value.encode(), parts=given) for given in ((), parts))
    assert phrase in plain.excerpt and finding.excerpt == f"k={MASK} p={MASK} s={MASK}"
    assert [(part.name, part.preview) for part in finding.parts] == [
        ("key id", "AKIA**** (20 characters)"),
        ("passphrase", "**** (11 characters)"),
    ]
    assert finding.fingerprint == plain.fingerprint
    assert key not in repr(finding) and phrase not in repr(finding)


def test_a_part_that_some_rule_takes_for_a_value_is_not_shown() -> None:
    value, key = expand("<alnum:40>"), expand("AKIA<base32:16>")
    text = f"k={key} s={value}".encode()
    found = FoundPart(Part("key id", "-", "prefix:4"), 2, 2 + len(key))
    for span in ((2, 3), (0, 4), (2, 2 + len(key)), (1 + len(key), 40)):
        (part,) = sealed(PASSWORD, text, value.encode(), parts=(found,), others=[span]).parts
        assert part.preview == "**** (20 characters)"
    (part,) = sealed(PASSWORD, text, value.encode(), parts=(found,), others=[(0, 2), (2 + len(key), 30)]).parts
    assert part.preview == "AKIA**** (20 characters)"


def test_a_part_that_would_be_a_finding_alone_carries_its_name() -> None:
    """So a baseline, and the history of a value, know it again wherever it stands."""
    value, key = expand("<alnum:40>").encode(), expand("AKIA<base32:16>").encode()
    rule = RULES["aws-access-key-id"]
    text = b"k=" + key + b" s=" + value
    match = judge(rule, Span(0, 2, 2 + len(key), 2, 2 + len(key)), text)
    found = FoundPart(Part("key id", "-", "none"), 2, 2 + len(key), match)
    (part,) = sealed(PASSWORD, text, value, parts=(found,), others=[(2, 2 + len(key))]).parts
    assert (part.rule, part.preview) == (rule.id, "AKIA**** (20 characters)")
    assert part.fingerprint == sealed(rule, text, key).fingerprint
