"""Made-up results to render. Previews are masks, and no token stands anywhere."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from modelguard.model import (
    Category,
    Check,
    Commit,
    Confidence,
    CredentialPart,
    Deed,
    Finding,
    Gap,
    GapReason,
    LeftOut,
    Notice,
    NoticeKind,
    Origin,
    Place,
    RuleHelp,
    ScanResult,
    Severity,
    Stats,
    Status,
)

DETAIL = "expires on 2031-01-01"
HOSTILE_PATH = "evil\n::error::\x1b[31m[bold]x.py"

HF_RULE = RuleHelp(
    id="hf-user-token",
    title="Hugging Face user access token",
    category=Category.SECRET,
    severity=Severity.CRITICAL,
    confidence=Confidence.HIGH,
    what="A token that can read, and perhaps write, Hub repositories.",
    why="Whoever reads this can act as its owner, and publish under the owner's name.",
    remedy="Revoke it in the account's token settings, then read it from the environment.",
    references=("https://huggingface.co/docs/hub/security-tokens",),
)
CARD_RULE = RuleHelp(
    id="pii-card-number",
    title="Payment card number",
    category=Category.PII,
    severity=Severity.HIGH,
    confidence=Confidence.MEDIUM,
    what="A number that passes the Luhn check beside words about payment.",
    why="Personal data in a published dataset cannot be called back.",
    remedy="Drop the column, or replace the numbers by random ones of the same shape.",
)
PICKLE_RULE = RuleHelp(
    id="config-trust-remote-code",
    title="Remote code is trusted",
    category=Category.CONFIG,
    severity=Severity.MEDIUM,
    confidence=Confidence.LOW,
    what="A configuration that runs code from a repository.",
    why="Whoever can push there can run code here.",
    remedy="Pin a revision.",
    references=("see the manual", "https://example.org/manual#code"),
)
RULES = {rule.id: rule for rule in (HF_RULE, CARD_RULE, PICKLE_RULE)}


def finding(rule: RuleHelp = HF_RULE, *, path: str = "src/train.py", **changes: Any) -> Finding:
    """A finding of a rule, blocking and open unless `changes` says otherwise; `origin` and `place` may be given."""
    made = Finding(
        fingerprint="00" * 16,
        rule=rule.id,
        category=rule.category,
        severity=rule.severity,
        confidence=rule.confidence,
        check=Check.NONE,
        title=rule.title,
        message=f"{rule.title} in a source file.",
        remedy=rule.remedy,
        preview="hf_**** (37 characters)",
        excerpt='    login(token="hf_****", add_to_git_credential=True)',
        origin=Origin(path),
        place=Place(412, 449, line=12, column=18, end_line=12, end_column=55),
        blocking=True,
    )
    return replace(made, **changes)


def result(*findings: Finding, **changes: Any) -> ScanResult:
    """A result that holds these findings, with the rules and the exit status that go with them."""
    used = {found.rule: RULES[found.rule] for found in findings if found.rule in RULES}
    made = ScanResult(
        targets=(".",),
        findings=findings,
        gaps=(),
        left_out=(),
        notices=(),
        stats=Stats(blobs=120, bytes=4_200_000, seconds=0.4),
        exit_status=1 if any(found.blocking for found in findings) else 2 if changes.get("gaps") else 0,
        rules_digest="ab" * 32,
        rules=used,
    )
    return replace(made, **changes)


def allowed() -> Finding:
    return finding(status=Status.ALLOWED, status_reason="a documented example", blocking=False)


def baselined() -> Finding:
    return finding(path="old.py", status=Status.BASELINED, status_reason="known since May", blocking=False)


GAP = Gap("weights/model.zip", GapReason.MALFORMED, "The central directory is cut short.", "data/0.bin")
FOLDER_LEFT_OUT = LeftOut(".venv", "virtual environment")
FILE_LEFT_OUT = LeftOut("weights/model.safetensors", "tensor data", 4_200_000_000)
NOTICE = Notice(NoticeKind.UNUSED_ALLOW, "This allow comment allows nothing.", "src/train.py", 3)
ENGINE_NOTICE = Notice(NoticeKind.ENGINE, "The plain engine served this scan.")


PARTS = (
    CredentialPart("client id", "2f60**** (32 characters)", Place(860, 892, 39, 5, 39, 37)),
    CredentialPart(
        "key id", "AKIA**** (20 characters)", Place(950, 970, 40, 55, 40, 75), "aws-access-key-id", "11" * 16
    ),
)


def _held(commits: tuple[Commit, ...]) -> Origin:
    return Origin(
        "src/train.py", True, commits, True, "4d5e6f708192a3b4c5d6e7f80912345678ffffff", ("refs/heads/main",), True
    )


def full() -> ScanResult:
    """One of everything: every kind of place, status, severity, gap and notice that reports tell apart."""
    commits = (
        Commit("2b3c4d5e6f708192a3b4c5d6e7f80912345678ff", "Zoë 张", "2024-04-01T12:00:00+02:00", "old/train.py", 7),
        Commit(
            "1a2b3c4d5e6f708192a3b4c5d6e7f80912345678",
            "Ada",
            "2024-05-01T12:00:00+02:00",
            "src/train.py",
            40,
            Deed.MOVED,
        ),
        Commit(
            "3c4d5e6f708192a3b4c5d6e7f80912345678ffff",
            "Ada",
            "2024-06-01T12:00:00+02:00",
            "src/train.py",
            40,
            Deed.REMOVED,
        ),
    )
    binary = Place(1234, 1271)
    member = Place(88, 104, 7, 3, 7, 19, inner="cell[3].output[0]")
    return result(
        finding(),
        finding(
            place=Place(900, 937, 40, 5, 40, 42), check=Check.PASSED, origin=_held(commits), parts=PARTS, detail=DETAIL
        ),
        finding(CARD_RULE, path="数据/客户.csv", place=member, excerpt="4*** 张伟", preview="**** (16 characters)"),
        finding(PICKLE_RULE, path="/abs/config #1.json", blocking=False, check=Check.FAILED, excerpt="", preview=""),
        finding(place=binary, origin=Origin("model.bin", commits=commits[:1], reachable=False), excerpt="hf_****"),
        finding(path=HOSTILE_PATH, excerpt="\t\x1b[2Jx = [red]hf_****[/red]\u202e", title="[bold]T\x07itle"),
        allowed(),
        baselined(),
        gaps=(GAP, Gap("secret.pem", GapReason.UNREADABLE, "Permission denied.")),
        left_out=(FOLDER_LEFT_OUT, FILE_LEFT_OUT),
        notices=(NOTICE, ENGINE_NOTICE),
    )
