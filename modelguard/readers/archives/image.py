"""Images of containers in a tar, as `docker save` and tools for OCI layouts write them.

Such a file is read as any tar is. What is known beside that is which files of a layer a later one deletes: they are in
no container any more, and in the file they still are. That is said of them (`layer.tar!app/.env (deleted by a later
layer)`), and nothing else depends on it: where a manifest lies or a layer is damaged, no more than that is missing.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import suppress

from msgspec.structs import replace

from modelguard.model import Blob
from modelguard.readers.archives import tar
from modelguard.readers.archives.image_listing import DAMAGE, Listing, Span
from modelguard.readers.archives.image_manifest import images
from modelguard.readers.archives.image_whiteouts import Whiteouts, is_compressed, layers_above, names_in
from modelguard.readers.interface import Limits, Member, OverBudget, Piece
from modelguard.readers.lines import cursor_of
from modelguard.readers.members import Ranged, Streamed

_DELETED = " (deleted by a later layer)"
_MOST_LAYERS = 1024

IsDeleted = Callable[[str], bool]


class Layer(Ranged):
    """A layer of an image, which says of its files whether later layers delete them."""

    __slots__ = ("_depth", "_is_deleted")

    def __init__(self, outer: Blob, name: str, span: Span, is_deleted: IsDeleted) -> None:
        super().__init__(outer, name, *span)
        self._is_deleted = is_deleted
        self._depth = 2 if is_compressed(self) else 1

    def remark(self, *names: str) -> str:
        """See `Within.remark`. Of a compressed layer, the first name is that of what comes out."""
        return _DELETED if len(names) == self._depth and self._is_deleted(names[-1]) else ""


def read(blob: Blob, limits: Limits) -> Iterator[Piece]:
    """The members of a tar archive, layers of images with what is known of their files. See `Reader`."""
    deleted: Mapping[Span, IsDeleted] = {}
    with suppress(Exception):  # whatever it is, reading the tar meets it again, and says so
        deleted = _deleted(cursor_of(blob), limits.ahead())
    for piece in tar.read(blob, limits):
        if isinstance(piece, Member) and piece.blob.span in deleted:
            span = piece.blob.span
            piece = replace(piece, blob=Layer(blob, piece.blob.name, span, deleted[span]))
        yield piece


def _deleted(blob: Blob, limits: Limits) -> Mapping[Span, IsDeleted]:
    """For each layer, by where it lies: whether a file in it, given by its name, is deleted by others."""
    listing = Listing(blob, limits, _is_stream(blob))
    numbers: dict[Span, int] = {}
    orders: list[list[int]] = []
    for image in images(listing.texts):
        spans = [span for span in map(listing.find, image) if span is not None]
        for span in spans:
            if len(numbers) < _MOST_LAYERS:
                numbers.setdefault(span, len(numbers))
        orders.append([numbers[span] for span in spans if span in numbers])
    above = layers_above(orders, len(numbers))
    whiteouts = Whiteouts()
    upper = {number for order in orders for number in order[1:]}
    with suppress(OverBudget):  # what is known by then is true
        _look_into([(*span, number) for span, number in numbers.items() if number in upper], blob, whiteouts, limits)
    return {span: _asking(whiteouts, above[number]) for span, number in numbers.items()}


def _look_into(layers: Sequence[tuple[int, int, int]], blob: Blob, whiteouts: Whiteouts, limits: Limits) -> None:
    """Note the whiteouts of layers, given by start, end and number, as they lie: a stream is read forwards."""
    is_stream = _is_stream(blob)
    at = 0
    for start, end, number in sorted(layers):
        if is_stream:
            limits.spend(max(0, end - at))
            at = end
        with suppress(*DAMAGE):
            for name in names_in(Ranged(blob, "", start, end), limits):
                whiteouts.add(name, number)


def _asking(whiteouts: Whiteouts, above: Collection[int]) -> IsDeleted:
    """A file is deleted where it is in every image that has its layer."""

    def is_deleted(name: str) -> bool:
        deleting = whiteouts.deleting(name)
        return deleting != 0 and all(deleting & layers for layers in above)

    return is_deleted


def _is_stream(blob: Blob) -> bool:
    """Whether reading it means unpacking what lies before."""
    within: Blob | None = blob
    while within is not None and not isinstance(within, Streamed):
        within = getattr(within, "outer", None)
    return within is not None
