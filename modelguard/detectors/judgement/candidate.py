"""What surrounds a value that has no format of its own: its name, what joins the two, and the line they stand on."""

from __future__ import annotations

import re
from functools import lru_cache

from msgspec import Struct

from modelguard.engine.interface import Span
from modelguard.engine.views import EDGE, view
from modelguard.rules.interface import JUDGED_EDGE

REACH = JUDGED_EDGE - EDGE
"""How many bytes before a match may matter, and behind its value `BEHIND`."""
BEHIND = 32

_NAME = re.compile(r"[\w.-]{0,80}(?: ?key)?", re.IGNORECASE)
_LEFT = re.compile(r"[\w.$-]{0,60}$")
_OPENED = re.compile(r"(?:export|setenv|env|arg|set)\s", re.IGNORECASE)
_LAST_NAME = re.compile(r"[\w.-]*[A-Za-z][\w.-]*(?=[^\w]*$)")
_TEMPLATE = re.compile(r"<[\w:. -]{1,60}>")
_TOKEN = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
_WRAPPER = re.compile(r"([\w.]+)\(\s*[bBfFrRuU$@]{0,2}[\"'`]*$")
_CODE = re.compile(r"\\\$|\+ ?(?:new )?\w+[(.]")  # what is joined to a text, or escaped in one
_DOCUMENTED = ("EXAMPLE", "EXAMPLEKEY")  # as AWS writes keys that are none
_ARCHIVE = re.compile(r"v?[0-9]+(?:\.[0-9a-z]+){1,5}(?:[-_.][\w.]*)?\Z")  # what follows the name of a package
_METHOD = re.compile(
    r"\.(?:encode|decode|l?strip|rstrip|r?split|replace|join|starts_?with|ends_?with|r?index|r?find|count|tokenize|"
    r"r?partition|removeprefix|removesuffix|compile|format|translate|[lr]just|zfill|match|search|test)\Z",
    re.IGNORECASE,
)
_WORD = re.compile(r"(?:[a-z]{3,20}|[A-Z]{2,20}(?:_[A-Z]{2,20}){0,4}|[A-Z][a-z]{2,20})[\]).,:;?!…]{0,3}")
_ALGORITHM = re.compile(
    r"(?:pbkdf2|hmac|hkdf|sha-?[0-9]{1,3}|aes-?[0-9]{3}|rsa-?[0-9]{4}|md5)(?:[-_/+](?:[a-z]{2,8}-?[0-9]{0,4})){0,4}[.:]?\Z",
    re.IGNORECASE,
)
_DIGEST = re.compile(r"\b(?:sha-?(?:1|224|256|384|512)|md5|blake2[bs])[=:-] ?[\w+/-]{0,120}\Z", re.IGNORECASE)
_OPERATOR = re.compile(r"=>|:=|[=!]=+|=|:|,|\(|-|>| is | was | to | of ", re.IGNORECASE)


class Candidate(Struct, frozen=True):
    """A value that may be a secret, as it reads, with what a person would look at to tell.

    `name` is the whole name as it is written, `tokens` its words in lower case; `operator` is what stands between it
    and the value, `wrapper` the function that the value is handed to there, `quote` the value's quotation mark or
    nothing. `before` and `after` are the rest of the line, as far as it is near; `kind` says what sort of file it is,
    and `place` what sort of folder (`unknown`: any).
    """

    rule: str
    name: str
    tokens: tuple[str, ...]
    operator: str
    wrapper: str
    quote: str
    value: str
    before: str
    after: str
    kind: str
    place: str


def candidate_of(rule: str, text: bytes, span: Span, path: str | None) -> Candidate:
    """The candidate at a span of `text`, which is as it stands on disk, in the file at `path` (None: not known)."""
    first = max(0, span.start - REACH)
    around = view(bytes(text[first : span.value_end + BEHIND]))
    before = _text(around[: span.start - first]).rpartition("\n")[2]
    head = _text(around[span.start - first : span.value_start - first])
    value = _text(around[span.value_start - first : span.value_end - first])
    after = _text(around[span.value_end - first :]).partition("\n")[0]
    prefix, stem, rest = _parts_of(before, head)
    name = prefix + stem
    operator = _OPERATOR.search(rest)
    wrapper = _WRAPPER.search(rest)
    quote = head[-1:] if head[-1:] in "\"'`" else ""
    kind, place = kind_of(path)
    return Candidate(
        rule=rule,
        name=name,
        tokens=tuple(token.lower() for token in _TOKEN.findall(name)),
        operator=operator[0].strip() if operator else "",
        wrapper=wrapper[1] if wrapper else "",
        quote=quote,
        value=value,
        before=before[: len(before) - len(prefix)],
        after=after,
        kind=kind,
        place=place,
    )


