"""What shape bytes have: a window of a blob goes in, Segments of text come out.

A reader may add places; it must never subtract bytes: the raw reader sees every byte of every blob.

| file | promise |
| --- | --- |
| `windows.py` | cuts a blob into windows, so that memory stays flat |
| `raw.py` | every byte, as it stands |
| `wide.py` | text of two or four bytes a character |
| `decode/` | text under encodings, where an engine saw a sign of it |
| `interface.py` | what a reader makes of a blob: texts, members, and what need not be looked at as it stands |
| `kinds.py` `looks.py` | the table of all formats: which bytes and names tell one, and who reads it |
| `members.py` `seeking.py` | blobs within blobs; a blob as a file object for libraries |
| `json_places.py` | keys and indexes that lead to an offset of a JSON text |
| `json_guide.py` | these as names of places in JSON and JSON Lines |
| `wire.py` `shapes.py` | fields of protocol buffers; what is known of the messages of a format, and places in them |
| `gathered.py` `messages.py` | messages told string by string, and covered by that |
| `message_looks.py` `tar_looks.py` `zarr_looks.py` | questions to the first bytes of a family of formats |
| `unopened.py` | what nothing here unpacks, and is a gap |
| `archives/` `weights/` `tokenizers/` `notebooks/` `tables/` `runs/` `documents/` | one format a file |
| `lines.py` | lines and columns, when there is something to place |
"""
