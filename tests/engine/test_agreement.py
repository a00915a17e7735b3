"""Both engines give the same spans on any text, and the spans are those of `re` over the whole text.

Vectorscan 5.4.12 misses some matches of patterns that begin with a pair of character classes (VectorCamp's issue 358),
depending on where in a vector register they lie. So every example is tried at every alignment, and each rule also in a
database of its own, which the compiler lays out differently.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Sequence
from functools import cache, lru_cache

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from modelguard.detectors.mark_pattern import MARK_PATTERN
from modelguard.engine.fast import FastEngine, build
from modelguard.engine.interface import Pattern, Span
from modelguard.engine.plain import PlainEngine
from modelguard.engine.syntax import PatternError, derive
from modelguard.engine.views import readings

from .matching import random_match
from .texts import RULES, WRITINGS, examples, mixed

PATTERNS = [*(rule.pattern for rule in RULES), MARK_PATTERN]
ALIGNMENTS = 72  # more than the 64 bytes of the widest vector register


@lru_cache(maxsize=1)
def _engines() -> tuple[PlainEngine, FastEngine]:
    return PlainEngine(PATTERNS), _fast(PATTERNS)


def _fast(patterns: Sequence[Pattern]) -> FastEngine:
    return FastEngine(patterns, build(patterns))


@cache
def _compiled(regex: str) -> re.Pattern[bytes]:
    return re.compile(regex.encode())


def _naive(patterns: Sequence[Pattern], text: bytes) -> list[Span]:
    """What `Pattern` promises, word for word: no keyword, no tail, no window, no memory of an earlier search."""
    found = set()
    for reading in readings(text):
        for index, pattern in enumerate(patterns):
            found.update(_naive_spans(index, pattern, reading))
    return sorted(found)


def _naive_spans(index: int, pattern: Pattern, text: bytes) -> Iterator[Span]:
    regex = _compiled(pattern.regex)
    for match in regex.finditer(text):
        end, value_end = match.end(), match.end("value")
        if pattern.common and re.search(rb"[0-9]", match["value"][:161]) is None:
            continue
        if pattern.end is not None:
            end = value_end = _naive_end(pattern, text, match.end())
        yield Span(index, match.start(), end, match.start("value"), value_end)


def _naive_end(pattern: Pattern, text: bytes, start: int) -> int:
    assert pattern.end is not None
    ends = [min(len(text), start + pattern.limit)]
    close, again = _compiled(pattern.end).search(text, start), _compiled(pattern.regex).search(text, start)
    if close is not None and (again is None or close.start() <= again.start()):
        ends.append(close.end())
    elif again is not None:
        ends.append(again.start())
    return min(ends)


def _ids(patterns: Sequence[Pattern], spans: Sequence[Span]) -> list[tuple[str, Span]]:
    names = {pattern: rule.id for pattern, rule in zip(PATTERNS, RULES, strict=False)}
    return [(names.get(patterns[span.pattern], patterns[span.pattern].regex), span) for span in spans]


def _assert_agree(plain: PlainEngine, fast: FastEngine, patterns: Sequence[Pattern], text: bytes) -> int:
    one, other = plain.scan(text), fast.scan(text)
    missed = _ids(patterns, sorted(set(one.spans) - set(other.spans)))
    made_up = _ids(patterns, sorted(set(other.spans) - set(one.spans)))
    assert not missed, f"the fast engine misses {missed} in {text!r}"
    assert not made_up, f"the fast engine makes up {made_up} in {text!r}"
    assert one == other, f"{one.wide=} {other.wide=} {text!r}"
    return len(one.spans)


@pytest.mark.parametrize("seed", range(8))
def test_engines_agree_on_mixed_examples(seed: int) -> None:
    rnd = random.Random(seed)
    plain, fast = _engines()
    seen = sum(_assert_agree(plain, fast, PATTERNS, mixed(rnd)) for _ in range(250))
    assert seen > 600  # the texts are such that there is something to disagree on


def test_the_plain_engine_gives_what_re_gives() -> None:
    rnd = random.Random("naive")
    plain, _ = _engines()
    for _ in range(300):
        text = mixed(rnd)
        assert plain.scan(text).spans == _naive(PATTERNS, text), text


@settings(deadline=None, derandomize=True, max_examples=150)
@given(data=st.data())
def test_engines_agree_on_fragments(data: st.DataObject) -> None:
    fragments = st.sampled_from([text for _, text in examples()]).flatmap(
        lambda text: st.builds(lambda a, b: text[min(a, b) : max(a, b)], *[st.integers(0, len(text))] * 2)
    )
    written = st.builds(lambda write, text: write(text), st.sampled_from(WRITINGS), fragments)
    noise = st.text(alphabet="\\\"'/nrtu0=27 \n:{y_-", max_size=70)
    text = "".join(data.draw(st.lists(st.one_of(fragments, written, noise), max_size=8)))
    _assert_agree(*_engines(), PATTERNS, text.encode("utf-8", "replace"))


@settings(deadline=None, derandomize=True, max_examples=150)
@given(st.binary(max_size=300))
def test_engines_agree_on_noise(text: bytes) -> None:
    _assert_agree(*_engines(), PATTERNS, text)


def test_every_example_is_found_at_every_alignment() -> None:
    plain, fast = _engines()
    for _, text in examples()[::3]:
        data = b"\n" + text.encode()
        spans = plain.scan(data).spans
        for shift in range(ALIGNMENTS):
            moved = [
                span._replace(**{name: getattr(span, name) + shift for name in Span._fields[1:]}) for span in spans
            ]
            assert fast.scan(b"\n" * shift + data).spans == moved, (shift, text)


@pytest.mark.parametrize("filler", [b"y", b"{", b" ", b'"', b"sk-"])
def test_filler_of_every_length_in_front_of_every_rule(filler: bytes) -> None:
    """All rules' first examples in one text, each behind a run of filler of another length each time."""
    plain, fast = _engines()
    rnd = random.Random(filler)
    firsts = [rule.examples[0] for rule in RULES]
    texts = [text for rule, text in examples() if rule.examples[0] in firsts]
    for _ in range(60):
        chosen = rnd.sample(texts, 12)
        text = b"\n".join(filler * rnd.randrange(ALIGNMENTS) + one.encode() for one in chosen)
        _assert_agree(plain, fast, PATTERNS, text)


