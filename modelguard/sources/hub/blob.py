"""One file of a repository on a Hub as a Blob: read by range at one commit, and never written anywhere."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from msgspec import Struct

from modelguard.errors import Unreadable
from modelguard.model import GapReason, Origin
from modelguard.sources.hub.blocks import Blocks
from modelguard.sources.stdin import BytesBlob

LARGEST_BYTES = 1 << 40
"""No file of a Hub is larger; what a list says beyond that is a lie, and would have to be counted through."""

MOST_UNPLANNED_BYTES = 64 * 1024 * 1024
"""So much is read of what is called weights and is not as weights are: nobody expects gigabytes of what was said."""

_FOLDERS = {"model": "", "dataset": "datasets/", "space": "spaces/"}


class HubFile(Struct, frozen=True):
    """A file at a commit: where it is, how findings call it, and how much of it a scan will probably read."""

    endpoint: str
    kind: str
    id: str
    sha: str
    path: str
    size: int
    shown: str
    planned: int

    @property
    def resolved(self) -> str:
        """The path below the endpoint at which its bytes are had."""
        return f"/{_FOLDERS[self.kind]}{self.id}/resolve/{self.sha}/{quote(self.path)}"


class HubBlob:
    """A file of a repository. What was read of it is kept, as far as it is a little, until `close`."""

    __slots__ = ("_blocks", "_file")

    is_far = True

    def __init__(self, file: HubFile) -> None:
        self._file = file
        self._blocks: Blocks | None = None

    def __reduce__(self) -> tuple[Any, ...]:
        """Another process reads it through a session of its own; no token goes there with it."""
        return HubBlob, (self._file,)

    @property
    def origin(self) -> Origin:
        """See `Blob.origin`."""
        return Origin(self._file.shown)

    @property
    def size(self) -> int:
        """See `Blob.size`."""
        if self._file.size > LARGEST_BYTES:
            raise Unreadable(
                GapReason.MALFORMED, f"the Hub says that it has {self._file.size} bytes, which no file has"
            )
        return self._file.size

    @property
    def planned(self) -> int:
        """How many bytes of it a scan will probably read."""
        return self._file.planned

    @property
    def reach(self) -> int | None:
        """How much of it may be looked at as it stands, where its name promised that little would be read."""
        return None if self._file.planned >= self._file.size else MOST_UNPLANNED_BYTES

    def again(self) -> HubBlob:
        """The same file for another worker."""
        return HubBlob(self._file)

    def read(self, start: int, end: int) -> bytes:
        """See `Blob.read`."""
        return self._opened().read(start, end)

    def line_feeds_before(self, offset: int) -> tuple[int, int]:
        """See `Blocks.line_feeds_before`."""
        return self._opened().line_feeds_before(offset)

    def close(self) -> None:
        """Keep nothing of it any more."""
        self._blocks = None

    def _opened(self) -> Blocks:
        if self._blocks is None:
            from modelguard.sources.hub.client import Ranges, client_of

            ranges = Ranges(client_of(self._file.endpoint), self._file.resolved, self.size)
            self._blocks = Blocks(ranges.read, self.size)
        return self._blocks


class TextBlob(BytesBlob):
    """Text that a Hub shows besides files; what it says is no file's format."""

    __slots__ = ()

    is_text = True
