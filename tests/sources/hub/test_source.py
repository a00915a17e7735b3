"""What a repository is said to hold: each object once, at a pinned commit, and what is shown besides files."""

from __future__ import annotations

from typing import Any

import pytest

from modelguard.errors import HubError
from modelguard.model import Gap, LeftOut
from modelguard.sources.exclusion import Exclusions
from modelguard.sources.hub.address import Address, parse_address
from modelguard.sources.hub.blob import HubBlob
from modelguard.sources.hub.since import parse_since
from modelguard.sources.hub.source import HubSource, Wanted, repositories_named
from modelguard.sources.interface import Item
from tests.tools.hub import Entry, Fault, Hub, Person, Repository, Sparse
from tests.tools.hub.client import token
from tests.tools.hub.scanning import bare

MODEL = Address("model", "org/model")


def items(hub: Hub, address: Address = MODEL, exclude: tuple[str, ...] = (), **wanted: Any) -> list[Item]:
    return list(HubSource(hub.url, [address], Wanted(**wanted), Exclusions(exclude)).items())


def files(found: list[Item]) -> list[str]:
    return [bare(each.origin.path).removeprefix("hf://") for each in found if isinstance(each, HubBlob)]


def texts(found: list[Item]) -> dict[str, str]:
    kept = (each for each in found if not isinstance(each, (HubBlob, Gap, LeftOut)))
    return {each.origin.path.removeprefix("hf://"): each.read(0, 10**6).decode() for each in kept}


def gaps(found: list[Item]) -> list[str]:
    return [each.detail for each in found if isinstance(each, Gap)]


@pytest.fixture
def model(hub: Hub) -> Repository:
    return hub.add("model", "org/model", {"a.txt": b"a", "sub/b.txt": b"b"})


def test_files_are_those_of_the_commit_that_was_listed(hub: Hub, model: Repository) -> None:
    found = [each for each in items(hub) if isinstance(each, HubBlob)]
    sha = model.refs["refs/heads/main"].id
    assert [each.origin.path for each in found] == [
        f"hf://models/org/model@{sha[:12]}/{name}" for name in ("a.txt", "sub/b.txt")
    ]
    model.commit({"a.txt": b"A"})
    assert found[0].read(0, 9) == b"a"


def test_lists_of_many_pages_are_read_to_their_end(hub: Hub) -> None:
    hub.page = 7
    repository = hub.add("model", "org/model", {f"part/{number:03}.txt": b"%d" % number for number in range(100)})
    for number in range(20):
        repository.commit({}, f"commit {number}")
    found = items(hub)
    assert len(files(found)) == 100 and len(texts(found)) == 22


@pytest.mark.parametrize("path", ["sub", "sub/b.txt"])
def test_a_path_is_a_file_or_a_folder(hub: Hub, model: Repository, path: str) -> None:
    found = items(hub, Address("model", "org/model", None, path))
    assert files(found) == ["models/org/model/sub/b.txt"] and texts(found) == {}


def test_a_path_that_is_not_there_is_a_gap(hub: Hub, model: Repository) -> None:
    assert gaps(items(hub, Address("model", "org/model", None, "su"))) == ["there is no such file; check the path"]


def test_any_revision(hub: Hub, model: Repository) -> None:
    first = model.refs["refs/heads/main"]
    model.refs["refs/tags/v1"] = first
    model.commit({"new.txt": b"n"})
    proposed = model.discuss("proposal", "please", pull_request=True)
    model.commit({"proposed.txt": b"p"}, ref=f"refs/pr/{proposed.num}")
    for revision, count in (("v1", 2), (first.id, 2), ("main", 3), ("refs/pr/1", 4), ("refs/tags/v1", 2)):
        assert len(files(items(hub, Address("model", "org/model", revision)))) == count
    with pytest.raises(HubError, match="no revision nonsense"):
        items(hub, Address("model", "org/model", "nonsense"))


