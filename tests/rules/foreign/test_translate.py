"""Go's and Rust's regular expressions in our syntax: the same values are found, and what cannot be said is named."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from modelguard.detectors.proving import engines
from modelguard.engine.effort import check_bounded_test
from modelguard.engine.interface import Refused
from modelguard.engine.syntax import PatternError, derive
from modelguard.rules.foreign.dialect import DialectError
from modelguard.rules.foreign.translate import translated, translated_test, words_test


def values(parts: Sequence[str], text: str) -> list[str]:
    pattern = derive(parts)
    found = [match["value"].decode("latin-1") for match in re.finditer(pattern.regex.encode(), text.encode("latin-1"))]
    for name, make in engines().items():
        spans = make([pattern]).scan(text.encode("latin-1")).spans
        assert [text[span.value_start : span.value_end] for span in spans] == found, name
    return found


SAME = {
    # pattern, Rust's, text, values
    "a flag for all of it": (r"(?i)acme_([a-f]{4})", False, "ACME_ABcd acme_abcg", ["ABcd"]),
    "a flag from the middle on": (r"acme_(?i)([a-f]{4})", False, "ACME_abcd acme_ABCD", ["ABCD"]),
    "a flag holds for the alternatives after it": (r"acme_((?i)one|two)", False, "acme_TWO acme_One", ["TWO", "One"]),
    "a flag taken back": (r"(?i)acme_((?-i:A)b{3})", False, "ACME_ABBB acme_abbb", ["ABBB"]),
    "flags of a group": (r"(?i:acme)_(x{3})", False, "ACME_xxx acme_XXX", ["xxx"]),
    "a dot and line breaks": (r"acme(.)9", False, "acme\n9 acme-9", ["-"]),
    "a dot for all": (r"(?s)acme(.)9", False, "acme\n9 acme-9", ["\n", "-"]),
    "named groups": (r"acme_(?P<secret>\d{4})", False, "acme_1234", ["1234"]),
    "named groups, Rust's way": (r"acme_(?<secret>\d{4})", True, "acme_1234", ["1234"]),
    "POSIX classes": (r"acme_([[:alnum:]_]{4})[[:^alpha:]]", False, "acme_a_1Zz acme_a_1Z-", ["a_1Z"]),
    "a punctuation class": (r"acme([[:punct:]]{3})", False, "acme-]^ acmeabc", ["-]^"]),
    "a bracket that closes nothing": (r"acme([]a]{2})", False, "acme]a", ["]a"]),
    "a class of negations": (r"acme([^\W_]{2})", False, "acme_a acmeab", ["ab"]),
    "hexadecimal escapes": (r"acme\x3d\x{2D}([\x60'\"]\w{3})", False, "acme=-`abc", ["`abc"]),
    "quoted text": (r"\Qacme.(\E(\w{3})", False, "acme.(abc acmex(abc", ["abc"]),
    "a brace that counts nothing": (r"acme{(\w{3})}", False, "acme{abc}", ["abc"]),
    "blanks that do not count": ("(?x) acme [ _ ] # a note\n ( \\d{4} ) (?# and one )", True, "acme_1234", ["1234"]),
    "a blank that does": (r"(?x) acme\ (\d{2})", True, "acme 12 acme12", ["12"]),
    "ends of the text are ends of lines": (
        r"^acme=(\w{3})(?:\s|$)",
        False,
        "acme=abc\nx acme=abd\nacme=abe",
        ["abc", "abe"],
    ),
    "the end": (r"acme=(\w{3})\z", False, "acme=abc", ["abc"]),
    "repeats without an end": (r"acme\s*=\s*(\w+)!", False, "acme   = abcdef!", ["abcdef"]),
    "at least so many": (r"acme_(\d{3,})!", False, "acme_12! acme_12345!", ["12345"]),
    "lazy repeats": (r"acme(.+?)9", False, "acmea9b9", ["a"]),
    "all of it without a group": (r"\bacme-\d{3}\b", False, "acme-123 acme-1234", ["acme-123"]),
    "the first group that is always there": (r"acme(x)?=(\d)(\d)", False, "acmex=12 acme=34", ["1", "3"]),
    "all of it where groups take turns": (r"acme(?:a(\d)|b(\d))", False, "acmea1 acmeb2", ["acmea1", "acmeb2"]),
    "a group within a group": (r"acme_((A|B)\d{2})", False, "acme_A12", ["A12"]),
    "a byte that two alternatives have": (r"acme(?:.|[\n\r]){0,4}?(\d{3})", True, "acme\n\r-123", ["123"]),
    "a gap at the front": (r"[\w.-]{0,50}?acme=(\d{3})", False, "my.acme=123", ["123"]),
    "letters in both cases": (r"(?i)acme(k)(.|[\n\r])", True, "ACMEK.", ["K"]),
}


@pytest.mark.parametrize("kind", SAME)
def test_the_same_values_are_found(kind: str) -> None:
    pattern, rust, text, expected = SAME[kind]
    assert values(translated(pattern, rust).parts, text) == expected


def test_the_group_that_is_named_is_the_value() -> None:
    assert values(translated(r"acme(\d)(\d)", secret=2).parts, "acme12") == ["2"]
    with pytest.raises(DialectError, match="has no group 3"):
        translated(r"acme(\d)(\d)", secret=3)


REFUSED = {
    r"acme(?=x)": "lookaround",
    r"(?<!x)acme": "lookaround",
    r"(?>acme)": "atomic",
    r"acme\d++": "possessive",
    r"(a)\1cme": "refers back",
    r"(?P<a>a)(?P=a)": "refers back",
    r"acme\p{Greek}": "Unicode class",
    r"acme[\pL]": "Unicode class",
    "acmeé": "not ASCII",
    r"acme[é]": "not ASCII",
    r"acme\x{e9}": "not ASCII",
    r"acme\C": r"the escape \\C",
    r"(?z)acme": "flag 'z'",
    r"acme(": "ends too early|without an end",
    r"acme)": "closes a group",
    r"acme[a": "ends too early",
    r"acme[z-a]": "runs backwards",
    r"acme[[:nope:]]": "nope",
    r"*acme": "repeats nothing",
    "a" + "{2}" * 9000: "repeats a repeat",
    r"acme{5,2}": "wrong way round",
    r"acme\d{90000}": "too large",
    "(" * 100 + "a" + ")" * 100: "deep",
    "a" * 70_000: "characters",
    r"(?:(?:(?:a+b)+c)+d)+": "repeats without an end",
}


@pytest.mark.parametrize("pattern", REFUSED, ids=lambda pattern: pattern[:24])
def test_what_cannot_be_said_is_named(pattern: str) -> None:
    with pytest.raises(DialectError, match=REFUSED[pattern]):
        translated(pattern)


@pytest.mark.parametrize("pattern", [r"acme[a[bc]]", r"acme[a-z&&[^b]]", r"\b{start}acme", r"acme\u{e9}"])
def test_what_only_rust_reads_so_is_named(pattern: str) -> None:
    with pytest.raises(DialectError):
        translated(pattern, rust=True)


def test_what_is_bounded_is_told() -> None:
    assert translated(r"acme(\d{3})").changes == ()
    assert "at most 4096 times more" in translated(r"acme(\d+)").changes[0]
    assert "at most 2048 times more" in translated(r"acme(\d+)-\d+-\d+").changes[0]
    assert values(translated(r"acme(\d+)").parts, "acme" + "1" * 5000) == ["1" * 4097]


def test_patterns_of_values_and_paths_keep_their_ends() -> None:
    assert re.search(translated_test(r"(?i)^tests?/"), "TEST/a") and not re.search(
        translated_test(r"^tests?/"), "a/test/"
    )
    assert re.search(translated_test(r"(.*?)(jpg|gif)$"), "a/b.gif") and not re.search(
        translated_test(r"gif$"), "a.gif2"
    )
    assert re.search(words_test(["a.b", "c\\Ed"]), "xA.By") and re.search(words_test(["c\\Ed"]), "c\\Ed")
    assert not re.search(words_test(["a.b"]), "axb")


ATOMS = st.sampled_from(
    ["a", "b", "1", "-", "[ab]", "[^a]", r"\d", r"\w", ".", r"\b", "(?i:a)", "(?i:B1)", "[[:alpha:]]"]
)
PIECES = st.recursive(
    ATOMS,
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=3).map("".join),
        st.lists(inner, min_size=2, max_size=3).map(lambda each: f"(?:{'|'.join(each)})"),
        inner.map(lambda body: f"({body})"),
        st.tuples(inner, st.sampled_from(["?", "{2}", "{1,3}", "{0,20}?", "+", "*", "+?", "{2,}"])).map(
            lambda both: f"(?:{both[0]}){both[1]}"
        ),
    ),
    max_leaves=8,
)


@given(st.lists(PIECES, min_size=1, max_size=4), st.text("aAbB1-_ ", max_size=30))
@settings(max_examples=400, deadline=None, derandomize=True)
def test_it_finds_what_python_finds(pieces: list[str], text: str) -> None:
    """Patterns that Python reads as Go does: our form has the same values, in every engine."""
    pattern = "".join(pieces)
    python = re.compile(pattern.replace("[[:alpha:]]", "[A-Za-z]").encode())
    try:
        taken = translated(pattern)
        derive(taken.parts)
    except (DialectError, PatternError):
        return
    try:
        found = [value.encode() for value in values(taken.parts, text)]
    except Refused:  # it can match nothing, and Hyperscan knows
        return
    original = list(python.finditer(text.encode()))
    if taken.whole:
        assert found == [match[0] for match in original]
    elif len(found) == len(original):
        assert any(found == [match[number] for match in original] for number in range(1, python.groups + 1))
    else:  # a gap at an end is not taken over: what it covered may hold more
        assert pattern.endswith(("?", "*"))


@given(st.text(r"abA1-_.,|()[]{}*+?\\^$:<>=!#& \n" + "PpQE\u00e9", max_size=24), st.booleans())
@settings(max_examples=1500, deadline=None, derandomize=True)
def test_any_text_is_read_or_refused(text: str, rust: bool) -> None:
    for flag in ("", "(?x)", "(?i)"):
        with contextlib.suppress(DialectError, PatternError):
            derive(translated(flag + text, rust or flag == "(?x)").parts)
        with contextlib.suppress(DialectError, PatternError):
            check_bounded_test(translated_test(flag + text, rust or flag == "(?x)"))


def test_long_patterns_take_no_time() -> None:
    """Linear in the length: a file may hold thousands of them."""
    parts = translated("(?i)" + "ab(?-i:C)" * 600).parts
    assert derive(parts).width == 1800
    with pytest.raises(PatternError, match="the widest"):
        derive(translated("(?i)" + "a" * 60_000).parts)
