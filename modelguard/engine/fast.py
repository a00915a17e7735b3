"""Hyperscan looks for every pattern's hunting form in one pass; `confirm` then says where exactly."""

from __future__ import annotations

import re
import threading
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from itertools import accumulate, count
from operator import add

import hyperscan

from modelguard.engine.common import HUNT, NAME_REACH, REACH, before_words, close_ends, listed_names
from modelguard.engine.compiled import Compiled, Hunt, Part, Plan, compile_database
from modelguard.engine.confirm import Confirmers
from modelguard.engine.far import far_words
from modelguard.engine.hidden import KINDS, hidden_forms, hints
from modelguard.engine.interface import NEAR, Asked, Held, Hint, Pattern, Scan, Span
from modelguard.engine.views import CODE_POINT_PROBE, view
from modelguard.engine.wide import escaped, wide_hunts, wide_keywords

_NOTHING = Scan([])
_WIDE = Scan([], True)
_HOLDS_NOTHING = Held(set())

_FORMS_FROM = 4
"""Behind the patterns, the first number of what is encoded."""

_Ends = dict[int, list[int]]
"""Where hunting forms end, by pattern."""


def build(patterns: Sequence[Pattern], encoded: bool = True) -> Compiled:
    """What a FastEngine for `patterns` needs, with or without what they look like where `encoded`.

    Raises:
        Refused: Hyperscan cannot compile a pattern.
    """
    far = frozenset(at for at, pattern in enumerate(patterns) if pattern.limit or pattern.reach > NEAR)
    plan = Plan.of(far, listed_names(patterns).values())
    return compile_database(hunts(patterns) if encoded else plain_hunts(patterns), plan)


def hunts(patterns: Sequence[Pattern]) -> list[Hunt]:
    """What the database for `patterns` looks for: `plain_hunts`, and what marks and words look like where encoded."""
    first = len(patterns) + _FORMS_FROM
    forms = (Hunt(first + KINDS.index(form.kind), form.regex) for form in hidden_forms(patterns))
    return [*plain_hunts(patterns), *forms]


def plain_hunts(patterns: Sequence[Pattern]) -> list[Hunt]:
    """The hunting forms of `patterns`, then the engine's own probes."""
    return [
        *(Hunt(index, unbounded(pattern.hunt)) for index, pattern in enumerate(patterns) if not pattern.common),
        Hunt(len(patterns), CODE_POINT_PROBE, once=True),
        *(Hunt(len(patterns) + 1, text, once=True, part="wide") for text in wide_hunts(wide_keywords(patterns))),
        *(Hunt(len(patterns) + 2, text, once=True) for text in far_words(patterns)),
        *([Hunt(len(patterns) + 3, unbounded(HUNT))] if any(pattern.common for pattern in patterns) else []),
        *(Hunt(number, f"(?i:{escaped(name)})", part="names") for number, name in enumerate(listed_names(patterns))),
        *(
            Hunt(index, unbounded(pattern.hunt.removesuffix(_END_OF_WORD)), once=True, part="glued")
            for index, pattern in enumerate(patterns)
            if not pattern.common and pattern.hunt.endswith(_END_OF_WORD)
        ),
    ]


_END_OF_WORD = r"\b"
_MANY = 20
_REPEAT = re.compile(r"\(\?:(\[(?!\^)(?:[^\]\\]|\\.)*\])\)\{(\d+),(\d+)\}")


def unbounded(hunt: str) -> str:
    """A hunting form whose long repeats of listed characters have no upper end, where these keep to a line.

    To count to a hundred takes a hundred states (measured on 61 MB of a history: 0.61 s bounded, 0.46 so). It ends
    wherever the bounded form ends, so nothing is missed; where it alone does, nothing is confirmed.
    """
    return _REPEAT.sub(_without_end, hunt)


def _without_end(found: re.Match[str]) -> str:
    members, least, most = found[1], int(found[2]), int(found[3])
    is_short = most - least < _MANY
    return found[0] if is_short or re.match(members.encode("ascii"), b"\n") else f"(?:{members}){{{least},}}"