def test_all_revisions_tell_each_object_once(hub: Hub, model: Repository) -> None:
    large = Entry(Sparse(10**9, {0: b"x"}), lfs=True)
    model.commit({"large.bin": large, "a.txt": b"second"}, "second")
    model.commit({"moved/large.bin": large, "large.bin": None, "copy.txt": b"b"}, "third")
    proposed = model.discuss("proposal", "", pull_request=True)
    model.commit({"secret.env": b"only here"}, "in a pull request", ref=f"refs/pr/{proposed.num}")
    model.commit({"branch.txt": b"on a branch"}, ref="refs/heads/work")
    found = items(hub, all_revisions=True)
    assert sorted(files(found)) == [
        f"models/org/model/{name}"
        for name in ("a.txt", "a.txt", "branch.txt", "copy.txt", "moved/large.bin", "secret.env", "sub/b.txt")
    ]
    assert sorted(each.read(0, 99) for each in found if isinstance(each, HubBlob) and "a.txt" in each.origin.path) == [
        b"a",
        b"second",
    ]
    assert "in a pull request\n" in texts(found).values()


def test_since_is_what_later_commits_brought(hub: Hub, model: Repository) -> None:
    for year, name in ((2020, "old"), (2022, "middle"), (2024, "new")):
        model.commit({f"{name}.txt": name.encode()}, name, date=f"{year}-01-01T00:00:00.000Z")
    model.commit({"a.txt": b"changed"}, "changed", date="2025-01-01T00:00:00.000Z")
    found = items(hub, since=parse_since("2023-01-01"))
    assert sorted(files(found)) == ["models/org/model/a.txt", "models/org/model/new.txt"]
    assert sorted(texts(found).values()) == ["changed\n", "new\n"]


def test_exclusions_hold(hub: Hub, model: Repository) -> None:
    model.commit({"node_modules/x.js": b"x"})
    found = items(hub, exclude=("*.txt",))
    assert files(found) == []
    left = {bare(each.path): each.reason for each in found if isinstance(each, LeftOut)}
    assert left["hf://models/org/model/a.txt"] == "excluded by settings"
    assert left["hf://models/org/model/node_modules/x.js"] == "installed third-party packages"


def test_what_is_shown_besides_files(hub: Hub) -> None:
    space = hub.add("space", "org/app", {"app.py": b"1"}, card={"title": "An app", "license": "mit"})
    space.commit({}, "a title", "and a message")
    space.variables = {"MODEL": {"value": "org/model", "description": "which one"}}
    talk = space.discuss("A question", "first words")
    talk.say("edited words", before=("said before",))
    talk.event("title-change", "tester", {"from": "An older title", "to": "A question"})
    space.discuss("A change", "please", pull_request=True).event(
        "commit", "tester", {"subject": "of the change", "oid": "1"}
    )
    found = texts(items(hub, Address("space", "org/app"), discussions=True))
    assert '"title": "An app"' in found["spaces/org/app"]
    assert "a title\n\nand a message\n" in found.values()
    assert found["spaces/org/app/settings"] == "MODEL=org/model\n# which one\n"
    assert found["spaces/org/app/discussions/1"].split("\n") == [
        *("A question", "first words", "edited words", "said before", "An older title", ""),
    ]
    assert "of the change" in found["spaces/org/app/discussions/2"]
    assert "spaces/org/app/discussions/1" not in texts(items(hub, Address("space", "org/app")))


def test_what_a_token_may_not_list_of_a_space_is_left_out(hub: Hub) -> None:
    hub.people = {token(): Person("guest")}
    hub.add("space", "org/app", {"app.py": b"1"})
    left = [each for each in items(hub, Address("space", "org/app")) if isinstance(each, LeftOut)]
    assert [each.path for each in left] == ["hf://spaces/org/app/settings"]


@pytest.mark.parametrize(
    ("about", "message"),
    [
        ({"private": True}, "has no such model, or does not let you see it"),
        ({"gated": "manual"}, "gated, and you have not been let in"),
    ],
)
def test_missing_rights_are_an_error(hub: Hub, about: dict[str, Any], message: str) -> None:
    hub.people = {token(): Person("guest")}
    hub.add("model", "org/model", {"a.txt": b"a"}, **about)
    with pytest.raises(HubError, match=message) as error:
        items(hub)
    assert token() not in error.value.message + error.value.remedy
    hub.people = {token(): Person("guest", ("org",))}
    assert files(items(hub)) == ["models/org/model/a.txt"]


