"""What is shown of a change: our lines, and nothing of a text that is somebody else's."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from modelguard.starting.difference import shown
from modelguard.starting.interface import Change


def lines(before: bytes | None, after: bytes, own: bool = False) -> list[str]:
    return list(shown(Change("a.yaml", before, after, own)))


def test_a_new_file_is_shown_whole() -> None:
    assert lines(None, b"a\r\n\nb\n") == ["--- /dev/null", "+++ b/a.yaml", "@@ -0,0 +1,3 @@", "+a", "+", "+b"]


def test_lines_more_are_shown_without_those_around_them() -> None:
    assert lines(b"x\ny", b"x\ny\nz\n")[1:] == ["+++ b/a.yaml", "@@ -2,0 +3,1 @@", "+z"]
    assert lines(b"x\ny\n", b"x\nz\ny\n")[2:] == ["@@ -1,0 +2,1 @@", "+z"]


def test_of_a_line_that_changes_only_what_is_new_is_shown() -> None:
    told = lines(b"repos: [{a: private}]  # b\n", b"repos: [{a: private}, {ours: 1}]  # b\n")
    assert told[2:] == ["@@ -1,1 +1,1 @@", "-……", "+…, {ours: 1}…"]
    told = lines(b"a\nrepos: []\nb\n", b"a\nrepos:\n  - ours\nb\n")
    assert told[2:] == ["@@ -2,1 +2,2 @@", "-… []", "+…", "+  - ours"]
    assert lines(b"#a: b\n", b"a: b\n", own=True)[3:] == ["-#a: b", "+a: b"]


@given(st.lists(st.sampled_from(["a", "b: [c", "", "# d", "OURS"]), max_size=6), st.integers(0, 6), st.booleans())
def test_nothing_of_the_file_is_shown_when_lines_are_added(before: list[str], at: int, ended: bool) -> None:
    at = min(at, len(before))
    after = [*before[:at], "OURS", *before[at:]]
    written = "\n".join(after) + ("\n" if ended or not after[-1] else "")
    told = lines("".join(f"{line}\n" for line in before).encode(), written.encode())
    assert told[3:] == ["+OURS"]


@given(st.text("ab {}", max_size=12), st.integers(0, 12))
def test_nothing_of_the_file_is_shown_when_a_line_gets_more(line: str, at: int) -> None:
    told = lines(line.encode(), (line[:at] + "XYZ" + line[at:]).encode())[3:]
    assert set("".join(told)) <= set("+-…XYZ")
