"""What a git repository still holds: every object once, and who holds it.

| file | promise |
| --- | --- |
| `repository.py` | one repository: where its objects are, what kind it is, what it lacks |
| `listing.py` | which objects there are, in the order in which they lie in packs |
| `packs.py`, `delta.py` | what of an object is new, and what its delta takes from another one |
| `reader.py` | their content, as git inflates it |
| `blob.py` | one object as a Blob |
| `refs.py` | what branches, tags, stashes and detached heads point at |
| `walk.py` | which commits brought and removed given objects, and which refs still hold them |
| `staged.py` | what the next commit would hold |
| `changes.py` | what lies between two revisions, and which lines are new |
"""
