"""What may go wrong between a client and a Hub, on purpose."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from tests.tools.hub.record import Request


@dataclass
class Fault:
    """Requests whose line (`GET /org/name/resolve/…`) has a match of `matches` get this instead of, or on top of, their answer.

    times: for how many of them; None is for all. status and headers: answered at once, with `body`. delay: seconds before the answer.
    cut: the connection ends after so many bytes of the body. pace: seconds between pieces of 1 KiB. whole: a range is answered
    with 200 and the whole file. endless: a body that has no end. size: what Content-Range and Content-Length lie about.
    """

    matches: str
    times: int | None = None
    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    delay: float = 0
    cut: int | None = None
    pace: float = 0
    whole: bool = False
    endless: bool = False
    size: int | None = None

    def takes(self, request: Request) -> bool:
        """Whether this request has the fault; counts it if so."""
        if self.times == 0 or not re.search(self.matches, request.line):
            return False
        if self.times is not None:
            self.times -= 1
        return True
