"""ONNX: every string of a model at its place, numbers that may be text, and data that lie outside the model's folder.

Format: https://github.com/onnx/onnx/blob/main/onnx/onnx.proto (field numbers). Weights are left out. The location of
external data is joined to the model's folder by whoever loads it, so one that is absolute or climbs out is told as a
text of the sort `onnx`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from modelguard.model import Blob
from modelguard.readers.interface import Limits, Piece
from modelguard.readers.messages import Teller
from modelguard.readers.shapes import WEIGHTS, Known, Schema, Shape, root

_OUTSIDE = re.compile(rb"[/\\]|[A-Za-z]:|[a-z+]+://|(?:.*[/\\])?\.\.(?:[/\\]|$)", re.DOTALL)


def _external(key: bytes, value: bytes) -> bytes | None:
    """What is said of data that lie outside the model's folder."""
    return b"external data at " + value if key == b"location" and _OUTSIDE.match(value) else None


_PROPS = Known("metadata_props", "Entry")
_DOC = Known("doc_string")


def _values(value: str, kind: str, dims: str, dim: str, again: bool) -> dict[str, Shape]:
    """What is said of a value: its name, and those of its dimensions. `again`: other fields name these, too."""
    return {
        value: Shape({1: Known("name", again=again), 2: Known("type", kind), 3: _DOC, 4: _PROPS}, key=1),
        kind: Shape({1: Known("tensor_type", f"{kind}Tensor"), 6: Known("denotation")}),
        f"{kind}Tensor": Shape({2: Known("shape", dims)}),
        dims: Shape({1: Known("dim", dim, many=True)}),
        dim: Shape({2: Known("dim_param", again=again), 3: Known("denotation", again=again)}),
    }


_VALUES = {
    **_values("Value", "Type", "Dims", "Dim", False),
    **_values("Named", "NamedType", "NamedDims", "NamedDim", True),
}
"""The inputs of a graph, and whatever its nodes make: names that stand in a model at least twice are told once."""

SCHEMA = Schema(
    {
        "Model": Shape(
            {
                2: Known("producer_name"),
                3: Known("producer_version"),
                4: Known("domain"),
                6: _DOC,
                7: Known("graph", "Graph"),
                8: Known("opset_import", "Opset", many=True),
                14: _PROPS,
                20: Known("training_info", "Training", many=True),
                25: Known("functions", "Function"),
            }
        ),
        "Opset": Shape({1: Known("domain")}),
        "Entry": Shape({1: Known("key"), 2: Known("")}, key=1, pair=True),
        "ExternalEntry": Shape({1: Known("key"), 2: Known("")}, key=1, pair=True, remark=_external),
        "Training": Shape(
            {
                1: Known("initialization", "Graph"),
                2: Known("algorithm", "Graph"),
                3: Known("initialization_binding", "Entry"),
                4: Known("update_binding", "Entry"),
            }
        ),
        "Graph": Shape(
            {
                1: Known("node", "Node", many=True),
                2: Known("name"),
                5: Known("initializer", "Tensor"),
                10: _DOC,
                11: Known("input", "Value"),
                12: Known("output", "Named"),
                13: Known("value_info", "Named"),
                14: Known("quantization_annotation", "Annotation", many=True),
                15: Known("sparse_initializer", "Sparse", many=True),
                16: _PROPS,
            }
        ),
        "Node": Shape(
            {
                1: Known("input", many=True, again=True),
                2: Known("output", many=True),
                3: Known("name"),
                4: Known("op_type"),
                5: Known("attribute", "Attribute"),
                6: _DOC,
                7: Known("domain"),
                8: Known("overload"),
                9: _PROPS,
            }
        ),
        "Attribute": Shape(
            {
                1: Known("name"),
                4: Known("s"),
                5: Known("t", "Tensor"),
                6: Known("g", "Graph"),
                7: Known("floats", floats=True),
                8: Known("ints"),
                9: Known("strings", many=True),
                10: Known("tensors", "Tensor", many=True),
                11: Known("graphs", "Graph", many=True),
                13: _DOC,
                21: Known("ref_attr_name"),
                22: Known("sparse_tensor", "Sparse"),
                23: Known("sparse_tensors", "Sparse", many=True),
            },
            key=1,
        ),
        "Tensor": Shape(
            {
                1: Known("dims"),
                4: Known("float_data", floats=True),
                5: Known("int32_data"),
                6: Known("string_data", many=True),
                7: Known("int64_data"),
                8: Known("name"),
                9: Known("raw_data", numbers=True),
                10: Known("double_data", floats=True),
                11: Known("uint64_data"),
                12: _DOC,
                13: Known("external_data", "ExternalEntry"),
                16: _PROPS,
            },
            key=8,
            type=2,
        ),
        "Sparse": Shape({1: Known("values", "Tensor"), 2: Known("indices", "Tensor"), 3: Known("dims")}),
        "Annotation": Shape({1: Known("tensor_name", again=True), 2: Known("quant_parameter_tensor_names", "Entry")}),
        **_VALUES,
        "Function": Shape(
            {
                1: Known("name"),
                4: Known("input", many=True),
                5: Known("output", many=True, again=True),
                6: Known("attribute", many=True),
                7: Known("node", "Node", many=True),
                8: _DOC,
                9: Known("opset_import", "Opset", many=True),
                10: Known("domain"),
                11: Known("attribute_proto", "Attribute"),
                12: Known("value_info", "Named"),
                13: Known("overload"),
                14: _PROPS,
            },
            key=1,
        ),
    },
    types={
        **dict.fromkeys((1, 10, 11, 14, 15, 16, 17, 18, 19, 20, 23, 24, 27, 28), WEIGHTS),
        4: 2,
        5: 2,
        6: 4,
        12: 4,
        7: 8,
        13: 8,
    },
    sort="onnx",
)


def read(blob: Blob, limits: Limits) -> Iterator[Piece]:
    """Every string of a model, and the numbers that may be text; weights are left out. See `Reader`."""
    teller = Teller(blob, limits, SCHEMA)
    yield from teller.tell(root(), SCHEMA.shapes["Model"], 0, blob.size)
    yield from teller.finish()


def guide(blob: Blob, offsets: Sequence[int]) -> list[str | None]:
    """The field that a byte belongs to: `graph.initializer["blob"].raw_data`. See `Guide`."""
    from modelguard.budget import Budget

    teller = Teller(blob, Limits(Budget()), SCHEMA)
    return [teller.name_of(root(), SCHEMA.shapes["Model"], 0, blob.size, at) or None for at in offsets]
