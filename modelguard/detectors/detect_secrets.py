"""The plugins of an installed detect-secrets as one more Detector, when somebody asks for them.

A plugin reads a line and names the values in it; where they stand, we look up ourselves. Nothing of the scanned tree
decides what runs: no baseline of detect-secrets is read, no file is opened for a plugin, and custom plugins are the
files that the user's own settings name. No plugin may ask the network whether a value is live.

Of the library's default filters, those that judge a value hold for every plugin; those that judge what stands around
it hold for plugins that guess (entropy, keywords), since a token of a known format is one in a lock file, too. Filters
of files and of allowing comments are not used: sources and verdict have their own, and drop nothing.
"""

from __future__ import annotations

import inspect
import logging
import re
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from modelguard.detectors.interface import Detection, Match
from modelguard.engine.interface import Pattern
from modelguard.errors import DetectorError
from modelguard.model import Category, Check, Confidence, Severity
from modelguard.rules.interface import Rule

LONGEST_LINE = 8192
"""Bytes of a line that a plugin gets at once. Some of the library's patterns take time that grows with the square of
the line's length, so a longer line is handed out in pieces."""

SHARED = 2048
"""Bytes that two neighbouring pieces of a long line share: a value up to this long is whole in one of them."""

_SHORTEST_RUN = 6
_LONG_NAME = re.compile(r"\w{128,}")
_MANY_WORDS = 8
"""With more keywords in one name the keyword plugin takes minutes: its patterns try each of them with each end."""

_RUNS = re.compile(rb"[\t\x20-\x7e]{%d,}" % _SHORTEST_RUN)
_REFERENCE = "https://github.com/Yelp/detect-secrets"
_VERIFIES = "detect_secrets.filters.common.is_ignored_due_to_verification_policies"
_OFFERED = frozenset({"filename", "line", "line_number", "context"})
_QUOTES = "'\"`"
_ONE_WORD = re.compile(r"[\w-]+")

_Span = tuple[int, int]


class DetectSecrets:
    """A Detector made of the default plugins and of those in `plugin_files`, absolute paths of Python files.

    A custom plugin takes the place of a default one with the same `secret_type`. A plugin sees a line at a time, cut
    at `\\n`; lines above `LONGEST_LINE` bytes come in pieces that overlap, and of a line that holds NUL bytes come the
    runs of printable ASCII.

    Raises:
        DetectorError: a plugin file is not there, or cannot be used.
        ImportError: detect-secrets is not installed.
    """

    def __init__(self, plugin_files: Sequence[str] = ()) -> None:
        default = _default_classes()
        classes = {str(found.secret_type): found for found in default}
        for name in plugin_files:
            classes.update({str(found.secret_type): found for found in _classes_in(name, default)})
        self._plugins = [_plugin(found) for _, found in sorted(classes.items())]
        self._judge = _Filters()

    @property
    def rules(self) -> Sequence[Rule]:
        """One rule for each type of plugin."""
        return [plugin.rule for plugin in self._plugins]

    def detect(self, text: bytes, path: Callable[[], str]) -> Detection:
        """See `Detector.detect`."""
        from modelguard.detectors.overlap import without_overlaps

        filename = path()
        locked = self._judge.is_lock_file(filename)
        matches: dict[tuple[str, int, int], Match] = {}
        sensitive: list[_Span] = []
        with _offline():
            for offset, line in _lines(text):
                shown, encoding = _decoded(line)
                for rule, places, dropped in self._in_line(shown, filename, locked):
                    sensitive.extend(_in_bytes(shown, encoding, offset, _everywhere(shown, places)))
                    for start, end in () if dropped else _in_bytes(shown, encoding, offset, places):
                        matches[rule.id, start, end] = _match(rule, text, start, end)
        return Detection(tuple(without_overlaps(list(matches.values()))), tuple(sensitive))

    def _in_line(self, line: str, filename: str, locked: bool) -> Iterator[tuple[Rule, list[_Span], bool]]:
        """For each value that a plugin sees: the rule, where the value stands, and whether a filter drops it."""
        from detect_secrets.util.code_snippet import CodeSnippet

        given = {"filename": filename, "line": line, "line_number": 1, "context": CodeSnippet([line], 0, 0)}
        folded = line.casefold()
        for plugin in self._plugins:
            for value in plugin.values(folded, given):
                dropped = (plugin.guesses and locked) or self._judge.drops(plugin, value, line)
                yield plugin.rule, _places(line, value, plugin.patterns), dropped


