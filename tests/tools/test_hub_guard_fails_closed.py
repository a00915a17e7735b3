"""Whatever breaks, changes or is not as the guard knows it: nothing is sent."""

from __future__ import annotations

import json
import textwrap
from pathlib import Path

import pytest

from modelguard.rules.templates import expand
from tests.tools.hub import Hub
from tests.tools.hub.client import token
from tests.tools.hub.commands import Commands

XET = [pytest.param(True, id="xet"), pytest.param(False, id="lfs")]
START = """
    import io, os, sys, subprocess
    from pathlib import Path
    import huggingface_hub
    from huggingface_hub import CommitOperationAdd, HfApi
    import modelguard.hub
    from modelguard.guards.hub import making, scanner, standing
    api = HfApi()
    small, large = Path("small.txt"), Path("large.bin")

    def tried(call, *arguments, **options):
        try:
            call(*arguments, **options)
            print("sent")
        except Exception as error:
            print(type(error).__name__, error)

    def both():
        adding = [CommitOperationAdd(each.name, each) for each in (small, large)]
        api.create_commit("org/model", adding, commit_message="both")
"""


@pytest.fixture
def hub(hub: Hub) -> Hub:
    hub.add("model", "org/model")
    return hub


@pytest.fixture(params=XET)
def run(request: pytest.FixtureRequest, hub: Hub, tmp_path: Path, shared_cache: Path) -> Commands:
    (tmp_path / "small.txt").write_text("a small file\n")
    (tmp_path / "large.bin").write_bytes(b"a large file" + bytes(range(256)) * 9000)
    return Commands.beside(hub, tmp_path, shared_cache, request.param)


def after(run: Commands, source: str, **variables: str) -> list[str]:
    """What a program prints, line by line."""
    return run.python(textwrap.dedent(START) + textwrap.dedent(source), **variables).splitlines()


def nothing_was_sent(run: Commands) -> bool:
    return run.hub.record.asked("preupload|/commit/|_lfs|objects/batch|/cas/|validate-yaml") == []


BREAKS = {
    "raises": "raise KeyError('a bug')",
    "recurses": "return broken(*arguments)",
    "ends": "sys.executable = '/bin/false'; return scan(*arguments)",
    "talks nonsense": "sys.executable = '/bin/echo'; return scan(*arguments)",
    "is not there": "sys.executable = '/nowhere/python'; return scan(*arguments)",
    "has no name": "sys.executable = ''; return scan(*arguments)",
    "says too little": (
        "import msgspec.structs as s; told = scan(*arguments);"
        " return s.replace(told, stats=s.replace(told.stats, blobs=0), exit_status=0)"
    ),
}


@pytest.mark.parametrize("how", BREAKS)
def test_a_scan_that_breaks(run: Commands, how: str) -> None:
    (said,) = after(
        run,
        f"""
    scan = scanner.look_at_elsewhere
    def broken(*arguments):
        {BREAKS[how]}
    scanner.look_at_elsewhere = broken
    with modelguard.hub.guard():
        tried(both)
    """,
    )
    assert said.startswith("GuardError the scan"), said
    assert nothing_was_sent(run)


def test_a_scan_that_is_killed(run: Commands) -> None:
    (said,) = after(
        run,
        """
    import signal, threading, time
    def kill():
        while True:
            for each in Path("/proc").glob("[0-9]*/cmdline"):
                try:
                    words, parent = each.read_bytes().split(b"\\0"), (each.parent / "stat").read_text().split()[3]
                except OSError:
                    continue
                if int(parent) == os.getpid() and b"-I" in words:
                    return os.kill(int(each.parent.name), signal.SIGKILL)
    threading.Thread(target=kill, daemon=True).start()
    with modelguard.hub.guard():
        tried(both)
    """,
    )
    assert said.startswith("GuardError the scan of what would be sent broke off"), said
    assert nothing_was_sent(run)


