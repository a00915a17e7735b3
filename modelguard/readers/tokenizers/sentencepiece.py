"""SentencePiece models: each piece alone, the texts of the training settings, and whatever else they hold.

Format: https://github.com/google/sentencepiece/blob/master/src/sentencepiece_model.proto (field numbers). Symbols that
a user defined stand in such a file twice, as pieces and in the training settings: they are told as pieces.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from modelguard.model import Blob
from modelguard.readers.interface import Limits, Malformed, Piece, entries
from modelguard.readers.messages import Teller
from modelguard.readers.shapes import Known, Schema, Shape, root
from modelguard.readers.wire import LENGTH, fields

METASPACE = "▁".encode()
"""What stands for a blank in a piece (U+2581)."""

_PIECE = 1
_TEXT, _SCORE, _KIND = 0x0A, 0x15, 0x18
_AT_ONCE = 50_000
_LONGEST_PIECE = 8192

SCHEMA = Schema(
    {
        "Model": Shape(
            {
                1: Known("piece", "Piece", many=True),
                2: Known("trainer_spec", "Trainer"),
                3: Known("normalizer_spec", "Normalizer"),
                4: Known("self_test_data", "SelfTest"),
                5: Known("denormalizer_spec", "Normalizer"),
            }
        ),
        "Piece": Shape({1: Known("")}),
        "Trainer": Shape(
            {
                1: Known("input", many=True),
                2: Known("model_prefix"),
                5: Known("accept_language", many=True),
                30: Known("control_symbols", many=True, again=True),
                31: Known("user_defined_symbols", many=True, again=True),
                36: Known("required_chars"),
                44: Known("unk_surface"),
                45: Known("unk_piece", again=True),
                46: Known("bos_piece", again=True),
                47: Known("eos_piece", again=True),
                48: Known("pad_piece", again=True),
                53: Known("pretokenization_delimiter"),
                54: Known("seed_sentencepieces_file"),
            }
        ),
        "Normalizer": Shape({1: Known("name"), 2: Known("precompiled_charsmap"), 6: Known("normalization_rule_tsv")}),
        "SelfTest": Shape({1: Known("samples", "Sample", many=True)}),
        "Sample": Shape({1: Known("input"), 2: Known("expected")}),
    }
)


def read(blob: Blob, limits: Limits) -> Iterator[Piece]:
    """Every piece, and every other text. See `Reader`."""
    teller = Teller(blob, limits, SCHEMA)
    source, top, model = teller.source, root(), SCHEMA.shapes["Model"]
    teller.within(top, model, 0, blob.size)
    gathered = _Pieces()
    count = at = 0
    for number, wire, first, last in _top(teller, blob.size):
        at = last
        if wire != LENGTH:
            continue
        text = None
        if number == _PIECE and last - first <= _LONGEST_PIECE:
            data, base = source.at(first, last - first)
            text = _plain_piece(data, first - base, last - base)
        if text is not None:
            gathered.add(text, count, first, last)
            teller.passed(first, last)
        if text is None or len(gathered.texts) >= _AT_ONCE:
            yield from gathered.told(limits)
            yield from teller.flush()
        if text is None:
            yield from teller.tell_field(top, model, number, first, last, count)
        count += number == _PIECE
    yield from gathered.told(limits)
    teller.passed(at, at)
    yield from teller.finish()
    if at < blob.size:
        raise Malformed("it ends within a field, or goes on as no message does")


def guide(blob: Blob, offsets: Sequence[int]) -> list[str | None]:
    """The field that a byte belongs to. See `Guide`."""
    from modelguard.budget import Budget

    teller = Teller(blob, Limits(Budget()), SCHEMA)
    return [teller.name_of(root(), SCHEMA.shapes["Model"], 0, blob.size, at) or None for at in offsets]


def _top(teller: Teller, size: int) -> Iterator[tuple[int, int, int, int]]:
    """The fields of the model, up to where it is no message."""
    try:
        yield from fields(teller.source, 0, size)
    except Malformed:
        return


class _Pieces:
    """Pieces that are still to be told."""

    def __init__(self) -> None:
        self.texts: list[bytes] = []
        self._spans: list[tuple[int, int]] = []
        self._numbers: list[int] = []

    def add(self, text: bytes, number: int, start: int, end: int) -> None:
        self.texts.append(text.replace(METASPACE, b" ") if METASPACE in text else text)
        self._spans.append((start, end))
        self._numbers.append(number)

    def told(self, limits: Limits) -> Iterator[Piece]:
        texts, spans, numbers = self.texts, self._spans, self._numbers
        self.texts, self._spans, self._numbers = [], [], []
        if texts:
            limits.spend(sum(map(len, texts)))
            yield entries(texts, lambda i: f"piece[{numbers[i]}]", lambda i: spans[i], sort="vocabulary")


def _plain_piece(data: bytes, start: int, end: int) -> bytes | None:
    """The text of a piece that holds a text, a score and perhaps a kind; None where it holds anything else."""
    if end - start < 2 or end > len(data) or data[start] != _TEXT:
        return None
    first = start + 2
    length = data[start + 1]
    if length > 0x7F:
        length = (length & 0x7F) + (data[first] << 7)
        first += 1
    after = first + length
    rest = end - after
    if rest == 0 or (rest in (5, 7) and data[after] == _SCORE and (rest == 5 or data[after + 5] == _KIND)):
        return data[first:after]
    return None
