r"""Writes a tree in our syntax: bounded, with one group `value`, its flags scoped (docs/rules.md lists the syntax)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from modelguard.engine.syntax import MAX_WIDTH
from modelguard.rules.foreign.dialect import DialectError, read_pattern
from modelguard.rules.foreign.tree import (
    ENDLESS,
    Anchor,
    Chars,
    Choice,
    Group,
    Item,
    Node,
    Repeat,
    Sequence,
    has_both_cases,
    members,
)

BOUNDS = (4096, 2048, 1024, 512, 256, 128, 64, 32, 16)
"""How often what repeats without an end may do so: the most with which a match stays within `MAX_WIDTH` bytes."""

SEPARATORS = 64
"""The same, of a class without letters and digits: blanks and the like."""

GROUPS = 32
"""The same, of what is longer than a byte."""

TESTED = 256
"""The same, of patterns that are looked for in a value or a path."""

_GAP = 16
"""After what may match so many more or fewer bytes, a pattern is taken apart."""

_ALNUM = frozenset(b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")
_OURS = {"start": "(?m:^)", "line-start": "(?m:^)", "end": "(?m:$)", "line-end": "(?m:$)", "\\b": r"\b", "\\B": r"\B"}
_TESTS = {**_OURS, "start": "^", "end": "$"}
_PLAIN = frozenset(b" !\"#%',/:;<=>@_`~") | _ALNUM
_NAMED = {9: r"\t", 10: r"\n", 13: r"\r"}


class Translated(NamedTuple):
    """A pattern in our syntax, in parts; `whole`: its value is all of the match; `changes`: what it does otherwise."""

    parts: tuple[str, ...]
    whole: bool
    changes: tuple[str, ...]


def translated(text: str, rust: bool = False, secret: int = 0) -> Translated:
    """The pattern in our syntax; its value is the group `secret` (0: the first that is in every match, or all of it).

    Raises:
        DialectError: it cannot be said in our syntax.
    """
    node, groups = read_pattern(text, rust)
    if secret > groups:
        raise DialectError(f"has no group {secret}")
    changes: list[str] = []
    sure = [group for group in _sure_groups(node) if secret in (0, group.number) and _width(group.body, 0)[0]]
    if not sure:
        if groups:
            changes.append("its value is all that it matches: not every match has the group")
        node = _wrapped(node)
    else:
        node = _without_idle_ends(node)
    bound = _bound(node)
    if bound:
        changes.append(f"narrowed: what repeats without an end does so at most {bound} times more than it must")
    writer = _Writer(bound or 0, sure[0].number if sure else _WHOLE, _OURS)
    return Translated(writer.parts(node), not sure, tuple(changes))


def translated_test(text: str, rust: bool = False) -> str:
    """A pattern that is looked for in a value or a path.

    Raises:
        DialectError: see `translated`.
    """
    return _Writer(TESTED, -1, _TESTS).text(_without_idle_ends(read_pattern(text, rust)[0]))


def words_test(words: Iterable[str]) -> str:
    """The pattern that finds any of these words, in any case.

    Raises:
        DialectError: one of them is not ASCII.
    """
    branches = tuple(read_pattern("\\Q" + word.replace("\\E", "\\E\\\\E\\Q") + "\\E")[0] for word in words)
    return "(?i:" + "|".join(_Writer(0, -1, _TESTS).text(branch) for branch in branches) + ")"


_WHOLE = 1 << 30
"""The number of the group around a whole match."""


def _sure_groups(node: Node) -> list[Group]:
    """The groups that every match passes through, in order."""
    if isinstance(node, Group):
        return [node, *_sure_groups(node.body)]
    if isinstance(node, Sequence):
        return [group for inner in node.nodes for group in _sure_groups(inner)]
    if isinstance(node, Repeat) and node.low:
        return _sure_groups(node.body)
    return []


def _wrapped(node: Node) -> Node:
    """All of a match as a group, without the anchors at its ends."""
    nodes = list(node.nodes) if isinstance(node, Sequence) else [node]
    first, last = 0, len(nodes)
    while first < last and isinstance(nodes[first], Anchor):
        first += 1
    while last > first and isinstance(nodes[last - 1], Anchor):
        last -= 1
    return Sequence((*nodes[:first], Group(_WHOLE, "", Sequence(tuple(nodes[first:last]))), *nodes[last:]))


def _without_idle_ends(node: Node) -> Node:
    """Without the repeats at both ends that may match nothing: they decide neither whether there is a value, nor which.

    They would be tried in all their lengths.
    """
    nodes = list(node.nodes) if isinstance(node, Sequence) else [node]
    while nodes and isinstance(nodes[0], Repeat) and not nodes[0].low:
        nodes.pop(0)
    while nodes and isinstance(nodes[-1], Repeat) and not nodes[-1].low:
        nodes.pop()
    return Sequence(tuple(nodes))


def _width(node: Node, bound: int) -> tuple[int, int]:
    """The fewest and the most bytes of a match, where repeats without an end add `bound` to their least."""
    if isinstance(node, Chars):
        return 1, 1
    if isinstance(node, Anchor):
        return 0, 0
    if isinstance(node, Group):
        return _width(node.body, bound)
    if isinstance(node, Repeat):
        low, high = _width(node.body, bound)
        return low * node.low, min(high * _most(node, bound), ENDLESS)
    widths = [_width(inner, bound) for inner in (node.nodes if isinstance(node, Sequence) else node.branches)]
    if isinstance(node, Choice):
        return min(low for low, _ in widths), max(high for _, high in widths)
    return sum(low for low, _ in widths), min(sum(high for _, high in widths), ENDLESS)


def _most(node: Repeat, bound: int) -> int:
    if node.high != ENDLESS:
        return node.high
    if not isinstance(node.body, Chars):
        return node.low + min(bound, GROUPS)
    separates = not node.body.negated and members(node.body.items).isdisjoint(_ALNUM)
    return node.low + (min(bound, SEPARATORS) if separates else bound)


def _bound(node: Node) -> int | None:
    """The largest of BOUNDS that fits; None where nothing repeats without an end."""
    if not _is_endless(node):
        return None
    for bound in BOUNDS:
        if _width(node, bound)[1] <= MAX_WIDTH:
            return bound
    raise DialectError("repeats without an end, within what does so itself, or at too many places")


def _is_endless(node: Node) -> bool:
    if isinstance(node, Repeat):
        return node.high == ENDLESS or _is_endless(node.body)
    if isinstance(node, Group):
        return _is_endless(node.body)
    if isinstance(node, (Sequence, Choice)):
        return any(map(_is_endless, node.nodes if isinstance(node, Sequence) else node.branches))
    return False


class _Case(NamedTuple):
    """Whether letters of either case are asked for somewhere, and letters of one case somewhere."""

    folded: bool
    plain: bool


def _case(node: Node) -> _Case:
    if isinstance(node, Chars):
        both = has_both_cases(node.items)
        return _Case(node.folded and not both, not node.folded and not both)
    if isinstance(node, Anchor):
        return _Case(False, False)
    inner = (
        node.nodes if isinstance(node, Sequence)
        else node.branches if isinstance(node, Choice)
        else (node.body,)
    )  # fmt: skip
    cases = [_case(each) for each in inner]
    return _Case(any(case.folded for case in cases), any(case.plain for case in cases))


class _Writer:
    """Writes with one bound for all repeats without an end, and one group as the value (-1: none)."""

    def __init__(self, bound: int, value: int, anchors: dict[str, str]) -> None:
        self._bound, self._value, self._anchors = bound, value, anchors

    def parts(self, node: Node) -> tuple[str, ...]:
        """The pattern, taken apart behind its gaps: what comes before one is looked for only where the rest matches."""
        nodes = node.nodes if isinstance(node, Sequence) else (node,)
        runs: list[list[Node]] = [[]]
        for each in nodes:
            runs[-1].append(each)
            low, high = _width(each, self._bound)
            if isinstance(each, Repeat) and high - low >= _GAP:
                runs.append([])
        while len(runs) > 1 and not _width(Sequence(tuple(runs[-1])), self._bound)[0]:
            last = runs.pop()
            runs[-1] += last
        return tuple(self.text(Sequence(tuple(run))) for run in runs)

    def text(self, node: Node) -> str:
        """The node as it stands in a sequence."""
        return self._written(node, in_fold=False)

    def _written(self, node: Node, in_fold: bool) -> str:
        case = _case(node)
        if case.folded and not case.plain and not in_fold:
            return f"(?i:{self._written(node, in_fold=True)})"
        if isinstance(node, Chars):
            return _class(node)
        if isinstance(node, Anchor):
            return self._anchors[node.kind]
        if isinstance(node, Group):
            inner = self._written(node.body, in_fold)
            return f"(?P<value>{inner})" if node.number == self._value else inner
        if isinstance(node, Choice):
            return "(?:" + "|".join(self._written(branch, in_fold) for branch in node.branches) + ")"
        if isinstance(node, Sequence):
            return "".join(self._written(each, in_fold) for each in self._joined(node.nodes, in_fold))
        return self._repeat(node, in_fold)

    def _joined(self, nodes: Iterable[Node], in_fold: bool) -> list[Node]:
        """Neighbours that ask for either case as one node, so that they share their flag."""
        if in_fold:
            return list(nodes)
        runs: list[tuple[bool, list[Node]]] = []
        for node in nodes:
            case = _case(node)
            if runs and runs[-1][0] and not case.plain:
                runs[-1][1].append(node)
            else:
                runs.append((case.folded and not case.plain, [node]))
        return [run[0] if len(run) == 1 else Sequence(tuple(run)) for _, run in runs]

    def _inside(self, node: Node) -> Node:
        """What a group that is not the value holds."""
        while isinstance(node, Group) and node.number != self._value:
            node = node.body
        return node

    def _repeat(self, node: Repeat, in_fold: bool) -> str:
        low, high = node.low, _most(node, self._bound)
        if not high:
            return ""
        body = self._written(node.body, in_fold)
        if isinstance(self._inside(node.body), (Sequence, Repeat)):
            body = f"(?:{body})"
        lazy = "?" if node.lazy else ""
        if (low, high) == (0, 1):
            return f"{body}?{lazy}"
        return f"{body}{{{low}}}" if low == high else f"{body}{{{low},{high}}}{lazy}"


def _class(node: Chars) -> str:
    items = node.items
    if not items:
        return r"[\s\S]" if node.negated else "[^\\s\\S]"
    if len(items) == 1 and isinstance(items[0], str):
        return f"\\{items[0].upper() if node.negated else items[0]}"
    if len(items) == 1 and not node.negated and items[0][0] == items[0][1]:
        return "-" if items[0][0] == 45 else _char(int(items[0][0]))
    if node.negated and items == ((10, 10),):
        return "."
    return f"[{'^' if node.negated else ''}{''.join(map(_item, items))}]"


def _item(item: Item) -> str:
    if isinstance(item, str):
        return f"\\{item}"
    low, high = item
    return _char(low) if low == high else f"{_char(low)}-{_char(high)}"


def _char(code: int) -> str:
    if code in _PLAIN:
        return chr(code)
    return _NAMED.get(code) or (f"\\{chr(code)}" if 32 < code < 127 else f"\\x{code:02x}")
