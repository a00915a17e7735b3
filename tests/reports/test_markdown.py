"""The Markdown report, read by GitHub's own parser: everything of a tree shows as it is and does nothing."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any

import cmarkgfm
import pytest
from cmarkgfm.cmark import Options
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from modelguard.model import Gap, GapReason, Origin, Place, ScanResult, Severity
from modelguard.reports.interface import RenderOptions
from modelguard.reports.markdown import LIMIT, render
from modelguard.reports.markdown_text import code, prose

from . import samples
from .strategies import results

BASE = "https://host.test/owner/repo/blob/main"


class Page(HTMLParser):
    """What a page made of Markdown consists of: its elements, where it leads, and its text in code and outside."""

    def __init__(self, markdown: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.links: list[str] = []
        self.code: list[str] = []
        self.text = ""
        self.feed(cmarkgfm.github_flavored_markdown_to_html(markdown, options=Options.CMARK_OPT_UNSAFE))
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag == "a" or not attrs
        self.links += [value or "" for name, value in attrs if name == "href"]
        self.tags.append(tag)
        if tag == "code":
            self.code.append("")

    def handle_endtag(self, tag: str) -> None:
        if tag == "code":
            self.tags.append("/code")

    def handle_data(self, data: str) -> None:
        inside = [tag for tag in self.tags if tag in ("code", "/code")][-1:] == ["code"]
        if inside:
            self.code[-1] += data
        else:
            self.text += data

    def handle_comment(self, data: str) -> None:
        raise AssertionError("a comment hides what it holds")


def page(scan: ScanResult, link: str | None = None) -> Page:
    text = render(scan, RenderOptions(link=link))
    assert len(text) <= LIMIT
    return Page(text)


def test_a_finding() -> None:
    assert render(samples.result(samples.finding()), RenderOptions()).splitlines() == [
        "## modelguard: 1 finding blocks",
        "",
        "1 finding blocks (1 critical) · 120 files, 4.2 MB, 0.4 s · exit 1",
        "",
        "### 1 open finding",
        "",
        "- **critical** Hugging Face user access token (`hf-user-token`)  ",
        "  `src/train.py:12:18` · `hf_**** (37 characters)`",
        "",
        "### What to do",
        "",
        "- `hf-user-token`: Revoke it in the account's token settings, then read it from the environment.",
    ]


@pytest.mark.parametrize(
    ("scan", "heading"),
    [
        (samples.result(), "modelguard: nothing blocks"),
        (samples.result(samples.finding(), samples.finding()), "modelguard: 2 findings block"),
        (samples.result(gaps=(samples.GAP,)), "modelguard: not everything could be looked at"),
    ],
)
def test_the_heading_says_how_it_went(scan: ScanResult, heading: str) -> None:
    assert page(scan).text.strip().splitlines()[0] == heading


def test_gaps_and_decisions() -> None:
    scan = samples.result(samples.allowed(), samples.finding(blocking=False), gaps=(samples.GAP,))
    found = page(scan)
    assert "weights/model.zip!data/0.bin" in found.code
    assert "malformed: The central directory is cut short." in found.text
    assert "1 other, 1 allowed" in found.text and "1 open finding" in found.text and "does not block" in found.text


@pytest.mark.parametrize(
    ("path", "place", "expected"),
    [
        ("src/train.py", Place(0, 9, 12, 1, 12, 9), "/src/train.py?plain=1#L12"),
        ("src/key.pem", Place(0, 9, 12, 1, 40, 9), "/src/key.pem?plain=1#L12-L40"),
        ("a b#c?d%e)>(.md", Place(0, 9, 1, 1, 1, 9), "/a%20b%23c%3Fd%25e%29%3E%28.md?plain=1#L1"),
        ("数据.csv", Place(0, 9), "/%E6%95%B0%E6%8D%AE.csv"),
        ("m.zip", Place(0, 9, 3, 1, 3, 9, inner="a/.env", inside=True), "/m.zip"),
        ("x](javascript:alert(1))\n", Place(0, 9), "/x%5D%28javascript%3Aalert%281%29%29%0A"),
    ],
)
def test_places_are_links(path: str, place: Place, expected: str) -> None:
    for base in (BASE, BASE + "/"):
        assert page(samples.result(samples.finding(path=path, place=place)), base).links == [BASE + expected]


@pytest.mark.parametrize(
    "origin",
    [Origin("/etc/x"), Origin("C:/x"), Origin("../x"), Origin("a/../../x"), Origin("a.py", in_tree=False)],
)
def test_what_the_tree_does_not_hold_is_no_link(origin: Origin) -> None:
    assert page(samples.result(samples.finding(origin=origin)), BASE).links == []


def test_a_base_ends_nowhere_but_where_we_say() -> None:
    (link,) = page(samples.result(samples.finding()), "https://host.test/a)b<c d>").links
    assert link == "https://host.test/a%29b%3Cc%20d%3E/src/train.py?plain=1#L12"


HOSTILE = [
    "![x](https://evil.test/x.png)",
    "[x](https://evil.test)",
    "<img src=x onerror=y><!-- ",
    "@someone, owner/repo#1, GH-1, $x$, user@evil.test",
    "www.evil.test and https://evil.test and ftp://evil.test",
    "`` ` ```` @someone `",
    "`@a``@b`",
    "| a | b |\n| - | - |\n# x\n\n---\n",
    "a | b\\| c \\` @someone",
    "**x** _y_ ~~z~~ &lt; &#64;someone [^1]",
    "::error::x",
    " ",
    "`" * 300,
    "@" * 300,
    "- [ ] x  \n```\n",
]


PIECES = st.sampled_from([*HOSTILE, *"`@#\\<>[]()!|*_~$&: xé\n", "www.", "://", "GH-"])


@pytest.mark.parametrize("text", HOSTILE)
def test_what_is_hostile_shows_itself_and_does_nothing(text: str) -> None:
    gap = Gap(text, GapReason.UNREADABLE, text, text)
    found = samples.finding(path=text, title=text, preview=text, remedy=text, detail=text)
    assert_harmless(page(samples.result(replace(found, rule=text), gaps=(gap,))))


@settings(max_examples=200, deadline=None)
@given(st.lists(PIECES, max_size=12).map("".join))
def test_code_and_prose_show_what_they_are_given(text: str) -> None:
    for made in (code(text), prose(text)):
        found = Page(f"- so: {made} end")
        assert_harmless(found)
        assert "end" in found.text


@settings(max_examples=60, deadline=None)
@given(results())
def test_harmless_whatever_the_result(scan: ScanResult) -> None:
    assert_harmless(page(scan))
    linked = page(scan, BASE)
    assert all(link.startswith(f"{BASE}/") for link in linked.links)
    assert len(linked.links) <= len(scan.open_findings)


def assert_harmless(found: Page) -> None:
    allowed = {"h2", "h3", "p", "ul", "li", "strong", "code", "/code", "br"}
    assert set(found.tags) <= allowed, found.tags
    assert not found.links
    assert not any(word in found.text.lower() for word in ("@", "#", "$", "://", "www.", "gh-"))


@pytest.mark.parametrize("text", ["a`b", "a  b", " a ", "x" * 100, "a|b", r"a\|b", "<b>", "*a*", "@x #1"])
def test_code_is_the_text_itself(text: str) -> None:
    assert Page(f"- {code(text)}").code == [text.replace("`", r"\x60")]


def test_prose_keeps_its_own_code() -> None:
    found = Page(prose("log in with `hf auth login` or set HF_TOKEN, not on @x"))
    assert found.code == ["hf auth login", "@"]
    assert found.text.strip() == "log in with  or set HF_TOKEN, not on x"


@pytest.mark.parametrize(("text", "shown"), [("`a`@b", ["a@"]), ("see ://www.x", ["://www."]), ("@`a``b`", ["@ab"])])
def test_code_beside_code_is_one(text: str, shown: list[str]) -> None:
    assert Page(f"- so: {prose(text)}").code == shown


def test_a_report_stays_below_its_limit_and_says_what_it_left_out() -> None:
    many: list[Any] = [samples.finding(path=f"{'x' * 300}{number}", severity=Severity.LOW) for number in range(2000)]
    gaps = tuple(Gap(f"{'y' * 300}{number}", GapReason.MALFORMED, "z" * 300) for number in range(2000))
    text = render(samples.result(*many, samples.finding(path="worst"), gaps=gaps), RenderOptions(link=BASE))
    found = page(samples.result(*many, samples.finding(path="worst"), gaps=gaps))
    shown = sum("xxx" in each or "worst" in each for each in found.code)
    told = sum("yyy" in each for each in found.code)
    assert LIMIT * 0.9 < len(text) <= LIMIT
    assert shown > 50 and told > 20
    assert "worst" in next(each for each in found.code if each != "hf-user-token")
    assert f"and {2001 - shown:,} more findings, for which there is no room here" in found.text
    assert f"and {2000 - told:,} more gaps, for which there is no room here" in found.text


def test_one_long_name_hides_nobody_else() -> None:
    long = samples.finding(path="\U000e0041" * 4000, origin=Origin("\U000e0041" * 4000, refs=("r" * 70_000,) * 3))
    assert any("short.py" in each for each in page(samples.result(long, samples.finding(path="short.py"))).code)
    assert len(render(samples.result(long), RenderOptions())) <= LIMIT
