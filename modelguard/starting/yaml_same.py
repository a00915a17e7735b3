"""Whether two YAML documents say the same, whatever they look like."""

from __future__ import annotations

from collections.abc import Iterable

import yaml


def same(one: Iterable[yaml.Node], other: Iterable[yaml.Node]) -> bool:
    """Whether these nodes say what those say, in the same order; what aliases share is compared once."""
    seen: set[tuple[int, int]] = set()
    pending = [(list(one), list(other))]
    while pending:
        these, those = pending.pop()
        if len(these) != len(those):
            return False
        for a, b in zip(these, those, strict=True):
            if (id(a), id(b)) in seen:
                continue
            seen.add((id(a), id(b)))
            if type(a) is not type(b) or a.tag != b.tag:
                return False
            if isinstance(a, yaml.ScalarNode):
                if a.value != b.value:
                    return False
            else:
                pending.append((_within(a), _within(b)))
    return True


def _within(node: yaml.Node) -> list[yaml.Node]:
    if isinstance(node, yaml.MappingNode):
        return [part for pair in node.value for part in pair]
    return list(node.value)
