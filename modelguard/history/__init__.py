"""A repository's history through the machine: sift, look closer, attribute, say it once.

| file | promise |
| --- | --- |
| `scan.py` | one repository, top to bottom |
| `sift.py` | which of its objects hold anything at all; the part that takes the time |
| `interface.py` | what a scan of histories is given, and what it gives |
| `look.py`, `closer.py` | a closer look at what was sifted out, with its path |
| `texts.py` | what is text in a commit or a tag |
| `attribution.py` | who brought a value in, who took it out, and who still holds it |
| `missing.py` | what a partial clone has not fetched |
| `memory.py` | what earlier scans of it have seen |
"""
