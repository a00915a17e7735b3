from tests.cli.conftest import program, shared_cache, token

__all__ = ["program", "shared_cache", "token"]
