"""A repository of a Hub: files by commit, refs, discussions, settings."""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from tests.tools.hub.content import Bytes, Content

MAIN = "refs/heads/main"


@dataclass(frozen=True)
class Entry:
    """A file in a commit."""

    content: Content
    lfs: bool = False
    xet: str | None = None

    @cached_property
    def oid(self) -> str:
        """The object id that git has for it: of its content, or of its pointer."""
        data = self.pointer if self.lfs else self.content.read(0, self.content.size)
        return hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest()

    @cached_property
    def pointer(self) -> bytes:
        """What git holds of an LFS file."""
        text = (
            f"version https://git-lfs.github.com/spec/v1\noid sha256:{self.content.sha256}\nsize {self.content.size}\n"
        )
        return text.encode()


@dataclass(frozen=True)
class Commit:
    """One state of all files."""

    id: str
    title: str
    message: str
    date: str
    author: str
    files: dict[str, Entry] = field(repr=False)
    parent: Commit | None = field(repr=False)


@dataclass
class Discussion:
    """A discussion, or a pull request with a ref of its own."""

    num: int
    title: str
    author: str = "tester"
    pull_request: bool = False
    status: str = "open"
    events: list[dict[str, Any]] = field(default_factory=list)

    def say(self, text: str, author: str = "tester", hidden: bool = False, before: tuple[str, ...] = ()) -> None:
        """Adds a comment; `before` is what it said before it was edited."""
        latest = {"raw": text, "html": f"<p>{text}</p>", "updatedAt": now(), "author": {"name": author}}
        history = [{**latest, "raw": each} for each in (text, *before)]
        self.event("comment", author, {"edited": bool(before), "hidden": hidden, "latest": latest, "history": history})

    def event(self, kind: str, author: str, data: dict[str, Any]) -> None:
        """Adds an event of any kind: `comment`, `status-change`, `commit`, `title-change`."""
        name = hashlib.sha1(f"{self.num} {len(self.events)}".encode()).hexdigest()[:24]
        self.events.append({"id": name, "type": kind, "createdAt": now(), "author": {"name": author}, "data": data})


@dataclass
class Repository:
    """A model, a dataset or a space."""

    kind: str
    id: str
    private: bool = False
    gated: str | bool = False
    refs: dict[str, Commit] = field(default_factory=dict)
    discussions: list[Discussion] = field(default_factory=list)
    variables: dict[str, dict[str, str]] = field(default_factory=dict)
    secrets: dict[str, dict[str, str]] = field(default_factory=dict)
    card: dict[str, Any] = field(default_factory=dict)
    settings: dict[str, Any] = field(default_factory=dict)
    commits: dict[str, Commit] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not self.refs:
            self.commit({}, "initial commit")

    @property
    def namespace(self) -> str:
        return self.id.partition("/")[0]

    def commit(
        self,
        changes: dict[str, Entry | bytes | None],
        title: str = "a commit",
        message: str = "",
        *,
        ref: str = MAIN,
        parent: Commit | None = None,
        date: str | None = None,
        author: str = "tester",
    ) -> Commit:
        """A new commit on `ref`: files that come, and None for each that goes."""
        before = parent or self.refs.get(ref) or self.refs.get(MAIN)
        files = dict(before.files) if before else {}
        for path, change in changes.items():
            if change is None:
                files.pop(path, None)
            else:
                files[path] = Entry(Bytes(change)) if isinstance(change, bytes) else change
        name = hashlib.sha1(f"{self.id} {len(self.commits)} {title} {time.time_ns()}".encode()).hexdigest()
        made = Commit(name, title, message, date or now(), author, files, before)
        self.commits[name] = self.refs[ref] = made
        return made

    def discuss(self, title: str, text: str, *, pull_request: bool = False, author: str = "tester") -> Discussion:
        """A new discussion, or a pull request whose ref begins at the main branch."""
        made = Discussion(len(self.discussions) + 1, title, author, pull_request)
        self.discussions.append(made)
        if text:
            made.say(text, author)
        if pull_request:
            self.refs[f"refs/pr/{made.num}"] = self.refs[MAIN]
        return made

    def at(self, revision: str) -> Commit | None:
        """The commit of a branch, a tag, a whole ref, or (the beginning of) a commit's id."""
        for name in (revision, f"refs/heads/{revision}", f"refs/tags/{revision}"):
            if name in self.refs:
                return self.refs[name]
        if len(revision) < 7:
            return None
        return next((commit for name, commit in self.commits.items() if name.startswith(revision)), None)

    def squash(self, ref: str = MAIN, title: str = "squashed") -> Commit:
        """Forgets how a ref became what it is."""
        only = replace(self.refs[ref], parent=None, title=title)
        self.commits = {only.id: only}
        self.refs[ref] = only
        return only


def history(commit: Commit | None) -> list[Commit]:
    """A commit and those before it, newest first."""
    found = []
    while commit is not None:
        found.append(commit)
        commit = commit.parent
    return found


def now() -> str:
    """The time as the Hub writes it."""
    return time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime())
