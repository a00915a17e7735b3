"""Tokens of Mistral's `tekken.json`: records of a rank, the token's bytes in base64, and its text where it is one.

Format: https://github.com/mistralai/mistral-common, `tokens/tokenizers/tekken.py`. Neighbours would make false alarms:
`"token_bytes": "…"` reads like a secret, and each record has one.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator, Sequence

from modelguard.readers.interface import Text, entries
from modelguard.readers.tokenizers.json_strings import Strings
from modelguard.readers.tokenizers.tokens import SORT, Tokens, token_text

_BYTES, _TEXT = "token_bytes", "token_str"
KEYS = {"rank", _BYTES, _TEXT}
"""Beside other names a text may say more than alone, so records that have any are left to others."""

_LONG = 16
"""Shorter text in base64 is no value as it is written."""


def record_texts(some: Strings, before: int) -> Iterator[Text]:
    """The strings of some records, each alone; `before` is how many records there were until then."""
    texts = some.tokens.all
    encoded = [number for number in range(1, len(texts)) if texts[number - 1] == _BYTES]

    def name(number: int) -> str:
        return f"vocab[{before + some.records[number]}]"

    kept = list(texts)
    decoded: dict[int, bytes] = {}
    for number in encoded:
        told = _decoded(texts, number)
        if told is not None:
            kept[number] = ""
            decoded[number] = told
    yield token_text(Tokens.of(kept), name, some.span)
    if any(decoded.values()):
        numbers = list(decoded)
        yield entries(
            list(decoded.values()), lambda at: name(numbers[at]), lambda at: some.span(numbers[at]), sort=SORT
        )


def _decoded(texts: Sequence[str], number: int) -> bytes | None:
    """What a token's bytes say that its text does not: nothing as a rule. None: they are to be told as they are."""
    try:
        token = base64.b64decode(texts[number], validate=True)
    except ValueError:
        return None
    if texts[number + 1 : number + 2] == [_TEXT] and texts[number + 2 : number + 3] == [
        token.decode("utf-8", "replace")
    ]:
        return b""
    return token if token.isascii() or len(texts[number]) < _LONG else None
