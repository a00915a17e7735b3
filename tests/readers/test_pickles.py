"""Pickles: every string once, with its key; what they import; nothing that they ask for is done."""

from __future__ import annotations

import pickle
import pickletools
import struct
import zlib
from collections import OrderedDict
from collections.abc import Callable

import numpy as np
import pytest

from modelguard.budget import Budget
from modelguard.model import GapReason
from modelguard.readers.interface import Limits, Text
from modelguard.readers.kinds import kind_of
from modelguard.seen import Seen
from tests.readers.opened import PASSWORD, RULES, PathBlob, bears_damage, kind, opened, places, scanned, values

VALUES = values()
PROTOCOLS = range(pickle.HIGHEST_PROTOCOL + 1)


class Arguments:
    """Settings with attributes, as a trainer has them."""

    def __init__(self) -> None:
        self.output_dir = "out"
        self.hub_token = VALUES.hub


class Reduced:
    """Calls whatever it is told to, when it is loaded."""

    def __init__(self, called: Callable[..., object], *arguments: object) -> None:
        self.made = (called, arguments)

    def __reduce__(self) -> tuple[Callable[..., object], tuple[object, ...]]:
        return self.made


def texts(data: bytes, path: str = "a.pkl") -> list[bytes]:
    """The lines that are told of a file."""
    pieces, _ = opened(data, path)
    lines: list[bytes] = []
    for piece in pieces:
        if isinstance(piece, Text):
            ends = [*(start - 1 for start in (piece.starts or [0])[1:]), len(piece.text)]
            lines += [piece.text[start:end] for start, end in zip(piece.starts or [0], ends, strict=True)]
    return lines


def rules(seen: Seen) -> list[str]:
    return sorted(finding.rule for finding in seen.findings)


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_a_string_is_at_its_key(protocol: int) -> None:
    made = {"args": {"hub_token": VALUES.hub}, "keys": ["x", VALUES.cloud], "log": "one\ntwo " + VALUES.forge, 3: "x"}
    seen = scanned(pickle.dumps(made, protocol), "a.pkl")
    assert places(seen) == {
        RULES.hub: '["args"]["hub_token"]',
        RULES.cloud: '["keys"][1]',
        RULES.forge: '["log"]:2',
    }
    assert not seen.gaps


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_attributes_of_an_object(protocol: int) -> None:
    seen = scanned(pickle.dumps({"args": Arguments()}, protocol), "training_args.bin")
    assert places(seen) == {
        RULES.hub: '["args"].hub_token',
        "pickle-unknown-import": places(seen)["pickle-unknown-import"],
    }


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_bytes_and_what_is_no_ascii(protocol: int) -> None:
    made = ["é" + VALUES.hub, b"\xff\x00 " + VALUES.cloud.encode(), ("\U0001f511", {VALUES.forge: 1})]
    seen = scanned(pickle.dumps(made, protocol), "a.pkl")
    assert places(seen) == {RULES.hub: "[0]", RULES.cloud: "[1]", RULES.forge: "[2][1][key 0]"}


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize("dtype", ["<U40", ">U40", "S40"])
def test_texts_of_an_array_are_looked_at_each_alone(dtype: str, protocol: int) -> None:
    """A forge token has 40 letters: nothing stands between it and the next text."""
    data = pickle.dumps({"names": np.array([VALUES.forge, VALUES.hub, "", PASSWORD]).astype(dtype), "x": "y"}, protocol)
    assert places(scanned(data, "a.pkl")) == {RULES.forge: '["names"][0]', RULES.hub: '["names"][1]'}
    data = pickle.dumps({"password": np.array(["x", PASSWORD]).astype(dtype)}, protocol)
    assert [each.place.inner for each in scanned(data, "a.pkl").findings] == ['["password"][1]']


def test_an_array_of_text_that_is_none_is_looked_at_as_it_stands() -> None:
    data = pickle.dumps(np.frombuffer(VALUES.hub.ljust(40).encode(), "U10"), 2)
    assert set(places(scanned(data, "a.pkl"))) == {RULES.hub}


class Node:
    """A node of settings as OmegaConf makes them: the string in an attribute, the key in the node above."""

    def __init__(self, parent: object, content: object) -> None:
        self._parent = parent
        setattr(self, "_val" if isinstance(content, str) else "_content", content)


def test_a_node_of_omegaconf_has_the_key_of_its_string() -> None:
    top = Node(None, {})
    hub = Node(top, {})
    vars(top)["_content"]["hub"] = hub
    vars(hub)["_content"].update(db_password=Node(hub, PASSWORD), note=Node(hub, VALUES.hub))
    found = {each.place.inner for each in scanned(pickle.dumps({"hparams": top}, 2), "a.ckpt").findings}
    way = '["hparams"]._content["hub"]._content'
    assert found >= {f'{way}["db_password"]._val', f'{way}["note"]._val'}


