"""What is true of labelled texts: units that are to be found, or to be left alone.

Examples are a file of JSON objects, one a line: `file`, `text`, `label` (T or F), `category`, `rule_id`. Lines are a
folder with `files/` and `truth.jsonl`, where a row is `file`, `line_start`, `line_end`, `label` (T; F, and X, which
counts as F) and `category`, as CredData names it. Several names in a `category` are parted by colons.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ALL = "all"
REAL = "looks real"
CORE = "core"

_KINDS: Mapping[str, str] = {
    "password": "Password, SQL Password, CMD Password, CMD ConvertTo-SecureString, CURL User Password, NTLM Token, "
    "OTP / 2FA Secret",
    "private key": "PEM Private Key, BASE64 Private Key, BASE64 encoded PEM Private Key, JWK",
    "jwt": "JSON Web Token",
    "http auth": "Basic Authorization, Bearer Authorization",
    "url credentials": "URL Credentials",
    "generic name": "Token, Key, Auth, Secret, API, Credential, CMD Token, CMD Secret",
    "crypto parameter": "Salt, Nonce",
    "identifier": "UUID, AWS S3 Bucket, Firebase Domain, Tencent WeChat API App ID, Other",
}
"""CredData's categories by what they are about (github.com/Samsung/CredData, README); any other is a vendor's key."""
_VENDOR = "vendor key"
_OPENS_NOTHING = {"crypto parameter", "identifier"}
_GROUP_OF = {category: group for group, categories in _KINDS.items() for category in categories.split(", ")}

EXAMPLE_GROUPS = (ALL, REAL)
LINE_GROUPS = (ALL, CORE, *_KINDS, _VENDOR)


@dataclass(frozen=True)
class Unit:
    """Lines `start` to `end` of a file, right (`real`) or wrong to report, and the groups that they count in."""

    file: str
    start: int
    end: int
    real: bool
    groups: frozenset[str]
    about: str

    @property
    def whole(self) -> bool:
        """Whether the unit is a whole file."""
        return self.end == sys.maxsize


def unpacked_examples(source: Path, folder: Path) -> list[Unit]:
    """Write each example to a file of its own in `folder`; any finding in it finds it."""
    units = []
    for row in _rows(source):
        path = (folder / row["file"]).resolve()
        if not path.is_relative_to(folder.resolve()):
            raise SystemExit(f"{source}: {row['file']!r} lies outside")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(row["text"].encode("utf-8", "surrogateescape"))
        groups = frozenset((ALL, REAL) if REAL in row["category"].split(":") else (ALL,))
        units.append(Unit(row["file"], 1, sys.maxsize, row["label"] == "T", groups, row["rule_id"]))
    return units


def labelled_lines(folder: Path) -> list[Unit]:
    """The units of labelled lines. Of several labels on the same lines, the true ones alone say what is there."""
    rows: dict[tuple[str, int, int], list[dict[str, Any]]] = {}
    for row in _rows(folder / "truth.jsonl"):
        rows.setdefault((row["file"], row["line_start"], row["line_end"]), []).append(row)
    units = []
    for place, here in rows.items():
        true = [row for row in here if row["label"] == "T"]
        categories = {name for row in true or here for name in row["category"].split(":")}
        units.append(Unit(*place, bool(true), _groups(categories), ", ".join(sorted(categories))))
    return units


def _groups(categories: set[str]) -> frozenset[str]:
    kinds = {_GROUP_OF.get(category, _VENDOR) for category in categories}
    return frozenset({ALL, *kinds, *([CORE] if kinds - _OPENS_NOTHING else [])})


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as lines:
        yield from (json.loads(line) for line in lines if line.strip())
