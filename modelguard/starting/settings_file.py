"""A first `.modelguard.yaml`: every setting as a comment with its default, and what was seen in the tree."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Iterable

from modelguard.errors import GitError
from modelguard.settings import PROJECT_FILE, settings_in
from modelguard.starting.interface import Asked, CannotEdit, Change, Step
from modelguard.starting.tree import Tree, content, line_end_of, text_of
from modelguard.yaml_lines import YamlError, read_yaml

BASELINE = ".modelguard-baseline.json"
_BASELINE_LINE = re.compile(rf"^#baseline: {re.escape(BASELINE)}(?=\r?$)", re.MULTILINE)

_OTHERS_FOLDERS = ("vendor", "vendored", "third_party", "third-party", "external", "extern")
_OTHERS_BASELINES = (".secrets.baseline", ".gitleaksignore")
_OTHERS_RULES = (".gitleaks.toml", ".betterleaks.toml")
_TABLES = (".csv", ".tsv", ".parquet", ".arrow", ".feather", ".jsonl", ".sqlite", ".db")

_HEAD = """\
# Settings of modelguard, which finds secrets, personal data and unsafe configuration before they are published.
# Lines such as `#name: value` show defaults: take the `#` away to change one. `modelguard scan --help` has them
# all as options, too.
"""

_SETTINGS = (
    (
        "What is left out, as lines of a .gitignore that count from this folder; every report says what was.",
        "exclude: []",
    ),
    ("Leave out .git and installed third-party packages (site-packages, node_modules).", "default_exclusions: true"),
    (
        "Findings that are accepted (`modelguard baseline create`; none by default). They are leaks all the same.",
        f"baseline: {BASELINE}",
    ),
    (
        "What blocks: default, never, a severity (critical, high, medium, low) or severity/confidence: high/medium.",
        "fail_on: default",
    ),
    (
        "Personal data to look for: none, structured (cards, IBANs, national numbers), all (e-mail, telephones, too).",
        "pii: structured",
    ),
    ("Rules to do without, or to look for alone, by id (`modelguard rules list`).", "disable: []\nonly: []"),
    ("More rules: files or folders of this project, ours or those of gitleaks and Kingfisher.", "rules: []"),
    ("More detectors: detect-secrets.", "with_detectors: []"),
    ("Scan the history of this repository, too, and skip what an earlier scan has seen.",
     "history: true\ncache: true"),
    ("Look at the numbers of models as bytes, too.", "weights: false"),
    ("Larger files are not read, which each report says: 500MB, 2GiB (null: no limit).", "max_file_size: null"),
    ("Comments in files may allow findings on their lines (`modelguard: allow[rule] why`).", "allow_comments: true"),
    ("A pull request is scanned as its own settings say, not as those of its base branch do.", "trust_changes: false"),
    ("Worker processes; 0 is one a processor.", "jobs: 0"),
    ("Exit 0 even if something could not be looked at.", "allow_gaps: false"),
)  # fmt: skip
"""What is said of settings, and their lines."""


def step(tree: Tree, asked: Asked) -> Step:
    """Write the file where the tree has no settings yet.

    Raises:
        SettingsError: it has some, and they cannot be read.
    """
    there = settings_in(tree.top)
    if there is not None:
        return Step(f"settings are in {os.path.basename(there[0])} already")
    try:
        if content(tree, PROJECT_FILE) is not None:  # settings_in has seen no regular file
            raise CannotEdit("it is not a regular file")
    except CannotEdit as why:
        by_hand = (f"Replace {PROJECT_FILE} by a file, then run this again.",)
        return Step("no settings", problem=f"{PROJECT_FILE}: {why}", by_hand=by_hand, anyway=2)
    change = Change(PROJECT_FILE, None, settings_text(seen_in(_files(tree))).encode())
    title = f"write {PROJECT_FILE}, in which every setting is a comment with its default"
    return Step(title, (change,), question=f"Write {PROJECT_FILE}?")


def settings_text(seen: dict[str, str]) -> str:
    """The text of the file; `seen` is what to show with a setting, by its name."""
    parts = [_HEAD]
    for about, shown in _SETTINGS:
        name = shown.partition(":")[0]
        lines = [*shown.split("\n"), *seen.get(name, "").split("\n")]
        parts.append(f"# {about}\n" + "".join(f"#{line}\n" for line in lines if line))
    return "\n".join(parts)


def seen_in(files: Iterable[str]) -> dict[str, str]:
    """What the paths of a tree speak of, as comments by setting. No name that is not ours gets into them."""
    folders: Counter[str] = Counter()
    tables = notebooks = 0
    top: set[str] = set()
    for path in files:
        parts = path.split("/")
        folders.update({part for part in parts[:-1] if part in _OTHERS_FOLDERS})
        tables += path.lower().endswith(_TABLES)
        notebooks += path.lower().endswith(".ipynb")
        top.update(parts if len(parts) == 1 else ())
    seen = {}
    if folders:
        listed = "".join(f"\n  - {name}/" for name in sorted(folders))
        seen["exclude"] = f" Code of others seems to be here; to leave it out:\nexclude:{listed}"
    if tables or notebooks:
        seen["pii"] = f" Seen here: notebooks: {notebooks:,}, tables: {tables:,}."
    if baselines := [name for name in _OTHERS_BASELINES if name in top]:
        seen["baseline"] = f" The one of another tool that is here may be used as it is:\nbaseline: {baselines[0]}"
    if rules := [name for name in _OTHERS_RULES if name in top]:
        seen["rules"] = f" Those of another tool that are here may be used as they are:\nrules: [{', '.join(rules)}]"
    return seen


def with_baseline(text: str) -> str:
    """The text of a settings file that names our baseline: its comment becomes a line, or there is one more line.

    Raises:
        CannotEdit: the result would not say just that.
    """
    edited = _BASELINE_LINE.sub(f"baseline: {BASELINE}", text, count=1)
    if edited == text:
        line_end = line_end_of(text)
        edited = text + ("" if text.endswith("\n") or not text else line_end) + f"baseline: {BASELINE}{line_end}"
    try:
        before, after = (read_yaml(each.encode()).plain() for each in (text, edited))
    except YamlError:
        raise CannotEdit("it is not clear where a line more belongs") from None
    if after != {**(before or {}), "baseline": BASELINE}:
        raise CannotEdit("it is not clear where a line more belongs")
    return edited


def baseline_change(tree: Tree) -> Change:
    """What makes the settings of this tree name our baseline.

    Raises:
        CannotEdit: the file cannot be edited, or they are in another one.
    """
    there = settings_in(tree.top)
    if there is not None and os.path.basename(there[0]) != PROJECT_FILE:
        raise CannotEdit(f"The settings are in {os.path.basename(there[0])}")
    try:
        held = content(tree, PROJECT_FILE)
        text = text_of(held or b"")
        edited = with_baseline(text)
    except CannotEdit as why:
        raise CannotEdit(f"{PROJECT_FILE} is not edited: {why}") from None
    return Change(PROJECT_FILE, held, edited.encode(), own=bool(_BASELINE_LINE.search(text)))


def _files(tree: Tree) -> list[str]:
    """The paths that git tracks; outside of git, what lies at the top."""
    if tree.git is None:
        return sorted(os.listdir(tree.top))
    try:
        listed = tree.git.ask("ls-files", "-z", "--cached")
    except GitError:
        return []
    return [os.fsdecode(name) for name in listed.split(b"\0") if name]
