"""What earlier scans of a repository have seen: object ids, and where found values are; no value, and no text."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from modelguard.history.attribution import Group, Sighting, Step
from modelguard.history.sift import Dirty, Pointer
from modelguard.model import Deed, Gap, GapReason, LeftOut
from modelguard.sources.history.listing import Listed
from modelguard.sources.history.repository import Repository
from modelguard.sources.history.walk import Change
from modelguard.store import Store

_WALKED, _RESULT, _HOLDING = "walked", "result", "holding"


@dataclass(frozen=True, slots=True)
class Result:
    """What a scan came to: its values, what policy left out, and how many objects it or one before it had seen.

    `missing` says what a partial clone has not fetched, `pointers` are the LFS pointers that hold values.
    """

    groups: tuple[Group, ...]
    left_out: tuple[LeftOut, ...]
    missing: tuple[Gap, ...]
    pointers: tuple[Pointer, ...]
    objects: int


@dataclass(frozen=True, slots=True)
class Holding:
    """The objects of a repository in which there was something, and its LFS pointers.

    `packs` are those that were wholly seen, `loose` which of these objects lay outside of them.
    """

    dirty: tuple[Dirty, ...] = ()
    pointers: tuple[Pointer, ...] = ()
    packs: frozenset[str] = frozenset()
    loose: frozenset[str] = frozenset()


class Memory:
    """The records of one repository in the store. What is not as it was written counts as not there."""

    def __init__(self, store: Store, repository: Repository) -> None:
        self.store = store
        self._key = hashlib.sha256(repository.common.encode("utf-8", "surrogateescape")).hexdigest()
        self._id_bytes = repository.id_bytes
        self._boundary = repository.boundary

    def clean(self) -> set[bytes]:
        """The raw ids of objects in which there was nothing."""
        return self.store.known() - self.store.dirty().keys()

    def holding(self) -> Holding:
        """What the last whole scan had seen. One record, so that no pack is passed over without what is in it."""
        document = self._read(_HOLDING)
        try:
            dirty = tuple(Dirty(_listed(entry), tuple(map(str, rules))) for entry, rules in document["dirty"])
            packs, loose = (frozenset(map(str, document[name])) for name in ("packs", "loose"))
            return Holding(dirty, _pointers(document["pointers"]), packs, loose)
        except (KeyError, TypeError, ValueError, IndexError):
            return Holding()

    def remember_holding(self, holding: Holding) -> None:
        """See `holding`."""
        told = {"packs": sorted(holding.packs), "loose": sorted(holding.loose), "pointers": _told(holding.pointers)}
        self._write(_HOLDING, {"dirty": [(each.listed[:3], each.rules) for each in holding.dirty], **told})

    def walked(self) -> tuple[set[str], list[Change]]:
        """Commits whose changes are known, and those of objects in which there was something.

        A later scan finds objects only in later commits: it is remembered only where nothing was missing. In a shallow
        clone whose history was deepened, what was its first commit is not one any more.
        """
        document = self._read(_WALKED)
        try:
            if document["boundary"] != self._boundary:
                return set(), []
            size = 2 * self._id_bytes
            text = str(document["commits"])
            commits = {text[at : at + size] for at in range(0, len(text), size)}
            changes = [
                Change(str(commit), str(path).encode("latin-1"), tuple(old), new)
                for commit, path, old, new in document["changes"]
            ]
        except (KeyError, TypeError, ValueError):
            return set(), []
        return commits, changes

    def remember_walked(self, commits: Iterable[str], changes: Sequence[Change]) -> None:
        """See `walked`."""
        listed = [(each.commit, each.path.decode("latin-1"), each.old, each.new) for each in changes]
        self._write(_WALKED, {"commits": "".join(commits), "changes": listed, "boundary": self._boundary})

    def sightings(self, keys: Sequence[tuple[Listed, str]]) -> dict[tuple[str, str], list[Sighting]]:
        """What is known of objects at paths."""
        names = {_sealed_key(listed.id, path): (listed.id, path) for listed, path in keys}
        found: dict[tuple[str, str], list[Sighting]] = {}
        for key, text in self.store.sealed(names.keys()).items():
            try:
                name, path = names[key]
                found[name, path] = [
                    Sighting(str(rule), str(fingerprint), name, path, line if line is None else int(line), int(start))
                    for rule, fingerprint, line, start in json.loads(text)
                ]
            except (KeyError, TypeError, ValueError):
                continue
        return found

    def remember_sightings(self, found: Mapping[tuple[str, str], Sequence[Sighting]]) -> None:
        """See `sightings`."""
        self.store.remember_sealed(
            {
                _sealed_key(name, path): json.dumps([(s.rule, s.fingerprint, s.line, s.start) for s in seen])
                for (name, path), seen in found.items()
            }
        )

    def result(self, state: str) -> Result | None:
        """What the last scan came to, if nothing has changed since."""
        document = self._read(_RESULT)
        if document.get("state") != state:
            return None
        try:
            left_out = tuple(LeftOut(str(path), str(reason), size) for path, reason, size in document["left_out"])
            missing = tuple(Gap(str(path), GapReason.MISSING, str(detail)) for path, detail in document["missing"])
            groups = tuple(_group(entry) for entry in document["groups"])
            return Result(groups, left_out, missing, _pointers(document["pointers"]), int(document["objects"]))
        except (KeyError, TypeError, ValueError):
            return None

    def remember_result(self, state: str, result: Result) -> None:
        """See `result`."""
        left_out = [(left.path, left.reason, left.bytes) for left in result.left_out]
        missing = [(gap.path, gap.detail) for gap in result.missing]
        groups = [asdict(group) for group in result.groups]
        told = {"groups": groups, "left_out": left_out, "missing": missing, "objects": result.objects}
        self._write(_RESULT, {"state": state, **told, "pointers": _told(result.pointers)})

    def objects(self) -> int:
        """How many objects the last whole scan had seen, itself or one before it."""
        count = self._read(_RESULT).get("objects")
        return count if isinstance(count, int) else 0

    def _read(self, name: str) -> dict[str, Any]:
        record = self.store.memory(self._key, name)
        try:
            document = json.loads(record) if record else {}
        except ValueError:
            return {}
        return document if isinstance(document, dict) else {}

    def _write(self, name: str, document: Mapping[str, Any]) -> None:
        self.store.remember_memory(self._key, name, json.dumps(document).encode())


def _sealed_key(name: str, path: str) -> str:
    return f"{name}:{hashlib.sha256(path.encode('utf-8', 'surrogatepass')).hexdigest()[:32]}"


def _told(pointers: Iterable[Pointer]) -> list[tuple[tuple[str, str, int], str, int]]:
    return [(each.holder[:3], each.id, each.size) for each in pointers]


def _pointers(entries: Iterable[Sequence[Any]]) -> tuple[Pointer, ...]:
    return tuple(Pointer(_listed(entry), str(name), int(size)) for entry, name, size in entries)


def _listed(entry: Sequence[Any]) -> Listed:
    return Listed(str(entry[0]), str(entry[1]), int(entry[2]))


def _group(entry: Mapping[str, Any]) -> Group:
    steps = tuple(Step(each["commit"], each["path"], each["line"], Deed(each["deed"])) for each in entry["steps"])
    refs = tuple(str(ref) for ref in entry["refs"])
    return Group(Sighting(**entry["newest"]), steps, refs, bool(entry["reachable"]), bool(entry["in_tree"]))
