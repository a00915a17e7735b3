"""Match in, Finding out. Nothing behind this door can hold a value."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator, Sequence

from modelguard.detectors.interface import Match
from modelguard.model import Finding, Origin, Place, Segment
from modelguard.redact.excerpt import Hidden, excerpt
from modelguard.redact.fingerprint import fingerprint
from modelguard.redact.preview import MASK, preview


def seal(
    match: Match,
    segment: Segment,
    sensitive: Sequence[tuple[int, int]],
    origin: Origin,
    place: Place,
    known: Collection[str] = (),
) -> Finding:
    """The Finding for a match in `segment`.

    `sensitive` are the spans of all values in the segment, kept or not; all are masked in the excerpt. `known` are
    SHA-1 digests of values that an imported baseline holds.
    """
    rule = match.rule
    shown = preview(match.value.decode("utf-8", "replace"), rule.preview)
    own: Hidden = (match.value_start, match.value_end, shown.partition(" ")[0])
    line = excerpt(segment.text, match.start, [own, *_beside(match, sensitive)])
    return Finding(
        fingerprint=fingerprint(match, origin.path, line),
        rule=rule.id,
        category=rule.category,
        severity=rule.severity,
        confidence=match.confidence,
        check=match.check,
        title=rule.title,
        message=rule.what,
        remedy=rule.remedy,
        preview=shown,
        excerpt=line,
        origin=origin,
        place=place,
        recognised=bool(known) and hashlib.sha1(match.value, usedforsecurity=False).hexdigest() in known,
    )


def _beside(match: Match, sensitive: Sequence[tuple[int, int]]) -> Iterator[Hidden]:
    """What lies outside the match's own value of every span to mask."""
    for start, end in sensitive:
        if start < match.value_start:
            yield start, min(end, match.value_start), MASK
        if end > match.value_end:
            yield max(start, match.value_end), end, MASK
