"""Which commits brought and removed given objects, and which refs still hold those commits.

The commit graph is walked once for all objects together, and only when something was found.
"""

from __future__ import annotations

import hashlib
import os
import re
import threading
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress

from msgspec import Struct, field
from msgspec.structs import replace

from modelguard.errors import GitError
from modelguard.model import Gap, GapReason
from modelguard.sources.git import Process, end, fed, fields, lines, on_lines
from modelguard.sources.history.refs import REFS, REV_LIST, Refs, lines_of, linked, quiet, tips_of
from modelguard.sources.history.repository import Repository

_NODES = (*REV_LIST, "--parents", "--timestamp")
_COMMIT = re.compile(
    rb"tree [0-9a-f]{40,64}\n((?:parent [0-9a-f]{40,64}\n)*)author [^\n]*\ncommitter [^\n]*> (\d{1,12}) [+-]\d{4}\n"
)
_DIFFS = ("diff-tree", "--stdin", "-r", "-c", "--root", "--raw", "--no-renames", "--no-abbrev", "-z")
_MOST_BREAKS = 20
_MOST_HALVINGS = 300
_GITLINK = b"160000"


class Change(Struct, frozen=True, array_like=True, gc=False):
    """What one commit did to one path: the object there is `new` (None: gone), and was `old` in each of its parents."""

    commit: str
    path: bytes
    old: tuple[str | None, ...]
    new: str | None


class Node(Struct, frozen=True, array_like=True, gc=False):
    """One commit in the graph: the second that its committer claims, counted from 1970, and its parents."""

    date: int
    parents: tuple[str, ...]


class Nodes(Struct):
    """Commits by their ids. `damaged` says that some could not be read."""

    known: dict[str, Node] = field(default_factory=dict)
    damaged: bool = False

    def and_also(self, others: Nodes) -> Nodes:
        """Both together."""
        return Nodes(others.known | self.known, self.damaged or others.damaged)


class Graph(Struct, frozen=True):
    """The commits, each before its parents, with those of these that are here, and the refs that point at some.

    `unreached` are those that no ref holds: `in_reflogs` of them only a reflog does, the others nothing. `damaged` says
    that some of them could not be read, or are not here.
    """

    parents: Mapping[str, tuple[str, ...]]
    tips: Mapping[str, tuple[str, ...]]
    unreached: frozenset[str]
    in_reflogs: frozenset[str]
    damaged: bool = False


class Held(Struct):
    """Which of some objects the newest commit and the indexes hold, and at which paths.

    `tagged` are those that refs point at without a commit, with these refs;
    `in_tagged_trees` the paths of those in trees that are tagged so.
    """

    newest: dict[str, bytes] = field(default_factory=dict)
    index: dict[str, bytes] = field(default_factory=dict)
    tagged: dict[str, set[str]] = field(default_factory=dict)
    in_tagged_trees: dict[str, bytes] = field(default_factory=dict)


def line_of(name: str, content: bytes) -> str:
    """What `git rev-list --parents --timestamp` prints of a commit, from its content; nothing if that is at all odd."""
    found = _COMMIT.match(content)
    if found is None:
        return ""
    parents = found[1].replace(b"parent", b"").replace(b"\n", b"")
    return f"{found[2].decode()} {name}{parents.decode()}"


def nodes_told(lines: Iterable[str]) -> Nodes:
    """The commits of lines that `line_of` made."""
    return Nodes(_nodes(lines))


def nodes(repository: Repository, names: Sequence[str]) -> Nodes:
    """These commits; those that are gone are passed over.

    Raises:
        GitError: git cannot be run.
    """
    found = Nodes()
    pending = [names] if names else []
    halvings = 0
    while pending:
        part = pending.pop()
        try:
            answer = repository.git.ask(*_NODES, "--no-walk=unsorted", "--stdin", stdin=on_lines(part))
            found.known |= _nodes(lines_of(answer))
        except GitError as error:
            if error.status is None:
                raise
            found.damaged = True
            halvings += 1
            if len(part) > 1 and halvings < _MOST_HALVINGS:  # one of them is to blame
                middle = len(part) // 2
                pending += [part[:middle], part[middle:]]
    return found


def nodes_in_reach(repository: Repository) -> Nodes:
    """The commits of all refs, of the heads of all work trees, and of the reflogs.

    Raises:
        GitError: git cannot be run.
    """
    try:
        return Nodes(_nodes(lines_of(repository.git.ask(*_NODES, "--all", "--reflog"))))
    except GitError as error:
        if error.status is None:
            raise
        return Nodes(damaged=True)


