"""Models: what a training tool wrote beside the numbers, and the numbers that may be text.

| file | promise |
| --- | --- |
| `safetensors.py` | safetensors: header, tensors of whole numbers |
| `onnx.py` | ONNX: strings, numbers that may be text, data outside the model's folder |
| `graphs.py` | graphs of TensorFlow, Core ML and PaddlePaddle: strings at their places |
| `numbers.py` | text hidden in arrays of whole numbers |
"""
