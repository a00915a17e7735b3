"""Settings of models and tokenizers: JSON that is looked at as it stands, with places by key.

Chat templates in it are text like any other: nothing renders them.
"""

from __future__ import annotations

from collections.abc import Sequence

from modelguard.model import Blob
from modelguard.readers.json_places import json_paths, shown

MOST_WALKED = 64 * 1024 * 1024
"""Places further on than so many bytes have lines and columns only."""


def guide(blob: Blob, offsets: Sequence[int]) -> list[str | None]:
    """`added_tokens_decoder["128000"].content`. See `Guide`."""
    near = [offset for offset in offsets if offset < MOST_WALKED]
    paths = json_paths(blob.read(0, near[-1] + 1), near) if near else []
    return [shown(path) or None for path in paths] + [None] * (len(offsets) - len(near))
