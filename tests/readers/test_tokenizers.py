"""Tokenizers: each token and each merge is judged alone, as the bytes that it stands for, and told by its id."""

from __future__ import annotations

import base64
import json
import random
from collections.abc import Mapping, Sequence

import pytest

from modelguard.budget import Budget
from modelguard.readers.interface import Text
from modelguard.readers.tokenizers.markers import SHOWN, byte_level, is_byte_level, spaced
from modelguard.seen import Seen
from tests.readers.opened import RULES, bears_damage, kind, opened, places, scanned, values

VALUES = values()
ALL = {RULES.hub: VALUES.hub, RULES.cloud: VALUES.cloud, RULES.forge: VALUES.forge}


def ids(*tokens: str) -> dict[str, int]:
    return {token: number for number, token in enumerate(["<unk>", "the", "a", *tokens])}


def tokenizer(
    vocab: object,
    merges: Sequence[object] = (),
    added: Sequence[str] = (),
    model: str = "BPE",
    ascii_only: bool = False,
) -> bytes:
    """A file as the tokenizers library writes it."""
    told = {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": [{"id": 1000 + number, "content": text, "special": True} for number, text in enumerate(added)],
        "normalizer": None,
        "pre_tokenizer": {"type": "Whitespace"},
        "post_processor": None,
        "decoder": None,
        "model": {"type": model, "unk_token": "<unk>", "vocab": vocab, "merges": list(merges)},
    }
    return json.dumps(told, ensure_ascii=ascii_only, indent=2).encode()


def texts(data: bytes, path: str) -> list[bytes]:
    """Every entry that a reader tells."""
    told = []
    for piece in opened(data, path)[0]:
        assert isinstance(piece, Text)
        assert piece.starts is not None
        ends = [*[start - 1 for start in piece.starts[1:]], len(piece.text)]
        told += [piece.text[start:end] for start, end in zip(piece.starts, ends, strict=True)]
    return told


def spans(seen: Seen, data: bytes) -> list[bytes]:
    return [data[each.place.byte_start : each.place.byte_end] for each in seen.findings]


def test_the_table_of_bytes_is_that_of_gpt_2() -> None:
    assert len(set(SHOWN)) == 256
    assert "".join(SHOWN[byte] for byte in (0x20, 0x0A, 0x41, 0xE9, 0x7F, 0xAD)) == "ĠĊAéġŃ"
    assert byte_level("".join(SHOWN)) == bytes(range(256))


def test_characters_that_stand_for_no_byte_stay() -> None:
    assert byte_level("Ġпривет world▁x") == " привет world x".encode()
    assert spaced("▁é\ud800") == b" \xc3\xa9\xed\xa0\x80"
    assert is_byte_level("aĠb") and is_byte_level("aĊ") and not is_byte_level("a▁é b")


@pytest.mark.parametrize("marker", ["", "Ġ", "▁", "##", "Ċ"])
@pytest.mark.parametrize("ascii_only", [False, True])
def test_a_token_is_told_by_its_id(marker: str, ascii_only: bool) -> None:
    seen = scanned(tokenizer(ids(*(marker + each for each in VALUES)), ascii_only=ascii_only), "tokenizer.json")
    assert places(seen) == {RULES.hub: "vocab[3]", RULES.cloud: "vocab[4]", RULES.forge: "vocab[5]"}
    assert not seen.gaps


def test_ids_out_of_order_are_told_with_the_number_of_the_entry() -> None:
    data = tokenizer({"a": 0, VALUES.hub: 77, "b": 1})
    assert places(scanned(data, "tokenizer.json")) == {RULES.hub: "vocab[77], entry 1"}


