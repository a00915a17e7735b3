"""E-mail addresses of people: no reserved domain, no role, no stand-in, no code that only looks like one."""

from __future__ import annotations

import re

_RESERVED = frozenset("example test invalid localhost local internal lan home corp arpa onion alt localdomain".split())
"""Last labels that are nobody's: RFC 2606, 6761, 6762, 7686, 8375, 9476, and what networks at home are called."""

_FILES = frozenset(
    "png jpg jpeg gif svg webp ico bmp pdf py pyc pyi js ts jsx tsx mjs cjs css scss json yaml yml toml ini cfg txt md "
    "rst html htm xml csv tsv zip tar gz tgz whl so dll exe sh bat rs go java class kt c h cpp hpp rb php lua ipynb "
    "pt pth bin safetensors onnx gguf log lock map service socket timer target mount git dtype shape".split()
)
"""Last labels that are names of files or of code: `icon@2x.png`, `getty@tty1.service`, `x@w.shape`."""

_STAND_IN_DOMAINS = frozenset(
    "domain mydomain yourdomain your-domain somedomain company yourcompany mycompany somecompany acme foo bar baz "
    "foobar test tests testing sample email mailinator email-provider host server site mysite yoursite website "
    "business org corp provider somewhere xyz abc abcd fake dummy placeholder".split()
)
_STAND_IN_NAMES = frozenset(
    "user username user1 user2 users name your-name yourname your.name your_name you your.email your-email youremail "
    "your_email my.email myemail email mail e-mail address someone somebody anyone nobody me foo bar baz foobar test "
    "test1 test2 tester testuser test.user test_user example sample dummy fake john.doe jane.doe johndoe janedoe jdoe "
    "john jane john.smith jane.smith alice bob charlie carol eve mallory first.last firstname.lastname xxx abc a b c x "
    "y z u".split()
)
_ROLES = frozenset(
    "git svn hg root admin administrator postmaster hostmaster webmaster abuse security noc info contact hello hi help "
    "support helpdesk sales marketing press media jobs careers hr legal privacy gdpr dpo billing accounts office team "
    "dev devel developer developers maintainer maintainers opensource open-source oss bugs bug issues feedback "
    "newsletter news subscribe unsubscribe announce list lists discuss users bot bots ci build builds automation "
    "notifications notification notify alerts alert mailer mailer-daemon daemon service services api licensing license "
    "conduct coc community packages packaging release releases service-account".split()
)
_NO_REPLY = re.compile(r"no[._-]?reply|do[._-]?not[._-]?reply|bounce", re.IGNORECASE)
_TO_MANY = re.compile(r"^bugs?-|-(?:bugs?|list|request|devel?|users?|announce|discuss|owner|help|support|team)$")
_LISTS = re.compile(r"(?:^|\.)(?:lists?|groups?|googlegroups|noreply|users\.noreply|bounces?|gserviceaccount)\.")


def personal_email(value: str, argument: str) -> bool:
    """An address that may be somebody's own."""
    local, _, domain = value.lower().rpartition("@")
    labels = domain.split(".")
    if (
        len(labels) < 2
        or len(labels[-2]) < 2
        or not all(labels)
        or ".." in local
        or local[:1] in (".", "-")
        or local[-1:] == "."
    ):
        return False
    last = labels[-1]
    if last in _RESERVED or last in _FILES:
        return False
    if labels[-2] in _STAND_IN_DOMAINS or "example" in labels[-2] or _LISTS.search(domain):
        return False
    if _NO_REPLY.search(local) or not any(map(str.isalpha, local)):
        return False
    name = local.partition("+")[0]
    return name not in _STAND_IN_NAMES and name not in _ROLES and not _TO_MANY.search(name)
