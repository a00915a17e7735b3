"""What speaks for and against a candidate: small observations, each with a name that `explain` can put into words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from modelguard.detectors.checks.characters import not_identifier, shannon_entropy
from modelguard.detectors.checks.placeholders import not_placeholder
from modelguard.detectors.judgement import words
from modelguard.detectors.judgement.candidate import Candidate
from modelguard.detectors.judgement.decision import PAIRS

_REFERENCE = re.compile(
    r"^\$|\$\{|\{\{|\}\}|^%[A-Za-z(]|%[sd]$|^@[\w.]+@?$|^\{[\w.:!-]*\}$|^#\{|^<[^>]*>?$|^:\w+$|^\(\(|^!\w+|^__\w+__$|^\.\.\.|^vault:|^arn:|^ssm:|^env[.:]"
    r"|^secretKeyRef|^ref\+|^op://|^file:|\$\(|^self\.|^this\.|^process\.|^os\.|^var\.|^data\.|^local\.|^module\.|^config[.\[]|^settings\.|^args\.|^options\.|^req\.|^request\."
)
_CALL = re.compile(r"^[A-Za-z_][\w.:<>]*\(|\)\s*$|\]$|^\[|^\{|=>|->|::|&&|\|\||[;{}]")
_DOTTED = re.compile(r"^[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+$")
_CAPS = re.compile(r"^[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+$|^[A-Z]{4,}$")
_CAMEL = re.compile(r"^[a-z]+(?:[A-Z][a-z]+)+\d?$")
_PASCAL = re.compile(r"^(?:[A-Z][a-z]+){2,}\d?$")
_SNAKE = re.compile(r"^[a-z]+(?:_[a-z]+)+$")
_KEBAB = re.compile(r"^[a-z]+(?:-[a-z]+)+$")
_TYPE = re.compile(
    r"^(?:str|string|bytes|bool|boolean|int|integer|float|number|object|any|none|null|nil|undefined|true|false|optional|required|"
    r"void|char|text|varchar|unset|array|list|dict|map|enum|password|hidden|value|name|default|empty|yes|no|on|off|basic|bearer|"
    r"self|this|json|uuid|date)\b[,;]?$",
    re.IGNORECASE,
)
_PATH = re.compile(
    r"^(?:~|\.{1,2})?/[\w.-]|^[A-Za-z]:[\\/]|^[\w.-]+(?:/[\w.-]+)+\.\w{1,5}$|\.(?:pem|key|crt|cer|json|ya?ml|txt|p12|jks|pfx|conf|py|js|html?|php)$"
)
_URL = re.compile(r"^[a-z][a-z0-9+.-]{1,20}://|^www\.|^mailto:|^urn:|^[\w.+-]+@[\w-]+\.[\w.]+$")
_DATE = re.compile(r"^\d{4}-\d\d-\d\d|^\d{1,2}[:/]\d\d|^\d{10}$|^\d{13}$")
_VERSION = re.compile(
    r"^[\^~v=]{0,2}\d+(?:\.\d+){1,3}(?:[-+.]?(?:[a-z]+\.?\d*))?$|^\d+(?:px|em|rem|ms|s|mb|kb|gb|%)?$", re.IGNORECASE
)
_HEX = re.compile(r"^(?:0x)?[0-9a-fA-F]+$")
_UUID = re.compile(r"^[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}$")
_BASE64 = re.compile(r"^[A-Za-z0-9+/]{16,}={0,2}$")
_PLAIN = re.compile(r"^[A-Za-z0-9_-]+$")
_DOTTED_TOKEN = re.compile(r"^[\w-]{6,}\.[\w.-]+$")
_HEADER = re.compile(r"^[A-Z][a-z]+(?:-[A-Z][A-Za-z]*)+:?$")
_CRYPT = re.compile(
    r"^\$(?:2[abxy]?|1|5|6|argon2\w*|pbkdf2[\w-]*)\$|^\{(?:SSHA|SHA|MD5|CRYPT)\}|^pbkdf2_|^sha\d{1,3}[:$-]",
    re.IGNORECASE,
)
_LEET = re.compile(r"[A-Za-z][0134578@$!][A-Za-z]")
_SENTENCE = re.compile(r"[A-Za-z]{2,}[,.:!?]?\s[A-Za-z]{2,}")
_TELLS_ITSELF = re.compile(r"pass|secret|token|key|auth|cred|pwd", re.IGNORECASE)
_STAND_IN = re.compile(
    r"your|example|sample|placeholder|replace|redacted|removed|insert|enter|<|xxx|\*\*\*|\.\.\.|dummy|fake|fixme|todo|my[_-]?(?:pass|secret|token|key|api)|"
    r"(?:some|any|the|a|an|test|mock|invalid|wrong|valid|new|old|bad|good|expected|my|default|super)"
    r"[_ -]?(?:pass|secret|token|key|api|cred|pw)|deadbeef|lorem|not[_-]?(?:a|real|the)",
    re.IGNORECASE,
)
_SETTER = re.compile(
    r"(?:getenv|environ|env|get|getProperty|getString|config|fetch|lookup|find|has|header|select|query|prompt|t|translate|_|gettext|i18n|Regex|compile|re|require|import|includes|indexOf|startsWith|endsWith|equals|contains|remove|delete|pop)$",
    re.IGNORECASE,
)
_COMMENT = re.compile(r"^\s*(?:#|//|\*|/\*|--|;|<!--|%|rem\b|\"\"\"|''')", re.IGNORECASE)
_LOGIN = re.compile(r"user(?:name)?|login|email|account|\buid\b|host|server", re.IGNORECASE)
_WALK = re.compile(
    r"(?:012|123|234|345|456|567|678|789|abc|bcd|cde|def|efg|xyz|qwe|wer|ert|asd|sdf|dfg|zxc)", re.IGNORECASE
)


def evidence(candidate: Candidate) -> list[str]:
    """The names of everything that is observed, in a fixed order; of the value also by the kind of its name."""
    told = kind_of_name(candidate)
    written = "quoted" if candidate.quote else "bare"
    seen = [f"name:{told}"]
    seen += (f"name:{each}" for each in _of_name(candidate))
    for each in _of_value(candidate):
        seen += (f"value:{each}", f"{told}/value:{each}", f"{written}/value:{each}")
    seen += (f"place:{each}" for each in _of_place(candidate))
    return seen


def kind_of_name(candidate: Candidate) -> str:
    """`password`, `secret`, `key` or `other`: what the name says that its value is."""
    if candidate.rule == "url-credentials":
        return "password"
    tokens = candidate.tokens
    joined = "".join(tokens)
    if any(token in words.PASSWORD for token in tokens) or joined.endswith(("password", "passwd", "passphrase", "pwd")):
        return "password"
    if any(token in words.SECRET for token in tokens) or joined.endswith(
        ("secret", "token", "apikey", "accesskey", "credential", "credentials")
    ):
        return "secret"
    if tokens[-1:] == ("id",):
        return "other"
    for first, second in pairwise(tokens):
        if second in ("key", "keys") and first in words.KEYS:
            return "secret"
    return (
        "key" if tokens and tokens[-1] in ("key", "nonce", "salt", "seed", "otp", "sid", "cookie", "auth") else "other"
    )


def _of_name(candidate: Candidate) -> Iterator[str]:
    tokens = candidate.tokens
    if not tokens:
        yield "empty"
        return
    telling = [
        n
        for n, token in enumerate(tokens)
        if token in words.PASSWORD or token in words.SECRET or token in ("key", "auth", "nonce", "salt", "seed")
    ]
    at = telling[-1] if telling else len(tokens) - 1
    yield "ends-telling" if at == len(tokens) - 1 else "goes-on"
    after = [token for token in tokens[at + 1 :] if not token.isdigit()]
    if any(token in words.ABOUT for token in after):
        yield "about-it"
    elif after:
        yield "goes-on-otherwise"
    before = tokens[:at]
    if any(token in words.OTHER for token in before):
        yield "other-thing"
    if any(token in words.PUBLIC for token in tokens):
        yield "public"
    if any(token in words.DIGESTED for token in tokens):
        yield "digest"
    if any(token in words.REAL for token in before):
        yield "real-service"
    if any(token in words.MADE_UP for token in tokens):
        yield "made-up"
    yield f"last:{tokens[-1]}" if tokens[-1] in words.LAST else "last:else"
    if len(tokens) == 1:
        yield "alone"
    if candidate.name.isupper():
        yield "capitals"
    if "." in candidate.name:
        yield "dotted"


def _of_value(candidate: Candidate) -> Iterator[str]:
    yield from _made_of(candidate.value)
    yield from _meant_as(candidate)
    yield from _looks_like(candidate.value)


def _made_of(value: str) -> Iterator[str]:
    """Its length, its characters, and how far they are from words."""
    size = len(value)
    yield f"size:{_bucket(size, (4, 6, 8, 12, 16, 20, 24, 32, 33, 40, 41, 64, 100))}"
    lower, upper = any(map(str.islower, value)), any(map(str.isupper, value))
    digits = sum(map(str.isdigit, value))
    symbols = size - digits - sum(map(str.isalpha, value))
    if symbols == 1:
        yield "one-symbol"
    yield f"mix:{'a' * lower}{'A' * upper}{'0' * (digits > 0)}{'#' * (symbols > 0)}"
    if _UUID.match(value):
        yield "uuid"
    elif _HEX.match(value):
        yield "hex-long" if size >= 24 else "hex"
    elif _BASE64.match(value) and lower and upper and digits:
        yield "base64"
    elif _PLAIN.match(value) and digits and size >= 16 and (lower or upper):
        yield "token-like"
    elif _DOTTED_TOKEN.match(value) and digits and size >= 24:
        yield "dotted-token"
    yield f"surprise:{_bucket(surprise(value), (2.6, 3.0, 3.4, 3.8, 4.2, 4.6, 5.2))}"
    yield f"entropy:{_bucket(shannon_entropy(value), (1.5, 2.0, 2.5, 3.0, 3.5, 4.0, 4.5))}"
    if digits:
        yield f"digits:{_bucket(digits / size, (0.1, 0.3, 0.6, 0.99))}"


def _meant_as(candidate: Candidate) -> Iterator[str]:
    """What people write there that is no secret: stand-ins, references, code, its own name; and common passwords."""
    value = candidate.value
    low = value.lower()
    if low in words.COMMON:
        yield "common-password"
    if _STAND_IN.search(value):
        yield "stand-in"
    elif not not_placeholder(value, ""):
        yield "placeholder"
    if _REFERENCE.search(value):
        yield "reference"
    if _TYPE.match(value):
        yield "type-or-word"
    if _CALL.search(value):
        yield "code"
    for name, pattern in _SHAPES:
        if pattern.search(value):
            yield name
    yield from _as_its_name(candidate)


def _as_its_name(candidate: Candidate) -> Iterator[str]:
    flat = re.sub(r"[^a-z0-9]", "", candidate.value.lower())
    if flat and flat == re.sub(r"[^a-z0-9]", "", candidate.name.lower()):
        yield "is-its-name"
    elif flat and flat in candidate.tokens:
        yield "is-a-part-of-its-name"


def _looks_like(value: str) -> Iterator[str]:
    """What a person sees at a glance."""
    if _WALK.search(value) and len(value) < 20:
        yield "walk"
    if not not_identifier(value, ""):
        yield "identifier"
    if _TELLS_ITSELF.search(value):
        yield "names-itself"
    if " " in value.strip():
        yield "sentence" if len(value.split()) > 3 or _SENTENCE.search(value) else "blanks"
    if len(set(value)) <= max(2, len(value) // 4):
        yield "few-characters"
    if value[-1:] in ":?!.,":
        yield f"ends:{value[-1]}"
    if not value.isascii():
        yield "not-ascii"
    if value.isdigit():
        yield "number"
    if any(char in '%^<>|~`"' for char in value):
        yield "odd-symbol"
    if any(char in "!@#$^&*?" for char in value):
        yield "password-symbol"


_SHAPES = (
    ("dotted-name", _DOTTED),
    ("constant-name", _CAPS),
    ("camel-name", _CAMEL),
    ("pascal-name", _PASCAL),
    ("snake-name", _SNAKE),
    ("kebab-name", _KEBAB),
    ("path", _PATH),
    ("url", _URL),
    ("date", _DATE),
    ("version", _VERSION),
    ("header-name", _HEADER),
    ("crypt", _CRYPT),
    ("leet", _LEET),
)


def _of_place(candidate: Candidate) -> Iterator[str]:
    quoted = "quoted" if candidate.quote else "bare"
    yield f"file:{candidate.kind}:{quoted}"
    yield from _joined_by(candidate)
    yield from _behind(candidate.after)
    yield from _before(candidate)


def _joined_by(candidate: Candidate) -> Iterator[str]:
    yield f"rule:{candidate.rule}"
    yield f"operator:{candidate.operator}"
    if candidate.rule == "url-credentials" and candidate.name.lower() in words.SOMEBODY:
        yield "somebody"
    if candidate.place not in ("plain", "unknown"):
        yield f"folder:{candidate.place}"
    if candidate.wrapper:
        yield "wrapper:reads" if _SETTER.search(candidate.wrapper) else "wrapper"


def _behind(text: str) -> Iterator[str]:
    after = text.lstrip("\"'`")
    closed = len(after) < len(text)
    rest = after.lstrip()
    if (closed and rest[:1] == "+") or rest[:2] == ".." or rest[:1] == "%" or rest[:7] == ".format":
        yield "goes-on"
    if not closed and after[:1] in ("(", "[", ".", "{"):
        yield "is-code"
    if rest[:1] in (",", ";", ")", "}", "]"):
        yield f"then:{rest[:1]}"
    if not rest:
        yield "then:end"


def _before(candidate: Candidate) -> Iterator[str]:
    before = candidate.before
    if _COMMENT.match(before):
        yield "comment"
    if before.count('"') % 2 or before.count("'") % 2:
        yield "inside-text"
    if _LOGIN.search(before) or _LOGIN.search(candidate.after):
        yield "login-beside"
    if not before.strip():
        yield "first-on-line"
    if before.rstrip()[-1:] in ("{", ",", "(", "&", "?"):
        yield f"after:{before.rstrip()[-1]}"


def _bucket(number: float, limits: tuple[float, ...]) -> str:
    for limit in limits:
        if number < limit:
            return f"<{limit}"
    return "more"


def surprise(value: str) -> float:
    """Bits a character that the value costs someone who expects words: low for names, high for random text."""
    total, count, last = 0.0, 0, 26
    for char in value.lower():
        if "a" <= char <= "z":
            at = ord(char) - 97
            total += PAIRS[last][at]
            last = at
            count += 1
        elif char.isdigit():
            total += 4.6
            last = 26
            count += 1
        else:
            last = 26
    return total / count if count else 0.0
