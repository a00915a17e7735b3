"""Where bytes live: a Source yields Blobs, and a Gap or LeftOut for everything that is not one.

| file | promise |
| --- | --- |
| `filesystem.py` | walks files and folders |
| `file.py` | one file on disk, opened safely |
| `stdin.py` | standard input |
| `exclusion.py` | what policy leaves out |
| `repositories.py` | repositories whose history alone is asked for |
| `git.py` | git, asked without running anything that a repository names |
| `git_folder.py` | whether a folder is a repository |
| `git_ignored.py` | which files git ignores |
| `hub/` | repositories of a Hub, read by range |
| `history/` | what repositories still hold: objects, commits, what is staged, changes |
"""
