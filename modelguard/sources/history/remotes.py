"""What a repository knows of the other side of a push: the refs that say what a remote had when it was last asked."""

from __future__ import annotations

import os
import re

from modelguard.errors import GitError
from modelguard.sources.git import fields
from modelguard.sources.history.repository import Repository

_URL = re.compile(r"remote\.(.*)\.url", re.DOTALL)
_ADDRESS = re.compile(r"(?:[a-z+]+://)?(?:[^/@]*@)?([^:/]*)(?::\d+(?=/))?[:/]*(.*?)/*(?:\.git)?/*", re.DOTALL)


def told_of(repository: Repository, remote: str, address: str) -> str | None:
    """The folder of refs (`refs/remotes/origin`) that says what is at `address`; None where none does.

    git calls a remote by its name if it has one. What is pushed elsewhere than it is fetched from (`pushurl`) goes to
    another repository, and what is known of the one says nothing of the other. An address without a name may be that
    of a remote all the same.
    """
    urls = _urls(repository)
    if remote in urls and _is_pushed_elsewhere(repository, remote, address, urls[remote]):
        return None
    if remote not in urls and address:
        remote = next((name for name, found in urls.items() if _place(address) in map(_place, found)), "")
    return f"refs/remotes/{remote}" if remote else None


def _urls(repository: Repository) -> dict[str, list[str]]:
    """The addresses of each remote, from which it is fetched."""
    found: dict[str, list[str]] = {}
    for name, url in _configured(repository, r"^remote\..*\.url$"):
        match = _URL.fullmatch(name)
        if match is not None:
            found.setdefault(match[1], []).append(url)
    return found


def _is_pushed_elsewhere(repository: Repository, remote: str, address: str, urls: list[str]) -> bool:
    """Whether the remote has addresses for pushing alone, and this one is of another place."""
    apart = any(name == f"remote.{remote}.pushurl" for name, _ in _configured(repository, r"^remote\..*\.pushurl$"))
    return apart and bool(address) and _place(address) not in map(_place, urls)


def _configured(repository: Repository, names: str) -> list[tuple[str, str]]:
    try:
        answer = repository.git.ask("config", "-z", "--get-regexp", names)
    except GitError as error:
        if error.status != 1:
            raise
        return []
    pairs = [entry.partition(b"\n") for entry in fields(answer)]
    return [(os.fsdecode(name), os.fsdecode(value)) for name, _, value in pairs]


def _place(address: str) -> tuple[str, str]:
    """Host and path, whatever protocol leads there."""
    found = _ADDRESS.fullmatch(address)
    return (found[1].lower(), found[2]) if found is not None else ("", address)
