"""Counts in words."""

from __future__ import annotations

import pytest

from modelguard.reports.summary import size


@pytest.mark.parametrize(
    ("count", "expected"),
    [
        (0, "0 bytes"),
        (1, "1 byte"),
        (999, "999 bytes"),
        (1000, "1.0 kB"),
        (999_949, "999.9 kB"),
        (999_950, "1.0 MB"),
        (4_200_000, "4.2 MB"),
        (10_000_000_000, "10.0 GB"),
        (5 * 10**18, "5,000.0 PB"),
    ],
)
def test_sizes(count: int, expected: str) -> None:
    assert size(count) == expected