def test_settings_that_are_wrong_are_told_before_the_guard_stands(run: Commands) -> None:
    (run.home / ".modelguard.yaml").write_text("no_such_key: 1\n")
    (said,) = after(run, "tried(lambda: modelguard.hub.guard().__enter__())")
    assert said.startswith("SettingsError")
    (run.home / ".modelguard.yaml").write_text("baseline: nowhere.json\n")
    (said,) = after(run, "modelguard.hub.enable(); tried(both)")
    assert said.startswith("GuardError") and nothing_was_sent(run)


CHANGES = {
    "a file that is written anew": 'large.write_bytes(b"changed afterwards".ljust(large.stat().st_size))',
    "a file that grows": 'open(large, "ab").write(b"changed afterwards")',
    "another file": 'Path("other").write_bytes(b"changed afterwards" * 9000); os.replace("other", large)',
    "a link that leads elsewhere": (
        'Path("other").write_bytes(b"changed afterwards" * 9000); large.unlink(); large.symlink_to("other")'
    ),
    "bytes alone": (
        "state = os.stat(large); file = open(large, 'r+b'); file.seek(1_500_000); file.write(b'changed afterwards');"
        " file.close(); os.utime(large, ns=(state.st_atime_ns, state.st_mtime_ns))"
    ),
    "another path in the operation": (
        'Path("other").write_bytes(b"changed afterwards" * 9000); adding[1].path_or_fileobj = "other"'
    ),
    "other bytes in the operation": 'adding[1].path_or_fileobj = b"changed afterwards" * 9000',
    "other bytes and a matching sample": (
        'other = b"changed afterwards" * 9000; adding[1].path_or_fileobj = other;'
        " adding[1].upload_info = type(adding[1].upload_info).from_bytes(other)"
    ),
}


@pytest.mark.parametrize("change", CHANGES)
def test_what_changes_between_its_scan_and_its_upload(run: Commands, change: str) -> None:
    (said,) = after(
        run,
        f"""
    with modelguard.hub.guard():
        adding = [CommitOperationAdd(each.name, each) for each in (small, large)]
        {CHANGES[change]}
        tried(api.create_commit, "org/model", adding, commit_message="both")
    """,
    )
    assert said.startswith(("GuardError", "RuntimeError Error while uploading 'large.bin' to the Hub.")), said
    assert run.hub.record.holding(b"changed afterwards") == []
    assert run.hub.repositories["model", "org/model"].refs["refs/heads/main"].files == {}


def test_operations_from_before_the_guard(run: Commands) -> None:
    said = after(
        run,
        """
    adding = [CommitOperationAdd("a.txt", small), CommitOperationAdd("b.bin", b"bytes")]
    with modelguard.hub.guard():
        for each in adding:
            tried(api.create_commit, "org/model", [each], commit_message="early")
    """,
    )
    assert all(each.startswith("GuardError") for each in said) and nothing_was_sent(run)


def test_a_client_that_somebody_sets_later_goes_through_the_guard(run: Commands) -> None:
    said = after(
        run,
        """
    import httpx2
    from huggingface_hub.utils import get_session
    made = []
    def mine():
        made.append(httpx2.Client())
        return made[-1]
    with modelguard.hub.guard():
        huggingface_hub.set_client_factory(mine)
        url = f"{huggingface_hub.constants.ENDPOINT}/api/models/org/model/preupload/main"
        tried(get_session().post, url, json={"files": [{"path": "x", "sample": "eA==", "size": 1}]})
        tried(get_session().put, "http://127.0.0.1:9/storage", content=iter([b"a stream"]))
    print(len(made), huggingface_hub.utils._http._GLOBAL_CLIENT_FACTORY is mine)
    """,
    )
    assert said[0].startswith("GuardError x: it was not scanned as it would be sent")
    assert said[1].startswith("GuardError PUT to 127.0.0.1: a client sends a stream that was never scanned")
    assert said[2] == "1 True" and nothing_was_sent(run)


