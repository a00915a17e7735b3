"""What a blob tells in more than one way is told once: as it stands, in a text that was made of it, in a member."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from itertools import chain

from msgspec.structs import replace

from modelguard.model import Finding, Place

Tell = Callable[[Finding, bytes], None]
"""Is told of each finding, and of its value."""

_ALIKE = 1000
"""Of so many values it is asked whether one is part of another."""


class Told:
    """What was found in one blob. `outer` is told of everything as well.

    `elsewhere` takes what was found in members and in texts of their own, `again` what was found in texts that repeat
    these or the blob, and `standing` what stands in the blob.
    """

    def __init__(self, outer: Tell | None) -> None:
        self.repeated: list[tuple[Finding, bytes]] = []
        self._standing: list[tuple[Finding, bytes]] = []
        self._values: set[bytes] = set()
        self._outer = outer

    def elsewhere(self, finding: Finding, value: bytes) -> None:
        """See above."""
        self._values.add(value)
        self._pass_on(finding, value)

    def again(self, finding: Finding, value: bytes) -> None:
        """See above."""
        self.repeated.append((finding, value))

    def standing(self, finding: Finding, value: bytes) -> None:
        """See above."""
        self._standing.append((finding, value))
        self._pass_on(finding, value)

    def once(self, has_guide: bool) -> tuple[tuple[Finding, ...], set[int]]:
        """Of what was found in texts that repeat others that which is to be told; and the ids of findings that are not.

        Where a guide names places in the blob, what stands there has lines and a name; elsewhere the text's own
        place is better.
        """
        if has_guide:
            self._values.update(value for _, value in self._standing)
        new: dict[tuple[str, Place, bytes], Finding] = {}
        for finding, value in self.repeated:
            if not _is_among(value, self._values):
                new.setdefault((finding.rule, finding.place, value), finding)
                self._pass_on(finding, value)
        return (tuple(new.values()), set()) if has_guide else self._better(new)

    def _better(self, new: Mapping[tuple[str, Place, bytes], Finding]) -> tuple[tuple[Finding, ...], set[int]]:
        """Those as they stand that lie in a place which a text has named are not told: it gets their exact bytes."""
        numbers: dict[bytes, list[int]] = {}
        for number, (_, _, value) in enumerate(new):
            numbers.setdefault(value, []).append(number)
        kept = list(new.values())
        doubled: set[int] = set()
        for finding, value in self._standing:
            start, end = finding.place.byte_start, finding.place.byte_end
            for number in chain.from_iterable(numbers[known] for known in _alike(value, numbers)):
                place = kept[number].place
                if start < place.byte_end and end > place.byte_start:
                    doubled.add(id(finding))
                    if end - start < place.byte_end - place.byte_start:
                        kept[number] = replace(kept[number], place=replace(place, byte_start=start, byte_end=end))
        return tuple(dict.fromkeys(kept)), doubled

    def _pass_on(self, finding: Finding, value: bytes) -> None:
        if self._outer is not None:
            self._outer(finding, value)


def _alike(value: bytes, values: Collection[bytes]) -> Iterator[bytes]:
    """Itself, or of not too many values those that hold it or that it holds."""
    if value in values:
        yield value
    elif len(values) <= _ALIKE:
        yield from (other for other in values if value in other or other in value)


def _is_among(value: bytes, values: Collection[bytes]) -> bool:
    return any(True for _ in _alike(value, values))