@pytest.mark.parametrize(
    ("model", "vocab"),
    [
        ("Unigram", [["<unk>", 0.0], ["▁the", -2.123456789012345], ["▁" + VALUES.hub, -1.5e-05]]),
        ("WordPiece", {"<unk>": 0, "the": 1, "##" + VALUES.hub: 2}),
        ("WordLevel", {"<unk>": 0, "the": 1, VALUES.hub: 2}),
        ("other", ["<unk>", "the", VALUES.hub]),
    ],
)
def test_each_model_of_the_library(model: str, vocab: object) -> None:
    assert places(scanned(tokenizer(vocab, model=model), "tokenizer.json")) == {RULES.hub: "vocab[2]"}


@pytest.mark.parametrize("cut", [1, 8, 20, 39])
@pytest.mark.parametrize("nested", [False, True])
def test_what_a_merge_becomes(cut: int, nested: bool) -> None:
    halves = (VALUES.forge[:cut], VALUES.forge[cut:])
    merges = [("t", "he"), ("Ġ", "a"), halves] if nested else ["t he", "Ġ a", " ".join(halves)]
    seen = scanned(tokenizer(ids("he"), merges), "tokenizer.json")
    assert places(seen) == {RULES.forge: "merges[2]"}


@pytest.mark.parametrize("nested", [False, True])
@pytest.mark.parametrize("before", [False, True])
def test_what_a_merge_becomes_is_told_as_the_token_that_it_is(before: bool, nested: bool) -> None:
    halves = (VALUES.forge[:8], VALUES.forge[8:])
    merges = [halves] if nested else [" ".join(halves)]
    data = tokenizer(ids("he", VALUES.forge), merges)
    if before:
        said = json.loads(data)
        said["model"] = dict(reversed(said["model"].items()))
        data = json.dumps(said).encode()
    (finding,) = scanned(data, "tokenizer.json").findings
    assert (finding.rule, finding.place.inner) == (RULES.forge, "vocab[4]")


@pytest.mark.parametrize("nested", [False, True])
def test_a_value_in_one_half_of_a_merge_is_not_glued_to_the_other(nested: bool) -> None:
    for halves in [(VALUES.hub, "x"), ("Ġ", VALUES.hub), (VALUES.hub, "Ġ"), ("x", VALUES.hub), (VALUES.hub, "-")]:
        merges = [halves] if nested else [" ".join(halves)]
        assert places(scanned(tokenizer(ids(), merges), "tokenizer.json")) == {RULES.hub: "merges[0]"}, halves


def test_pairs_that_are_none_are_told_string_by_string() -> None:
    data = tokenizer(ids(), [["a", "b", VALUES.hub], ["c"], [VALUES.cloud, "d"]])
    assert set(places(scanned(data, "tokenizer.json"))) == {RULES.hub, RULES.cloud}


def test_tokens_with_spaces_in_merges_of_one_text() -> None:
    data = tokenizer(ids(), [f"an entry with {VALUES.hub} in it", "c d"])
    assert places(scanned(data, "tokenizer.json")) == {RULES.hub: "merges[0]"}


def test_all_else_is_looked_at_as_it_stands_and_told_by_its_keys() -> None:
    seen = scanned(tokenizer(ids(), added=["<s>", VALUES.hub]), "tokenizer.json")
    (finding,) = seen.findings
    assert (finding.place.inner, finding.place.line) == ("added_tokens[1].content", 13)
    data = tokenizer(ids()).replace(b'"Whitespace"', json.dumps(f"x {VALUES.cloud}").encode())
    assert places(scanned(data, "tokenizer.json")) == {RULES.cloud: "pre_tokenizer.type"}


def test_neighbours_make_no_finding() -> None:
    """A password before a number, a key before a token: none of these is a secret."""
    noise = random.Random(3)
    words = ["password", "api_key", "secret", "Ġtoken", "auth_token", "aws_secret_access_key", "client_secret=", "pwd:"]
    vocab: dict[str, int] = {}
    for word in words:
        for _ in range(20):
            vocab[word + " " * len(vocab)] = 10_000_000 - 1 - len(vocab)
            vocab["".join(noise.choices("abcdefGHIJKL0123456789", k=32))] = len(vocab)
    assert not scanned(tokenizer(vocab), "tokenizer.json").findings
    lines = "\n".join(vocab).encode()
    assert not scanned(lines.replace(b" ", b""), "vocab.txt").findings


