"""Questions to the first bytes of a blob, for kinds that no magic number tells."""

from __future__ import annotations

import re

_NOTEBOOK = re.compile(
    rb'\{\s*"(?:cells"\s*:\s*\[|worksheets"\s*:\s*\[|nbformat(?:_minor)?"\s*:\s*\d|metadata"\s*:\s*\{)'
)
_NUMBERED = re.compile(rb'\{(?:\s*"(?:[^"\\]|\\.)*"\s*:\s*-?\d{1,7}(?:\.\d{1,20})?(?:[eE]-?\d\d?)?\s*,){100}')
_RANKED = re.compile(rb"(?:[A-Za-z0-9+/]{2,1000}={0,2} \d{1,7}\r?\n){2}")
_OF_NOTEBOOKS = (b'"nbformat"', b'"cell_type"', b'"worksheets"', b'"cells"')


ZLIB = (b"\x78\x01", b"\x78\x5e", b"\x78\x9c", b"\x78\xda")
SKIPPABLE = tuple(bytes([first]) + b"\x2a\x4d\x18" for first in range(0x50, 0x60))
"""Frames that decompressors of zstd and lz4 pass over (RFC 8878, section 3.1.2)."""

PICKLES = (b"\x80\x02", b"\x80\x03", b"\x80\x04", b"\x80\x05")
OLD_PICKLES = (b"(dp", b"(lp", b"ccopy_reg", b"ccollections", b"}q\0", b"]q\0", b"}q\1", b"]q\1")
"""What Python 2 and 3 write first in protocols 0 and 1, most of all."""

IMPORTING_PICKLES = tuple(
    before + module + b"\n"
    for before in (b"c", b"(c", b"(i")
    for module in b"os posix nt subprocess sys builtins __builtin__ importlib runpy copyreg copy_reg _codecs".split()
)
"""What pickles of protocols 0 and 1 begin with that call something at once."""

PICKLE_NAMES = (".pkl", ".pickle", ".p", ".joblib", ".pt", ".pth", ".bin", ".ckpt")
PYC = (b"U\r\r\n", b"a\r\r\n", b"o\r\r\n", b"\xa7\r\r\n", b"\xcb\r\r\n", b"\xf3\r\r\n", b"\x2b\x0e\r\n")
"""Of CPython 3.8 to 3.14."""


def looks_like_skipped(head: bytes) -> bool:
    """A frame that zstd and lz4 pass over, and the one behind it if that is near (RFC 8878, section 3.1.2)."""
    after = 8 + int.from_bytes(head[4:8], "little")
    return after + 4 > len(head) or head[after + 1 : after + 4] in (b"\xb5\x2f\xfd", b"\x22\x4d\x18", b"\x2a\x4d\x18")


def looks_like_app_image(head: bytes) -> bool:
    """A program with the mark of the AppImage specification, section "Type 2 image format"."""
    return head[8:10] == b"AI"


def looks_like_bzip2(head: bytes) -> bool:
    """`BZh`, a level, and the magic number of the first block or of an empty stream."""
    return head[3:4] in b"123456789" and head[4:10] in (b"1AY&SY", b"\x17rE8P\x90")


def looks_like_zlib(head: bytes) -> bool:
    """Text may begin as zlib does (RFC 1950, section 2.2), but does not go on so."""
    import zlib

    try:
        return bool(zlib.decompressobj().decompress(head, 64))
    except zlib.error:
        return False


def looks_like_safetensors(head: bytes) -> bool:
    """Eight bytes of a length below 100 MB, little-endian, and the brace that must follow them."""
    return head[8:9] == b"{" and head[4:8] == b"\0\0\0\0" and head[3] < 6


def looks_like_tflite(head: bytes) -> bool:
    """The file identifier of TFLite's schema."""
    return head[4:8] == b"TFL3"


def looks_like_executorch(head: bytes) -> bool:
    """The file identifiers of ExecuTorch's schemas of programs and tensors."""
    return head[4:8] in (b"ET12", b"FT01")


