"""detect-secrets as one more detector: what it finds, where, and what it must never run."""

from __future__ import annotations

import base64
import json
import pickle
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from detect_secrets.settings import get_settings, transient_settings
from hypothesis import given
from hypothesis import strategies as st

import modelguard
from modelguard.detectors.detect_secrets import DetectSecrets
from modelguard.detectors.detect_secrets.detector import VERIFIES
from modelguard.detectors.detect_secrets.lines import LONGEST_LINE, SHARED
from modelguard.detectors.interface import Match
from modelguard.detectors.others import others
from modelguard.errors import DetectorError
from modelguard.inspection import Inspection
from modelguard.model import Confidence, Severity
from modelguard.pipeline import chosen_rules
from modelguard.rules.templates import expand
from modelguard.settings import Settings
from modelguard.sources.file import FileBlob
from modelguard.sources.filesystem import FilesystemSource

ROOT = Path(__file__).resolve().parent.parent.parent
TOKEN = expand("ghp_<alnum:36>")
BADGE = expand("acme-<digit:9>-<lower:3>")
DETECTOR = DetectSecrets()

CUSTOM = """
    import re
    from pathlib import Path
    from detect_secrets.plugins.aws import AWSKeyDetector
    from detect_secrets.plugins.base import RegexBasedDetector

    with (Path(__file__).parent / "ran").open("a") as ran:
        ran.write("x")

    class AcmeDetector(RegexBasedDetector):
        secret_type = "Acme Badge (internal)"
        denylist = [re.compile(r"acme-[0-9]{9}-[a-z]{3}")]
"""


@pytest.fixture(autouse=True)
def _alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of this machine's settings or caches, and no compiler in the background."""
    home = tmp_path / "home"
    home.mkdir()
    for name in ("HOME", "XDG_CONFIG_HOME", "MODELGUARD_CACHE_DIR", "APPDATA"):
        monkeypatch.setenv(name, str(home))
    monkeypatch.setenv("MODELGUARD_NO_BACKGROUND", "1")


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "tree"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


def plugin_file(folder: Path, text: str = CUSTOM) -> str:
    file = folder / "acme_plugin.py"
    file.write_text(textwrap.dedent(text))
    return str(file)


def found(text: str | bytes, path: str = "a.py", detector: DetectSecrets = DETECTOR) -> list[Match]:
    raw = text if isinstance(text, bytes) else text.encode()
    matches = detector.detect(raw, lambda: path).matches
    for match in matches:
        assert raw[match.value_start : match.value_end] == match.value
    return list(matches)


def values(text: str | bytes, path: str = "a.py") -> list[bytes]:
    return [match.value for match in found(text, path)]


def test_default_plugins_find_a_token() -> None:
    (match,) = found(f"# nothing\nuse {TOKEN} here\n")
    assert match.value == TOKEN.encode()
    assert match.rule.id == "detect-secrets-github-token"
    assert match.rule.title == "GitHub Token"
    assert (match.rule.severity, match.confidence, match.rule.generic) == (Severity.HIGH, Confidence.MEDIUM, True)


def test_plugins_that_guess_have_low_confidence() -> None:
    quoted = expand("<base64:60>")
    (match,) = found(f'x = "{quoted}"')
    assert (match.rule.id, match.confidence) == ("detect-secrets-base64-high-entropy-string", Confidence.LOW)
    password = expand("<lower:6>-<lower:6>")
    (match,) = found(f'password = "{password}"')
    assert (match.rule.id, match.confidence) == ("detect-secrets-secret-keyword", Confidence.LOW)


def test_every_rule_explains_itself() -> None:
    rules = DETECTOR.rules
    assert len(rules) >= 25
    assert len({rule.id for rule in rules}) == len(rules)
    for rule in rules:
        assert rule.id.startswith("detect-secrets-")
        assert rule.title in rule.what
        assert rule.why and rule.remedy and rule.preview == "none"


