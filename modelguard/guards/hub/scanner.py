"""The process that scans for the guard: contents come in on standard input, the result goes out on standard output.

It is a process of its own because a guarded one has threads, whose locks a fork would take along, and because whatever
ends or breaks it then cannot be taken for a clean scan.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from modelguard.errors import GuardError
from modelguard.guards.hub.content import BytesContent, Content, FileContent, Taken
from modelguard.model import Finding, Gap, LeftOut, ScanResult
from modelguard.settings import Settings
from modelguard.sources.exclusion import EXCLUDED, Exclusions
from modelguard.sources.file import Identity
from modelguard.sources.interface import Item

if TYPE_CHECKING:
    from modelguard.pipeline import Progress

_SERVE = (
    "import sys; at = next((at for at, each in enumerate(sys.path) if each.endswith('-packages')), len(sys.path));"
    "sys.path.insert(at, sys.argv[1]); sys.path += sys.argv[2:];"
    "from modelguard.guards.hub.scanner import serve; serve()"
)
"""What the process runs: `-I`, ours before other packages, and the folders of a program behind all of them."""

_ROOT = str(Path(__file__).resolve().parent.parent.parent.parent)


class Piece(Struct, frozen=True):
    """One content: a file with what it must be, or bytes."""

    shown: str
    taken: Taken
    path: bytes | None = None
    identity: Identity | None = None
    data: bytes = b""

    def content(self) -> Content:
        """What it stands for."""
        if self.path is not None and self.identity is not None:
            return FileContent(os.fsdecode(self.path), self.shown, self.identity, self.taken)
        return BytesContent(self.data, self.shown, self.taken)


class Remote(Struct, frozen=True):
    """A repository of a Hub, all of whose commits are to be scanned. Without a token, it is the one that is stored."""

    endpoint: str
    kind: str
    repo: str
    token: str | None = None

    def __repr__(self) -> str:
        return f"Remote({self.kind} {self.repo})"


class Work(Struct, frozen=True):
    """What one scan is asked to do: to look at contents, or at a repository."""

    settings: Settings
    folder: str
    pieces: tuple[Piece, ...] = ()
    remote: Remote | None = None


class ContentsSource:
    """A Source of contents: all of them and nothing else. What settings exclude is not looked at, and said."""

    whole = False

    def __init__(self, contents: Sequence[Content | Gap], exclude: Sequence[str]) -> None:
        self._contents = contents
        self._exclusions = Exclusions(exclude, False)

    def items(self) -> Iterator[Item]:
        """See `Source.items`."""
        for content in self._contents:
            if isinstance(content, Gap):
                yield content
                continue
            path = content.origin.path
            yield LeftOut(path, EXCLUDED, content.size) if self._exclusions.excluded(path) else content

    def described(self, findings: Sequence[Finding]) -> list[Finding]:
        """See `Source.described`: there is nothing to add."""
        return list(findings)

    def repositories(self) -> Sequence[tuple[str, str]]:
        """See `Source.repositories`: what is published is these files, and no history."""
        return ()


def look_at(contents: Sequence[Content], settings: Settings) -> ScanResult:
    """Scan contents in this process.

    Raises:
        ModelguardError: see `pipeline.run`.
    """
    from modelguard.pipeline import run

    source = ContentsSource(contents, settings.exclude)
    return run(source, [content.origin.path for content in contents], replace(settings, history=False))


def look_at_elsewhere(contents: Sequence[Content], settings: Settings) -> ScanResult:
    """Scan contents in a process of its own.

    Raises:
        GuardError: it did not come to its end, for whatever reason.
    """
    return _elsewhere(lambda: Work(settings, os.getcwd(), tuple(map(_piece, contents))))


def look_at_remote(
    remote: Remote,
    settings: Settings,
    progress: Progress | None = None,
    tick: Callable[[], None] = lambda: None,
    told: Callable[[str], None] = lambda line: None,
) -> ScanResult:
    """Scan a repository as it stands on the Hub, in this process: all commits, and what the Hub shows besides.

    Raises:
        ModelguardError: see `pipeline.run`; or the Hub cannot be asked.
    """
    from modelguard.pipeline import run
    from modelguard.sources.hub.address import Address
    from modelguard.sources.hub.source import HubSource, Wanted

    address = Address(remote.kind, remote.repo)
    wanted = Wanted(all_revisions=True, discussions=True, weights=settings.weights)
    source = HubSource(remote.endpoint, [address], wanted, Exclusions(settings.exclude, False), told)
    return run(source, [address.shown], replace(settings, history=False), progress, tick, told=told)


def look_at_remote_elsewhere(remote: Remote, settings: Settings) -> ScanResult:
    """The same in a process of its own.

    Raises:
        GuardError: it did not come to its end, for whatever reason.
    """
    return _elsewhere(lambda: Work(settings, os.getcwd(), remote=remote))


def _elsewhere(work: Callable[[], Work]) -> ScanResult:
    try:
        done = subprocess.run(
            [sys.executable, "-I", "-c", _SERVE, _ROOT, *_folders()],
            input=msgspec.msgpack.encode(work()),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,  # a traceback may hold what was scanned
            check=False,
        )
        if done.returncode != 0:
            raise ValueError
        return msgspec.msgpack.decode(done.stdout, type=ScanResult)
    except (OSError, ValueError, OverflowError, msgspec.MsgspecError):
        raise GuardError(
            "the scan of what would be sent broke off, so nothing is sent",
            "Scan it by itself to see why: modelguard scan PATH",
        ) from None


def _folders() -> list[str]:
    """Where this process finds its modules, but for the current folder: packages may be known by PYTHONPATH alone."""
    return [each for each in sys.path if os.path.isabs(each) and each not in (os.getcwd(), _ROOT)]


def serve() -> None:
    """The other side: one piece of work, one result."""
    work = msgspec.msgpack.decode(sys.stdin.buffer.read(), type=Work)
    os.chdir(work.folder)
    if work.remote is not None:
        if work.remote.token is not None:
            os.environ["HF_TOKEN"] = work.remote.token
        result = look_at_remote(work.remote, work.settings)
    else:
        result = look_at([piece.content() for piece in work.pieces], work.settings)
    sys.stdout.buffer.write(msgspec.msgpack.encode(result))


def _piece(content: Content) -> Piece:
    shown = content.origin.path
    if isinstance(content, FileContent):
        return Piece(shown, content.taken, os.fsencode(content.path), content.identity)
    return Piece(shown, content.taken, data=content.read(0, content.size))