SYNTHETIC = (
    # overlapping chains: where one match ends decides where the next may begin
    r"(?P<value>aba[ab]{2,9})",
    r"(?P<value>aab(?:a|ab|aba){1,6}b)",
    r"aba(?P<value>[ab]{3})(?:aba)?",
    r"(?P<value>abc[abc]{0,20}?abc)",
    r"[abc]{0,9}bca(?P<value>[ab]{1,9})c",
    r"(?P<value>[abc]{3,12}cab[abc]{2,12})",
    r"(?:aaa|bbb)(?P<value>[ab]{1,3}c?)",
    # lookarounds and boundaries on either side
    r"(?<![\w-])(?P<value>abc[ab-]{2,9})(?![\w-])",
    r"\b(?P<value>abc[ab]{1,12})\b",
    r"\B(?P<value>abc[ab]{1,12})\B",
    r"(?<!a)(?P<value>bca[abc ]{0,6})(?!b)",
    r"(?<=[ \n])(?P<value>cab[ab]{2,6})(?= )",
    r"(?m:^)(?P<value>abc[abc ]{0,9})(?m:$)",
    r"(?P<value>abc[ab]{2,5})(?![c-])",
    # nested alternations, literals deep inside, optional parts
    r"(?P<value>(?:a(?:bc|cb(?:a|b))|b(?:ca|ac){1,2})(?:abc|cab)[abc]{1,4})",
    r"(?i:ABC|bca)[ \n]{0,4}(?P<value>(?:ab?c?){2,5})",
    r"(?:ab?c)?abc(?P<value>a{0,3}b{0,3}c{1,3})",
    r"[ab]{0,4}?(?P<value>(?:abc){1,3})[^\n]{0,6}?cab",
    # quotes and blanks that a view makes out of escapes
    r'abc["\'/]{1,4}\s{0,4}(?P<value>[abc]{2,6})["\' ]',
    r"\s(?P<value>abc)[^\S ]",
    # a pair of classes in front: what Vectorscan 5.4.12 misses unless the hunting form begins at the literal
    r"[-/][ \n]{0,40}[bc]abca(?P<value>[ab]{1,3})",
    r"-\s{0,40}[\"']abc(?P<value>[ab]{1,3})",
    r"[bc]{1,2}a[-/]{0,9}(?P<value>cab[ab]{1,3})",
    r"(?:-|'')\s{0,4}[ab](?P<value>cab)",
    # one byte classes, negated ones
    r"abc[^a]{1,5}(?P<value>[^\n]{1,3})a",
    r"abc\W\s?(?P<value>\w\D?\S)",
)

UNBOUNDED = (
    (r"(?P<value>abc)", "cba", 12),
    (r"(?P<value>abc[ab]{0,3})", "c{2,5}", 20),
    (r"\b(?P<value>abc)\b", r"\bcab\b", 9),
    (r"(?P<value>abc )", r"a{1,3}(?![a])", 6),
    (r"(?P<value>aab)", r"(?:b|bb|c)\n", 40),
)


@pytest.mark.parametrize("regex", SYNTHETIC)
def test_engines_agree_on_made_up_patterns(regex: str) -> None:
    _assert_agree_on_small_alphabet(derive(regex), 600)


@pytest.mark.parametrize(("regex", "end", "limit"), UNBOUNDED)
def test_engines_agree_on_unbounded_patterns(regex: str, end: str, limit: int) -> None:
    _assert_agree_on_small_alphabet(derive(regex, end, limit), 600)


