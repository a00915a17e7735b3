"""Tokenizers: every entry of a vocabulary is looked at alone, so that neighbours never make a false alarm.

| file | promise |
| --- | --- |
| `sentencepiece.py` | SentencePiece models: pieces, training settings |
| `tokenizer_json.py` | `tokenizer.json`, `vocab.json`: vocabularies and merges in JSON |
| `tekken.py` | Mistral's `tekken.json` |
| `bpe_ranks.py` | vocabularies of tiktoken's JavaScript |
| `tiktoken.py` | `*.tiktoken` |
| `vocabulary.py` | `vocab.txt`, `*.vocab` |
| `merges.py` | `merges.txt`, `vocab.bpe`; what pairs become |
| `settings.py` | places in JSON that is looked at as it stands |
| `json_strings.py` `text_lines.py` `base64_tokens.py` | how tokens are written |
| `markers.py` | the bytes that the characters of a token stand for |
| `tokens.py` | tokens as one text |
"""
