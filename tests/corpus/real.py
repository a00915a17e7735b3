"""Files that the real libraries write, one or more for each."""

from __future__ import annotations

import io
import json
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.corpus import real_documents, recorded
from tests.corpus.items import (
    CARD_ALONE,
    CARD_IN_VOCABULARY,
    Item,
    at_one_place,
    named,
    pairs,
    planted,
    sentence,
    settings,
    values_for,
)

FAMILY = "real"


def items(seed: int) -> Iterator[Item]:
    """Every library."""
    yield from recorded.items(seed)
    yield from real_documents.items(seed)
    yield from _of_safetensors(seed)
    yield from _of_tokenizers(seed)
    yield from _of_sentencepiece(seed)
    yield from _of_gguf(seed)
    yield from _of_onnx(seed)
    yield from _of_joblib(seed)
    yield from _of_nbformat(seed)
    yield from _of_pillow(seed)


def _of_safetensors(seed: int) -> Iterator[Item]:
    import numpy as np
    from safetensors.numpy import save

    path = "real/safetensors/real.safetensors"
    values = values_for(seed, path)
    notes = json.dumps({"note": sentence(values)})
    data = save({"w": np.zeros((4, 4), np.float32)}, {"training": notes})
    yield Item(FAMILY, path, data, at_one_place(values, '__metadata__["training"]', 1))


def _of_tokenizers(seed: int) -> Iterator[Item]:
    from tokenizers import Tokenizer, models, pre_tokenizers

    path = "real/tokenizers/added/tokenizer.json"
    values = values_for(seed, path)
    model = models.BPE({"a": 0, "b": 1, "ab": 2, "Ġ": 3}, [("a", "b")])
    tokenizer = Tokenizer(model)
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel()
    tokenizer.add_tokens(list(values))
    told = tokenizer.to_str(pretty=True)
    lines = [told.count("\n", 0, told.index(f'"{value}"')) + 1 for value in values]
    plants = planted(values, [(f"added_tokens[{at}].content", line) for at, line in enumerate(lines)], CARD_ALONE)
    yield Item(FAMILY, path, told.encode(), plants)
    path = "real/tokenizers/words/tokenizer.json"
    values = values_for(seed, path)
    words = Tokenizer(models.WordLevel({"[UNK]": 0, **{value: 1 + at for at, value in enumerate(values)}}, "[UNK]"))
    places = [f"vocab[{1 + at}]" for at in range(5)]
    yield Item(FAMILY, path, words.to_str().encode(), named(values, places, card=CARD_IN_VOCABULARY))


def _of_sentencepiece(seed: int) -> Iterator[Item]:
    import sentencepiece

    path = "real/sentencepiece/real.model"
    values = values_for(seed, path)
    out = io.BytesIO()
    lines = iter(["the model reads these words and no others", "words of the model are read"] * 20)
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=lines,
        model_writer=out,
        vocab_size=40,
        hard_vocab_limit=False,
        user_defined_symbols=list(values),
        num_threads=1,
        minloglevel=2,
    )
    places = [f"piece[{3 + at}]" for at in range(5)]
    yield Item(FAMILY, path, out.getvalue(), named(values, places, card=CARD_IN_VOCABULARY))


def _of_gguf(seed: int) -> Iterator[Item]:
    import numpy as np
    from gguf import GGUFWriter

    path = "real/gguf/real.gguf"
    values = values_for(seed, path)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "a.gguf"
        writer = GGUFWriter(file, "llama")
        writer.add_description(sentence(values))
        writer.add_tensor("blk.0.w", np.zeros(64, np.float32))
        writer.write_header_to_file()
        writer.write_kv_data_to_file()
        writer.write_tensors_to_file()
        writer.close()
        data = file.read_bytes()
    yield Item(FAMILY, path, data, at_one_place(values, 'kv "general.description"'))


def _of_onnx(seed: int) -> Iterator[Item]:
    from onnx import TensorProto, helper

    path = "real/onnx/real.onnx"
    values = values_for(seed, path)
    shape = helper.make_tensor_value_info("x", TensorProto.FLOAT, [1])
    graph = helper.make_graph([helper.make_node("Identity", ["x"], ["y"])], "g", [shape], [shape])
    model = helper.make_model(graph)
    helper.set_model_props(model, pairs(values))
    places = [f'metadata_props["{key}"]' for key in pairs(values)]
    yield Item(FAMILY, path, model.SerializeToString(), named(values, places))


def _of_joblib(seed: int) -> Iterator[Item]:
    import joblib
    import numpy as np

    for how in ("none", "zlib", "gzip", "bz2", "lzma", "xz", "lz4"):
        path = f"real/joblib/{how}.joblib"
        values = values_for(seed, path)
        out = io.BytesIO()
        joblib.dump({"w": np.arange(8), "settings": pairs(values)}, out, compress=0 if how == "none" else (how, 3))
        inside = "" if how == "none" else f"{how}.joblib → "
        places = [f'{inside}["settings"]["{key}"]' for key in pairs(values)]
        yield Item(FAMILY, path, out.getvalue(), named(values, places))


def _of_nbformat(seed: int) -> Iterator[Item]:
    from nbformat import v4, writes

    path = "real/notebooks/real.ipynb"
    values = values_for(seed, path)
    output = v4.new_output("stream", text="\n".join(settings(values)) + "\n")
    cell = v4.new_code_cell("print(settings)", outputs=[output], id="one")
    told = writes(v4.new_notebook(cells=[cell]))
    lines = [told.count("\n", 0, told.index(value)) + 1 for value in values]
    plants = planted(values, [(f"cell[0].output[0]:{1 + at}", line) for at, line in enumerate(lines)])
    yield Item(FAMILY, path, told.encode(), plants)


def _of_pillow(seed: int) -> Iterator[Item]:
    from PIL import Image, PngImagePlugin

    picture = Image.new("RGB", (8, 8))
    for name, compressed in (("text.png", False), ("packed.png", True)):
        path = f"real/pictures/{name}"
        values = values_for(seed, path)
        about = PngImagePlugin.PngInfo()
        about.add_text("parameters", sentence(values), compressed)
        out = io.BytesIO()
        picture.save(out, "PNG", pnginfo=about)
        yield Item(FAMILY, path, out.getvalue(), at_one_place(values, 'text chunk "parameters"'))
    for name, form, kind in (("a.jpg", "JPEG", "EXIF"), ("a.webp", "WEBP", "EXIF"), ("a.tif", "TIFF", "TIFF")):
        path = f"real/pictures/{name}"
        values = values_for(seed, path)
        tags = Image.Exif()
        tags[0x010E] = sentence(values)
        out = io.BytesIO()
        picture.save(out, form, exif=tags)
        yield Item(FAMILY, path, out.getvalue(), at_one_place(values, f"{kind} ImageDescription"))
