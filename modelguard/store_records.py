"""Object ids and opaque records as rows of the store's file: each with a proof that it is what was written, and where.

A row that fails its proof is damage (`sqlite3.DatabaseError`), not a row less: what is left out of one row, another
may rest on.
"""

from __future__ import annotations

import hashlib
import os
import time
from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    import sqlite3

_WIDTHS = (20, 32)  # SHA-1 and SHA-256
_CHUNKS = 64
_CHUNK_BYTES = 32_000_000  # a multiple of both widths, far below the 1 GB that SQLite lets a row have
_DIGESTS = 32
_DAY_SECONDS = 86_400
_ASKED_AT_ONCE = 500  # SQLite before 3.32 has at most 999 parameters


class Chunk(Struct, frozen=True):
    """Object ids of one width, sorted and joined: clean ones, or dirty ones of one kind `word`."""

    dirty: bool
    word: str
    width: int
    ids: bytes

    def __iter__(self) -> Iterator[bytes]:
        """Each id."""
        ids, width = self.ids, self.width
        return iter([ids[start : start + width] for start in range(0, len(ids), width)])


class Era(Struct, frozen=True):
    """One life of a digest in the file: it ends when the digest is dropped, and rows of another are none of its own."""

    connection: sqlite3.Connection
    digest: bytes
    number: int

    def chunks(self) -> Iterator[Chunk]:
        """The chunks in the order they were written. Raises `sqlite3.DatabaseError` if one is damaged or gone."""
        return (self._chunk(number) for number, _, _ in self._all_rows())

    def dirty_chunks(self, without: Container[bytes] = ()) -> dict[bytes, Chunk]:
        """Those of dirty ids, but for some, each by its proof: a number may be given anew. Raises as `chunks` does."""
        rows = self._all_rows()
        return {proof: self._chunk(number) for number, dirty, proof in rows if dirty and proof not in without}

    def add(self, chunks: Sequence[Chunk]) -> None:
        """Write chunks; one that is there already is not written twice."""
        self._insert(chunks)
        question = "SELECT number, length(ids) FROM seen WHERE era = ? ORDER BY length(ids), number"
        sizes = self.connection.execute(question, (self.number,)).fetchall()
        if len(sizes) > _CHUNKS:
            self._merge(sorted(number for number, _ in sizes[: worth_merging([size for _, size in sizes])]))
        proof = self._proof_of_rows(self._rows())
        self.connection.execute("UPDATE digests SET proof = ? WHERE era = ?", (proof, self.number))

    def record(self, kind: str, place: str, name: str) -> bytes | None:
        """The record of that kind, place and name. Raises `sqlite3.DatabaseError` for a damaged one."""
        return self.records(kind, place, (name,)).get(name)

    def records(self, kind: str, place: str, names: Sequence[str]) -> dict[str, bytes]:
        """Those of the records that are there. Raises `sqlite3.DatabaseError` for a damaged one."""
        found: dict[str, bytes] = {}
        at = (self.number, _encoded(kind), _digest_of(place))
        for start in range(0, len(names), _ASKED_AT_ONCE):
            part = {_encoded(name): name for name in names[start : start + _ASKED_AT_ONCE]}
            question = f"{_RECORDS} ({', '.join('?' * len(part))})"
            for key, content, proof in self.connection.execute(question, (*at, *part)):
                if not isinstance(content, bytes) or proof != self._proof(b"kept", *at[1:], key, content):
                    raise _damage()
                found[part[key]] = content
        return found

    def keep(self, kind: str, place: str, records: Mapping[str, bytes]) -> None:
        """Write records, in place of those of the same names."""
        at = (self.number, _encoded(kind), _digest_of(place))
        self.connection.executemany(
            "INSERT OR REPLACE INTO kept (era, kind, place, name, content, proof) VALUES (?, ?, ?, ?, ?, ?)",
            [
                (*at, key, content, self._proof(b"kept", *at[1:], key, content))
                for key, content in ((_encoded(name), content) for name, content in records.items())
            ],
        )

    def _insert(self, chunks: Iterable[Chunk]) -> None:
        self.connection.executemany(
            "INSERT OR REPLACE INTO seen (era, dirty, word, width, proof, ids) VALUES (?, ?, ?, ?, ?, ?)",
            (
                (self.number, dirty, word, width, self._proof_of(dirty, word, width, ids), ids)
                for dirty, word, width, ids in map(_columns, chunks)
            ),
        )

    def _merge(self, numbers: Sequence[int]) -> None:
        old = [self._chunk(number) for number in numbers]
        self.connection.executemany("DELETE FROM seen WHERE number = ?", [(number,) for number in numbers])
        self._insert(chunked((each for chunk in old if not chunk.dirty for each in chunk), dirty_in(old)))

    def _all_rows(self) -> list[tuple[int, int, bytes]]:
        rows = self._rows()
        if self._proof_of_rows(rows) != self._answer("SELECT proof FROM digests WHERE era = ?", self.number):
            raise _damage()
        return rows

    def _rows(self) -> list[tuple[int, int, bytes]]:
        question = "SELECT number, dirty, proof FROM seen WHERE era = ? ORDER BY number"
        return self.connection.execute(question, (self.number,)).fetchall()

    def _chunk(self, number: object) -> Chunk:
        question = "SELECT dirty, word, width, proof, ids FROM seen WHERE number = ?"
        dirty, word, width, proof, ids = self.connection.execute(question, (number,)).fetchone() or (None,) * 5
        if not isinstance(word, bytes) or not isinstance(width, int) or not isinstance(ids, bytes):
            raise _damage()
        if width not in _WIDTHS or len(ids) % width or proof != self._proof_of(bool(dirty), word, width, ids):
            raise _damage()
        return Chunk(bool(dirty), _decoded(word), width, ids)

    def _answer(self, question: str, *parameters: object) -> object:
        row = self.connection.execute(question, parameters).fetchone()
        return None if row is None else row[0]

    def _proof_of(self, dirty: bool, word: bytes, width: int, ids: bytes) -> bytes:
        return self._proof(b"chunk", b"%d" % dirty, word, b"%d" % width, ids)

    def _proof_of_rows(self, rows: Iterable[tuple[int, int, bytes]]) -> bytes:
        """It ties the chunks of an era together, so that none of them can be lost unnoticed."""
        return self._proof(b"chunks", *(repr(row).encode() for row in rows))

    def _proof(self, *parts: bytes) -> bytes:
        proof = hashlib.blake2b(digest_size=16)
        for part in (self.digest, b"%d" % self.number, *parts):
            proof.update(b"%d:" % len(part))
            proof.update(part)
        return proof.digest()