@dataclass(frozen=True, slots=True)
class _Plugin:
    """A plugin of the library and the arguments it takes.

    Where there are `patterns`, they are what it looks for; where there are `words`, it matches no line without one.
    """

    plugin: Any
    accepts: frozenset[str]
    patterns: tuple[re.Pattern[str], ...]
    words: tuple[str, ...]
    guesses: bool
    rule: Rule

    def values(self, folded: str, given: dict[str, Any]) -> Iterator[str | None]:
        """The values that the plugin sees in a line; None for one that it does not tell."""
        if self.words and not any(word in folded for word in self.words):  # half the time of a scan
            return
        if self.accepts != _OFFERED:
            given = {name: value for name, value in given.items() if name in self.accepts}
        for part in _parts(given["line"], folded, self.words) if self.words else (given["line"],):
            for secret in self.plugin.analyze_line(**{**given, "line": part}) or ():
                yield secret.secret_value


class _Filters:
    """The library's own heuristics; none of them reads a file."""

    def __init__(self) -> None:
        from detect_secrets.filters import heuristic

        self.is_lock_file: Callable[[str], bool] = heuristic.is_lock_file
        self._of_values: tuple[Callable[[str], bool], ...] = (
            heuristic.is_sequential_string,
            heuristic.is_potential_uuid,
            heuristic.is_templated_secret,
            heuristic.is_prefixed_with_dollar_sign,
            heuristic.is_not_alphanumeric_string,
        )
        self._is_indirect_reference = heuristic.is_indirect_reference
        self._is_likely_id_string = heuristic.is_likely_id_string

    def drops(self, plugin: _Plugin, value: str | None, line: str) -> bool:
        if value is None:
            return False
        if any(drops(value) for drops in self._of_values):
            return True
        return plugin.guesses and (
            self._is_indirect_reference(line) or self._is_likely_id_string(value, line, plugin.plugin)
        )


def _default_classes() -> list[Any]:
    """The library's own plugins. Importing it redirects Python's warnings to its log; that is undone."""
    shown = warnings.showwarning
    try:
        from detect_secrets import plugins
        from detect_secrets.util.importlib import import_types_from_package

        return list(dict.fromkeys(import_types_from_package(plugins, filter=_is_no_plugin)))
    finally:
        if warnings.showwarning is not shown:
            logging.captureWarnings(False)


def _classes_in(name: str, default: list[Any]) -> list[Any]:
    """The plugins that a file of the user's holds."""
    from detect_secrets.util.importlib import import_file_as_module, import_types_from_module

    path = Path(name).expanduser()
    if not path.is_absolute():  # what it names would depend on the current folder, which may be the scanned tree
        raise DetectorError(
            f"{name}: a plugin file is not given by its whole path", "Write it from the root, or from ~."
        )
    if not path.is_file():
        raise DetectorError(f"{path}: there is no such plugin file", "Check detect_secrets_plugins in your settings.")
    try:
        module = import_file_as_module(str(path))
    except Exception as error:  # the file may raise anything
        why = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
        raise DetectorError(f"{path}: cannot be imported ({why})", "Mend the plugin file.") from None
    found = [plugin for plugin in import_types_from_module(module, filter=_is_no_plugin) if plugin not in default]
    if not found:
        raise DetectorError(
            f"{path}: holds no plugin", "A plugin is a class with a base in detect_secrets.plugins.base."
        )
    return found


