"""The Detector: every line through every plugin, within a time that one text may take."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from msgspec import Struct, field

from modelguard.budget import Budget
from modelguard.detectors.detect_secrets.filters import Filters
from modelguard.detectors.detect_secrets.lines import decoded, lines
from modelguard.detectors.detect_secrets.places import PlaceSpan, everywhere, in_bytes, places
from modelguard.detectors.detect_secrets.plugins import plugins
from modelguard.detectors.interface import Detection, Match
from modelguard.model import Check
from modelguard.rules.interface import Rule

VERIFIES = "detect_secrets.filters.common.is_ignored_due_to_verification_policies"
"""The library's filter by which plugins ask the network."""


class DetectSecrets:
    """A Detector made of the default plugins and of those in `plugin_files`, absolute paths of Python files.

    A custom plugin takes the place of a default one with the same `secret_type`. A plugin sees a line at a time, cut
    at `\\n`; lines above `LONGEST_LINE` bytes come in pieces that overlap, and of a line that holds NUL bytes come the
    runs of printable ASCII.

    Raises:
        DetectorError: a plugin file is not there, or cannot be used.
        ImportError: detect-secrets is not installed.
    """

    def __init__(self, plugin_files: Sequence[str] = (), seconds: float = Budget().seconds / 2) -> None:
        self._plugins = plugins(plugin_files)
        self._filters = Filters()
        self._seconds = seconds

    @property
    def rules(self) -> Sequence[Rule]:
        """One rule for each type of plugin."""
        return [plugin.rule for plugin in self._plugins]

    def detect(
        self, text: bytes, path: Callable[[], str] | None, owned: Callable[[int], bool] = lambda offset: True
    ) -> Detection:
        """See `Detector.detect`. After `seconds` it stops, and says so among the problems."""
        from modelguard.detectors.overlap import without_overlaps

        until = time.monotonic() + self._seconds
        seen = _Seen(text, path() if path else "")
        with _offline():
            for offset, line in lines(text):
                if time.monotonic() > until:
                    seen.problems.add(
                        f"detect-secrets took longer than {self._seconds:g} seconds and stopped at byte {offset} of "
                        f"{len(text)}; our own rules saw all"
                    )
                    break
                self._look_at(offset, line, seen)
        matches = without_overlaps(list(seen.matches.values()))
        return Detection(tuple(matches), tuple(seen.sensitive), problems=tuple(sorted(seen.problems)))

    def _look_at(self, offset: int, line: bytes, seen: _Seen) -> None:
        """Every plugin on one line, which begins at `offset`."""
        from detect_secrets.util.code_snippet import CodeSnippet

        shown, encoding = decoded(line)
        given = {"filename": seen.path, "line": shown, "line_number": 1, "context": CodeSnippet([shown], 0, 0)}
        folded = shown.casefold()
        for plugin in self._plugins:
            try:
                for value in plugin.values(folded, given):
                    found = places(shown, value, plugin.patterns)
                    seen.sensitive.extend(in_bytes(shown, encoding, offset, everywhere(shown, found)))
                    if not self._filters.drops(plugin, value, shown, seen.path):
                        seen.add(plugin.rule, in_bytes(shown, encoding, offset, found))
            except Exception as error:  # a custom plugin may raise anything; its message could hold a value
                seen.problems.add(f"the detect-secrets plugin {plugin.name} broke on a line ({type(error).__name__})")


class _Seen(Struct):
    """What the plugins have said so far of one text."""

    text: bytes
    path: str
    matches: dict[tuple[str, int, int], Match] = field(default_factory=dict)
    sensitive: list[PlaceSpan] = field(default_factory=list)
    problems: set[str] = field(default_factory=set)

    def __repr__(self) -> str:
        return f"_Seen({len(self.text)} bytes, {self.path!r})"

    def add(self, rule: Rule, spans: list[PlaceSpan]) -> None:
        for start, end in spans:
            value = self.text[start:end]
            match = Match(rule, start, end, start, end, value, Check.NONE, rule.confidence, rule.severity)
            self.matches[rule.id, start, end] = match


def _offline() -> AbstractContextManager[Any]:
    """Settings without the filter by which plugins ask the network, whatever this process has set."""
    from detect_secrets.settings import get_settings, transient_settings

    return transient_settings({}) if VERIFIES in get_settings().filters else nullcontext()
