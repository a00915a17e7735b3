"""Containers of files: each member is a blob again, and is opened in its turn.

| file | promise |
| --- | --- |
| `zip.py` | zip archives, and so wheels, jars, `.npz`, `.keras`, `.mar` and the like |
| `tar.py` | tar archives, and so image layers and WebDataset shards |
| `sevenzip.py` `sevenzip_header.py` | 7z archives |
| `compressed.py` | one compressed file: gzip, bzip2, xz, zstd, zlib |
| `unopened.py` | what nothing here unpacks: RAR, parts of split archives |
| `lz4.py` | lz4, which is a gap |
| `streams.py` | what is unpacked as it is read, within its limits |
"""
