"""`python -m modelguard` is the command `modelguard`; git's hooks run this file by its path."""

import os
import sys

_CANNOT_START = 127
"""What a shell says of a program that is not there; our hooks look for another one then."""


def _by_its_path() -> None:
    """Make the package importable that this file is part of: before other packages, and after Python's own modules."""
    here = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    if here not in sys.path:
        packages = (at for at, path in enumerate(sys.path) if path.endswith(("site-packages", "dist-packages")))
        sys.path.insert(next(packages, len(sys.path)), here)


if __name__ == "__main__":
    # `-m` puts the current folder first, and that may be the tree to scan: a `yaml.py` in it must not run.
    if not getattr(sys.flags, "safe_path", False) and not sys.flags.isolated:  # safe_path: since Python 3.11
        del sys.path[0]
    if not __package__:
        _by_its_path()
    try:
        from modelguard.commands.edge import main
    except ImportError:
        if __package__:
            raise
        sys.exit(_CANNOT_START)
    main()
