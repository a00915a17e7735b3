"""TFRecord files: event files of TensorBoard, data sets of examples, and records of anything else.

Framing: https://www.tensorflow.org/tutorials/load_data/tfrecord#tfrecords_format_details. Field numbers, in
https://github.com/tensorflow/tensorflow/tree/master/tensorflow/core: Event in `util/event.proto` and
`framework/summary.proto`, Example in `example/example.proto` and `example/feature.proto`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from modelguard.model import Blob, GapReason
from modelguard.readers.interface import Limits, Malformed, Piece, Problem
from modelguard.readers.messages import Teller
from modelguard.readers.runs.checksums import masked_crc32c
from modelguard.readers.shapes import PAIR, UNKNOWN, Known, Schema, Shape, Step, root
from modelguard.readers.weights.graphs import TENSORFLOW, TENSORFLOW_TYPES
from modelguard.readers.wire import LENGTH, VARINT, Source, fields, guessed

_LENGTH_BYTES = 8
_HEADER_BYTES = 12
_FOOTER_BYTES = 4
_FILE_VERSION = b"brain.Event:"
_MOST_SUMMED = 1 << 18
"""Bytes of records whose own checksum is looked at: it is slow, and whatever is in a record is told all the same."""

_SCALAR = re.compile(
    rb"\x09.{8}(?:\x10[\x80-\xff]{0,9}[\0-\x7f])?"  # when, and at which step
    rb"\x2a(?P<summary>.)\x0a(?P<value>.)\x0a(?P<length>.)(?P<tag>.*)\x15.{4}",
    re.DOTALL,
)
"""An event that holds one number under a tag, as most of them do."""

_LONGEST_SCALAR = 160
_MOST_TAGS = 10_000

_FEATURE = Known("feature", "FeatureEntry", spoken=True)

SCHEMA = Schema(
    {
        **TENSORFLOW,
        "Event": Shape(
            {
                3: Known("file_version"),
                4: Known("graph_def", "Graph"),
                5: Known("", "Summary"),
                6: Known("log_message", "Log"),
                7: Known("session_log", "Session"),
                8: Known("tagged_run_metadata", "TaggedRun"),
                9: Known("meta_graph_def", "MetaGraph"),
                10: Known("source_metadata"),
            }
        ),
        "Log": Shape({2: Known("message")}),
        "Session": Shape({2: Known("checkpoint_path"), 3: Known("msg")}),
        "TaggedRun": Shape({1: Known("tag")}, key=1),
        "Summary": Shape({1: Known("tag", "Summarized", spoken=True)}),
        "Summarized": Shape(
            {
                1: Known(""),
                4: Known("image", "Image"),
                6: Known("audio", "Audio"),
                7: Known("node_name"),
                8: Known("", "SummaryTensor"),
                9: Known("metadata", "Metadata"),
            },
            key=1,
        ),
        "SummaryTensor": TENSORFLOW["Tensor"]._replace(fields={**TENSORFLOW["Tensor"].fields, 8: Known("")}),
        "Image": Shape({4: Known("encoded_image_string")}),
        "Audio": Shape({4: Known("encoded_audio_string"), 5: Known("content_type")}),
        "Metadata": Shape(
            {1: Known("plugin_data", "Plugin"), 2: Known("display_name"), 3: Known("summary_description")},
        ),
        "Plugin": Shape({1: Known("plugin_name"), 2: Known("content")}),
        "Example": Shape({1: Known("", "Features"), 2: Known("", "FeatureLists")}),
        "Features": Shape({1: _FEATURE}),
        "FeatureEntry": PAIR._replace(fields={1: Known("key"), 2: Known("", "Feature")}),
        "Feature": Shape({1: Known("", "Bytes"), 2: Known("", "Floats"), 3: Known("int64_list")}),
        "Bytes": Shape({1: Known("")}),
        "Floats": Shape({1: Known("float_list", floats=True)}),
        "FeatureLists": Shape({1: Known("feature list", "ListEntry", spoken=True)}),
        "ListEntry": PAIR._replace(fields={1: Known("key"), 2: Known("", "List")}),
        "List": Shape({1: Known("", "Feature", many=True)}),
    },
    TENSORFLOW_TYPES,
)


def read(blob: Blob, limits: Limits) -> Iterator[Piece]:
    """Every string of every record, up to one whose length does not match its checksum. See `Reader`."""
    teller = Teller(blob, limits, SCHEMA)
    is_events = _is_events(blob)
    summed = wrong = 0
    tags: set[bytes] = set()
    failure: Malformed | None = None
    at = number = 0
    while at < blob.size:
        try:
            first, last = _record(teller.source, at)
        except Malformed as error:
            failure = error
            break
        size = last - first
        if summed + size <= _MOST_SUMMED:
            summed += size
            sum_ = int.from_bytes(teller.source.bytes(last, last + _FOOTER_BYTES), "little")
            wrong += masked_crc32c(teller.source.bytes(first, last)) != sum_
        end = last + _FOOTER_BYTES
        teller.passed(at, first)
        tag = _only_tag(teller.source.bytes(first, last)) if is_events and size < _LONGEST_SCALAR else None
        if tag is None or tag not in tags:
            yield from teller.tell_as(*_of(teller.source, number, first, last, is_events), first, last)
            if tag is not None and len(tags) < _MOST_TAGS:
                tags.add(tag)
            teller.passed(last, end)
        else:
            teller.passed(first, end)
        at = end
        number += 1
    yield from teller.finish()
    if wrong:
        yield Problem(GapReason.MALFORMED, f"records that do not match their checksum ({wrong}); they were looked at")
    if failure is not None:
        raise failure


def guide(blob: Blob, offsets: Sequence[int]) -> list[str | None]:
    """The record and the field that a byte belongs to. See `Guide`."""
    from modelguard.budget import Budget

    teller = Teller(blob, Limits(Budget()), SCHEMA)
    is_events = _is_events(blob)
    names: list[str | None] = []
    at = number = 0
    for offset in offsets:
        while at < blob.size:
            try:
                first, last = _record(teller.source, at)
            except Malformed:
                return names + [None] * (len(offsets) - len(names))
            if offset < last + _FOOTER_BYTES:
                step, shape = _of(teller.source, number, first, last, is_events)
                names.append(teller.name_of(step, shape or UNKNOWN, first, last, offset))
                break
            at = last + _FOOTER_BYTES
            number += 1
    return names + [None] * (len(offsets) - len(names))


def _only_tag(data: bytes) -> bytes | None:
    """The tag of an event that holds nothing but one number: once told, it is not told with each number again."""
    match = _SCALAR.fullmatch(data)
    if match is None:
        return None
    tag = match["tag"]
    lengths = match["length"][0], match["value"][0], match["summary"][0]
    return tag if len(tag) < 0x70 and lengths == (len(tag), len(tag) + 7, len(tag) + 9) else None


def _of(source: Source, number: int, first: int, last: int, is_events: bool) -> tuple[Step, Shape | None]:
    """What a record is, and what it is called; no shape: it is no message."""
    found = guessed(source, first, last)
    if is_events:
        step = next((source.varint(start) for tag, wire, start, _ in found or () if (tag, wire) == (2, VARINT)), 0)
        title = f"record {number} (step {step})" if step else f"record {number}"
        return root(title), SCHEMA.shapes["Event"] if found is not None else None
    top = root(f"record {number}")
    if found is None:
        return top, None
    is_example = all(wire == LENGTH and tag in (1, 2) for tag, wire, _, _ in found)
    is_example = is_example and all(_holds_entries(source, start, end) for _, _, start, end in found)
    return top, SCHEMA.shapes["Example"] if is_example else UNKNOWN


def _holds_entries(source: Source, first: int, last: int) -> bool:
    """Whether a message holds nothing but entries of a map, as far as its first field tells."""
    try:
        for number, wire, start, end in fields(source, first, last):
            return (number, wire) == (1, LENGTH) and guessed(source, start, end) is not None
    except Malformed:
        return False
    return True


def _is_events(blob: Blob) -> bool:
    """Whether the first record tells the version of an event file."""
    name = blob.origin.path
    head = blob.read(0, 1024)
    return _FILE_VERSION in head or ".tfevents." in name[max(name.rfind("/"), name.rfind("!")) + 1 :]


_length_sum = lru_cache(1024)(masked_crc32c)


def _record(source: Source, at: int) -> tuple[int, int]:
    """Where the data of the record stand that begins somewhere.

    Raises:
        Malformed: there is none, or its length does not match its checksum.
    """
    first = at + _HEADER_BYTES
    data, base = source.at(at, _HEADER_BYTES)
    header = data[at - base : first - base]
    if len(header) < _HEADER_BYTES:
        raise Malformed("it ends within the head of a record")
    length = header[:_LENGTH_BYTES]
    if _length_sum(length) != int.from_bytes(header[_LENGTH_BYTES:], "little"):
        raise Malformed("the length of a record does not match its checksum")
    last = first + int.from_bytes(length, "little")
    if last + _FOOTER_BYTES > source.end:
        raise Malformed("it ends within a record")
    return first, last
