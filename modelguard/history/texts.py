"""What is text in a commit or a tag: who wrote it, what they said and noted; not the ids and signatures around it."""

from __future__ import annotations

import re
from collections.abc import Iterator

_KNOWN = re.compile(
    rb"^(?:tree|parent|object|type|author|committer|tagger|encoding) .*\n?"
    rb"|^gpgsig(?:-sha256)? .*\n?(?: .*\n?)*",
    re.MULTILINE,
)
_PEOPLE = re.compile(rb"^(?:author|committer|tagger) .*$", re.MULTILINE)
_PERSON = re.compile(rb"^(?:author|tagger) (?P<who>.*?) (?P<when>-?\d+) (?P<zone>[+-]\d{4})$", re.MULTILINE)


def parts(kind: str, content: bytes) -> Iterator[tuple[str, bytes]]:
    """The parts of a commit or tag object in which somebody may have left something, each with what it is called."""
    header, _, message = content.partition(b"\n\n")
    if message:
        yield "message", message
    people = b"\n".join(dict.fromkeys(line.partition(b" ")[2] for line in _PEOPLE.findall(header)))
    if people:
        yield "author", people
    others = re.sub(rb"^ ", b"", _KNOWN.sub(b"", header), flags=re.MULTILINE)
    if others:  # a tag that was merged, say, stands in the merge as a whole
        yield "header", others


def person(content: bytes) -> tuple[str, str]:
    """Who wrote a commit or tag, as `name <address>`, and when, in ISO 8601; empty where it does not say."""
    from datetime import datetime, timedelta, timezone

    found = _PERSON.search(content.partition(b"\n\n")[0])
    if found is None:
        return "", ""
    zone = found["zone"].decode()
    offset = timedelta(hours=int(zone[1:3]), minutes=int(zone[3:5])) * (-1 if zone[0] == "-" else 1)
    try:
        when = datetime.fromtimestamp(int(found["when"]), timezone(offset)).isoformat()
    except (ValueError, OverflowError, OSError):  # a date that no calendar holds
        when = ""
    return found["who"].decode("utf-8", "backslashreplace"), when
