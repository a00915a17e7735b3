"""git, asked as a witness: nothing that a repository's own configuration names is ever run.

Only plumbing is called, under an environment of our own and overrides for each key that could name a program. git
refuses a repository that belongs to somebody else (`safe.directory`), and so do we, by asking it.
"""

from __future__ import annotations

import base64
import os
import subprocess
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress

from msgspec import Struct

from modelguard.errors import GitError
from modelguard.sources.git_folder import is_bare

_KEPT = {"GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM", "GIT_CONFIG_NOSYSTEM"}
"""What a user may have set to say which configuration is their own."""

_OF_A_HOOK = {
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_COMMON_DIR",
    "GIT_INDEX_FILE",
    "GIT_OBJECT_DIRECTORY",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_QUARANTINE_PATH",
}
"""What git tells its hooks: in a partial commit the index is another file, and a hook that drops that looks wrong."""

_FROM_HERE = ("GIT_DIR", "GIT_WORK_TREE", "GIT_COMMON_DIR", "GIT_OBJECT_DIRECTORY")
"""Those that count from the current folder; `GIT_INDEX_FILE` counts from the top of the work tree."""

_SET = {
    "GIT_ALLOW_PROTOCOL": "none",
    "GIT_GRAFT_FILE": os.devnull,
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_PAGER": "cat",
    "GIT_TERMINAL_PROMPT": "0",
    "LC_ALL": "C",
}

_OVERRIDES = (
    "core.fsmonitor=false",
    f"core.hooksPath={os.devnull}",
    f"core.attributesFile={os.devnull}",
    "core.pager=cat",
    "core.sshCommand=false",
    "core.gitProxy=",
    "core.askPass=",
    "core.alternateRefsCommand=",
    "core.multiPackIndex=false",
    "core.bigFileThreshold=16m",
    "core.deltaBaseCacheLimit=20m",
    "core.packedGitWindowSize=8m",
    "core.packedGitLimit=64m",
    "credential.helper=",
    "diff.external=",
    "diff.orderFile=",
    "gpg.program=false",
    "log.showSignature=false",
    "protocol.allow=never",
    "submodule.recurse=false",
)
"""The last ones before `credential` keep git's memory flat: 64 MB of a pack are mapped at a time, and a blob of 16 MB
or more that is no delta is passed through in pieces (on 4.4 GB of blobs: 105 MB instead of 490, 20 % slower)."""

Process = subprocess.Popen[bytes]
"""A git that was started."""

_SECONDS = 600.0
_CHUNK = 1 << 20
_FOREIGN = (b"dubious ownership", b"unsafe repository")  # git 2.35.2 to 2.37 said the latter


class Remote(Struct, frozen=True):
    """What git may use to fetch: protocols, and for addresses that begin with `server` a token (empty: none).

    A token reaches git through the environment, where other users' processes do not see it, and never its arguments.
    """

    protocols: tuple[str, ...]
    server: str = ""
    token: str = ""

    def __repr__(self) -> str:
        return f"Remote({self.protocols!r}, {self.server!r})"

    def environment(self) -> dict[str, str]:
        """What git is told by its environment; the first header takes the place of any that a checkout left behind."""
        told = {"GIT_ALLOW_PROTOCOL": ":".join(self.protocols)}
        if self.token and self.server:
            pair = base64.b64encode(f"x-access-token:{self.token}".encode()).decode("ascii")
            for at, value in enumerate(("", f"AUTHORIZATION: basic {pair}")):
                told[f"GIT_CONFIG_KEY_{at}"] = f"http.{self.server.rstrip('/')}/.extraheader"
                told[f"GIT_CONFIG_VALUE_{at}"] = value
            told["GIT_CONFIG_COUNT"] = "2"
        return told