def test_a_secret_that_is_a_key_is_told_once() -> None:
    key = VALUES.forge
    made = [{key: "a"}, {key: "b"}, {key: ["c", "d"]}]
    assert places(scanned(pickle.dumps(made, 4), "a.pkl")) == {RULES.forge: "[0][key 0]"}


def test_a_value_that_stands_in_two_places_is_told_behind_the_name_that_says_what_it_is() -> None:
    word = PASSWORD
    lines = texts(pickle.dumps({"name": word, "db_password": word, "again": word}, 4))
    assert sorted(lines) == sorted([b'"db_password": "%b"' % word.encode(), b"name", b"again"])


def test_a_key_stays_beside_each_value() -> None:
    rows = [{"api_key": f"value-{number}"} for number in range(3)]
    lines = texts(pickle.dumps(rows, 4))
    assert sorted(lines) == [b'"api_key": "value-%d"' % number for number in range(3)]


def test_elements_of_a_list_have_the_key_of_the_list() -> None:
    assert texts(pickle.dumps({"tokens": ["a", "b"]}, 4)) == [b'"tokens": "a"', b'"tokens": "b"']


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_what_is_told_is_what_genops_tells(protocol: int) -> None:
    made = {"a": ["b", ("c", {"d": b"e"})], "f": {"g"}, "h": 1.5, "i": 10**30, "j": -(2**40)}
    data = pickle.dumps(made, protocol)
    told = b"\n".join(texts(data))
    for opcode, argument, _ in pickletools.genops(data):
        if isinstance(argument, str) and opcode.name.endswith(("UNICODE", "STRING")):
            assert argument.encode() in told


def test_a_long_string_is_looked_at_where_it_stands() -> None:
    made = {"log": "-" * 100_000 + " " + VALUES.hub + " " + "-" * 10, "next": VALUES.cloud}
    seen = scanned(pickle.dumps(made, 4), "a.pkl")
    assert rules(seen) == [RULES.cloud, RULES.hub]
    assert not seen.gaps


def test_a_file_in_bytes_is_opened() -> None:
    made = {
        "small": zlib.compress(b"token = " + VALUES.hub.encode()),
        "large": zlib.compress(values(2).hub.encode()) * 1,
    }
    made["large"] += bytes(100_000)
    seen = scanned(pickle.dumps(made, 4), "a.pkl")
    assert [finding.rule for finding in seen.findings] == [RULES.hub, RULES.hub]
    assert all("bytes at" in (finding.place.inner or "") for finding in seen.findings)


def test_several_pickles_and_what_stands_between_and_behind_them() -> None:
    first, second = pickle.dumps({"a": VALUES.hub}, 4), pickle.dumps({"b": VALUES.cloud}, 2)
    third = pickle.dumps(["c", values(3).cloud], 0)
    data = (
        first
        + b"\xff\xfe noise "
        + values(2).hub.encode()
        + b" \xff" * 9
        + second
        + third
        + b"\nend "
        + VALUES.forge.encode()
    )
    seen = scanned(data, "a.pkl")
    assert sorted((finding.rule, finding.place.inner or "") for finding in seen.findings) == [
        (RULES.cloud, '["b"]'),
        (RULES.cloud, "[1]"),
        (RULES.forge, ""),
        (RULES.hub, ""),
        (RULES.hub, '["a"]'),
    ]


def test_a_pickle_that_is_cut_short_is_told_as_far_as_it_goes() -> None:
    data = pickle.dumps(["x" * 80, VALUES.hub, "y" * 50, VALUES.cloud, "z" * 300], 4)
    cut = data[: data.index(b"z" * 100)]
    seen = scanned(cut, "a.pkl")
    assert rules(seen) == [RULES.cloud, RULES.hub]
    assert [gap.reason for gap in seen.gaps] == [GapReason.MALFORMED]


# what they import


def imports(data: bytes) -> list[tuple[str, str]]:
    seen = scanned(data, "a.pkl")
    return sorted((finding.rule, str(finding.severity)) for finding in seen.findings)


HIGH = ("pickle-unsafe-import", "high")
LOW = ("pickle-unknown-import", "low")


