"""All that a stand-in got and sent, to be asked what is in it."""

from __future__ import annotations

import base64
import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field

from tests.tools.hub.xorb import unpacked

_ENCODED = re.compile(rb"[A-Za-z0-9+/]{4,}={0,2}")


@dataclass
class Request:
    """One request with all its bytes, and what the answer to it was."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes
    status: int = 0
    sent: int = 0

    @property
    def path(self) -> str:
        """Its target without a query, as it came."""
        return self.target.partition("?")[0]

    @property
    def line(self) -> str:
        """What a fault and a test look for: `GET /api/models/a/b`."""
        return f"{self.method} {self.target}"

    def holds(self, value: bytes) -> bool:
        """Whether `value` is in it: as it stands, in base64 as samples and small files are, or in the chunks of a xorb."""
        head = "\n".join([self.target, *self.headers.values()]).encode()
        return any(value in text for text in (head, self.body, *self._read()))

    def _read(self) -> Iterator[bytes]:
        for run in _ENCODED.findall(self.body):
            stripped = run.rstrip(b"=")
            yield base64.b64decode(stripped[: len(stripped) - (len(stripped) % 4 == 1)] + b"==")
        if "/xorbs/" in self.target:
            yield b"".join(unpacked(self.body))


@dataclass
class Record:
    """Requests in the order in which they came, and how many bytes went over the wire, heads included."""

    requests: list[Request] = field(default_factory=list)
    bytes_received: int = 0
    bytes_sent: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def add(self, request: Request, size: int) -> None:
        with self._lock:
            self.requests.append(request)
            self.bytes_received += size

    def count(self, request: Request | None, sent: int) -> None:
        with self._lock:
            self.bytes_sent += sent
            if request is not None:
                request.sent += sent

    def asked(self, pattern: str) -> list[Request]:
        """Requests whose line (`POST /api/…`) has a match of `pattern`."""
        return [each for each in list(self.requests) if re.search(pattern, each.line)]

    def holding(self, value: bytes) -> list[Request]:
        """Requests that brought `value` here in any form."""
        return [each for each in list(self.requests) if each.holds(value)]

    def clear(self) -> None:
        """Forgets what was."""
        with self._lock:
            self.requests.clear()
            self.bytes_received = self.bytes_sent = 0
