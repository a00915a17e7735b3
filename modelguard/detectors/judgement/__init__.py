"""Judgement for values without a format: what a person would look at to tell a secret from code, names and stand-ins.

| file | promise |
| --- | --- |
| `candidate.py` | what surrounds a value: its name, what joins them, the line, the sort of file |
| `evidence.py` | what speaks for and against it, each by a name |
| `decision.py` | the evidence weighed: how likely it is a real secret |
| `sentences.py` | each piece of evidence in plain words |
| `reasons.py` | all of it for one candidate, for people who ask why |

The weights are `rules/weights.json`; `bench/accuracy/train.py` learns them.
"""

from __future__ import annotations

from functools import lru_cache

from modelguard.detectors.judgement.candidate import Candidate, candidate_of, is_pair
from modelguard.detectors.judgement.decision import REPORTED, SURE, probability
from modelguard.detectors.judgement.evidence import evidence
from modelguard.detectors.published import is_for_badge, is_published
from modelguard.engine.interface import Span

__all__ = ["REPORTED", "SURE", "likelihood", "settled"]


def likelihood(rule: str, text: bytes, span: Span, path: str | None) -> float:
    """How likely the candidate at a span is a real secret, between 0 and 1; for no path in particular, the most of any.

    It depends on the line within `JUDGED_EDGE` bytes of the match, and on `path`, alone.
    """
    return _likelihood(candidate_of(rule, text, span, path))


@lru_cache(maxsize=4096)
def _likelihood(candidate: Candidate) -> float:
    return 0.0 if settled(candidate) else probability(evidence(candidate))


def settled(candidate: Candidate) -> str:
    """Why a candidate is none, whatever the evidence says; nothing where that decides."""
    if not is_pair(candidate):
        return "it is no name with its value: an argument, a list, a ruler or a template"
    if is_published(candidate.name, candidate.value):
        return "it is a key that its vendor has people publish"
    return "it is in the address of a badge, which everybody may see" if is_for_badge(candidate.before) else ""
