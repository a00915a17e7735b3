"""What stands on the symbolic stack of a pickle, and the way to it in the object that the pickle makes."""

from __future__ import annotations

from collections.abc import Sequence

from modelguard.readers.json_places import quoted

_LONGEST_WAY = 40
_KEY_SHOWN = 400


class Literal:
    """A string of a pickle. `start` and `end` are the bytes of its opcode; `text` is None where it was not read.

    `parent` and `step` say where it went first: what holds it, and behind which key (a Literal or a number) of a dict,
    at which index of a list. `told` says that rules have seen it. There may be a million of them: nothing more is kept.
    """

    __slots__ = ("end", "parent", "start", "step", "text", "told")

    def __init__(self, start: int, end: int, text: bytes | None) -> None:
        self.start = start
        self.end = end
        self.text = text
        self.parent: Built | None = None
        self.step: Step = None
        self.told = False


class Built:
    """A list, tuple, dict, set or object. `items` are those of a tuple or a short list, and what an object is made of.

    `kept` are the members of a dict that some reader asks for by name, `count` how many members there are.
    """

    __slots__ = ("count", "items", "kept", "kind", "parent", "root", "step")

    def __init__(self, kind: str, items: Sequence[Item] = ()) -> None:
        self.kind = kind
        self.items = items
        self.kept: dict[bytes, Item] | None = None
        self.count = 0
        self.parent: Built | None = None
        self.step: Step = None
        self.root = False


class Imported:
    """A name that a pickle imports. `leads_on` says that it is a way through several names of a module."""

    __slots__ = ("end", "harmless_uses", "leads_on", "name", "other_uses", "start")

    def __init__(self, start: int, end: int, name: str, leads_on: bool = False) -> None:
        self.leads_on = leads_on
        self.start = start
        self.end = end
        self.name = name
        self.harmless_uses = 0
        self.other_uses = 0


class KeyOf(int):
    """A step to a key of a dict itself: the number of that key."""


Item = Literal | Built | Imported | int | None
"""None is whatever has no text: numbers without meaning, booleans, None itself."""

Step = Literal | KeyOf | int | None

DICT, LIST, TUPLE, SET, OBJECT, STATE, ARGUMENTS = "dict", "list", "tuple", "set", "object", "state", "arguments"


def way(node: Literal | Built) -> str:
    """`["args"].hub_token`: the way to a string in the object that its pickle makes; empty where that is not known.

    It begins with `…` where only the end of it is known.
    """
    steps: list[str] = []
    at: Literal | Built = node
    while at.parent is not None and len(steps) < _LONGEST_WAY and not (isinstance(at, Built) and at.root):
        steps.append(_shown(at.step, at.parent.kind))
        at = at.parent
    whole = isinstance(at, Built) and at.root
    text = "".join(reversed(steps))
    return text if whole or not text else f"…{text}"


def _shown(step: Step, kind: str) -> str:
    if isinstance(step, Literal):
        name = (step.text or b"")[:_KEY_SHOWN].decode("utf-8", "replace")
        return f".{name}" if kind == STATE and name.isidentifier() else f"[{quoted(name)}]"
    if isinstance(step, KeyOf):
        return f"[key {int(step)}]"
    if kind == ARGUMENTS:
        return f"({step})"
    return "" if step is None else f"[{step}]"
