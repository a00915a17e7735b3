"""Text in, Matches out, by mechanism.

| file | promise |
| --- | --- |
| `interface.py` | the private noun: Match |
| `patterns.py` | one engine pass for every regex rule |
| `checks/` | what must hold for a match to become a finding |
| `overlap.py` | one finding a value |
| `parts.py` | one finding a credential: what else belongs to it, near by |
| `explaining.py` | why a match is a finding, or is none |
| `published.py` | keys that are meant to be seen |
| `paths.py` | rules that speak only in certain files |
| `mark_pattern.py`, `marks.py` | the comments by which people allow a finding: where they are, what they say |
| `detect_secrets/` | the plugins of an installed detect-secrets, when asked for |
"""
