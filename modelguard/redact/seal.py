"""Match in, Finding out. Nothing behind this door can hold a value."""

from __future__ import annotations

import hashlib
from bisect import bisect_left
from collections.abc import Collection, Mapping
from typing import NamedTuple

from msgspec import Struct

from modelguard.detectors.interface import FoundPart, Match
from modelguard.model import Category, CredentialPart, Finding, Origin, Place, Segment
from modelguard.redact.excerpt import Hidden, Spans, apart, excerpt
from modelguard.redact.fingerprint import fingerprint
from modelguard.redact.preview import preview


class Masked(Struct, frozen=True):
    """Spans of a segment, as `apart` gives them.

    `values` are those of all values that rules matched, kept or not; `all` are these and the parts of credentials.
    """

    values: Spans
    all: Spans

    @staticmethod
    def of(values: Collection[tuple[int, int]], matches: Collection[Match]) -> Masked:
        """What to mask in a segment with these values and matches."""
        alone = apart(values)
        parts = [(found.start, found.end) for match in matches for found in match.parts]
        return Masked(alone, apart([*alone, *parts]) if parts else alone)


def seal(
    match: Match,
    segment: Segment,
    masked: Masked,
    origin: Origin,
    places: Mapping[tuple[int, int], Place],
    known: Collection[str] = (),
    name: str | None = None,
) -> Finding:
    """The Finding for a match in `segment`.

    All spans of `masked` are masked in the excerpt. `places` are those of the values and parts, by their spans. `known`
    are SHA-1 digests of values that an imported baseline holds, and `name` is the fingerprint where an earlier look at
    these very bytes has made it.
    """
    rule = match.rule
    named = _named(match, segment, masked.values, origin.path, name)
    return Finding(
        fingerprint=named.fingerprint,
        rule=rule.id,
        category=rule.category,
        severity=match.severity,
        confidence=match.confidence,
        check=match.check,
        title=rule.title,
        message=rule.what,
        remedy=rule.remedy,
        preview=named.preview,
        excerpt=named.line if masked.all is masked.values else _line(match, segment, masked.all, named.preview),
        origin=origin,
        place=places[match.value_start, match.value_end],
        detail=match.detail,
        recognised=bool(known) and hashlib.sha1(match.value, usedforsecurity=False).hexdigest() in known,
        parts=tuple(_part(found, segment, masked.values, origin.path, places) for found in match.parts),
    )


class _Named(NamedTuple):
    """A match as it is shown, and what names it from one scan to the next; parts of credentials change neither."""

    preview: str
    line: str
    fingerprint: str


def _named(match: Match, segment: Segment, values: Spans, path: str, name: str | None = None) -> _Named:
    shown = preview(match.value.decode("utf-8", "replace"), match.rule.preview)
    line = _line(match, segment, values, shown)
    return _Named(shown, line, name or fingerprint(match, path, line))


def _line(match: Match, segment: Segment, spans: Spans, shown: str) -> str:
    own: Hidden = (match.value_start, match.value_end, shown.partition(" ")[0])
    return excerpt(segment.text, match.start, own, spans, match.rule.category is Category.PII)


def _part(
    found: FoundPart, segment: Segment, values: Spans, path: str, places: Mapping[tuple[int, int], Place]
) -> CredentialPart:
    """A part, shown as the rule for it alone would; what any rule takes for a value is else not shown at all."""
    where = places[found.start, found.end]
    if found.alone is not None:
        named = _named(found.alone, segment, values, path)
        return CredentialPart(found.part.name, named.preview, where, found.alone.rule.id, named.fingerprint)
    before = bisect_left(values, (found.end,)) - 1
    is_value = before >= 0 and values[before][1] > found.start
    value = segment.text[found.start : found.end].decode("utf-8", "replace")
    return CredentialPart(found.part.name, preview(value, "none" if is_value else found.part.preview), where)
