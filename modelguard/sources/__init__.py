"""Where bytes live: a Source yields Blobs, and a Gap or LeftOut for everything that is not one.

| file | promise |
| --- | --- |
| `filesystem.py` | walks files and folders |
| `file.py` | one file on disk, opened safely |
| `stdin.py` | standard input |
| `git_ignored.py` | which files git ignores |
"""
