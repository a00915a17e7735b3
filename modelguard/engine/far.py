"""Words of the patterns whose hunting form is wider than `NEAR`: one of these may begin far from where it ends.

All else that a pattern says shows within `MARGIN` of where its hunting form ends. Of these few, the fast engine sees an
end only where it sees the beginning too, so a text that holds one of their words is always looked at as a whole.
"""

from __future__ import annotations

from collections.abc import Sequence

from modelguard.engine.interface import NEAR, Pattern
from modelguard.engine.wide import escaped, shortest_keywords


def far_words(patterns: Sequence[Pattern]) -> list[str]:
    """The words as patterns for the fast engine, in any case; where a pattern has none, what matches everything."""
    from modelguard.engine.syntax import hunt_width

    wide = [
        pattern for pattern in patterns if not (pattern.common or pattern.limit) and hunt_width(pattern.hunt) > NEAR
    ]
    if not all(pattern.keywords for pattern in wide):
        return ["."]
    return [
        f"(?i:{escaped(word)})" for word in shortest_keywords(word for pattern in wide for word in pattern.keywords)
    ]