def test_a_space_in_a_token_is_read() -> None:
    """What is written byte-level reads as its text: a name, a space, a value."""
    password = "".join(random.Random(5).choices("abcdefGHIJKL0123456789", k=24))
    seen = scanned(tokenizer(ids(f"client_secret:Ġ{password}")), "tokenizer.json")
    assert [each.place.inner for each in seen.findings] == ["vocab[3]"]


def test_the_place_is_exact_where_the_token_stands_as_it_is() -> None:
    data = tokenizer(ids("Ġ" + VALUES.hub, f'x="{VALUES.cloud}"', VALUES.forge))
    told = spans(scanned(data, "tokenizer.json"), data)
    assert sorted(told, key=len) == [
        VALUES.hub.encode()[:0] + each
        for each in sorted(
            (("Ġ" + VALUES.hub).encode(), f'x=\\"{VALUES.cloud}\\"'.encode(), VALUES.forge.encode()), key=len
        )
    ]


def test_everything_is_told_or_looked_at() -> None:
    data = tokenizer(ids('quo"te', "back\\slash", "tab\t", "\u0130", "\U0001f600"), ["a b"], ascii_only=True)
    assert texts(data, "tokenizer.json") == [
        *(b"<unk>", b"the", b"a", b'quo"te', b"back\\slash", b"tab\t", "\u0130".encode(), "\U0001f600".encode()),
        b"ab",
    ]


@pytest.mark.parametrize("number", ["4000002400251673", "[1, 2]", '"text"', "null", "true", "{}"])
@pytest.mark.parametrize("before", [1, 3000])
def test_a_vocabulary_of_something_else_is_looked_at_as_it_stands(number: str, before: int) -> None:
    tokens = ", ".join(f'"t{count}": {count}' for count in range(before))
    vocab = f'{{{tokens}, "b": {number}, "c": "{VALUES.hub}", {tokens}}}'
    data = f'{{"version": "1.0", "added_tokens": [], "model": {{"vocab": {vocab}}}}}'.encode()
    told = texts(data, "tokenizer.json")
    assert told[0] == b"t0" and number.encode() not in b" ".join(told)
    assert places(scanned(data, "tokenizer.json")) == {RULES.hub: "model.vocab.c"}


def test_a_name_and_its_text_are_not_torn_apart() -> None:
    """What says something beside its name only is looked at with it."""
    password = "".join(random.Random(5).choices("abcdefGHIJKL0123456789", k=24))
    for vocab in ({"a": 0, "client_secret": password, "b": 1}, [{"rank": 0, "client_secret": password}]):
        (finding,) = scanned(tokenizer(vocab), "tokenizer.json").findings
        assert str(finding.place.inner).endswith(".client_secret")


def test_a_name_that_stands_among_numbers_does_not_hide_the_vocabulary() -> None:
    data = json.dumps({"size": 5, "vocab": ids(VALUES.hub)}).encode()
    assert places(scanned(data, "vocab.json")) == {RULES.hub: "vocab[3]"}


def test_over_many_blocks() -> None:
    """Values at the ends of blocks of a MiB are told once, at their own ids."""
    filler = [f"token{number:06}Ġ" for number in range(120_000)]
    chosen = range(0, 120_000, 13_001)
    planted = {number: values(number + 2).hub for number in chosen}
    vocab = [planted.get(number, token) for number, token in enumerate(filler)]
    seen = scanned(tokenizer({token: number for number, token in enumerate(vocab)}), "tokenizer.json")
    assert sorted(str(each.place.inner) for each in seen.findings) == sorted(f"vocab[{number}]" for number in chosen)
    merges = [[token[:9], token[9:]] for token in vocab]
    seen = scanned(tokenizer(ids(), merges), "tokenizer.json")
    assert sorted(str(each.place.inner) for each in seen.findings) == sorted(f"merges[{number}]" for number in chosen)