_RECORDS = "SELECT name, content, proof FROM kept WHERE era = ? AND kind = ? AND place = ? AND name IN"


def era_of(connection: sqlite3.Connection, digest: bytes) -> Era | None:
    """The digest's era, or None where nothing is remembered under it."""
    row = connection.execute("SELECT era FROM digests WHERE digest = ?", (digest,)).fetchone()
    if row is None:
        return None
    if not isinstance(row[0], int):
        raise _damage()
    return Era(connection, digest, row[0])


def era_made(connection: sqlite3.Connection, digest: bytes) -> Era:
    """The digest's era, begun if there is none; digests that were not used for longest make room."""
    era = era_of(connection, digest)
    if era is not None:
        return era
    number = int.from_bytes(os.urandom(7), "big")
    row = (digest, number, time.time(), b"")
    connection.execute("INSERT INTO digests (digest, era, used, proof) VALUES (?, ?, ?, ?)", row)
    era = Era(connection, digest, number)
    era.add(())
    question = "SELECT era FROM digests WHERE era <> ? ORDER BY used DESC LIMIT -1 OFFSET ?"
    dropped = connection.execute(question, (number, _DIGESTS - 1)).fetchall()
    for table in ("seen", "kept", "digests"):
        connection.executemany(f"DELETE FROM {table} WHERE era = ?", dropped)  # noqa: S608  # our own names
    return era


def note_use(connection: sqlite3.Connection, digest: bytes) -> None:
    """Write that a digest was used, once a day."""
    now = time.time()
    question = "SELECT used FROM digests WHERE digest = ?"
    for (used,) in connection.execute(question, (digest,)).fetchall():
        if not isinstance(used, float) or abs(now - used) > _DAY_SECONDS:
            connection.execute("UPDATE digests SET used = ? WHERE digest = ?", (now, digest))


def repositories(connection: sqlite3.Connection) -> int:
    """How many repositories there is something about, under whatever digest."""
    question = "SELECT count(DISTINCT place) FROM kept WHERE place <> ?"
    count: int = connection.execute(question, (_digest_of(""),)).fetchone()[0]
    return count


def chunked(clean: Iterable[bytes], dirty: Mapping[bytes, str]) -> list[Chunk]:
    """Chunks that hold these ids.

    Raises:
        ValueError: an id is neither 20 nor 32 bytes long.
    """
    groups: defaultdict[tuple[bool, str, int], set[bytes]] = defaultdict(set)
    for each in clean:
        groups[False, "", len(each)].add(each)
    for each, word in dirty.items():
        groups[True, word, len(each)].add(each)
    chunks = []
    for (is_dirty, word, width), ids in groups.items():
        if width not in _WIDTHS:
            raise ValueError(f"an object id of {width} bytes")
        joined = b"".join(sorted(ids))
        for start in range(0, len(joined), _CHUNK_BYTES):
            chunks.append(Chunk(is_dirty, word, width, joined[start : start + _CHUNK_BYTES]))
    return chunks


def dirty_in(chunks: Iterable[Chunk]) -> dict[bytes, str]:
    """The dirty ids in chunks, and their kind words; of two words, the later one."""
    return {each: chunk.word for chunk in chunks if chunk.dirty for each in chunk}


def worth_merging(sizes: Sequence[int]) -> int:
    """How many of these sizes, ascending, to merge: as many as leave no chunk that is larger than all before it.

    So an id is written again only when its chunk at least doubles, and dozens of chunks that stay hold gigabytes.
    """
    count = total = 0
    for position, size in enumerate(sizes, 1):
        if size <= total:
            count = position
        total += size
    return count


def _damage() -> Exception:
    import sqlite3

    return sqlite3.DatabaseError("a record is not as it was written")


def _columns(chunk: Chunk) -> tuple[bool, bytes, int, bytes]:
    return chunk.dirty, _encoded(chunk.word), chunk.width, chunk.ids


def _digest_of(place: str) -> bytes:
    """A repository may be named by its path, which is nobody else's business."""
    return hashlib.sha256(_encoded(place)).digest()


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _decoded(text: bytes) -> str:
    return text.decode("utf-8", "surrogatepass")
