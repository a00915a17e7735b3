"""Puts the guard in front of a process's huggingface_hub, and takes it away again.

Every name that it stands on is in `NAMES`. Where this huggingface_hub does not have one of them, or is of a version
that nobody has looked at, the guard does not half stand: it says so.
"""

from __future__ import annotations

import functools
import os
import sys
import threading
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from modelguard.errors import GuardError
from modelguard.guards.hub import operations, requests, xet
from modelguard.guards.hub.guard import Guard, strictest

KNOWN = (1, 2)
"""Major versions of huggingface_hub whose ways to upload were looked at."""

NAMES = (
    ("_commit_api", "CommitOperationAdd.__post_init__"),
    ("_commit_api", "CommitOperationAdd.as_file"),
    ("hf_api", "HfApi.create_commit"),
    ("hf_api", "HfApi.preupload_lfs_files"),
    ("lfs", "UploadInfo"),
    ("utils._http", "set_client_factory"),
    ("utils._http", "set_async_client_factory"),
    ("utils._http", "default_client_factory"),
    ("utils._http", "default_async_client_factory"),
    ("utils._http", "_GLOBAL_CLIENT_FACTORY"),
    ("utils._http", "_GLOBAL_ASYNC_CLIENT_FACTORY"),
)
"""What the guard wraps or stands on, by module of huggingface_hub."""

_guards: list[Guard] = []
_undo: list[Callable[[], None]] = []
_lock = threading.RLock()


def standing() -> Guard | None:
    """The guard that counts now."""
    return strictest(_guards)


def stand(guard: Guard) -> None:
    """Put a guard in front of huggingface_hub.

    Raises:
        GuardError: it cannot see what this huggingface_hub sends.
    """
    with _lock:
        if not _guards:
            try:
                _install()
            except BaseException:
                _uninstall()
                raise
        _guards.append(guard)


def stand_down(guard: Guard) -> None:
    """Take a guard away; the last one takes the wraps with it."""
    with _lock:
        if guard in _guards:
            _guards.remove(guard)
        if not _guards:
            _uninstall()


def _install() -> None:
    hub = _checked()
    add = hub["_commit_api"].CommitOperationAdd
    _put(add, "__post_init__", operations.wrapped_init(add.__post_init__, standing))
    _put(add, "as_file", operations.wrapped_as_file(add.as_file, standing))
    api = hub["hf_api"].HfApi
    if hasattr(api, "_batch_bucket_files"):
        _put(api, "_batch_bucket_files", _bucket(api._batch_bucket_files))
    _guard_xet(hub["constants"])
    _guard_requests(hub["utils._http"], hub["constants"])


def _uninstall() -> None:
    while _undo:
        _undo.pop()()


def _put(owner: Any, name: str, wrapped: Any) -> None:
    original = owner.__dict__[name]
    setattr(owner, name, wrapped)
    _undo.append(lambda: setattr(owner, name, original))


def _checked() -> dict[str, Any]:
    """The modules that the guard stands on, once every name in them is there."""
    try:
        import huggingface_hub
        from huggingface_hub import _commit_api, constants, hf_api, lfs
        from huggingface_hub.utils import _http
    except ImportError as error:
        raise _drifted(f"it has no {error.name or 'such module'}") from None
    release = version("huggingface_hub") if _has("huggingface_hub") else huggingface_hub.__version__
    if int(release.partition(".")[0]) not in KNOWN:
        raise _drifted(f"it is version {release}, and the guard knows {' and '.join(f'{each}.x' for each in KNOWN)}")
    modules = {"_commit_api": _commit_api, "constants": constants, "hf_api": hf_api, "lfs": lfs, "utils._http": _http}
    for module, name in NAMES:
        found: Any = modules[module]
        for part in name.split("."):
            found = getattr(found, part, None)
        if found is None:
            raise _drifted(f"it has no {module}.{name}")
    fields = set(getattr(_commit_api.CommitOperationAdd, "__dataclass_fields__", ()))
    if not {"path_in_repo", "path_or_fileobj", "upload_info"} <= fields:
        raise _drifted("its CommitOperationAdd is made in another way")
    return modules


