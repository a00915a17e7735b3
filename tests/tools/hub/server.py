"""The stand-in as a server: what it holds, who may see it, and how it talks."""

from __future__ import annotations

import socket
import sys
import threading
import time
import urllib.parse
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.tools.hub.answers import Answer, Call, Refused, error
from tests.tools.hub.content import Bytes, Content
from tests.tools.hub.faults import Fault
from tests.tools.hub.record import Record, Request
from tests.tools.hub.repository import Repository
from tests.tools.hub.routes import ROUTES

_PIECE = 64 * 1024


@dataclass(frozen=True)
class Person:
    """Whom a token speaks for; `admitted` are gated repositories that let them in."""

    name: str
    organisations: tuple[str, ...] = ()
    admitted: tuple[str, ...] = ()


OWNER = Person("tester", ("org",))


class Hub(ThreadingHTTPServer):
    """A Hub in memory on a free port of the loopback.

    people: who is known by which token. While nobody is, any token speaks for one who owns everything.
    store: another one of these that large files lie in, and to which clients are sent for them.
    page: how many items a list gives at a time. lfs_from: the size from which a file is no regular one.
    """

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, *, page: int = 50, lfs_from: int = 64 * 1024, host: str = "127.0.0.1") -> None:
        super().__init__((host, 0), Handler)
        self.url = f"http://{host}:{self.server_port}"
        self.page, self.lfs_from = page, lfs_from
        self.people: dict[str, Person] = {}
        self.repositories: dict[tuple[str, str], Repository] = {}
        self.objects: dict[str, Content] = {}
        self.xorbs: dict[str, bytes] = {}
        self.xet_hashes: dict[str, str] = {}
        self.buckets: dict[str, dict[str, Content]] = {}
        self.store: Hub | None = None
        self.record = Record()
        self.faults: list[Fault] = []
        self.lock = threading.RLock()

    def add(self, kind: str, name: str, files: Mapping[str, Any] | None = None, **about: Any) -> Repository:
        """A repository with these files (bytes or entries), if any."""
        made = self.repositories[kind, name] = Repository(kind, name, **about)
        if files:
            made.commit(dict(files), "files")
        return made

    def person(self, authorization: str) -> Person | None:
        """Who calls; None for one without a token.

        Raises:
            Refused: nobody has this token.
        """
        token = authorization.removeprefix("Bearer ")
        if not token or not self.people:
            return OWNER if token else None
        if token not in self.people:
            raise Refused(error(401, "", "Invalid credentials in Authorization header"))
        return self.people[token]

    def owns(self, person: Person | None, namespace: str) -> bool:
        """Whether `person` may change what is in `namespace`."""
        if person is None:
            return False
        return not self.people or namespace in (person.name, *person.organisations)

    def name_of(self, person: Person | None) -> str:
        return person.name if person else "anonymous"

    def page_of(self, kind: str, name: str) -> str:
        """The address of a repository as people see it."""
        return f"{self.url}/{'' if kind == 'model' else kind + 's/'}{name}"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that goes away is no fault of a server's; all else is shown."""
        if not isinstance(sys.exc_info()[1], (ConnectionError, TimeoutError)):
            super().handle_error(request, client_address)


class Handler(BaseHTTPRequestHandler):
    """Reads a request to its end, writes it down, and sends what its route says, with the faults that it meets."""

    protocol_version = "HTTP/1.1"
    server: Hub
    timeout = 60

    def setup(self) -> None:
        self.request.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _PIECE)  # so that what is counted was taken
        self.request.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, True)
        super().setup()

    def do_GET(self) -> None:
        body = self._body()
        headers = {name.lower(): value for name, value in self.headers.items()}
        request = Request(self.command, self.path, headers, body)
        self.server.record.add(request, len(self.raw_requestline) + len(str(self.headers)) + len(body))
        fault = self._fault(request)
        time.sleep(fault.delay)
        answer = (
            Answer(fault.status, fault.headers, *_whole(fault.body)) if fault.status else self._answer(request, fault)
        )
        self._send(request, answer, fault)

    do_HEAD = do_POST = do_PUT = do_DELETE = do_PATCH = do_GET

    def log_message(self, *_: object) -> None:
        pass

    def _fault(self, request: Request) -> Fault:
        with self.server.lock:
            return next((each for each in self.server.faults if each.takes(request)), Fault("(?!)"))

    def _body(self) -> bytes:
        if "chunked" not in self.headers.get("Transfer-Encoding", "").lower():
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))
        read = b""
        while size := int(self.rfile.readline().split(b";")[0], 16):
            read += self.rfile.read(size)
            self.rfile.readline()
        while self.rfile.readline().strip():
            pass
        return read

    def _answer(self, request: Request, fault: Fault) -> Answer:
        parsed = urllib.parse.urlsplit(request.target)
        headers = {name: value for name, value in request.headers.items() if not (fault.whole and name == "range")}
        try:
            person = self.server.person(headers.get("authorization", ""))
            for methods, pattern, answer in ROUTES:
                if request.method in methods.split() and (found := pattern.fullmatch(parsed.path)):
                    groups = {name: urllib.parse.unquote(value or "") for name, value in found.groupdict().items()}
                    query = urllib.parse.parse_qs(parsed.query)
                    call = Call(self.server, request.method, groups, parsed.path, query, headers, request.body, person)
                    with self.server.lock:
                        return answer(call)
        except Refused as refused:
            return refused.answer
        return error(404, "", f"no route for {request.method} {parsed.path}")

    def _send(self, request: Request, answer: Answer, fault: Fault) -> None:
        length = answer.stop - answer.start
        headers = {"Content-Length": str(length), **answer.headers}
        if fault.endless:
            del headers["Content-Length"]
            headers["Connection"] = "close"
        if fault.size is not None:
            headers["Content-Length"] = str(fault.size)
            if "Content-Range" in headers:
                headers["Content-Range"] = f"bytes {answer.start}-{answer.start + fault.size - 1}/{fault.size}"
        request.status = answer.status
        head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        self._write(
            request,
            f"HTTP/1.1 {answer.status} {self.responses.get(answer.status, ('?',))[0]}\r\n{head}\r\n".encode("latin-1"),
        )
        self.close_connection = (
            self.close_connection or fault.endless or fault.cut is not None or fault.size is not None
        )
        if self.command != "HEAD":
            for piece in _pieces(answer, fault):
                self._write(request, piece)
                time.sleep(fault.pace)

    def _write(self, request: Request, data: bytes) -> None:
        self.wfile.write(data)
        self.server.record.count(request, len(data))


def _pieces(answer: Answer, fault: Fault) -> Iterator[bytes]:
    stop = answer.stop if fault.cut is None else min(answer.stop, answer.start + fault.cut)
    step = 1024 if fault.pace else _PIECE
    for at in range(answer.start, stop, step):
        yield answer.content.read(at, min(stop, at + step))
    while fault.endless:
        yield bytes(step)


def _whole(body: bytes) -> tuple[Content, int, int]:
    return Bytes(body), 0, len(body)


@contextmanager
def serving(**options: Any) -> Iterator[Hub]:
    """A Hub that answers until the end of the block."""
    with Hub(**options) as hub:
        thread = threading.Thread(target=hub.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield hub
        finally:
            hub.shutdown()
            thread.join()
