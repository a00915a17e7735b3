"""CatBoost's models (`.cbm`): parameters, what the model says of itself, names of features, values of categories.

Format: catboost/libs/model/flatbuffers in https://github.com/catboost/catboost; four bytes `CBM1` and the length of the
core stand before it. What stands behind it (tables of categories and words) is looked at as it stands.
"""

from __future__ import annotations

from collections.abc import Iterator

from modelguard.model import Blob
from modelguard.readers.interface import Limits, Malformed, Piece
from modelguard.readers.weights.flat_shapes import Form, Part, Shape, Walk
from modelguard.readers.weights.flatbuffers import Buffer

_HEADER_BYTES = 8
_FEATURE: Shape = {2: Part("id")}
_FLOAT_FEATURE: Shape = {4: Part("id")}
_TREES: Shape = {
    4: Part("categorical_features", Form.TABLES, {0: _FEATURE}),
    5: Part("features", Form.TABLES, {0: _FLOAT_FEATURE}),
    6: Part("one_hot_features", Form.TABLES, {0: {2: Part("values", Form.TEXTS)}}),
    12: Part("text_features", Form.TABLES, {0: _FEATURE}),
}
_MODEL: Shape = {
    0: Part("format_version"),
    1: Part("trees", Form.TABLE, {0: _TREES}),
    2: Part("info", Form.PAIRS),
    3: Part("parts", Form.TEXTS),
}


def read(blob: Blob, limits: Limits) -> Iterator[Piece]:
    """The texts of a model. See `Reader`."""
    length = int.from_bytes(blob.read(4, _HEADER_BYTES), "little")
    if _HEADER_BYTES + length > blob.size:
        raise Malformed("its core is longer than the file")
    walk = Walk(blob, limits)
    yield from walk.table(Buffer(blob).root(_HEADER_BYTES), _MODEL, "")
    yield from walk.flushed()
