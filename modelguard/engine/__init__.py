"""Bytes and patterns in, spans out. This room knows no file and no finding.

| file | promise |
| --- | --- |
| `interface.py` | the nouns: Pattern, Span, Engine |
| `syntax.py` | reads a pattern: refuses what two engines would read differently, derives what they need |
| `effort.py` | how much work a pattern may make, whatever the text |
| `views.py` | text as it reads: escapes become blanks and quotes of the same length |
| `marks.py` | how the marks of patterns begin |
| `hidden.py` | what they look like in encodings: hints |
| `literals.py` | which of thousands of literals a text holds |
| `plain.py` | keywords and `re`: the oracle, and the engine where no Hyperscan wheel exists |
| `fast.py` | Hyperscan says which patterns may match, and where |
| `confirm.py` | `re` in a bounded window says where exactly |
| `compiled.py` | the compiled database in the user's cache |
| `choose.py` | which engine serves this scan |
"""
