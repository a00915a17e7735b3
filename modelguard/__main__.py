"""`python -m modelguard` is the command `modelguard`."""

import sys

if __name__ == "__main__":
    # `-m` puts the current folder first, and that may be the tree to scan: a `yaml.py` in it must not run.
    if not getattr(sys.flags, "safe_path", False):  # since Python 3.11
        del sys.path[0]
    from modelguard.commands.edge import main

    main()
