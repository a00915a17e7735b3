"""One request to a Hub: bounded in time and in bytes, retried where that helps, and the token for the endpoint alone.

It goes through the session of huggingface_hub, and with that through its proxies and certificates. Nothing that is said
here names an address: one that a Hub sends its clients to is signed.
"""

from __future__ import annotations

import ipaddress
import random
import re
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TypeVar
from urllib.parse import SplitResult, urljoin, urlsplit

from msgspec import Struct

from modelguard.errors import HubError
from modelguard.pool import getting_on
from modelguard.version import VERSION

T = TypeVar("T")

QUIET_SECONDS = 20.0
"""A server that says nothing for so long is not waited for."""

SLOW_BYTES = 32 * 1024
"""A server that gives less in a second than this, after `QUIET_SECONDS` of grace, is not waited for either."""

TRIES = 6
PATIENCE = 3
"""After so many times of giving up, one after the other, everything is tried once only: a Hub that is down stays so."""

FIRST_PAUSE_SECONDS = 0.5
LONGEST_PAUSE_SECONDS = 330.0
"""The Hub counts requests in spans of five minutes."""

MOST_WAITED_SECONDS = 900.0

_HOPS = 5
_REDIRECTS = (301, 302, 303, 307, 308)
_PASSING = (408, 429, 500, 502, 503, 504)
_RESET = re.compile(r"\bt=(\d+)")
_SLICE_SECONDS = 0.5
_LONG_SECONDS = 8.0


class Failure(Exception):
    """A request that did not bring what it was for. `status` is 0 where there was no answer.

    `code` is what the Hub calls its error; `passing` says that another try may help, after `wait` seconds if given.
    """

    def __init__(self, why: str, status: int = 0, code: str = "", passing: bool = False, wait: float | None = None):
        super().__init__(why)
        self.why = why
        self.status = status
        self.code = code
        self.passing = passing
        self.wait = wait


class Answer(Struct):
    """The head of an answer, and where it came from; `parts` are its bytes as they come."""

    status: int
    headers: Mapping[str, str]
    url: str
    parts: Iterator[bytes]


class Transport:
    """Talks to one endpoint, as whoever huggingface_hub is logged in as; `say` gets a line where that takes a while."""

    def __init__(self, endpoint: str, say: Callable[[str], None] = lambda line: None) -> None:
        self.endpoint = endpoint.rstrip("/")
        self._own = _origin(urlsplit(self.endpoint))
        self._is_near = _is_private(urlsplit(self.endpoint).hostname or "")
        self._say = say
        self._given_up = 0

    @contextmanager
    def opened(self, url: str, headers: Mapping[str, str] | None = None) -> Iterator[Answer]:
        """An answer to GET, behind whatever it redirects to.

        Raises:
            Failure: there is none, or it says that there is nothing to be had.
        """
        for _ in range(_HOPS):
            with _response(url, {**self._headers(url), **(headers or {})}) as response:
                if response.status_code in _REDIRECTS and "location" in response.headers:
                    url = self._followed(url, response.headers["location"])
                    continue
                if response.status_code >= 400:
                    raise _refusal(response.status_code, response.headers)
                if response.headers.get("content-encoding", "identity") != "identity":
                    raise Failure("the server packs what it was asked to give as it is")
                yield Answer(response.status_code, response.headers, url, _parts(response))
                return
        raise Failure("it redirects without an end")

    def retried(self, attempt: Callable[[], T]) -> T:
        """What `attempt` gives, tried again after a pause where that may help.

        Raises:
            Failure: it does not help, or not soon enough.
        """
        waited = 0.0
        tries = 1 if self._given_up >= PATIENCE else TRIES
        for number in range(tries):
            try:
                got = attempt()
                self._given_up = 0
                return got
            except Failure as failure:
                pause = min(8.0, FIRST_PAUSE_SECONDS * 2**number) * random.uniform(0.8, 1.2)  # noqa: S311  # no secret
                pause = pause if failure.wait is None else failure.wait
                is_long = pause > LONGEST_PAUSE_SECONDS or waited + pause > MOST_WAITED_SECONDS
                if not failure.passing:
                    self._given_up = 0
                    raise
                if number == tries - 1 or is_long:
                    self._given_up += 1
                    raise
            self._pause(pause)
            waited += pause
        raise AssertionError("the last try ends in an answer or an error")

    def _pause(self, seconds: float) -> None:
        if seconds > _LONG_SECONDS:
            self._say(f"{endpoint_named(self.endpoint)} asks to be left alone for {seconds:.0f} seconds; waiting")
        while seconds > 0:
            getting_on()
            time.sleep(min(seconds, _SLICE_SECONDS))
            seconds -= _SLICE_SECONDS

    def _headers(self, url: str) -> dict[str, str]:
        """Headers for an address. (Those that huggingface_hub makes itself ask the Hub for a list beforehand.)."""
        from huggingface_hub import __version__

        headers = {"user-agent": f"modelguard/{VERSION}; hf_hub/{__version__}", "accept-encoding": "identity"}
        token = _token() if _origin(urlsplit(url)) == self._own else None
        return headers if token is None else {**headers, "authorization": f"Bearer {token}"}

    def _followed(self, url: str, location: str) -> str:
        """Where a redirect leads: to the web, never to a connection that is less safe, nor into this network."""
        try:
            target = urljoin(url, location)
            there = urlsplit(target)
            origin = _origin(there)
        except ValueError:
            raise Failure("it redirects to an address that is none") from None
        if origin[0] not in ("http", "https") or not origin[1] or there.username is not None:
            raise Failure("it redirects to what is no place of the web")
        if origin != self._own and origin[0] == "http" and self._own[0] == "https":
            raise Failure("it redirects to a connection that is not encrypted")
        if origin[1] != self._own[1] and _is_private(origin[1]) and not self._is_near:
            raise Failure("it redirects into a private network")
        return target


