"""The Hub guard for Python: within `guard()`, or after `enable()`, nothing reaches a Hugging Face Hub unscanned.

    import modelguard.hub

    with modelguard.hub.guard():
        trainer.push_to_hub()

`modelguard run --guard-hub -- COMMAND` does the same for a program and the Python programs that it starts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from modelguard.errors import GuardError, HubError, ModelguardError, UploadBlocked

if TYPE_CHECKING:
    from modelguard.guards.hub.guard import Guard, Mode
    from modelguard.model import ScanResult
    from modelguard.settings import Settings

__all__ = ["GuardError", "HubError", "UploadBlocked", "disable", "enable", "guard"]

_enabled: list[Guard] = []


@contextmanager
def guard(
    mode: Mode = "block",
    *,
    settings: Settings | None = None,
    told: Callable[[ModelguardError, ScanResult | None], None] | None = None,
    **options: Any,
) -> Iterator[None]:
    """Stand before every upload of this process until the end of the block.

    mode: `block` raises where something may not be sent; `warn` tells `told` of it (None: a line in the log) and lets
    it by. `settings` and `options` are as in `modelguard.scan`.

    Raises:
        UploadBlocked: within the block: what was about to be sent holds a leak; nothing of it was sent.
        GuardError: what would be sent cannot be seen or scanned, or the guard does not know this huggingface_hub.
        ModelguardError: settings, rules or a baseline cannot be used.
    """
    from modelguard.guards.hub.making import made
    from modelguard.guards.hub.standing import stand, stand_down

    standing = made(mode, settings, told, options)
    stand(standing)
    try:
        yield
    finally:
        stand_down(standing)


def enable(
    mode: Mode = "block",
    *,
    settings: Settings | None = None,
    told: Callable[[ModelguardError, ScanResult | None], None] | None = None,
    **options: Any,
) -> None:
    """Stand before every upload of this process until `disable`. See `guard`; a second call replaces the first one.

    Raises:
        GuardError: huggingface_hub is one that the guard does not know.
        ModelguardError: see `guard`.
    """
    from modelguard.guards.hub.making import made
    from modelguard.guards.hub.standing import stand

    standing = made(mode, settings, told, options)
    stand(standing)
    disable()
    _enabled.append(standing)


def disable() -> None:
    """Take away what `enable` put up."""
    from modelguard.guards.hub.standing import stand_down

    while _enabled:
        stand_down(_enabled.pop())
