"""Made-up candidates that teach what a small set of real repositories may not show: what never is a secret.

Every value is drawn with a fixed seed when this runs; none stands here.
"""

from __future__ import annotations

import base64
import random
import string
from collections.abc import Iterator

_NAMES = (
    "password db_password DB_PASSWORD MYSQL_ROOT_PASSWORD admin_pass smtpPassword user.password passwd pwd passphrase "
    "secret client_secret CLIENT_SECRET jwt_secret appSecret token access_token authToken HF_TOKEN refresh_token "
    "api_key "
    "API_KEY apiKey OPENAI_API_KEY service.api-key secret_key private_key encryption_key accessKey auth_key "
    "MAPS_KEY mapsKey signing_key hmac.key sessionKey AUTH authCode license_key"
).split()
_QUOTED = (
    '{n} = "{v}"',
    "{n}: '{v}',",
    '"{n}": "{v}",',
    "os.environ['{n}'] = '{v}'",
    'const {n} = "{v}";',
    'connect({n}="{v}")',
)
_BARE = ("{n}={v}", "export {n}={v}", "{n}: {v}")
_ELEMENT = ("<{n}>{v}</{n}>", '<add key="{n}" value="{v}"/>')
_SAID = ("The {n} is {v}.", "# {n} for staging: {v}", "{n} - {v}", "use {n}: {v} to log in", "{n} was changed to {v}")
_SAYINGS = (
    "The {n} is required to log in.",
    "the {n} is refreshed automatically",
    "# {n} - base64 of the seed",
    "{n}: see docs.txt",
    "{n} is not-set",
    "a {n} to be generated",
    "{n} - optional",
    "The {n} was rejected.",
    "the {n} is passed to connect()",
)
_USERS = "user username usr name myuser USER".split()
_STAND_INS = "password pass passwd pw secret PASSWORD token".split()
_HOSTS = "host example.com localhost host:8080 proxy.company.test git.company.test".split()
_KINDS = ("password", "token", "secret", "api key", "admin password", "passphrase")
_WORDS = (
    "river stone blue tiger summer winter magic coffee dragon monkey garden silver rocket orange purple hello".split()
)
_PATHS = (
    "app/config.py",
    "src/main.js",
    "conf/app.yaml",
    ".env",
    "settings.ini",
    "App.java",
    "config.json",
    "web.xml",
    "notes.md",
)


def made(seed: int = 7, rounds: int = 3) -> Iterator[tuple[str, str, str, bool]]:
    """Tuples of a path, a text, the value in it and whether that is a secret."""
    chance = random.Random(seed)
    for _ in range(rounds):
        for name in _NAMES:
            for path in _PATHS:
                value = _secret(chance, name)
                yield path, _written(chance, path, name, value), value, True
                value = _harmless(chance, name)
                yield path, _written(chance, path, name, value), value, False
                name_of_other, value = _other(chance, name)
                yield path, _written(chance, path, name_of_other, value), value, False
                word, value = chance.choice(_KINDS), _secret(chance, name)
                yield "notes.md", chance.choice(_SAID).format(n=word, v=value) + "\n", value, True
                yield "notes.md", (saying := chance.choice(_SAYINGS).format(n=word)) + "\n", saying, False
                value = chance.choice(_STAND_INS)
                yield path, f"https://{chance.choice(_USERS)}:{value}@{chance.choice(_HOSTS)}/path\n", value, False
                value = _secret(chance, "password")
                yield path, f"https://{chance.choice(_WORDS)}:{value}@{chance.choice(_HOSTS)}/path\n", value, True


def _written(chance: random.Random, path: str, name: str, value: str) -> str:
    if path.endswith(".xml"):
        form = chance.choice(_ELEMENT)
    elif path.endswith((".yaml", ".env", ".ini", ".md")) and " " not in value:
        form = chance.choice(_BARE)
    else:
        form = chance.choice(_QUOTED)
    return form.format(n=name, v=value) + "\n"


