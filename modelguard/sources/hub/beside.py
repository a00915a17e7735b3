"""What a Hub shows besides files, as texts to be looked at: metadata, discussions, titles of commits, variables."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from modelguard.sources.hub.blob import TextBlob
from modelguard.sources.hub.listing import Told

_METADATA = ("cardData", "description", "citation", "widgetData", "tags", "model-index", "transformersInfo", "runtime")
"""Parts of a repository's description that somebody wrote; the others are counts and dates."""


def metadata(shown: str, info: dict[str, Any]) -> TextBlob | None:
    """The metadata of the card, as the Hub has parsed it."""
    kept = {name: info[name] for name in _METADATA if info.get(name)}
    return _text(shown, json.dumps(kept, indent=1, ensure_ascii=False)) if kept else None


def commit_texts(shown: str, commits: Iterable[Told]) -> Iterator[TextBlob]:
    """The title and message of each commit."""
    for each in commits:
        if each.title or each.message:
            yield _text(f"{shown}/commit/{each.id[:12]}", f"{each.title}\n\n{each.message}".rstrip() + "\n")


def discussion_text(shown: str, number: int, told: dict[str, Any]) -> TextBlob:
    """A discussion from its title on: each text that anybody may read of it, also what a comment said once."""
    lines = [_string(told.get("title"))]
    for event in _list(told.get("events")):
        data = event.get("data") if isinstance(event, dict) else None
        if isinstance(data, dict):
            lines += _said(data)
    lines.append(_string(told.get("diff")))
    return _text(f"{shown}/discussions/{number}", "\n".join(dict.fromkeys(line for line in lines if line)) + "\n")


def _said(data: dict[str, Any]) -> Iterator[str]:
    """What an event says: a comment and what it was before, a title, the subject of a commit."""
    versions = [data.get("latest"), *_list(data.get("history"))]
    yield from (_string(each.get("raw")) for each in versions if isinstance(each, dict))
    yield from (_string(data.get(name)) for name in ("subject", "from", "to"))


def variables_text(shown: str, variables: dict[str, Any]) -> TextBlob | None:
    """The variables of a space, one a line: whoever sees the space may read them."""
    lines = []
    for name, told in variables.items():
        about = told if isinstance(told, dict) else {}
        lines.append(f"{name}={_string(about.get('value'))}")
        if about.get("description"):
            lines.append(f"# {_string(about['description'])}")
    return _text(f"{shown}/settings", "\n".join(lines) + "\n") if lines else None


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _string(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _text(shown: str, text: str) -> TextBlob:
    return TextBlob(text.encode("utf-8", "replace"), shown)
