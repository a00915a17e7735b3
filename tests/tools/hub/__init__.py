"""A Hub on the loopback: what the real huggingface_hub client needs, and a record of every byte that it gets."""

from __future__ import annotations

from tests.tools.hub.content import Bytes, Content, Sparse
from tests.tools.hub.faults import Fault
from tests.tools.hub.repository import Commit, Discussion, Entry, Repository
from tests.tools.hub.server import Hub, Person, serving

__all__ = [
    "Bytes",
    "Commit",
    "Content",
    "Discussion",
    "Entry",
    "Fault",
    "Hub",
    "Person",
    "Repository",
    "Sparse",
    "serving",
]
