"""What becomes far more than it is ends within the budget, with a gap; what stands beside it is found."""

from __future__ import annotations

import gzip
import lzma
import pickle
import struct
import sys
import zlib

import pytest

from modelguard.budget import Budget
from modelguard.inspection import Inspection
from modelguard.model import GapReason
from modelguard.readers.interface import Limits
from modelguard.seen import Seen
from modelguard.settings import Settings
from tests.corpus import gguf, messages, tables
from tests.hostile.readers import bombs
from tests.hostile.readers.bombs import MIB, PACKED, fed, sevenzip_of, zip_of
from tests.hostile.readers.samples import VALUES, Sample
from tests.hostile.readers.watched import BESIDE, HUB, SMALL, deep, found, looked
from tests.packed import tarred, zipped
from tests.readers.opened import RULES, PathBlob

CLOUD = VALUES.cloud.encode()
TINY = Budget(opened_seconds=20.0, opened_bytes=8 * MIB, held_bytes=2 * MIB)


@pytest.mark.parametrize("path", PACKED)
def test_a_bomb_of_each_kind(path: str) -> None:
    """96 MiB where 8 may come out: told, and what follows the bomb is found. Numbers need not be read at all."""
    seen = looked(PACKED[path](96) + BESIDE, path, TINY)
    assert RULES.hub in found(seen)
    assert seen.gaps or seen.left_out
    assert seen.bytes < 40 * MIB


def test_with_what_a_user_may_spend() -> None:
    """A member that says it is one byte long, and is 400 MiB, costs that and no memory for it; nothing is left out."""
    seen = looked(zip_of(fed(zlib.compressobj(9, zlib.DEFLATED, -15), 400)) + BESIDE, "a.zip")
    assert RULES.hub in found(seen)
    assert not seen.gaps
    assert seen.bytes >= 400 * MIB


@pytest.mark.parametrize("path", [path for path in PACKED if path not in ("a.h5", "a.parquet", "a.png", "a.pdf")])
def test_a_bomb_between_two_members(path: str) -> None:
    env = b"AWS_ACCESS_KEY_ID=" + CLOUD + b"\n"
    bomb = PACKED[path](24)
    first = zipped(("a/.env", env), (f"b/{path}", bomb), ("c/.env", b"HF_TOKEN=" + HUB + b"\n"))
    seen = looked(first, "all.zip", Budget(opened_seconds=20.0, opened_bytes=12 * MIB, held_bytes=2 * MIB))
    assert RULES.cloud in found(seen)
    assert GapReason.OVER_BUDGET in {gap.reason for gap in seen.gaps}
    stored = tarred(("a/.env", env), (f"b/{path}", bomb), ("c/.env", b"HF_TOKEN=" + HUB + b"\n"))
    seen = looked(stored, "all.tar", Budget(opened_seconds=20.0, opened_bytes=12 * MIB, held_bytes=2 * MIB))
    assert {RULES.cloud, RULES.hub} <= found(seen)
    assert GapReason.OVER_BUDGET in {gap.reason for gap in seen.gaps}


def test_entries_that_lie_over_each_other() -> None:
    seen = looked(bombs.overlapping_zip(10_000, 8) + BESIDE, "a.zip", SMALL)
    assert RULES.hub in found(seen)
    assert [gap.reason for gap in seen.gaps][-1] is GapReason.OVER_BUDGET


@pytest.mark.parametrize("times", [12, 100, 10_000])
def test_archives_in_archives(times: int) -> None:
    """Opened eight deep, and then as it stands: what is stored in the innermost one is found, and a gap says so."""
    seen = looked(bombs.zips_in_zips(times, b"x = " + HUB + b" "), "a.zip")
    assert RULES.hub in found(seen)
    assert {gap.reason for gap in seen.gaps} == {GapReason.OVER_BUDGET}


@pytest.mark.parametrize(("pack", "path"), [(lambda data: gzip.compress(data, 1), "a.gz"), (zlib.compress, "a.z")])
def test_packed_again_and_again(pack: object, path: str) -> None:
    seen = looked(bombs.nested(pack, 200, HUB) + BESIDE, path)  # type: ignore[arg-type]
    assert RULES.hub in found(seen)
    assert GapReason.OVER_BUDGET in {gap.reason for gap in seen.gaps}


def test_ten_thousand_members_in_one_another_and_beside_it() -> None:
    members = [(f"{at}.env", b"") for at in range(2000)]
    seen = looked(zipped(*members, ("last.env", HUB)), "a.zip", Budget(members=1000))
    assert seen.findings or seen.gaps
    full = [(f"{at}.env", b"x") for at in range(2000)]
    seen = looked(zipped(*full, ("last.env", HUB)) + BESIDE, "a.zip", Budget(members=1000))
    assert RULES.hub in found(seen)
    assert GapReason.OVER_BUDGET in {gap.reason for gap in seen.gaps}


