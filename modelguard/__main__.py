"""`python -m modelguard` is the command `modelguard`."""

from modelguard.commands.edge import main

if __name__ == "__main__":
    main()
