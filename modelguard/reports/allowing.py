"""How a person accepts a finding that is meant to be there: a comment on its line, or a command."""

from __future__ import annotations

import os
import shlex

from modelguard.model import Finding
from modelguard.reports.escape import printable

_FINGERPRINT_DIGITS = 12
_HASH = "# {}"
_SLASHES = "// {}"
_DASHES = "-- {}"
_MARKUP = "<!-- {} -->"
_COMMENTS = {
    _HASH: (
        ".py .pyi .ipy .sh .bash .zsh .fish .yaml .yml .toml .env .ini .cfg .conf .properties .r .rb .pl .jl .ps1 .tf"
        " .hcl .mk .cmake .dockerfile .gitignore .nix .ex .exs .netrc"
    ),
    _SLASHES: (
        ".js .jsx .mjs .cjs .ts .tsx .java .kt .scala .go .rs .c .h .cc .cpp .hpp .cu .cs .swift .php .dart .scss"
    ),
    _DASHES: ".sql .lua .hs",
    _MARKUP: ".md .html .htm .xml .svg .vue",
}
_BY_SUFFIX = {suffix: comment for comment, suffixes in _COMMENTS.items() for suffix in suffixes.split()}
_BY_NAME = {"dockerfile": _HASH, "makefile": _HASH, ".env": _HASH, ".netrc": _HASH, ".bashrc": _HASH}


def comment_for(finding: Finding) -> tuple[str, str] | None:
    """Where a comment allows the finding, and the comment; None where its file has no comments, or it has no line.

    What only a history holds is not allowed so: the line as it was committed cannot change any more.
    """
    place = finding.place
    name = os.path.basename(finding.origin.path).lower()
    comment = _BY_NAME.get(name) or _BY_SUFFIX.get(os.path.splitext(name)[1])
    if comment is None or place.line is None or place.inside or finding.origin.commits:
        return None
    several = place.end_line is not None and place.end_line != place.line
    mark = "allow-next-line" if several else "allow"
    where = "on the line before it" if several else "on its line"
    return where, printable(comment.format(f"modelguard: {mark}[{finding.rule}] WHY"))


def command_for(finding: Finding) -> str:
    """The command that accepts the finding in the project's baseline."""
    path = finding.origin.path
    known = not finding.origin.commits and path == printable(path)  # else it is looked for everywhere
    where = f" {shlex.quote(path)}" if known else ""
    return printable(f"modelguard baseline add {finding.fingerprint[:_FINGERPRINT_DIGITS]}{where} --reason WHY")