def _has(name: str) -> bool:
    try:
        version(name)
    except PackageNotFoundError:
        return False
    return True


def _drifted(why: str) -> GuardError:
    return GuardError(
        f"the guard cannot see what this huggingface_hub sends: {why}",
        "Renew modelguard, or use a huggingface_hub that it knows.",
    )


def _bucket(original: Callable[..., Any]) -> Callable[..., Any]:
    """`HfApi._batch_bucket_files`, all of whose files are scanned before the first one is sent."""

    @functools.wraps(original)
    def batch(self: Any, bucket_id: str, *, add: Any = None, **options: Any) -> Any:
        guard = standing()
        if guard is not None and add:
            held = [guard.given(target, source) for source, target in map(_source_and_target, add)]
            guard.ledger.release([entry for entry, _ in held])
        return original(self, bucket_id, add=add, **options)

    return batch


def _source_and_target(item: Any) -> tuple[Any, str]:
    """A file for a bucket, as a pair or as huggingface_hub's own object."""
    if isinstance(item, tuple):
        return item
    return item.source, item.destination


def _guard_xet(constants: Any) -> None:
    """Put the door to Xet in; where its client cannot be given bytes, Xet is not used."""
    try:
        import hf_xet
    except ImportError:
        return
    try:
        from huggingface_hub.utils._xet import XetSessionHolder
    except ImportError:
        XetSessionHolder = None  # type: ignore[assignment,misc]  # noqa: N806
    if XetSessionHolder is None or not hasattr(getattr(hf_xet, "XetUploadCommit", None), "start_upload_stream"):
        was = constants.HF_HUB_DISABLE_XET
        constants.HF_HUB_DISABLE_XET = True
        _undo.append(lambda: setattr(constants, "HF_HUB_DISABLE_XET", was))
    else:
        _put(XetSessionHolder, "get", xet.guarded_get(XetSessionHolder.get, standing))
        _put(hf_xet, "XetSession", xet.guarded_session(hf_xet.XetSession, standing))
    for name in ("upload_files", "upload_bytes"):
        if hasattr(hf_xet, name):
            _put(hf_xet, name, xet.refused(name, getattr(hf_xet, name), standing))


def _guard_requests(http: Any, constants: Any) -> None:
    """Put the hook into every client that huggingface_hub makes, also by a factory that somebody sets later."""

    def check(request: Any) -> None:
        guard = standing()
        if guard is not None:
            requests.check(guard, request, constants.ENDPOINT)

    async def check_async(request: Any) -> None:
        check(request)

    for kind, hook in (("", check), ("async_", check_async)):
        name = f"set_{kind}client_factory"
        setter = getattr(http, name)
        before = getattr(http, f"_GLOBAL_{kind.upper()}CLIENT_FACTORY")
        latest: list[Any] = []
        made = _with_hook(setter, hook, latest)
        for module in _holders(name, setter):
            _put(module, name, made)
        made(before)
        _undo.append(functools.partial(_put_back, setter, latest))


def _put_back(setter: Callable[[Any], None], latest: list[Any]) -> None:
    setter(latest[-1])


def _with_hook(setter: Callable[[Any], None], hook: Callable[[Any], Any], latest: list[Any]) -> Callable[[Any], None]:
    """A `set_client_factory` that makes every client go through `hook`, after all that its maker does to a request.

    `latest` keeps the makers that were set.
    """

    @functools.wraps(setter)
    def set_factory(factory: Callable[[], Any]) -> None:
        latest.append(factory)

        def make() -> Any:
            client = factory()
            hooks = client.event_hooks
            hooks["request"] = [*hooks.get("request", []), hook]
            client.event_hooks = hooks
            return client

        setter(make)

    return set_factory


def _holders(name: str, value: Any) -> list[Any]:
    """The modules of huggingface_hub that hold a function under its name."""
    modules = [module for key, module in list(sys.modules.items()) if key.partition(".")[0] == "huggingface_hub"]
    return [module for module in modules if getattr(module, "__dict__", {}).get(name) is value]


def _after_fork() -> None:
    """A fork takes locks along that nobody there will ever release."""
    global _lock
    _lock = threading.RLock()
    for guard in _guards:
        guard.ledger.renew_lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
