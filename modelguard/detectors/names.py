"""Names of places, as they may be shown: a key, a member or a tensor may be called by what was found there."""

from __future__ import annotations

import re

from modelguard.detectors.patterns import PatternDetector

_TELLING = 4
"""A value of so many bytes or more is not shown in the name of its place."""

_QUOTED = re.compile(rb'(?:[^"\\]|\\.)*(?=")', re.DOTALL)
"""What stands in a name up to the quote that ends it: keys are in quotes, and quotes in them behind a backslash."""


def masked_name(detector: PatternDetector, name: str, value: bytes = b"") -> str:
    """The name without `value`, and without whatever any rule takes for a value in it."""
    text = name.encode("utf-8", "replace")
    detection = detector.detect(text, None)
    spans = [(match.value_start, match.value_end) for match in detection.matches]
    spans += (_in_quotes(text, start, end) for start, end in detection.sensitive)
    if len(value) >= _TELLING and (at := text.find(value)) >= 0:
        spans.append((at, at + len(value)))
    for start, end in reversed(_joined(spans)):
        text = text[:start] + b"***" + text[end:]
    return text.decode("utf-8", "replace")


def _in_quotes(text: bytes, start: int, end: int) -> tuple[int, int]:
    """As much of a span as lies in the quotes in which it begins: what may go on in a text ends there in a name."""
    quoted = _QUOTED.match(text, start, end)
    return (start, quoted.end()) if quoted and quoted.end() > start else (start, end)


def _joined(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The spans, those that overlap as one."""
    joined: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if joined and start < joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((start, end))
    return joined