@pytest.mark.parametrize("around", ["é{}ü", "日本 {} 語", "🔑='{}'🔑", "\t{}\r", "{}"])
@pytest.mark.parametrize("encoding", ["utf-8", "latin-1"])
def test_offsets_count_bytes(around: str, encoding: str) -> None:
    before = "ä\n\nÿ€\n" if encoding == "utf-8" else "ä\n\nÿ\n"
    raw = (before + around.format(TOKEN) + "\nß").encode(encoding, "replace")
    (match,) = found(raw)
    assert match.value_start == raw.index(TOKEN.encode())


@given(st.lists(st.one_of(st.binary(max_size=30), st.just(TOKEN.encode()), st.just(b'"'), st.just(b"\n")), max_size=12))
def test_offsets_always_point_at_what_was_seen(pieces: list[bytes]) -> None:
    raw = b"".join(pieces)
    for match in found(raw):
        assert match.value
        assert b"\n" not in match.value


def test_a_value_is_found_where_it_looks_like_one() -> None:
    text = 'password = "password1"; password1_used = True'  # modelguard: allow[generic-password-quoted] made up
    (match,) = found(text)
    assert match.value_start == len('password = "')
    assert len(found(f'a = "{TOKEN}"; b = "{TOKEN}"')) == 2


def test_a_token_is_whole_even_where_a_pattern_groups_its_prefix() -> None:
    prefix = TOKEN.partition("_")[0]
    assert values(f"{prefix} is the prefix of {TOKEN}") == [TOKEN.encode()]
    gitlab = expand("glpat-<alnum:20>")
    assert gitlab.encode() in values(f"--token {gitlab}")
    password = expand("<alnum:12>")
    assert values(f"{password} https://user:{password}@example.org") == [password.encode()]


def test_a_value_that_the_line_does_not_hold_marks_the_line(tmp_path: Path) -> None:
    plugin = """
        from detect_secrets.plugins.base import BasePlugin

        class Decoding(BasePlugin):
            secret_type = "Decoded"

            def analyze_string(self, string):
                return ["hidden"] if "aGlkZGVu" in string else []
    """
    detector = DetectSecrets([plugin_file(tmp_path, plugin)])
    (match,) = found("first\n  é x = aGlkZGVu  \nlast", detector=detector)
    assert match.value.decode() == "é x = aGlkZGVu"


def test_lock_files_hold_digests_but_tokens_are_tokens_everywhere() -> None:
    digest = expand("<hex:64>")
    line = f'"integrity": "{digest}", "from": "{TOKEN}"'
    assert digest.encode() in values(line, "a/list.json")
    assert values(line, "a/package-lock.json") == [TOKEN.encode()]


def test_filters_of_the_library_hold() -> None:
    assert values('secret = get_secret_key("some-name")') == []
    assert values('password = "${PASSWORD}"') == []
    assert values(f'x = "{expand("<uuid>")}"') == []


def test_a_line_of_any_length_is_looked_at_to_its_end() -> None:
    filler = "é, " * LONGEST_LINE
    (match,) = found(filler + TOKEN)
    assert match.value == TOKEN.encode()
    for at in range(LONGEST_LINE - 50, LONGEST_LINE + 50):
        assert values(" " * at + TOKEN + " " * LONGEST_LINE) == [TOKEN.encode()]
    assert len(TOKEN) < SHARED


@pytest.mark.parametrize(
    "unit", ["password", "secret_", "password=", 'password="', "`==", "api_key(", '"', "eyJ", "://a:b", "id_", "\0x'"]
)
def test_hostile_lines_end(unit: str) -> None:
    DETECTOR.detect(unit.encode() * (60_000 // len(unit)), lambda: "a.yaml")


def test_binary_files_give_their_printable_runs() -> None:
    raw = bytes(range(256)) * 3 + b"\0\x01" + TOKEN.encode() + b"\0\xff" + bytes(range(255, -1, -1))
    assert TOKEN.encode() in values(raw, "model.bin")


def test_a_custom_plugin_from_a_file(tmp_path: Path) -> None:
    detector = DetectSecrets([plugin_file(tmp_path)])
    (match,) = found(f"ask {BADGE} for it", detector=detector)
    assert match.rule.id == "detect-secrets-acme-badge-internal"
    assert match.confidence is Confidence.MEDIUM
    assert len(detector.rules) == len(DETECTOR.rules) + 1
    assert found(f"ask {BADGE} for it") == []
    assert found(f"ask {BADGE} for it", detector=DetectSecrets()) == []


def test_a_custom_plugin_replaces_a_default_one_of_its_type(tmp_path: Path) -> None:
    plugin = plugin_file(tmp_path, CUSTOM.replace("Acme Badge (internal)", "GitHub Token"))
    detector = DetectSecrets([plugin])
    assert len(detector.rules) == len(DETECTOR.rules)
    assert [match.value for match in found(f"{TOKEN} {BADGE}", detector=detector)] == [BADGE.encode()]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("import no_such_module_anywhere", "no_such_module_anywhere"),
        ("def broken(", "SyntaxError"),
        ("from detect_secrets.plugins.aws import AWSKeyDetector", "holds no plugin"),
        (CUSTOM + "\n        def __init__(self, needed): pass", "AcmeDetector cannot be made"),
    ],
)
def test_a_plugin_file_that_cannot_be_used_is_an_error(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(DetectorError, match=said) as error:
        others(["detect-secrets"], [plugin_file(tmp_path, text)])
    assert error.value.remedy


def test_plugin_files_are_named_by_their_whole_path(tree: Path) -> None:
    plugin_file(tree)
    with pytest.raises(DetectorError, match="whole path"):
        others(["detect-secrets"], ["acme_plugin.py"])
    with pytest.raises(DetectorError, match="no such plugin file"):
        others(["detect-secrets"], [str(tree / "missing.py")])
    assert not (tree / "ran").exists()


def test_an_unknown_name_is_an_error(tree: Path) -> None:
    (tree / "a.txt").write_text("nothing")
    with pytest.raises(DetectorError, match="no detector 'detect_secrets'") as error:
        modelguard.scan(tree, with_detectors=["detect_secrets"])
    assert "detect-secrets" in error.value.remedy


def test_without_the_library_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.split(".")[0] == "detect_secrets"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "detect_secrets", None)
    with pytest.raises(DetectorError, match="detect-secrets cannot be imported") as error:
        others(["detect-secrets"], [])
    assert "pip install detect-secrets" in error.value.remedy


def test_names_given_twice_count_once() -> None:
    assert len(others(["detect-secrets", "detect-secrets"], [])) == 1


def test_a_scan_with_it(tree: Path, tmp_path: Path) -> None:
    (tree / "a.md").write_text(f"key {TOKEN}\nbadge {BADGE}\n")
    plugin = plugin_file(tmp_path)
    plain = modelguard.scan(tree)
    result = modelguard.scan(tree, with_detectors=["detect-secrets"], detect_secrets_plugins=[plugin])
    assert [finding.rule for finding in plain.findings] == ["github-pat"]
    assert [finding.rule for finding in result.findings] == ["github-pat", "detect-secrets-acme-badge-internal"]
    theirs = result.findings[1]
    assert (theirs.place.line, theirs.place.column) == (2, 7)
    assert theirs.blocking and result.exit_status == 1
    assert BADGE not in repr(result) and TOKEN not in repr(result)
    assert set(result.rules) == {finding.rule for finding in result.findings}
    assert result.rules[theirs.rule].title == "Acme Badge (internal)"
    assert set(plain.rules) == {"github-pat"}


def test_both_detectors_read_wide_text(tree: Path) -> None:
    (tree / "a.txt").write_bytes(f"password: x\ndigest = '{expand('<hex:40>')}'".encode("utf-16"))
    result = modelguard.scan(tree, with_detectors=["detect-secrets"])
    assert "detect-secrets-hex-high-entropy-string" in {finding.rule for finding in result.findings}


