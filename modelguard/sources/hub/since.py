"""A point in time as people say it: a day, a time of ISO 8601, or so long ago (`2.weeks`)."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone

from modelguard.errors import UsageError

_AGO = re.compile(r"(\d{1,6})[ .](hour|day|week|month|year)s?(?:[ .]ago)?")
_DAYS = {"day": 1, "week": 7, "month": 30, "year": 365}


def parse_since(text: str, now: datetime | None = None) -> datetime:
    """The point in time that `text` means, with an offset; a day begins at midnight UTC.

    Raises:
        UsageError: it means none.
    """
    try:
        ago = _AGO.fullmatch(text.strip().lower())
        if ago is not None:
            count, unit = int(ago[1]), ago[2]
            span = timedelta(hours=count) if unit == "hour" else timedelta(days=count * _DAYS[unit])
            return (now or datetime.now(timezone.utc)) - span
        return when(text.strip())
    except (ValueError, OverflowError):
        raise UsageError(f"--since {text}: not a date", "Write 2026-01-31, 2026-01-31T12:00Z or 2.weeks.") from None


def when(text: str) -> datetime:
    """A time of ISO 8601; without an offset, of UTC.

    Raises:
        ValueError: it is none.
    """
    told = datetime.fromisoformat(text[:-1] + "+00:00" if text.endswith(("Z", "z")) else text)
    return told if told.tzinfo else told.replace(tzinfo=timezone.utc)
