"""Models: what a training tool wrote beside the numbers, and the numbers that may be text.

| file | promise |
| --- | --- |
| `safetensors.py` | safetensors: header, tensors of whole numbers |
| `numbers.py` | text hidden in arrays of whole numbers |
"""
