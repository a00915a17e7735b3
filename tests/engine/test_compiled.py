"""The cached database: private, whole or not there, and never used where anything about it is odd."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from msgspec.structs import replace

from modelguard.cache_folder import cache_folder
from modelguard.engine import compiled, fast
from modelguard.engine.choose import choose
from modelguard.engine.syntax import derive
from modelguard.rules.near import near_pattern

PATTERNS = [derive(r"\b(?P<value>abc[0-9]{4})\b"), derive(r"(?P<value>xyz[a-f]{1,9})")]
TEXT = b"an abc1234 and an xyzaf"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The cache folder, which is not there yet."""
    monkeypatch.setenv("MODELGUARD_CACHE_DIR", str(tmp_path / "a" / "cache"))
    return tmp_path / "a" / "cache"


@pytest.fixture
def path(folder: Path) -> Path:
    """A cache file as `choose` leaves it."""
    assert choose(PATTERNS, None).name == "fast"
    (path,) = folder.iterdir()
    return path


def _mode(path: Path) -> int:
    return stat.S_IMODE(path.lstat().st_mode)


def test_the_file_and_its_folder_are_the_users_alone(path: Path, folder: Path) -> None:
    assert (_mode(path), _mode(folder)) == (0o600, 0o700)
    assert str(path) == compiled.cache_file(PATTERNS)


def test_the_file_is_private_whatever_the_umask_is(folder: Path) -> None:
    before = os.umask(0)
    try:
        choose(PATTERNS, None)
    finally:
        os.umask(before)
    (path,) = folder.iterdir()
    assert (_mode(path), _mode(folder)) == (0o600, 0o700)


