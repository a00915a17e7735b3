"""The files that have git run `modelguard hook`: what they hold, where they go, and what was there before.

| file | promise |
| --- | --- |
| `shim.py` | the text of a hook, and whether a file is one of ours |
| `place.py` | the folder in which git looks for hooks, and whether it is ours to write to |
| `foreign.py` | whose a hook is that was there before |
| `change.py` | one thing that is done to a file or a setting |
| `installing.py` | what has to be done to have the hooks in a place, or to have them gone |
"""
