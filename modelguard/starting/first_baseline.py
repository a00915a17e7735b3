"""A first baseline: what blocks today is accepted, so that only what is new blocks. A decision, and asked as one."""

from __future__ import annotations

import os

from modelguard.model import GapReason
from modelguard.settings import PROJECT_FILE, Settings
from modelguard.starting.interface import Asked, CannotEdit, Change, Step
from modelguard.starting.settings_file import BASELINE, baseline_change
from modelguard.starting.tree import Tree
from modelguard.verdict.baseline import dump
from modelguard.verdict.outcome import LEAK, exit_status

_STILL_LEAKS = "What a baseline accepts is a leak all the same: revoke it. `modelguard baseline audit` lists it."


def step(tree: Tree, asked: Asked) -> Step:
    """Write a baseline of what blocks, and have the settings name it.

    Raises:
        ModelguardError: the tree cannot be scanned.
    """
    if tree.git is None:
        return Step("no scan for a baseline: this is not in a git repository")
    result, settings = asked.scan()
    gaps = [gap for gap in result.gaps if gap.reason is not GapReason.NOTHING]
    anyway = exit_status((), gaps, settings.allow_gaps)
    blocking = result.blocking
    if blocking or gaps:
        asked.show(result)
    if not blocking:
        return Step("no baseline: nothing blocks, so there is nothing to accept", anyway=anyway)
    count = f"{len(blocking):,} finding{'s' if len(blocking) > 1 else ''}"
    problem = _in_the_way(tree, settings)
    if problem is not None:
        return Step(f"{count} block", problem=problem[0], by_hand=problem[1:], anyway=LEAK)
    changes = [Change(BASELINE, None, dump(blocking).encode("utf-8", "backslashreplace"), own=True)]
    then = [_STILL_LEAKS]
    try:
        changes.append(baseline_change(tree))
    except CannotEdit as why:
        then.append(f"It counts only when settings name it. {why}: set baseline to {BASELINE} there.")
        anyway = LEAK
    title = f"accept {count} in {BASELINE}" + (f", which {PROJECT_FILE} then names" if len(changes) > 1 else "")
    question = f"Accept {count} as they are?"
    return Step(
        title,
        tuple(changes),
        question=question,
        careful=True,
        then=tuple(then),
        otherwise=LEAK,
        anyway=anyway,
    )


def _in_the_way(tree: Tree, settings: Settings) -> tuple[str, str] | None:
    """Why no first baseline can be written, and what to do."""
    if settings.baseline is not None:
        look = f"Look at them; to accept these, too: modelguard baseline create --force --output {settings.baseline}"
        return f"the baseline {settings.baseline} does not accept them", look
    if os.path.lexists(os.path.join(tree.top, BASELINE)):
        return f"{BASELINE} is there, but no settings name it", f"Name it in {PROJECT_FILE}: baseline: {BASELINE}"
    return None