def test_a_plugin_named_by_a_baseline_in_the_tree_is_not_run(tree: Path) -> None:
    file = plugin_file(tree)
    url = f"file://{file}"
    baseline = {
        "version": "1.5.0",
        "plugins_used": [{"name": "AcmeDetector", "path": url}],
        "filters_used": [{"path": f"{url}::AcmeDetector"}],
        "results": {},
    }
    for name in (".secrets.baseline", "detect-secrets.json"):
        (tree / name).write_text(json.dumps(baseline))
    (tree / "detect_secrets.py").write_text(f"open({str(tree / 'ran')!r}, 'w')")
    (tree / "a.txt").write_text(f"key {TOKEN}\n")
    assert modelguard.scan(tree, with_detectors=["detect-secrets"]).findings
    assert modelguard.scan(".", with_detectors=["detect-secrets"]).findings
    assert not (tree / "ran").exists()


def test_a_settings_file_in_the_tree_cannot_name_a_plugin(tree: Path) -> None:
    file = plugin_file(tree)
    (tree / ".modelguard.yaml").write_text(f"with_detectors: [detect-secrets]\ndetect_secrets_plugins: ['{file}']\n")
    with pytest.raises(modelguard.ModelguardError, match="names code to run"):
        modelguard.scan(tree)
    assert not (tree / "ran").exists()


def test_it_is_imported_only_when_asked_for(tree: Path) -> None:
    (tree / "a.txt").write_text(f"key {TOKEN}\n")
    code = (
        "import sys, warnings, modelguard\n"
        "showing = warnings.showwarning\n"
        "modelguard.scan('.', **eval(sys.argv[1]))\n"
        "assert warnings.showwarning is showing\n"
        "print(sorted(name for name in sys.modules if 'detect_secrets' in name))"
    )

    def imported(options: str) -> str:
        command = [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(ROOT)!r})\n{code}", options]
        return subprocess.run(command, cwd=tree, capture_output=True, text=True, check=True).stdout.strip()

    assert imported("{}") == "[]"
    assert "detect_secrets.plugins.base" in imported("{'with_detectors': ['detect-secrets']}")


def test_nothing_of_it_stays_behind(tmp_path: Path) -> None:
    before = get_settings().json()
    DetectSecrets([plugin_file(tmp_path)]).detect(f"{TOKEN} {BADGE}".encode(), lambda: "a.py")
    assert get_settings().json() == before


def test_no_plugin_asks_the_network(tmp_path: Path) -> None:
    plugin = CUSTOM + (
        "\n        def verify(self, secret):"
        "\n            raise AssertionError('asked')"
    )  # fmt: skip
    detector = DetectSecrets([plugin_file(tmp_path, plugin)])
    verifying = {"filters_used": [{"path": VERIFIES, "min_level": 2}]}
    with transient_settings(verifying):
        assert len(found(BADGE, detector=detector)) == 1
        assert VERIFIES in get_settings().filters


def test_it_works_in_a_process_that_is_not_a_fork(tree: Path, tmp_path: Path) -> None:
    (tree / "a.txt").write_text(f"badge {BADGE}\n")
    settings = Settings(with_detectors=("detect-secrets",), detect_secrets_plugins=(plugin_file(tmp_path),))
    inspection = Inspection(chosen_rules(settings), settings, 100, frozenset())
    (blob,) = FilesystemSource([str(tree)]).items()
    assert isinstance(blob, FileBlob)
    here, _ = inspection.do(blob)
    (again,) = FilesystemSource([str(tree)]).items()
    there, _ = pickle.loads(pickle.dumps(inspection)).do(again)
    assert here is not None
    assert here.findings
    assert here == there


def test_it_works_in_forked_workers(tree: Path) -> None:
    for name in ("a", "b"):
        (tree / f"{name}.txt").write_text(" " * 3_000_000 + f"\nx = '{expand('<hex:40>', ord(name))}'\n")
    result = modelguard.scan(tree, with_detectors=["detect-secrets"], jobs=2)
    assert result.gaps == ()
    assert {finding.origin.path for finding in result.findings} == {"a.txt", "b.txt"}


def test_an_encoded_value_is_not_ours_to_guess() -> None:
    """What stands in base64 is for readers; a plugin that sees it in quotes says that it looks random."""
    encoded = base64.b64encode(TOKEN.encode()).decode()
    assert values(f'x = "{encoded}"') == [encoded.encode()]