def named(module: str, name: str, protocol: int) -> bytes:
    """A pickle that imports a name and calls it with a text."""
    if protocol < 4:
        return b"\x80\x02c" + module.encode() + b"\n" + name.encode() + b"\nX\x02\0\0\0id\x85R."
    texts = b"".join(b"\x8c" + bytes([len(part)]) + part.encode() for part in (module, name))
    return b"\x80\x04" + texts + b"\x93\x8c\x02id\x85R."


@pytest.mark.parametrize("protocol", [2, 4])
@pytest.mark.parametrize(
    ("module", "name"),
    [
        ("os", "system"),
        ("posix", "system"),
        ("subprocess", "Popen"),
        ("builtins", "eval"),
        ("__builtin__", "exec"),
        ("builtins", "__import__"),
        ("runpy", "_run_code"),
        ("torch.hub", "load"),
        ("torch.serialization", "os.system"),
        ("numpy.testing._private.utils", "runstring"),
        ("operator", "attrgetter"),
        ("types", "CodeType"),
        ("importlib", "import_module"),
        ("webbrowser", "open"),
        ("pip._internal.cli.main", "main"),
        ("builtins", "eval.__call__"),
        ("_operator", "methodcaller"),
        ("_osx_support", "_read_output"),
        ("lib2to3.pgen2.grammar", "Grammar.loads"),
        ("uuid", "_popen"),
        ("torch.package", "PackageImporter"),
        ("numpy.lib._datasource", "DataSource"),
        ("pathlib", "PosixPath.write_bytes"),
        ("transformers", "AutoModel.from_pretrained"),
    ],
)
def test_what_runs_code(module: str, name: str, protocol: int) -> None:
    assert imports(named(module, name, protocol)) == [HIGH]


@pytest.mark.parametrize(
    ("module", "name"),
    [
        ("cloudpickle.cloudpickle", "_make_function"),
        ("joblib.externals.cloudpickle.cloudpickle", "_make_skel_func"),
        ("dill._dill", "_create_function"),
        ("torch.fx.graph_module", "reduce_graph_module"),
    ],
)
def test_what_carries_code_is_said_and_does_not_block(module: str, name: str) -> None:
    (finding,) = scanned(named(module, name, 4), "model.pkl").findings
    assert (finding.rule, str(finding.severity)) == ("pickle-carries-code", "medium")


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_a_call_is_told_and_not_made(protocol: int, tmp_path: object) -> None:
    import os

    made = tmp_path / "made"  # type: ignore[operator]
    assert HIGH in imports(pickle.dumps({"a": Reduced(os.mkdir, str(made))}, protocol))
    assert not made.exists()


@pytest.mark.parametrize("module", ["my_project.models", "__main__", "torch.os_like", "sklearn"])
def test_what_nobody_knows(module: str) -> None:
    assert imports(named(module, "make_it", 4)) == [LOW]


@pytest.mark.parametrize(
    ("module", "name"),
    [
        ("collections", "OrderedDict"),
        ("torch._utils", "_rebuild_tensor_v2"),
        ("torch", "FloatStorage"),
        ("torch", "float16"),
        ("transformers.training_args", "TrainingArguments"),
        ("numpy._core.multiarray", "_reconstruct"),
        ("numpy", "dtype"),
        ("numpy.matrixlib.defmatrix", "matrix"),
        ("sklearn.ensemble._forest", "RandomForestClassifier"),
        ("pandas.core.frame", "DataFrame"),
        ("pathlib", "PosixPath"),
        ("argparse", "Namespace"),
        ("datetime", "datetime"),
        ("builtins", "set"),
        ("lightning.fabric.utilities.data", "AttributeDict"),
    ],
)
@pytest.mark.parametrize("protocol", [2, 4])
def test_what_libraries_write(module: str, name: str, protocol: int) -> None:
    assert imports(named(module, name, protocol)) == []


SYSTEM = named("os", "system", 4)
OLD = b"cos\nsystem\n(S'id'\ntR."


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(SYSTEM[:-1], id="without an end"),
        pytest.param(SYSTEM[:-1] + b"\xff\xfe and more", id="broken behind the call"),
        pytest.param(OLD[:-1] + b"X\xff\xff\xff\x7f", id="a text that is longer than the file"),
        pytest.param(SYSTEM[2:], id="without a protocol"),
        pytest.param(b"\x80\x06" + SYSTEM[2:], id="a protocol that is none yet"),
        pytest.param(b"G\0\0\0\0\0\0\0\x000" + SYSTEM, id="behind a number"),
        pytest.param(b"S'os'\np0\n0S'system'\np1\n0g0\ng1\n\x93S'id'\n\x85R.", id="through the memo"),
        pytest.param(b"\x80\x02](" + b"K\1" * 1_200_000 + b"e0" + SYSTEM[2:], id="behind a million numbers"),
    ],
)
def test_what_would_run_before_it_breaks(data: bytes) -> None:
    """`pickle` runs what it has read when it meets what is wrong, or refuses the file only in other versions."""
    assert imports(data) == [HIGH]


