"""What a partial clone has not fetched, asked while the scan goes on: git walks all trees for the answer."""

from __future__ import annotations

import threading
from functools import cached_property

from modelguard.model import Gap
from modelguard.sources.history.repository import Repository, promised


class Missing:
    """Begins to ask when it is made; `gaps` waits for the answer."""

    def __init__(self, repository: Repository) -> None:
        self._repository = repository
        self._answer: list[Gap] = []
        self._thread = threading.Thread(target=self._ask, daemon=True) if repository.partial else None
        if self._thread is not None:
            self._thread.start()

    @cached_property
    def gaps(self) -> tuple[Gap, ...]:
        """The gaps; none in a clone that is whole."""
        if self._thread is not None:
            self._thread.join()
        return tuple(self._answer)

    def _ask(self) -> None:
        self._answer = promised(self._repository)
