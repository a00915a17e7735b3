"""What was asked about a match, as it may be shown: its value is masked as in a finding of the same rule."""

from __future__ import annotations

from modelguard.detectors.interface import Reasoned
from modelguard.model import Explanation, Place, Segment
from modelguard.redact.preview import preview


def explanation(found: Reasoned, segment: Segment, place: Place) -> Explanation:
    """The Explanation of a match in `segment`."""
    span, rule = found.span, found.rule
    value = segment.text[span.value_start : span.value_end].decode("utf-8", "replace")
    return Explanation(
        rule=rule.id,
        title=rule.title,
        preview=preview(value, rule.preview),
        place=place,
        reported=found.match is not None,
        blocking=False,
        reason=found.reason,
        confidence=None if found.match is None else found.match.confidence,
        checks=found.checks,
        likelihood=found.likelihood,
        threshold=found.threshold,
        sure=found.sure,
        evidence=found.evidence,
    )
