"""A program that uploads in every way that huggingface_hub has, each into a repository of its own, under the guard.

Its arguments are the guard's mode (or `off`), and the files to send: a small one and a large one. It prints, as JSON, what
became of each way: `sent`, or the name of the error and what it says.
"""

from __future__ import annotations

import asyncio
import io
import json
import multiprocessing
import shutil
import sys
import threading
import warnings
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import huggingface_hub as hub
from huggingface_hub import CommitOperationAdd, CommitScheduler, HfApi, HfFileSystem, ModelCard, ModelHubMixin

import modelguard.hub

SMALL, LARGE = Path(sys.argv[2]), Path(sys.argv[3])
FOLDER = SMALL.parent
api = HfApi()


def upload_file(repo: str) -> None:
    for path in (SMALL, LARGE):
        api.upload_file(path_or_fileobj=path, path_in_repo=path.name, repo_id=repo)


def upload_bytes(repo: str) -> None:
    for path in (SMALL, LARGE):
        api.upload_file(path_or_fileobj=path.read_bytes(), path_in_repo=path.name, repo_id=repo)


def upload_open_file(repo: str) -> None:
    for path in (SMALL, LARGE):
        with path.open("rb") as file:
            api.upload_file(path_or_fileobj=file, path_in_repo=path.name, repo_id=repo)


def upload_buffer(repo: str) -> None:
    for path in (SMALL, LARGE):
        api.upload_file(path_or_fileobj=io.BytesIO(path.read_bytes()), path_in_repo=path.name, repo_id=repo)


def upload_folder(repo: str) -> None:
    api.upload_folder(folder_path=FOLDER, repo_id=repo)


def upload_folder_as_pull_request(repo: str) -> None:
    api.upload_folder(folder_path=FOLDER, repo_id=repo, create_pr=True)


def functions_of_the_module(repo: str) -> None:
    hub.upload_file(path_or_fileobj=str(SMALL), path_in_repo=SMALL.name, repo_id=repo)
    hub.upload_folder(folder_path=FOLDER, repo_id=repo)


def create_commit(repo: str) -> None:
    adding = [CommitOperationAdd(path.name, path) for path in (SMALL, LARGE)]
    api.create_commit(repo, adding, commit_message="both")


def preupload_then_commit(repo: str) -> None:
    adding = [CommitOperationAdd(path.name, path.read_bytes()) for path in (SMALL, LARGE)]
    api.preupload_lfs_files(repo, adding)
    api.create_commit(repo, adding, commit_message="both")


def run_as_future(repo: str) -> None:
    api.upload_folder(folder_path=FOLDER, repo_id=repo, run_as_future=True).result()


def commit_scheduler(repo: str) -> None:
    scheduler = CommitScheduler(repo_id=repo, folder_path=FOLDER, every=1000)
    try:
        scheduler.trigger().result()
    finally:
        scheduler.stop()


def file_system_write(repo: str) -> None:
    for path in (SMALL, LARGE):
        with HfFileSystem().open(f"{repo}/{path.name}", "wb") as file:
            file.write(path.read_bytes())


def file_system_put(repo: str) -> None:
    for path in (SMALL, LARGE):
        HfFileSystem().put_file(str(path), f"{repo}/{path.name}")


class Model(ModelHubMixin):
    def generate_model_card(self, *arguments: Any, **options: Any) -> ModelCard:
        return ModelCard("---\nlicense: mit\n---\n# a model\n")

    def _save_pretrained(self, save_directory: Path) -> None:
        for path in (SMALL, LARGE):
            shutil.copy(path, save_directory / path.name)


def model_hub_mixin(repo: str) -> None:
    Model().push_to_hub(repo)


def model_card(repo: str) -> None:
    ModelCard(f"---\nlicense: mit\n---\n{SMALL.read_text()}").push_to_hub(repo)


def readme_in_a_folder(repo: str) -> None:
    folder = FOLDER.parent / "carded"
    folder.mkdir(exist_ok=True)
    (folder / "README.md").write_text(f"---\nlicense: mit\n---\n{SMALL.read_text()}\r\n")
    shutil.copy(LARGE, folder / LARGE.name)
    api.upload_folder(folder_path=folder, repo_id=repo)


