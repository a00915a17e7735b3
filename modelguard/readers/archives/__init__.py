"""Containers of files: each member is a blob again, and is opened in its turn.

| file | promise |
| --- | --- |
| `zip.py` | zip archives, and so wheels, jars, `.npz`, `.keras`, `.mar` and the like |
| `zip_members.py` `zip_names.py` `zip_unlisted.py` | one member; their names; those that no directory names |
| `tar.py` | tar archives, and so layers of images and WebDataset shards |
| `image.py` | images of containers: a tar, and which files of a layer a later one deletes |
| `image_listing.py` `image_manifest.py` `image_whiteouts.py` | what is in it; its layers; what they delete |
| `sevenzip.py` `sevenzip_header.py` | 7z archives |
| `compressed.py` | one compressed file: gzip, bzip2, xz, zstd, lz4, zlib |
| `ar.py` `cpio.py` `rpm.py` | packages of Debian and RPM, and what is in these |
| `streams.py` | what is unpacked as it is read, within its limits |
"""