def is_pair(candidate: Candidate) -> bool:
    """Whether it is a name and its value at all: no argument handed on, no two members of a list, no ruler.

    What a text's own method takes is no value (`password.encode("utf-8")`), nor is the word behind an option in prose
    or in a usage line (`--password options`, `[--password PASSWORD]`). A function that is called is none, and neither
    are the name of an algorithm and that of a pass of a program over its data (`renderPass === "opaque"`). Letters of a
    digest name nothing (`sha256=V8fGaPwd-zVo…`).

    A bare `key` without quotes is the key of a table more often than one that opens anything.
    """
    name, value = candidate.name, candidate.value
    if candidate.rule == "generic-keyed-random" and candidate.tokens == ("key",):
        return False
    if _CODE.match(value) or value.endswith(_DOCUMENTED):
        return False
    if (candidate.operator == "-" or name.endswith("-")) and _ARCHIVE.match(value):
        return False
    if not candidate.quote and value.rpartition(".")[2] == name.rpartition(".")[2]:
        return False
    if not candidate.quote and (candidate.after.startswith("(") or _ALGORITHM.match(value)):
        return False
    if _DIGEST.search(candidate.before + name):
        return False
    if candidate.tokens[-1:] == ("pass",) and candidate.operator[-2:] == "==" and value.isalpha() and value.islower():
        return False
    if candidate.rule == "generic-wrapped" and _METHOD.search(candidate.wrapper):
        return False
    is_option = candidate.rule == "generic-command-option" or (
        candidate.rule == "generic-passin" and candidate.tokens[-1:] == ("password",)
    )
    if is_option and not candidate.quote and _WORD.fullmatch(value):
        return False
    if candidate.operator == "," and candidate.before[-1:] not in ("'", '"', "`"):
        return False  # the name is the end of a longer text
    return len(set(value)) > 2 and not _TEMPLATE.search(value)


def _parts_of(before: str, head: str) -> tuple[str, str, str]:
    """The name, in what of it stands before the match and in it, and what follows it up to the value."""
    begun = _NAME.match(head)
    if begun and begun[0] and not _OPENED.match(head):
        left = _LEFT.search(before)
        return left[0] if left else "", begun[0], head[begun.end() :]
    named = _LAST_NAME.search(head)
    return ("", named[0], head[named.end() :]) if named else ("", "", head)


_KINDS = {
    "code": "py pyi pyx js jsx mjs cjs ts tsx java kt kts scala groovy go rs c h cc cpp hpp cs vb fs "
    "swift m mm php rb pl pm lua r jl dart ex exs erl hs clj elm sol vue svelte ipynb gradle bzl star",
    "data": "json jsonl ndjson har geojson webmanifest avsc map tfstate",
    "yaml": "yaml yml",
    "settings": "env ini cfg conf cnf properties toml tfvars tf hcl config service editorconfig npmrc "
    "pypirc netrc pgpass credentials",
    "markup": "xml html htm xhtml xaml svg plist csproj props targets resx xsd wsdl pom jelly manifest",
    "text": "md mdx rst txt adoc tex log out csv tsv patch diff eml org",
    "shell": "sh bash zsh fish bat cmd ps1 psm1 mk dockerfile",
    "style": "css scss sass less",
    "sql": "sql",
}
_KIND_OF = {extension: kind for kind, extensions in _KINDS.items() for extension in extensions.split()}
_NAMED = {
    "dockerfile": "shell",
    "makefile": "shell",
    "containerfile": "shell",
    "jenkinsfile": "code",
    "credentials": "settings",
}
_PLACES = (
    (
        "test",
        re.compile(
            r"(?:^|[/_.-])(?:tests?|testing|specs?|e2e|fixtures?|mocks?|cassettes|testdata|__tests__|it)(?:[/_.-]|$)|[a-z](?:Tests?|Spec|Mock)(?:[/.]|$)|_test\.|\.spec\.|\btest_|Tests?\."
        ),
    ),
    (
        "example",
        re.compile(
            r"(?:^|[/_.-])(?:examples?|samples?|demos?|docs?|tutorials?|templates?|quickstart|README|readme|CHANGELOG)(?:[/_.-]|$)",
            re.IGNORECASE,
        ),
    ),
    (
        "foreign",
        re.compile(
            r"(?:^|/)(?:node_modules|vendor|third_party|site-packages|dist|build|locales?|i18n|translations?)(?:/|$)|\.min\.|\.lock$|-lock\."
        ),
    ),
)


@lru_cache(maxsize=1024)
def kind_of(path: str | None) -> tuple[str, str]:
    """What sort of file lies at `path`, and in what sort of folder; both are `unknown` where there is none."""
    if path is None:
        return "unknown", "unknown"
    base = path.rpartition("!")[2]
    name = base.rpartition("/")[2].lower()
    stem, _, extension = name.rpartition(".")
    kind = _KIND_OF.get(extension) or _NAMED.get(name.split(".")[0]) or ("settings" if name.startswith(".env") else "")
    if not kind and extension in ("example", "sample", "dist", "template", "tmpl", "j2", "erb", "bak", "orig"):
        kind = kind_of(stem)[0] if stem else ""
    if not kind and ".env" in name:
        kind = "settings"
    place = next((place for place, pattern in _PLACES if pattern.search(base)), "plain")
    return kind or "other", place


def _text(part: bytes) -> str:
    try:
        return part.decode("utf-8")
    except UnicodeDecodeError:
        return part.decode("latin-1")