def graph(repository: Repository, refs: Refs, found: Nodes) -> Graph:
    """The commit graph, and which of it is held by every ref, the heads of all work trees, and the reflogs."""
    known = found.known
    tips, stashes = tips_of(repository, refs)
    reached, cut = _reach(known, [*tips, *stashes])
    logged, _ = _reach(known, lines_of(quiet(repository, *REV_LIST, "--no-walk", "--reflog")), reached)
    parents = {name: known[name].parents for name in _newest_first(known)}
    damaged = found.damaged or (cut and not repository.shallow and not repository.partial)
    return Graph(parents, tips, frozenset(known.keys() - reached), frozenset(logged), damaged)


def changes(
    repository: Repository, commits: Sequence[str], wanted: Collection[str] | None, jobs: int
) -> tuple[list[Change], list[Gap]]:
    """What `commits` did to the objects `wanted` (None: to all), in their order; by several gits at once."""
    return begun_changes(repository, commits, wanted, jobs)()


def begun_changes(
    repository: Repository, commits: Sequence[str], wanted: Collection[str] | None, jobs: int
) -> Callable[[], tuple[list[Change], list[Gap]]]:
    """The same, begun; what is returned waits for it."""
    size = -(-len(commits) // max(jobs, 1)) or 1
    parts = [commits[at : at + size] for at in range(0, len(commits), size)]
    found: list[tuple[list[Change], list[Gap]]] = [([], []) for _ in parts]

    def work(number: int) -> None:
        walk = _Diffs(repository, wanted)
        found[number] = (list(walk.over(parts[number])), walk.gaps)

    threads = [threading.Thread(target=work, args=(number,), daemon=True) for number in range(len(parts))]
    for thread in threads:
        thread.start()

    def result() -> tuple[list[Change], list[Gap]]:
        for thread in threads:
            thread.join()
        return [change for part, _ in found for change in part], [gap for _, gaps in found for gap in gaps]

    return result


def holders(found: Graph, commits: Collection[str]) -> dict[str, list[str]]:
    """For each of `commits` the refs from which it is reached, all in one pass over the graph."""
    bits = {name: 1 << number for number, name in enumerate(sorted(commits))}
    if not bits:
        return {}
    reached: dict[str, int] = {}
    for name in reversed(list(found.parents)):
        mask = bits.get(name, 0)
        for parent in found.parents[name]:
            mask |= reached.get(parent, 0)
        reached[name] = mask
    alike: dict[int, list[str]] = {}
    for tip, names in found.tips.items():
        alike.setdefault(reached.get(tip, 0), []).extend(names)
    refs: dict[str, list[str]] = {name: [] for name in bits}
    for mask, above in alike.items():
        for commit, bit in bits.items():
            if mask & bit:
                refs[commit] += above
    return refs


def held(repository: Repository, refs: Refs, wanted: Collection[str]) -> Held:
    """Where the newest commit, the indexes of all work trees, and tags of single objects hold the objects `wanted`."""
    result = Held()
    for name, path in _in_tree(repository, "HEAD"):
        if name in wanted:
            result.newest.setdefault(name, path)
    for work_tree in _work_trees(repository):
        for entry in fields(quiet(work_tree, "ls-files", "--stage", "-z")):
            about, _, path = entry.partition(b"\t")
            name = about.split(b" ")[1].decode("ascii")
            if name in wanted:
                result.index.setdefault(name, path)
    _add_tagged(result, repository, refs, wanted)
    return result


def _add_tagged(result: Held, repository: Repository, refs: Refs, wanted: Collection[str]) -> None:
    trees: dict[str, set[str]] = {}
    for ref in refs.refs:
        for name, kind in ref.chain:
            if name in wanted:
                result.tagged.setdefault(name, set()).add(ref.name)
            if kind == "tree":
                trees.setdefault(name, set()).add(ref.name)
    for tree, names in trees.items():
        for name, path in _in_tree(repository, tree):
            if name in wanted:
                result.tagged.setdefault(name, set()).update(names)
                result.in_tagged_trees.setdefault(name, path)


def state(repository: Repository) -> bytes:
    """Everything that can change where objects are held without changing which there are: refs, heads and indexes."""
    digest = hashlib.sha256(quiet(repository, *REFS))
    digest.update(quiet(repository, "rev-parse", "HEAD"))
    for folder in (repository.common, *linked(repository)):
        for name in ("HEAD", "index", os.path.join("logs", "HEAD"), os.path.join("logs", "refs", "stash")):
            try:
                seen = os.stat(os.path.join(folder, name))
            except OSError:
                continue
            digest.update(f"{name} {seen.st_size} {seen.st_mtime_ns} ".encode())
    return digest.digest()


class _Diffs:
    """Runs `git diff-tree` over commits, and starts it anew behind a commit whose trees cannot be read."""

    def __init__(self, repository: Repository, wanted: Collection[str] | None) -> None:
        self._repository = repository
        self._wanted = None if wanted is None else frozenset(wanted)
        self.gaps: list[Gap] = []

    def over(self, commits: Sequence[str]) -> Iterator[Change]:
        position = {name: number for number, name in enumerate(commits)}
        at = 0
        for _ in range(_MOST_BREAKS):
            if at >= len(commits):
                return
            last = -1
            process = self._repository.git.start(*_DIFFS, quiet=True)
            feeder = fed(process, commits[at:])
            try:
                for change in _parsed(process, self._wanted):
                    if isinstance(change, str):
                        last = position.get(change, last)
                    else:
                        yield change
                process.wait()
            finally:
                end(process)
                feeder.join()
            if process.returncode == 0:
                return
            at = max(last, at) + 1
            self._gap("the trees of a commit cannot be read, so its paths are not known")
        self._gap("the trees of many commits cannot be read, so paths are not known")

    def _gap(self, detail: str) -> None:
        self.gaps.append(Gap(self._repository.own, GapReason.MALFORMED, f"{detail}; look with `git fsck --full`"))


def _parsed(process: Process, wanted: frozenset[str] | None) -> Iterator[Change | str]:
    """The changes of wanted objects, and the id of each commit before its own (git-diff(1), raw output format)."""
    names = None if wanted is None else {name.encode() for name in wanted}
    about = b""
    commit = ""
    for token in lines(process, b"\0"):
        if about:
            if names is None or not names.isdisjoint(about.split(b" ")):
                yield _change(commit, about, token)
            about = b""
        elif token.startswith(b":"):
            about = token
        elif token:
            commit = token.decode("ascii")
            yield commit


def _change(commit: str, about: bytes, path: bytes) -> Change:
    """One entry: `:` for each parent, their modes and its own, their ids and its own, a letter for each parent."""
    count = len(about) - len(about.lstrip(b":"))
    words = about[count:].split(b" ")
    ids = [
        None if mode == _GITLINK or not name.strip(b"0") else name.decode("ascii")  # a submodule's commit is not ours
        for mode, name in zip(words[: count + 1], words[count + 1 : 2 * count + 2], strict=True)
    ]
    return Change(commit, path, tuple(ids[:-1]), ids[-1])


def _in_tree(repository: Repository, tree: str) -> Iterator[tuple[str, bytes]]:
    """The objects of a tree, with their paths."""
    for entry in fields(quiet(repository, "ls-tree", "-r", "-z", "--full-tree", tree)):
        about, _, path = entry.partition(b"\t")
        yield about.split(b" ")[2].decode("ascii"), path


def _work_trees(repository: Repository) -> list[Repository]:
    """The repository at each of its work trees, each of which has an index of its own."""
    folders = [] if repository.bare else [repository.folder]
    main, name = os.path.split(repository.common)
    if name == ".git":
        folders.append(main)
    for file in linked(repository):
        with (
            suppress(OSError),
            open(os.path.join(file, "gitdir"), encoding="utf-8", errors="surrogateescape") as listed,
        ):
            folders.append(os.path.dirname(os.path.join(file, listed.read().rstrip("\n"))))
    there = {os.path.realpath(folder): folder for folder in reversed(folders) if os.path.isdir(folder)}
    return [replace(repository, folder=folder) for folder in there.values()]


def _nodes(told: Iterable[str]) -> dict[str, Node]:
    found: dict[str, Node] = {}
    for line in told:
        date, name, *parents = line.split(" ")
        found[name] = Node(int(date), tuple(parents))
    return found


def _reach(known: Mapping[str, Node], tips: Iterable[str], held: Collection[str] = ()) -> tuple[set[str], bool]:
    """The commits that are reached from `tips` and are not `held`, and whether a parent of one is not known."""
    reached: set[str] = set()
    cut = False
    pending = [name for name in tips if name in known]
    while pending:
        name = pending.pop()
        if name in reached or name in held:
            continue
        if name in known:
            reached.add(name)
            pending += known[name].parents
        else:
            cut = True
    return reached, cut


def _newest_first(known: Mapping[str, Node]) -> Iterable[str]:
    """The commits, each before its parents. Dates lie, so they only decide where parents do not.

    The order depends on nothing but the commits: not on which of them an earlier scan knew.
    """
    order: list[str] = []
    entered: set[str] = set()
    done: set[str] = set()
    for _, start in sorted((node.date, name) for name, node in known.items()):
        pending = [start]
        while pending:
            name = pending.pop()
            if name in done:
                continue
            # forged commits may be each other's parents
            before = [
                each for each in known[name].parents if each not in done and each in known and each not in entered
            ]
            if before:
                entered.add(name)
                pending += [name, *before]
            else:
                done.add(name)
                order.append(name)
    return reversed(order)