def hf_upload_folder(repo: str) -> None:
    _hf("upload", repo, str(FOLDER))


def hf_upload_file(repo: str) -> None:
    _hf("upload", repo, str(SMALL))
    _hf("upload", repo, str(LARGE))


def _hf(*arguments: str) -> None:
    from huggingface_hub.cli.hf import app

    app(list(arguments), standalone_mode=False)


def thread(repo: str) -> None:
    _raised_in(lambda run: threading.Thread(target=run), lambda: upload_folder(repo))


def asyncio_to_thread(repo: str) -> None:
    async def main() -> None:
        await asyncio.gather(asyncio.to_thread(upload_file, repo), asyncio.sleep(0))

    asyncio.run(main())


def fork(repo: str) -> None:
    context = multiprocessing.get_context("fork")
    told: Any = context.Queue()
    process = context.Process(target=_in_fork, args=(repo, told))
    process.start()
    name, message = told.get(timeout=100)
    process.join()
    if name:
        raise {"UploadBlocked": modelguard.hub.UploadBlocked, "GuardError": modelguard.hub.GuardError}[name](message)


def _in_fork(repo: str, told: Any) -> None:
    try:
        upload_folder(repo)
        told.put(("", ""))
    except Exception as error:
        told.put((type(error).__name__, str(error)))


def bucket(repo: str) -> None:
    api.batch_bucket_files(repo, add=[(SMALL, SMALL.name), (LARGE.read_bytes(), LARGE.name)])


def bucket_sync(repo: str) -> None:
    api.sync_bucket(str(FOLDER), f"hf://buckets/{repo}")


def hf_sync(repo: str) -> None:
    _hf("sync", str(FOLDER), f"hf://buckets/{repo}")


def file_system_bucket(repo: str) -> None:
    with HfFileSystem().open(f"buckets/{repo}/{SMALL.name}", "wb") as file:
        file.write(SMALL.read_bytes())
    HfFileSystem().put_file(str(LARGE), f"buckets/{repo}/{LARGE.name}")


def discussion(repo: str) -> None:
    api.create_discussion(repo, "A question", description=SMALL.read_text() + LARGE.read_text())


def commit_message(repo: str) -> None:
    adding = CommitOperationAdd("empty.txt", b"nothing")
    api.create_commit(repo, [adding], commit_message=SMALL.read_text(), commit_description=LARGE.read_text())


def _raised_in(start: Callable[[Callable[[], None]], Any], work: Callable[[], None]) -> None:
    raised: list[BaseException] = []

    def run() -> None:
        try:
            work()
        except BaseException as error:
            raised.append(error)

    started = start(run)
    started.start()
    started.join()
    if raised:
        raise raised[0]


REPOSITORIES: list[Callable[[str], None]] = [
    upload_file,
    upload_bytes,
    upload_open_file,
    upload_buffer,
    upload_folder,
    upload_folder_as_pull_request,
    functions_of_the_module,
    create_commit,
    preupload_then_commit,
    run_as_future,
    commit_scheduler,
    file_system_write,
    file_system_put,
    model_hub_mixin,
    model_card,
    readme_in_a_folder,
    hf_upload_folder,
    hf_upload_file,
    thread,
    asyncio_to_thread,
    fork,
    discussion,
    commit_message,
]
BUCKETS: list[Callable[[str], None]] = [bucket, bucket_sync, hf_sync, file_system_bucket]


def main() -> None:
    warnings.simplefilter("ignore")
    mode = sys.argv[1]
    told = {}
    for way in REPOSITORIES:
        api.create_repo(f"org/{way.__name__}", exist_ok=True)
    ways = [*REPOSITORIES, *(() if hub.constants.HF_HUB_DISABLE_XET else BUCKETS)]
    with nullcontext() if mode == "off" else modelguard.hub.guard(mode):
        for way in ways:
            try:
                way(f"org/{way.__name__}")
            except Exception as error:
                told[way.__name__] = [type(error).__name__, str(error)]
            else:
                told[way.__name__] = ["sent", ""]
    print(f"\n{json.dumps(told)}")


if __name__ == "__main__":
    main()
