from __future__ import annotations

from collections.abc import Iterator

import pytest

from modelguard.sources.hub import transport
from modelguard.sources.hub.transport import Transport
from tests.tools.hub import Hub, serving
from tests.tools.hub.client import token


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    """A Hub on the loopback, which this process is logged in at."""
    monkeypatch.setenv("HF_TOKEN", token())
    monkeypatch.setenv("NO_PROXY", "*")
    with serving() as hub:
        yield hub


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """How long each pause between two tries would have been; none is made."""
    made: list[float] = []

    def pause(self: Transport, seconds: float) -> None:
        made.append(seconds)

    monkeypatch.setattr(transport.Transport, "_pause", pause)
    return made