def looks_like_msgpack(head: bytes) -> bool:
    """A map whose first key is a text (MessagePack's specification, section "Formats")."""
    first = 1 if head[:1] in _SHORT_MAPS else {b"\xde": 3, b"\xdf": 5}.get(head[:1], 0)
    return bool(first) and (
        0xA0 <= (head[first] if len(head) > first else 0) < 0xC0 or head[first : first + 1] in _TEXTS
    )


_SHORT_MAPS = [bytes((each,)) for each in range(0x81, 0x90)]
_TEXTS = [b"\xd9", b"\xda", b"\xdb"]


SHORT_MAPS = tuple(bytes((members, 0xA0 + length)) for members in range(0x81, 0x90) for length in range(1, 0x20))
"""A MessagePack map of up to 15 members, and a first key of up to 31 bytes. No UTF-8 text begins so."""


def looks_like_map_of_names(head: bytes) -> bool:
    """Such a map whose first key is a name, as checkpoints and settings have them; the file may be called anything."""
    end = 2 + (head[1] & 0x1F)
    return len(head) > end and _NAME.fullmatch(head, 2, end) is not None and head[end] != 0xC1


_NAME = re.compile(rb"[A-Za-z_][A-Za-z0-9_./ -]*")


def looks_like_ubjson(head: bytes) -> bool:
    """An object or array of UBJSON, whose members begin otherwise than JSON's (https://ubjson.org)."""
    return (head[:1] == b"{" and head[1:2] in _LENGTHS) or (head[:1] == b"[" and head[1:2] in _MEMBERS)


_LENGTHS = [b"i", b"U", b"I", b"l", b"L", b"$", b"#"]
_MEMBERS = [*_LENGTHS, b"S", b"H", b"d", b"D", b"C", b"Z", b"T", b"F"]


def looks_like_hdf5(head: bytes) -> bool:
    """The signature of HDF5 behind a block of the user's own (format specification, section II.A)."""
    return any(head.startswith(b"\x89HDF\r\n\x1a\n", at) for at in (512, 1024, 2048))


def looks_like_arrow(head: bytes) -> bool:
    """A stream of Arrow: after four bytes of ones the length of a schema, and where in it its table begins."""
    length = int.from_bytes(head[4:8], "little")
    table = int.from_bytes(head[8:12], "little")
    return length % 8 == 0 and 0 < table < length < 1 << 28


def looks_like_lmdb(head: bytes) -> bool:
    """The magic number of LMDB's data, in the first page (OpenLDAP's `mdb.c`, `MDB_meta`)."""
    return head[16:20] == b"\xde\xc0\xef\xbe"


def looks_like_duckdb(head: bytes) -> bool:
    """DuckDB's mark, behind a checksum."""
    return head[8:12] == b"DUCK"


def looks_like_notebook(head: bytes) -> bool:
    """A JSON object that begins with a key of notebooks, and has another one."""
    return _NOTEBOOK.match(head) is not None and any(key in head for key in _OF_NOTEBOOKS)


def looks_like_riff(head: bytes) -> bool:
    """WebP and WAVE."""
    return head[8:12] in (b"WEBP", b"WAVE")


def looks_like_office(head: bytes) -> bool:
    """A part of an office document: its root element names one of these namespaces."""
    return (
        b"://schemas.openxmlformats.org/" in head
        or b"://purl.oclc.org/ooxml/" in head
        or b"urn:oasis:names:tc:opendocument:" in head
    )


def looks_like_plist(head: bytes) -> bool:
    """The root element of a property list."""
    return b"<plist" in head[:512]


def is_text(head: bytes) -> bool:
    """Text of one byte a character, or of UTF-8."""
    return b"\0" not in head


def opens_object(head: bytes) -> bool:
    """A JSON object begins."""
    return head.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"{"


def looks_like_tokenizer(head: bytes) -> bool:
    """What the tokenizers library writes first into `tokenizer.json`, and Mistral into `tekken.json`."""
    return b'"version"' in head and any(key in head for key in (b'"truncation"', b'"added_tokens"', b'"token_bytes"'))


def looks_like_bpe_ranks(head: bytes) -> bool:
    """A vocabulary of tiktoken's JavaScript."""
    return b'"bpe_ranks"' in head


