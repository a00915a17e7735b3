"""What is known of the messages of a format, by field number, and how a place in such a message is written."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from modelguard.readers.json_places import quoted

WEIGHTS = 0
"""In a table of types of numbers: these are weights. Others stand there with the bytes that one number has."""


class Known(NamedTuple):
    """A field that is known.

    `shape` names the shape of a message; without one, the field is text or bytes. `many` fields are numbered from 0.
    `spoken` ones are written as words (`tag "loss"`) instead of in brackets; one without a name is not written at all.
    `numbers` holds numbers as they stand in memory, of the type that the message names, and `floats` only weights.
    `again` says that its text names what another field holds, too: where that was told, this is not.
    """

    name: str
    shape: str = ""
    many: bool = False
    spoken: bool = False
    numbers: bool = False
    floats: bool = False
    again: bool = False


class Shape(NamedTuple):
    """A message.

    `key` is the field whose text tells it from its like, `other_key` another one that may stand in its place, more than
    once: then the last one counts. `pair` says that it is a key with a value, which are told as
    one text. `remark` may turn a key and its value into a text of its own sort instead. `type` is the field that says
    what numbers it holds.
    """

    fields: Mapping[int, Known]
    key: int = 0
    other_key: int = 0
    pair: bool = False
    remark: Callable[[bytes, bytes], bytes | None] | None = None
    type: int = 0


class Schema(NamedTuple):
    """The messages of a format; its types of numbers: `WEIGHTS`, or bytes a number; and the sort of its remarks."""

    shapes: Mapping[str, Shape]
    types: Mapping[int, int] = {}
    sort: str = ""


UNKNOWN = Shape({})
PAIR = Shape({1: Known("key"), 2: Known("")}, key=1, pair=True)
"""An entry of a map: https://protobuf.dev/programming-guides/proto3/#backwards."""


class Step:
    """One message on the way to a place. `known` is None for a field that is not known but by its number."""

    __slots__ = ("index", "key", "known", "number", "parent")

    def __init__(
        self, parent: Step | None, known: Known | None, number: int = 0, index: int = 0, key: bytes | None = None
    ) -> None:
        self.parent = parent
        self.known = known
        self.number = number
        self.index = index
        self.key = key


def root(title: str = "") -> Step:
    """Where a way begins; `title` is written before it, as words."""
    return Step(None, Known(title, spoken=True))


def shown(step: Step) -> str:
    """`graph.node[3].attribute["body"]`, `record 12, tag "loss"`, `field 2.1.5`."""
    way: list[Step] = []
    at: Step | None = step
    while at is not None:
        way.append(at)
        at = at.parent
    text, spoken, unknown = "", False, False
    for each in reversed(way):
        label = _label(each)
        if not label:
            continue
        is_spoken = each.known is not None and each.known.spoken
        if each.known is None and unknown:
            text += f".{label}"
        elif not text or label.startswith("["):
            text += f"field {label}" if each.known is None else label
        else:
            text += (", " if spoken or is_spoken else ".") + (f"field {label}" if each.known is None else label)
        spoken, unknown = is_spoken, each.known is None
    return text


def _label(step: Step) -> str:
    known = step.known
    key = None if step.key is None else quoted(step.key.decode("utf-8", "replace"))
    name = str(step.number) if known is None else known.name
    if known is not None and known.spoken:
        return name if key is None and not known.many else f"{name} {step.index if key is None else key}"
    if key is not None:
        return f"{name}[{key}]"
    return f"{name}[{step.index}]" if known is not None and known.many else name