class FastEngine:
    """An Engine over a compiled Hyperscan database; safe to share between threads.

    `compiled` is what `build(patterns)` gives, or gave: databases in block mode, without start-of-match.
    """

    name = "fast"

    def __init__(self, patterns: Sequence[Pattern], compiled: Compiled) -> None:
        self._code_points, self._wide, self._far_word = range(len(patterns), len(patterns) + 3)
        self._probes = frozenset((self._code_points, self._wide, self._far_word))
        self._common = len(patterns) + 3
        self._hidden = dict(enumerate(KINDS, len(patterns) + _FORMS_FROM))
        self._confirmers = Confirmers(patterns)
        self._databases = compiled
        self._far = compiled.plan.far
        self._named: tuple[tuple[int, ...], ...] | None = None
        self._local = threading.local()

    def scan(self, text: bytes, wanted: Callable[[int], bool] = lambda pattern: True) -> Scan:
        """See `Engine.scan`."""
        ends = self._ends(text)
        if not ends:
            return _NOTHING
        hidden = self._taken(text, ends)
        ends, wide, _ = self._without_probes(text, ends)
        if not ends:
            return Scan([], wide, hidden) if hidden else _WIDE if wide else _NOTHING
        spans: set[Span] = set()
        for pattern, offsets in ends.items():
            if wanted(pattern):
                spans.update(self._confirmers[pattern].spans(text, offsets))
        return Scan(sorted(spans), wide, hidden)

    def glued(self, text: bytes) -> set[int]:
        """See `Engine.glued`."""
        ends, _, _ = self._without_probes(text, self._ends(text))
        found = ends.keys() - self._hidden.keys()
        if (database := self._databases.glued) is not None:
            of_thread = self._of_this_thread()
            database.scan(text, match_event_handler=of_thread.note, scratch=of_thread.scratch_for("glued", database))
            found |= of_thread.taken().keys()
        return found

    def holds(self, asked: Sequence[Asked], passes: Callable[[bytes, Span], bool]) -> list[Held]:
        """See `Engine.holds`. Texts are looked at as one, with a line break between them.

        To a pattern that is what the end of a text is, so it says the same of each as if it were alone.
        """
        said = [_HOLDS_NOTHING] * len(asked)
        for number, ends in self._ends_in_each(asked):
            text = asked[number].text
            hidden = self._taken(text, ends)
            ends, wide, far = self._without_probes(text, ends)
            far = far or not self._far.isdisjoint(ends)
            held = {each for each, offsets in ends.items() if self._confirmers[each].holds(text, offsets, passes)}
            said[number] = Held(held, wide, far, hidden)
        return said

    def _ends_in_each(self, asked: Sequence[Asked]) -> Iterator[tuple[int, _Ends]]:
        """The numbers of the texts in which hunting forms end, and where."""
        found = self._ends_in(asked)
        probed = [number for number, ends in found.items() if not self._probes.isdisjoint(ends)]
        last = min(probed, default=len(asked))
        yield from ((number, ends) for number, ends in found.items() if number <= last)
        for number in range(last + 1, len(asked)):  # a probe tells its first end only: there may be others behind that
            yield from ((number, ends) for ends in self._ends_in(asked[number : number + 1]).values())

    def _ends_in(self, asked: Sequence[Asked]) -> dict[int, _Ends]:
        """Where hunting forms end in texts, those with none left away; of a probe, only the first of all."""
        pieces: list[bytes] = []
        firsts: list[int] = []  # of each text, its first piece
        for text, parts in asked:
            firsts.append(len(pieces))
            pieces += [text] if parts is None else [text[start:stop] for start, stop in parts]
        found: dict[int, _Ends] = {}
        events = self._ends(b"\n".join(pieces))
        begins = _begins(pieces) if events else []
        for pattern, ends in events.items():
            here: list[int] = []
            shift = stop = -1
            for end in sorted(ends):
                if end > stop:
                    at = bisect_left(begins, end) - 1
                    stop = begins[at] + len(pieces[at])
                    if end > stop and pattern not in self._probes:  # it ends with the line break
                        continue
                    number = bisect_right(firsts, at) - 1
                    parts = asked[number].parts
                    shift = (parts[at - firsts[number]][0] if parts else 0) - begins[at]
                    here = found.setdefault(number, {}).setdefault(pattern, [])
                here.append(shift + end)
        return found

    def _taken(self, text: bytes, ends: _Ends) -> tuple[Hint, ...]:
        """What may be hidden in a text; it is taken out of `ends`."""
        if self._hidden.keys().isdisjoint(ends):
            return ()
        return hints(text, ((end, kind) for number, kind in self._hidden.items() for end in ends.pop(number, ())))

    def _without_probes(self, text: bytes, ends: _Ends) -> tuple[_Ends, bool, bool]:
        """Where patterns may end, whether text of wide characters may hold one, and whether something reaches far."""
        wide, far = self._wide in ends, self._far_word in ends
        if self._code_points in ends:
            far = True
            for pattern, offsets in self._ends(view(text)).items():
                if pattern not in self._hidden:
                    ends.setdefault(pattern, []).extend(offsets)
        if wide or far:
            ends = {pattern: offsets for pattern, offsets in ends.items() if pattern not in self._probes}
        if self._common in ends:
            ends = self._with_named(text, ends)
        return ends, wide, far

    def _with_named(self, text: bytes, ends: _Ends) -> _Ends:
        """The same with the common patterns whose names stand before an end of the common hunt, instead of that."""
        with_named = {pattern: offsets for pattern, offsets in ends.items() if pattern != self._common}
        names = self._databases.names
        if names is None:
            return with_named
        runs = list(close_ends(ends[self._common]))
        told = {at for _, at in self._names_in([text[max(0, run[0] - REACH) : run[-1]] for run in runs], names)}
        words = before_words(text, [runs[at] for at in sorted(told)])
        starts = list(words)
        for number, at in self._names_in([text[max(0, start - NAME_REACH) : start] for start in starts], names):
            if self._named is None:
                self._named = self._databases.plan.named()
            for pattern in self._named[number]:
                with_named.setdefault(pattern, []).extend(words[starts[at]])
        return with_named

    def _names_in(self, pieces: Sequence[bytes], names: hyperscan.Database) -> set[tuple[int, int]]:
        """The names, given by number, that end in each of some pieces of text."""
        if not pieces:
            return set()
        begins = _begins(pieces)
        of_thread = self._of_this_thread()
        scratch = of_thread.scratch_for("names", names)
        names.scan(b"\n".join(pieces), match_event_handler=of_thread.note, scratch=scratch)
        return {(number, bisect_left(begins, end) - 1) for number, ends in of_thread.taken().items() for end in ends}

    def _ends(self, text: bytes) -> _Ends:
        """Where the hunting forms end in `text`."""
        of_thread = self._of_this_thread()
        main, note = self._databases.database, of_thread.note
        main.scan(text, match_event_handler=note, scratch=of_thread.scratch_for("all", main))
        if b"\0" in text and (wide := self._databases.wide) is not None:
            wide.scan(text, match_event_handler=note, scratch=of_thread.scratch_for("wide", wide))
        return of_thread.taken()

    def _of_this_thread(self) -> _OfThread:
        known: _OfThread | None = getattr(self._local, "known", None)
        if known is None:
            known = self._local.known = _OfThread()
        return known


def _begins(pieces: Sequence[bytes]) -> list[int]:
    """Where pieces begin that are joined by line breaks, and where the next one would."""
    return list(map(add, accumulate(map(len, pieces), initial=0), count()))


class _OfThread:
    """What each thread has of its own: Hyperscan needs one scratch a thread; `note` gets the events of one call."""

    def __init__(self) -> None:
        self._seen = seen = defaultdict[int, list[int]](list)

        def note(pattern: int, start: int, end: int, flags: int, context: object) -> None:
            seen[pattern].append(end)

        self.note = note
        self._scratches: dict[Part, hyperscan.Scratch] = {}

    def taken(self) -> _Ends:
        """What was noted since this was asked before."""
        taken = dict(self._seen)
        self._seen.clear()
        return taken

    def scratch_for(self, part: Part, database: hyperscan.Database) -> hyperscan.Scratch:
        """The scratch for the database of a part."""
        if part not in self._scratches:
            self._scratches[part] = hyperscan.Scratch(database)
        return self._scratches[part]