@pytest.mark.parametrize("path", ["weights.dat", "weights", "notes.txt", "a.zip!x/weights"])
@pytest.mark.parametrize("before", [b"", b"("])
def test_an_old_pickle_with_any_name(path: str, before: bytes) -> None:
    assert [each.rule for each in scanned(before + OLD, path).findings] == [HIGH[0]]


def test_text_is_no_old_pickle() -> None:
    assert kind(b"cos\nsin\ntan\n" * 50, "functions.txt") is None
    assert kind(b"csys\nis a system.\n" * 50, "notes.txt") is None


@pytest.mark.parametrize("code", [b"\x82\1", b"\x83\1\0", b"\x84\1\0\0\0"])
def test_a_name_from_the_registry_of_the_process_that_loads_it(code: bytes) -> None:
    assert imports(b"\x80\x02" + code + b"X\2\0\0\0id\x85R.") == [LOW]


def test_the_member_of_an_enumeration_is_no_call() -> None:
    """Python 3.11.0 to 3.11.3 write members of enumerations by `getattr`, and so trainers' settings."""
    member = b"\x80\x04c__builtin__\ngetattr\nctransformers.trainer_utils\nIntervalStrategy\n\x8c\x05STEPS\x86R."
    assert imports(member) == []
    other = b"\x80\x04c__builtin__\ngetattr\nctransformers.trainer_utils\nIntervalStrategy\n\x8c\x0b__globals__\x86R."
    assert imports(other) == [HIGH]
    once = b"\x80\x04c__builtin__\ngetattr\n\x940ctransformers.trainer_utils\nIntervalStrategy\n\x940"
    harmless, far = b"h\x00h\x01\x8c\x05STEPS\x86R0", b"\x8c\xff" + b"x" * 255
    both = once + harmless + b"%bh\x00h\x01\x8c\x0b__globals__\x86R."
    assert imports(once + harmless + b"N.") == []
    assert imports(both % b"") == [HIGH]
    assert imports(both % (far * 20_000)) == [HIGH]


def test_a_way_through_a_module_is_not_known() -> None:
    assert imports(named("torch.serialization", "shutil.SameFileError", 4)) == [LOW]
    assert imports(named("torch.serialization", "StorageType", 4)) == []


def test_a_name_that_is_made_while_it_loads() -> None:
    data = b"\x80\x04\x8c\x02osN\x93\x8c\x02id\x85R."
    assert imports(data) == [HIGH]


def test_old_objects() -> None:
    assert imports(b"(S'id'\nios\nsystem\n.") == [HIGH]
    assert imports(b"(cos\nsystem\nS'id'\no.") == [HIGH]


# ill will


def told(data: bytes) -> tuple[list[object], list[GapReason]]:
    pieces, gaps = opened(data, "a.pkl")
    return list(pieces), [gap.reason for gap in gaps]


def test_a_memo_that_doubles_costs_nothing() -> None:
    data = b"\x80\x04]\x94" + b"".join(b"]\x94(h%ch%ce" % (number, number) for number in range(200)) + b"."
    assert told(data) == ([], [])


@pytest.mark.parametrize(
    "deep", [b"]" * 20_000 + b"a" * 19_999, b"(" * 20_000 + b"t" * 20_000, b")\x85" + b"\x85" * 20_000]
)
def test_depth(deep: bytes) -> None:
    pieces, gaps = told(b"\x80\x04" + deep + b".")
    assert not pieces
    assert not gaps


def test_a_list_in_itself_has_a_name_of_some_length() -> None:
    inner: list[object] = [VALUES.hub]
    inner.append(inner)
    (finding,) = scanned(pickle.dumps(inner, 4), "a.pkl").findings
    assert finding.place.inner == "[0]"
    loop = b"\x80\x04]\x94]\x94(h\x00\x8c" + bytes([len(VALUES.hub)]) + VALUES.hub.encode() + b"eh\x00h\x01a0."
    (finding,) = scanned(loop, "a.pkl").findings
    assert len(finding.place.inner or "") < 400


