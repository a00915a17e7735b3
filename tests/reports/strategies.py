"""Hypothesis strategies for results that no scan would make, and every report must bear."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from msgspec.structs import fields

from modelguard.model import (
    Category,
    Check,
    Commit,
    Confidence,
    CredentialPart,
    Deed,
    Finding,
    Gap,
    GapReason,
    LeftOut,
    Notice,
    NoticeKind,
    Origin,
    Place,
    RuleHelp,
    ScanResult,
    Severity,
    Stats,
    Status,
)

# What reports treat as special turns up far more often than chance would have it.
_PIECES = st.sampled_from(
    ["::error::", " ", "\n", "\x1b[31m", "[bold]", "##[group]", "##vso[x]y", "*", "hf_****", "张", "e\u0301", "\u200d"]
    + ["\ufe0f", "\u202e", "#", "…", "](1)", "/", "a" * 30, "-", "\x85", "😀", "\u200c", "\u3000"]
)
TEXT = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=40), st.lists(_PIECES, max_size=12).map("".join)
)
_COUNT = st.integers(0, 2**63)
_POSITION = st.none() | st.integers(1, 2**31)

PLACES = st.builds(Place, _COUNT, _COUNT, _POSITION, _POSITION, _POSITION, _POSITION, st.none() | TEXT)
COMMITS = st.lists(st.builds(Commit, TEXT, TEXT, TEXT, TEXT, _POSITION, st.sampled_from(Deed)), max_size=2).map(tuple)
_FIELDS: dict[str, st.SearchStrategy[Any]] = {
    "fingerprint": TEXT,
    "rule": st.sampled_from(["a", "b", "c"]),
    "category": st.sampled_from(Category),
    "severity": st.sampled_from(Severity),
    "confidence": st.sampled_from(Confidence),
    "check": st.sampled_from(Check),
    "title": TEXT,
    "message": TEXT,
    "remedy": TEXT,
    "preview": TEXT | st.just("hf_**** (37 characters)"),
    "excerpt": TEXT,
    "origin": st.builds(
        Origin,
        TEXT,
        st.booleans(),
        COMMITS,
        st.booleans(),
        st.none() | TEXT,
        st.lists(TEXT, max_size=2).map(tuple),
        st.none() | st.booleans(),
    ),
    "place": PLACES,
    "status": st.sampled_from(Status),
    "status_reason": TEXT,
    "recognised": st.booleans(),
    "blocking": st.booleans(),
    "context": st.booleans(),
    "parts": st.lists(
        st.builds(CredentialPart, TEXT, TEXT, PLACES)
        | st.builds(CredentialPart, TEXT, TEXT, PLACES, TEXT.filter(bool), TEXT.filter(bool)),
        max_size=2,
    ).map(tuple),
    "detail": TEXT,
}
# A field that is new in the model would otherwise keep its default, and no round trip would miss it.
assert set(_FIELDS) == {field.name for field in fields(Finding)}
FINDINGS = st.builds(Finding, **_FIELDS)


@st.composite
def results(draw: st.DrawFn) -> ScanResult:
    findings = tuple(draw(st.lists(FINDINGS, max_size=3)))
    rules = {}
    for rule in {finding.rule for finding in findings}:
        words = st.builds(
            RuleHelp,
            st.just(rule),
            TEXT,
            st.sampled_from(Category),
            st.sampled_from(Severity),
            st.sampled_from(Confidence),
            TEXT,
            TEXT,
            TEXT,
            st.lists(TEXT, max_size=2).map(tuple),
        )
        rules[rule] = draw(words)
    gaps = st.lists(st.builds(Gap, TEXT, st.sampled_from(GapReason), TEXT, st.none() | TEXT), max_size=2)
    left_out = st.lists(st.builds(LeftOut, TEXT, TEXT, st.none() | _COUNT), max_size=2)
    notices = st.lists(st.builds(Notice, st.sampled_from(NoticeKind), TEXT, st.none() | TEXT, _POSITION), max_size=2)
    return ScanResult(
        targets=tuple(draw(st.lists(TEXT, max_size=2))),
        findings=findings,
        gaps=tuple(draw(gaps)),
        left_out=tuple(draw(left_out)),
        notices=tuple(draw(notices)),
        stats=Stats(draw(_COUNT), draw(_COUNT), draw(st.floats(0, 1e9)), draw(_COUNT)),
        exit_status=draw(st.integers(0, 2)),
        rules_digest=draw(TEXT),
        rules=rules,
    )
