"""Pickles in all their forms: walked, never loaded.

| file | promise |
| --- | --- |
| `pickle.py` | pickles of protocols 0 to 5, several on end, with arrays and storages between and behind them |
| `starts.py` | whether bytes begin as a pickle does |
| `opcodes.py` | every opcode, by its byte |
| `strings.py` `containers.py` `objects.py` | what they do to the symbolic stack |
| `machine.py` | that stack, its memo, and the walk over it |
| `forgetting.py` | what is forgotten of millions of objects, so that the walk stays small |
| `nodes.py` | what stands on the stack, and where in the whole it ends up |
| `told.py` | what was met and is not told yet: strings with the keys beside them |
| `imports.py` | which names a pickle may import without a word |
| `arrays.py` | the numbers that joblib and PyTorch write between and behind pickles |
| `torch.py` | PyTorch: which members of its zip files, and which bytes of its older files, are weights |
| `pyc.py` | compiled Python modules |
| `marshalled.py` | the marshal format, in which these hold their constants |
"""
