"""The private noun: a Match holds the value and never leaves this room but through `redact.seal`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from msgspec import Struct

from modelguard.engine.interface import Hint, Span
from modelguard.model import Check, CheckOutcome, Confidence, Evidence, Severity
from modelguard.rules.interface import Part, Rule


class FoundPart(Struct, frozen=True):
    """Where a part of a credential stands: offsets in the segment's text.

    `alone` is the match of another rule for it, which is no finding of its own where the credential is one.
    """

    part: Part
    start: int
    end: int
    alone: Match | None = None


class Match(Struct, frozen=True):
    """A rule's match in a segment, and what its checks said. `repr` shows no text of it.

    Offsets count bytes of the segment's text. `confidence` and `severity` are the rule's own, or what its proofs make
    of them, and `confidence` is higher where `parts` of the credential stand near it. `detail` is what proofs read in
    the value and may be told.
    """

    rule: Rule
    start: int
    end: int
    value_start: int
    value_end: int
    value: bytes
    check: Check
    confidence: Confidence
    severity: Severity
    detail: str = ""
    parts: tuple[FoundPart, ...] = ()

    def __repr__(self) -> str:
        return f"Match({self.rule.id}, {self.start}, {self.end}, {self.check}, {self.confidence})"


class Reasoned(Struct, frozen=True):
    """Where a rule matches, with everything that was asked about that. It holds no value but in `match`.

    `match` is what is told of it, None where it is dropped; `reason` says why. For a rule that is judged, `likelihood`
    and `evidence` are what judgement says; from `threshold` on it is told, from `sure` on with the rule's confidence.
    """

    rule: Rule
    span: Span
    match: Match | None
    reason: str
    checks: tuple[CheckOutcome, ...] = ()
    likelihood: float | None = None
    threshold: float | None = None
    sure: float | None = None
    evidence: tuple[Evidence, ...] = ()


class Detection(Struct, frozen=True):
    """What one detector saw in a text.

    `sensitive` are the spans of every value that a rule matched, dropped ones too: an excerpt shows none of them.
    `extra` are spans of patterns that belong to no rule. `wide` says that text of wide characters may hold a match.
    `problems` say what the detector could not look at, without any text of it. `unjudged` counts the spans of values
    that were left out because there were too many already. `hidden` says where the text may be worth decoding.
    `settled` are those of `sensitive` that are none where a rule sees what stands around them: a part of the text by
    itself would say less.
    """

    matches: tuple[Match, ...] = ()
    sensitive: tuple[tuple[int, int], ...] = ()
    extra: tuple[Span, ...] = ()
    wide: bool = False
    problems: tuple[str, ...] = ()
    unjudged: int = 0
    hidden: tuple[Hint, ...] = ()
    settled: tuple[tuple[int, int], ...] = ()

    def joined(self, other: Detection) -> Detection:
        """Both together; where they saw the same value, the more specific match stays."""
        from modelguard.detectors.overlap import without_overlaps

        return Detection(
            tuple(without_overlaps([*self.matches, *other.matches])),
            (*self.sensitive, *other.sensitive),
            (*self.extra, *other.extra),
            self.wide or other.wide,
            (*self.problems, *other.problems),
            self.unjudged + other.unjudged,
            (*self.hidden, *other.hidden),
            (*self.settled, *other.settled),
        )


class Detector(Protocol):
    """Finds Matches in the text of a segment."""

    def detect(
        self, text: bytes, path: Callable[[], str] | None, owned: Callable[[int], bool] = lambda offset: True
    ) -> Detection:
        """What is in `text`.

        `path` tells where it was found, and is called only when that matters; without it (None: not known), rules that
        are bound to certain files speak, too. `owned` says whether what begins at an
        offset is wanted: where there is too much to judge it all, the rest is left out first.
        """
        ...
