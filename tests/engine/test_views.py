"""Views: text as it reads, byte for byte in the same places."""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from modelguard.detectors.patterns import PatternDetector
from modelguard.detectors.proving import engines
from modelguard.engine.views import BEHIND, CODE_POINT_PROBE, CODE_POINTS, EDGE, ESCAPES, readings, view
from modelguard.rules.prepared import builtin_rules
from modelguard.rules.templates import expand

from .texts import as_html_safe_json, as_json, as_slashed_json

_ESCAPING = st.text(alphabet="\\\"'/nrtu0023678cdeCDE=&<> x\n", max_size=60).map(str.encode)
_BYTES = st.one_of(
    _ESCAPING,
    st.binary(max_size=60),
    st.lists(st.sampled_from(ESCAPES + CODE_POINTS)).map(lambda pairs: b"".join(escape for escape, _ in pairs)),
)
_RULES = [
    rule
    for rule in builtin_rules()
    if rule.id in ("hf-user-token", "npm-access-token", "generic-assigned-quoted", "openai-api-key")
]
_DETECTORS = {name: PatternDetector(_RULES, engine=make) for name, make in engines().items()}


@settings(deadline=None, derandomize=True, max_examples=500)
@given(_BYTES)
def test_the_length_never_changes(text: bytes) -> None:
    assert len(view(text)) == len(text)


@settings(deadline=None, derandomize=True, max_examples=300)
@given(_BYTES)
def test_text_without_a_backslash_is_its_own_view(text: bytes) -> None:
    text = text.replace(b"\\", b"")
    assert view(text) is text
    assert readings(text) == (text,)


@settings(deadline=None, derandomize=True, max_examples=500)
@given(_BYTES)
def test_a_byte_changes_only_to_what_may_stand_behind_it(text: bytes) -> None:
    """What the fast engine's hunting forms are widened by; code points are hunted for by a probe of their own."""
    probed = re.search(CODE_POINT_PROBE.encode(), text) is not None
    for raw, shown in zip(text, view(text), strict=True):
        assert raw == shown or shown in BEHIND.get(raw, ()) or probed


@pytest.mark.parametrize(("escape", "shown"), ESCAPES + CODE_POINTS)
def test_every_escape_is_shown(escape: bytes, shown: bytes) -> None:
    assert len(escape) == len(shown)
    once = escape.replace(b'""', b'\\"')  # the last of the table is written in terms of the second
    assert view(b"a" + once + b"b") == b"a" + shown + b"b"
    assert (re.fullmatch(CODE_POINT_PROBE.encode(), escape) is not None) == ((escape, shown) in CODE_POINTS)


@settings(deadline=None, derandomize=True, max_examples=1000)
@example(b'\\\\\\"\\\\\\"\\\\\\"', 4, 8)
@example(b"\\u0027\\u0022", 3, 9)
@given(_BYTES, st.integers(0, 60), st.integers(0, 60))
def test_a_part_with_an_edge_around_it_reads_as_it_does_in_the_whole(text: bytes, one: int, other: int) -> None:
    start, stop = sorted((min(one, len(text)), min(other, len(text))))
    first = max(0, start - EDGE)
    part = view(text[first : stop + EDGE])
    assert part[start - first : stop - first] == view(text)[start:stop]


@pytest.mark.parametrize("name", engines())
@pytest.mark.parametrize("filler", [0, 1, 7, 31, 64])
@pytest.mark.parametrize(
    ("rule", "template"),
    [
        # the character before the token is the letter of an escape, so there is no word boundary in the bytes
        ("hf-user-token", r'{"text": "my token:\n<TOKEN>"}'),
        ("hf-user-token", r'{"text": "my token:\r\n<TOKEN>\n"}'),
        ("hf-user-token", r"{'text': 'a\t<TOKEN>'}"),
        # JSON in JSON in JSON
        ("hf-user-token", r'{"log": "{\"text\": \"token:\\n<TOKEN>\"}"}'),
        ("hf-user-token", r'{"log": "{\"text\": \"{\\\"k\\\": \\\"\\\\n<TOKEN>\\\"}\"}"}'),
        # a raw backslash in front, which is no escape
        ("npm-access-token", r"C:\npm\<TOKEN>"),
        ("npm-access-token", r"type C:\<TOKEN>"),
        # the letters of the token itself look like those of an escape
        ("npm-access-token", r'{"text": "\<TOKEN>"}'),
        # quotes behind backslashes
        ("generic-assigned-quoted", r'{"source": "client = Client(api_key=\"<TOKEN>\")"}'),
        ("generic-assigned-quoted", r'{"cells": [{"source": ["api_key=\"<TOKEN>\"\n", "x"]}]}'),
        # quotes and equals signs as code points
        ("hf-user-token", r'{"source": "login(\u0022<TOKEN>\u0022)"}'),
        ("hf-user-token", r'{"source": "login(\u0027<TOKEN>\u0027)"}'),
        ("hf-user-token", r'{"source": "HF_TOKEN\u003d<TOKEN>\u0026x\u003D1"}'),
        ("generic-assigned-quoted", r'{"log": "{\"source\": \"api_key=\\\"<TOKEN>\\\"\"}"}'),
    ],
)
def test_peers_fail_on_these(name: str, filler: int, rule: str, template: str) -> None:
    tokens = {
        "hf-user-token": "hf_<alpha:34>",
        "npm-access-token": "npm_<base62crc:30>",
        "generic-assigned-quoted": "<alnum:32>",
    }
    token = expand(tokens[rule], filler)
    text = ("y" * filler + template.replace("<TOKEN>", token)).encode()
    found = _DETECTORS[name].detect(text, lambda: "x.json").matches
    assert [(match.rule.id, match.value) for match in found] == [(rule, token.encode())]


@pytest.mark.parametrize("name", engines())
def test_a_notebook_and_logs_of_it_hide_nothing(name: str) -> None:
    source = ["import os\n", expand('os.environ["HF_TOKEN"] = "hf_<alpha:34>"\n'), expand("login('hf_<alpha:34>')")]
    values = sorted(re.findall("hf_[A-Za-z]{34}", "".join(source)))
    notebook = json.dumps({"cells": [{"cell_type": "code", "source": source, "outputs": [{"text": source}]}]})
    for text in (notebook, as_json(notebook), as_slashed_json(notebook), as_html_safe_json(as_json(notebook))):
        matches = _DETECTORS[name].detect(text.encode(), lambda: "x.ipynb").matches
        found = [match.value.decode() for match in matches if match.rule.id == "hf-user-token"]
        assert sorted(found) == sorted(values * 2)
        assert all(text.encode()[match.value_start : match.value_end] == match.value for match in matches)
