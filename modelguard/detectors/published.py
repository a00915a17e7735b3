"""Keys that are meant to be seen: publishable, site and search keys stand in every page that uses them.

They are no leaks, and told apart by how vendors write them or by their names. Sources: docs.stripe.com/keys,
docs.mapbox.com/help/glossary/access-token, developers.google.com/recaptcha/intro, posthog.com/docs/api,
algolia.com/doc/guides/security/api-keys, supabase.com/docs/guides/api/api-keys,
docs.datadoghq.com/account_management/api-app-keys, razorpay.com/docs/payments/dashboard/account-settings/api-keys.

So is what a badge is asked for with, the picture that a README shows (docs.codecov.com/docs/status-badges).
"""

from __future__ import annotations

import re

_WRITTEN = re.compile(
    r"pk_(?:live|test)_\w|pk\.eyJ|sb_publishable_|phc_[A-Za-z0-9]{20}|6L[\w-]{6}AAAAA|FLWPUBK|pub[0-9a-f]{32}\Z"
    r"|rzp_(?:live|test)_[A-Za-z0-9]{14}\Z|sq0idp-"
)
_NAMED = re.compile(
    r"(?i:publishable[_ .-]?(?:api[_ .-]?)?(?:key|token)|public[_ .-]?(?:api[_ .-]?)?key"
    r"|search[_ .-]?only[_ .-]?(?:api[_ .-]?)?key|algolia\w{0,20}search[_ .-]?(?:api[_ .-]?)?key"
    r"|mixpanel[_ .-]?(?:project[_ .-]?)?token|amplitude[_ .-]?(?:api[_ .-]?)?key|client[_ .-]?side[_ .-]?id"
    r"|(?:datadog|dd)[_ .-]?client[_ .-]?token|(?<![a-z])site[_ .-]?key)(?:[_ .-]?(?i:id|test|live|prod|dev|v[23]))?\Z"
    r"|(?<=[a-z])Site[_-]?[Kk]ey\Z"
)
_PARAMETER = r"[\w.%-]{1,40}=[\w.%-]{0,40}"
_BADGE = re.compile(  # what a name begins with, ? or &, may be left out
    rf"://[^\s?\"'<>]{{1,200}}\.svg(?:\?(?:{_PARAMETER}&(?:amp;)?){{0,4}}(?:{_PARAMETER})?)?\Z"
)
_HANDED_ON = re.compile(r"\w\s*,\s*[\"'`]*\Z")  # the name is an argument before the value
_SEPARATORS = " \t\r\n\"'`:=>(,\\"


def is_published(name: str, value: str) -> bool:
    """Whether a value under such a name is one that its vendor has people publish."""
    return _WRITTEN.match(value) is not None or is_name_of_published(name)


def is_for_badge(before: str) -> bool:
    """Whether what stands before the name of a value is the address of a badge, with other parameters at most."""
    return _BADGE.search(before) is not None


def is_name_of_published(name: str) -> bool:
    """Whether a name, or the text that ends with one, says that its value is meant to be seen."""
    if _HANDED_ON.search(name):
        return False
    return _NAMED.search(name[-80:].rstrip(_SEPARATORS)) is not None
