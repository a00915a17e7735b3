"""Notebooks: the cell, the output and the line are named; what colour codes, tags and base64 hide is found."""

from __future__ import annotations

import base64
import json
import struct
import zlib
from typing import Any

import pytest

from modelguard.model import GapReason
from modelguard.rules.templates import expand
from tests.readers.opened import RULES, bears_damage, kind, opened, places, scanned, values

VALUES = values()
NAME = "demo.ipynb"
RED, PLAIN = "\x1b[31m", "\x1b[0m"


def code(source: Any = "x", outputs: Any = (), **more: Any) -> dict[str, Any]:
    return {
        "cell_type": "code",
        "execution_count": 1,
        "metadata": {},
        "outputs": list(outputs),
        "source": source,
        **more,
    }


def text_cell(source: Any, **more: Any) -> dict[str, Any]:
    return {"cell_type": "markdown", "metadata": {}, "source": source, **more}


def stream(text: Any) -> dict[str, Any]:
    return {"name": "stdout", "output_type": "stream", "text": text}


def shown(**data: Any) -> dict[str, Any]:
    named = {name.replace("_", "/"): value for name, value in data.items()}
    return {"data": named, "metadata": {}, "output_type": "display_data"}


def notebook(*cells: dict[str, Any], metadata: Any = None, indent: int | None = 1) -> bytes:
    whole = {"cells": list(cells), "metadata": metadata or {}, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(whole, indent=indent, ensure_ascii=False).encode()


def png(comment: bytes, behind: bytes = b"", pixels: bytes = zlib.compress(bytes(65))) -> bytes:
    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    return b"".join(
        [
            b"\x89PNG\r\n\x1a\n",
            chunk(b"IHDR", struct.pack(">IIBBBBB", 8, 8, 8, 0, 0, 0, 0)),
            chunk(b"tEXt", b"Comment\0" + comment),
            chunk(b"IDAT", pixels),
            chunk(b"IEND", b""),
            behind,
        ]
    )


def in_base64(data: bytes, wrapped: bool = False) -> str:
    return (base64.encodebytes(data) if wrapped else base64.b64encode(data)).decode()


SPLIT = f"{VALUES.hub[:9]}{RED}{VALUES.hub[9:]}{PLAIN}"
SOURCE = ["import os\n", "\n", f"os.environ['HF_TOKEN'] = '{VALUES.hub}'\n", "print('\\\\n', 1)"]

PLACES = {
    "a line of a source": (notebook(text_cell("a"), code(SOURCE)), "cell[1].source:3"),
    "a source in one string": (notebook(code("".join(SOURCE))), "cell[0].source:3"),
    "escaped backslashes are no lines": (notebook(code(f"a = '\\\\n'\n\nb = '{VALUES.hub}'")), "cell[0].source:3"),
    "a stream": (notebook(code("x", [stream(["a\n", f"HF_TOKEN={VALUES.hub}\n"])])), "cell[0].output[0]:2"),
    "a result": (
        notebook(code("x", [stream("a"), shown(text_html=["<b>\n", f"<td>{VALUES.hub}</td>"])])),
        'cell[0].output[1].data["text/html"]:2',
    ),
    "a result in JSON": (
        notebook(code("x", [shown(application_json={"a": [{"token": VALUES.hub}]})])),
        'cell[0].output[0].data["application/json"].a[0].token',
    ),
    "a traceback": (
        notebook(code("x", [{"output_type": "error", "ename": "E", "traceback": ["a", "b\nc", f"t={VALUES.hub}"]}])),
        "cell[0].output[0].traceback:4",
    ),
    "the message of an error": (
        notebook(code("x", [{"output_type": "error", "evalue": f"no {VALUES.hub}"}])),
        "cell[0].output[0].evalue",
    ),
    "metadata of a cell": (
        notebook(code("x", metadata={"tags": ["a", VALUES.hub]})),
        'cell[0].metadata["tags"][1]',
    ),
    "papermill": (
        notebook(code("x"), metadata={"papermill": {"parameters": {"hub_token": VALUES.hub}}}),
        'metadata["papermill"].parameters.hub_token',
    ),
    "widgets": (
        notebook(metadata={"widgets": {"application/vnd": {"state": {"ab": {"state": {"value": VALUES.hub}}}}}}),
        'metadata["widgets"]["application/vnd"].state.ab.state.value',
    ),
    "a key": (notebook(code("x", metadata={"a": 1, VALUES.hub: 2})), "cell[0].metadata[key 1]"),
    "colour codes in a stream": (
        notebook(code("x", [stream(["a\n", "b\n", f"HF_TOKEN={SPLIT}\n"])])),
        "cell[0].output[0]:3",
    ),
    "colour codes in one string": (notebook(code("x", [stream(f"a\n\\n\n{SPLIT}\nb")])), "cell[0].output[0]:3"),
    "colour codes in a traceback": (
        notebook(code("x", [{"output_type": "error", "traceback": ["a", f"b\nt = {SPLIT}"]}])),
        "cell[0].output[0].traceback:3",
    ),
    "tags": (
        notebook(code("x", [shown(text_html=["<p>\n", f"<b>{VALUES.hub[:9]}</b><wbr>{VALUES.hub[9:]}\n"])])),
        'cell[0].output[0].data["text/html"]:2',
    ),
    "tags in one string": (
        notebook(code("x", [shown(text_html=f"<p>\n&#104;f<b>_</b>{VALUES.hub[3:]}\n")])),
        'cell[0].output[0].data["text/html"]:2',
    ),
    "a picture": (
        notebook(code("x", [shown(image_png=in_base64(png(VALUES.hub.encode())))])),
        'cell[0].output[0].data["image/png"] → text chunk "Comment"',
    ),
    "a picture in lines": (
        notebook(code("x", [shown(image_png=in_base64(png(VALUES.hub.encode()), wrapped=True))])),
        'cell[0].output[0].data["image/png"] → text chunk "Comment"',
    ),
    "a picture in a page": (
        notebook(
            code("x", [shown(text_html=f'\n<img src="data:image/png;base64,{in_base64(png(VALUES.hub.encode()))}">')])
        ),
        'cell[0].output[0].data["text/html"]:2 → text chunk "Comment"',
    ),
    "what follows a picture": (
        notebook(code("x", [shown(image_png=in_base64(png(b"", b"\n" + VALUES.hub.encode())))])),
        'cell[0].output[0].data["image/png"]',
    ),
    "an attached picture": (
        notebook(text_cell("x", attachments={"a.png": {"image/png": in_base64(png(VALUES.hub.encode()))}})),
        'cell[0].attachments["a.png"] → text chunk "Comment"',
    ),
    "an attached text": (
        notebook(
            text_cell("x", attachments={}),
            text_cell("x", attachments={"a.txt": {"text/plain": in_base64(f"some\ntext {VALUES.hub}".encode())}}),
        ),
        'cell[1].attachments["a.txt"]',
    ),
}


@pytest.mark.parametrize("name", PLACES)
def test_places(name: str) -> None:
    data, place = PLACES[name]
    seen = scanned(data, NAME)
    assert places(seen) == {RULES.hub: place}
    assert not seen.gaps


def test_what_stands_as_it_is_keeps_its_line_and_column() -> None:
    data = notebook(code(SOURCE))
    (finding,) = scanned(data, NAME).findings
    place = finding.place
    assert data[place.byte_start : place.byte_end] == VALUES.hub.encode()
    assert data.split(b"\n")[(place.line or 0) - 1].index(VALUES.hub.encode()) + 1 == place.column


def test_what_colour_codes_hide_is_placed_at_its_line_of_the_output() -> None:
    data = notebook(code("x", [stream(f"a\n{SPLIT}\nb\n")]))
    (finding,) = scanned(data, NAME).findings
    written = json.dumps(SPLIT, ensure_ascii=False)[1:-1].encode()
    assert data[finding.place.byte_start : finding.place.byte_end] == written


def test_a_value_that_stands_both_ways_is_told_once() -> None:
    output = stream([f"HF_TOKEN={VALUES.hub}\n", f"{RED}HF_TOKEN{PLAIN}={VALUES.hub}\n", f"({VALUES.cloud}){RED}\n"])
    seen = scanned(notebook(code("x", [output])), NAME)
    assert sorted((each.rule, each.place.inner) for each in seen.findings) == [
        (RULES.cloud, "cell[0].output[0]:3"),
        (RULES.hub, "cell[0].output[0]:1"),
        (RULES.hub, "cell[0].output[0]:2"),
    ]


def test_colour_codes_far_behind_the_beginning_of_a_string() -> None:
    data = notebook(code("x", [stream('"a" \\\\" b\n' * 150_000 + SPLIT)]))
    assert places(scanned(data, NAME)) == {RULES.hub: "cell[0].output[0]:150001"}


def test_a_text_that_is_cut_into_strings_within_its_lines_is_told_as_it_reads() -> None:
    hub, cloud, forge = VALUES
    source = [
        "import os\n",
        f"a = '{hub[:9]}",
        f"{hub[9:]}'\n",
        f"b = '{cloud[:5]}",
        cloud[5:9],
        f"{cloud[9:]}'\n",
        "c",
    ]
    printed = ["start\n", forge[:12], f"{forge[12:]}\n", "end"]
    data = notebook(code(source, [stream(printed)]))
    assert places(scanned(data, NAME)) == {
        RULES.hub: "cell[0].source:2",
        RULES.cloud: "cell[0].source:3",
        RULES.forge: "cell[0].output[0]:2",
    }
    bears_damage(data, NAME)


def test_a_value_in_one_of_such_strings_is_told_once() -> None:
    data = notebook(code(["import", " os\n", f"a = '{VALUES.hub}'\n"]))
    (found,) = scanned(data, NAME).findings
    assert found.place.line is not None


def test_a_text_that_is_cut_between_its_lines_is_not_told_again() -> None:
    texts, _ = opened(notebook(code(["a\n", "b\n", "c"], [stream([" 10%\r", " 20%\r"])])), NAME)
    assert not texts


def test_the_end_of_an_address_behind_a_code_is_no_other_one() -> None:
    address = expand("<lower:6>.<lower:7><digit:2>@<lower:9>.com")
    data = notebook(code(outputs=[stream(f"{address[:9]}{RED}{address[9:]}{PLAIN}\n")]))
    assert places(scanned(data, NAME, pii="all")) == {"email-address": "cell[0].output[0]:1"}


def test_version_3() -> None:
    whole = {
        "metadata": {"name": ""},
        "nbformat": 3,
        "nbformat_minor": 0,
        "worksheets": [
            {
                "cells": [
                    {"cell_type": "markdown", "source": ["x"]},
                    {"cell_type": "code", "input": ["a\n", f"t = '{VALUES.hub}'"]},
                ]
            },
            {"cells": [{"cell_type": "code", "outputs": [{"output_type": "pyout", "text": [f"id {VALUES.cloud}"]}]}]},
            {"cells": [{"outputs": [{"output_type": "display_data", "png": in_base64(png(VALUES.forge.encode()))}]}]},
        ],
    }
    seen = scanned(json.dumps(whole).encode(), "old.ipynb")
    assert places(seen) == {
        RULES.hub: "cell[1].input:2",
        RULES.cloud: "worksheet[1].cell[0].output[0]:1",
        RULES.forge: 'worksheet[2].cell[0].output[0].png → text chunk "Comment"',
    }


@pytest.mark.parametrize("indent", [None, 1, 2])
def test_a_notebook_of_any_name(indent: int | None) -> None:
    seen = scanned(notebook(code(SOURCE), indent=indent), "checkpoint.txt")
    assert places(seen) == {RULES.hub: "cell[0].source:3"}
    colab = {"nbformat": 4, "nbformat_minor": 0, "metadata": {}, "cells": [code(SOURCE)]}
    assert places(scanned(json.dumps(colab).encode(), "checkpoint")) == {RULES.hub: "cell[0].source:3"}


def test_what_is_no_notebook() -> None:
    for data in (b'{"cells": 3}', b'{"metadata": {"a": 1}}', b"{}", b""):
        found = kind(data, "a.txt")
        assert found is None, data
    assert kind(b"version https://git-lfs.github.com/spec/v1\n", NAME) is None
    assert kind(b"", NAME) is None


def test_a_clean_notebook_is_not_parsed() -> None:
    html = "<table>\n<tr><td>1 &lt; 2</td></tr></table>"
    pieces, gaps = opened(notebook(code(["a\n"], [stream("b"), shown(text_html=html.replace("&lt;", "<"))])), NAME)
    assert not pieces
    assert not gaps


def test_pictures_are_covered() -> None:
    """A picture's base64 is not looked at as text, where random letters may look like anything."""
    letters = b"\xff" * 6 + base64.b64decode(VALUES.cloud) + b"\xff" * 6
    lucky = next(
        data for data in (png(b"x", pixels=bytes(by) + letters) for by in range(3)) if VALUES.cloud in in_base64(data)
    )
    cell = code("x", [shown(image_png=in_base64(lucky))])
    assert not scanned(notebook(cell), NAME).findings
    assert places(scanned(b"cells: " + notebook(cell), "demo.txt")), "elsewhere it would be a finding"


def test_a_picture_in_base64_of_several_strings() -> None:
    """As old notebooks have it, where base64 was wrapped."""
    picture = base64.encodebytes(png(VALUES.hub.encode())).decode().splitlines(keepends=True)
    assert len(picture) > 1
    seen = scanned(notebook(code(outputs=[shown(image_png=picture)])), NAME)
    assert places(seen) == {RULES.hub: 'cell[0].output[0].data["image/png"] → text chunk "Comment"'}
    assert not seen.gaps


def test_base64_behind_a_picture_is_looked_at() -> None:
    data = notebook(code("x", [shown(image_png=in_base64(png(b"xy")) + VALUES.cloud)]))
    assert RULES.cloud in places(scanned(data, NAME))


def test_what_only_seems_to_be_a_picture_is_looked_at_as_it_stands() -> None:
    data = notebook(code("x", [shown(image_png=f"iVBORw0KGgo {VALUES.hub} " + "A" * 80)]))
    assert places(scanned(data, NAME)) == {RULES.hub: 'cell[0].output[0].data["image/png"]'}
    cut = in_base64(png(VALUES.hub.encode()))[:-30]
    seen = scanned(notebook(code("x", [shown(image_png=cut)])), NAME)
    assert RULES.hub in places(seen)


def test_an_attachment_that_is_a_value_itself() -> None:
    data = notebook(text_cell("x", attachments={"a": {"text/plain": VALUES.cloud}}))
    assert places(scanned(data, NAME)) == {RULES.cloud: 'cell[0].attachments["a"]'}


def test_a_notebook_that_is_no_json_is_a_gap_if_it_hides_anything() -> None:
    data = notebook(code(SOURCE, [stream(f"{RED}x")]))[:-3]
    seen = scanned(data, NAME)
    assert [gap.reason for gap in seen.gaps] == [GapReason.MALFORMED]
    assert places(seen) == {RULES.hub: "cell[0].source:3"}


def test_deep_nesting() -> None:
    deep = b'{"cells": [' + b'{"a":[' * 200_000 + f'"{RED}{VALUES.hub}"'.encode().replace(b"\x1b", rb"\u001b")
    seen = scanned(deep, NAME)
    assert RULES.hub in {each.rule for each in seen.findings}
    assert [gap.reason for gap in seen.gaps] == [GapReason.MALFORMED]


def test_a_damaged_notebook() -> None:
    data = notebook(
        text_cell("x", attachments={"a.txt": {"text/plain": in_base64(b"some text to read")}}),
        code("x", [stream(SPLIT), shown(text_html="a<b>b</b>c", image_png=in_base64(png(b"c")))]),
        indent=None,
    )
    bears_damage(data, NAME, lambda broken: None if len(broken) % 50 else scanned(broken, NAME) and None)


@pytest.mark.parametrize(
    "text",
    [
        "&ab;" * 400_000,
        "<b>" * 400_000,
        "x<b" * 400_000,
        "base64,iVBORw0KGgo" * 60_000,
        '\\"iVBORw0KGgo' * 60_000,
        "\x1b]" * 200_000,
    ],
    ids=["entities", "tags", "open tags", "pictures", "quoted pictures", "codes"],
)
def test_what_looks_like_much_takes_no_longer(text: str) -> None:
    seen = scanned(notebook(code("x", [shown(text_html=[text, f"\n{SPLIT}"])])), NAME)
    assert RULES.hub in {each.rule for each in seen.findings}
    assert not seen.gaps


def test_an_attachment_that_is_almost_base64_is_read_once() -> None:
    """Its runs of letters could be split in a number of ways that doubles with each of them."""
    data = notebook(text_cell("x", attachments={"a": {"text/plain": "QUJD" * 50 + "!"}}), text_cell(VALUES.hub))
    assert places(scanned(data, NAME)) == {RULES.hub: "cell[1].source:1"}
