"""Keys that pages carry openly are not reported as leaks; the secret ones beside them are."""

from __future__ import annotations

from functools import lru_cache

import pytest

from modelguard.detectors.patterns import PatternDetector
from modelguard.detectors.published import is_published
from modelguard.engine.plain import PlainEngine
from modelguard.model import Confidence
from modelguard.rules.prepared import builtin_rules
from modelguard.rules.templates import expand

VENDORS = (
    "algolia",
    "bugsnag",
    "firebase",
    "google-api",
    "new-relic",
    "plaid",
    "razorpay",
    "sentry",
    "stripe",
    "mapbox",
)


@lru_cache(maxsize=1)
def detector() -> PatternDetector:
    rules = [rule for rule in builtin_rules() if rule.generic or rule.id.startswith(VENDORS)]
    return PatternDetector(rules, engine=PlainEngine)


def found(template: str, path: str = "app.js") -> dict[str, Confidence]:
    matches = detector().detect(expand(template, 3).encode(), lambda: path).matches
    return {match.rule.id: match.confidence for match in matches}


@pytest.mark.parametrize(
    "template",
    [
        "STRIPE_PUBLISHABLE_KEY=pk_live_<alnum:99>",
        "const key = 'pk_test_<alnum:24>';",
        'mapboxgl.accessToken = "pk.eyJ1Ijoi<alnum:60>.<base64url:22>";',
        "RECAPTCHA_SITE_KEY=6L<alnum:6>AAAAA<base64url:27>",
        '<div class="g-recaptcha" data-sitekey="6L<alnum:6>AAAAA<base64url:27>"></div>',
        '<div class="h-captcha" data-sitekey="<uuid>"></div>',
        'turnstileSiteKey: "<alnum:24>",',
        "SENTRY_DSN=https://<hex:32>@o<digit:6>.ingest.sentry.io/<digit:7>",
        "ALGOLIA_SEARCH_KEY=<hex:32>",
        "[![codecov](https://codecov.io/gh/acme/net/branch/main/graph/badge.svg?token=<upper:10>)](https://codecov.io)",
        '<img src="https://codecov.io/gh/acme/net/graph/badge.svg?style=flat&token=<alnum:16>">',
        'const algoliaSearchKey = "<hex:32>";',
        "ALGOLIA_SEARCH_ONLY_API_KEY=<hex:32>",
        "NEXT_PUBLIC_POSTHOG_KEY=phc_<alnum:43>",
        'publishable_key: "<alnum:32>"',
        "PLAID_PUBLIC_KEY=<hex:30>",
        "RAZORPAY_KEY_ID=rzp_test_<alnum:14>",
        "MIXPANEL_TOKEN=<hex:32>",
        'clientToken: "pub<hex:32>"',
    ],
)
def test_published_keys_are_no_findings(template: str) -> None:
    assert found(template) == {}


@pytest.mark.parametrize(
    ("template", "rule"),
    [
        ("STRIPE_SECRET_KEY=sk_live_<alnum:99>", "stripe-live-key"),
        ('MAPBOX_TOKEN = "sk.eyJ1Ijoi<alnum:60>.<base64url:22>"', "mapbox-secret-token"),
        ("ALGOLIA_ADMIN_KEY=<hex:32>", "algolia-admin-key"),
        ("PLAID_SECRET_KEY=<hex:30>", "plaid-secret"),
        ("SENTRY_DSN=https://<hex:32>:<hex:32>@sentry.io/<digit:6>", "sentry-legacy-dsn-secret"),
        ("AZURE_SEARCH_API_KEY=<alnum:52>", "azure-search-key-nearby"),
        ("WEBSITE_API_KEY=<alnum:40>", "generic-assigned-bare"),
        ("NEXT_PUBLIC_GEMINI_API_KEY=AIza<base64url:35>", "google-api-key"),
    ],
)
def test_secret_ones_are(template: str, rule: str) -> None:
    said = found(template, ".env")
    assert list(said) == [rule] and said[rule].rank >= Confidence.MEDIUM.rank


@pytest.mark.parametrize(
    "template",
    [
        'initializeApp({apiKey: "AIza<base64url:35>",\n authDomain: "shop-1.firebaseapp.com"})',
        '{"api_key": [{"current_key": "AIza<base64url:35>"}]}',
        "<key>API_KEY</key>\n<string>AIza<base64url:35></string>",
        "VITE_FIREBASE_API_KEY=AIza<base64url:35>",
        'Bugsnag.start({ apiKey: "<hex:32>" })',
        'licenseKey:"NRJS-<hex:19>"',
    ],
)
def test_what_apps_carry_is_shown_and_does_not_block(template: str) -> None:
    assert list(found(template).values()) == [Confidence.LOW]


def test_the_address_of_a_picture_alone_hides_nothing() -> None:
    """What is asked of another address, or stands behind the badge, is no badge's."""
    assert found("curl https://api.acme.dev/v1/badges?token=<alnum:24>", "a.sh")
    assert found("https://acme.dev/badge.svg token=<alnum:24>", "a.sh")


def test_a_key_beside_a_firebase_configuration_is_no_part_of_it() -> None:
    said = found('apiKey: "AIza<base64url:35>",\nauthDomain: "x",\n}\ngenai.configure("AIza<base64url:35>")')
    assert said["google-api-key"] is Confidence.HIGH


@pytest.mark.parametrize("name", ["public", "key", "secret_key", "publickey_password", "sitemap_key", "republic"])
def test_other_names_say_nothing(name: str) -> None:
    assert not is_published(name, expand("<alnum:40>"))
