"""No file makes a scan write, run, load, connect or read anything else: Python's audit events, and the folder afterwards."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.corpus import messages, tables
from tests.corpus.make import corpus
from tests.hostile.readers.samples import SAMPLES, VALUES
from tests.packed import zipped
from tests.readers.opened import RULES

MADE = "modelguard-was-here"
"""A file or a module of this name is asked for by everything here, and must never be."""


class _Runs:
    """A pickle of it calls something."""

    def __init__(self, function: str, *arguments: object) -> None:
        self._call = function, arguments

    def opcodes(self) -> bytes:
        """As `pickle` would write a reduction of it: the function must not exist here."""
        module, _, name = self._call[0].rpartition(".")
        arguments = b"".join(b"X" + len(each).to_bytes(4, "little") + each for each in map(_utf8, self._call[1]))
        return b"\x80\x02c" + f"{module}\n{name}\n".encode() + b"(" + arguments + b"tR."


def _utf8(value: object) -> bytes:
    return str(value).encode()


def hostile() -> Iterator[tuple[str, bytes]]:
    """Files that ask for something."""
    for number, (function, argument) in enumerate(
        [
            ("os.system", f"touch {MADE}"),
            ("posix.system", f"touch {MADE}"),
            ("builtins.exec", f"open({MADE!r}, 'w')"),
            ("builtins.eval", f"open({MADE!r}, 'w')"),
            ("subprocess.Popen", f"touch {MADE}"),
            ("webbrowser.open", "http://127.0.0.1:9/"),
            ("runpy.run_path", MADE),
            (f"{MADE.replace('-', '_')}.run", "x"),
            ("ctypes.CDLL", f"./{MADE}.so"),
        ]
    ):
        data = _Runs(function, argument).opcodes()
        yield f"runs{number}.pkl", data
        yield f"runs{number}.pt", zipped(("archive/data.pkl", data), ("archive/version", b"3"))
        yield (
            f"runs{number}.npy",
            b"\x93NUMPY\1\0\x56\0"
            + b"{'descr': '|O', 'fortran_order': False, 'shape': (1,), }".ljust(85)
            + b"\n"
            + data,
        )
    yield (
        "runs.npy",
        b"\x93NUMPY\1\0\x76\0" + f"__import__('os').system('touch {MADE}')".encode().ljust(117) + b"\n" + bytes(8),
    )
    yield "protocol0.pkl", f"cos\nsystem\n(S'touch {MADE}'\ntR.".encode()
    yield "module.pyc", SAMPLES[[each.path for each in SAMPLES].index("settings")].data
    yield "runs.yaml", f"!!python/object/apply:os.system ['touch {MADE}']\n".encode()
    yield "links.h5", _links()
    yield "external.onnx", _external()
    yield "names.zip", zipped((f"../{MADE}", b"x"), (f"/tmp/{MADE}", b"x"), (f"..\\{MADE}", b"x"), ("C:\\x", b"x"))
    yield "names.tar", _links_in_tar()
    yield "schema.db", _schema()
    yield (
        "remote.pdf",
        b"%PDF-1.7\n1 0 obj <</Type/Action/S/URI/URI(http://127.0.0.1:9/x)/F(/etc/passwd)/Launch(/bin/sh)>> endobj\n",
    )
    yield (
        "files.pdf",
        b"%PDF-1.7\n1 0 obj <</Length 3/F(/etc/passwd)/FFilter/FlateDecode>> stream\nabc\nendstream endobj\n",
    )
    yield "entities.xml", _entities()
    yield "report.docx", zipped(("word/document.xml", _entities()), ("word/_rels/document.xml.rels", _entities()))
    yield (
        "config.json",
        json.dumps({"auto_map": {"AutoModel": f"{MADE}--model.X"}, "_name_or_path": "http://127.0.0.1:9/"}).encode(),
    )
    yield "template.json", json.dumps({"chat_template": "{{ ''.__class__.__mro__[1].__subclasses__() }}"}).encode()


def _links(outside: str = "/etc/passwd") -> bytes:
    import h5py

    out = io.BytesIO()
    with h5py.File(out, "w") as file:
        file["outside"] = h5py.ExternalLink(outside, "/")
        file["soft"] = h5py.SoftLink("/circle")
        file["circle"] = h5py.SoftLink("/soft")
        group = file.create_group("group")
        group["again"] = file["/"]
        file.create_dataset("raw", shape=(37,), dtype="u1", external=[(outside, 0, 37)])
        layout = h5py.VirtualLayout(shape=(4,), dtype="u1")
        layout[:] = h5py.VirtualSource(outside, "x", shape=(4,))
        file.create_virtual_dataset("virtual", layout)
    return out.getvalue()


def _external(outside: str = "../../../../etc/passwd") -> bytes:
    text, number = messages.text, messages.number
    place = text(13, text(1, "location") + text(2, outside))
    return messages.onnx(graph=text(5, number(1, 1) + number(2, 1) + text(8, "w") + place + number(14, 1)))


def _links_in_tar(outside: str = "/etc/passwd") -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for name, kind, target in (
            (f"../{MADE}", tarfile.REGTYPE, ""),
            (f"/{MADE}", tarfile.REGTYPE, ""),
            ("soft", tarfile.SYMTYPE, outside),
            ("hard", tarfile.LNKTYPE, outside),
            ("self", tarfile.LNKTYPE, "self"),
            ("device", tarfile.CHRTYPE, ""),
            ("block", tarfile.BLKTYPE, ""),
            ("pipe", tarfile.FIFOTYPE, ""),
            ("folder", tarfile.DIRTYPE, ""),
        ):
            info = tarfile.TarInfo(name)
            info.type, info.linkname = kind, target
            archive.addfile(info)
        value = b"x = " + VALUES.hub.encode()
        info = tarfile.TarInfo("last.env")
        info.size = len(value)
        archive.addfile(info, io.BytesIO(value))
    return out.getvalue()


def _schema() -> bytes:
    """A table whose statement, default and rows ask for files and extensions."""
    ask = f"ATTACH DATABASE '{MADE}' AS x; SELECT load_extension('./{MADE}.so'); PRAGMA writable_schema=ON"
    return tables.database("create table t(a text default 'x', b text)", [(ask, f"file:{MADE}?mode=rwc")])


def _entities() -> bytes:
    name = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    laughs = "".join(f'<!ENTITY l{at} "{f"&l{at - 1};" * 10}">' for at in range(1, 12))
    declared = f'<!DOCTYPE w [<!ENTITY l0 "ha">{laughs}<!ENTITY f SYSTEM "file:///etc/passwd"><!ENTITY u SYSTEM "http://127.0.0.1:9/">]>'
    body = "<w:p><w:r><w:t>&l11;&f;</w:t></w:r><w:r><w:t>&u;</w:t></w:r></w:p>"
    return f'<?xml version="1.0"?>{declared}<w:document {name}><w:body>{body}</w:body></w:document>'.encode()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Everything hostile, everything planted, and what would be run, loaded or read by mistake, in a working folder."""
    place = tmp_path / "files"
    files = [
        *hostile(),
        *((f"samples/{sample.path}", sample.data) for sample in SAMPLES),
        *((item.path, item.data) for item in corpus(1)),
    ]
    for name, data in [("warm.txt", b"x = 1\n"), *files]:
        path = place / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    (place / f"{MADE.replace('-', '_')}.py").write_text(f"open({MADE!r}, 'w')\n")
    return place