@pytest.mark.parametrize("path", ["vocab.json", "encoder.json", "pruned_vocab.json", "renamed.bin"])
def test_a_vocabulary_alone(path: str) -> None:
    many = [f"w{number}" for number in range(200)]
    data = json.dumps({token: number for number, token in enumerate([*many, "Ġ" + VALUES.hub])}).encode()
    assert places(scanned(data, path)) == {RULES.hub: "vocab[200]"}


def test_a_model_alone() -> None:
    data = json.dumps({"type": "Unigram", "unk_id": 0, "vocab": [["<unk>", 0.0], [VALUES.hub, -3.5]]}).encode()
    assert places(scanned(data, "unigram.json")) == {RULES.hub: "vocab[1]"}


def test_a_vocabulary_with_scores() -> None:
    data = json.dumps({f"w{number}": -number / 7 for number in range(200)} | {VALUES.hub: -2.25}).encode()
    assert places(scanned(data, "words.json")) == {RULES.hub: "vocab[200]"}


@pytest.mark.parametrize("path", ["vocab.json", "settings.json"])
def test_other_json_is_none(path: str) -> None:
    data = json.dumps({"hub_token": VALUES.hub, "a": 1}).encode()
    assert places(scanned(data, path)).keys() == {RULES.hub}
    told = kind(data, path)
    assert told is None or told.reader is None or not opened(data, path)[0]


def tekken(*tokens: Mapping[str, object]) -> bytes:
    records = [{"rank": number, **token} for number, token in enumerate(tokens)]
    return json.dumps({"config": {"version": "v3"}, "vocab": records}, indent=2).encode()


def in_base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def test_tekken() -> None:
    plain: dict[str, object] = {"token_bytes": in_base64("token"), "token_str": "token"}
    data = tekken(
        plain,
        {"token_bytes": in_base64(VALUES.hub), "token_str": VALUES.hub},
        {"token_bytes": in_base64(VALUES.cloud), "token_str": None},
        {"token_bytes": VALUES.forge, "token_str": "x"},
    )
    for path in ("tekken.json", "renamed.json"):
        seen = scanned(data, path)
        assert places(seen) == {RULES.hub: "vocab[1]", RULES.cloud: "vocab[2]", RULES.forge: "vocab[3]"}


def test_a_value_that_is_written_as_base64_in_tekken() -> None:
    """Base64 that is a value as it stands, and whose bytes are no text."""
    data = tekken({"token_bytes": VALUES.cloud, "token_str": "x"})
    assert places(scanned(data, "tekken.json")) == {RULES.cloud: "vocab[0]"}


def test_tekken_makes_no_findings() -> None:
    noise = random.Random(3)
    tokens = ["".join(noise.choices("abcdefGHIJKL0123456789 +/", k=24)) for _ in range(3000)]
    data = tekken(*({"token_bytes": in_base64(token), "token_str": token} for token in tokens))
    assert not scanned(data, "tekken.json").findings


def test_lines_of_a_vocabulary() -> None:
    data = "\n".join(["[PAD]", "[UNK]", VALUES.hub, "##" + VALUES.cloud, "▁" + VALUES.forge, "end"]).encode()
    seen = scanned(data, "vocab.txt")
    assert {each.rule: (each.place.line, each.place.column, each.place.inner) for each in seen.findings} == {
        RULES.hub: (3, 1, None),
        RULES.cloud: (4, 3, None),
        RULES.forge: (5, 1, None),
    }
    assert spans(seen, data)[:2] == [VALUES.hub.encode(), VALUES.cloud.encode()]


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_lines_with_scores(end: str) -> None:
    data = end.join(["<unk>\t0", f"▁{VALUES.hub}\t-3.2", ""]).encode()
    assert [(each.rule, each.place.line) for each in scanned(data, "spm.vocab").findings] == [(RULES.hub, 2)]
    assert texts(data, "spm.vocab")[0] == b"<unk>\t0"


