"""The Hub's documents and lists, held to a form; and the bytes of its files, by range."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any, TypeVar
from urllib.parse import urlencode, urlsplit

import msgspec

from modelguard.errors import Unreadable
from modelguard.model import GapReason
from modelguard.sources.hub.transport import Answer, Failure, Transport

T = TypeVar("T")

MOST_JSON_BYTES = 64 * 1024 * 1024
MOST_PAGES = 5_000
MOST_SKIPPED = 64 * 1024 * 1024
"""A server that knows no ranges is read up to where they begin, but no farther than this."""

_RANGE = re.compile(r"bytes ([0-9]{1,19})-([0-9]{1,19})/([0-9]{1,19}|\*)")
_LENGTH = re.compile(r"[0-9]{1,19}|\*")
_NEXT = re.compile(r'<([^<>]*)>\s*;[^,]*\brel="?next"?')


class HubClient:
    """What one Hub tells whoever huggingface_hub is logged in as."""

    def __init__(self, endpoint: str, say: Callable[[str], None] = lambda line: None) -> None:
        self.transport = Transport(endpoint, say)

    def check(self, path: str) -> None:
        """Fail where the API does not say yes; whatever else it says is not read.

        Raises:
            Failure: it says no.
        """

        def attempt() -> None:
            with self.transport.opened(self._address(path, None)):
                pass

        self.transport.retried(attempt)

    def document(self, path: str, form: type[T], params: Mapping[str, str] | None = None) -> T:
        """A document of the API.

        Raises:
            Failure: there is none, or it is not of that form.
        """
        told: T = self._decoded(self._body(self._address(path, params))[0], form)
        return told

    def pages(self, path: str, form: type[T], params: Mapping[str, str] | None = None) -> Iterator[T]:
        """The items of a list of the API, page by page, as its `Link` headers lead.

        Raises:
            Failure: it cannot be had, is not of that form, or has no end.
        """
        url, seen = self._address(path, params), set[str]()
        while url:
            if url in seen or len(seen) >= MOST_PAGES:
                raise Failure("the Hub's list has no end")
            seen.add(url)
            data, url = self._body(url)
            yield from self._decoded(data, list[form])  # type: ignore[valid-type]

    def _address(self, path: str, params: Mapping[str, str] | None) -> str:
        return f"{self.transport.endpoint}{path}" + (f"?{urlencode(params)}" if params else "")

    def _body(self, url: str) -> tuple[bytes, str]:
        """All of an answer, and the address of the next page."""

        def attempt() -> tuple[bytes, str]:
            with self.transport.opened(url) as answer:
                data = b"".join(_up_to(answer.parts, MOST_JSON_BYTES))
                link = _NEXT.search(answer.headers.get("link", ""))
                return data, self._own(link[1]) if link else ""

        return self.transport.retried(attempt)

    def _own(self, url: str) -> str:
        """The next page of a list, which the endpoint itself must give."""
        base = urlsplit(self.transport.endpoint)
        try:
            there = urlsplit(url)
            elsewhere = there.netloc != base.netloc and there.hostname not in (None, "huggingface.co", base.hostname)
        except ValueError:
            elsewhere = True
        if elsewhere:
            raise Failure("the Hub's list goes on elsewhere")
        query = f"?{there.query}" if there.query else ""
        return f"{base.scheme}://{base.netloc}{there.path}{query}"

    def _decoded(self, data: bytes, form: Any) -> Any:
        try:
            return msgspec.json.decode(data, type=form)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            raise Failure("the Hub's answer is not as it should be") from None


class Ranges:
    """Reads ranges of one file. `size` is what the list says, and must be what the server says.

    Where the Hub sends its client to another server for the bytes, that is asked directly the next time.
    """

    def __init__(self, client: HubClient, path: str, size: int) -> None:
        self._transport = client.transport
        self._url = f"{client.transport.endpoint}{path}"
        self._size = size
        self._direct = ""

    def read(self, start: int, end: int) -> bytes:
        """The bytes from `start` to `end`; what breaks off is taken up where it did.

        Raises:
            Unreadable: they cannot be had.
        """
        got = bytearray()

        def attempt() -> None:
            before = len(got)
            try:
                self._some(got, start, end)
            except Failure as failure:
                if self._direct and failure.status in (400, 401, 403, 404, 410):  # a signed address does not last
                    self._direct = ""
                    failure.passing, failure.wait = True, 0.0
                elif failure.passing and len(got) > before:
                    failure.wait = 0.0
                raise

        try:
            self._transport.retried(attempt)
        except Failure as failure:
            raise Unreadable(*_reason(failure)) from None
        return bytes(got)

    def _some(self, got: bytearray, start: int, end: int) -> None:
        at = start + len(got)
        if at >= end:
            return
        with self._transport.opened(self._direct or self._url, {"range": f"bytes={at}-{end - 1}"}) as answer:
            self._check(answer, at)
            skip = at if answer.status == 200 else 0
            for part in answer.parts:
                some = memoryview(part)[skip:] if skip < len(part) else memoryview(b"")
                skip = max(0, skip - len(part))
                got += some[: end - start - len(got)]
                if start + len(got) >= end:
                    self._direct = "" if answer.url == self._url else answer.url
                    return
        raise Failure("the answer broke off", passing=True)

    def _check(self, answer: Answer, at: int) -> None:
        if answer.status == 206:
            found = _RANGE.fullmatch(answer.headers.get("content-range", ""))
            if found is None or int(found[1]) != at:
                raise Failure("the server gives another part than was asked for")
            total = found[3]
        elif answer.status == 200:
            if at > MOST_SKIPPED:
                raise Failure("the server cannot give a part of a file")
            total = answer.headers.get("content-length", "*")
        else:
            raise Failure(f"the server answers with status {answer.status}")
        if not _LENGTH.fullmatch(total) or (total != "*" and int(total) != self._size):
            raise Failure("it is not as long as the Hub's list says", status=416)


def _up_to(parts: Iterator[bytes], most: int) -> Iterator[bytes]:
    count = 0
    for part in parts:
        count += len(part)
        if count > most:
            raise Failure("the Hub's answer has no end")
        yield part


def _reason(failure: Failure) -> tuple[GapReason, str]:
    """What a failure means for a file."""
    if failure.code == "GatedRepo":
        return GapReason.UNREADABLE, "its repository is gated; ask for access on its page, and log in (hf auth login)"
    if failure.status == 404:
        return GapReason.VANISHED, "it vanished before it could be read; scan again"
    if failure.status == 416:
        return GapReason.MALFORMED, "it is not as long as the Hub's list says"
    if failure.why == "the server is too slow":
        return GapReason.TIMED_OUT, "the server is too slow; scan again"
    return GapReason.UNREADABLE, f"{failure.why}; scan again"


@cache
def client_of(endpoint: str) -> HubClient:
    """The client of this process for an endpoint."""
    return HubClient(endpoint)
