"""How much one blob may cost: every source and reader works within a Budget."""

from __future__ import annotations

from msgspec import Struct


class Budget(Struct, frozen=True):
    """Limits for one scan.

    `file_bytes` is the size above which a file is a gap instead of being read (None: no limit, since memory stays
    flat whatever the size). `window_bytes` is how much of a file is in memory at once, per worker; `overlap_bytes`
    is how much of one window the next one sees again, and so the widest match that cannot be cut in two.
    `findings` is how many findings one window may give; what lies beyond is a gap, so that a file of a million
    addresses does not drown the report. `encoded_bytes` is the longest run that is decoded at once, `decoded_bytes` how
    much may be decoded of one window in all, and `decoded_depth` how often something may be encoded;
    `hints` is how many places of one window are tried. `seconds` is how long one piece of work may go on in a worker
    without a sign that it is getting on (`pool.getting_on`).
    Of a container and all within it, `opened_bytes` may be unpacked and `members` looked at, in `opened_seconds`, and
    for each byte of the container itself `unpacked_ratio` bytes more, a member for each `member_bytes`, and a second
    for each `opened_rate`: a large one may hold much, what is small may not. One that is far away may take
    `far_seconds` more, since its reader mostly waits. Containers within containers are opened `opened_depth` deep, and
    those that must be held in memory (one in a stream) up to `held_bytes`.
    """

    file_bytes: int | None = None
    window_bytes: int = 4 * 1024 * 1024
    overlap_bytes: int = 128 * 1024
    findings: int = 1000
    encoded_bytes: int = 1024 * 1024
    decoded_bytes: int = 16 * 1024 * 1024
    decoded_depth: int = 3
    hints: int = 20_000
    seconds: float = 60.0
    opened_bytes: int = 16 * 1024 * 1024 * 1024
    unpacked_ratio: int = 16
    opened_seconds: float = 40.0
    far_seconds: float = 600.0
    opened_rate: int = 2 * 1024 * 1024
    opened_depth: int = 8
    members: int = 200_000
    member_bytes: int = 512
    held_bytes: int = 64 * 1024 * 1024
