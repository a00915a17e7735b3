"""What one run of the action is to look at, and whose settings count; what one step tells the next."""

from __future__ import annotations

import msgspec
from msgspec import Struct

from modelguard.errors import UsageError

COMMITS, FULL, HISTORY, NOTHING = "commits", "full", "history", "nothing"


class Plan(Struct, frozen=True):
    """Commits that `tip` reaches and none of `without` does; or files (`full`), the whole history, or nothing.

    `trusted` is the commit whose settings count, `proposed` one whose settings can only make a scan stricter, `parted`
    where the two parted, if the second is not the first with the changes applied. Without `trusted`, settings are those
    of the checkout. `notes` are sentences for the log. `problem` and `remedy` say why there is nothing to look at.
    """

    scan: str
    tip: str = ""
    without: tuple[str, ...] = ()
    trusted: str = ""
    proposed: str = ""
    parted: str = ""
    notes: tuple[str, ...] = ()
    problem: str = ""
    remedy: str = ""


def written(plan: Plan) -> str:
    """The plan as one line of text."""
    return msgspec.json.encode(plan).decode("utf-8")


def read(text: str) -> Plan:
    """The inverse of `written`.

    Raises:
        UsageError: it is no plan; the step before did not end as it should.
    """
    try:
        return msgspec.json.decode(text, type=Plan)
    except msgspec.MsgspecError:
        raise UsageError("the step that chooses commits has not said which", "Look at its log above.") from None
