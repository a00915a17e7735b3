"""What may be spent on a container grows with its own bytes: a large one may hold much, a small one may not."""

from __future__ import annotations

import pytest

from modelguard.budget import Budget
from modelguard.readers.interface import Limits, OverBudget

BUDGET = Budget(opened_bytes=100, unpacked_ratio=10, opened_seconds=5, opened_rate=100, members=3, member_bytes=50)


@pytest.mark.parametrize(("size", "allowed"), [(0, 100), (7, 170)])
def test_bytes(size: int, allowed: int) -> None:
    Limits(BUDGET, size=size).spend(allowed)
    with pytest.raises(OverBudget, match=f"more than {allowed} bytes"):
        Limits(BUDGET, size=size).spend(allowed + 1)


@pytest.mark.parametrize(("size", "allowed"), [(0, 3), (120, 5)])
def test_members(size: int, allowed: int) -> None:
    limits = Limits(BUDGET, size=size)
    for _ in range(allowed):
        limits.member()
    with pytest.raises(OverBudget, match=f"more than {allowed} members"):
        limits.member()


@pytest.mark.parametrize(("size", "allowed"), [(0, 5), (300, 8)])
def test_time(size: int, allowed: int) -> None:
    now = 1000.0
    limits = Limits(BUDGET, size=size, clock=lambda: now)
    now += allowed
    limits.check_time()
    now += 1
    with pytest.raises(OverBudget, match=f"longer than {allowed} seconds"):
        limits.check_time()