class TestSlack:
    """What a directory claims and no packed stream has is looked at as it stands."""

    def test_behind_deflate_in_a_zip(self) -> None:
        packed = fed(zlib.compressobj(9, zlib.DEFLATED, -15), 0)
        assert RULES.hub in found(looked(zip_of(packed + BESIDE), "a.zip"))

    def test_behind_lzma_in_a_7z(self) -> None:
        packed = lzma.compress(b"x" * 100, lzma.FORMAT_RAW, filters=bombs.LZMA2_FILTERS)
        assert RULES.hub in found(looked(sevenzip_of(packed + BESIDE, 100), "a.7z"))

    def test_in_a_7z_behind_its_files(self) -> None:
        packed = lzma.compress(b"x" * 100 + BESIDE, lzma.FORMAT_RAW, filters=bombs.LZMA2_FILTERS)
        assert RULES.hub in found(looked(sevenzip_of(packed, 100), "a.7z"))

    @pytest.mark.parametrize("size", [0, 4])
    def test_behind_a_stored_file_in_a_7z(self, size: int) -> None:
        from tests.readers.sevenzip_writer import COPY, _streams

        header = b"\x01\x04" + _streams(0, 4 + len(BESIDE), COPY, [size]) + b"\0"
        place = struct.pack("<QQI", 4 + len(BESIDE), len(header), 0)
        data = b"7z\xbc\xaf\x27\x1c\0\4" + bytes(4) + place + b"abcd" + BESIDE + header
        assert RULES.hub in found(looked(data, "a.7z"))

    def test_in_a_name_of_a_packed_header(self) -> None:
        from tests.readers.sevenzip_writer import sevenzip

        assert RULES.hub in found(looked(sevenzip((HUB.decode(), b"abc"), packed_header=True), "a.7z"))