def _is_no_plugin(found: Any) -> bool:
    from detect_secrets.plugins.base import BasePlugin

    return not (inspect.isclass(found) and issubclass(found, BasePlugin)) or inspect.isabstract(found)


def _plugin(found: Any) -> _Plugin:
    from detect_secrets.plugins.base import RegexBasedDetector
    from detect_secrets.plugins.high_entropy_strings import HighEntropyStringsPlugin
    from detect_secrets.plugins.keyword import DENYLIST, KeywordDetector
    from detect_secrets.util.inject import get_injectable_variables

    kind = "random" if issubclass(found, HighEntropyStringsPlugin) else "format"
    kind = "keyword" if issubclass(found, KeywordDetector) else kind
    try:
        plugin = found()
    except Exception as error:  # a custom plugin may raise anything
        raise DetectorError(
            f"the detect-secrets plugin {found.__name__} cannot be made ({type(error).__name__})",
            "A plugin is made without arguments; give each a default.",
        ) from None
    accepted = _OFFERED & set(get_injectable_variables(plugin.analyze_line))
    if "line" not in accepted:  # it takes whatever it is given
        accepted = _OFFERED
    patterns = tuple(plugin.denylist) if isinstance(plugin, RegexBasedDetector) else ()
    words = _stems(DENYLIST) if found is KeywordDetector else ()
    rule = _rule(str(found.secret_type), found.__name__, kind)
    return _Plugin(plugin, frozenset(accepted), patterns, words, kind != "format", rule)


def _stems(denylist: Sequence[str]) -> tuple[str, ...]:
    """Texts of which every line with a word of the keyword plugin holds one: `key` for `api_?key`.

    None at all where the library writes its words in a way that we do not know.
    """
    if not all(re.fullmatch(r"\w+(?:_\?\w+)*", word) for word in denylist):
        return ()
    return tuple(dict.fromkeys(word.rpartition("?")[2].casefold() for word in denylist))


_WHAT = {
    "random": "A quoted text whose characters look random, which detect-secrets reports as {title}.",
    "keyword": "A text given to a name that speaks of passwords or keys, which detect-secrets reports as {title}.",
    "format": "A text in a form that detect-secrets knows, or a custom plugin of it: {title}.",
}
_WHY = {
    "random": "Keys and tokens look random, but so do digests and identifiers: a person has to tell them apart.",
    "keyword": "Where the value is real, whoever reads the file has the password.",
    "format": "If the value is live, whoever reads the file can use it as its owner does.",
}
_REMEDY = (
    "If it is real, revoke it where it was issued and read it from the environment; if not, mark the line as allowed."
)


def _rule(title: str, class_name: str, kind: str) -> Rule:
    return Rule(
        id=f"detect-secrets-{_kebab(title) or _kebab(class_name)}",
        title=title,
        category=Category.SECRET,
        severity=Severity.HIGH,
        confidence=Confidence.MEDIUM if kind == "format" else Confidence.LOW,
        pattern=Pattern("", "", 0, ()),
        checks=(),
        preview="none",
        what=_WHAT[kind].format(title=title),
        why=_WHY[kind],
        remedy=_REMEDY,
        generic=True,
        references=(_REFERENCE,),
    )


