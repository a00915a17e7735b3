"""Files that hold one value and are named after it: `mlruns/0/abc/params/db_password`, `/run/secrets/db_password`.

MLflow keeps a file for each parameter: https://mlflow.org/docs/latest/self-hosting/architecture/backend-store/.
"""

from __future__ import annotations

from collections.abc import Iterator

from modelguard.model import Blob
from modelguard.readers.interface import Limits, Piece, Text, whole
from modelguard.readers.tables.headers import CELLS


def read(blob: Blob, limits: Limits) -> Iterator[Piece]:
    """The value beside the name of its file. See `Reader`."""
    name = blob.origin.path.replace("!", "/").rpartition("/")[2]
    before = name.encode("utf-8", "replace") + b": "

    def span(first: int, last: int) -> tuple[int, int]:
        return max(0, first - len(before)), max(0, last - len(before))

    yield Text(before + whole(blob, limits), lambda offset: "", span, again=True, sort=CELLS, lines=True)