def test_of_several_one_that_may_not_be_seen_is_a_gap(hub: Hub, model: Repository) -> None:
    source = HubSource(hub.url, [Address("model", "org/none"), MODEL], Wanted(), Exclusions())
    found = list(source.items())
    assert files(found) == ["models/org/model/a.txt", "models/org/model/sub/b.txt"]
    assert "has no such model" in gaps(found)[0]


@pytest.mark.usefixtures("pauses")
@pytest.mark.parametrize(
    ("matches", "detail"),
    [
        ("/tree/", "its files could not be listed"),
        ("/commits/", "its commits could not be listed"),
        ("/discussions", "its discussions could not be read"),
    ],
)
@pytest.mark.parametrize("status", [400, 500])
def test_lists_that_fail_are_gaps(hub: Hub, model: Repository, matches: str, detail: str, status: int) -> None:
    hub.faults = [Fault(matches, status=status)]
    assert [each.partition(":")[0] for each in gaps(items(hub, discussions=True))] == [detail]


def test_a_list_that_fails_once_is_asked_for_again(hub: Hub, model: Repository, pauses: list[float]) -> None:
    hub.faults = [Fault("/tree/", times=2, status=503), Fault("/api/models/org/model$", times=1, cut=5)]
    found = items(hub)
    assert len(files(found)) == 2 and gaps(found) == [] and len(pauses) == 3


