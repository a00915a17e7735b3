"""Documents, images and sound: the text that they carry beside what is seen or heard.

| file | promise |
| --- | --- |
| `png.py` `jpeg.py` `gif.py` | pictures: text chunks, comments, XMP, IPTC |
| `riff.py` | WebP and WAVE |
| `tiff.py` `heif.py` | TIFF; HEIC and AVIF |
| `exif.py` `iptc.py` | the texts of EXIF and IPTC, in whatever picture |
| `ends.py` | where a picture or a document ends |
| `pdf.py` | PDF: pages, strings, files in it |
| `pdf_syntax.py` `pdf_streams.py` `pdf_filters.py` | its objects and streams |
| `pdf_text.py` `pdf_fonts.py` | what its pages show, and with what letters |
| `matroska.py` | Matroska and WebM |
| `audio.py` | tags of MP3, FLAC, Ogg and MPEG-4 |
| `office.py` | paragraphs of Word, PowerPoint, Excel and OpenDocument files |
| `workbook.py` | cells of Excel's sheets beside their headers |
| `html.py` | the same of tables in pages |
| `plist.py` | property lists of Apple's systems |
| `labelled.py` | text beside a label |
"""
