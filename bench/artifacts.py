"""What reading model artifacts and datasets costs, on files that are made for it, with one worker.

Rows of made-up words, so that nothing is found; the numbers of a model are a hole in a sparse file.
"""

from __future__ import annotations

import gzip
import json
import random
import string
import struct
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from statistics import median

from measure import Command, Run, interleaved
from notebooks import write_notebooks
from subject import ours
from table import OURS, exits, grid, peak
from trees import made

_TENSORS = 200
_MODEL_BYTES = 20 * 10**9
_TABLE_BYTES = 10**9
_BATCH_ROWS = 20_000
_HEAD = ("artifact", "MB of text", "s", "beyond an empty file", "MB / s a core", "peak MiB (own)", "exit")
EMPTY = "an empty file"


def artifacts(work: Path, runs: int) -> list[Run]:
    """A scan of each, one worker each."""
    files = {name: make(work / "artifacts") for name, make in MAKERS.items()}
    return [run for name, path in files.items() for run in interleaved(name, {OURS: _alone(path)}, runs)]


def per_core(runs: Sequence[Run], sizes: Mapping[str, float]) -> str:
    """The table; `sizes` are the MB of text that each holds, as it is looked at."""
    if not runs:
        return ""
    base = median(run.cpu or run.seconds for run in runs if run.case == EMPTY and run.round >= 0)
    start = median(run.seconds for run in runs if run.case == EMPTY and run.round >= 0)
    rows = []
    for case in dict.fromkeys(run.case for run in runs):
        of = [run for run in runs if run.case == case]
        counted = [run for run in of if run.round >= 0]
        seconds, cpu = median(run.seconds for run in counted), median(run.cpu or run.seconds for run in counted)
        size = sizes.get(case, 0.0)
        speed = f"{size / (cpu - base):.0f}" if size and cpu > base else ""
        beyond = f"{1000 * (seconds - start):.0f} ms" if case != EMPTY else ""
        rows.append([case, f"{size:.0f}" if size else "", f"{seconds:.2f}", beyond, speed, peak(of), exits(of)])
    return grid(_HEAD, rows)


def text_sizes(work: Path) -> dict[str, float]:
    """MB of text in each, told by whoever made it."""
    sizes: dict[str, float] = json.loads((work / "artifacts" / "sizes.json").read_text())
    return sizes


def _alone(path: Path) -> Command:
    command = ours(path)
    return replace(command, arguments=[*command.arguments, "--jobs", "1", "--pii", "all"])


def _rows(total: int) -> Iterator[list[dict[str, object]]]:
    """Batches of rows with `total` bytes of text in all."""
    chance = random.Random(7)
    words = ["".join(chance.choices(string.ascii_lowercase, k=chance.randint(2, 9))) for _ in range(5000)]
    number = written = 0
    while written < total:
        rows: list[dict[str, object]] = []
        for _ in range(_BATCH_ROWS):
            text = " ".join(chance.choices(words, k=40))
            written += len(text)
            number += 1
            rows.append({"id": number, "text": text, "score": chance.random()})
        yield rows


def _kept(folder: Path, name: str, write: Callable[[Path], float]) -> Path:
    """A file that is made once; how many MB of text it holds is written beside it."""

    def fill(part: Path) -> None:
        part.mkdir(parents=True)
        size = write(part / name)
        sizes = folder / "sizes.json"
        known = json.loads(sizes.read_text()) if sizes.exists() else {}
        sizes.write_text(json.dumps({**known, name: size}))

    folder.mkdir(parents=True, exist_ok=True)
    return made(folder / f"of-{name}", fill) / name


def _empty(folder: Path) -> Path:
    return _kept(folder, EMPTY, lambda path: float(path.write_bytes(b"")))


def _safetensors(path: Path) -> float:
    each = _MODEL_BYTES // _TENSORS
    header: dict[str, object] = {"__metadata__": {"format": "pt", "note": "made for a bench"}}
    for number in range(_TENSORS):
        span = [number * each, (number + 1) * each]
        header[f"model.layers.{number}.weight"] = {"dtype": "BF16", "shape": [each // 2], "data_offsets": span}
    written = json.dumps(header).encode()
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(written)) + written)
        file.truncate(8 + len(written) + each * _TENSORS)
    return 0.0


def _parquet(path: Path) -> float:
    import pyarrow as pa
    import pyarrow.parquet as pq

    size = 0
    writer = None
    for rows in _rows(_TABLE_BYTES):
        table = pa.Table.from_pylist(rows)
        writer = writer or pq.ParquetWriter(path, table.schema, compression="zstd")
        writer.write_table(table)
        size += sum(len(str(row["text"])) for row in rows)
    assert writer is not None
    writer.close()
    return size / 1e6


def _jsonl(path: Path) -> float:
    with open(path, "w") as file:
        for rows in _rows(_TABLE_BYTES):
            file.writelines(json.dumps(row) + "\n" for row in rows)
    return path.stat().st_size / 1e6


def _csv(path: Path) -> float:
    with open(path, "w") as file:
        file.write("id,text,score\n")
        for rows in _rows(_TABLE_BYTES):
            file.writelines(f"{row['id']},{row['text']},{row['score']}\n" for row in rows)
    return path.stat().st_size / 1e6


def _jsonl_gz(path: Path) -> float:
    size = 0
    with gzip.open(path, "wt", compresslevel=4) as file:
        for rows in _rows(_TABLE_BYTES // 4):
            for row in rows:
                size += file.write(json.dumps(row) + "\n")
    return size / 1e6


def _zip(path: Path) -> float:
    size = 0
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=4) as archive:
        for number, rows in enumerate(_rows(_TABLE_BYTES // 4)):
            text = "".join(f"{row['text']}\n" for row in rows)
            archive.writestr(f"part-{number}.txt", text)
            size += len(text)
    return size / 1e6


def _tokenizer(path: Path) -> float:
    chance = random.Random(3)
    words = dict.fromkeys(
        "".join(chance.choices(string.ascii_letters, k=chance.randint(2, 12))) for _ in range(200_000)
    )
    vocab = {f"\u0120{word}" if place % 3 else word: place for place, word in enumerate(words)}
    merges = [f"{word[:1]} {word[1:]}" for word in words]
    tokenizer = {"version": "1.0", "added_tokens": [], "model": {"type": "BPE", "vocab": vocab, "merges": merges}}
    path.write_text(json.dumps(tokenizer, indent=1, ensure_ascii=False))
    return path.stat().st_size / 1e6


MAKERS: dict[str, Callable[[Path], Path]] = {
    EMPTY: _empty,
    "model.safetensors": lambda folder: _kept(folder, "model.safetensors", _safetensors),
    "train.parquet": lambda folder: _kept(folder, "train.parquet", _parquet),
    "train.jsonl": lambda folder: _kept(folder, "train.jsonl", _jsonl),
    "train.csv": lambda folder: _kept(folder, "train.csv", _csv),
    "train.jsonl.gz": lambda folder: _kept(folder, "train.jsonl.gz", _jsonl_gz),
    "texts.zip": lambda folder: _kept(folder, "texts.zip", _zip),
    "1,000 notebooks": lambda folder: _kept(folder, "1,000 notebooks", write_notebooks),
    "tokenizer.json": lambda folder: _kept(folder, "tokenizer.json", _tokenizer),
}
