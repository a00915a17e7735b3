"""A git LFS server on the loopback, which writes down what it is asked (the Batch API of git-lfs, `docs/api/batch.md`)."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class LfsServer:
    """Its address, what it was asked, and the objects that it has got, by their ids."""

    address: str = ""
    asked: list[str] = field(default_factory=list)
    objects: dict[str, bytes] = field(default_factory=dict)


@contextmanager
def lfs_server() -> Iterator[LfsServer]:
    """Serves until the end of the block."""
    held = LfsServer()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = json.loads(self._body())
            held.asked.append(f"POST {self.path}")
            if self.path == "/objects/batch":
                self._answer({"transfer": "basic", "objects": [self._upload(each) for each in asked["objects"]]})
            else:  # locks: there are none
                self._answer({"ours": [], "theirs": []})

        def do_GET(self) -> None:
            held.asked.append(f"GET {self.path}")
            self._answer({"locks": []})

        def do_PUT(self) -> None:
            held.asked.append(f"PUT {self.path}")
            held.objects[self.path.rpartition("/")[2]] = self._body()
            self._answer({})

        def log_message(self, *_: object) -> None:
            pass

        def _upload(self, each: dict[str, str]) -> dict[str, object]:
            href = f"{held.address}/put/{each['oid']}"
            return {"oid": each["oid"], "size": each["size"], "actions": {"upload": {"href": href}}}

        def _body(self) -> bytes:
            return self.rfile.read(int(self.headers.get("Content-Length", 0)))

        def _answer(self, document: object) -> None:
            content = json.dumps(document).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/vnd.git-lfs+json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    held.address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield held
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
