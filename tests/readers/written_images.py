"""Images of containers in memory, as `docker save` and tools for OCI layouts write them."""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
from collections.abc import Callable, Mapping, Sequence

from tests.packed import tarred

Files = Sequence[tuple[str, bytes]]


def layer(*files: tuple[str, bytes]) -> bytes:
    """A layer."""
    return tarred(*files, dialect=tarfile.USTAR_FORMAT)


def saved(*layers: bytes, images: Sequence[Sequence[int]] = (), more: Files = ()) -> bytes:
    """As docker saved images before it wrote OCI layouts; `images` are the layers of each, by number."""
    names = [f"{number:x}".rjust(64, "0") + "/layer.tar" for number in range(len(layers))]
    manifest = [
        {"Config": "0.json", "RepoTags": None, "Layers": [names[number] for number in image]}
        for image in images or [range(len(layers))]
    ]
    listed = (*zip(names, layers, strict=True), *more, ("manifest.json", json.dumps(manifest).encode()))
    return tarred(*listed, dialect=tarfile.USTAR_FORMAT)


def digest(data: bytes) -> str:
    """The digest of a blob."""
    return "sha256:" + hashlib.sha256(data).hexdigest()


def in_blobs(data: bytes) -> str:
    """Where a blob lies."""
    return "blobs/" + digest(data).replace(":", "/")


def layout(*layers: bytes, pack: Callable[[bytes], bytes] = bytes, nested: bool = False, before: str = "") -> bytes:
    """An OCI layout in a tar; `nested` has an index for each platform between."""
    packed = [pack(each) for each in layers]
    top = json.dumps({"schemaVersion": 2, "layers": [{"digest": digest(each)} for each in packed]}).encode()
    blobs = [*packed, top]
    if nested:
        top = json.dumps({"schemaVersion": 2, "manifests": [{"digest": digest(top)}, {"digest": "sha256:0"}]}).encode()
        blobs.append(top)
    index = json.dumps({"schemaVersion": 2, "manifests": [{"digest": digest(top)}]}).encode()
    files = [*((in_blobs(each), each) for each in blobs), ("index.json", index), ("oci-layout", b"{}")]
    return tarred(*((before + name, data) for name, data in files), dialect=tarfile.USTAR_FORMAT)


def with_links(members: Files, links: Mapping[str, str]) -> bytes:
    """A tar with symbolic links behind its members."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for name, data in members:
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
        for name, target in links.items():
            info = tarfile.TarInfo(name)
            info.type, info.linkname = tarfile.SYMTYPE, target
            archive.addfile(info)
    return out.getvalue()