def _secret(chance: random.Random, name: str) -> str:
    if "pass" in name.lower() or "pwd" in name:
        kind = chance.randrange(4)
        if kind == 0:
            return chance.choice(_WORDS).capitalize() + str(chance.randrange(10, 9999)) + chance.choice("!@#$%&*")
        if kind == 1:
            return _drawn(chance, string.ascii_letters + string.digits + "!@#$%^&*", 10, 20)
        if kind == 2:
            return chance.choice(_WORDS) + chance.choice("-_.@") + chance.choice(_WORDS) + str(chance.randrange(100))
        return _drawn(chance, string.ascii_letters + string.digits, 8, 24)
    kind = chance.randrange(5)
    if kind == 0:
        return _drawn(chance, "0123456789abcdef", 32, 64)
    if kind == 1:
        return base64.b64encode(chance.randbytes(chance.randrange(18, 48))).decode()
    if kind == 2:
        return (
            _drawn(chance, string.ascii_lowercase, 2, 4)
            + "_"
            + _drawn(chance, string.ascii_letters + string.digits, 24, 48)
        )
    return _drawn(chance, string.ascii_letters + string.digits, 20, 48)


def _harmless(chance: random.Random, name: str) -> str:
    flat = name.split(".")[-1]
    return chance.choice(
        (
            f"${{{flat.upper()}}}",
            f"${flat.upper()}",
            f"{{{{ {flat} }}}}",
            f"process.env.{flat.upper()}",
            "<" + flat + ">",
            f"your-{flat}-here",
            f"YOUR_{flat.upper()}",
            "xxxxxxxxxxxxxxxx",
            "********",
            "changeme-please",
            flat,
            "None",
            "null",
            "string",
            "required",
            "Enter your password:",
            "Wrong password, try again",
            f"/run/secrets/{flat}",
            f"secrets/{flat}.txt",
            f"config.{flat}",
            f"self.{flat}",
            f"get_{flat}()",
            "https://auth.company.test/oauth/token",
            "2024-01-31",
            "1.2.3",
            "arn:aws:secretsmanager:eu-west-1:123456789012:secret:prod/db",
            f"vault:secret/data/app#{flat}",
            "true",
            "basic",
            chance.choice("abyz01") * 32,
            "$2b$12$" + _drawn(chance, string.ascii_letters + string.digits + "./", 53, 53),
            f"{flat}_field",
            f"{flat.upper()}_NAME",
            "Authorization-Header",
            "X-Api-Key",
            "user@company.test",
            "(optional)",
        )
    )


def _other(chance: random.Random, name: str) -> tuple[str, str]:
    """A name that only speaks of a secret, with the kind of value that it has."""
    number, digest = str(chance.randrange(1, 100000)), _drawn(chance, "0123456789abcdef", 40, 64)
    unique = "-".join(_drawn(chance, "0123456789abcdef", size, size) for size in (8, 4, 4, 4, 12))
    return chance.choice(
        (
            (f"{name}_hash", digest),
            (f"{name}_sha256", digest),
            (f"hashed_{name}", digest),
            (f"{name}_id", chance.choice((unique, digest))),
            (f"{name}_url", "https://auth.company.test/oauth/token"),
            (f"{name}_file", "/etc/app/secret.txt"),
            (f"{name}_length", number),
            ("max_tokens", number),
            ("token_type", "bearer"),
            ("public_key", digest),
            ("publicKeyToken", digest[:16]),
            ("cache_key", "user:profile:" + number),
            ("page_token", digest[:20]),
            ("pad_token", "<pad>"),
            ("eos_token", "</s>"),
            (f"{name}_fingerprint", digest),
            ("primary_key", "user_id"),
            ("key", unique),
            ("key_id", unique),
            ("etag_key", digest),
            (f"{name}_header", "X-Service-Token"),
            (f"{name}_regex", "^[a-z0-9]{8,32}$"),
            (f"{name}_label", "Password"),
            ("tokenizer", "bert-base-uncased"),
        )
    )


def _drawn(chance: random.Random, alphabet: str, least: int, most: int) -> str:
    return "".join(chance.choice(alphabet) for _ in range(chance.randint(least, most)))
