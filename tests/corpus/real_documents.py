"""Documents and sound that the real libraries write: Word, PowerPoint, workbooks, PDF, tags of sound."""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator

from tests.corpus.items import Item, at_one_place, named, pairs, planted, sentence, settings, values_for
from tests.corpus.others import box
from tests.packed import always_the_same

FAMILY = "real"


def items(seed: int) -> Iterator[Item]:
    """Every library."""
    yield from _of_word(seed)
    yield from _of_powerpoint(seed)
    yield from _of_workbooks(seed)
    yield from _of_pdf(seed)
    yield from _of_sound(seed)


def _of_word(seed: int) -> Iterator[Item]:
    import docx

    path = "real/documents/cut.docx"
    values = values_for(seed, path)
    document, out = docx.Document(), io.BytesIO()
    for key, value in pairs(values).items():
        document.add_paragraph(f"{key}: {value[:9]}").add_run(value[9:]).bold = True
    document.save(out)
    places = [f"word/document.xml → paragraph {1 + at}" for at in range(5)]
    yield Item(FAMILY, path, always_the_same(out), named(values, places))


def _of_powerpoint(seed: int) -> Iterator[Item]:
    import pptx

    path = "real/documents/notes.pptx"
    values = values_for(seed, path)
    slides, out = pptx.Presentation(), io.BytesIO()
    notes = slides.slides.add_slide(slides.slide_layouts[6]).notes_slide.notes_text_frame
    assert notes is not None
    notes.text = "\n".join(settings(values))
    slides.save(out)
    places = [(f"ppt/notesSlides/notesSlide1.xml → paragraph {1 + at}", 2) for at in range(5)]
    yield Item(FAMILY, path, always_the_same(out), planted(values, places))


def _of_workbooks(seed: int) -> Iterator[Item]:
    import openpyxl
    from openpyxl.comments import Comment

    path = "real/documents/comment.xlsx"
    values = values_for(seed, path)
    book, out = openpyxl.Workbook(), io.BytesIO()
    cell = book.worksheets[0].cell(1, 1, "settings")
    cell.comment = Comment(sentence(values), "me")
    book.save(out)
    yield Item(FAMILY, path, always_the_same(out), at_one_place(values, "xl/comments/comment1.xml", 1))


def _of_pdf(seed: int) -> Iterator[Item]:
    from reportlab.pdfgen.canvas import Canvas

    path = "real/documents/page.pdf"
    values = values_for(seed, path)
    out = io.BytesIO()
    page = Canvas(out, invariant=True)
    for at, line in enumerate(settings(values)):
        page.drawString(72, 720 - 14 * at, line)
    page.save()
    yield Item(FAMILY, path, out.getvalue(), at_one_place(values, "page object 3"))


def _of_sound(seed: int) -> Iterator[Item]:
    from mutagen.flac import FLAC
    from mutagen.id3 import ID3, TXXX
    from mutagen.mp4 import MP4

    path = "real/sound/tags.mp3"
    values = values_for(seed, path)
    tags, sound = ID3(), io.BytesIO(b"\xff\xfb\x90\0" * 20)
    tags.add(TXXX(encoding=1, desc="notes", text=sentence(values)))
    tags.save(sound)
    yield Item(FAMILY, path, sound.getvalue(), at_one_place(values, "ID3 TXXX"))
    path = "real/sound/tags.flac"
    values = values_for(seed, path)
    about = struct.pack(">HH", 4096, 4096) + bytes(6) + (44100 << 44 | 15 << 36).to_bytes(8, "big") + bytes(16)
    sound = io.BytesIO(b"fLaC\x80" + len(about).to_bytes(3, "big") + about)
    flac = FLAC(sound)
    flac["comment"] = sentence(values)
    sound.seek(0)
    flac.save(sound)
    yield Item(FAMILY, path, sound.getvalue(), at_one_place(values, 'comment "comment"'))
    path = "real/sound/tags.m4a"
    values = values_for(seed, path)
    sound = io.BytesIO(box(b"ftyp", b"M4A \0\0\0\0") + box(b"moov") + box(b"mdat", b"x"))
    track = MP4(sound)
    track["\xa9cmt"] = sentence(values)
    sound.seek(0)
    track.save(sound)
    yield Item(FAMILY, path, sound.getvalue(), at_one_place(values, 'item "©cmt"'))
