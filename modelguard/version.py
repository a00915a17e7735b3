"""The version of this program and where it comes from, readable without importing anything else."""

VERSION = "0.1.0"

NO_REPOSITORY_YET = "https://github.com/OWNER/modelguard"
REPOSITORY = NO_REPOSITORY_YET
"""Where hooks are fetched from. It is the one place to say so, as soon as the project has a public address."""
