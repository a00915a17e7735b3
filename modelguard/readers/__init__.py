"""What shape bytes have: a window of a blob goes in, Segments of text come out.

A reader may add places; it must never subtract bytes: the raw reader sees every byte of every blob.

| file | promise |
| --- | --- |
| `windows.py` | cuts a blob into windows, so that memory stays flat |
| `raw.py` | every byte, as it stands |
| `wide.py` | text of two or four bytes a character |
| `decode/` | text under encodings, where an engine saw a sign of it |
| `lines.py` | lines and columns, when there is something to place |
"""
