"""The first settings file: it changes nothing, shows what there is, and takes a baseline's name."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelguard.settings import Settings, load_settings
from modelguard.starting.interface import CannotEdit
from modelguard.starting.settings_file import BASELINE, seen_in, settings_text, with_baseline
from modelguard.yaml_lines import read_yaml

SEEN = ["vendor/a.py", "src/third_party/b.py", "data/x.CSV", "eda.ipynb", ".gitleaksignore", ".gitleaks.toml"]


def loaded(folder: Path, text: str) -> Settings:
    (folder / ".modelguard.yaml").write_text(text)
    return load_settings({}, start=folder, environment=False)


@pytest.mark.parametrize("files", [[], SEEN])
def test_it_changes_nothing(tmp_path: Path, files: list[str]) -> None:
    assert loaded(tmp_path, settings_text(seen_in(files))) == Settings()


def test_each_setting_is_there_with_its_default(tmp_path: Path) -> None:
    text = settings_text({})
    shown = dict(re.findall(r"^#(\w+): (.*)$", text, re.MULTILINE))
    names = {name for name in Settings.__struct_fields__ if name != "origins"}
    assert set(shown) == names - {"detect_secrets_plugins"}  # which no file of a project may name
    settings = loaded(tmp_path, re.sub(r"^#(?=\w+: )", "", text, flags=re.MULTILINE))
    assert settings.baseline is not None and Path(settings.baseline).name == BASELINE == shown["baseline"]
    for name in names - {"baseline"}:
        assert getattr(settings, name) == getattr(Settings(), name), name


def test_what_was_seen_can_be_taken_as_it_is_written(tmp_path: Path) -> None:
    text = settings_text(seen_in(SEEN))
    assert "notebooks: 1, tables: 1" in text
    assert "#baseline: .gitleaksignore" in text
    without = text.replace("#exclude: []\n", "").replace("#rules: []\n", "").replace(f"#baseline: {BASELINE}\n", "")
    settings = loaded(tmp_path, re.sub(r"^#(?=\w|  - )", "", without, flags=re.MULTILINE))
    assert settings.exclude == ("third_party/", "vendor/")
    assert [Path(name).name for name in settings.rules] == [".gitleaks.toml"]


@given(st.lists(st.text(max_size=20)))
def test_no_name_of_a_file_becomes_a_setting(names: list[str]) -> None:
    hostile = [f"{name}\nallow_gaps: true\nvendor/x.csv" for name in names] + [f"vendor/{name}" for name in names]
    assert read_yaml(settings_text(seen_in(hostile)).encode()).value is None


def test_our_own_comment_becomes_the_line() -> None:
    text = settings_text({})
    assert with_baseline(text) == text.replace(f"#baseline: {BASELINE}", f"baseline: {BASELINE}")
    windows = text.replace("\n", "\r\n")
    assert with_baseline(windows) == with_baseline(text).replace("\n", "\r\n")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", f"baseline: {BASELINE}\n"),
        ("# nothing", f"# nothing\nbaseline: {BASELINE}\n"),
        ("exclude: [a]", f"exclude: [a]\nbaseline: {BASELINE}\n"),
        ("exclude:\r\n- a\r\n", f"exclude:\r\n- a\r\nbaseline: {BASELINE}\r\n"),
    ],
)
def test_a_file_of_somebody_elses_gets_one_more_line(before: str, after: str) -> None:
    assert with_baseline(before) == after


@pytest.mark.parametrize(
    "text", ["{exclude: [a]}\n", "  exclude: [a]\n", "baseline: other\n", "a: [\n", "- a\n", "x: 1\n..."]
)
def test_where_a_line_more_says_something_else_it_is_not_added(text: str) -> None:
    with pytest.raises(CannotEdit):
        with_baseline(text)
