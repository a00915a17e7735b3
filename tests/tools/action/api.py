"""A stand-in for GitHub's API: the comments of one pull request, and a record of what it was asked."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.tools.action.workflow import TOKEN


@dataclass
class Server:
    """What the server holds. `refuses` is the status that it answers writers with, `page` how much it lists at once."""

    address: str = ""
    comments: list[dict[str, Any]] = field(default_factory=list)
    asked: list[tuple[str, str]] = field(default_factory=list)
    refuses: int | None = None
    page: int = 100

    def of_others(self, body: str, count: int = 1) -> None:
        self.comments += [{"id": len(self.comments) + 1, "body": body, "own": False} for _ in range(count)]

    @property
    def own(self) -> list[str]:
        return [each["body"] for each in self.comments if each["own"]]

    @property
    def written(self) -> list[tuple[str, str]]:
        return [each for each in self.asked if not each[1].endswith("/graphql")]

    def answer(self, method: str, path: str, told: dict[str, Any]) -> tuple[int, Any]:
        """Status and content."""
        self.asked.append((method, path))
        if path == "/graphql":
            return 200, self._listed(told["variables"])
        if self.refuses:
            return self.refuses, {"message": "Resource not accessible by integration"}
        if (method, path) == ("POST", "/repos/acme/models/issues/7/comments"):
            self.comments.append({"id": len(self.comments) + 1, "body": told["body"], "own": True})
            return 201, self.comments[-1]
        number = int(path.removeprefix("/repos/acme/models/issues/comments/"))
        assert method == "PATCH"
        self.comments[number - 1]["body"] = told["body"]
        return 200, self.comments[number - 1]

    def _listed(self, variables: dict[str, Any]) -> dict[str, Any]:
        assert (variables["owner"], variables["name"], variables["number"]) == ("acme", "models", 7)
        start = int(variables["after"] or 0)
        nodes = [
            {"databaseId": each["id"], "viewerDidAuthor": each["own"], "body": each["body"]}
            for each in self.comments[start : start + self.page]
        ]
        end = start + len(nodes)
        info = {"hasNextPage": end < len(self.comments), "endCursor": str(end)}
        return {"data": {"repository": {"pullRequest": {"comments": {"nodes": nodes, "pageInfo": info}}}}}


@contextmanager
def serving(server: Server) -> Iterator[Server]:
    """Answer on a port of this machine."""

    class Handler(BaseHTTPRequestHandler):
        def do(self) -> None:
            assert self.headers["Authorization"] == f"Bearer {TOKEN}"
            told = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            status, content = server.answer(self.command, self.path, told)
            body = json.dumps(content).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            if status == 302:
                self.send_header("Location", content)
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_PATCH = do_GET = do_DELETE = do

        def log_message(self, *_: Any) -> None:
            pass

    listening = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=listening.serve_forever, daemon=True)
    thread.start()
    server.address = f"http://127.0.0.1:{listening.server_port}"
    try:
        yield server
    finally:
        listening.shutdown()
        thread.join()
        listening.server_close()