def test_what_is_stored_is_what_is_loaded(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = choose(PATTERNS, None).scan(TEXT)
    monkeypatch.setattr(fast, "compile_database", _must_not_be_called)
    assert choose(PATTERNS, None).scan(TEXT) == found
    assert len(found.spans) == 2


def test_what_is_made_later_is_what_was_stored(monkeypatch: pytest.MonkeyPatch) -> None:
    abyss = derive(near_pattern(["abyss"], "[0-9a-f]{12}"))
    patterns = [*PATTERNS, replace(abyss, common=True, hunt="", encoded=())]
    texts = [TEXT, b"abyss key=0123456789ab", "an abc1234".encode("utf-16-le"), b"no\0thing"]
    found = [choose(patterns, None).scan(text) for text in texts]
    monkeypatch.setattr(fast, "compile_database", _must_not_be_called)
    engine = choose(patterns, None)
    assert [engine.scan(text) for text in texts] == found
    assert [bool(each.spans or each.wide) for each in found] == [True, True, True, False]


def test_other_patterns_and_another_engine_have_another_file(monkeypatch: pytest.MonkeyPatch) -> None:
    names = {compiled.cache_file(PATTERNS), compiled.cache_file(PATTERNS[:1]), compiled.cache_file(PATTERNS[::-1])}
    names.add(compiled.cache_file([PATTERNS[0], derive(r"(?P<value>xyz[a-f]{2,9})")]))
    monkeypatch.setattr(compiled.hyperscan, "__version__", "0.0.1")
    names.add(compiled.cache_file(PATTERNS))
    monkeypatch.setattr(compiled.platform, "machine", lambda: "vax")
    names.add(compiled.cache_file(PATTERNS))
    assert len(names) == 6


def _must_not_be_called(*arguments: object) -> None:
    raise AssertionError("compiled though there is a good file")


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


def _cut_to_nothing(path: Path) -> None:
    path.write_bytes(b"")


def _flip(offset: int) -> Callable[[Path], None]:
    def flip(path: Path) -> None:
        content = bytearray(path.read_bytes())
        content[offset] ^= 1
        path.write_bytes(content)

    return flip


def _lengthen(path: Path) -> None:
    path.write_bytes(path.read_bytes() + b"\0")


def _no_database(path: Path) -> None:
    """The right checksum around bytes that are none."""
    body = b"\0" * 500
    path.write_bytes(compiled._MAGIC + compiled._checksum(body) + body)


def _too_many_parts(path: Path) -> None:
    """The right checksum around one part more than there are."""
    body = path.read_bytes()[len(compiled._MAGIC) + 4 :] + b"\0" * 8
    path.write_bytes(compiled._MAGIC + compiled._checksum(body) + body)


def _group_writable(path: Path) -> None:
    path.chmod(0o620)


def _world_writable(path: Path) -> None:
    path.chmod(0o602)


def _folder_group_writable(path: Path) -> None:
    path.parent.chmod(0o770)


def _link(path: Path) -> None:
    aside = path.with_name("aside")
    path.rename(aside)
    path.symlink_to(aside)


def _linked_folder(path: Path) -> None:
    aside = path.parent.with_name("aside")
    path.parent.rename(aside)
    path.parent.symlink_to(aside, target_is_directory=True)


def _folder_in_place_of_the_file(path: Path) -> None:
    path.unlink()
    path.mkdir()


@pytest.mark.parametrize(
    "spoil",
    [
        _cut,
        _cut_to_nothing,
        _lengthen,
        _flip(0),
        _flip(len(compiled._MAGIC)),
        _flip(len(compiled._MAGIC) + 40),
        _flip(-1),
        _no_database,
        _too_many_parts,
        _group_writable,
        _world_writable,
        _folder_group_writable,
        _link,
        _linked_folder,
        _folder_in_place_of_the_file,
        Path.unlink,
    ],
)
def test_an_odd_file_is_not_used(spoil: Callable[[Path], None], path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert compiled.load(path) is not None
    spoil(path)
    assert compiled.load(path) is None
    built = []
    build = compiled.compile_database
    monkeypatch.setattr(fast, "compile_database", lambda *wanted: built.append(1) or build(*wanted))
    engine = choose(PATTERNS, None)
    assert built
    assert len(engine.scan(TEXT).spans) == 2


@pytest.mark.parametrize("spoil", [_cut, _flip(60), _no_database, _group_writable, _link])
def test_an_odd_file_is_replaced(spoil: Callable[[Path], None], path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spoil(path)
    choose(PATTERNS, None)
    assert path.is_file()
    assert not path.is_symlink()
    assert _mode(path) == 0o600
    monkeypatch.setattr(fast, "compile_database", _must_not_be_called)
    assert len(choose(PATTERNS, None).scan(TEXT).spans) == 2


@pytest.mark.parametrize("whose", ["file", "folder"])
def test_what_belongs_to_another_user_is_not_used(whose: str, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = path if whose == "file" else path.parent
    if os.getuid() == 0:
        os.chown(target, 12345, 12345)
    else:
        true = os.lstat(target).st_uid
        monkeypatch.setattr(os, "getuid", lambda: true + 1)
    assert compiled.load(path) is None
    if whose == "folder":
        before = path.read_bytes()
        assert not compiled.store(fast.build(PATTERNS), path)
        assert path.read_bytes() == before
    assert len(choose(PATTERNS, None).scan(TEXT).spans) == 2


def test_nothing_is_stored_in_a_folder_that_others_can_write(path: Path, folder: Path) -> None:
    folder.chmod(0o777)
    path.unlink()
    assert choose(PATTERNS, None).name == "fast"
    assert list(folder.iterdir()) == []


def test_a_failed_write_leaves_what_was_there(path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = path.read_bytes()
    database = fast.build(PATTERNS)

    def fail(*arguments: object) -> None:
        (aside,) = set(folder.iterdir()) - {path}
        assert _mode(aside) == 0o600
        assert path.read_bytes() == before  # nobody sees half a file
        raise OSError("no space")

    monkeypatch.setattr(os, "replace", fail)
    assert not compiled.store(database, path)
    assert list(folder.iterdir()) == [path]
    assert path.read_bytes() == before


def test_a_cache_that_cannot_be_made_costs_only_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("MODELGUARD_CACHE_DIR", str(tmp_path / "file" / "cache"))
    assert choose(PATTERNS, None).name == "fast"
    assert choose(PATTERNS, 1).name == "plain"


def test_the_folder_is_where_the_environment_says(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert cache_folder() == str(tmp_path / "a" / "cache")
    monkeypatch.delenv("MODELGUARD_CACHE_DIR")
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setenv("XDG_CACHE_HOME", "/x")
    assert cache_folder() == "/x/modelguard"
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", "/home/somebody")
    assert cache_folder() == "/home/somebody/.cache/modelguard"
