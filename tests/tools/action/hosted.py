"""A repository on a stand-in for GitHub: what is pushed to it, pull requests, and checkouts as actions/checkout makes them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.tools.repo import Repo

ZEROS = "0" * 40
PULL = "refs/pull/7"


@dataclass
class Hosted:
    """The repository that the server holds."""

    repo: Repo
    workspace: Path

    def checkout(self, ref: str, sha: str, depth: int = 1, *options: str) -> Repo:
        """A workspace with one commit, as deep as asked (0: with everything)."""
        place = Repo(self.workspace, self.repo.home, self.repo.seconds).init()
        place.git("remote", "add", "origin", f"file://{self.repo.path}")
        local = ref.replace("refs/pull/", "refs/remotes/pull/").replace("refs/heads/", "refs/remotes/origin/")
        wanted = [f"+{sha}:{local}"]
        if depth == 0:
            branches = "+refs/heads/*:refs/remotes/origin/*"
            wanted = [branches] if ref.startswith("refs/heads/") else [branches, *wanted]
        limit = [f"--depth={depth}"] if depth else []
        place.git("fetch", "--quiet", "--no-tags", *limit, *options, "origin", *wanted)
        place.git("checkout", "--quiet", "--force", "--detach", sha)
        return place

    def pull_request(
        self, head: str = "change", base: str = "main", fork: bool = False, **about: Any
    ) -> dict[str, Any]:
        """The event of a pull request, whose merge commit the server makes."""
        repo = self.repo
        repo.git("checkout", "--quiet", "--detach", base)
        repo.git("merge", "--quiet", "--no-ff", "-m", "Merge", head)
        merged = repo.head()
        for name, sha in (("merge", merged), ("head", repo.head(head))):
            repo.git("update-ref", f"{PULL}/{name}", sha)
        count = int(repo.git("rev-list", "--count", f"{base}..{head}"))
        home = {"id": 1, "full_name": "acme/models"}
        payload = {
            "action": "synchronize",
            "number": 7,
            "pull_request": {
                "number": 7,
                "commits": count,
                "title": "::error::a title",
                "base": {"sha": repo.head(base), "ref": base, "repo": home},
                "head": {"sha": repo.head(head), "ref": head, "repo": {"id": 2} if fork else home},
            },
            "repository": {**home, "default_branch": "main"},
        }
        return {"name": "pull_request", "sha": merged, "ref": f"{PULL}/merge", "payload": payload, **about}

    def push(self, before: str | None, after: str, /, ref: str = "refs/heads/main", **about: Any) -> dict[str, Any]:
        """The event of a push; `before` None: the ref is new."""
        span = [after] if before is None else [f"{before}..{after}"]
        commits = [{"id": sha} for sha in self.repo.git("rev-list", "--reverse", *span).split()]
        payload = {
            "ref": ref,
            "before": before or ZEROS,
            "after": after,
            "created": before is None,
            "deleted": False,
            "forced": False,
            "commits": commits[-2048:],
            "repository": {"id": 1, "default_branch": "main"},
            **about,
        }
        return {"name": "push", "sha": after, "ref": ref, "payload": payload}

    def other(self, name: str, sha: str, ref: str = "refs/heads/main", **payload: Any) -> dict[str, Any]:
        """Any other event."""
        payload.setdefault("repository", {"id": 1, "default_branch": "main"})
        return {"name": name, "sha": sha, "ref": ref, "payload": payload}
