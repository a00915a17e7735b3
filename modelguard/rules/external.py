"""Rules from outside the package: our own YAML, and files of other tools, read as they are.

A rule from outside is data. Its pattern is bounded like ours, and what a text could make slow is refused. A rule that
cannot be taken over is never left out in silence: it stops a scan, and `modelguard rules import` lists it.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from modelguard.errors import RuleError
from modelguard.rules.interface import Rule
from modelguard.rules.loader import load_rules, make_rule
from modelguard.yaml_lines import MAX_BYTES

if TYPE_CHECKING:
    from modelguard.rules.foreign.interface import Draft, Note, Taken

SUFFIXES = (".yaml", ".yml", ".toml")
_REMEDY = (
    "`modelguard rules import FILE` writes those that can be, and lists every reason; then scan with what it wrote."
)


class External(NamedTuple):
    """Rules from outside; `adopted` are the ids of those that other tools' files hold."""

    rules: list[Rule]
    adopted: frozenset[str]


def load_external(
    paths: Sequence[Path], builtin: Sequence[Rule], told: Callable[[str], None] = lambda line: None
) -> External:
    """The rules of files and folders, in the order of their ids. `told` gets a line for all that is not as a file says.

    A rule of ours may take the place of a built-in one of the same id; a rule of another tool may not.

    Raises:
        RuleError: a file cannot be read, two rules share an id, or a rule cannot be taken over.
    """
    rules: dict[str, Rule] = {}
    adopted: set[str] = set()
    taken_ids = _ids(builtin)
    for path in _files(paths):
        content = _content(path)
        if is_foreign(path, content):
            found = _adopted(path, content, taken_ids, told)
            adopted.update(rule.id for rule in found)
        else:
            found = load_rules(path, content)
            for rule in found:
                _check_effort(path, rule)
        for rule in found:
            if rule.id in rules:
                raise RuleError(f"{path}: the rule id {rule.id} is taken already", "Ids are unique; choose another.")
            rules[rule.id] = rule
    return External([rules[name] for name in sorted(rules)], frozenset(adopted))


class Imported(NamedTuple):
    """A file of another tool as a rule file of ours, and a line for all that is not as the file says."""

    text: str
    rules: int
    lost: int
    notes: list[str]


def import_rules(path: Path, builtin: Sequence[Rule]) -> Imported:
    """Convert a file of another tool. A rule whose id is that of a built-in one gets another.

    Raises:
        RuleError: it cannot be read, or is a rule file of ours already.
    """
    from modelguard.rules.foreign.written import written

    content = _content(path)
    if not is_foreign(path, content):
        raise RuleError(f"{path}: is a rule file already", "Give it to --rules as it is.")
    notes: list[Note] = []
    made = list(_made(path, content, _ids(builtin), notes, rename=True))
    lost = sum(note.lost for note in notes)
    return Imported(
        written(path.name, [entry for entry, _ in made]), len(made), lost, [_line(path, note) for note in notes]
    )


def is_foreign(path: Path, content: bytes) -> bool:
    """Whether a file is another tool's: TOML, or YAML whose outermost thing is not a list."""
    if path.suffix == ".toml":
        return True
    from modelguard.yaml_lines import YamlError, read_yaml

    try:
        return isinstance(read_yaml(content).value, dict)
    except YamlError:
        return False


def _adopted(path: Path, content: bytes, taken_ids: Mapping[str, str], told: Callable[[str], None]) -> list[Rule]:
    notes: list[Note] = []
    rules = [rule for _, rule in _made(path, content, taken_ids, notes, rename=False)]
    for note in notes:
        told(_line(path, note))
    lost = [note for note in notes if note.lost]
    if lost:
        first = f"{lost[0].rule}: {lost[0].text}"
        more = f", and {len(lost) - 1} more" if len(lost) > 1 else ""
        raise RuleError(
            f"{path}: {len(lost)} of {len(lost) + len(rules)} rules cannot be taken over ({first}{more})", _REMEDY
        )
    return rules


def _made(
    path: Path, content: bytes, taken_ids: Mapping[str, str], notes: list[Note], rename: bool
) -> Iterator[tuple[Mapping[str, Any], Rule]]:
    """Each rule that a file gives, as an entry and made; all that is not as the file says is added to `notes`."""
    from modelguard.rules.foreign.interface import Note

    taken, tool = _read(path, content)
    notes += taken.notes
    known = dict(taken_ids)
    for draft in taken.drafts:
        entry = dict(draft.entry)
        if entry["id"] in known:
            free = f"{tool}-{entry['id']}"
            if not rename or free in known:
                owner = known[entry["id"]]
                notes.append(Note(draft.source_id, f"its id is that of {owner}; call it {free}, say", lost=True))
                continue
            notes.append(Note(draft.source_id, f"called {free}, since {entry['id']} is {known[entry['id']]}"))
            entry["id"] = free
        try:
            rule = make_rule(path, {**entry, **_examples(draft)})
            _check_effort(path, rule)
        except RuleError as error:
            notes.append(Note(draft.source_id, error.message.removeprefix(f"{path}: "), lost=True))
            continue
        known[rule.id] = f"another rule of {path.name}"
        notes += [Note(draft.source_id, text) for text in draft.notes]
        yield entry, rule


def _read(path: Path, content: bytes) -> tuple[Taken, str]:
    from modelguard.rules.foreign import FORMATS

    found = FORMATS.get(path.suffix, FORMATS[".yaml"])
    return found.read(path, content), found.name


def _examples(draft: Draft) -> dict[str, list[str]]:
    """The examples, for `rules check` alone."""
    found = {"examples": list(draft.examples), "not_examples": list(draft.not_examples)}
    return {key: texts for key, texts in found.items() if texts}


def _check_effort(path: Path, rule: Rule) -> None:
    from modelguard.engine.effort import check_pattern_effort
    from modelguard.engine.syntax import PatternError

    try:
        check_pattern_effort(rule.pattern)
    except PatternError as error:
        raise RuleError(f"{path}: the pattern of {rule.id} {error}", "docs/rules.md says how to write it.") from None


def _ids(rules: Sequence[Rule]) -> dict[str, str]:
    return {name: "a built-in rule" for rule in rules for name in (rule.id, *rule.was)}


def _line(path: Path, note: Note) -> str:
    subject = f"{path}: {note.rule}: " if note.rule else f"{path}: "
    return f"{subject}{'NOT TAKEN OVER: ' if note.lost else ''}{note.text}"


def _files(paths: Sequence[Path]) -> Iterator[Path]:
    for path in paths:
        if not path.is_dir():
            yield path
            continue
        inside = sorted(file for file in path.rglob("*") if file.suffix in SUFFIXES and file.is_file())
        if not inside:
            raise RuleError(f"{path}: holds no rule file ({', '.join(SUFFIXES)})", "Name a folder that holds rules.")
        for file in inside:
            if not Path(os.path.realpath(file)).is_relative_to(os.path.realpath(path)):
                raise RuleError(f"{file}: leads out of the folder of rules", "Name the file itself with --rules.")
            yield file


def _content(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(MAX_BYTES + 1)
    except OSError as error:
        raise RuleError(f"{path}: {error.strerror}", "Name a file or folder of rules that can be read.") from None
