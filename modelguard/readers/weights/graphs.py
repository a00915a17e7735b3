"""Graphs of TensorFlow, Core ML and PaddlePaddle: every string at its place, by name where the message is known.

TensorFlow: https://github.com/tensorflow/tensorflow/tree/master/tensorflow/core/protobuf (saved_model, meta_graph) and
`core/framework` (graph, node_def, attr_value, tensor, function). Core ML: https://apple.github.io/coremltools/mlmodel.
PaddlePaddle: `paddle/fluid/framework/framework.proto`. Of any other message, places are field numbers.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from modelguard.model import Blob
from modelguard.readers.interface import Limits, Piece
from modelguard.readers.messages import Teller
from modelguard.readers.shapes import UNKNOWN, WEIGHTS, Known, Schema, Shape, root

_HEAD_BYTES = 4096


def _map(value: Known) -> Shape:
    """An entry of a map: the value has no name of its own."""
    return Shape({1: Known("key"), 2: value._replace(name="")}, key=1, pair=True)


_ATTR = Known("attr", "AttrEntry")

TENSORFLOW: Mapping[str, Shape] = {
    "SavedModel": Shape({2: Known("meta_graphs", "MetaGraph", many=True)}),
    "MetaGraph": Shape(
        {
            1: Known("meta_info_def", "MetaInfo"),
            2: Known("graph_def", "Graph"),
            4: Known("collection_def", "CollectionEntry"),
            5: Known("signature_def", "SignatureEntry"),
            6: Known("asset_file_def", "Asset", many=True),
            7: Known("object_graph_def", "Objects"),
        }
    ),
    "MetaInfo": Shape(
        {
            1: Known("meta_graph_version"),
            4: Known("tags", many=True),
            5: Known("tensorflow_version"),
            6: Known("tensorflow_git_version"),
            8: Known("function_aliases", "TextEntry"),
        }
    ),
    "TextEntry": _map(Known("")),
    "CollectionEntry": _map(Known("", "Collection")),
    "Collection": Shape({1: Known("node_list", "Values"), 2: Known("bytes_list", "Values")}),
    "Values": Shape({1: Known("value", many=True)}),
    "SignatureEntry": _map(Known("", "Signature")),
    "Signature": Shape(
        {1: Known("inputs", "InfoEntry"), 2: Known("outputs", "InfoEntry"), 3: Known("method_name")},
    ),
    "InfoEntry": _map(Known("", "Info")),
    "Info": Shape({1: Known("name", again=True)}),
    "Asset": Shape({1: Known("tensor_info", "Info"), 2: Known("filename")}),
    "Objects": Shape({1: Known("nodes", "Object", many=True)}),
    "Object": Shape({4: Known("user_object", "UserObject"), 13: Known("registered_name")}),
    "UserObject": Shape({1: Known("identifier"), 3: Known("metadata")}),
    "Graph": Shape({1: Known("node", "Node"), 2: Known("library", "Library")}),
    "Library": Shape({1: Known("function", "Function", many=True)}),
    "Function": Shape(
        {
            1: Known("signature", "Op"),
            3: Known("node_def", "Node"),
            4: Known("ret", "TextEntry"),
            5: _ATTR,
            6: Known("control_ret", "TextEntry"),
        }
    ),
    "Op": Shape({1: Known("name"), 5: Known("summary"), 6: Known("description")}),
    "Node": Shape(
        {1: Known("name"), 2: Known("op"), 3: Known("input", many=True, again=True), 4: Known("device"), 5: _ATTR},
        key=1,
    ),
    "AttrEntry": _map(Known("", "Attr")),
    "Attr": Shape(
        {
            1: Known("list", "AttrList"),
            2: Known("s"),
            8: Known("tensor", "Tensor"),
            9: Known("placeholder"),
            10: Known("func", "Func"),
        }
    ),
    "AttrList": Shape(
        {2: Known("s", many=True), 8: Known("tensor", "Tensor", many=True), 9: Known("func", "Func", many=True)}
    ),
    "Func": Shape({1: Known("name"), 2: _ATTR}),
    "Tensor": Shape(
        {
            4: Known("tensor_content", numbers=True),
            5: Known("float_val", floats=True),
            6: Known("double_val", floats=True),
            7: Known("int_val"),
            8: Known("string_val", many=True),
            9: Known("scomplex_val", floats=True),
            10: Known("int64_val"),
            12: Known("dcomplex_val", floats=True),
            13: Known("half_val", floats=True),
        },
        type=1,
    ),
}

TENSORFLOW_TYPES: Mapping[int, int] = {
    **dict.fromkeys((1, 2, 8, 14, 18, 19, 24, 25, 26, 27, 28, 33), WEIGHTS),
    5: 2,
    15: 2,
    16: 2,
    17: 2,
    3: 4,
    13: 4,
    22: 4,
    9: 8,
    23: 8,
}
"""`core/framework/types.proto`."""

CORE_ML: Mapping[str, Shape] = {
    "Model": Shape({2: Known("description", "Description"), 202: Known("pipeline", "Pipeline")}),
    "Pipeline": Shape({1: Known("models", "Model", many=True), 2: Known("names", many=True)}),
    "Description": Shape(
        {
            1: Known("input", "Feature"),
            10: Known("output", "Feature"),
            11: Known("predictedFeatureName"),
            12: Known("predictedProbabilitiesName"),
            50: Known("trainingInput", "Feature"),
            100: Known("metadata", "Metadata"),
        }
    ),
    "Feature": Shape({1: Known("name"), 2: Known("shortDescription")}, key=1),
    "Metadata": Shape(
        {
            1: Known("shortDescription"),
            2: Known("versionString"),
            3: Known("author"),
            4: Known("license"),
            100: Known("userDefined", "UserEntry"),
        }
    ),
    "UserEntry": _map(Known("")),
}

PADDLE: Mapping[str, Shape] = {
    "Program": Shape({1: Known("blocks", "Block", many=True)}),
    "Block": Shape({3: Known("vars", "Var"), 4: Known("ops", "Operator", many=True)}),
    "Var": Shape({1: Known("name")}, key=1),
    "Operator": Shape(
        {
            1: Known("inputs", "Arguments"),
            2: Known("outputs", "Arguments"),
            3: Known("type"),
            4: Known("attrs", "Attr"),
        }
    ),
    "Arguments": Shape({1: Known("parameter"), 2: Known("arguments", many=True)}, key=1),
    "Attr": Shape({1: Known("name"), 5: Known("s"), 8: Known("strings", many=True)}, key=1, pair=True),
}


def read(blob: Blob, limits: Limits) -> Iterator[Piece]:
    """Every string of a graph; weights are left out where the message says that they are some. See `Reader`."""
    schema, shape = _schema(blob)
    teller = Teller(blob, limits, schema)
    yield from teller.tell(root(), shape, 0, blob.size)
    yield from teller.finish()


def guide(blob: Blob, offsets: Sequence[int]) -> list[str | None]:
    """The field that a byte belongs to. See `Guide`."""
    from modelguard.budget import Budget

    schema, shape = _schema(blob)
    teller = Teller(blob, Limits(Budget()), schema)
    return [teller.name_of(root(), shape, 0, blob.size, at) or None for at in offsets]


def _schema(blob: Blob) -> tuple[Schema, Shape]:
    """What is known of a file, by its name and its first bytes."""
    path = blob.origin.path
    name = path[max(path.rfind("/"), path.rfind("!")) + 1 :].lower()
    if name.endswith(".mlmodel"):
        return Schema(CORE_ML), CORE_ML["Model"]
    if name == "__model__" or name.endswith(".pdmodel"):
        return Schema(PADDLE), PADDLE["Program"]
    schema = Schema(TENSORFLOW, TENSORFLOW_TYPES)
    if name == "saved_model.pb":
        return schema, TENSORFLOW["SavedModel"]
    if name.endswith(".meta"):
        return schema, TENSORFLOW["MetaGraph"]
    return schema, TENSORFLOW["Graph"] if _begins_with_node(blob.read(0, _HEAD_BYTES)) else UNKNOWN


def _begins_with_node(head: bytes) -> bool:
    """A node of a graph with its name and its operation, as TensorFlow writes them."""
    at = 1
    while at < min(len(head), 6) and head[at] > 0x7F:
        at += 1
    if head[:1] != b"\x0a" or head[at + 1 : at + 2] != b"\x0a" or len(head) < at + 4:
        return False
    end = at + 3 + head[at + 2]
    return head[at + 2] < 0x80 and head[end : end + 1] == b"\x12"