def looks_like_tiktoken(head: bytes) -> bool:
    """Two lines of a token in base64 and its rank, as Llama 3 has them in `tokenizer.model`."""
    return _RANKED.match(head) is not None


def looks_like_vocabulary(head: bytes) -> bool:
    """A JSON object that begins with a hundred names of a number each: tokens and their ids, or words and how many."""
    return _NUMBERED.match(head) is not None


def looks_like_pickle(head: bytes) -> bool:
    """Opcodes that make sense, behind the one that tells the protocol (CPython's `Lib/pickletools.py`)."""
    from modelguard.readers.pickles.starts import opens

    return opens(head)


_OLD_STARTS = [bytes((each,)) for each in b"(]}clIFLSVX)"]


def looks_like_old_pickle(head: bytes) -> bool:
    """As above for protocols 0 and 1, which do not tell: a file of such a name begins as they may, or imports."""
    if head[:1] in _OLD_STARTS:
        return looks_like_pickle(head)
    from modelguard.readers.pickles.starts import imports

    return imports(head)


def looks_like_pickle_of_any_name(head: bytes) -> bool:
    """The same in a file of any name, which may be a text: all that is seen of it goes on as a pickle."""
    from modelguard.readers.pickles.starts import opens_surely

    return opens_surely(head)


def looks_like_pickle_of_python_2(head: bytes) -> bool:
    """As above, whatever the file is called: it begins as such a file does most of the time."""
    return _OLD_PICKLE.match(head) is not None and looks_like_pickle(head)


_OLD_PICKLE = re.compile(rb"\([dl]p\d{1,3}\r?\n|c(?:copy_reg|collections)\r?\n|[}\]]q[\0\1]")


def looks_like_pyc(head: bytes) -> bool:
    """A magic number of CPython 3.8 to 3.16, and the line break that all of them end with (`Lib/importlib`)."""
    return head[2:4] == b"\r\n" and 3400 <= int.from_bytes(head[:2], "little") < 3800


def looks_like_mpeg4(head: bytes) -> bool:
    """MPEG-4 and its kin begin with a box that says so (ISO/IEC 14496-12, section 4.3)."""
    return head[4:8] == b"ftyp"


def looks_like_telling_table(head: bytes) -> bool:
    """Text with a header that names a column of passwords, numbers of cards or the like."""
    from modelguard.readers.tables.csv import has_telling_header

    return has_telling_header(head)


def looks_coloured(head: bytes) -> bool:
    """Text for a terminal, with codes for colours."""
    return b"\x1b[" in head


SQLITE_LOGS = (b"\x37\x7f\x06\x82", b"\x37\x7f\x06\x83", b"\xd9\xd5\x05\xf9\x20\xa1\x63\xd7")
"""What logs beside SQLite databases begin with."""

SQLITE_JOURNALS = (".db-journal", ".sqlite-journal", ".sqlite3-journal")


def looks_like_old_journal(head: bytes) -> bool:
    """Whether a file of that name is a journal whose transaction has ended: its header is zeros then."""
    return head[:28] == bytes(28) and len(head) > 512


NAMES_OF_VALUES = tuple(
    f"{before}{name}"
    for name in (
        "password",
        "passphrase",
        "api_key",
        "apikey",
        "secret",
        "secret_key",
        "token",
        "access_token",
    )
    for before in ("", "db_", "hub_", "auth_", "client_", "user_", "admin_")
)
"""Files that hold one value and are named after it: parameters of MLflow, secrets that are mounted."""

_LONGEST_VALUE = 512


def looks_like_a_value(head: bytes) -> bool:
    """One line of text."""
    return 0 < len(head) <= _LONGEST_VALUE and b"\n" not in head.rstrip() and b"\0" not in head


def is_binary(head: bytes) -> bool:
    """Whether there is something in it that is no text, nor one with some letters beyond ASCII."""
    if not head.strip(b"\0"):
        return False
    return b"\0" in head or len(head.translate(None, _PRINTED)) > len(head) // 4


_PRINTED = bytes((*range(7, 14), *range(32, 127)))