def test_requests_that_nobody_knows_are_scanned(run: Commands) -> None:
    secret = expand("hf_<alnum:34>", 81)
    said = after(
        run,
        f"""
    from huggingface_hub.utils import get_session
    url = huggingface_hub.constants.ENDPOINT
    with modelguard.hub.guard():
        tried(get_session().post, f"{{url}}/api/of-next-year", json={{"text": "{secret}"}})
        tried(get_session().post, f"{{url}}/uploads", content=b"{secret}")
        tried(get_session().post, f"{{url}}/api/of-next-year", json={{"text": "clean"}})
        tried(get_session().post, f"{{url}}/api/models/org/model/commit/main", content=b"not json")
        tried(get_session().post, f"{{url}}/api/models/org/model/commit/main", json={{"key": "ofNextYear", "value": {{}}}})
    """,
    )
    assert [each.split(" ")[0] for each in said] == [
        "UploadBlocked",
        "UploadBlocked",
        "sent",
        "GuardError",
        "GuardError",
    ]
    assert run.hub.record.holding(secret.encode()) == [] and secret not in "".join(said)


def test_secrets_of_a_space_are_kept_by_the_hub_and_pass(run: Commands) -> None:
    secret = expand("hf_<alnum:34>", 82)
    said = after(
        run,
        f"""
    with modelguard.hub.guard():
        keys = {{"space_sdk": "static", "repo_type": "space"}}
        tried(api.create_repo, "org/space", space_secrets=[{{"key": "A", "value": "{secret}"}}], **keys)
        tried(api.create_repo, "org/open", space_variables=[{{"key": "A", "value": "{secret}"}}], **keys)
    """,
    )
    assert said[0] == "sent" and said[1].startswith("UploadBlocked")
    assert ("space", "org/open") not in run.hub.repositories


MISSING = {
    "a method": (
        "del huggingface_hub._commit_api.CommitOperationAdd.as_file",
        "_commit_api.CommitOperationAdd.as_file",
    ),
    "a function": ("del huggingface_hub.utils._http.set_client_factory", "utils._http.set_client_factory"),
    "another version": (
        "import importlib.metadata as m; before = m.version; standing.version = lambda name: '3.0.0'",
        "it is version 3.0.0, and the guard knows 1.x and 2.x",
    ),
    "another form": (
        "del CommitOperationAdd.__dataclass_fields__['upload_info']",
        "its CommitOperationAdd is made in another way",
    ),
}


@pytest.mark.parametrize("what", MISSING)
def test_a_client_that_is_not_as_the_guard_knows_it(run: Commands, what: str) -> None:
    change, said = MISSING[what]
    (told,) = after(run, f"import huggingface_hub.utils._http\n{change}\ntried(modelguard.hub.enable)")
    assert told.startswith("GuardError the guard cannot see what this huggingface_hub sends: ") and said in told


def test_where_xet_cannot_be_given_bytes_it_is_not_used(run: Commands) -> None:
    said = after(
        run,
        """
    import hf_xet
    del huggingface_hub.utils._xet.XetSessionHolder
    before = huggingface_hub.constants.HF_HUB_DISABLE_XET
    with modelguard.hub.guard():
        tried(both)
        tried(hf_xet.upload_files, [str(large)], None, None, None, None, "model")
    print(huggingface_hub.constants.HF_HUB_DISABLE_XET == before)
    """,
    )
    assert said[0] == "sent" and said[1].startswith("GuardError hf_xet.upload_files reads") and said[2] == "True"
    assert run.hub.record.asked("/cas/") == [] and run.hub.record.asked("PUT /_lfs/")


