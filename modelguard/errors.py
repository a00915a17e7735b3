"""The one tree of errors: each class has an exit status and a remedy, and one handler renders them."""

from __future__ import annotations

from modelguard.model import Finding, GapReason


class ModelguardError(Exception):
    """Anything that stops a command, said in a sentence that a user can act on.

    `message` never holds text from a scanned file. `remedy` says what to do about it.
    """

    exit_status = 2

    def __init__(self, message: str, remedy: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy


class UsageError(ModelguardError):
    """The command line or the call asks for something that does not exist."""


class SettingsError(ModelguardError):
    """A settings file, environment variable or flag has a key or value that is not known."""


class RuleError(ModelguardError):
    """A rule file cannot be used: malformed, refused by an engine, or failing its own examples."""


class BaselineError(ModelguardError):
    """A baseline cannot be read as any of the formats we know."""


class OutputError(ModelguardError):
    """A report could not be written."""


class DetectorError(ModelguardError):
    """A detector that was asked for cannot run here."""


class GitError(ModelguardError):
    """git is missing, refuses the repository, or fails; `status` is its exit status where it ran."""

    def __init__(self, message: str, remedy: str = "", status: int | None = None) -> None:
        super().__init__(message, remedy)
        self.status = status


class HubError(ModelguardError):
    """A Hub cannot be asked, or does not let this user see or do what was asked for."""


class GuardError(ModelguardError):
    """The Hub guard cannot see what would be sent, or not scan it, so nothing is sent."""


class UploadBlocked(ModelguardError):
    """What would be published holds leaks; nothing of it was sent. `findings` are those that block."""

    exit_status = 1

    def __init__(self, message: str, remedy: str = "", findings: tuple[Finding, ...] = ()) -> None:
        super().__init__(message, remedy)
        self.findings = findings


class Unreadable(ModelguardError):
    """A blob cannot be read, or not as it was found; it becomes a Gap with `reason`."""

    def __init__(self, reason: GapReason, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason
