"""Which plugins there are, and what each is called with."""

from __future__ import annotations

import inspect
import logging
import re
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from msgspec import Struct

from modelguard.engine.interface import Pattern
from modelguard.errors import DetectorError
from modelguard.model import Category, Confidence, Severity
from modelguard.rules.interface import Rule

_LONG_NAME = re.compile(r"\w{128,}")
_MANY_WORDS = 8
"""With more keywords in one name the keyword plugin takes minutes: its patterns try each of them with each end."""

_REFERENCE = "https://github.com/Yelp/detect-secrets"
_OFFERED = frozenset({"filename", "line", "line_number", "context"})


class Plugin(Struct, frozen=True):
    """A plugin of the library and the arguments it takes.

    Where there are `patterns`, they are what it looks for; where there are `words`, it matches no line without one.
    """

    plugin: Any
    name: str
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


def plugins(plugin_files: Sequence[str]) -> list[Plugin]:
    """The default plugins and those in `plugin_files`, by their `secret_type`.

    Raises:
        DetectorError: a plugin file is not there, or cannot be used.
        ImportError: detect-secrets is not installed.
    """
    default = _default_classes()
    classes = {str(found.secret_type): found for found in default}
    for name in plugin_files:
        classes.update({str(found.secret_type): found for found in _classes_in(name, default)})
    return [_plugin(found) for _, found in sorted(classes.items())]


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


def _plugin(found: Any) -> Plugin:
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
    return Plugin(plugin, found.__name__, frozenset(accepted), patterns, words, kind != "format", rule)


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
        foreign=True,
        references=(_REFERENCE,),
    )


def _kebab(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")


def _parts(line: str, folded: str, words: Sequence[str]) -> Sequence[str]:
    """The line, or small parts of it that overlap where it holds a name that nobody would write (see `_LONG_NAME`)."""
    if not any(sum(map(name[0].count, words)) > _MANY_WORDS for name in _LONG_NAME.finditer(folded)):
        return (line,)
    return [line[first : first + 128] for first in range(0, max(1, len(line) - 32), 96)]