def test_a_guard_goes_away_and_leaves_all_as_it_was(run: Commands) -> None:
    secret = expand("hf_<alnum:34>", 83)
    (run.home / "small.txt").write_text(secret)
    said = after(
        run,
        """
    import huggingface_hub._commit_api as c, huggingface_hub.utils._http as h
    def names():
        return (c.CommitOperationAdd.__post_init__, c.CommitOperationAdd.as_file, h.set_client_factory,
                h.set_async_client_factory, HfApi._batch_bucket_files, h._GLOBAL_CLIENT_FACTORY)
    before = names()
    modelguard.hub.enable("warn", told=lambda error, result: None)
    with modelguard.hub.guard():
        tried(both)
    with modelguard.hub.guard("warn", told=lambda error, result: print("told", len(result.blocking))):
        tried(both)
    print(names() == before)
    modelguard.hub.disable()
    modelguard.hub.disable()
    print(names() == before)
    tried(both)
    tried(lambda: modelguard.hub.guard("loud").__enter__())
    """,
    )
    assert said[0].startswith("UploadBlocked")
    assert said[1:3] == ["told 1", "sent"]
    assert said[3:6] == ["False", "True", "sent"] and said[6].startswith("UsageError")


def test_what_was_mended_is_sent_though_the_old_operation_is_still_there(run: Commands) -> None:
    secret = expand("hf_<alnum:34>", 85)
    filling = "some words\n" * 100
    (run.home / "small.txt").write_text(f"{filling}{secret}\n")
    said = after(
        run,
        f"""
    with modelguard.hub.guard():
        stopped = CommitOperationAdd("small.txt", small)
        tried(api.create_commit, "org/model", [stopped], commit_message="first")
        tried(api.create_commit, "org/model", [stopped], commit_message="again")
        small.write_text(small.read_text().replace("{secret}", "x" * {len(secret)}))
        mended = CommitOperationAdd("small.txt", small)
        tried(api.create_commit, "org/model", [mended], commit_message="mended")
    """,
    )
    assert [each.split(" ")[0] for each in said] == ["UploadBlocked", "UploadBlocked", "sent"]
    assert run.hub.record.holding(secret.encode()) == []


def test_what_the_project_allows_in_a_card_passes(run: Commands) -> None:
    secret = expand("hf_<alnum:34>", 86)
    allow = ": ".join(("modelguard", "allow"))
    (run.home / "card").mkdir()
    (run.home / "card" / "README.md").write_bytes(
        f"---\nlicense: mit\n---\r\n{secret} <!-- {allow}[hf-user-token] gone -->\r\n".encode()
    )
    said = after(
        run, "with modelguard.hub.guard():\n    tried(api.upload_folder, folder_path='card', repo_id='org/model')"
    )
    assert said == ["sent"]
    (run.home / "card" / "README.md").write_text(
        f"---\nlicense: mit\n---\n{secret}\nx <!-- {allow}[hf-user-token] gone -->\n"
    )
    said = after(
        run, "with modelguard.hub.guard():\n    tried(api.upload_folder, folder_path='card', repo_id='org/model')"
    )
    assert said[0].startswith("UploadBlocked") and "README.md:4:1" in said[0]


def test_an_open_file_stays_where_it_was(run: Commands) -> None:
    said = after(
        run,
        """
    with modelguard.hub.guard(), large.open("rb") as file:
        tried(api.upload_file, path_or_fileobj=file, path_in_repo="a.bin", repo_id="org/model")
        print(file.tell())
        adding = CommitOperationAdd("b.bin", file)
        file.close()
        tried(api.create_commit, "org/model", [adding], commit_message="closed")
    """,
    )
    assert said[:2] == ["sent", "0"] and said[2].startswith("GuardError")
    assert list(run.hub.repositories["model", "org/model"].refs["refs/heads/main"].files) == ["a.bin"]


def test_an_error_says_where_and_nothing_more(run: Commands) -> None:
    secret, mine = expand("hf_<alnum:34>", 84), token(14)
    (run.home / "small.txt").write_text(f"{secret}\n")
    run = Commands(run.hub, run.home, run.xet, mine)
    (said,) = after(
        run,
        """
    import json, pickle
    modelguard.hub.enable()
    try:
        both()
    except modelguard.hub.UploadBlocked as error:
        found = error.findings[0]
        print(json.dumps([str(error), error.remedy, found.rule, found.origin.path, found.place.line, repr(error)]))
    """,
        HF_DEBUG="1",
    )
    assert json.loads(said)[2:5] == ["hf-user-token", "small.txt", 1]
    assert secret not in said and mine not in said
