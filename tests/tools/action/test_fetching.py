"""Fetching over HTTP, as from GitHub: with the token, without it, and without anything that a repository names being run."""

from __future__ import annotations

import base64
import os
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.tools.action.hosted import Hosted
from tests.tools.action.test_pull_request import found
from tests.tools.action.workflow import TOKEN, Workflow
from tests.tools.repo import Repo, planted

PAIR = base64.b64encode(f"x-access-token:{TOKEN}".encode()).decode()


class Served:
    """Repositories below a folder, over git's own protocol, for those who have the token."""

    def __init__(self, root: Path) -> None:
        self.headers: list[list[str]] = []
        served = self

        class Handler(BaseHTTPRequestHandler):
            def do(self) -> None:
                given = self.headers.get_all("Authorization") or []
                served.headers.append(given)
                if given != [f"basic {PAIR}"]:
                    self.send_response(401)
                    self.send_header("WWW-Authenticate", "Basic")
                    self.send_header("Content-Length", "0")
                    self.end_headers()
                    return
                path, _, query = self.path.partition("?")
                environment = {
                    "PATH": os.environ["PATH"],
                    "GIT_CONFIG_NOSYSTEM": "1",
                    "GIT_CONFIG_COUNT": "1",
                    "GIT_CONFIG_KEY_0": "safe.directory",
                    "GIT_CONFIG_VALUE_0": "*",
                    "GIT_PROJECT_ROOT": str(root),
                    "GIT_HTTP_EXPORT_ALL": "1",
                    "GIT_PROTOCOL": self.headers.get("Git-Protocol", ""),
                    "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
                    "REQUEST_METHOD": self.command,
                    "PATH_INFO": path,
                    "QUERY_STRING": query,
                    "CONTENT_TYPE": self.headers.get("Content-Type", ""),
                }
                told = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                ran = subprocess.run(
                    ["git", "http-backend"], env=environment, input=told, capture_output=True, check=True
                )
                head, _, body = ran.stdout.partition(b"\r\n\r\n")
                self.send_response(200)
                for line in head.decode().split("\r\n"):
                    name, _, value = line.partition(": ")
                    if name != "Status":
                        self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            do_GET = do_POST = do

            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    served = Served(tmp_path)
    yield served
    served.close()


@pytest.fixture
def shallow(hosted: Hosted, workflow: Workflow, served: Served) -> tuple[dict[str, Any], Repo]:
    """The event of a change with a leak that is taken away again, and a checkout of one commit from the HTTP server."""
    workflow.server = served.address
    hosted.repo.git("checkout", "--quiet", "-b", "change")
    hosted.repo.commit({"a.py": planted(1)})
    hosted.repo.commit({"a.py": "x = 1\n"})
    event = hosted.pull_request()
    place = hosted.checkout(event["ref"], event["sha"])
    place.git("remote", "set-url", "origin", f"{served.address}/server/.git")
    return event, place


def test_the_token_fetches(shallow: tuple[dict[str, Any], Repo], workflow: Workflow, served: Served) -> None:
    """No credential is left by the checkout (`persist-credentials: false`)."""
    event, place = shallow
    job = workflow.run(event)
    assert found(job) == {1}
    assert served.headers
    config = (place.path / ".git" / "config").read_text()
    for secret in (TOKEN, PAIR):
        assert secret not in job.everything
        assert secret not in config


@pytest.mark.parametrize("left", [PAIR, "c3RhbGU6c3RhbGU="])
def test_what_the_checkout_left_is_not_sent_besides(
    shallow: tuple[dict[str, Any], Repo], workflow: Workflow, served: Served, left: str
) -> None:
    """GitHub refuses a request with two headers of one name."""
    event, place = shallow
    place.git("config", f"http.{served.address}/.extraheader", f"AUTHORIZATION: basic {left}")
    assert found(workflow.run(event)) == {1}
    assert all(len(headers) == 1 for headers in served.headers)


def test_without_one_it_says_what_to_do(shallow: tuple[dict[str, Any], Repo], workflow: Workflow) -> None:
    event, _ = shallow
    job = workflow.run(event, token="")
    assert job.status == 2
    (told,) = job.annotations
    assert told.level == "error" and "contents: read" in told.text


def test_one_that_is_left_will_do(shallow: tuple[dict[str, Any], Repo], workflow: Workflow, served: Served) -> None:
    event, place = shallow
    place.git("config", f"http.{served.address}/.extraheader", f"AUTHORIZATION: basic {PAIR}")
    assert found(workflow.run(event, token="")) == {1}


def test_the_token_is_for_its_server_alone(
    shallow: tuple[dict[str, Any], Repo], workflow: Workflow, served: Served
) -> None:
    event, _ = shallow
    workflow.server = "http://localhost.test"
    assert workflow.run(event).status == 2
    assert not any(served.headers)


def test_nothing_that_a_repository_names_is_run(hosted: Hosted, workflow: Workflow) -> None:
    hosted.repo.git("checkout", "--quiet", "-b", "change")
    hosted.repo.commit({"a.py": planted(1)})
    event = hosted.pull_request()
    place = hosted.checkout(event["ref"], event["sha"])
    mark = place.path / "ran"
    for key in (
        "core.fsmonitor", "core.sshCommand", "core.askPass", "credential.helper", "remote.origin.uploadpack",
        "remote.origin.receivepack", "core.gitProxy", "core.alternateRefsCommand", "gpg.program", "core.pager",
    ):  # fmt: skip
        place.git("config", key, f"touch {mark}; false")
    hooks = place.path / "hooks"
    hooks.mkdir()
    for name in ("reference-transaction", "post-checkout", "post-merge", "fsmonitor-watchman", "pre-auto-gc"):
        (hooks / name).write_text(f"#!/bin/sh\ntouch {mark}\n")
        (hooks / name).chmod(0o755)
    place.git("config", "core.hooksPath", str(hooks))
    assert found(workflow.run(event)) == {1}
    assert not mark.exists()


@pytest.mark.parametrize("address", ["ext::sh -c touch% ran", "ssh://127.0.0.1:9/x", "-oProxyCommand=touch ran"])
def test_other_ways_to_fetch_are_closed(hosted: Hosted, workflow: Workflow, address: str) -> None:
    hosted.repo.git("checkout", "--quiet", "-b", "change")
    hosted.repo.commit({"a.py": planted(1)})
    event = hosted.pull_request()
    place = hosted.checkout(event["ref"], event["sha"])
    place.git("config", "remote.origin.url", address)
    assert workflow.run(event).status == 2
    assert not (place.path / "ran").exists()
