"""Writes the parts of the documentation that the program itself knows: help texts, counts, a sample of its output.

`python docs/generate.py` writes them, `python docs/generate.py --check` exits 1 if any of them is out of step.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from modelguard.model import Category
from modelguard.rules.prepared import builtin_rules
from modelguard.rules.templates import expand
from modelguard.settings import Settings

ROOT = Path(__file__).resolve().parent.parent
_BLOCK = re.compile(r"(<!-- begin: (\w+) [^\n]*-->\n)(.*?)(<!-- end: \2 -->)", re.DOTALL)
_COMMANDS = (
    *("", "scan", "scan-hub", "upload", "publish", "run", "init", "install-hooks"),
    *("explain", "rules", "baseline", "report"),
)

SAMPLE_FILES = {
    "train.py": 'from huggingface_hub import login\n\nlogin("hf_<alnum:34>")\ntrainer.push_to_hub()\n',
    "eda.ipynb": (
        '{"cells": [{"cell_type": "code", "outputs": [{"text": '
        '["OPENAI_API_KEY=sk-proj-<alnum:74>T3BlbkFJ<alnum:74>\\n"]}]}]}\n'
    ),
    ".env": "MLFLOW_TRACKING_URI=https://ci:<alnum:20>@mlflow.company.test\nDEBUG=1\n",
    "README.md": "Set `HF_TOKEN=hf_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx` before you start.\n",
}
"""What the sample scan looks at: templates, so that nothing live-looking stands in this repository."""


def main() -> int:
    """Write or check every block of every document."""
    check = "--check" in sys.argv[1:]
    stale = []
    for path in [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]:
        before = path.read_text(encoding="utf-8")
        after = _BLOCK.sub(lambda found: found[1] + BLOCKS[found[2]]() + found[4], before)
        if after != before:
            stale.append(str(path.relative_to(ROOT)))
            if not check:
                path.write_text(after, encoding="utf-8")
    for name in stale:
        print(f"{name}: {'out of step; run `make docs`' if check else 'written'}")
    return 1 if check and stale else 0


def _sample() -> str:
    with tempfile.TemporaryDirectory() as folder:
        for name, template in SAMPLE_FILES.items():
            (Path(folder) / name).write_text(expand(template), encoding="utf-8")
        output = _program(["scan", "."], folder)
    return f"```console\n$ modelguard scan .\n{re.sub(r'[0-9.]+ s · exit', '0.1 s · exit', output)}```\n"


def _help() -> str:
    texts = [_program([*filter(None, [name]), "--help"]) for name in _COMMANDS]
    return "".join(
        f"<details><summary><code>modelguard {name}</code></summary>\n\n```text\n{text}```\n\n</details>\n\n"
        if name
        else f"```text\n{text}```\n\n"
        for name, text in zip(_COMMANDS, texts, strict=True)
    )


def _counts() -> str:
    rules = builtin_rules()
    count = Counter(rule.category for rule in rules)
    return (
        f"{len(rules)} rules: {count[Category.SECRET]} for secrets, {count[Category.PII]} for personal data, "
        f"{count[Category.CONFIG]} for unsafe configuration.\n"
    )


def _defaults() -> str:
    settings = Settings()
    names = [name for name in Settings.__struct_fields__ if name != "origins"]
    rows = "".join(f"| `{name}` | `{_shown(getattr(settings, name))}` |\n" for name in names)
    return f"| setting | default |\n| --- | --- |\n{rows}"


def _shown(value: object) -> str:
    if isinstance(value, tuple):
        return "[]"
    words: dict[object, str] = {True: "true", False: "false", None: "none"}
    return words[value] if value is None or isinstance(value, bool) else str(value)


def _program(arguments: list[str], folder: str | None = None) -> str:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MODELGUARD_")}
    with tempfile.TemporaryDirectory() as home:
        done = subprocess.run(
            [Path(sys.executable).parent / "modelguard", *arguments],
            cwd=folder,
            env={**environment, "XDG_CONFIG_HOME": home, "COLUMNS": "100", "MODELGUARD_NO_BACKGROUND": "1"},
            capture_output=True,
            check=False,
        )
    return done.stdout.decode("utf-8")


BLOCKS: dict[str, Callable[[], str]] = {"sample": _sample, "help": _help, "counts": _counts, "defaults": _defaults}
"""What each block holds."""

if __name__ == "__main__":
    sys.exit(main())
