"""What shape bytes have: a window of a blob goes in, Segments of text come out.

A reader may add places; it must never subtract bytes: the raw reader sees every byte of every blob.
"""

from __future__ import annotations

from modelguard.readers.interface import Reader
from modelguard.readers.raw import read_raw
from modelguard.readers.wide import read_wide

READERS: tuple[Reader, ...] = (read_raw, read_wide)
"""Every reader, in the order they are asked."""