def test_what_is_longer_than_a_line_is_found_all_the_same() -> None:
    """Prose in a file of this name, as a key of several lines, is looked at as it stands; nothing is told twice."""
    from modelguard.rules.templates import expand

    key = expand("-----BEGIN RSA PRIVATE KEY-----\n<pem:12>\n-----END RSA PRIVATE KEY-----\n", 1)
    for path in ("vocab.txt", "merges.txt"):
        seen = scanned(f"the\nend\n{key}{VALUES.hub}\n".encode(), path)
        assert sorted(each.rule for each in seen.findings) == [RULES.hub, "private-key-pem"]


def test_lines_in_wide_characters() -> None:
    seen = scanned(f"the\n{VALUES.hub}\n".encode("utf-16"), "vocab.txt")
    assert [each.rule for each in seen.findings] == [RULES.hub]


@pytest.mark.parametrize("path", ["merges.txt", "vocab.bpe", "renamed.dat"])
def test_lines_of_merges(path: str) -> None:
    lines = ["#version: 0.2 - trained by somebody", "t h", "Ġ t", f"{VALUES.hub[:7]} {VALUES.hub[7:]}", "pass word"]
    for end in ("", "\n"):
        seen = scanned("\n".join(lines).encode() + end.encode(), path)
        assert [(each.rule, each.place.line) for each in seen.findings] == [(RULES.hub, 4)]


def test_a_tiktoken_file() -> None:
    lines = [f"{in_base64(text)} {number}" for number, text in enumerate(["the", *VALUES, " a"])]
    seen = scanned("\n".join(lines).encode(), "cl100k_base.tiktoken")
    assert {each.rule: each.place.line for each in seen.findings} == {RULES.hub: 2, RULES.cloud: 3, RULES.forge: 4}
    assert len(seen.findings) == 3


@pytest.mark.parametrize(("first", "path"), [("the", "tokenizer.model"), ("!", "9b5ad71b2ce5302211f9c61530b329a4")])
def test_a_tiktoken_file_of_another_name(first: str, path: str) -> None:
    lines = [f"{in_base64(text)} {number}" for number, text in enumerate([first, *VALUES, " a"])]
    seen = scanned("\n".join(lines).encode(), path)
    told = {(each.rule, each.place.line, each.place.inner) for each in seen.findings}
    assert told == {(RULES.hub, 2, None), (RULES.cloud, 3, None), (RULES.forge, 4, None)}


def test_the_merges_of_clip() -> None:
    """Its first line is the name of the file and the version, behind a quote that nothing closes."""
    lines = ['"bpe_simple_vocab_16e6.txt#version: 0.2', "i n", "password= is", f"{VALUES.hub[:7]} {VALUES.hub[7:]}</w>"]
    seen = scanned("\n".join(lines).encode(), "bpe_simple_vocab_16e6.txt")
    assert [(each.rule, each.place.line) for each in seen.findings] == [(RULES.hub, 4)]


def test_a_value_that_is_written_as_base64_in_a_tiktoken_file() -> None:
    """Base64 that is a value as it stands, and whose bytes are no text."""
    seen = scanned(f"dGhl 0\n{VALUES.cloud} 1\nYQ== 2\n".encode(), "x.tiktoken")
    assert [(each.rule, each.place.line) for each in seen.findings] == [(RULES.cloud, 2)]


def test_tokens_of_tiktoken_in_one_string() -> None:
    filler = [in_base64(f"token {number}") for number in range(70_000)]
    words = ["!", "0", *filler, "!", "90000", in_base64("é" + VALUES.hub), VALUES.cloud, in_base64(VALUES.forge)]
    told = {"pat_str": "x", "special_tokens": {VALUES.hub[:-1]: 5}, "bpe_ranks": " ".join(words), "x": VALUES.hub[::-1]}
    seen = scanned(json.dumps(told, ensure_ascii=False).encode(), "cl100k_base.json")
    assert places(seen) == {
        RULES.hub: "bpe_ranks[90000]",
        RULES.cloud: "bpe_ranks[90001]",
        RULES.forge: "bpe_ranks[90002]",
    }
    told["bpe_ranks"] = "! 0 IQ== \n! 7 " + in_base64(VALUES.hub)
    assert places(scanned(json.dumps(told).encode(), "x.json")) == {RULES.hub: "bpe_ranks[7]"}
    told["bpe_ranks"] = f"! 0 IQ== password: {VALUES.hub}"
    assert places(scanned(json.dumps(told).encode(), "x.json")) == {RULES.hub: "bpe_ranks"}