class TestPickles:
    """Memos, marks and stacks: nothing is ever built of them."""

    @pytest.mark.parametrize(
        "unit",
        [
            b"(",
            b"2",
            b"0",
            b"(t",
            b"(l",
            b"(d",
            b"h\0h\0\x86q\0",
            b"h\0\x85",
            b"}(",
            b"\x94",
            b"r\0\0\0\0",
            b"\x95\xff\xff\xff\xff\xff\xff\xff\x7f",
        ],
    )
    def test_a_million_bytes_of_one_opcode(self, unit: bytes) -> None:
        data = b"\x80\x04]q\0" + unit * (300_000 // len(unit)) + BESIDE
        assert RULES.hub in found(looked(data, "a.pkl"))

    def test_a_billion_laughs(self) -> None:
        laughs = b"X\x03\0\0\0hahq\0" + b"".join(b"h" + bytes([at]) + b"2\x86q" + bytes([at + 1]) for at in range(200))
        seen = looked(b"\x80\x02" + laughs + b"." + BESIDE, "a.pkl")
        assert RULES.hub in found(seen)
        assert not seen.gaps

    def test_marks_ten_thousand_deep(self) -> None:
        data = b"\x80\x04" + b"(" * 10_000 + b"\x8c\x25" + HUB + b"t" * 10_000 + b"."
        assert RULES.hub in found(looked(data, "a.pkl"))

    def test_a_thousand_pickles_on_end(self) -> None:
        data = b"".join(pickle.dumps({"n": at}, 4) for at in range(1000)) + pickle.dumps({"note": HUB.decode()}, 4)
        assert RULES.hub in found(looked(data, "a.pkl"))

    @pytest.mark.parametrize("opcode", [b"\x8d", b"\x8e", b"\x96"])
    def test_a_length_of_many_gigabytes(self, opcode: bytes) -> None:
        seen = looked(b"\x80\x05]q\0X\1\0\0\0aa" + opcode + struct.pack("<Q", 1 << 40) + BESIDE, "a.pkl")
        assert RULES.hub in found(seen)


class TestPdf:
    """Each of these took minutes, or gigabytes."""

    @pytest.mark.parametrize(
        "unit", [b"beginbfchar ", b"beginbfrange ", b"1 beginbfrange <0000> <ffffffff> <0041> endbfrange "]
    )
    def test_tables_of_a_font(self, unit: bytes) -> None:
        table = zlib.compress(unit * (400_000 // len(unit)))
        font = b"8 0 obj <</Type/Font/ToUnicode 9 0 R>> endobj\n"
        font += b"9 0 obj <</Length %d/Filter/FlateDecode>> stream\n%b\nendstream endobj\n" % (len(table), table)
        page = b"3 0 obj <</Type/Page/Contents 7 0 R/Resources<</Font<</F 8 0 R>>>>>> endobj\n"
        page += b"7 0 obj <</Length 22>> stream\nBT /F 1 Tf (abc) Tj ET\nendstream endobj\n"
        assert RULES.hub in found(looked(b"%PDF-1.7\n" + page + font + BESIDE, "a.pdf"))

    def test_a_page_that_is_one_stream_a_thousand_times(self) -> None:
        packed = zlib.compress(b"q " * (10 * MIB))
        data = b"%PDF-1.4\n1 0 obj <</Type/Page/Contents [" + b"7 0 R " * 1000 + b"]>> endobj\n"
        data += b"7 0 obj <</Length %d/Filter/FlateDecode>> stream\n%b\nendstream endobj\n" % (len(packed), packed)
        seen = looked(data + BESIDE, "a.pdf")
        assert RULES.hub in found(seen)
        assert [gap.reason for gap in seen.gaps] == [GapReason.OVER_BUDGET]

    def test_objects_in_objects(self) -> None:
        names = b"/A" * (MIB // 4)
        packed = zlib.compress(b"1 0 " * 1000 + b"[ " + names)
        data = b"%%PDF-1.4\n1 0 obj <</Type/ObjStm/N 1000/First 4000/Length %d/Filter/FlateDecode>> stream\n" % len(
            packed
        )
        seen = looked(data + packed + b"\nendstream endobj\n" + BESIDE, "a.pdf", Budget(opened_seconds=2.0))
        assert RULES.hub in found(seen)
        assert [gap.reason for gap in seen.gaps] == [GapReason.OVER_BUDGET]

    @pytest.mark.parametrize("filters", [b"/FlateDecode " * 1000, b"/AHx " * 1000, b"/A85 " * 1000])
    def test_filters_upon_filters(self, filters: bytes) -> None:
        packed = zlib.compress(b"z" * MIB)
        data = b"%%PDF-1.4\n1 0 obj <</Length %d/Filter[%b]>> stream\n%b\nendstream endobj\n" % (
            len(packed),
            filters,
            packed,
        )
        assert RULES.hub in found(looked(data + BESIDE, "a.pdf"))

    def test_parents_and_references_in_circles(self) -> None:
        data = b"%PDF-1.4\n1 0 obj <</Type/Page/Parent 1 0 R/Contents 1 0 R/Resources 2 0 R>> endobj\n2 0 obj 2 0 R endobj\n"
        assert RULES.hub in found(looked(data + BESIDE, "a.pdf"))


class TestParquet:
    """What a footer says of sizes is no reason to take so much memory."""

    def test_a_page_that_lies_about_its_size(self) -> None:
        import pyarrow as pa

        data = tables.parquet(pa.table({"t": ["x" * 50, HUB.decode()]}), compression="gzip")
        from tests.hostile.readers.fields import varints

        for at, length in varints(data, 4):
            broken = data[:at] + b"\xfe\xff\xff\xff\x0f"[:length].ljust(length, b"\x7f") + data[at + length :]
            seen = looked(broken + BESIDE, "a.parquet", SMALL)
            assert RULES.hub in found(seen)

    def test_rows_that_are_many(self) -> None:
        seen = looked(bombs.parquet(3000), "a.parquet", TINY)
        assert GapReason.OVER_BUDGET in {gap.reason for gap in seen.gaps}


def test_numbers_without_end() -> None:
    """Counts of what takes no bytes at all."""
    for data, path in (
        (b"[$Z#L\x7f" + b"\xff" * 7, "a.ubj"),
        (b"{$T#L\x7f" + b"\xff" * 7, "a.ubj"),
        (b"\xdf\xff\xff\xff\xff\xa1a", "a.msgpack"),
        (b"\xdd\xff\xff\xff\xff\xc0", "a.msgpack"),
        (b"GGUF" + struct.pack("<IQQ", 3, 1 << 60, 1 << 60), "a.gguf"),
        (gguf.written([("a", ["b"])])[:-8], "a.gguf"),
        (messages.record(b"")[:8] * 3, "a.tfrecord"),
    ):
        assert RULES.hub in found(looked(data + BESIDE, path)), data


def test_values_in_values() -> None:
    levels = deep()
    for sample in (
        Sample("a.msgpack", b"\x82\xa1a\xc0\xa1b" + b"\x91" * levels),
        Sample("b.msgpack", b"\x82\xa1a\xc0\xa1b" + b"\x81\xa1a" * levels),
        Sample("a.ubj", b"{U\1a" + b"[" * levels),
        Sample("b.ubj", b"{U\1a" + b"{U\1a" * levels),
        Sample(
            "a.gguf",
            b"GGUF"
            + struct.pack("<IQQQ", 3, 0, 1, 1)
            + b"a"
            + struct.pack("<I", 9)
            + struct.pack("<IQ", 9, 1) * levels,
        ),
        Sample(
            "a.m4a",
            b"\0\0\0\x10ftypM4A \0\0\0\0"
            + b"".join(struct.pack(">I", 8 * (levels - at)) + b"moov" for at in range(levels)),
        ),
        Sample("a.onnx", messages.number(1, 8) + bombs.nested(lambda data: messages.text(7, data), 300, b"\x0a\x02hi")),
    ):
        assert RULES.hub in found(looked(sample.data + BESIDE, sample.path)), sample.path
    assert levels > 50 * sys.getrecursionlimit()


def test_a_million_places_where_a_value_may_be_cut_end_in_time() -> None:
    """A lying file may have as many, and each costs two reads: what is left of them is said."""
    now = iter(range(100, 10_000))
    inspection = Inspection((), Settings(), 0, frozenset())
    limits = Limits(Budget(opened_seconds=50), clock=lambda: next(now))
    seen = Seen.joined(list(inspection._across(PathBlob(b"x" * 4000, "a.db"), range(1, 3000), limits)))
    assert [gap.reason for gap in seen.gaps] == [GapReason.OVER_BUDGET]
    assert next(now) < 200
