"""Match in, Finding out. Nothing behind this door can hold a value."""

from __future__ import annotations

import hashlib
from collections.abc import Collection

from modelguard.detectors.interface import Match
from modelguard.model import Category, Finding, Origin, Place, Segment
from modelguard.redact.excerpt import Hidden, Spans, excerpt
from modelguard.redact.fingerprint import fingerprint
from modelguard.redact.preview import preview


def seal(
    match: Match,
    segment: Segment,
    sensitive: Spans,
    origin: Origin,
    place: Place,
    known: Collection[str] = (),
    name: str | None = None,
) -> Finding:
    """The Finding for a match in `segment`.

    `sensitive` are the spans of all values in the segment, kept or not, as `apart` gives them; all are masked in the
    excerpt. `known` are SHA-1 digests of values that an imported baseline holds, and `name` is
    the fingerprint where an earlier look at these very bytes has made it.
    """
    rule = match.rule
    shown = preview(match.value.decode("utf-8", "replace"), rule.preview)
    own: Hidden = (match.value_start, match.value_end, shown.partition(" ")[0])
    line = excerpt(segment.text, match.start, own, sensitive, rule.category is Category.PII)
    return Finding(
        fingerprint=name or fingerprint(match, origin.path, line),
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
