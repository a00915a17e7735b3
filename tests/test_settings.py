"""Settings: which place wins, what each value says of where it came from, and what a file of a project may not do."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import fields

from modelguard.errors import SettingsError
from modelguard.settings import Settings, load_settings, parse_size, user_folder


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder: empty, below a root of its own, in surroundings without any setting."""
    for name in (entry.name.upper() for entry in fields(Settings)):
        monkeypatch.delenv(f"MODELGUARD_{name}", raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    folder = tmp_path / "work" / "project"
    folder.mkdir(parents=True)
    (folder / ".git").mkdir()
    monkeypatch.chdir(folder)
    return folder


def own(text: str) -> Path:
    path = Path(user_folder(), "settings.yaml")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def refused(flags: Mapping[str, Any] | None = None, **arguments: Any) -> SettingsError:
    with pytest.raises(SettingsError) as caught:
        load_settings(flags or {}, **arguments)
    assert caught.value.remedy
    return caught.value


def test_nothing_set_is_the_defaults(project: Path) -> None:
    assert load_settings({}) == Settings()
    assert load_settings({}).origins == {}


def test_each_place_wins_over_those_behind_it(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = own("fail_on: low\njobs: 1\npii: none\nonly: [a]\n")
    (project / ".modelguard.yaml").write_text("# mine\nfail_on: medium\njobs: 2\npii: all\n")
    monkeypatch.setenv("MODELGUARD_FAIL_ON", "high")
    monkeypatch.setenv("MODELGUARD_JOBS", "3")
    settings = load_settings({"fail_on": "critical"})
    assert (settings.fail_on, settings.jobs, settings.pii, settings.only) == ("critical", 3, "all", ("a",))
    assert settings.origins == {
        "fail_on": "flag",
        "jobs": "MODELGUARD_JOBS",
        "pii": f"{project / '.modelguard.yaml'}:4",
        "only": f"{file}:4",
    }


def test_the_environment_can_be_left_aside(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MODELGUARD_JOBS", "3")
    assert load_settings({}, environment=False).jobs == 0


def test_what_is_read_from_the_environment(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    values = {
        "EXCLUDE": "a/,*.csv,",
        "DEFAULT_EXCLUSIONS": "no",
        "RULES": "one.yaml:two.yaml",
        "ALLOW_GAPS": "True",
        "MAX_FILE_SIZE": "2 GiB",
        "BASELINE": "base.json",
    }
    for name, value in values.items():
        monkeypatch.setenv(f"MODELGUARD_{name}", value)
    settings = load_settings({})
    assert settings.exclude == ("a/", "*.csv")
    assert (settings.default_exclusions, settings.allow_gaps) == (False, True)
    assert settings.rules == ("one.yaml", "two.yaml")
    assert settings.max_file_size == 2 * 1024**3
    assert settings.baseline == "base.json"


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("JOBS", "many"),
        ("JOBS", "-1"),
        ("JOBS", "257"),
        ("JOBS", "\u00b2"),  # a digit that is no number
        ("JOBS", "9" * 5000),
        ("ALLOW_GAPS", "perhaps"),
        ("PII", "some"),
        ("MAX_FILE_SIZE", "large"),
        ("MAX_FILE_SIZE", "9" * 400),
    ],
)
def test_a_wrong_variable_is_named(project: Path, monkeypatch: pytest.MonkeyPatch, variable: str, value: str) -> None:
    monkeypatch.setenv(f"MODELGUARD_{variable}", value)
    assert f"MODELGUARD_{variable}: {variable.lower()} is not" in refused().message


def test_the_nearest_folder_with_settings_counts_alone(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    below = project / "src" / "deep"
    below.mkdir(parents=True)
    (project / ".modelguard.yaml").write_text("jobs: 2\npii: none\n")
    monkeypatch.chdir(below)
    assert load_settings({}).jobs == 2
    (project / "src" / "pyproject.toml").write_text("[tool.other]\nname = 1\n")
    assert load_settings({}).jobs == 2
    (project / "src" / "pyproject.toml").write_text("[tool.modelguard]\njobs = 4\n")
    assert (load_settings({}).jobs, load_settings({}).pii) == (4, "structured")
    (below / ".modelguard.yaml").write_text("jobs: 5\n")
    assert load_settings({}).jobs == 5


@pytest.mark.parametrize("kind", ["folder", "file"])
def test_the_search_ends_at_the_root_of_the_repository(project: Path, kind: str) -> None:
    (project.parent / ".modelguard.yaml").write_text("fail_on: never\n")
    if kind == "file":  # as in a worktree or a submodule
        (project / ".git").rmdir()
        (project / ".git").write_text("gitdir: elsewhere\n")
    assert load_settings({}) == Settings()
    assert load_settings({}, start=project.parent).fail_on == "never"


def test_a_named_file_takes_the_place_of_the_projects(project: Path) -> None:
    (project / ".modelguard.yaml").write_text("jobs: 2\npii: none\n")
    (project / "other.yaml").write_text("jobs: 3\n")
    settings = load_settings({}, Path("other.yaml"))
    assert (settings.jobs, settings.pii) == (3, "structured")
    assert settings.origins["jobs"] == "other.yaml:1"
    assert "missing.yaml" in refused(config=Path("missing.yaml")).message


def test_toml_and_yaml_say_the_same(project: Path) -> None:
    (project / "pyproject.toml").write_text(
        '[project]\nname = "x"\n\n[tool.modelguard]\nexclude = ["a/"]\nfail-on = "high/medium"\nallow_gaps = true\n'
        'max_file_size = "1MB"\njobs = 3\n\n[tool.other]\njobs = "no"\n'
    )
    from_toml = load_settings({})
    assert from_toml.origins["fail_on"] == f"{project / 'pyproject.toml'}:6"
    (project / ".modelguard.yaml").write_text(
        "exclude: [a/]\nfail-on: high/medium\nallow_gaps: true\nmax_file_size: 1MB\njobs: 3\n"
    )
    from_yaml = load_settings({})
    assert from_yaml.origins["fail_on"] == f"{project / '.modelguard.yaml'}:2"
    for entry in fields(Settings):
        if entry.name != "origins":
            assert getattr(from_toml, entry.name) == getattr(from_yaml, entry.name)


@pytest.mark.parametrize(
    ("name", "text", "line", "word"),
    [
        (".modelguard.yaml", "jobs: 1\nfail_onn: high\n", 2, "'fail_onn' is not known"),
        (".modelguard.yaml", "jobs: many\n", 1, "jobs is not a number from 0 to 256"),
        (".modelguard.yaml", "\njobs: true\n", 2, "jobs is not a number"),
        (".modelguard.yaml", "exclude: a\n", 1, "exclude is not a list of texts"),
        (".modelguard.yaml", "exclude:\n- 1\n", 1, "exclude is not a list of texts"),
        (".modelguard.yaml", "allow_gaps: 1\n", 1, "allow_gaps is not true or false"),
        (".modelguard.yaml", "baseline: [x]\n", 1, "baseline is not a text"),
        (".modelguard.yaml", "fail_on: 3\n", 1, "fail_on is not a text"),
        (".modelguard.yaml", "pii: [none]\n", 1, "pii is not one of"),
        (".modelguard.yaml", "max_file_size: {}\n", 1, "max_file_size is not"),
        (".modelguard.yaml", "jobs: 1\njobs: 2\n", 2, "the key 'jobs' twice"),
        (".modelguard.yaml", "- jobs\n", 1, "not a mapping"),
        (".modelguard.yaml", "exclude: [\n", 2, ""),
        (".modelguard.yaml", "jobs: !!python/object/apply:os.system [x]\n", 1, ""),
        (".modelguard.yaml", "jobs: !own 3\n", 1, "tag"),
        (".modelguard.yaml", "only: &a [x]\ndisable: *a\n", 1, "alias"),
        (".modelguard.yaml", "? {a: b}\n: 1\n", 1, "not a text"),
        (".modelguard.yaml", "\x00", 1, ""),
        ("pyproject.toml", "[tool.modelguard]\njobs = 1\n\nfoo = 1\n", 4, "'foo' is not known"),
        ("pyproject.toml", "[tool.modelguard]\njobs = 1\njobs = 2\n", 3, "not TOML"),
        ("pyproject.toml", "[tool.modelguard]\nexclude = [1]\n", 2, "exclude is not a list of texts"),
        ("pyproject.toml", "[tool.modelguard]\nfail_on = 2020-01-01\n", 2, "fail_on is not a text"),
    ],
)
def test_a_wrong_file_is_named_with_its_line(project: Path, name: str, text: str, line: int, word: str) -> None:
    (project / name).write_text(text)
    error = refused()
    assert error.message.startswith(f"{project / name}:{line}: ")
    assert word in error.message


@pytest.mark.parametrize(
    ("name", "content"),
    [
        (".modelguard.yaml", b"\xff\xfe"),
        (".modelguard.yaml", b"exclude: " + b"[" * 5000),
        (".modelguard.yaml", b"exclude: " + b"{a: " * 5000),
        (".modelguard.yaml", b"#" * 5_000_000),
        ("pyproject.toml", b"[tool.modelguard]\nexclude = \xff"),
        ("pyproject.toml", b"[tool.modelguard]\nexclude = " + b"[" * 5000),
        ("pyproject.toml", b"[tool]\nmodelguard = 3\n"),
    ],
)
def test_a_file_that_cannot_be_read_is_named(project: Path, name: str, content: bytes) -> None:
    (project / name).write_bytes(content)
    assert str(project / name) in refused().message


@pytest.mark.parametrize("content", [b"", b"# nothing\n", b"---\n", b"\xef\xbb\xbfjobs: 0\n", b"jobs: 0\r\n"])
def test_a_file_may_be_empty_or_from_windows(project: Path, content: bytes) -> None:
    (project / ".modelguard.yaml").write_bytes(content)
    assert load_settings({}) == Settings(origins=load_settings({}).origins)


@pytest.mark.parametrize("content", ["tool = 3\n# modelguard\n", 'name = "modelguard"\n', "[tool]\n# modelguard\n"])
def test_a_pyproject_of_another_kind_is_passed_over(project: Path, content: str) -> None:
    (project / "pyproject.toml").write_text(content)
    assert load_settings({}) == Settings()


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (".modelguard.yaml", "detect_secrets_plugins: [plugin.py]\n"),
        (".modelguard.yaml", "detect-secrets-plugins: [plugin.py]\n"),
        ("pyproject.toml", '[tool.modelguard]\ndetect_secrets_plugins = ["plugin.py"]\n'),
    ],
)
def test_a_project_may_not_name_code(project: Path, name: str, text: str) -> None:
    (project / name).write_text(text)
    error = refused()
    assert "names code to run" in error.message
    assert error.message.startswith(f"{project / name}:")
    named = project / f"named{Path(name).suffix}"
    (project / name).rename(named)
    assert "names code to run" in refused(config=named).message


def test_only_the_users_own_file_may_name_code(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MODELGUARD_DETECT_SECRETS_PLUGINS", "evil.py")
    assert load_settings({}).detect_secrets_plugins == ()
    own("detect_secrets_plugins: [/home/me/plugin.py]\n")
    assert load_settings({}).detect_secrets_plugins == ("/home/me/plugin.py",)


def test_paths_count_from_the_file_that_names_them(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (project / ".modelguard.yaml").write_text("baseline: base.json\nrules: [own/]\n")
    assert load_settings({}).baseline == "base.json"
    (project / "sub").mkdir()
    monkeypatch.chdir(project / "sub")
    settings = load_settings({})
    assert settings.baseline == str(project / "base.json")
    assert settings.rules == (str(project / "own"),)
    assert load_settings({"baseline": "here.json"}).baseline == "here.json"
    monkeypatch.setenv("MODELGUARD_BASELINE", "there.json")
    assert load_settings({}).baseline == "there.json"


@pytest.mark.parametrize("name", ["/abs/rules.yaml", "../rules.yaml", "link.yaml"])
@pytest.mark.parametrize("file", [".modelguard.yaml", "pyproject.toml"])
def test_a_project_names_no_rules_outside_of_it(project: Path, tmp_path: Path, name: str, file: str) -> None:
    (project / "link.yaml").symlink_to(tmp_path / "elsewhere.yaml")
    text = f"rules: [{name}]\n" if file.endswith("yaml") else f"[tool.modelguard]\nrules = ['{name}']\n"
    (project / file).write_text(text)
    assert "lead out of the folder" in refused().message
    assert load_settings({}, project / file).rules  # whoever names the file trusts it


def test_a_user_without_a_home_has_no_settings(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def nowhere() -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.delenv("XDG_CONFIG_HOME")
    monkeypatch.setattr(Path, "home", nowhere)
    assert load_settings({}) == Settings()
    (project / ".modelguard.yaml").write_text("detect_secrets_plugins: [plugin.py]\n")
    assert "names code to run" in refused().message


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("0", 0),
        ("1048576", 1 << 20),
        ("500MB", 500 << 20),
        ("2 GiB", 2 << 30),
        ("1.5k", 1536),
        ("1T", 1 << 40),
        (" 3 b ", 3),
    ],
)
def test_sizes(text: str, size: int) -> None:
    assert parse_size(text) == size


@pytest.mark.parametrize("text", ["", "MB", "-1", "1e3", "1,5MB", "five", "1PB", "1 M B", "0x10", "nan", "inf"])
def test_what_is_no_size(text: str) -> None:
    with pytest.raises(ValueError):
        parse_size(text)


@given(st.text())
def test_a_size_is_a_number_or_refused(text: str) -> None:
    with contextlib.suppress(ValueError):
        assert parse_size(text) >= 0