class Git(Struct, frozen=True):
    """git for one folder. With `hook`, what git told us as its hook holds (which repository, which index).

    No git reaches out, but one with a `remote`.
    """

    folder: str
    hook: bool = False
    remote: Remote | None = None

    def ask(self, *arguments: str, stdin: bytes = b"", seconds: float = _SECONDS) -> bytes:
        """What git prints.

        Raises:
            GitError: git is missing, refuses the repository, fails or takes too long; `status` is its exit status.
        """
        with self.start(*arguments) as process:
            try:
                answer, said = process.communicate(stdin, timeout=seconds)
            except subprocess.TimeoutExpired:
                process.kill()
                raise GitError("git took too long to answer", "Scan again when the machine is less busy.") from None
        if process.returncode:
            raise failure(self.folder, process.returncode, said)
        return answer

    def setting(self, name: str, of: str = "") -> tuple[str, str] | None:
        """A path that is set, `~` resolved, after the scope that sets it (global, local, …); None where none does.

        With `of`, a scope, what that one says.

        Raises:
            GitError: git cannot read its configuration.
        """
        scope = [f"--{of}"] if of else []
        try:
            answer = self.ask("config", *scope, "--show-scope", "-z", "--type=path", "--get", name)
        except GitError as error:
            if error.status != 1:
                raise
            return None
        found, value = fields(answer)
        return found.decode("ascii"), os.fsdecode(value)

    def start(self, *arguments: str, quiet: bool = False) -> Process:
        """Git as a process with pipes to and from it; what it says of errors is dropped where it is to be `quiet`.

        Raises:
            GitError: git is not installed or cannot be run.
        """
        reads_settings = arguments[:1] == ("config",)  # which runs nothing, and is to tell what is set elsewhere
        overrides = [part for override in _OVERRIDES for part in ("-c", override) if not reads_settings]
        try:
            return subprocess.Popen(
                ["git", *overrides, "-C", self.folder, *arguments],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL if quiet else subprocess.PIPE,
                env=self._environment(),
                bufsize=0,
            )
        except OSError:
            raise GitError(
                "git is not installed, or cannot be run", "Install git, or scan with --no-history."
            ) from None

    def _environment(self) -> dict[str, str]:
        kept = _KEPT | _OF_A_HOOK if self.hook else _KEPT
        environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_") or name in kept}
        environment |= {name: os.path.abspath(environment[name]) for name in _FROM_HERE if environment.get(name)}
        if "GIT_DIR" not in environment and not is_bare(self.folder):  # `core.worktree` may lead elsewhere
            environment.setdefault("GIT_WORK_TREE", os.path.abspath(self.folder))
        if not self.hook:  # a broken `.git` must not make git look further up
            environment["GIT_CEILING_DIRECTORIES"] = os.path.dirname(os.path.realpath(self.folder))
        return environment | _SET | (self.remote.environment() if self.remote else {})


def end(process: Process) -> None:
    """End a git that may still run, and close the pipes to it."""
    process.kill()
    process.wait()
    for pipe in (process.stdin, process.stdout, process.stderr):
        if pipe is not None:
            with suppress(OSError):  # what it was still to be told
                pipe.close()


def failure(folder: str, status: int, said: bytes) -> GitError:
    """The error for what git said when it failed. Its words may quote anything, so they are not passed on."""
    if any(words in said for words in _FOREIGN):
        return GitError(
            f"{folder}: the repository belongs to somebody else, so git refuses it",
            f"If you trust it: git config --global --add safe.directory {os.path.realpath(folder)}",
            status,
        )
    if b"not a git repository" in said:
        return GitError(f"{folder}: not a git repository", "Name a folder inside a repository.", status)
    return GitError(f"{folder}: git failed with status {status}", "Look at the repository with `git fsck`.", status)


def fields(answer: bytes) -> Sequence[bytes]:
    """The fields of an answer in which NUL ends each."""
    return answer.split(b"\0")[:-1] if answer else []


def lines(process: Process, ended_by: bytes = b"\n") -> Iterator[bytes]:
    """The lines that a process prints, or what else a byte ends, without that, as they come.

    One that is not ended is cut short by the end of the process, whose status tells; it is left away.
    """
    for part in parts(process, ended_by):
        yield from part.split(ended_by)


def parts(process: Process, ended_by: bytes = b"\n") -> Iterator[bytes]:
    """The same, many lines at a time, as they are; without what ends the last of them."""
    assert process.stdout is not None
    rest = b""
    while data := process.stdout.read(_CHUNK):
        whole, found, rest = (rest + data).rpartition(ended_by)
        if found:
            yield whole


def on_lines(names: Iterable[str]) -> bytes:
    """Names as git reads them from its standard input: a line each."""
    return "".join(f"{name}\n" for name in names).encode()


def fed(process: Process, names: Sequence[str]) -> threading.Thread:
    """A thread that gives a process these lines and then closes its input; it ends when the process does."""

    def feed() -> None:
        assert process.stdin is not None
        with suppress(OSError), process.stdin as pipe:
            pipe.write(on_lines(names))

    thread = threading.Thread(target=feed, daemon=True)
    thread.start()
    return thread
