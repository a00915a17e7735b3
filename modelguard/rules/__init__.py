"""Rules are data: YAML in `packs/`, one file a vendor or kind; `docs/rules.md` describes the format.

| file | promise |
| --- | --- |
| `interface.py` | the noun: Rule |
| `loader.py` | reads rule files |
| `external.py` | rules from outside the package: rule files, and those of other tools |
| `foreign/` | other tools' rule files: one format a file |
| `prepared.py` | the checked, parsed form that the package carries |
| `ruleset.py` | many rules, each made when it is looked at |
| `near.py` | the pattern of a value without a mark of its own |
| `templates.py`, `base62.py` | examples without live-looking values |
| `checker.py` | proves rules by their own examples, in both engines |
"""