@pytest.mark.parametrize(
    "lying",
    [
        b"\x8e" + struct.pack("<Q", 1 << 62),
        b"\x8d" + struct.pack("<Q", (1 << 64) - 1),
        b"\x96" + struct.pack("<Q", 1 << 40),
        b"X\xff\xff\xff\xff",
        b"B\xff\xff\xff\x7f",
        b"\x8b\xff\xff\xff\xff",
        b"\x8b\xff\xff\xff\x7f",
        b"I" + b"1" * 20_000 + b"\nq",
        b"g" + b"9" * 20_000 + b"\n",
        b"\xff",
    ],
)
def test_lengths_that_lie(lying: bytes) -> None:
    data = b"\x80\x04" + b"\x8c\x40" + b"a" * 64 + lying + b" " + VALUES.hub.encode() + b" "
    seen = scanned(data, "a.pkl")
    assert rules(seen) == [RULES.hub]
    assert [gap.reason for gap in seen.gaps] == [GapReason.MALFORMED]


def test_text_in_numbers_is_seen() -> None:
    text = VALUES.hub.encode()
    assert rules(scanned(b"\x80\x04\x8a" + bytes([len(text)]) + text + b".", "a.pkl")) == [RULES.hub]
    assert rules(scanned(pickle.dumps("x" * 80, 0)[:-1] + b"I" + text + b"\n0.", "a.pkl")) == [RULES.hub]


def test_a_stack_without_end_takes_no_memory() -> None:
    from modelguard.readers.pickles.machine import Broken, Machine
    from modelguard.readers.pickles.told import Told

    blob = PathBlob(b"\x80\x04" + b"N(" * 2_000_000, "a.pkl")
    machine = Machine(blob, Told(blob), Limits(Budget()))
    with pytest.raises(Broken, match="too early"):
        machine.walk(0)
    assert len(machine.stack) <= 1_500_000


def test_strings_are_told_in_parts() -> None:
    data = pickle.dumps([f"{number:0200d}" for number in range(40_000)] + [VALUES.hub], 4)
    pieces, gaps = opened(data, "a.pkl")
    assert not gaps
    assert max(len(piece.text) for piece in pieces if isinstance(piece, Text)) < 3_000_000
    (finding,) = scanned(data, "a.pkl").findings
    assert (finding.place.inner or "").endswith(f"[40000], opcode at byte {data.index(VALUES.hub.encode()) - 2}") or (
        finding.place.inner == "[40000]"
    )


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_a_damaged_pickle(protocol: int) -> None:
    made = {"args": Arguments(), "rows": [{"a": "b", "c": (1, 2.5, None, True)}] * 2, "b": b"\xff" * 9, "n": 2**70}
    bears_damage(pickle.dumps(made, protocol), "a.pkl")


@pytest.mark.parametrize("protocol", [0, 1])
@pytest.mark.parametrize("made", [{"note": VALUES.hub}, [VALUES.hub, "x"], OrderedDict(note=VALUES.hub)])
def test_what_older_protocols_begin_with_is_known_whatever_the_file_is_called(made: object, protocol: int) -> None:
    data = pickle.dumps(made, protocol)
    (found,) = scanned(data, "model.dat").findings
    assert (found.rule, found.place.inner) == (RULES.hub, scanned(data, "a.pkl").findings[0].place.inner)
    for text in (b"(dp is a pointer)\n", b"(lp1 of x", b"ccopy_reg\nis a module of Python 2\n"):
        assert kind(text, "notes.txt") is None


def test_kinds() -> None:
    data = pickle.dumps({"a": "b"}, 4)
    assert kind(data, "no-ending") is not None
    assert kind(pickle.dumps({"a": "b"}, 0), "a.pkl") is not None
    for text in (b"Import this\n", b"(see below)\n", b"clean up\nnow\n", b"Va", b"", b"]", b"\x80\x02", b"{}", b"L"):
        assert kind(text, "notes.p") is None, text
    assert kind_of(b"\x80\x04\xff\xff\xff\xff") is None


def test_a_finding_shows_what_is_imported() -> None:
    data = named("os", "system", 4) + named("os", "popen", 4)
    findings = scanned(data, "a.pkl").findings
    assert sorted(finding.excerpt for finding in findings) == ["pickle imports: os.popen", "pickle imports: os.system"]
    assert len({finding.fingerprint for finding in findings}) == 2


def test_text_that_only_says_so_is_no_import() -> None:
    assert not scanned(pickle.dumps(["pickle imports: os.system"], 4), "a.pkl").findings
    assert not scanned(b"pickle imports: os.system\n", "notes.txt").findings


def test_an_extension_that_is_cut_off_has_a_place_in_the_file() -> None:
    data = b"\x80\x02]q\0(K\1K\2e\x83\x01"
    for finding in scanned(data, "a.pkl").findings:
        assert finding.place.byte_end <= len(data)
