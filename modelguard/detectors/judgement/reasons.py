"""Why a candidate is likely a secret, or not: its evidence, summed up by what was observed."""

from __future__ import annotations

from modelguard.detectors.judgement import likelihood, settled
from modelguard.detectors.judgement.candidate import candidate_of
from modelguard.detectors.judgement.decision import bias, weighed
from modelguard.detectors.judgement.evidence import evidence
from modelguard.detectors.judgement.sentences import sentence
from modelguard.engine.interface import Span
from modelguard.model import Evidence

_LEAST = 0.005
"""What weighs less says nothing."""


def reasons(rule: str, text: bytes, span: Span, path: str | None) -> tuple[float, str, tuple[Evidence, ...]]:
    """The likelihood of the candidate at a span, what settles it beforehand or nothing, and the evidence.

    The weightiest evidence comes first. Its weights are natural logarithms of odds; their sum makes the likelihood.
    """
    candidate = candidate_of(rule, text, span, path)
    likely = likelihood(rule, text, span, path)
    if reason := settled(candidate):
        return likely, reason, ()
    sums = {"prior": bias()}
    for name, weight in weighed(evidence(candidate)):
        observed = name.rpartition("/")[2] if "/value:" in name else name
        sums[observed] = sums.get(observed, 0.0) + weight
    listed = [Evidence(name, sentence(name), weight) for name, weight in sums.items() if abs(weight) >= _LEAST]
    return likely, "", tuple(sorted(listed, key=lambda each: (-abs(each.weight), each.name)))
