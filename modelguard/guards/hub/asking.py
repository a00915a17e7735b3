"""What may go wrong with a Hub, in our own words: a message of a library's may hold an address or more."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from modelguard.errors import HubError, ModelguardError

_LOGIN = "Log in (hf auth login), or set HF_TOKEN."
_BY_NAME = (
    ("GatedRepoError", "is gated, and this token was not let in", "Ask for access on its page."),
    ("DisabledRepoError", "was disabled by the Hub", "Ask the Hub."),
    ("RepositoryNotFoundError", "does not exist, or this token may not see it", f"Check the name. {_LOGIN}"),
    ("RevisionNotFoundError", "has no such revision", "Check --revision."),
    ("LocalTokenNotFoundError", "needs a token, and there is none", _LOGIN),
    ("OfflineModeIsEnabled", "cannot be asked: the Hub's client is set to be offline", "Unset HF_HUB_OFFLINE."),
    ("HFValidationError", "is no name of a repository", "Write it as OWNER/NAME."),
)
_CARD_REFUSED = "Invalid metadata in README.md"
_METADATA = "See https://huggingface.co/docs/hub/model-cards."
_BY_STATUS = {
    401: ("refuses this token", _LOGIN),
    402: ("asks for a payment", "See the page of its owner's plan."),
    403: ("does not let this token do that", "Use a token that may write to it."),
    409: ("is in conflict with what was asked", "Try again."),
    412: ("has got another commit meanwhile", "Look at it, and run this again."),
    429: ("has had too many requests", "Try again later."),
}


@contextmanager
def hub_errors(repository: str) -> Iterator[None]:
    """Tell whatever the Hub's client raises about a repository as an error of ours.

    Raises:
        HubError: the Hub or its client does not do what was asked.
        ModelguardError: one of ours, which the client may have wrapped into its own.
    """
    try:
        yield
    except ModelguardError:
        raise
    except (OSError, ValueError, RuntimeError, TypeError) as error:
        raise _ours_within(error) or _told(repository, error) from None
    except Exception as error:  # httpx and httpx2 each have a tree of errors of their own
        if type(error).__module__.partition(".")[0] not in ("httpx", "httpx2", "huggingface_hub", "hf_xet"):
            raise
        raise _ours_within(error) or _told(repository, error) from None


def _ours_within(error: BaseException) -> ModelguardError | None:
    """An error of ours that the client has turned into one of its own."""
    inner: BaseException | None = error
    while inner is not None:
        if isinstance(inner, ModelguardError):
            return inner
        inner = inner.__cause__ or inner.__context__
    return None


def _told(repository: str, error: BaseException) -> HubError:
    names = {kind.__name__ for kind in type(error).__mro__}
    for name, what, remedy in _BY_NAME:
        if name in names:
            return HubError(f"{repository} {what}", remedy)
    if isinstance(error, ValueError) and str(error).startswith(_CARD_REFUSED):
        return HubError(f"{repository} does not take README.md: its metadata is not as the Hub wants it", _METADATA)
    status = _status(error)
    if status in _BY_STATUS:
        what, remedy = _BY_STATUS[status]
        return HubError(f"the Hub {what} ({repository}, status {status})", remedy)
    if status is not None:
        return HubError(f"the Hub answers with an error ({repository}, status {status})", "Try again later.")
    if names & {"TransportError", "ConnectionError", "TimeoutException"}:
        return HubError(f"the Hub cannot be reached ({type(error).__name__})", "Check the network and HF_ENDPOINT.")
    return HubError(f"the Hub's client does not do what was asked ({repository}, {type(error).__name__})", "")


def _status(error: BaseException) -> int | None:
    response: Any = getattr(error, "response", None)
    status = getattr(response, "status_code", None)
    return status if isinstance(status, int) else None
