"""Where comments are that may allow a finding: the engine looks for them in the same pass as for the rules.

`marks.py` reads them; it is imported only for a text that holds one.
"""

from __future__ import annotations

from modelguard.engine.interface import Pattern

MARK_PATTERN = Pattern(
    regex=(
        r"(?P<value>(?i:modelguard:[ \t]{0,4}allow|gitleaks:allow|betterleaks:allow|kingfisher:ignore|trufflehog:ignore"
        r"|pragma: ?(?:allow|white)list|nosec\b))"
    ),
    hunt=(
        r"(?i:modelguard:[ \t]{0,4}allow|gitleaks:allow|betterleaks:allow|kingfisher:ignore|trufflehog:ignore"
        r"|pragma: ?(?:allow|white)list|nosec\b)"
    ),
    width=32,
    keywords=("allow", "kingfisher:ignore", "trufflehog:ignore", "whitelist", "nosec"),
)
"""What the engine looks for in the same pass as the rules."""
