"""The table of formats, and what holds for every format in it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings

from modelguard.errors import UsageError
from modelguard.model import ScanResult
from modelguard.reports import FORMATS, render
from modelguard.reports.interface import RenderOptions

from . import samples
from .runner import commands
from .strategies import results

ROOT = Path(__file__).parents[2]


def loaded(code: str) -> set[str]:
    """The modules in memory after a fresh interpreter has run some code."""
    script = f"import sys\nsys.path[:0] = {[str(ROOT), str(ROOT / 'tests')]!r}\n{code}\nprint(*sys.modules)"
    done = subprocess.run([sys.executable, "-I", "-c", script], capture_output=True, text=True, check=True)
    return set(done.stdout.splitlines()[-1].split())


@pytest.mark.parametrize("format_name", FORMATS)
@pytest.mark.parametrize("scan", [samples.full(), samples.result(), samples.result(gaps=(samples.GAP,))])
def test_every_format_renders_every_result(format_name: str, scan: ScanResult) -> None:
    text = render(format_name, scan, RenderOptions())
    assert text.endswith("\n") and not text.endswith("\n\n")
    assert render(format_name, scan, RenderOptions()) == text


@pytest.mark.parametrize("format_name", FORMATS)
@settings(max_examples=100, deadline=None)
@given(scan=results())
def test_no_format_lets_a_tree_speak_to_the_terminal_or_the_runner(format_name: str, scan: ScanResult) -> None:
    text = render(format_name, scan, RenderOptions(verbose=True))
    text.encode("utf-8")
    allowed = len(scan.findings) + len(scan.gaps) if format_name == "github" else 0
    assert len(commands(text)) <= allowed  # and test_github.py says which
    assert not any(acting in text for acting in ("\x1b", "\x85", "\u202e", "\r", "\t", "##[group]", "##vso["))


def test_unknown_format_is_a_usage_error() -> None:
    with pytest.raises(UsageError) as caught:
        render("yaml", samples.result(), RenderOptions())
    assert "sarif" in caught.value.remedy


def test_importing_the_table_imports_no_member_and_no_rich() -> None:
    modules = loaded("import modelguard.reports")
    assert "modelguard.reports.interface" in modules
    assert not modules & {module for module, _ in FORMATS.values()}
    assert not any(module.partition(".")[0] == "rich" for module in modules)


@pytest.mark.parametrize(
    ("scan", "expected"),
    [
        ("result()", False),
        ("result(left_out=(FOLDER_LEFT_OUT,))", False),
        ("result(allowed())", False),
        ("result(finding())", True),
        ("result(gaps=(GAP,))", True),
    ],
)
def test_rich_is_loaded_only_where_there_is_something_to_list(scan: str, expected: bool) -> None:
    code = (
        "from reports.samples import *\nfrom modelguard.reports import render, RenderOptions\n"
        f"text = render('terminal', {scan}, RenderOptions())"
    )
    assert any(module.partition(".")[0] == "rich" for module in loaded(code)) is expected


def test_no_room_but_its_own_is_imported() -> None:
    modules = loaded(f"import modelguard.reports.terminal_page, {', '.join(module for module, _ in FORMATS.values())}")
    rooms = {module.split(".")[1] for module in modules if module.startswith("modelguard.")}
    assert rooms == {"model", "errors", "version", "reports"}
