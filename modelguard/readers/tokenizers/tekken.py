"""Tokens of Mistral's `tekken.json`: records of a rank, the token's bytes in base64, and its text where it is one.

Format: https://github.com/mistralai/mistral-common, `tokens/tokenizers/tekken.py`. Neighbours would make false alarms:
`"token_bytes": "…"` reads like a secret, and each record has one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from modelguard.readers.interface import Text, entries
from modelguard.readers.tokenizers.base64_tokens import stands_for
from modelguard.readers.tokenizers.json_strings import Strings
from modelguard.readers.tokenizers.tokens import SORT, Tokens, token_text

_BYTES, _TEXT = "token_bytes", "token_str"
KEYS = {"rank", _BYTES, _TEXT}
"""Beside other names a text may say more than alone, so records that have any are left to others."""


def record_texts(some: Strings, before: int) -> Iterator[Text]:
    """The strings of some records, each alone; `before` is how many records there were until then."""
    texts = some.tokens.all
    encoded = [number for number in range(1, len(texts)) if texts[number - 1] == _BYTES]

    def name(number: int) -> str:
        return f"vocab[{before + some.records[number]}]"

    kept = list(texts)
    for number in encoded:
        kept[number] = ""
    yield token_text(Tokens.of(kept), name, some.span)
    told = {number: token for number in encoded if (token := _untold(texts, number))}
    if told:
        numbers = list(told)
        yield entries(list(told.values()), lambda at: name(numbers[at]), lambda at: some.span(numbers[at]), sort=SORT)


def _untold(texts: Sequence[str], number: int) -> bytes:
    """What a token's bytes say that its text does not: nothing as a rule."""
    token = stands_for(texts[number].encode("utf-8", "surrogatepass"))
    if texts[number + 1 : number + 2] == [_TEXT] and number + 2 < len(texts):
        return b"" if token == texts[number + 2].encode("utf-8", "surrogatepass") else token
    return token
