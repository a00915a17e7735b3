"""Why matches are findings, or are none: as text for people, and as JSON.

    {"schema": "modelguard-explanation/1", "path", "line", "gaps": [{"path", "reason", "detail"}],
     "left_out": [{"path", "reason"}],
     "explanations": [{"rule", "title", "preview", "line", "column", "inner", "inside", "byte_start", "byte_end",
                       "reported", "blocking", "reason", "confidence", "likelihood", "threshold", "sure",
                       "checks": [{"name", "passed"}], "evidence": [{"name", "sentence", "weight"}]}]}

`likelihood`, `threshold` and `sure` are null for rules that are not judged. A weight is a natural logarithm of odds.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from modelguard.model import Confidence, Evidence, Explained, Explanation
from modelguard.reports.escape import printable
from modelguard.reports.json_text import dump
from modelguard.reports.places import where

SCHEMA = "modelguard-explanation/1"


def as_json(explained: Explained) -> str:
    """One indented JSON document."""
    document: dict[str, Any] = {
        "schema": SCHEMA,
        "path": explained.path,
        "line": explained.line,
        "gaps": [{"path": gap.path, "reason": gap.reason.value, "detail": gap.detail} for gap in explained.gaps],
        "left_out": [{"path": left.path, "reason": left.reason} for left in explained.left_out],
        "explanations": [_object(each) for each in explained.explanations],
    }
    return dump(document, indent=2) + "\n"


def _object(explanation: Explanation) -> dict[str, Any]:
    place = explanation.place
    return {
        "rule": explanation.rule,
        "title": explanation.title,
        "preview": explanation.preview,
        "line": place.line,
        "column": place.column,
        "inner": place.inner,
        "inside": place.inside,
        "byte_start": place.byte_start,
        "byte_end": place.byte_end,
        "reported": explanation.reported,
        "blocking": explanation.blocking,
        "reason": explanation.reason,
        "confidence": explanation.confidence.value if explanation.confidence else None,
        "likelihood": explanation.likelihood,
        "threshold": explanation.threshold,
        "sure": explanation.sure,
        "checks": [{"name": check.name, "passed": check.passed} for check in explanation.checks],
        "evidence": [
            {"name": each.name, "sentence": each.sentence, "weight": round(each.weight, 4)}
            for each in explanation.evidence
        ],
    }


def as_text(explained: Explained) -> str:
    """A block a match, with what speaks for it and against it."""
    lines = [f"{printable(gap.path)}: {gap.reason}: {printable(gap.detail)}" for gap in explained.gaps]
    lines += [f"{printable(left.path)}: left out: {printable(left.reason)}" for left in explained.left_out]
    for explanation in explained.explanations:
        lines += ["", *_block(explained.path, explanation)] if lines else _block(explained.path, explanation)
    if not lines:
        where = printable(explained.path) + (f":{explained.line}" if explained.line else "")
        lines = [f"{where}: no rule matches anything here"]
    return "".join(f"{line}\n" for line in lines)


def _block(path: str, explanation: Explanation) -> Iterator[str]:
    place = explanation.place
    yield f"{where(path, place)}  {printable(explanation.rule)}  {printable(explanation.preview)}"
    yield f"  {printable(explanation.title)}"
    yield f"  {_verdict(explanation)}"
    if explanation.checks:
        said = ((each.name, "passed" if each.passed else "failed") for each in explanation.checks)
        yield "  checks: " + ", ".join(f"{name} {outcome}" for name, outcome in said)
    if explanation.likelihood is not None:
        limits = f"reported from {explanation.threshold:.2f}, surely from {explanation.sure:.2f}"
        yield f"  likelihood {explanation.likelihood:.2f}; {limits}"
    yield from _evidence("for", [each for each in explanation.evidence if each.weight > 0])
    yield from _evidence("against", [each for each in explanation.evidence if each.weight < 0])


def _verdict(explanation: Explanation) -> str:
    if not explanation.reported:
        return f"not reported: {printable(explanation.reason)}"
    sure = f", {explanation.confidence} confidence" if explanation.confidence is not Confidence.HIGH else ""
    decided = f" ({printable(explanation.reason)})" if explanation.reason else ""
    return f"reported{sure}, {'blocks' if explanation.blocking else 'does not block'}{decided}"


def _evidence(title: str, evidence: Sequence[Evidence]) -> Iterator[str]:
    if evidence:
        yield f"  {title}"
        yield from (f"    {each.weight:+6.2f}  {printable(each.sentence)}" for each in evidence)
