"""msgspec imported as it is where typing_extensions is not installed, which it takes along where it is.

It asks typing_extensions for two names that `typing` has since Python 3.11 and that nothing here uses. To import it,
and `inspect` with it, takes 14 ms of what a commit hook may take. Whoever wants it later gets it.
"""

from __future__ import annotations

import sys
from contextlib import suppress

_UNWANTED = "typing_extensions"

if _UNWANTED not in sys.modules and "msgspec" not in sys.modules:
    sys.modules[_UNWANTED] = None  # type: ignore[assignment]  # Python's way to say that a module is not there
    with suppress(ImportError):  # a msgspec that cannot do without it is imported by whoever needs it
        import msgspec  # noqa: F401
    sys.modules.pop(_UNWANTED)
