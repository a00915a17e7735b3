"""What each engine says of one rule and one text: how rules are proved."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from sysconfig import get_path

from modelguard.detectors.checks import parse
from modelguard.detectors.patterns import PatternDetector, judge
from modelguard.engine.interface import Engine, Pattern, Span
from modelguard.engine.plain import PlainEngine
from modelguard.errors import RuleError
from modelguard.rules.interface import REGEX, Rule

EngineMaker = Callable[[Sequence[Pattern]], Engine]


def engines() -> dict[str, EngineMaker]:
    """Every engine that can run here, by name."""
    try:
        import hyperscan  # noqa: F401  # only to see whether it is there
    except ImportError:  # pragma: no cover - a platform without a wheel
        return {"plain": PlainEngine}
    return {"plain": PlainEngine, "fast": _fast}


class Prover:
    """Tries rules out, each by itself, in every engine; the fast one is compiled once for all of them.

    Raises:
        RuleError: an engine refuses a pattern.
    """

    def __init__(self, rules: Sequence[Rule]) -> None:
        self._numbers = {rule.id: number for number, rule in enumerate(rules)}
        self._shared = {name: _made(make, rules) for name, make in engines().items() if make is not PlainEngine}
        quickest = next(iter(self._shared.values()), None) or PlainEngine([rule.pattern for rule in rules])
        self._together = PatternDetector(rules, engine=lambda patterns: quickest)

    def finds(self, rule: Rule, text: str) -> dict[str, bool]:
        """For each engine, whether `rule` finds something in `text`, in a file that it speaks in."""
        number, path, data = self._numbers[rule.id], _path_for(rule), text.encode()
        found = {"plain": _holds(PlainEngine([rule.pattern]).spans(data), rule, data, path)}
        for name, engine in self._shared.items():
            found[name] = _holds(engine.scan(data, lambda pattern: pattern == number).spans, rule, data, path)
        return found

    def told(self, rule: Rule, text: str) -> set[str]:
        """The ids of all rules with a finding in `text`, in a file that `rule` speaks in: of several on one value, one.

        What is told as a part of a credential counts as well.
        """
        path = _path_for(rule)
        matches = self._together.detect(text.encode(), lambda: path).matches
        parts = (found.alone for match in matches for found in match.parts)
        return {match.rule.id for match in (*matches, *parts) if match is not None}

    def shares(self) -> dict[str, float]:
        """Of the source files of Python's own library, the share in which the engine sees that each rule may match."""
        files = [path for path in Path(get_path("stdlib")).rglob("*.py") if "site-packages" not in path.parts]
        counts: Counter[int] = Counter()
        for path in files:
            self._together.engine.scan(path.read_bytes(), lambda pattern: bool(counts.update((pattern,))))
        return {rule: counts[number] / len(files) for rule, number in self._numbers.items() if counts[number]}


def _holds(spans: Sequence[Span], rule: Rule, text: bytes, path: str) -> bool:
    return any(judge(rule, span, text, path) is not None for span in spans)


def _made(make: EngineMaker, rules: Sequence[Rule]) -> Engine:
    try:
        return make([rule.pattern for rule in rules])
    except Exception as error:  # each engine has its own kind of error
        for rule in rules:
            try:
                make([rule.pattern])
            except Exception:
                raise RuleError(
                    f"{rule.id}: an engine refuses the pattern: {error}", "docs/rules.md lists the syntax."
                ) from None
        raise


def is_check(check: str) -> bool:
    """Whether a rule may name this check."""
    try:
        name, argument = parse(check)
        if name == "entropy":
            float(argument)
        if name == "base64-bytes":
            int(argument)
    except (KeyError, ValueError):
        return False
    return True


def _fast(patterns: Sequence[Pattern]) -> Engine:
    from modelguard.engine.fast import FastEngine, build

    return FastEngine(patterns, build(patterns, encoded=False))


def _path_for(rule: Rule) -> str:
    lines = [line for line in rule.paths if not line.startswith(REGEX)]
    return lines[0].replace("**", "x").replace("*", "x").lstrip("/") if lines else "example.txt"
