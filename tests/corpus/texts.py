"""Files that people read: settings, logs, templates, model cards."""

from __future__ import annotations

import base64
from collections.abc import Iterator

from modelguard.rules.templates import expand
from tests.corpus.items import (
    CARD_ALONE,
    CLOUD,
    FORGE,
    Item,
    Plant,
    at_one_place,
    chance,
    in_lines,
    pairs,
    planted,
    sentence,
    settings,
    values_for,
)

FAMILY = "texts"


def items(seed: int) -> Iterator[Item]:
    """Values as they stand, and encoded."""
    for path, before, after in _AROUND:
        values = values_for(seed, path)
        text = before + "\n".join(settings(values)) + after
        yield Item(FAMILY, path, text.encode(), in_lines(values, first=before.count("\n") + 1))
    for path, form in _FORMS:
        values = values_for(seed, path)
        text = form % {"all": sentence(values), **pairs(values)}
        line = form.partition("%(all)s")[0].count("\n") + 1
        yield Item(FAMILY, path, text.encode(), at_one_place(values, None, line))
    path = "mlruns/0/abc/params/db_password"
    password = expand("<alpha:3>#<digit:2><alpha:5>%<digit:2>", chance(seed, path))
    yield Item(FAMILY, path, password.encode(), (Plant("generic-cell", password, None, 1),))
    path = "docs/table.md"
    password = expand("<alpha:4><digit:3><alnum:8>", chance(seed, path))
    text = f"# Demo\n\n| key | value |\n|---|---|\n| db_password | `{password}` |\n"
    yield Item(FAMILY, path, text.encode(), (Plant("generic-row", password, None, 5),))
    path = "logs/coloured.log"
    values = values_for(seed, path)
    lines = [f"INFO {value[:9]}\x1b[1;33m{value[9:]}\x1b[0m done\n" for value in values]
    places = [(None, 2 + at) for at in range(len(values))]
    yield Item(FAMILY, path, ("start\n" + "".join(lines)).encode(), planted(values, places, CARD_ALONE))
    path = "conf/params.yaml"
    values = values_for(seed, path)
    text = "params:\n" + "".join(f"  {key}: {value}\n" for key, value in pairs(values).items())
    yield Item(FAMILY, path, text.encode(), in_lines(values, first=2))
    for path, encoding in (("notes/utf16.txt", "utf-16"), ("notes/utf32.txt", "utf-32")):
        values = values_for(seed, path)
        yield Item(
            FAMILY, path, ("# notes\n" + "\n".join(settings(values))).encode(encoding), in_lines(values, first=2)
        )
    path = "deploy/secret.yaml"
    values = values_for(seed, path)
    data = {key: base64.b64encode(getattr(values, key).encode()).decode() for key in ("cloud", "forge")}
    text = "kind: Secret\ndata:\n" + "".join(f"  {key}: {value}\n" for key, value in data.items())
    plants = (Plant(CLOUD, values.cloud, "base64", 3), Plant(FORGE, values.forge, "base64", 4))
    yield Item(FAMILY, path, text.encode(), plants)


_AROUND = (
    (".env", "", "\n"),
    ("app/.env.production", "# made by hand\nDEBUG=1\n", "\n"),
    ("Dockerfile.env", "FROM python:3.12\nENV A=1 \\\n", "\nRUN true\n"),
    ("logs/slurm-4242.out", "[rank0] starting\n", "\n[rank0] done\n"),
    ("mlruns/0/abc/params/env", "", ""),
)
_FORMS = (
    ("README.md", "---\nlicense: mit\n---\n# Demo\n\n    export %(all)s\n"),
    ("chat_template.jinja", "{# %(all)s #}{{ bos_token }}"),
    ("run/output.log", "epoch 1 loss 2.3\n%(all)s\nepoch 2 loss 2.1\n"),
    (".gradio/flagged/dataset1.txt", 'input\n"my card is %(all)s",ok\n'),
    ("docs/windows.txt", "first\r\n%(all)s\r\n"),
    ("src/settings.py", "CONFIG = '''\n%(all)s\n'''\n"),
    ("infra/main.tf.txt", 'variable "x" {}\n# %(all)s\n'),
)
