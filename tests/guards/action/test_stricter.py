"""Whatever a change proposes, what blocks under trusted settings blocks."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from modelguard.guards.action.stricter import stricter
from modelguard.model import Finding, Place, ScanResult, Severity, Status
from modelguard.verdict.outcome import exit_status
from modelguard.verdict.policy import Policy, apply_policy
from tests.reports.samples import FOLDER_LEFT_OUT, GAP, finding, result

FINDINGS = st.builds(
    lambda at, **changes: finding(place=Place(at, at + 9), **changes),
    st.integers(0, 3),
    fingerprint=st.sampled_from(["1" * 32, "2" * 32]),
    path=st.sampled_from(["a", "b"]),
    status=st.sampled_from(Status),
    severity=st.sampled_from(Severity),
)
POLICIES = st.sampled_from([Policy(), Policy(never=True), Policy(Severity.CRITICAL)])


@st.composite
def results(draw: st.DrawFn) -> ScanResult:
    findings = tuple(apply_policy(draw(st.lists(FINDINGS, max_size=4)), draw(POLICIES)))
    gaps = tuple(draw(st.lists(st.just(GAP), max_size=1)))
    return result(*findings, gaps=gaps, exit_status=exit_status(findings, gaps, draw(st.booleans())))


def keys(findings: tuple[Finding, ...]) -> set[tuple[object, ...]]:
    return {(each.fingerprint, each.rule, each.origin.path, each.place) for each in findings}


@given(results(), results())
def test_nothing_that_blocks_is_lost(trusted: ScanResult, proposed: ScanResult) -> None:
    joined = stricter(trusted, proposed)
    assert keys(joined.blocking) == keys(trusted.blocking) | keys(proposed.blocking)
    assert keys(joined.findings) == keys(trusted.findings) | keys(proposed.findings)
    assert set(joined.gaps) == {*trusted.gaps, *proposed.gaps}


@given(results(), results())
def test_the_exit_status_is_never_milder(trusted: ScanResult, proposed: ScanResult) -> None:
    order = (0, 2, 1)
    joined = stricter(trusted, proposed).exit_status
    assert order.index(joined) == max(order.index(trusted.exit_status), order.index(proposed.exit_status))


def test_left_out_is_what_neither_looks_at() -> None:
    left, also = (replace(FOLDER_LEFT_OUT, path=path) for path in "ab")
    assert stricter(result(left_out=(left, also)), result(left_out=(left,))).left_out == (left,)
