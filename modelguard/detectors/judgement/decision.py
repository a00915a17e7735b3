"""How likely a candidate is a real secret: the evidence, weighed by numbers that `bench/accuracy/train.py` learned."""

from __future__ import annotations

import math
from collections.abc import Mapping

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from modelguard.rules.prepared import WEIGHTS


class Weights(Struct, frozen=True):
    """What was learned: a weight for each piece of evidence, in natural logarithms of odds, and what a letter costs.

    `pairs` has a row for each letter, and one for the beginning of a run of letters: the bits that each of the 26
    letters costs behind it.
    """

    bias: float
    weights: Mapping[str, float]
    pairs: tuple[tuple[float, ...], ...]


REPORTED = 0.6
"""A candidate at least so likely is a finding; `SURE` is when it has its rule's own confidence, and not a low one."""
SURE = 0.8


def _with_any_file(learned: Weights) -> Weights:
    """Also the weights of a file of no kind in particular: those of the kind, and the folder, that say the most."""
    weights = dict(learned.weights)
    folder = max((weight for name, weight in weights.items() if name.startswith("place:folder:")), default=0.0)
    for quoting in ("quoted", "bare"):
        kinds = (
            weight for name, weight in weights.items() if name.startswith("place:file:") and name.endswith(quoting)
        )
        weights[f"place:file:unknown:{quoting}"] = max([0.0, *kinds]) + max(0.0, folder)
    return replace(learned, weights=weights)


with open(WEIGHTS, "rb") as _file:
    _learned = msgspec.json.decode(_file.read(), type=Weights)
_learned = _with_any_file(_learned)
PAIRS = _learned.pairs


def weighed(evidence: list[str]) -> list[tuple[str, float]]:
    """Each piece of evidence that counts, with its weight."""
    weights = _learned.weights
    return [(each, weights[each]) for each in evidence if each in weights]


def bias() -> float:
    """The odds before anything is observed, as weights are."""
    return _learned.bias


def probability(evidence: list[str]) -> float:
    """Between 0 and 1."""
    weights = _learned.weights
    return 1 / (1 + math.exp(-(_learned.bias + sum(weights.get(each, 0.0) for each in evidence))))
