"""The library's own heuristics of what is no secret.

Of its default filters, those that judge a value hold for every plugin; those that judge what stands around it hold for
plugins that guess (entropy, keywords), since a token of a known format is one in a lock file, too. Filters of files and
of allowing comments are not used: sources and verdict have their own, and drop nothing.
"""

from __future__ import annotations

from collections.abc import Callable

from modelguard.detectors.detect_secrets.plugins import Plugin


class Filters:
    """None of them reads a file."""

    def __init__(self) -> None:
        from detect_secrets.filters import heuristic

        self._is_lock_file: Callable[[str], bool] = heuristic.is_lock_file
        self._of_values: tuple[Callable[[str], bool], ...] = (
            heuristic.is_sequential_string,
            heuristic.is_potential_uuid,
            heuristic.is_templated_secret,
            heuristic.is_prefixed_with_dollar_sign,
            heuristic.is_not_alphanumeric_string,
        )
        self._is_indirect_reference = heuristic.is_indirect_reference
        self._is_likely_id_string = heuristic.is_likely_id_string

    def drops(self, plugin: Plugin, value: str | None, line: str, path: str) -> bool:
        """Whether one of them says that what the plugin saw is no secret."""
        if plugin.guesses and self._is_lock_file(path):
            return True
        if value is None:
            return False
        if any(drops(value) for drops in self._of_values):
            return True
        return plugin.guesses and (
            self._is_indirect_reference(line) or self._is_likely_id_string(value, line, plugin.plugin)
        )
