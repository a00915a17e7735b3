"""The baselines and ignore files of other tools, read as data: nothing that they name is imported, opened or run.

| format | an entry accepts |
| --- | --- |
| `.secrets.baseline` (detect-secrets) | in its file: the value of its SHA-1, or its line |
| gitleaks JSON report | in its file: its secret, unless redacted, or its line |
| `.gitleaksignore` | its line in its file; entries of a commit speak of that path, too |
"""

from __future__ import annotations

import hashlib
import posixpath
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from modelguard.errors import BaselineError
from modelguard.verdict.baseline import Entry

_IGNORE_LINE = re.compile(r"(?:(?P<commit>[0-9a-f]{40}):)?(?P<path>.+):(?P<rule>[\w.-]+):(?P<line>\d+)")
_REMEDY = "Write it anew with the tool that it comes from."


def imported_entries(path: Path, text: str, document: Any) -> list[Entry] | None:
    """The entries of another tool's file, or None if it is of no format known here.

    Raises:
        BaselineError: the format is known, but an entry is broken.
    """
    if isinstance(document, dict) and isinstance(document.get("results"), dict) and "plugins_used" in document:
        return list(_detect_secrets(path, document["results"]))
    if isinstance(document, list) and all(isinstance(item, dict) and "RuleID" in item for item in document):
        return list(_gitleaks_report(path, document))
    if document is None and path.name.endswith("gitleaksignore"):
        return list(_gitleaks_ignore(path, text.splitlines()))
    return None


def _detect_secrets(path: Path, results: dict[str, Any]) -> Iterator[Entry]:
    for where, secrets in results.items():
        if not isinstance(secrets, list):
            raise BaselineError(f"{path}: the results of {where!r} are not a list", _REMEDY)
        for secret in secrets:
            if not isinstance(secret, dict) or not isinstance(secret.get("hashed_secret"), str):
                raise BaselineError(f"{path}: a result of {where!r} has no hashed_secret", _REMEDY)
            if secret.get("is_secret") is True:
                continue  # an audit said that this one is real
            line = secret.get("line_number")
            yield Entry(
                path=_normal(where),
                rule=str(secret.get("type", "")),
                line=line if isinstance(line, int) else None,
                sha1=secret["hashed_secret"].lower(),
                reason=f"accepted in {path}",
            )


def _gitleaks_report(path: Path, findings: Iterable[dict[str, Any]]) -> Iterator[Entry]:
    for number, finding in enumerate(findings, 1):
        where, line = finding.get("File"), finding.get("StartLine")
        if not isinstance(where, str) or not isinstance(line, int):
            raise BaselineError(f"{path}: finding {number} has no File or StartLine", _REMEDY)
        secret = finding.get("Secret")
        known = isinstance(secret, str) and len(secret) > 6 and secret != "REDACTED" and not secret.endswith("...")
        sha1 = hashlib.sha1(str(secret).encode(), usedforsecurity=False).hexdigest() if known else None
        yield Entry(_normal(where), None, str(finding["RuleID"]), line, sha1, f"accepted in {path}", str(number))


def _gitleaks_ignore(path: Path, lines: Iterable[str]) -> Iterator[Entry]:
    for number, text in enumerate(lines, 1):
        text = text.strip()
        if not text or text.startswith("#"):
            continue
        found = _IGNORE_LINE.fullmatch(text)
        if found is None:
            raise BaselineError(f"{path}:{number}: not PATH:RULE:LINE or COMMIT:PATH:RULE:LINE", _REMEDY)
        where, line = _normal(found["path"]), int(found["line"])
        yield Entry(where, None, found["rule"], line, None, f"accepted in {path}", str(number))


def _normal(path: str) -> str:
    """As our own findings write it, whether the other tool ran on Windows or was given `./`."""
    return posixpath.normpath(path.replace("\\", "/"))
