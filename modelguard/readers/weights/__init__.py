"""Models: what a training tool wrote beside the numbers, and the numbers that may be text.

| file | promise |
| --- | --- |
| `safetensors.py` | safetensors: header, tensors of whole numbers |
| `gguf.py` | GGUF: keys and values, vocabularies, names of tensors, tensors of whole numbers |
| `numpy.py` | `.npy`: texts of arrays at their rows, objects, numbers that are text |
| `onnx.py` | ONNX: strings, numbers that may be text, data outside the model's folder |
| `graphs.py` | graphs of TensorFlow, Core ML and PaddlePaddle: strings at their places |
| `numbers.py` | text hidden in arrays of whole numbers |
| `key_values.py` | keys beside their values, as rules must see them |
| `cursor.py` | a blob read from its beginning on, never past its end |
"""
