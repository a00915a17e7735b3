"""Tokenizers: every entry of a vocabulary is looked at alone, so that neighbours never make a false alarm.

| file | promise |
| --- | --- |
| `sentencepiece.py` | SentencePiece models: pieces, training settings |
"""