def _assert_agree_on_small_alphabet(pattern: Pattern, count: int) -> None:
    plain, fast = PlainEngine([pattern]), _fast([pattern])
    rnd = random.Random(pattern.regex)
    seen = 0
    for _ in range(count):
        text = _small_alphabet_text(pattern, rnd)
        seen += _assert_agree(plain, fast, [pattern], text)
        assert plain.scan(text).spans == _naive([pattern], text), text
    assert seen > count / 4


def _small_alphabet_text(pattern: Pattern, rnd: random.Random) -> bytes:
    alphabet = b"abc- \n\"\\n'/"
    pieces = [b"abc", b"cab", b"bca", b"aab", *(bytes([byte]) for byte in alphabet)]
    parts = [rnd.choice(pieces) for _ in range(rnd.randint(0, 50))]
    for regex in (pattern.regex, pattern.regex, pattern.end or pattern.regex):
        for _ in range(rnd.choice((0, 0, 1, 2))):
            parts.insert(rnd.randint(0, len(parts)), random_match(regex, rnd, alphabet))
    if rnd.random() < 0.2:
        parts.insert(0, rnd.choice((b"y", b"\n", b" ")) * rnd.randrange(ALIGNMENTS))
    if rnd.random() < 0.2:
        parts.append(rnd.choice((b"y", b"\n", b" ")) * rnd.randrange(300))
    return b"".join(parts)


_CLASSES = st.sampled_from(["a", "b", "c", "[ab]", "[a-c]", "[^a]", r"\w", r"\s", r"\W", "[\"']", "[ /]", "."])
_LITERALS = st.sampled_from(["abc", "cab", "aab", "(?i:bca)", "abca"])


def _repeated(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    bounds = st.sampled_from(["", "?", "{0,3}", "{2}", "{1,4}", "{0,9}?", "{1,3}?"])
    return st.builds(lambda body, bound: f"(?:{body}){bound}", inner, bounds)


def _nested(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    joined = st.lists(inner, min_size=1, max_size=3).map("".join)
    return st.one_of(
        _repeated(joined), st.lists(joined, min_size=2, max_size=3).map(lambda all_: f"(?:{'|'.join(all_)})")
    )


_PARTS = st.recursive(st.one_of(_CLASSES, _LITERALS), _nested, max_leaves=6)
_EDGES_BEFORE = st.sampled_from(["", "", r"\b", r"(?<![\w-])", "(?<!a)", r"(?<=[ \n])", "(?m:^)"])
_EDGES_AFTER = st.sampled_from(["", "", r"\b", r"(?![\w-])", "(?!b)", "(?= )", "(?m:$)"])


@st.composite
def _regexes(draw: st.DrawFn) -> str:
    before, after = draw(_PARTS), draw(_PARTS)
    value = draw(_LITERALS) + draw(_PARTS)
    return f"{draw(_EDGES_BEFORE)}{before}(?P<value>{value}){after}{draw(_EDGES_AFTER)}"


@settings(deadline=None, derandomize=True, max_examples=90)
@given(_regexes(), st.integers(0, 2**32))
def test_engines_agree_on_any_pattern_that_is_accepted(regex: str, seed: int) -> None:
    try:
        patterns = [derive(regex)]
    except PatternError:
        return
    plain, fast = PlainEngine(patterns), _fast(patterns)
    rnd = random.Random(seed)
    for _ in range(25):
        text = _small_alphabet_text(patterns[0], rnd)
        _assert_agree(plain, fast, patterns, text)
        assert plain.scan(text).spans == _naive(patterns, text), text


@example(b"")
@example(b"abc")
@settings(deadline=None, derandomize=True, max_examples=60)
@given(st.binary(max_size=40))
def test_matches_at_both_ends_of_a_text(middle: bytes) -> None:
    token = next(text for rule, text in examples() if rule.id == "hf-user-token").encode()
    value = re.search(rb"hf_\w+", token)
    assert value is not None
    text = value[0] + b" " + middle + b" " + value[0]
    plain, fast = _engines()
    _assert_agree(plain, fast, PATTERNS, text)
    spans = {(span.start, span.end) for span in fast.scan(text).spans}
    assert {(0, len(value[0])), (len(text) - len(value[0]), len(text))} <= spans


def test_each_pattern_that_may_match_is_asked_for_once_and_a_refused_one_is_not_looked_at() -> None:
    text = "\\n".join(text for rule, text in examples() if rule.id in ("hf-user-token", "openai-api-key")).encode()
    for engine in _engines():
        asked: list[int] = []

        def wanted(pattern: int, asked: list[int] = asked) -> bool:
            asked.append(pattern)
            return RULES[pattern].id != "hf-user-token"

        every, some = engine.scan(text).spans, engine.scan(text, wanted).spans
        assert every != some
        assert some == [span for span in every if RULES[span.pattern].id != "hf-user-token"]
        assert len(asked) == len(set(asked))
