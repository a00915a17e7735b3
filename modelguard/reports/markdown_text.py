"""Text from a hostile tree in Markdown: shown as it is, with nothing in it that makes a link, a mention or a picture.

GitHub's dialect: https://github.github.com/gfm/. Mentions and references, which GitHub makes of the finished text, pass
over code.
"""

from __future__ import annotations

import re
from urllib.parse import quote

from modelguard.reports.escape import printable

_ROOM = 400
_CUT = "…"
_ACTS = re.compile(r"[\\`*_\[\]<>&~|]")
# Mentions, references and formulas, then what makes an address; a backslash does not keep GitHub from these.
_SPEAKS = re.compile(r"[@#$]+|://|www\.|GH-", re.IGNORECASE)
_QUOTED = re.compile(r"`([^`]+)`")
_KEPT_IN_BASE = ":/?#@!$&'*+,;=%~"


def code(text: str) -> str:
    """One line of code; a backtick is spelled out, and what is very long is cut."""
    shown = _shortened(printable(text)).replace("`", r"\x60")
    # A blank at both ends would be taken off, and a span of nothing is none.
    padded = f" {shown} " if not shown.strip() or (shown[0] == shown[-1] == " ") else shown
    return f"`{padded}`"


def prose(text: str) -> str:
    """A sentence, in one line and never the first of one: what stands between backticks is code, all else is plain."""
    spans: list[tuple[bool, str]] = []
    shown = " ".join(_shortened(printable(text)).split())
    for part, is_code in _split(shown, _QUOTED, group=1):
        spans += [(True, part)] if is_code else list(_unspoken(part))
    return _joined(spans)


def link(base: str, path: str, line: int | None = None, end_line: int | None = None) -> str:
    """The address of a file, or of lines in it, below the address of a tree; safe between the brackets of a link."""
    address = quote(base.removesuffix("/"), safe=_KEPT_IN_BASE) + "/" + quote(path.removeprefix("./"), errors="replace")
    if line is None:
        return address
    # `plain=1` has what is otherwise rendered (Markdown, notebooks) shown with lines.
    last = f"-L{end_line}" if end_line and end_line > line else ""
    return f"{address}?plain=1#L{line}{last}"


def _unspoken(text: str) -> list[tuple[bool, str]]:
    return [(is_code, part) for part, is_code in _split(text, _SPEAKS, group=0)]


def _split(text: str, pattern: re.Pattern[str], group: int) -> list[tuple[str, bool]]:
    """The text in parts, with whether each is a match of the pattern; of a match only its group."""
    parts, end = [], 0
    for found in pattern.finditer(text):
        parts += [(text[end : found.start()], False), (found[group], True)]
        end = found.end()
    return [(part, matched) for part, matched in (*parts, (text[end:], False)) if part]


def _joined(spans: list[tuple[bool, str]]) -> str:
    """The spans as text. Code beside code is one span: two runs of backticks that touch would be one longer run."""
    merged: list[tuple[bool, str]] = []
    for is_code, text in spans:
        if merged and merged[-1][0] and is_code:
            merged[-1] = (True, merged[-1][1] + text)
        else:
            merged.append((is_code, text))
    return "".join(code(text) if is_code else _ACTS.sub(r"\\\g<0>", text) for is_code, text in merged)


def _shortened(text: str) -> str:
    return text if len(text) <= _ROOM else text[: _ROOM - 1] + _CUT
