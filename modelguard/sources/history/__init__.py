"""What a git repository still holds: every object once, and who holds it.

| file | promise |
| --- | --- |
| `repository.py` | one repository: where its objects are, what kind it is, what it lacks |
| `listing.py` | which objects there are, in the order in which they lie in packs |
| `reader.py` | their content, as git inflates it |
| `blob.py` | one object as a Blob |
| `walk.py` | which commits brought and removed given objects, and which refs still hold them |
| `staged.py` | what the next commit would hold |
| `changes.py` | what lies between two revisions, and which lines are new |
"""
