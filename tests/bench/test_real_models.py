"""The bench of real models: which files it takes from a package, and that it takes no other package than it names."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path

import pytest


def test_model_files_are_taken_and_nothing_else(tmp_path: Path) -> None:
    from accuracy.real_models import copy_models

    package = tmp_path / "package"
    taken = [
        "a/tokenizer.json",
        "a/vocab.txt",
        "x.onnx",
        "data/o200k.tiktoken",
        "a/encoders/p50k.json",
        "BPE_tokenizer.json",
    ]
    left = ["a/setup.py", "README.txt", "package.json", "x-1.dist-info/top_level_model.txt", "tokenizer.js"]
    for name in [*taken, *left]:
        (package / name).parent.mkdir(parents=True, exist_ok=True)
        (package / name).write_text(name)
    copy_models(package, tmp_path / "target")
    found = {
        path.relative_to(tmp_path / "target").as_posix() for path in (tmp_path / "target").rglob("*") if path.is_file()
    }
    assert found == set(taken)


def test_an_archive_must_have_its_digest(tmp_path: Path) -> None:
    from accuracy.real_models import unpack_archive

    archive = tmp_path / "x.tgz"
    with tarfile.open(archive, "w:gz") as out:
        info = tarfile.TarInfo("package/vocab.json")
        info.size = 2
        out.addfile(info, io.BytesIO(b"{}"))
    with pytest.raises(SystemExit, match="digest"):
        unpack_archive(archive, "sha512-AAAA", tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_the_lists_pin_each_package(tmp_path: Path) -> None:
    from accuracy.real_models import NPM, WHEELS

    wheels = [line.split() for line in WHEELS.read_text().splitlines() if not line.startswith("#")]
    archives = [line.split() for line in NPM.read_text().splitlines() if not line.startswith("#")]
    assert all("==" in name and digest.startswith("--hash=sha256:") for name, digest in wheels)
    assert all("@" in name[1:] and digest.startswith("sha512-") for name, digest in archives)
    assert len(wheels) + len(archives) >= 30


def test_findings_are_counted_by_package(tmp_path: Path) -> None:
    from accuracy.real_models import by_package, listed
    from accuracy.scanners import Found

    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "vocab.json").write_text("{}")
    found = [Found("two/vocab.json", 1, 1, "a-rule")]
    assert [line.split("|")[4].strip() for line in by_package(tmp_path, found).splitlines()[2:]] == ["0", "1"]
    assert "a-rule" in listed(found) and not listed([])
