"""Real git in a scrubbed environment, and what the program says of the repositories that it makes."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from modelguard.rules.templates import expand
from tests.cli.program import Program

AUTHOR = "A U Thor <author@example.test>"
RULE = "hf-user-token"
ALLOW = ": ".join(("modelguard", "allow"))  # in two words, so that it allows nothing here
_FIRST_SECOND = 1_700_000_000
_ZONE = "+0200"


def planted(number: int = 0) -> str:
    """A value that looks like a Hub token, another one for each number."""
    return expand("hf_<alpha:34>", number)


def fingerprint(token: str) -> str:
    """What reports call such a value."""
    return hashlib.sha256(b"modelguard/1\0" + RULE.encode() + b"\0" + token.encode()).hexdigest()[:32]


@dataclass(frozen=True)
class Told:
    """What one run has said."""

    status: int
    document: dict[str, Any]
    stderr: str

    @property
    def findings(self) -> list[dict[str, Any]]:
        return self.document["findings"]

    @property
    def gaps(self) -> list[dict[str, Any]]:
        return self.document["gaps"]

    def all(self, token: str) -> list[dict[str, Any]]:
        """The findings of this value."""
        return [each for each in self.findings if each["fingerprint"] == fingerprint(token)]

    def one(self, token: str) -> dict[str, Any]:
        """The only finding of this value."""
        found = self.all(token)
        assert len(found) == 1, f"{len(found)} findings; {self.document['gaps']} {self.stderr}"
        return found[0]

    def left_out(self, path: str) -> str:
        """Why a path is left out; empty where it is not."""
        return "; ".join(each["reason"] for each in self.document["left_out"] if each["path"] == path)

    def same(self) -> tuple[Any, ...]:
        """All that two scans of the same repository must agree on."""
        return self.status, self.findings, self.document["gaps"], self.document["left_out"]


@dataclass(frozen=True)
class Tool(Program):
    """`modelguard`, started in a repository."""

    def environment(self) -> dict[str, str]:
        return {**super().environment(), "GIT_CONFIG_NOSYSTEM": "1", "MODELGUARD_NO_BACKGROUND": "1"}

    def told(self, *arguments: str | Path, **options: Any) -> Told:
        """What `scan` says, where it says anything in JSON."""
        ran = self("scan", *arguments, "--format", "json", **options)
        assert ran.stdout.startswith("{"), ran.stderr
        return Told(ran.returncode, json.loads(ran.stdout), ran.stderr)


@dataclass
class Repo:
    """A repository that real git works in; each commit is a minute after the one before it. `more` is environment."""

    path: Path
    home: Path
    seconds: list[int] = field(default_factory=lambda: [_FIRST_SECOND])
    more: dict[str, str] = field(default_factory=dict)

    def environment(self) -> dict[str, str]:
        self.seconds[0] += 60
        date = f"{self.seconds[0]} {_ZONE}"
        name, _, address = AUTHOR.partition(" <")
        people = {f"GIT_{who}_{what}": value for who in ("AUTHOR", "COMMITTER")
                  for what, value in (("NAME", name), ("EMAIL", address[:-1]), ("DATE", date))}  # fmt: skip
        return people | {
            "PATH": os.environ["PATH"],
            "HOME": str(self.home),
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_ALLOW_PROTOCOL": "file",
            "GIT_EDITOR": "true",
            **self.more,
        }

    def git(self, *arguments: str | Path, stdin: bytes = b"", check: bool = True, **env: str) -> str:
        """What git prints, without the line break at its end."""
        ran = self.tried(*arguments, stdin=stdin, **env)
        assert ran.returncode == 0 or not check, ran.stderr.decode()
        return ran.stdout.decode("utf-8", "surrogateescape").rstrip("\n")

    def tried(self, *arguments: str | Path, stdin: bytes = b"", **env: str) -> subprocess.CompletedProcess[bytes]:
        """How git ends, whatever it says."""
        setup = ("-c", "init.defaultBranch=main", "-c", "advice.detachedHead=false", "-c", "gc.auto=0")
        return subprocess.run(
            ["git", *setup, *map(os.fspath, arguments)],
            cwd=self.path,
            env=self.environment() | env,
            input=stdin,
            capture_output=True,
            timeout=60,
            check=False,
        )

    def init(self, *options: str) -> Repo:
        self.path.mkdir(parents=True, exist_ok=True)
        self.git("init", "--quiet", *options)
        return self

    def write(self, name: str | bytes, content: str | bytes) -> None:
        file = os.path.join(os.fsencode(self.path), os.fsencode(name))
        os.makedirs(os.path.dirname(file), exist_ok=True)
        with open(file, "wb") as writing:
            writing.write(content.encode() if isinstance(content, str) else content)

    def commit(self, files: dict[str, str | bytes | None] | None = None, message: str = "work", *options: str) -> str:
        """Commit these files (None: removed) and all else that has changed; its id."""
        for name, content in (files or {}).items():
            if content is None:
                (self.path / name).unlink()
            else:
                self.write(name, content)
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "-m", message, *options)
        return self.head()

    def imported(self, number: int, with_files: bool = False) -> None:
        """So many commits on `main`, in a pack of their own; with or without a file that each changes."""
        parts = []
        for count in range(number):
            start = "" if count else f"from {self.head()}\n"
            file = f"M 100644 inline old/{count % 10}.txt\ndata {len(str(count)) + 5}\nold {count}\n\n"
            about = f"commit refs/heads/main\ncommitter {AUTHOR} {self.seconds[0] + count} +0000\ndata 1\nx\n{start}"
            parts.append(about + (file if with_files else "\n"))
        self.git("-c", "fastimport.unpackLimit=1", "fast-import", "--quiet", stdin="".join(parts).encode())
        self.git("reset", "--quiet", "--hard")
        self.seconds[0] += number

    def head(self, name: str = "HEAD") -> str:
        return self.git("rev-parse", "--verify", name)

    def other(self, name: str) -> Repo:
        """A repository beside this one, on the same clock."""
        return Repo(self.path.parent / name, self.home, self.seconds, self.more)

    def clone(self, name: str, *options: str) -> Repo:
        self.git("clone", "--quiet", *options, f"file://{self.path}", self.path.parent / name)
        return self.other(name)

    def commit_of(self, sha: str, path: str, line: int | None, deed: str) -> dict[str, Any]:
        """How reports describe a commit, from what git itself says of it."""
        author, date = self.git("show", "-s", "--format=%an <%ae>%n%aI", sha).split("\n")
        assert author == AUTHOR
        return {"sha": sha, "author": author, "date": date, "path": path, "line": line, "deed": deed}
