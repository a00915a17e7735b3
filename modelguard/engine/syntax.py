"""Reads a rule's pattern: refuses what two engines would read differently, and derives what each of them needs.

The accepted syntax is the part that Hyperscan (a PCRE subset) and Python's `re` read alike; `docs/rules.md` lists it.
Parsing is Python's own (`re._parser`), so this file runs when rules are prepared or checked, never at start-up.
"""

from __future__ import annotations

import importlib
import itertools
import re
import sys
import warnings
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

from modelguard.engine.common import CHARACTERS, LONGEST_NAME, WORDS
from modelguard.engine.hidden import encoded_marks
from modelguard.engine.interface import MAX_END_WIDTH, NEAR, Pattern, Tail
from modelguard.engine.views import BEHIND, EDGE

_NEW = sys.version_info >= (3, 11)
ops: Any = importlib.import_module("re._constants" if _NEW else "sre_constants")
parser: Any = importlib.import_module("re._parser" if _NEW else "sre_parse")

Item = tuple[Any, Any]

MAX_WIDTH = 8192
"""The widest bounded match, in bytes; must stay well below `Budget.overlap_bytes`."""

MAX_LIMIT = 64 * 1024
"""The most bytes that an unbounded match may run on for; with `MAX_WIDTH` it must stay below `Budget.overlap_bytes`."""

