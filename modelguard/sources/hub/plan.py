"""How many bytes of a file a scan will probably read, told by its name before anything is."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from modelguard.sources.hub.blob import HubFile

HEADER_BYTES = 256 * 1024
"""What is usually read of a file of weights: a header, a directory, small members."""

_BY_RANGE = (
    ".safetensors",
    ".gguf",
    ".ggml",
    ".pt",
    ".pth",
    ".bin",
    ".ckpt",
    ".keras",
    ".npz",
    ".nemo",
    ".onnx",
)
"""Suffixes of formats whose readers leave most bytes alone. Their content has the last word."""


def planned_bytes(path: str, size: int, weights: bool) -> int:
    """How much of a file will probably be read; `weights` is what settings ask for."""
    by_range = not weights and path.lower().endswith(_BY_RANGE)
    return min(size, HEADER_BYTES) if by_range else size


class Plan(Struct, frozen=True):
    """What will be read of a repository."""

    files: int
    bytes: int
    planned: int

    @staticmethod
    def of(files: Sequence[HubFile]) -> Plan:
        """The plan for these files."""
        return Plan(len(files), sum(each.size for each in files), sum(each.planned for each in files))

    def __str__(self) -> str:
        return f"{self.files} files, {_size(self.bytes)}; about {_size(self.planned)} will be read"


def _size(count: int) -> str:
    for unit in ("bytes", "kB", "MB", "GB"):
        if count < 1000 or unit == "GB":
            return f"{count} bytes" if unit == "bytes" else f"{count:.1f} {unit}"
        count = count / 1000  # type: ignore[assignment]
    raise AssertionError
