"""Checks that read the line around a value: whose number or address it is, and where it really ends.

Each takes what stands before the value, the value, and what stands behind it, as far as these are near and on one line.
"""

from __future__ import annotations

import re

# An attribute of XML that says who has changed a text is no author's line.
_AUTHORSHIP = re.compile(
    r"author(?!(?:Id)?=\"[^\"<>]{0,200}\"[^<>]{0,500}>)|"
    r"maintaine[rd]|copyright|\(c\)|©|licen[cs]ed? (?:under|to|by)|contribut|(?:modified|adapted)(?: from|:)|"
    r"\b(?:written|developed|designed|packaged|modified|adapted) by\b|__email__|@email|\bspdx|packager|committer|"
    r"(?:signed[ -]off|co-developed|reviewed|acked|tested|reported|suggested)-by|code ?owner|last-translator|"
    r"language-team|report-msgid|\bby:? [^@<]*<$|"
    r"^\s*(?:#|\*|//|%|;|/\*|<!--|\.\\\")[^@]*<$",  # a comment's `Name <address>`
    re.IGNORECASE,
)
_OTHER_MEMBER = re.compile(
    r'"(?:[^"\\]|\\.){0,200}"\s{0,3}:\s{0,3}'
    r'(?:"(?:[^"\\]|\\.){0,2000}"|[-+\w.]{1,40}|\[[^\[\]{}]{0,500}\]|\{[^{}]{0,500}\})\s{0,3},'
)
"""A member of a JSON object that has ended: what it says is not said of the members behind it."""

_LOGIN_BEFORE = re.compile(
    r"://(?:[^\s/@]*:)?$|\b(?:ssh|scp|sftp|rsync|ssh-copy-id|git\+ssh|mosh)\b[^|;]*$", re.IGNORECASE
)
_LOGIN_AFTER = re.compile(r":(?:[\w~./-]|\d{2,5}/)")
_FRACTION = re.compile(r"\.\d")
_SUM = re.compile(r"(?:[\d)\].]|[=(,]\s*\w+)\s?$")
_WORD = re.compile(r"[\w-]", re.ASCII)
_NO_TEXT = re.compile(r"[^\t\x20-\x7e]")
_A_FEW, _SOME = 16, 4
"""Of so many bytes behind a value one in four is no text, or they are text: of random ones, two in three are none."""
_CALL = re.compile(r"(?:tel|phone|mobile|call)\W{0,3}$", re.IGNORECASE)
_MARKERS = '\u0120\u2581\u010a# \t"'
"""What tokenizers write for a blank or a word's middle, and what a piece may be quoted with."""

_IN_NAME = re.compile(r"(?:[\w)\]]-|(?<![A-Za-z])\.)$")
_NAME_GOES_ON = re.compile(r"[.:-][A-Za-z0-9]|\(|\*[A-Za-z]")
_OTHER_NUMBER = re.compile(
    r"(?:(?:^|[^a-z])(?:[a-z_]{0,32}_)?(?:ids?|uids?|gids?|pids?|rid|guid|uuid|ids_str)|Id|ID|"
    r"(?i:rng|random_?state|time(?:stamp|_ns|_us)?|date|nonce|seeds?|hash(?:es)?|checksum|crc|digest|bytes|size|offset|addr(?:ess)?|"
    r"version|build|revision|serial|sku|isbn|issn|ean|upc|gtin|imei|imsi|iccid|barcode|tracking|order|invoice|"
    r"ticket|number of \w{1,16}|counter?|index|expires?|epoch|duration|doi|phone|telephone|mobile|iban|account))"
    r"(?:[ _-]?(?i:no|num|number|nr))?[\"'\]]?\s{0,3}(?:[:=#,]|=>)?\s{0,3}[\"'\[(]?$"
)


def alone(before: str, value: str, after: str) -> bool:
    """The digits are a number of their own: no more groups on either side, no fraction behind it."""
    if _FRACTION.match(after):
        return False
    separator = next((char for char in value if char in " -"), None)
    if separator is None:
        return True
    return not re.search(rf"\d{{4}}{separator}$", before) and not re.match(rf"{separator}\d{{4}}", after)


def not_authorship(before: str, value: str, after: str) -> bool:
    """Not what people sign their work with: an author's line, a licence's header, a trailer of a commit."""
    return not _AUTHORSHIP.search(before) or not _AUTHORSHIP.search(_OTHER_MEMBER.sub("", before))


def not_login(before: str, value: str, after: str) -> bool:
    """No user and host of a URL, of git or of a remote shell: `git@host:path`, `ssh user@host`, `https://user@host`."""
    return not _LOGIN_BEFORE.search(before) and not _LOGIN_AFTER.match(after)


def no_sum(before: str, value: str, after: str) -> bool:
    """The plus belongs to the number: it is no sum, no change of a diff, no path of a drawing."""
    return not _SUM.search(before) or _CALL.search(before) is not None


def bare(before: str, value: str, after: str) -> bool:
    """A number that stands for itself: in no name, fraction, version or path, and not called another kind of number."""
    return (
        alone(before, value, after)
        and not _IN_NAME.search(before)
        and not _NAME_GOES_ON.match(after)
        and not _OTHER_NUMBER.search(before)
    )


def whole_entry(before: str, value: str, after: str) -> bool:
    """The value is all there is of a line, but for what tokenizers put around a piece."""
    return not before.strip(_MARKERS) and not after.strip(_MARKERS)


def before_bytes(before: str, value: str, after: str) -> bool:
    """What stands behind the value is no text, but its first byte would be part of a number or a name in one."""
    behind = after[:_A_FEW]
    return _WORD.match(behind) is not None and len(_NO_TEXT.findall(behind)) * _SOME >= len(behind)