_MAX_LITERALS = 64
_CATEGORIES = {
    ops.CATEGORY_DIGIT: r"\d",
    ops.CATEGORY_NOT_DIGIT: r"\D",
    ops.CATEGORY_SPACE: r"\s",
    ops.CATEGORY_NOT_SPACE: r"\S",
    ops.CATEGORY_WORD: r"\w",
    ops.CATEGORY_NOT_WORD: r"\W",
}
_EVERY = frozenset(range(256))
_ANY = r"[\x00-\xff]"
_WORD = frozenset(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_")
_MEMBERS = {
    ops.CATEGORY_DIGIT: frozenset(b"0123456789"),
    ops.CATEGORY_SPACE: frozenset(b" \t\n\r\f\v"),
    ops.CATEGORY_WORD: _WORD,
}
_REPEATS = (ops.MAX_REPEAT, ops.MIN_REPEAT)
_ASSERTS = (ops.ASSERT, ops.ASSERT_NOT)


class PatternError(ValueError):
    """The pattern is not in the syntax that both engines read alike; the message says what to write instead."""


def derive(
    regex: str | Sequence[str], end: str | None = None, limit: int = 0, edge: int = EDGE, hunted: str | None = None
) -> Pattern:
    """Prepare a rule's pattern; the arguments are those of `Pattern`, `regex` whole or in the parts that make `tails`.

    `hunted` is what `regex` begins with: where that has a literal of `RARE` characters, it alone is looked for.

    Raises:
        PatternError: `regex` or `end` is not in the accepted syntax, has no group `value`, or no end of its width.
    """
    parts = (regex,) if isinstance(regex, str) else tuple(regex)
    regex = "".join(parts)
    tree = _parse(regex)
    tails = _tails(parts, tree)
    _check_value(tree)
    low, width = tree.getwidth()
    if low < 1:
        raise PatternError("matches nothing at all")
    if width > MAX_WIDTH:
        raise PatternError(f"may match {width} bytes; the widest that is accepted is {MAX_WIDTH}")
    if (end is None) != (limit == 0):
        raise PatternError("has only one of `end` and `limit`; an unbounded rule needs both")
    if end is not None:
        _check_end(_parse(end), limit)
    keywords = _keywords(list(tree))
    one_line = end is None and 0x0A not in _bytes_of(list(tree))
    rare = None if hunted is None else list(_parse(hunted))
    if rare is not None and min(map(len, _keywords(rare)), default=0) < RARE:
        rare = None
    hunt = _unparse(_loosened(list(tree) if rare is None else rare))
    if not keywords:
        hunt = _guard(list(tree)) + hunt
    return Pattern(
        regex, hunt, width, keywords, end, limit, tails, one_line, edge, encoded=encoded_marks(hunt, keywords)
    )


def may_be_common(value: str, word: str = WORDS) -> bool:
    """Whether the common hunt finds all that matches `word` and `value`, regular expressions of words and of a value.

    Each word holds one of `WORDS`, and what `value` matches may have the shape that common patterns look for.
    """
    items = list(_parse(value))
    held = _bytes_of(items)
    if not (
        held <= frozenset(CHARACTERS)
        and held & _DIGITS
        and parser.parse(value.encode("ascii")).getwidth()[0] >= MIN_COMMON
    ):
        return False
    return word == WORDS or _holds_words(word)


@lru_cache(64)
def _holds_words(word: str) -> bool:
    """Whether each text that a regular expression of words matches holds one of `WORDS`; rules share a few of them."""
    words = WORDS.split("|")
    said = _exact_run(list(_parse(word))) or {""}
    return all(any(each in text for each in words) for text in said)


def name_keywords(name: str) -> tuple[str, ...]:
    """The keywords of the name of a common pattern; none where it is too long, or has none that tells anything."""
    tree = _parse(name)
    known = _keywords(list(tree))
    telling = min(map(len, known), default=0) >= MIN_LEAD and tree.getwidth()[1] <= LONGEST_NAME
    return known if telling else ()


MIN_COMMON = 10
"""The shortest value of a common pattern, in bytes."""

_DIGITS = frozenset(b"0123456789")


def _bytes_of(items: Iterable[Item]) -> frozenset[int]:
    """Every byte that may stand in a match of the items."""
    found: frozenset[int] = frozenset()
    for op, value in items:
        if op is ops.SUBPATTERN:
            found |= _bytes_of(value[3])
        elif op is ops.BRANCH:
            found = found.union(*(_bytes_of(branch) for branch in value[1]))
        elif op in _REPEATS:
            found |= _bytes_of(value[2])
        elif op is not ops.AT and op not in _ASSERTS:
            found |= of_one_byte(op, value)
    return found


def _tails(parts: Sequence[str], tree: Any) -> tuple[Tail, ...]:
    if len(parts) == 1:
        return ()
    try:
        trees = [parser.parse(part.encode("ascii")) for part in parts]
    except re.error as error:
        raise PatternError(f"has a part that is not a regular expression by itself: {error}") from None
    if repr([item for part in trees for item in part]) != repr(list(tree)):
        raise PatternError("is not its parts one after the other; put an alternation into (?:...)")
    widths = [part.getwidth() for part in trees]
    if widths[-1][0] < 1:
        raise PatternError("has a last part that matches nothing at all")
    return tuple(
        Tail(
            sum(map(len, parts[:first])),
            sum(width for _, width in widths[first:]),
            widths[first - 1][1],
            _bytes_of(list(trees[first - 1])).isdisjoint(b"\r\n"),
        )
        for first in range(len(parts) - 1, 0, -1)
    )


def of_one_byte(op: Any, value: Any) -> frozenset[int]:
    """The bytes that an item of one byte matches."""
    if op is ops.IN:
        return _members(value)
    if op is ops.ANY:
        return _EVERY - {0x0A}
    return frozenset({value}) if op is ops.LITERAL else _EVERY - {value}


def check_test(regex: str) -> None:
    """Check a pattern that is looked for in a value or a path: the syntax of patterns, and `^` and `$`.

    Raises:
        PatternError: it is not in that syntax.
    """
    _parse(regex, ends=True)


def _parse(regex: str, ends: bool = False) -> Any:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", FutureWarning)
            tree = parser.parse(regex.encode("ascii"))
    except FutureWarning as warning:
        raise PatternError(f"may be read otherwise by another Python ({warning}); escape that character") from None
    except UnicodeEncodeError:
        raise PatternError("holds a character that is not ASCII") from None
    except re.error as error:
        raise PatternError(f"is not a regular expression: {error}") from None
    except (RecursionError, OverflowError):
        raise PatternError("is too deep or too large") from None
    if tree.state.flags & (re.IGNORECASE | re.MULTILINE | re.DOTALL | re.VERBOSE | re.LOCALE):
        raise PatternError("has a flag for the whole pattern; scope it: (?i:...)")
    _check(list(tree), outermost=True, multiline=ends)
    return tree


def _check(items: Sequence[Item], outermost: bool = False, multiline: bool = False) -> None:
    for place, (op, value) in enumerate(items):
        if op in _ASSERTS:
            at_an_end = outermost and place in (0, len(items) - 1)
            if not at_an_end or value[1].getwidth() != (1, 1):
                raise PatternError("has a lookaround that is not one character wide at one of its ends")
        elif op in _REPEATS:
            _check_repeat(value[1])
            _check(list(value[2]), multiline=multiline)
        elif op is ops.SUBPATTERN:
            if value[1] & ~(re.IGNORECASE | re.MULTILINE) or value[2]:
                raise PatternError("has a flag other than (?i:...) and (?m:...)")
            _check(list(value[3]), outermost and len(items) == 1, multiline or bool(value[1] & re.MULTILINE))
        elif op is ops.BRANCH:
            for branch in value[1]:
                _check(list(branch), multiline=multiline)
        else:
            _check_plain(op, value, multiline)


def _check_repeat(most: int) -> None:
    if most == ops.MAXREPEAT:
        raise PatternError("has an endless repeat; write {0,N} or {1,N} instead of * or +")
    if most == 0:
        raise PatternError("has a repeat that takes nothing")


def _check_plain(op: Any, value: Any, multiline: bool) -> None:
    if op is ops.AT:
        lines = (ops.AT_BEGINNING, ops.AT_END) if multiline else ()
        if value not in (ops.AT_BOUNDARY, ops.AT_NON_BOUNDARY, *lines):
            raise PatternError(r"has an anchor other than \b, (?m:^) and (?m:$)")
    elif op not in (ops.LITERAL, ops.NOT_LITERAL, ops.IN, ops.ANY):
        raise PatternError(f"uses {str(op).lower().replace('_', ' ')}, which the fast engine does not know")


def _check_value(tree: Any) -> None:
    if "value" not in tree.state.groupdict:
        raise PatternError("has no group (?P<value>...)")
    value = _group(list(tree), tree.state.groupdict["value"])
    if value is None:
        raise PatternError("has a group `value` that a match may leave out")
    if value.getwidth()[0] < 1:
        raise PatternError("has a group `value` that may be empty")
    if "close" in tree.state.groupdict:
        raise PatternError("has a group `close`; choose another name")


def _group(items: Sequence[Item], number: int) -> Any:
    """The content of a group that every match passes through, or None."""
    for op, value in items:
        found = None
        if op is ops.SUBPATTERN:
            found = value[3] if value[0] == number else _group(list(value[3]), number)
        elif op in _REPEATS and value[0] >= 1:
            found = _group(list(value[2]), number)
        if found is not None:
            return found
    return None


def _check_end(tree: Any, limit: int) -> None:
    low, high = tree.getwidth()
    if low < 1 or high > MAX_END_WIDTH:
        raise PatternError(f"has an `end` of less than one byte, or of more than {MAX_END_WIDTH}")
    if tree.state.groupdict:
        raise PatternError("has a named group in its `end`")
    if not 0 < limit <= MAX_LIMIT:
        raise PatternError(f"has a `limit` that is not between 1 and {MAX_LIMIT}")


# ---- literals: one of which every match holds -----------------------------------------------------------------


def _keywords(items: Sequence[Item]) -> tuple[str, ...]:
    best = _best_literals(items)
    return tuple(sorted(best)) if best else ()


def _best_literals(items: Sequence[Item]) -> frozenset[str] | None:
    candidates: list[frozenset[str]] = []
    run: frozenset[str] = frozenset({""})
    for op, value in items:
        exact = _exact(op, value)
        joined = None if exact is None else frozenset(a + b for a, b in itertools.product(run, exact))
        if joined is not None and len(joined) <= _MAX_LITERALS:
            run = joined
            continue
        candidates.append(run)
        run = frozenset({""})
        if exact is None:
            inner = _inner_literals(op, value)
            if inner:
                candidates.append(inner)
        else:
            run = exact
    candidates.append(run)
    candidates = [c for c in candidates if min(map(len, c)) >= 2]
    return max(candidates, key=lambda c: (min(min(map(len, c)), 6), -len(c)), default=None)


def _exact(op: Any, value: Any) -> frozenset[str] | None:
    """All strings that the item can match, lower-cased, or None where there are too many or one is not ASCII."""
    if op is ops.LITERAL:
        return frozenset({chr(value).lower()}) if value < 128 else None
    if op is ops.AT or op in _ASSERTS:
        return frozenset({""})
    if op is ops.IN:
        members = {chr(c).lower() for c in _members(value)}
        return frozenset(members) if 0 < len(members) <= 8 and max(members) < "\x80" else None
    if op is ops.SUBPATTERN:
        return _exact_run(list(value[3]))
    if op is ops.BRANCH:
        branches = [_exact_run(list(branch)) for branch in value[1]]
        known = [branch for branch in branches if branch is not None]
        union = frozenset().union(*known)
        return union if len(known) == len(branches) and len(union) <= _MAX_LITERALS else None
    if op in _REPEATS and value[1] <= 1:
        body = _exact_run(list(value[2]))
        return None if body is None else (body if value[0] else body | {""})
    return None


def _exact_run(items: Iterable[Item]) -> frozenset[str] | None:
    run: frozenset[str] = frozenset({""})
    for op, value in items:
        exact = _exact(op, value)
        if exact is None or len(run) * len(exact) > _MAX_LITERALS:
            return None
        run = frozenset(a + b for a, b in itertools.product(run, exact))
    return run


def _inner_literals(op: Any, value: Any) -> frozenset[str] | None:
    if op is ops.SUBPATTERN:
        return _best_literals(list(value[3]))
    if op in _REPEATS and value[0] >= 1:
        return _best_literals(list(value[2]))
    if op is ops.BRANCH:
        branches = [_best_literals(list(branch)) for branch in value[1]]
        known = [branch for branch in branches if branch]
        return frozenset().union(*known) if len(known) == len(branches) else None
    return None


def _members(value: Sequence[Item]) -> frozenset[int]:
    found: set[int] = set()
    negated = False
    for op, arg in value:
        if op is ops.NEGATE:
            negated = True
        elif op is ops.LITERAL:
            found.add(arg)
        elif op is ops.RANGE:
            found.update(range(arg[0], arg[1] + 1))
        elif arg in _MEMBERS:
            found |= _MEMBERS[arg]
        else:  # a negated category: \D, \S, \W
            positive = {ops.CATEGORY_NOT_DIGIT: ops.CATEGORY_DIGIT, ops.CATEGORY_NOT_SPACE: ops.CATEGORY_SPACE}
            found |= set(range(256)) - _MEMBERS[positive.get(arg, ops.CATEGORY_WORD)]
    return _EVERY - found if negated else frozenset(found)


# ---- the looser form -------------------------------------------------------------------------------------------


MIN_LEAD = 3
"""A hunting form begins with a literal of at least so many characters, where the pattern holds one.

Not only for speed: Vectorscan 5.4.12 (hyperscan 0.7.9 to 0.9.1) skips over some matches that begin with a pair of
character classes (its issue 358, "double shufti"), but not where a literal leads. `tests/engine/test_agreement.py`
holds every rule to it.
"""


RARE = 5
"""A name of so many characters is rare in text that is not about it."""

ENOUGH = 24
"""Of what begins with a mark, so many bytes tell enough; more makes the database large, and slow to compile."""

_SCHEMES = frozenset(("http://", "https://", "://"))


def _is_mark(items: Sequence[Item]) -> bool:
    """Whether every match begins with what no word does: a literal with a digit, an underscore or the like in it."""
    run: frozenset[str] = frozenset({""})
    for op, value in items:
        inner = _exact(op, value)
        if inner is None and op is ops.SUBPATTERN:
            return all(map(_is_no_word, run)) or _is_mark(list(value[3]))
        if inner is None and op is ops.BRANCH:
            return all(map(_is_no_word, run)) or all(_is_mark(list(branch)) for branch in value[1])
        if inner is None or len(run) * len(inner) > _MAX_LITERALS:
            break
        run = frozenset(a + b for a, b in itertools.product(run, inner))
    return all(map(_is_no_word, run))


def _is_no_word(text: str) -> bool:
    return len(text) > MIN_LEAD and not text.isalpha() and text not in _SCHEMES


def _loosened(items: list[Item]) -> list[Item]:
    """From the first telling literal on, with repeats at both ends cut to their least: it ends within every match."""
    led = _led(items)
    if _lead(led) > MIN_LEAD and _is_mark(led):
        led = _begun(led, max(ENOUGH, _lead(led) + 2))[0]
    return _near(_trimmed(_trimmed(led, -1)[0], 0)[0])


def _guard(items: list[Item]) -> str:
    """What must stand before a value without a mark, if the pattern begins with that: numbers are full of such digits.

    Of its alternatives, those that are no bytes are the beginning of a line.
    """
    op, value = items[0]
    if op is ops.SUBPATTERN and value[0] is None and len(value[3]) == 1:
        op, value = value[3][0]
    if op is not ops.BRANCH:
        return ""
    before = [_unparse(branch) if _least(branch) else "(?m:^)" for branch in value[1]]
    return "(?:" + "|".join([*before, r"\x5c[a-z]"]) + ")"  # an escape reads as a blank


def _near(items: list[Item]) -> list[Item]:
    """`items` with so much cut off their end that they are no wider than `NEAR`, where enough is left to tell."""
    beyond = hunt_width(_unparse(items)) - NEAR
    left = _least(items) - beyond
    if beyond <= 0 or left < 2 * ENOUGH:
        return items
    cut = _begun(items, left)[0]
    return cut if hunt_width(_unparse(cut)) <= NEAR else items


def hunt_width(hunt: str) -> int:
    """The longest match of a hunting form, in bytes."""
    return int(parser.parse(hunt.encode("ascii")).getwidth()[1])


def _begun(items: list[Item], least: int) -> tuple[list[Item], int]:
    """The first of `items`, as many as match `least` bytes at the least, and how many they do match."""
    kept: list[Item] = []
    held = 0
    for op, value in items:
        if held >= least:
            break
        item, size = _begun_item(op, value, least - held)
        kept.append(item)
        held += size
        if item != (op, value):
            break
    return kept, held


def _begun_item(op: Any, value: Any, least: int) -> tuple[Item, int]:
    if op is ops.SUBPATTERN:
        inner, size = _begun(list(value[3]), least)
        return ((op, (value[0], value[1], value[2], inner)), size) if inner != list(value[3]) else ((op, value), size)
    if op is ops.BRANCH:
        begun = [_begun(list(branch), least) for branch in value[1]]
        whole = all(part == list(branch) for (part, _), branch in zip(begun, value[1], strict=True))
        size = min(size for _, size in begun)
        return ((op, value) if whole else (op, (None, [part for part, _ in begun]))), size
    if op in _REPEATS:
        size = _least(value[2])
        count = -(-least // size) if size else 0
        if 0 < count < value[0] or (count and count == value[0] != value[1]):
            return (ops.MAX_REPEAT, (count, count, value[2])), count * size
        return (op, value), int(value[0]) * size
    return (op, value), 0 if op is ops.AT or op in _ASSERTS else 1


def _least(items: Iterable[Item]) -> int:
    """How many bytes every match of `items` has."""
    return sum(_begun_item(op, value, MAX_WIDTH)[1] for op, value in items)


def _led(items: list[Item]) -> list[Item]:
    """`items` from where they begin with a literal, or as they are if they nowhere do."""
    for at, (op, value) in enumerate(items):
        if _lead(items[at:]) >= MIN_LEAD:
            return items[at:]
        if op is ops.SUBPATTERN:
            inner = _led(list(value[3]))
            if _lead(inner) >= MIN_LEAD:
                return [(op, (value[0], value[1], value[2], inner)), *items[at + 1 :]]
        if op is ops.BRANCH:
            branches = [_led(list(branch)) for branch in value[1]]
            if min(map(_lead, branches)) >= MIN_LEAD:
                return [(op, (None, branches)), *items[at + 1 :]]
    return items


def _lead(items: Sequence[Item]) -> int:
    """How many characters of literal text, at the least, every match of `items` begins with."""
    length = 0
    for op, value in items:
        exact = _exact(op, value)
        if exact is not None and len(exact) <= 8:
            length += min(map(len, exact))
        elif op is ops.SUBPATTERN:
            return length + _lead(list(value[3]))
        elif op is ops.BRANCH:
            return length + min(_lead(list(branch)) for branch in value[1])
        elif op in _REPEATS and value[0] >= 1:
            return length + _lead(list(value[2]))
        else:
            return length
    return length


def _trimmed(items: list[Item], end: int) -> tuple[list[Item], bool]:
    """`items` with its first (end 0) or last (end -1) item cut to its least, and whether anything was cut."""
    items = list(items)
    anchors: list[Item] = []
    changed = False
    while items:
        op, value = items[end]
        if op is ops.AT or op in _ASSERTS:
            anchors.append(items.pop(end))
            continue
        item, cut = _trimmed_item(op, value, end)
        changed |= cut
        if item is None:
            items.pop(end)
            anchors = []
            continue
        items[end] = item
        break
    if not changed and items and end == -1:
        items.extend(filter(None, (_implied(anchor, items[-1]) for anchor in reversed(anchors))))
    return items, changed


def _trimmed_item(op: Any, value: Any, end: int) -> tuple[Item | None, bool]:
    if op in _REPEATS and value[0] != value[1]:
        return (None, True) if value[0] == 0 else ((ops.MAX_REPEAT, (value[0], value[0], value[2])), True)
    if op is ops.SUBPATTERN:
        inner, cut = _trimmed(list(value[3]), end)
        return ((op, (value[0], value[1], value[2], inner)), cut) if inner else (None, True)
    if op is ops.BRANCH:
        branches = [_trimmed(list(branch), end) for branch in value[1]]
        if not all(inner for inner, _ in branches):
            return None, True
        return (op, (None, [inner for inner, _ in branches])), any(cut for _, cut in branches)
    return (op, value), False


def _implied(anchor: Item, before: Item) -> Item | None:
    """The `\\b` that follows from an anchor after `before`, or None."""
    op, value = anchor
    if op is ops.AT:
        return anchor if value is ops.AT_BOUNDARY and _all_word(before) else None
    (inner,) = list(value[1])
    if op is ops.ASSERT_NOT and inner[0] is ops.IN and _members(inner[1]) >= _WORD and _all_word(before):
        return (ops.AT, ops.AT_BOUNDARY)
    return None


def _all_word(item: Item) -> bool:
    op, value = item
    if op is ops.LITERAL:
        return value in _WORD
    if op is ops.IN:
        return _members(value) <= _WORD
    if op in _REPEATS:
        return all(_all_word(inner) for inner in value[2])
    if op is ops.SUBPATTERN:
        return bool(value[3]) and all(_all_word(inner) for inner in value[3])
    if op is ops.BRANCH:
        return all(bool(branch) and all(_all_word(inner) for inner in branch) for branch in value[1])
    return False


# ---- back to text, as it may stand under escapes -----------------------------------------------------------------


def _unparse(items: Iterable[Item]) -> str:
    """The items as text, each character widened to what an escape may have put in its place (see `views`)."""
    parts: list[str] = []
    before: Item | None = None
    for item in items:
        if item[0] is ops.AT:
            if before is not None and _implied(item, before):
                parts.append(r"\b")
            continue
        parts.append(_unparse_item(*item))
        before = item
    return "".join(parts)


def _unparse_item(op: Any, value: Any) -> str:
    if op is ops.LITERAL:
        return _widened(frozenset({value}), _char(value))
    if op is ops.NOT_LITERAL:
        return _widened(_EVERY - {value}, f"[^{_char(value)}]")
    if op is ops.ANY:
        return r"[^\n]"
    if op is ops.IN:
        return _widened(_members(value), _class(value))
    if op is ops.BRANCH:
        return "(?:" + "|".join(_unparse(branch) for branch in value[1]) + ")"
    if op is ops.SUBPATTERN:
        return f"(?{'i' if value[1] & re.IGNORECASE else ''}:{_unparse(value[3])})"
    low, high, body = value
    inner = _unparse(body)
    return f"(?:{inner})?" if (low, high) == (0, 1) else f"(?:{inner}){{{low},{high}}}"


def _widened(members: frozenset[int], text: str) -> str:
    """A class that also holds the bytes that a view would show as one of `members`; `text` where it does already."""
    hidden = {raw for raw, shown in BEHIND.items() if members & shown} - members
    if not hidden:
        return text
    if len(members) > 128:
        return (
            "[^" + "".join(map(_char, sorted(_EVERY - members - hidden))) + "]" if members | hidden < _EVERY else _ANY
        )
    inside = text[1:-1] if text.startswith("[") else text
    return "[" + inside + "".join(map(_char, sorted(hidden))) + "]"


def _class(value: Sequence[Item]) -> str:
    parts = []
    for op, arg in value:
        if op is ops.NEGATE:
            parts.append("^")
        elif op is ops.LITERAL:
            parts.append(_char(arg))
        elif op is ops.RANGE:
            parts.append(f"{_char(arg[0])}-{_char(arg[1])}")
        else:
            parts.append(_CATEGORIES[arg])
    return "[" + "".join(parts) + "]"


def _char(code: int) -> str:
    char = chr(code)
    return char if char.isalnum() and code < 128 else f"\\x{code:02x}"
