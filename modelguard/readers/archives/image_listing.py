"""What a tar holds that an image may be made of: where members lie, what may be a manifest, and links to layers."""

from __future__ import annotations

import posixpath
import tarfile
from contextlib import suppress

from modelguard.model import Blob
from modelguard.readers.archives.image_manifest import BLOBS, INDEX, SAVED
from modelguard.readers.archives.image_whiteouts import plain
from modelguard.readers.archives.tar import Headers, bytes_of
from modelguard.readers.interface import Limits, Malformed, OverBudget

Span = tuple[int, int]

DAMAGE = (Malformed, tarfile.TarError, ValueError, OverflowError, UnicodeError)
"""What reading the headers of a damaged tar raises."""

_LONGEST_MANIFEST = 1024 * 1024
_MOST_OF_MANIFESTS = 4 * 1024 * 1024
_MOST_MEMBERS = 100_000
_MOST_LINKS = 8


class Listing:
    """The members of a tar by name: where each lies in the blob, and the texts of those that may be manifests.

    What follows damage is not listed. Bytes that are passed over in a stream count as `limits` has it.

    Raises:
        OverBudget: there are more members than an image has, or it would take too much.
    """

    def __init__(self, blob: Blob, limits: Limits, is_stream: bool) -> None:
        self.texts: dict[str, bytes] = {}
        self._blob = blob
        self._spans: dict[str, Span] = {}
        self._links: dict[str, str] = {}
        self._room = _MOST_OF_MANIFESTS
        at = 0
        with suppress(*DAMAGE):
            for info in Headers(blob, 0, limits):
                self._add(info)
                if is_stream:
                    end = info.offset_data + info.size
                    limits.spend(max(0, end - at))
                    at = end
                if len(self._spans) + len(self._links) > _MOST_MEMBERS:
                    raise OverBudget(f"no image has more than {_MOST_MEMBERS} members")

    def find(self, name: str) -> Span | None:
        """Where the member of a name lies, or the one that its link leads to."""
        name = plain(name)
        for _ in range(_MOST_LINKS):
            if name not in self._links:
                break
            name = self._links[name]
        return self._spans.get(name)

    def _add(self, info: tarfile.TarInfo) -> None:
        """The last member of a name counts, as where a tar is unpacked."""
        name = plain(info.name)
        self._links.pop(name, None)
        if info.issym():  # older versions of docker and podman name each layer twice so
            self._links[name] = posixpath.normpath(posixpath.join(posixpath.dirname(name), info.linkname))
        elif info.islnk():
            self._links[name] = plain(info.linkname)
        elif info.isreg():
            start, end = info.offset_data, info.offset_data + bytes_of(info)
            self._spans[name] = (start, end)
            may_be_one = name in (SAVED, INDEX) or name.startswith(BLOBS)
            if may_be_one and end - start <= min(_LONGEST_MANIFEST, self._room):
                self._keep(name, self._blob.read(start, end))

    def _keep(self, name: str, data: bytes) -> None:
        if data.lstrip()[:1] in (b"{", b"["):
            self._room -= len(data)
            self.texts[name] = data