def test_a_long_wait_is_said(hub: Hub, model: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []
    monkeypatch.setattr("modelguard.sources.hub.transport.time.sleep", slept.append)
    hub.faults = [Fault("/tree/", times=1, status=429, headers={"RateLimit": '"api";r=0;t=55'})]
    said: list[str] = []
    assert len(files(list(HubSource(hub.url, [MODEL], Wanted(), Exclusions(), said.append).items()))) == 2
    assert said[0] == f"{hub.url} asks to be left alone for 55 seconds; waiting"
    assert 55 <= sum(slept) < 56


def entry(path: str, size: object = 1) -> bytes:
    import json

    return json.dumps([{"type": "file", "path": path, "size": size, "oid": "0" * 40}]).encode()


@pytest.mark.parametrize("path", ["../x", "a/../../x", "/etc/passwd", "a//b", "./a", "", "a\0b"])
def test_a_path_that_leads_elsewhere_is_a_gap(hub: Hub, model: Repository, path: str) -> None:
    hub.faults = [Fault("/tree/", status=200, body=entry(path))]
    assert gaps(items(hub)) == ["the Hub lists a path that leads out of its repository"]
    assert hub.record.asked("resolve") == []


@pytest.mark.usefixtures("pauses")
@pytest.mark.parametrize(
    "fault",
    [
        Fault("/tree/", status=200, body=b"[" * 100_000),
        Fault("/tree/", status=200, body=b"\xff\xfe"),
        Fault("/tree/", status=200, body=b'{"type": "file"}'),
        Fault("/tree/", status=200, body=entry("a", "many")),
        Fault("/tree/", status=200, body=entry("a", -5)),
        Fault("/tree/", status=200, body=b"[]", headers={"Link": '<http://elsewhere.test/next>; rel="next"'}),
        Fault("/tree/", status=200, body=b"[]", headers={"Link": '</api/models/org/model/tree/x>; rel="next"'}),
        Fault("/tree/", status=200, body=b"[]", headers={"Link": '<http://[bad/next>; rel="next"'}),
        Fault("/tree/", status=200, body=b"[]", headers={"Link": '<//127.0.0.2:1/next>; rel="next"'}),
        Fault("/commits/", status=200, body=b'[{"id": "../../x", "title": "t"}]'),
        Fault("/commits/", status=200, body=b'[{"id": 5}]'),
    ],
)  # fmt: skip
def test_lists_that_are_none_are_gaps(hub: Hub, model: Repository, fault: Fault) -> None:
    hub.faults = [fault]
    assert len(gaps(items(hub))) == 1
    assert {each.target.split("/")[1] for each in hub.record.requests} == {"api"}


@pytest.mark.parametrize(
    "said",
    [
        {"title": 5, "events": 7, "diff": ["x"]},
        {
            "events": [
                5,
                {"data": 5},
                {"data": {"latest": 5, "history": 5}},
                {"data": {"latest": {"raw": 5}, "history": [5]}},
            ]
        },
        {"events": {"a": 1}},
    ],
)
def test_a_discussion_of_any_form_is_read_as_far_as_it_says_something(
    hub: Hub, model: Repository, said: object
) -> None:
    import json

    model.discuss("A question", "text")
    hub.faults = [Fault("/discussions/1", status=200, body=json.dumps(said).encode())]
    found = items(hub, discussions=True)
    assert gaps(found) == [] and texts(found)["models/org/model/discussions/1"] == "\n"


@pytest.mark.parametrize("value", [5, None, [], {"value": 5}])
def test_variables_of_any_form_have_names(hub: Hub, value: object) -> None:
    import json

    hub.add("space", "org/app", {"app.py": b"1"})
    hub.faults = [Fault("/variables", status=200, body=json.dumps({"NAME": value}).encode())]
    assert texts(items(hub, Address("space", "org/app")))["spaces/org/app/settings"] == "NAME=\n"


def test_an_endless_list_is_not_read_for_ever(hub: Hub, model: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("modelguard.sources.hub.client.MOST_JSON_BYTES", 1_000_000)
    hub.faults = [Fault("/tree/", endless=True)]
    assert len(gaps(items(hub))) == 1
    assert hub.record.bytes_sent < 20_000_000


@pytest.mark.parametrize("sha", ["../../other", "main", 7])
def test_a_commit_that_is_none_is_an_error(hub: Hub, model: Repository, sha: object) -> None:
    import json

    hub.faults = [Fault("/api/models/org/model$", status=200, body=json.dumps({"sha": sha}).encode())]
    with pytest.raises(HubError, match="not as it should be"):
        items(hub)


def test_a_repository_without_a_commit_holds_nothing(hub: Hub, model: Repository) -> None:
    hub.faults = [Fault("/api/models/org/model$", status=200, body=b'{"sha": null}')]
    assert items(hub) == []


def test_all_repositories_of_an_owner(hub: Hub) -> None:
    hub.page = 2
    for kind in ("model", "dataset", "space"):
        for number in range(3):
            hub.add(kind, f"org/{kind}{number}")
    hub.add("model", "other/model")
    hub.add("model", "org/hidden", private=True)
    named = repositories_named(hub.url, "org", None)
    assert [each.id for each in named if each.kind == "model"] == [
        "org/hidden",
        "org/model0",
        "org/model1",
        "org/model2",
    ]
    assert len(named) == 10
    assert [each.id for each in repositories_named(hub.url, "org", "dataset")] == [f"org/dataset{n}" for n in range(3)]


@pytest.mark.parametrize("name", ["org/..", "other/model", "org/a\x1b[31m", "org/a/b"])
def test_a_list_of_what_is_not_theirs_is_an_error(hub: Hub, name: str) -> None:
    import json

    hub.faults = [Fault("/api/models", status=200, body=json.dumps([{"id": name}]).encode())]
    with pytest.raises(HubError, match="no repository of theirs"):
        repositories_named(hub.url, "org", None)


def test_what_will_be_read_is_said_before_it_is(hub: Hub, model: Repository) -> None:
    model.commit({"model.safetensors": Entry(Sparse(10**9, {}), lfs=True)})
    said: list[str] = []
    address = parse_address("org/model")
    next(HubSource(hub.url, [address], Wanted(), Exclusions(), said.append).items())
    assert said == ["hf://models/org/model: 3 files, 1.0 GB; about 262.1 kB will be read"]
    assert hub.record.asked("resolve") == []