def _listing(folder: Path) -> list[tuple[str, int, int]]:
    return sorted(
        (str(path), path.stat().st_size, path.stat().st_mtime_ns) for path in folder.rglob("*") if path.is_file()
    )


def test_no_file_makes_a_scan_do_anything_but_read_it(folder: Path) -> None:
    before = _listing(folder)
    environment = {
        **os.environ,
        "PYTHONPATH": os.getcwd(),
        "PYTHONDONTWRITEBYTECODE": "1",
        "MODELGUARD_CACHE_DIR": str(folder.parent / "no"),
    }
    program = [sys.executable, "-m", "tests.hostile.readers.effects", str(folder)]
    done = subprocess.run(
        program, capture_output=True, text=True, env=environment, cwd=folder, timeout=300, check=False
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {}
    assert _listing(folder) == before
    assert not list(Path("/tmp").glob(f"{MADE}*"))


def test_the_notes_are_taken(folder: Path) -> None:
    """What is looked for above would be seen: here a reader does all of it."""
    from tests.hostile.readers.effects import Notes

    notes = Notes(str(folder))
    notes.counts = True
    for event, args in (
        ("open", ("x", "w", os.O_WRONLY)),
        ("open", ("/etc/passwd", "r", os.O_RDONLY)),
        ("os.system", (b"x",)),
        ("os.remove", ("x", -1)),
        ("subprocess.Popen", ("x", [], None, None)),
        ("socket.connect", (None, ("127.0.0.1", 9))),
        ("socket.getaddrinfo", ("x", 9, 0, 0, 0)),
        ("pickle.find_class", ("os", "system")),
        ("marshal.loads", (b"",)),
        ("import", ("modelguard_was_here", None, None, None, None)),
        ("compile", (None, str(folder / "x"))),
        ("exec", (compile("1", str(folder / "x"), "eval"),)),
        ("ctypes.dlopen", ("x.so",)),
        ("shutil.rmtree", ("x",)),
        ("tempfile.mkstemp", ("x",)),
    ):
        notes.seen.clear()
        notes(event, args)
        assert sum(notes.seen.values()) == 1, event


def test_a_value_behind_links_and_devices_is_found() -> None:
    from tests.hostile.readers.watched import found, looked

    assert RULES.hub in found(looked(_links_in_tar(), "a.tar"))


def test_what_lies_outside_is_never_read(tmp_path: Path) -> None:
    """Libraries in C tell nobody which files they open: a value in one of these would be found."""
    import h5py

    from tests.hostile.readers.watched import found, looked

    raw, file = tmp_path / "outside.bin", tmp_path / "outside.h5"
    raw.write_bytes(VALUES.hub.encode())
    with h5py.File(file, "w") as made:
        made.attrs["note"] = VALUES.hub
        made["x"] = list(VALUES.hub.encode())
    for path, data in (
        ("a.h5", _links(str(raw))),
        ("b.h5", _links(str(file))),
        ("a.onnx", _external(str(raw))),
        ("a.tar", _links_in_tar(str(raw))[: -10 * 512]),
        ("a.pdf", b"%%PDF-1.7\n1 0 obj <</Length 3/F(%b)>> stream\nabc\nendstream endobj\n" % str(raw).encode()),
    ):
        assert RULES.hub not in found(looked(data, path)), path
