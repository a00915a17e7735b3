"""No name of a place shows what was found, and as much of it as can be is left to go by."""

from __future__ import annotations

import pytest

from modelguard.budget import Budget
from modelguard.detecting import Detecting
from modelguard.detectors.names import masked_name
from modelguard.pipeline import chosen_rules
from modelguard.settings import Settings
from tests.readers.opened import PASSWORD, values

VALUES = values(11)
SETTINGS = Settings(pii="all")
PATTERNS = Detecting(chosen_rules(SETTINGS), SETTINGS, None, Budget()).patterns


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        (f'__metadata__["{VALUES.hub}"]', '__metadata__["***"]'),
        (f'tensor "{VALUES.forge}" (id 5)', 'tensor "***" (id 5)'),
        (f'row 18, column "password: {PASSWORD}"', 'row 18, column "password: ***"'),
        (f'["password={PASSWORD}"]["rest"]', '["password=***"]["rest"]'),
        (f'kv "{VALUES.cloud}", "{VALUES.hub}"', 'kv "***", "***"'),
        ('cell[3].output[0].data["text/plain"]', 'cell[3].output[0].data["text/plain"]'),
    ],
)
def test_a_value_in_a_name_is_masked_up_to_its_quote(name: str, shown: str) -> None:
    assert masked_name(PATTERNS, name) == shown


def test_a_quote_in_a_key_does_not_end_it() -> None:
    name = f'["password=\\"{PASSWORD}\\""].x'
    shown = masked_name(PATTERNS, name)
    assert PASSWORD not in shown
    assert shown.startswith('["password=')
    assert shown.endswith('"].x')


def test_a_value_that_only_its_place_tells_is_masked_where_it_is_given() -> None:
    assert masked_name(PATTERNS, f'["{PASSWORD}"]', PASSWORD.encode()) == '["***"]'
