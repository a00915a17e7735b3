"""YAML as data with line numbers, so that an error can name its line. No tags, no aliases, no duplicate keys."""

from __future__ import annotations

from typing import Any

import yaml
from msgspec import Struct

MAX_BYTES = 4 * 1024 * 1024
_OURS = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class YamlError(ValueError):
    """The text is not the plain YAML that settings and rules are written in. `line` counts from 1."""

    def __init__(self, message: str, line: int) -> None:
        super().__init__(message)
        self.line = line


class Located(Struct, frozen=True):
    """A value and the line it stands on. Lists hold Located values, mappings map texts to Located values."""

    value: Any
    line: int

    def plain(self) -> Any:
        """The value without its lines."""
        if isinstance(self.value, list):
            return [item.plain() for item in self.value]
        if isinstance(self.value, dict):
            return {key: item.plain() for key, item in self.value.items()}
        return self.value


def read_yaml(content: bytes, ours: bool = False) -> Located:
    """Parse one document. One of `ours` may be read by libyaml: ten times as fast, but nested without a bound.

    Raises:
        YamlError: not YAML, too large or too deep, or it uses aliases, tags or the same key twice.
    """
    if len(content) > MAX_BYTES:
        raise YamlError(f"more than {MAX_BYTES} bytes", 1)
    try:
        node = yaml.compose(content.decode("utf-8-sig"), Loader=_OURS if ours else yaml.SafeLoader)
        return _located(node) if node is not None else Located(None, 1)
    except UnicodeDecodeError:
        raise YamlError("not UTF-8", 1) from None
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise YamlError(error.problem or "not YAML", line) from None
    except yaml.YAMLError:
        raise YamlError("not YAML", 1) from None
    except RecursionError:
        raise YamlError("too deep", 1) from None


def _located(node: yaml.Node, seen: set[int] | None = None) -> Located:
    seen = set() if seen is None else seen
    line = node.start_mark.line + 1
    if id(node) in seen:
        raise YamlError("an alias; write the value out", line)
    seen.add(id(node))
    if isinstance(node, yaml.SequenceNode):
        return Located([_located(item, seen) for item in node.value], line)
    if isinstance(node, yaml.MappingNode):
        return Located(_mapping(node, seen), line)
    return Located(_scalar(node, line), line)


def _mapping(node: yaml.MappingNode, seen: set[int]) -> dict[str, Located]:
    found: dict[str, Located] = {}
    for key_node, value_node in node.value:
        key = key_node.value
        line = key_node.start_mark.line + 1
        if not isinstance(key, str):
            raise YamlError("a key that is not a text", line)
        if key in found:
            raise YamlError(f"the key {key!r} twice", line)
        found[key] = Located(_located(value_node, seen).value, line)
    return found


def _scalar(node: yaml.Node, line: int) -> Any:
    constructor = yaml.constructor.SafeConstructor()
    try:
        return constructor.construct_object(node)
    except yaml.YAMLError:
        raise YamlError(f"the tag {node.tag}", line) from None
    except ValueError:
        raise YamlError("a value that is not what it looks like", line) from None
