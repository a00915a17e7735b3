"""A library in C gets so much memory and no more, and only while it reads."""

from __future__ import annotations

import sys

import pytest

from modelguard.readers.native import memory_bounded


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux keeps a process to a limit")
def test_memory_is_bounded_while_a_library_reads() -> None:
    import resource

    before = resource.getrlimit(resource.RLIMIT_AS)
    with pytest.raises(MemoryError), memory_bounded(64 << 20):
        bytearray(1 << 30)
    assert resource.getrlimit(resource.RLIMIT_AS) == before
    assert len(bytearray(1 << 28)) == 1 << 28
