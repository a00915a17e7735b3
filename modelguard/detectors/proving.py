"""What each engine says of one rule and one text: how rules are proved."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache

from modelguard.detectors.checks import parse
from modelguard.detectors.patterns import PatternDetector
from modelguard.engine.interface import Engine, Pattern
from modelguard.engine.plain import PlainEngine
from modelguard.errors import RuleError
from modelguard.rules.interface import Rule

EngineMaker = Callable[[Sequence[Pattern]], Engine]


def engines() -> dict[str, EngineMaker]:
    """Every engine that can run here, by name."""
    try:
        import hyperscan  # noqa: F401  # only to see whether it is there
    except ImportError:  # pragma: no cover - a platform without a wheel
        return {"plain": PlainEngine}
    return {"plain": PlainEngine, "fast": _fast}


def finds(rule: Rule, text: str) -> dict[str, bool]:
    """For each engine, whether `rule` finds something in `text`, in a file that it speaks in.

    Raises:
        RuleError: an engine refuses the pattern.
    """
    path = _path_for(rule)
    return {
        name: bool(detector.detect(text.encode(), lambda: path).matches) for name, detector in _detectors(rule).items()
    }


def is_check(check: str) -> bool:
    """Whether a rule may name this check."""
    try:
        name, argument = parse(check)
        if name == "entropy":
            float(argument)
    except (KeyError, ValueError):
        return False
    return True


@lru_cache(maxsize=8)
def _detectors(rule: Rule) -> dict[str, PatternDetector]:
    try:
        return {name: PatternDetector([rule], engine=make) for name, make in engines().items()}
    except Exception as error:  # each engine has its own kind of error
        raise RuleError(
            f"{rule.id}: an engine refuses the pattern: {error}", "docs/rules.md lists the syntax."
        ) from None


def _fast(patterns: Sequence[Pattern]) -> Engine:
    from modelguard.engine.compiled import compile_database
    from modelguard.engine.fast import FastEngine, hunts

    return FastEngine(patterns, compile_database(hunts(patterns)))


def _path_for(rule: Rule) -> str:
    return rule.paths[0].replace("**", "x").replace("*", "x").lstrip("/") if rule.paths else "example.txt"
