"""What kind of file a blob is: by its first bytes, and by its name where these say nothing. Both may lie.

`KINDS` is the table of all readers. A row is found by one dict lookup with the first two bytes of a blob, or with its
name, so a file of no kind costs less than a microsecond.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import NamedTuple

from modelguard.readers import looks, message_looks, tar_looks, zarr_looks

HEAD_BYTES = 4096
"""So much of a blob is enough to tell its kind."""


ZIP_END_BYTES = 22
"""What a zip archive without a comment ends with takes so much (APPNOTE.TXT, section 4.3.16)."""


class Kind(NamedTuple):
    """A kind of file.

    `reader` and `guide` are the modules in this room whose `read` or `guide` is called. `magics` are what such files
    begin with; `names` and `suffixes` are file names and what they end with, in lower case, for kinds that
    bytes alone do not tell. `looks` has the last word; it is asked with the head of the blob. `native` says that a
    library in C parses such files: they are opened in a process that may die. Those `on_demand` are small and many, and
    their bytes show almost everything: they are opened only where a value of a known format begins in these.
    """

    title: str
    reader: str | None = None
    guide: str | None = None
    magics: Sequence[bytes] = ()
    names: Sequence[str] = ()
    suffixes: Sequence[str] = ()
    looks: Callable[[bytes], bool] | None = None
    native: bool = False
    on_demand: bool = False


_VARIABLES = ".data-00000-of-00001"
"""Stands for a file of any number of them."""

_OBJECTS = (b"{\n", b"{\r", b'{"', b"{ ", b"{\t")

KINDS: Sequence[Kind] = (
    # runs
    Kind("TFRecord", "runs.tfrecord", "runs.tfrecord", looks=message_looks.looks_like_tfrecord),
    Kind("output", "runs.console", suffixes=(".log", ".out", ".err", ".stdout", ".stderr"), names=("syslog",)),
    Kind("output", "runs.console", suffixes=(".txt", ".ansi"), looks=looks.looks_coloured),
    Kind("value", "runs.value", names=looks.NAMES_OF_VALUES, looks=looks.looks_like_a_value),
    Kind("W&B log", "runs.wandb", "runs.wandb", magics=(b":W&B",)),
    # models
    Kind("safetensors", "weights.safetensors", "weights.safetensors", looks=looks.looks_like_safetensors),
    Kind("GGUF", "weights.gguf", "weights.gguf", magics=(b"GGUF",)),
    Kind("NumPy array", "weights.numpy", magics=(b"\x93NUMPY",)),
    Kind("HDF5", "weights.hdf5", magics=(b"\x89HDF\r\n\x1a\n",), native=True),
    Kind("HDF5", "weights.hdf5", suffixes=(".h5", ".hdf5", ".hdf", ".mat"), looks=looks.looks_like_hdf5, native=True),
    Kind("MATLAB", "weights.matlab", magics=(b"MATLAB 5.0 MAT-file",)),
    Kind("TFLite", "weights.tflite", "weights.tflite", looks=looks.looks_like_tflite),
    Kind("ExecuTorch", "weights.executorch", suffixes=(".pte", ".ptd"), looks=looks.looks_like_executorch),
    Kind("TensorFlow variables", "weights.variables", suffixes=(_VARIABLES,)),
    Kind("CatBoost", "weights.catboost", magics=(b"CBM1",)),
    Kind("MessagePack", "weights.msgpack", suffixes=(".msgpack", ".mpk"), looks=looks.looks_like_msgpack),
    Kind("MessagePack", "weights.msgpack", magics=looks.SHORT_MAPS, looks=looks.looks_like_map_of_names),
    Kind("Blosc", "weights.blosc_file", magics=zarr_looks.BLOSC, looks=zarr_looks.looks_like_blosc),
    Kind("UBJSON", "weights.ubjson", magics=(b"{L\0\0\0\0\0\0",)),
    Kind("UBJSON", "weights.ubjson", suffixes=(".ubj", ".ubjson"), looks=looks.looks_like_ubjson),
    Kind("pickle", "pickles.pickle", magics=looks.PICKLES, looks=looks.looks_like_pickle),
    Kind("pickle", "pickles.pickle", magics=looks.OLD_PICKLES, looks=looks.looks_like_pickle_of_python_2),
    Kind("pickle", "pickles.pickle", magics=looks.IMPORTING_PICKLES, looks=looks.looks_like_pickle_of_any_name),
    Kind("pickle", "pickles.pickle", suffixes=looks.PICKLE_NAMES, looks=looks.looks_like_old_pickle),
    Kind("compiled Python", "pickles.pyc", magics=looks.PYC, on_demand=True),
    Kind("compiled Python", "pickles.pyc", suffixes=(".pyc",), looks=looks.looks_like_pyc, on_demand=True),
    Kind(
        "ONNX",
        "weights.onnx",
        "weights.onnx",
        magics=message_looks.ONNX_MAGICS,
        looks=message_looks.looks_like_onnx,
    ),
    Kind("ONNX", "weights.onnx", "weights.onnx", suffixes=(".onnx",), looks=message_looks.looks_like_message),
    Kind(
        "graph",
        "weights.graphs",
        "weights.graphs",
        names=("__model__",),
        suffixes=(".pb", ".meta", ".mlmodel", ".pdmodel"),
        looks=message_looks.looks_like_message,
    ),
    # tables
    Kind("Parquet", "tables.parquet", magics=(b"PAR1", b"PARE"), native=True),
    Kind("Arrow", "tables.arrow", magics=(b"ARROW1", b"FEA1"), native=True),
    Kind("Arrow", "tables.arrow", magics=(b"\xff\xff\xff\xff",), looks=looks.looks_like_arrow, native=True),
    Kind("ORC", "tables.orc", magics=(b"ORC",), looks=looks.is_binary, native=True),
    Kind("Avro", "tables.avro", magics=(b"Obj\x01",), native=True),
    Kind("SQLite database", "tables.sqlite", magics=(b"SQLite format 3\0",)),
    Kind("LMDB database", "tables.lmdb", magics=(bytes(8),), looks=looks.looks_like_lmdb),
    Kind("SQLite log", "tables.sqlite_log", magics=looks.SQLITE_LOGS),
    Kind("SQLite log", "tables.sqlite_log", suffixes=looks.SQLITE_JOURNALS, looks=looks.looks_like_old_journal),
    Kind("CSV", "tables.csv", "tables.csv", suffixes=(".csv", ".tsv"), looks=looks.looks_like_telling_table),
    Kind("CSV", None, "tables.csv", suffixes=(".csv", ".tsv")),
    # archives
    Kind("zip archive", "archives.zip", magics=(b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")),
    Kind(
        "zip archive", "archives.zip", suffixes=(".zip", ".whl", ".jar", ".egg", ".npz", ".pyz"), looks=looks.is_binary
    ),
    Kind("tar archive", "archives.image", looks=tar_looks.looks_like_image),
    Kind("tar archive", "archives.tar", looks=tar_looks.looks_like_tar),
    Kind("7z archive", "archives.sevenzip", magics=(b"7z\xbc\xaf\x27\x1c",)),
    Kind("gzip", "archives.compressed", magics=(b"\x1f\x8b\x08",)),
    Kind("bzip2", "archives.compressed", magics=(b"BZh",), looks=looks.looks_like_bzip2),
    Kind("xz", "archives.compressed", magics=(b"\xfd7zXZ\0", b"\x5d\x00\x00")),
    Kind("zstd", "archives.compressed", magics=(b"\x28\xb5\x2f\xfd",)),
    Kind("lz4", "archives.compressed", magics=(b"\x04\x22\x4d\x18",)),
    Kind("zstd or lz4", "archives.compressed", magics=looks.SKIPPABLE, looks=looks.looks_like_skipped),
    Kind("zlib", "archives.compressed", magics=looks.ZLIB, looks=looks.looks_like_zlib),
    Kind("ar archive", "archives.ar", magics=(b"!<arch>\n",)),
    Kind("cpio archive", "archives.cpio", magics=(b"070701", b"070702", b"070707")),
    Kind("RPM package", "archives.rpm", magics=(b"\xed\xab\xee\xdb",)),
    Kind("strings of Zarr", "weights.string_cells", looks=zarr_looks.looks_like_string_cells),
    # what is packed in ways that nothing here unpacks
    Kind("DuckDB database", "unopened", suffixes=(".duckdb", ".ddb", ".db"), looks=looks.looks_like_duckdb),
    Kind("Blosc2", "unopened", magics=(b"\x9e\xa8b2frame\0", b"\x9d\xa8b2frame\0")),
    Kind("lz4 of old", "unopened", magics=(b"\x02\x21\x4c\x18",)),
    Kind("SPSS (zsav)", "unopened", magics=(b"$FL3",)),
    Kind("RAR archive", "unopened", magics=(b"Rar!\x1a\x07",)),
    Kind("cabinet", "unopened", magics=(b"MSCF\0\0\0\0",)),
    Kind("SquashFS", "unopened", magics=(b"hsqs", b"sqsh"), looks=looks.is_binary),
    Kind("Singularity image", "unopened", magics=(b"#!/usr/bin/env run-singularity",), looks=looks.is_binary),
    Kind("AppImage", "unopened", magics=(b"\x7fELF",), looks=looks.looks_like_app_image),
    Kind("image of a disk", "unopened", magics=(b"QFI\xfb", b"KDMV", b"vhdxfile", b"MSWIM\0\0\0")),
    Kind("image of a disk", "unopened", suffixes=(".dmg",), looks=looks.is_binary),
    Kind("archive", "unopened", magics=(b"xar!\0", b"7kSt\xa01\x83\xd3", b"zPQ\1", b"zPQ\2", b"LRZI\0")),
    Kind("compressed file", "unopened", magics=(b"\x1f\x9d\x90", b"\x1f\xa0", b"LZIP\1", b"\x89LZO\0\r\n\x1a\n")),
    Kind("Snappy", "unopened", magics=(b"\xff\6\0\0sNaPpY",)),
    Kind("Brotli", "unopened", suffixes=(".br",), looks=looks.is_binary),
    # notebooks and documents
    Kind("notebook", "notebooks.notebook", "notebooks.places", magics=_OBJECTS, looks=looks.looks_like_notebook),
    Kind("notebook", "notebooks.notebook", "notebooks.places", suffixes=(".ipynb",), looks=looks.opens_object),
    Kind("PNG", "documents.png", magics=(b"\x89PNG\r\n\x1a\n",)),
    Kind("JPEG", "documents.jpeg", magics=(b"\xff\xd8\xff",)),
    Kind("GIF", "documents.gif", magics=(b"GIF87a", b"GIF89a")),
    Kind("TIFF", "documents.tiff", magics=(b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")),
    Kind("Matroska", "documents.matroska", magics=(b"\x1a\x45\xdf\xa3",)),
    Kind("RIFF", "documents.riff", magics=(b"RIFF",), looks=looks.looks_like_riff),
    Kind("sound", "documents.audio", magics=(b"ID3", b"fLaC", b"OggS")),
    Kind("MPEG-4", "documents.audio", magics=(b"\0\0\0",), looks=looks.looks_like_mpeg4),
    Kind("PDF", "documents.pdf", "documents.pdf", magics=(b"%PDF-",)),
    Kind("property list", "documents.plist", magics=(b"bplist00", b"bplist01")),
    Kind("property list", "documents.plist", magics=(b"<?xml",), looks=looks.looks_like_plist),
    Kind("office document", "documents.office", "documents.office", magics=(b"<?xml",), looks=looks.looks_like_office),
    Kind("HTML", "documents.html", suffixes=(".html", ".htm", ".xhtml"), looks=looks.is_text),
    # tokenizers, and settings beside them
    Kind(
        "SentencePiece",
        "tokenizers.sentencepiece",
        "tokenizers.sentencepiece",
        magics=message_looks.SENTENCEPIECE_MAGICS,
        suffixes=(".model", ".spm"),
        looks=message_looks.looks_like_sentencepiece,
    ),
    Kind(
        "tokenizer",
        "tokenizers.tokenizer_json",
        "tokenizers.tokenizer_json",
        magics=_OBJECTS,
        looks=looks.looks_like_tokenizer,
    ),
    Kind(
        "vocabulary",
        "tokenizers.tokenizer_json",
        "tokenizers.tokenizer_json",
        magics=_OBJECTS,
        looks=looks.looks_like_vocabulary,
    ),
    Kind(
        "vocabulary",
        "tokenizers.bpe_ranks",
        "tokenizers.bpe_ranks",
        magics=_OBJECTS,
        looks=looks.looks_like_bpe_ranks,
    ),
    Kind(
        "tokenizer",
        "tokenizers.tokenizer_json",
        "tokenizers.tokenizer_json",
        names=("tokenizer.json", "tekken.json", "unigram.json", "vocab.json", "encoder.json"),
        looks=looks.opens_object,
    ),
    Kind("vocabulary", "tokenizers.vocabulary", names=("vocab.txt",), suffixes=(".vocab",), looks=looks.is_text),
    Kind("tiktoken", "tokenizers.tiktoken", suffixes=(".tiktoken",), looks=looks.is_text),
    Kind(
        "tiktoken",
        "tokenizers.tiktoken",
        magics=(b"IQ== 0\n", b"IQ== 0\r"),
        suffixes=(".model",),
        looks=looks.looks_like_tiktoken,
    ),
    Kind("merges", "tokenizers.merges", magics=(b"#version: 0", b'"bpe_simple_vocab_16e6.txt#'), looks=looks.is_text),
    Kind("merges", "tokenizers.merges", names=("merges.txt", "vocab.bpe"), looks=looks.is_text),
    Kind(
        "model settings",
        guide="tokenizers.settings",
        names=(
            "added_tokens.json",
            "adapter_config.json",
            "chat_template.json",
            "config.json",
            "generation_config.json",
            "preprocessor_config.json",
            "processor_config.json",
            "special_tokens_map.json",
            "tokenizer_config.json",
        ),
        looks=looks.opens_object,
    ),
    Kind(
        "JSON",
        guide="json_guide",
        suffixes=(
            *(".json", ".jsonl", ".ndjson", ".geojson", ".zpln", ".har", ".webmanifest", ".tfstate"),
            *(".zarray", ".zattrs", ".zgroup", ".zmetadata"),
        ),
    ),
)
"""Of two rows that fit, the first one counts."""

_PART_OF_ARCHIVE = Kind("part of an archive", "unopened")
_PART = re.compile(r"\.(?:zip|7z|tar|rar|gz|tgz|bz2|tbz2|xz|txz|zst|lz4)\.(?:[0-9]{2,4}|[a-z]{2})$|\.[zr][0-9]{2}$")
_SHARD = re.compile(r"\.data-[0-9]{5}-of-[0-9]{5}")
_SUFFIXES_OF_PARTS = range(3, 6)

_ANY: list[Kind] = []
_BY_START: dict[bytes, list[Kind]] = {}
_BY_NAME: dict[str, list[Kind]] = {}
_BY_SUFFIX: dict[str, list[Kind]] = {}


def _fill() -> None:
    for kind in KINDS:
        for magic in kind.magics:
            _BY_START.setdefault(magic[:2], []).append(kind)
        for name in kind.names:
            _BY_NAME.setdefault(name, []).append(kind)
        for suffix in kind.suffixes:
            _BY_SUFFIX.setdefault(suffix, []).append(kind)
        if not kind.magics and not kind.names and not kind.suffixes:
            _ANY.append(kind)


_fill()


def kind_of(head: bytes, path: str = "") -> Kind | None:
    """The kind of a blob with this head, at this path (empty: not known); None where its bytes are all there is.

    This is asked of every file before anything else is: whatever goes wrong, the file is looked at as it stands.
    """
    try:
        return sniffed(head, path)
    except Exception:  # a test of some bytes that nobody has thought of
        return None


def is_file(data: bytes) -> bool:
    """Whether bytes that stand in something else are a file that has a reader; only their head is looked at."""
    kind = kind_of(data[:HEAD_BYTES])
    return kind is not None and kind.reader is not None


def sniffed(head: bytes, path: str = "") -> Kind | None:
    """See `kind_of`, which bears whatever goes wrong here."""
    by_start = _BY_START.get(head[:2])
    if by_start:
        for kind in by_start:
            if head.startswith(tuple(kind.magics)) and (kind.looks is None or kind.looks(head)):
                return kind
    for kind in _ANY:
        if kind.looks is not None and kind.looks(head):
            return kind
    return _named(head, path) if path else None


def kind_of_whole(head: bytes, path: str, end: bytes) -> Kind | None:
    """The same, of a blob that ends with these bytes: a zip archive may stand behind anything (APPNOTE.TXT, 4.1.9)."""
    return kind_at_end(kind_of(head, path), end)


def kind_at_end(kind: Kind | None, end: bytes) -> Kind | None:
    """What a blob is whose head makes it `kind`, and which ends with these bytes; see `kind_of_whole`."""
    if end[-ZIP_END_BYTES:].startswith(b"PK\x05\x06") and (kind is None or kind.reader is None):
        return next(each for each in KINDS if each.reader == "archives.zip")
    return kind


def _named(head: bytes, path: str) -> Kind | None:
    name = path[max(path.rfind("/"), path.rfind("!")) + 1 :].lower()
    suffix = name[name.rfind(".") :] if "." in name else ""
    if _SHARD.fullmatch(suffix):
        suffix = _VARIABLES
    candidates = _BY_NAME.get(name) or _BY_SUFFIX.get(suffix)
    if candidates is None and len(suffix) in _SUFFIXES_OF_PARTS and _PART.search(name) and looks.is_binary(head):
        return _PART_OF_ARCHIVE
    for kind in candidates or ():
        if kind.looks is None or kind.looks(head):
            return kind
    return None