def test_a_tiktoken_file_with_something_else_in_it() -> None:
    seen = scanned(f"dGhl 0\n{VALUES.hub} 1\n{VALUES.cloud} 2\n".encode(), "x.tiktoken")
    assert {each.rule: each.place.line for each in seen.findings} == {RULES.hub: 2, RULES.cloud: 3}


@pytest.mark.parametrize("name", ["tokenizer_config.json", "special_tokens_map.json", "config.json"])
def test_settings_are_told_by_their_keys(name: str) -> None:
    data = json.dumps({"additional_special_tokens": ["<s>", {"content": VALUES.hub}]}, indent=1).encode()
    (finding,) = scanned(data, name).findings
    assert (finding.place.inner, finding.place.line) == ("additional_special_tokens[1].content", 5)


def test_a_name_holds_no_token() -> None:
    for seen in (
        scanned(tokenizer(ids("Ġ" + VALUES.hub), [f"{VALUES.cloud[:5]} {VALUES.cloud[5:]}"]), "tokenizer.json"),
        scanned(json.dumps({VALUES.hub: {"x": VALUES.cloud}}).encode(), "tokenizer_config.json"),
    ):
        assert seen.findings
        assert not any(value in str(seen) for value in VALUES)


SMALL = tokenizer(ids("Ġ" + VALUES.hub), ["t he", ["a", "b"]], ["<s>"])[:900]


@pytest.mark.parametrize(
    ("data", "path"),
    [
        (SMALL, "tokenizer.json"),
        (json.dumps(ids('q"', "Ġx", "\\")).encode(), "vocab.json"),
        (tekken({"token_bytes": "QQ==", "token_str": "A"}, {"token_bytes": "/w==", "token_str": None}), "tekken.json"),
        ("[PAD]\n##é\n▁x\t-2\n".encode(), "vocab.txt"),
        ("#version: 0.2\nĠ t\nh e\n".encode(), "merges.txt"),
        (b"dGhl 0\n/w== 1\n", "x.tiktoken"),
        (b'{"bpe_ranks": "! 0 IQ== /w== \\n! 5 YWI="}', "x.json"),
        (b'{"a": ["b", {"c": "d"}]}', "tokenizer_config.json"),
    ],
)
def test_damage(data: bytes, path: str) -> None:
    bears_damage(data, path)


@pytest.mark.parametrize(
    "data",
    [
        b'{"vocab":{' * 400_000,
        b'{"vocab":{},"merges":[]' * 200_000,
        b'{"vocab":{' + b'"\\' * 2_000_000,
        b'{"vocab":{' + b"1" * 4_000_000,
        b'{"vocab":[' + b"[" * 4_000_000,
        b'{"vocab":{"' + b"a" * 4_000_000,
        b'{"vocab":{"' + b"\\u0120" * 700_000 + b'":0}}',
        b'{"merges":["' + b"a " * 2_000_000 + b'"]}',
        b'{"merges":[' + b'"' + b"a" * 900_000 + b"! " + b"a" * 100_000 + b'"]}',
        b'{"vocab":{' + b'"\\ud800":0,' * 300_000,
        b'{"vocab":[{' + b'"token_bytes":' * 300_000,
        b'{"bpe_ranks":"' + b"! " * 1_000_000,
    ],
)
def test_bombs(data: bytes) -> None:
    """Each is read once, or about."""
    for path in ("tokenizer.json", "vocab.txt", "merges.txt", "x.tiktoken"):
        assert not opened(data, path, Budget(opened_seconds=20.0))[1]
