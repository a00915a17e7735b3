"""What surrounds a value is read as a person reads it, in every language that names and values are written in."""

from __future__ import annotations

import pytest

from modelguard.detectors.judgement.candidate import is_pair, kind_of
from modelguard.rules.templates import expand
from tests.detectors.judgement.reading import candidate, candidates
from tests.readers.opened import scanned

VALUE = expand("<alpha:5>-<digit:3>-<alpha:5>")


@pytest.mark.parametrize(
    ("text", "path", "tokens", "operator", "quote"),
    [
        ('db_password = "{}"', "a.py", "db password", "=", '"'),
        ("DB_PASSWORD: str = '{}'", "a.py", "db password", ":", "'"),
        ('connect(host=h, password="{}")', "a.py", "password", "=", '"'),
        ('config["db_password"] = "{}"', "a.py", "db password", "=", '"'),
        ('const dbPassword = "{}";', "a.js", "db password", "=", '"'),
        ("let dbPassword = `{}`;", "a.ts", "db password", "=", "`"),
        ('{{ dbPassword: "{}", user: "x" }}', "a.js", "db password", ":", '"'),
        ('{{"db": {{"password": "{}"}}}}', "a.json", "password", ":", '"'),
        ('"text": "db_password = \\"{}\\""', "a.ipynb", "db password", "=", '"'),
        ("db:\n  password: {}\n", "a.yaml", "password", ":", ""),
        ('db:\n  password: "{}"\n', "a.yaml", "password", ":", '"'),
        ('[db]\npassword = "{}"\n', "a.toml", "password", "=", '"'),
        ("[db]\npassword={}\n", "a.ini", "password", "=", ""),
        ("db.password={}\n", "a.properties", "db password", "=", ""),
        ("<password>{}</password>", "a.xml", "password", ">", ""),
        ("DB_PASSWORD={}\n", ".env", "db password", "=", ""),
        ("export DB_PASSWORD={}\n", "run.sh", "db password", "=", ""),
        ("mysqldump --password={} shop", "run.sh", "password", "=", ""),
        ("'password' => '{}',", "config.php", "password", "=>", "'"),
        ('String dbPassword = "{}";', "A.java", "db password", "=", '"'),
        ('dbPassword := "{}"', "a.go", "db password", ":=", '"'),
    ],
)
def test_a_name_and_its_value(text: str, path: str, tokens: str, operator: str, quote: str) -> None:
    found = candidate(text.format(VALUE), VALUE, path)
    assert (" ".join(found.tokens), found.operator, found.quote) == (tokens, operator, quote)


def test_a_url_with_a_password() -> None:
    found = candidate(f'url = "amqp://worker:{VALUE}@queue.company.test:5672/"', VALUE)
    assert (found.rule, found.name) == ("url-credentials", "worker")


def test_a_password_in_a_sentence() -> None:
    found = candidate(f"The password is {VALUE} until Monday.", VALUE, "notes.md")
    assert (found.tokens, found.operator, found.kind) == (("password",), "is", "text")


def test_the_query_of_an_address() -> None:
    value = expand("<alnum:32>")
    found = candidate(f"GET https://api.company.test/v1/jobs?limit=5&token={value}&page=2", value, "run.log")
    assert found.tokens[-1] == "token"


def test_the_rest_of_the_line_is_told_and_no_other_line() -> None:
    found = candidate(f'one = 1\nconnect("db", password="{VALUE}", port=5)  # soon\ntwo = 2\n', VALUE)
    assert found.before == 'connect("db", '
    assert found.after == '", port=5)  # soon'[: len(found.after)] and found.after.startswith('", port=5)')


def test_the_function_that_a_value_is_handed_to() -> None:
    for wrapper in ("SecretStr", "os.getenv"):
        found = [each for each in candidates(f'password = {wrapper}("{VALUE}")') if each.rule == "generic-wrapped"]
        assert [(each.name, each.wrapper, each.value) for each in found] == [("password", wrapper, VALUE)]
    assert candidate(f'password = "{VALUE}"', VALUE).wrapper == ""


@pytest.mark.parametrize(
    "text",
    ["connect(password=password)", "connect(password=self.password)", 'password = "<password>"', 'password = "------"'],
)
def test_what_is_no_pair(text: str) -> None:
    assert not any(map(is_pair, candidates(text)))


def test_a_value_handed_on_under_its_own_name_is_no_pair_and_another_one_is() -> None:
    assert is_pair(candidate(f"password: {VALUE}\n", VALUE, "a.yaml"))


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("src/app.py", ("code", "plain")),
        ("web/app.min.js", ("code", "foreign")),
        ("tests/test_app.py", ("code", "test")),
        ("src/UserServiceTest.java", ("code", "test")),
        ("docs/setup.md", ("text", "example")),
        ("examples/run.sh", ("shell", "example")),
        ("node_modules/a/index.js", ("code", "foreign")),
        ("conf/app.YAML", ("yaml", "plain")),
        (".env.production", ("settings", "plain")),
        ("config.ini.example", ("settings", "example")),
        ("Dockerfile", ("shell", "plain")),
        ("a.zip!inner/web.config", ("settings", "plain")),
        ("data/train.jsonl", ("data", "plain")),
        ("schema.sql", ("sql", "plain")),
        ("strange.xyz", ("other", "plain")),
        (None, ("unknown", "unknown")),
    ],
)
def test_what_sort_of_file(path: str | None, kind: tuple[str, str]) -> None:
    assert kind_of(path) == kind


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("password = password.encode('utf-8x1')", "generic-wrapped"),
        ("TOKEN = re.compile(r'hf_[A-Za-z]{34}')", "generic-wrapped"),
        ("The --password options are", "generic-command-option"),
        ("a key is derived from a passphrase using PBKDF2-HMAC-SHA256", "generic-said"),
        ('if (n.currentPass==="translucent") {', "generic-password-quoted"),
        ('data = {"password": base64.b64encode(key.encode()).decode()}', "generic-assigned-random"),
        ("usage: x [--password PASSWORD] [--api-key API_KEY]", "generic-command-option"),
    ],
)
def test_arguments_of_a_text_and_words_behind_an_option_are_no_values(text: str, rule: str) -> None:
    assert not [each for each in candidates(text, "a.py") if each.rule == rule and is_pair(each)]


def test_letters_of_a_digest_name_nothing() -> None:
    """`…aPwd-zV…` is the middle of a line of a wheel's RECORD."""
    line = expand("pkg/extraction.py,sha256=<upper:1><digit:1><alnum:18>aPwd-<lower:1><upper:1><alnum:14>,<digit:4>")
    assert not scanned(line.encode(), "a.dist-info/RECORD").findings
    assert scanned(expand("my_pwd-<lower:1><upper:1><alnum:14>").replace("-", ": ").encode(), "notes.txt").findings


def test_a_digest_beside_the_name_of_a_vendor_is_no_secret_of_its() -> None:
    """As a wheel's RECORD has it."""
    name = expand("wecom_<lower:8>.py,sha256=<base64url:43>,<digit:4>")
    assert not scanned(name.encode(), "a.dist-info/RECORD").findings
    assert scanned(expand("WECOM_CORP_SECRET=<base64url:43>").encode(), "RECORD").findings
