"""Documents, images and sound: the text that they carry beside what is seen or heard.

| file | promise |
| --- | --- |
| `png.py` `jpeg.py` `gif.py` | pictures: text chunks, comments, XMP, IPTC |
| `riff.py` | WebP and WAVE |
| `exif.py` | the texts of EXIF, in whatever picture |
| `ends.py` | where a picture or a document ends |
| `pdf.py` | PDF: pages, strings, files in it |
| `pdf_syntax.py` `pdf_streams.py` `pdf_filters.py` | its objects and streams |
| `pdf_text.py` `pdf_fonts.py` | what its pages show, and with what letters |
| `audio.py` | tags of MP3, FLAC, Ogg and MPEG-4 |
| `office.py` | paragraphs of Word, PowerPoint, Excel and OpenDocument files |
| `labelled.py` | text beside a label |
"""
