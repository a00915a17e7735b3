"""What hides under encodings: each text that a hint leads to is decoded and looked at as any other, layer by layer."""

from __future__ import annotations

from bisect import bisect, bisect_left
from collections.abc import Callable, Iterator, Sequence

from msgspec import Struct
from msgspec.structs import replace

from modelguard.budget import Budget
from modelguard.detectors.interface import Detection, Match
from modelguard.model import Check, Window
from modelguard.readers.decode import Hint, Layer, layers
from modelguard.readers.wide import read_wide

WIDE = "wide characters"


class Uncovered(Struct, frozen=True):
    """A match in a decoded text.

    `names` are the encodings, the outermost first. In the outermost text, `run` is what a person should be shown, and
    `own` the part of it that holds the value itself.
    """

    match: Match
    text: bytes
    sensitive: tuple[tuple[int, int], ...]
    run: tuple[int, int]
    own: tuple[int, int]
    names: tuple[str, ...]

    def __repr__(self) -> str:
        return f"Uncovered({self.match!r}, {self.run}, {self.names})"

    @property
    def inner(self) -> str:
        """The way inside."""
        return " → ".join(self.names)


class Uncovering:
    """Looks under the encodings of one text. `problems` say what was too much; `runs` are what was decoded.

    What is compressed counts only where it begins at an offset that is `owned`: elsewhere its end may be out of sight.
    """

    def __init__(
        self,
        detect: Callable[[bytes], Detection],
        budget: Budget,
        owned: Callable[[int], bool] = lambda offset: True,
    ) -> None:
        self.problems: dict[str, None] = {}
        self.runs: list[tuple[int, int]] = []
        self._detect = detect
        self._budget = budget
        self._left = budget.decoded_bytes
        self._tries = 0
        self._owned = owned

    def under(self, text: bytes, outer: Detection) -> tuple[list[Match], list[Uncovered]]:
        """The matches of `outer`, which is what was detected in `text`, that stay, and those that hide in it."""
        return settled(outer.matches, self._within(text, outer.hidden, 0, self.runs))

    def _allowed(self) -> int:
        """How many more bytes may be decoded; asked each time that something is to be."""
        self._tries += 1
        if self._tries > self._budget.hints:
            self._tell(f"more than {self._budget.hints} places look encoded; the rest were not decoded")
            return 0
        if self._left <= 0:
            self._tell(f"more than {self._budget.decoded_bytes} bytes are encoded; the rest was not decoded")
        return self._left

    def _within(
        self, text: bytes, hints: Sequence[Hint], depth: int, runs: list[tuple[int, int]] | None = None
    ) -> list[Uncovered]:
        found: dict[tuple[str, tuple[int, int], bytes], Uncovered] = {}
        for layer in layers(text, hints, self._budget, self._allowed):
            if depth == 0 and layer.ratio is None and not self._owned(layer.start):
                continue
            if depth == self._budget.decoded_depth:
                self._tell(f"something is encoded more than {depth} times; what is deeper was not looked at")
                break
            if layer.cut:
                self._tell(f"{layer.name}: {layer.cut}")
            self._left -= len(layer.text)
            if runs is not None and not layer.escaped:
                runs.append((layer.start, layer.end))
            for each in self._in_layer(layer, depth + 1):
                found.setdefault((each.match.rule.id, each.own, each.match.value), each)
        return list(found.values())

    def _in_layer(self, layer: Layer, depth: int) -> Iterator[Uncovered]:
        """What is in a layer, told of the text around it."""
        detection = self._detect(layer.text)
        self._problems_of(detection)
        kept, deeper = settled(detection.matches, self._within(layer.text, detection.hidden, depth))
        for match in kept:
            if layer.shows(match.start, match.end):
                yield _uncovered(layer, match, layer.text, detection, match.value_start, match.value_end)
        for each in deeper:
            if layer.shows(*each.own):
                run = layer.run(*each.run)
                yield replace(each, run=run, own=layer.place(*each.own), names=(layer.name, *each.names))
        if detection.wide:
            yield from self._in_wide(layer)

    def _in_wide(self, layer: Layer) -> Iterator[Uncovered]:
        for segment in read_wide(Window(layer.text, 0, 0, len(layer.text))):
            detection = self._detect(segment.text)
            self._problems_of(detection)
            for match in detection.matches:
                start = segment.blob_offset(match.value_start)
                end = segment.blob_offset(match.value_end - 1) + segment.step
                yield _uncovered(layer, match, segment.text, detection, start, min(end, len(layer.text)), WIDE)

    def _problems_of(self, detection: Detection) -> None:
        for problem in detection.problems:
            self._tell(problem)
        if detection.unjudged:
            self._tell("there are too many matches in what is encoded; the rest are not listed")

    def _tell(self, problem: str) -> None:
        self.problems[problem] = None


def _uncovered(
    layer: Layer, match: Match, text: bytes, detection: Detection, start: int, end: int, *names: str
) -> Uncovered:
    own = layer.place(start, end)
    return Uncovered(match, text, detection.sensitive, layer.run(start, end), own, (layer.name, *names))


def settled(outer: Sequence[Match], inner: Sequence[Uncovered]) -> tuple[list[Match], list[Uncovered]]:
    """What stays where a value was found both as it is written and within that.

    Where the outer value is the encoded run itself, it is one secret: the more specific rule speaks, or one that has
    proved the encoded form. Where the run is only a part of it, as in a signed token, the inner one is told as well if
    its rule is another one that knows a format.
    """
    if not outer or not inner:
        return list(outer), list(inner)
    outer = sorted(outer, key=lambda match: match.value_start)  # their values do not overlap
    starts = [match.value_start for match in outer]
    dropped: set[int] = set()
    kept: list[Uncovered] = []
    for each in inner:
        stays = True
        for number in range(max(0, bisect(starts, each.own[0]) - 1), bisect_left(starts, each.own[1])):
            match = outer[number]
            if match.value_end <= each.own[0]:
                continue
            is_the_run = each.run == each.own or (each.run[0] <= match.value_start and match.value_end <= each.run[1])
            if not is_the_run:
                stays &= not each.match.rule.generic and each.match.rule.id != match.rule.id
            elif _is_proved(match) or _rank(match) >= _rank(each.match):
                stays = False
            else:
                dropped.add(number)
        if stays:
            kept.append(each)
    return [match for number, match in enumerate(outer) if number not in dropped], kept


def _is_proved(match: Match) -> bool:
    return match.check is Check.PASSED and not match.rule.generic


def _rank(match: Match) -> tuple[object, ...]:
    return not match.rule.generic, match.confidence.rank, match.rule.severity.rank