def _kebab(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")


def _offline() -> AbstractContextManager[Any]:
    """Settings without the filter by which plugins ask the network, whatever this process has set."""
    from detect_secrets.settings import get_settings, transient_settings

    return transient_settings({}) if _VERIFIES in get_settings().filters else nullcontext()


def _lines(text: bytes) -> Iterator[tuple[int, bytes]]:
    """What the plugins look at, each with its offset in `text`."""
    start = 0
    while start < len(text):
        newline = text.find(b"\n", start)
        end = len(text) if newline < 0 else newline
        line = text[start:end].rstrip()
        if b"\0" in line:
            for run in _RUNS.finditer(line):
                yield from _pieces(start + run.start(), run[0])
        elif line:
            yield from _pieces(start, line)
        start = end + 1


def _pieces(start: int, line: bytes) -> Iterator[tuple[int, bytes]]:
    """A line of any length as pieces that overlap and do not cut a character of UTF-8 in two."""
    first = 0
    while len(line) - first > LONGEST_LINE:
        last = _between_characters(line, first + LONGEST_LINE)
        yield start + first, line[first:last]
        first = _between_characters(line, last - SHARED)
    yield start + first, line[first:]


def _parts(line: str, folded: str, words: Sequence[str]) -> Sequence[str]:
    """The line, or small parts of it that overlap where it holds a name that nobody would write (see `_LONG_NAME`)."""
    if not any(sum(map(name[0].count, words)) > _MANY_WORDS for name in _LONG_NAME.finditer(folded)):
        return (line,)
    return [line[first : first + 128] for first in range(0, max(1, len(line) - 32), 96)]


def _between_characters(line: bytes, at: int) -> int:
    """`at`, or up to three bytes before it where that would be inside a character."""
    for back in range(4):
        if line[at - back] & 0xC0 != 0x80:
            return at - back
    return at


def _decoded(line: bytes) -> tuple[str, str]:
    try:
        return line.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        return line.decode("latin-1"), "latin-1"


def _places(line: str, value: str | None, patterns: Sequence[re.Pattern[str]]) -> list[_Span]:
    """Where the value stands in the line, or the whole line where it does not stand there as it is."""
    found = [span for pattern in patterns for match in pattern.finditer(line) for span in _matched(match, value)]
    if not found and value:
        found = _telling(line, [at.span() for at in re.finditer(re.escape(value), line)])
    return found or [(len(line) - len(line.lstrip() or line), len(line))]


def _matched(match: re.Match[str], value: str | None) -> Iterator[_Span]:
    """The span of the value in a match of its pattern.

    Some patterns have a group for a token's prefix, which the library then takes for the value; a match that is one
    word is the token itself.
    """
    for group in range(match.re.groups + 1):
        if value and match[group] == value:
            yield match.span(0 if _ONE_WORD.fullmatch(match[0]) else group)
            return


def _everywhere(line: str, places: list[_Span]) -> list[_Span]:
    """Every span of the line that holds the same text as one of these places."""
    texts = {line[start:end] for start, end in places}
    return [at.span() for text in texts for at in re.finditer(re.escape(text), line)]


def _in_bytes(line: str, encoding: str, offset: int, spans: list[_Span]) -> list[_Span]:
    """Spans of characters as spans of bytes, counted from where the line's text begins."""
    if encoding == "latin-1" or line.isascii():
        return [(offset + start, offset + end) for start, end in spans]
    starts = [(offset + len(line[:start].encode()), line[start:end].encode()) for start, end in spans]
    return [(start, start + len(value)) for start, value in starts]


def _telling(line: str, spans: list[_Span]) -> list[_Span]:
    """Of all places of a value those that look most like it: in quotes, else not within a word, else all."""
    for test in (_in_quotes, _on_its_own):
        chosen = [span for span in spans if test(line, *span)]
        if chosen:
            return chosen
    return spans


def _in_quotes(line: str, start: int, end: int) -> bool:
    before, behind = line[max(start - 1, 0) : start], line[end : end + 1]
    return before == behind and before != "" and before in _QUOTES


def _on_its_own(line: str, start: int, end: int) -> bool:
    return not re.search(r"\w", line[max(start - 1, 0) : start] + line[end : end + 1])


def _match(rule: Rule, text: bytes, start: int, end: int) -> Match:
    return Match(rule, start, end, start, end, text[start:end], Check.NONE, rule.confidence)
