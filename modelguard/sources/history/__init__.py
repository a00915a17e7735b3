"""What a git repository still holds: every object once, and who holds it.

| file | promise |
| --- | --- |
| `repository.py` | one repository: where its objects are, what kind it is, what it lacks |
| `listing.py` | which objects there are |
| `families.py` | the order in which they are read: each after what it was made from |
| `versions.py` | their content, and what in each is new |
| `pack_index.py`, `packs.py` | where objects lie in packs, and what is deflated there |
| `delta.py` | what a delta makes of another object, and what in that is new |
| `reader.py` | the content of objects that only git should read |
| `blob.py` | one object as a Blob |
| `refs.py` | what branches, tags, stashes and detached heads point at |
| `walk.py` | which commits brought and removed given objects, and which refs still hold them |
| `staged.py` | what the next commit would hold |
| `lfs.py` | git LFS objects that lie beside a repository |
| `scope.py` | which commits were asked for |
| `changes.py` | what lies between two revisions, and which lines are new |
"""