def _token() -> str | None:
    """The token that huggingface_hub would send."""
    from huggingface_hub import constants, get_token

    if constants.HF_HUB_DISABLE_IMPLICIT_TOKEN:
        return None
    try:
        token: str | None = get_token()
    except Exception as error:  # of a login that is renewed over the network: its message may hold anything
        raise Failure(f"huggingface_hub cannot renew its login ({type(error).__name__})") from None
    if token is not None and not (token.isascii() and token.isprintable() and " " not in token):
        raise Failure("what huggingface_hub holds as a token is none")
    return token or None


@contextmanager
def _response(url: str, headers: Mapping[str, str]) -> Iterator[Any]:
    """The session's answer, with every error of the library told by its class: its message may name an address."""
    from huggingface_hub.errors import OfflineModeIsEnabled
    from huggingface_hub.utils import get_session  # type: ignore[attr-defined]  # documented

    try:
        with get_session().stream(
            "GET", url, headers=headers, follow_redirects=False, timeout=QUIET_SECONDS
        ) as response:
            yield response
    except (Failure, GeneratorExit):
        raise
    except OfflineModeIsEnabled:
        raise Failure("HF_HUB_OFFLINE is set") from None
    except Exception as error:
        known = isinstance(error, (OSError, ValueError)) or type(error).__module__.startswith(
            ("httpx", "httpcore", "h11")
        )
        if not known:
            raise
        raise Failure(f"the connection failed ({type(error).__name__})", passing=_may_pass(error)) from None


def _may_pass(error: Exception) -> bool:
    """Whether an error of the library is of the network, and not of an address that cannot be asked."""
    return type(error).__name__ not in ("InvalidURL", "UnsupportedProtocol", "LocalProtocolError", "TooManyRedirects")


def _parts(response: Any) -> Iterator[bytes]:
    """The bytes of an answer as they come, as long as they do not come too slowly."""
    began, count = time.monotonic(), 0
    for part in response.iter_raw():
        count += len(part)
        yield part
        getting_on()
        if time.monotonic() - began > QUIET_SECONDS + count / SLOW_BYTES:
            raise Failure("the server is too slow")


def _refusal(status: int, headers: Mapping[str, str]) -> Failure:
    code = headers.get("x-error-code", "")
    why = {401: "the Hub asks for a token", 403: "your token does not allow it", 404: "there is no such thing"}
    said = why.get(status, "too many requests" if status == 429 else f"the Hub answers with status {status}")
    return Failure(said, status, code, status in _PASSING, _wait(headers) if status in (429, 503) else None)


def _wait(headers: Mapping[str, str]) -> float | None:
    """Seconds that a server asks to be left alone for (RFC 9110, section 10.2.3; the Hub's own header `RateLimit`)."""
    told = headers.get("retry-after", "").strip()
    if told.isdecimal():
        return float(told[:9])
    found = _RESET.search(headers.get("ratelimit", ""))
    return float(found[1][:9]) if found else None


def _origin(address: SplitResult) -> tuple[str, str, int | None]:
    port = address.port or {"http": 80, "https": 443}.get(address.scheme)
    return address.scheme, (address.hostname or "").lower(), port


def _is_private(host: str) -> bool:
    """Whether a host is this machine or in its network, as far as its name tells."""
    if host in ("localhost", "") or host.endswith((".localhost", ".local", ".internal")):
        return True
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        return False


def endpoint_named(endpoint: str) -> str:
    """An endpoint as it may be shown: without what stands before an `@`."""
    address = urlsplit(endpoint)
    port = f":{address.port}" if address.port else ""
    return f"{address.scheme}://{address.hostname or ''}{port}"


def endpoint_asked() -> str:
    """The endpoint that huggingface_hub asks (`HF_ENDPOINT`).

    Raises:
        HubError: it is no address.
    """
    from huggingface_hub import constants

    try:
        address = urlsplit(constants.ENDPOINT)
        is_one = address.scheme in ("http", "https") and bool(address.hostname) and (address.port or 1) > 0
    except ValueError:
        is_one = False
    if not is_one:
        raise HubError("HF_ENDPOINT is not the address of a Hub", "Set it to https://HOST, or unset it.")
    return str(constants.ENDPOINT)
