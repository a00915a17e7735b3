"""The nouns of this family: a Format reads a file of another tool, and gives Drafts of our rules, and Notes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple, Protocol


class Note(NamedTuple):
    """What is not as the file says. `rule` is the id there; empty: the whole file. `lost`: there is no such rule."""

    rule: str
    text: str
    lost: bool = False


class Draft(NamedTuple):
    """One rule: its id in the file, what a rule file of ours would say, and the notes of what is not as it was.

    `examples` and `not_examples` are texts as the file has them; they may look live, so they are written nowhere.
    """

    source_id: str
    entry: Mapping[str, Any]
    notes: tuple[str, ...] = ()
    examples: tuple[str, ...] = ()
    not_examples: tuple[str, ...] = ()


class Taken(NamedTuple):
    """All that a file gives."""

    drafts: Sequence[Draft]
    notes: Sequence[Note]


class Format(Protocol):
    """How one tool writes its rules."""

    name: str

    def read(self, path: Path, content: bytes) -> Taken:
        """The rules of a file.

        Raises:
            RuleError: it is no such file at all.
        """
        ...
