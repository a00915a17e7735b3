"""Notebooks: sources, outputs of every sort, metadata, attachments, widgets, and pictures among them."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping, Sequence

from tests.corpus.documents import png
from tests.corpus.items import (
    CARD,
    CARD_ALONE,
    Item,
    Plant,
    Values,
    at_one_place,
    named,
    pairs,
    planted,
    sentence,
    settings,
    values_for,
)

FAMILY = "notebooks"
_RED, _PLAIN = "\u001b[31m", "\u001b[0m"


def notebook(*cells: object, metadata: Mapping[str, object] = {}) -> bytes:
    """A notebook of version 4.5, as Jupyter writes it."""
    whole = {"cells": list(cells), "metadata": {"kernelspec": {"name": "python3"}, **metadata}}
    return json.dumps({**whole, "nbformat": 4, "nbformat_minor": 5}, indent=1).encode()


def code(source: Sequence[str] = ("print(1)\n",), *outputs: object) -> dict[str, object]:
    """A cell of code."""
    about = {"cell_type": "code", "id": "c", "metadata": {}, "execution_count": 1}
    return {**about, "source": list(source), "outputs": list(outputs)}


def stream(*lines: str) -> dict[str, object]:
    """What a cell printed."""
    return {"output_type": "stream", "name": "stdout", "text": list(lines)}


def shown(**data: object) -> dict[str, object]:
    """What a cell showed; `text_html` stands for `text/html`."""
    forms = {key.replace("_", "/"): value for key, value in data.items()}
    return {"output_type": "display_data", "metadata": {}, "data": forms}


def items(seed: int) -> Iterator[Item]:
    """Every hiding place."""
    path = "nb/source.ipynb"
    values = values_for(seed, path)
    data = notebook(
        {"cell_type": "markdown", "metadata": {}, "source": "# Demo"}, code(["import os\n", *_lines(settings(values))])
    )
    yield Item(FAMILY, path, data, _at(data, values, [f"cell[1].source:{2 + at}" for at in range(5)]))
    path = "nb/cut.ipynb"
    values = values_for(seed, path)
    halves = [part for line in settings(values) for part in (line[:25], f"{line[25:]}\n")]
    data = notebook(code(["import os\n", *halves]))
    yield Item(FAMILY, path, data, named(values, [f"cell[0].source:{2 + at}" for at in range(5)]))
    yield from _outputs(seed)
    path = "nb/papermill.ipynb"
    values = values_for(seed, path)
    data = notebook(code(), metadata={"papermill": {"parameters": pairs(values)}})
    places = [f'metadata["papermill"].parameters.{key}' for key in pairs(values)]
    yield Item(FAMILY, path, data, _at(data, values, places))
    path = "nb/widget.ipynb"
    values = values_for(seed, path)
    state = {"version_major": 2, "state": {"ab": {"model_name": "PasswordModel", "state": {"value": sentence(values)}}}}
    data = notebook(code(), metadata={"widgets": {"application/vnd.jupyter.widget-state+json": state}})
    place = 'metadata["widgets"]["application/vnd.jupyter.widget-state+json"].state.ab.state.value'
    yield Item(FAMILY, path, data, _at(data, values, [place] * 5))
    path = "nb/attachment.ipynb"
    values = values_for(seed, path)
    encoded = base64.b64encode(sentence(values).encode()).decode()
    cell = {"cell_type": "markdown", "metadata": {}, "source": "x", "attachments": {"a.txt": {"text/plain": encoded}}}
    data = notebook(cell)
    yield Item(FAMILY, path, data, at_one_place(values, 'cell[0].attachments["a.txt"]', 1))


def _outputs(seed: int) -> Iterator[Item]:
    path = "nb/stream.ipynb"
    values = values_for(seed, path)
    data = notebook(code((), stream("start\n", *_lines(settings(values)))))
    yield Item(FAMILY, path, data, _at(data, values, [f"cell[0].output[0]:{2 + at}" for at in range(5)]))
    path = "nb/coloured.ipynb"
    values = values_for(seed, path)
    cut = [f"{value[:9]}{_RED}{value[9:]}{_PLAIN}\n" for value in values]
    data = notebook(code((), stream("start\n", *cut)))
    places = [f"cell[0].output[0]:{2 + at}" for at in range(5)]
    yield Item(FAMILY, path, data, named(values, places, card=CARD_ALONE))
    path = "nb/table.ipynb"
    values = values_for(seed, path)
    rows = [f"<tr><td>{key}</td><td>{value}</td></tr>\n" for key, value in pairs(values).items()]
    data = notebook(code((), shown(text_html=["<table>\n", *rows, "</table>"], text_plain=["  k  v"])))
    places = [f'cell[0].output[0].data["text/html"]:{2 + at}' for at in range(5)]
    yield Item(FAMILY, path, data, _at(data, values, places))
    path = "nb/traceback.ipynb"
    values = values_for(seed, path)
    error = {"output_type": "error", "ename": "HTTPError", "evalue": "no"}
    lines = ["Traceback", f"{_RED}HTTPError{_PLAIN}: {sentence(values)}"]
    data = notebook(code((), {**error, "traceback": lines}))
    yield Item(FAMILY, path, data, _at(data, values, ["cell[0].output[0].traceback:2"] * 5))
    path = "nb/picture.ipynb"
    values = values_for(seed, path)
    picture = png((b"tEXt", b"Comment\0" + sentence(values).encode()))
    data = notebook(code((), shown(image_png=base64.b64encode(picture).decode())))
    place = 'cell[0].output[0].data["image/png"] → text chunk "Comment"'
    yield Item(FAMILY, path, data, at_one_place(values, place))


def _lines(texts: Sequence[str]) -> list[str]:
    return [f"{text}\n" for text in texts]


def _at(data: bytes, values: Values, places: Sequence[str], card: str = CARD) -> tuple[Plant, ...]:
    """Each value at a place with a name, and in its line of the file."""
    lines = [data.count(b"\n", 0, data.index(value.encode())) + 1 for value in values]
    return planted(values, zip(places, lines, strict=True), card)
