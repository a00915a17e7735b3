"""One finding a credential: what belongs to a secret and stands near it, an account id or a user name, is a part of it.

Only what stands near a match is looked at, so that a clean text costs nothing. A part never makes a finding, and what
counts for more than the credential stays a finding of its own.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from functools import lru_cache

from msgspec.structs import replace

from modelguard.detectors.checks.placeholders import not_placeholder
from modelguard.detectors.interface import FoundPart, Match
from modelguard.detectors.overlap import Values, is_part_of
from modelguard.engine.views import readings
from modelguard.model import Check, Confidence
from modelguard.rules.interface import Part

REACH = 1024
"""How far before and behind a value its parts are looked for, in bytes."""

_MOST_BYTES = 1024 * 1024
"""Of one text, so much is looked at for parts; credentials beyond have none."""
_NEAREST = 4
_NAME_BYTES = 96
_VARIABLE = re.compile(r"[A-Za-z_]{16,}")

_Spot = tuple[int, int]


def with_parts(matches: Sequence[Match], text: bytes) -> list[Match]:
    """`matches`, none of which overlap, with their parts; those that are nothing but a part of another one are in it.

    `text` is what they stand in. Confidence goes up by a step where a part is found, unless a proof failed.
    """
    values = Values(matches)
    spots = _assigned(matches, values, text)
    done: dict[int, Match] = {}
    gone: set[int] = set()
    for number in sorted({number for number, _ in spots}, key=lambda each: _weight(matches[each]), reverse=True):
        if number in gone:
            continue
        match = replace(matches[number], confidence=_surer(matches[number]))
        found = []
        for part in match.rule.parts:
            if (number, part) not in spots:
                continue
            start, end = spots[number, part]
            inside = [
                each
                for each in values.within(start, end)
                if each not in gone
                and each not in done
                and each != number
                and is_part_of(matches[each], match, FoundPart(part, start, end))
            ]
            gone.update(inside)
            found.append(FoundPart(part, start, end, matches[inside[0]] if inside else None))
        done[number] = replace(match, parts=tuple(found))
    return [done.get(number, match) for number, match in enumerate(matches) if number not in gone]


def _weight(match: Match) -> tuple[int, int, int]:
    return match.rule.severity.rank, match.confidence.rank, -match.start


def _surer(match: Match) -> Confidence:
    if match.check is Check.FAILED:
        return match.confidence
    return {Confidence.LOW: Confidence.MEDIUM}.get(match.confidence, Confidence.HIGH)


def _assigned(matches: Sequence[Match], values: Values, text: bytes) -> dict[tuple[int, Part], _Spot]:
    """Where the parts of each match, given by its number, stand: each as near as may be, and each to one of a rule."""
    wanting: dict[Part, list[int]] = {}
    for number, match in enumerate(matches):
        for part in match.rule.parts:
            wanting.setdefault(part, []).append(number)
    assigned: dict[tuple[int, Part], _Spot] = {}
    left = _MOST_BYTES
    for part, numbers in wanting.items():
        around = _around([matches[number] for number in numbers], len(text), left)
        left -= sum(end - start for start, end in around)
        spots = sorted({spot for start, end in around for spot in _spots(part, text, start, end)})
        pairs = sorted(_pairs(matches, values, part, numbers, spots))
        taken: set[tuple[str, _Spot]] = set()
        for _, _, number, spot in pairs:
            rule = matches[number].rule.id
            if (number, part) not in assigned and (rule, spot) not in taken:
                assigned[number, part] = spot
                taken.add((rule, spot))
    return assigned


def _around(matches: Sequence[Match], size: int, most: int) -> list[_Spot]:
    """What lies around the matches, each byte of it once, `most` bytes at most."""
    joined: list[_Spot] = []
    for match in sorted(matches, key=lambda match: match.value_start):
        start, end = max(0, match.value_start - REACH), min(size, match.value_end + REACH)
        if joined and start <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(end, joined[-1][1])
        else:
            joined.append((start, end))
    kept = []
    for start, end in joined:
        if most > 0:
            kept.append((start, min(end, start + most)))
        most -= end - start
    return kept


def _pairs(
    matches: Sequence[Match], values: Values, part: Part, numbers: Sequence[int], spots: Sequence[_Spot]
) -> Iterator[tuple[int, bool, int, _Spot]]:
    """Which spots may be the part of which match: how far it is, whether behind the value, the match, the spot."""
    usable = [spot for spot in spots if all(_may_hold(matches[each], part) for each in values.within(*spot))]
    for number in numbers:
        match = matches[number]
        at = bisect_left(usable, (match.value_start, 0))
        for start, end in usable[max(0, at - _NEAREST) : at + _NEAREST]:
            far = max(start - match.value_end, match.value_start - end)
            if 0 <= far <= REACH:
                yield far, start > match.value_start, number, (start, end)


def _may_hold(match: Match, part: Part) -> bool:
    """Whether the part may be what a match found: what another vendor's rule knows is not this one's."""
    return match.rule.generic or match.rule.id in part.alone


def _spots(part: Part, text: bytes, start: int, end: int) -> Iterator[_Spot]:
    """Where the part is between two offsets of `text`, as it stands there and as it reads."""
    regex = _compiled(part.regex)
    for reading in readings(text[start:end]):
        for found in regex.finditer(reading):
            first, last = found.span("value" if "value" in regex.groupindex else 0)
            cut = (found.start() == 0 and start > 0) or (found.end() == len(reading) and end < len(text))
            if not cut and first < last and _believed(part, reading, first, last):
                yield start + first, start + last


def _believed(part: Part, text: bytes, start: int, end: int) -> bool:
    """Whether it is a value, and not a stand-in, a variable or something else that looks the same."""
    value = text[start:end].decode("utf-8", "replace")
    if not not_placeholder(value, "") or _VARIABLE.fullmatch(value):
        return False
    return not part.needs_name or _name_before(part.name).search(text, max(0, start - _NAME_BYTES), start) is not None


@lru_cache(maxsize=1024)
def _compiled(regex: str) -> re.Pattern[bytes]:
    return re.compile(regex.encode("ascii"))


@lru_cache(maxsize=1024)
def _name_before(name: str) -> re.Pattern[bytes]:
    """The name of a part as programs write it, and what stands between it and a value."""
    names = "|".join(r"[\W_]{0,2}".join(map(re.escape, each.split())) for each in name.split(" or "))
    return re.compile(rf"(?i:{names})\w{{0,12}}\W{{1,8}}(?:value\W{{1,8}})?\Z".encode("ascii"))
