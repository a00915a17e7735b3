"""What the layers of images delete of those below them.

Format: OCI image-spec, layer.md, section "Whiteouts": `.wh.NAME` deletes NAME beside it, with all that is in it, and
`.wh..wh..opq` all that lower layers have in its folder.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from modelguard.model import Blob
from modelguard.readers.archives.compressed import FORMATS
from modelguard.readers.archives.streams import Unpacking
from modelguard.readers.archives.tar import Headers
from modelguard.readers.interface import Limits, OverBudget
from modelguard.readers.members import Streamed

_PREFIX = ".wh."
_OPAQUE = ".wh..wh..opq"
_OTHERS = ".wh..wh."
"""AUFS keeps its own notes in files with such names; they delete nothing."""

_LONGEST_NAME = 4096
"""PATH_MAX of Linux: what is longer is no file in a container, and asking for all folders above it would be dear."""

_MOST_NAMES = 16 * 1024 * 1024
_NAME_COSTS = 100


class Whiteouts:
    """All whiteouts of some layers, which are known by numbers."""

    def __init__(self) -> None:
        self._deleting: dict[str, int] = {}
        self._emptying: dict[str, int] = {}
        self._room = _MOST_NAMES

    def add(self, name: str, layer: int) -> None:
        """Note what a file of this name in a layer deletes, if it is a whiteout.

        Raises:
            OverBudget: there are more than may be held.
        """
        folder, _, last = plain(name).rpartition("/")
        if not last.startswith(_PREFIX) or len(name) > _LONGEST_NAME:
            return
        if last == _OPAQUE:
            self._note(self._emptying, folder, layer)
        elif last != _PREFIX and not last.startswith(_OTHERS):
            self._note(self._deleting, f"{folder}/{last[len(_PREFIX) :]}".lstrip("/"), layer)

    def deleting(self, name: str) -> int:
        """The layers that delete a file of this name where it lies below them, a bit each."""
        if len(name) > _LONGEST_NAME:
            return 0
        path = plain(name)
        layers = self._deleting.get(path, 0)
        while path:
            path = path.rpartition("/")[0]
            layers |= self._deleting.get(path, 0) | self._emptying.get(path, 0)
        return layers

    def _note(self, among: dict[str, int], path: str, layer: int) -> None:
        if path not in among:
            self._room -= len(path) + _NAME_COSTS
            if self._room < 0:
                raise OverBudget("its layers delete too many files")
        among[path] = among.get(path, 0) | 1 << layer


def names_in(layer: Blob, limits: Limits) -> Iterator[str]:
    """The names of all files in a layer, which may be compressed.

    Raises:
        Malformed: it is damaged. `tarfile` raises its own errors.
        OverBudget: it would take too much.
    """
    compressed = is_compressed(layer)
    if compressed:
        new, several = next(how for magic, how in FORMATS.items() if layer.read(0, 8).startswith(magic))
        size = layer.size
        stream = Unpacking(layer, 0, size, new, limits, several)
        layer = Streamed(layer, "", stream.again, 0, size, begun=(stream, b""))
    for info in Headers(layer, 0, limits):
        yield info.name
    failure = getattr(layer, "failure", None)
    if failure is not None:
        raise failure


def is_compressed(layer: Blob) -> bool:
    """Whether a layer is a compressed tar."""
    return layer.read(0, 8).startswith(tuple(FORMATS))


def plain(name: str) -> str:
    """A name without what does not change it: `./app//.env` is `app/.env`."""
    return "/".join(part for part in name.split("/") if part not in ("", "."))


def layers_above(orders: Iterable[Sequence[int]], count: int) -> list[set[int]]:
    """For each of so many layers and each image that has it, the layers above it, a bit each.

    `orders` are the layers of images, the lowest first; of one that is there twice, the last place counts.
    """
    above: list[set[int]] = [set() for _ in range(count)]
    for order in orders:
        passed = 0
        for layer in reversed(order):
            if not passed >> layer & 1:
                above[layer].add(passed)
            passed |= 1 << layer
    return above
