"""Rules that other tools' files hold, read as data: each format gives drafts of our rules, and notes of what differs.

| file | promise |
| --- | --- |
| `interface.py` | the nouns: Format, Draft, Note, Taken |
| `gitleaks.py`, `extend.py`, `allowlists.py` | gitleaks and betterleaks (TOML) |
| `kingfisher.py` | Kingfisher and Nosey Parker (YAML) |
| `draft.py` | what every format shares: ids, typed tables, the entry of a rule |
| `dialect.py`, `tree.py` | Go's and Rust's regular expressions, as a tree |
| `translate.py` | the tree in our syntax |
"""

from __future__ import annotations

from modelguard.rules.foreign.gitleaks import Gitleaks
from modelguard.rules.foreign.interface import Format
from modelguard.rules.foreign.kingfisher import Kingfisher

FORMATS: dict[str, Format] = {
    ".toml": Gitleaks(),
    ".yaml": Kingfisher(),
    ".yml": Kingfisher(),
}
"""Formats by the end of a file's name. YAML that is a list of rules is our own, and is not read here."""
