"""Which layers the images in a tar are made of, and in which order.

Formats: the `manifest.json` of `docker save` (moby, image/spec/spec.md, section "Combined Image JSON + Filesystem
Changeset Format"); OCI image-spec, image-layout.md, image-index.md and manifest.md. Docker's own manifests
(schema 2) have the same fields.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from itertools import chain, islice

import msgspec
from msgspec import Struct, field

SAVED = "manifest.json"
INDEX = "index.json"
BLOBS = "blobs/"

_MOST_IMAGES = 256
_MOST_LAYERS = 1024
"""Docker stacks at most 127 layers; an archive of many images may hold more."""


class _Saved(Struct):
    layers: list[str] | None = field(name="Layers", default=None)


class _Descriptor(Struct):
    digest: str = ""


class _Manifest(Struct):
    layers: list[_Descriptor] | None = None
    manifests: list[_Descriptor] | None = None


def images(texts: Mapping[str, bytes]) -> list[tuple[str, ...]]:
    """The layers of each image, the lowest first, as names of members: those of the first 256 images.

    `texts` are members that may be manifests, by name. What is no manifest, or not here, is passed over.
    """
    return list(islice(dict.fromkeys(chain(_saved(texts), _in_layout(texts))), _MOST_IMAGES))


def _saved(texts: Mapping[str, bytes]) -> Iterator[tuple[str, ...]]:
    with suppress(ValueError, RecursionError):  # errors of msgspec are ValueErrors
        for each in msgspec.json.decode(texts.get(SAVED, b"[]"), type=list[_Saved]):
            yield tuple((each.layers or ())[:_MOST_LAYERS])


def _in_layout(texts: Mapping[str, bytes]) -> Iterator[tuple[str, ...]]:
    """Each manifest that the index leads to, also through others; what it comes by again it does not enter."""
    waiting, entered = [INDEX], {INDEX}
    while waiting:
        with suppress(ValueError, RecursionError):
            read = msgspec.json.decode(texts.get(waiting.pop(), b"{}"), type=_Manifest)
            if read.layers:
                yield tuple(_member(each) for each in read.layers[:_MOST_LAYERS])
            new = dict.fromkeys(map(_member, read.manifests or ()))
            waiting += [name for name in new if name in texts and name not in entered]
            entered.update(new)


def _member(descriptor: _Descriptor) -> str:
    """Where a blob lies (image-layout.md, section "Blobs")."""
    return BLOBS + descriptor.digest.replace(":", "/", 1)
