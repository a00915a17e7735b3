"""Models: what a training tool wrote beside the numbers, and the numbers that may be text.

| file | promise |
| --- | --- |
| `safetensors.py` | safetensors: header, tensors of whole numbers |
| `gguf.py` | GGUF: keys and values, vocabularies, names of tensors, tensors of whole numbers |
| `numpy.py` | `.npy`: texts of arrays at their rows, objects, numbers that are text |
| `onnx.py` | ONNX: strings, numbers that may be text, data outside the model's folder |
| `graphs.py` | graphs of TensorFlow, Core ML and PaddlePaddle: strings at their places |
| `hdf5.py` `hdf5_attributes.py` | HDF5 and so Keras' `.h5`: attributes and names |
| `hdf5_datasets.py` | its datasets: strings and bytes |
| `hdf5_headers.py` `hdf5_storage.py` | where these stand in the file, and what its filters made of them |
| `tflite.py` `flatbuffers.py` | TFLite: what each text in a model is, strings of tensors, attached files |
| `executorch.py` `catboost.py` `flat_shapes.py` | ExecuTorch and CatBoost: texts by their names in the schema |
| `blosc_file.py` `string_cells.py` | chunks of Zarr: those packed by Blosc, and strings in them |
| `blosc.py` | what Blosc packs |
| `variables.py` | variables of TensorFlow that are texts |
| `matlab.py` | MATLAB's files: variables |
| `msgpack.py` | MessagePack, as Flax writes models |
| `ubjson.py` | UBJSON, as XGBoost writes models |
| `tree.py` | values within values: each text at its path |
| `numbers.py` | text hidden in arrays of whole numbers |
| `key_values.py` | keys beside their values, as rules must see them |
| `cursor.py` | a blob read from its beginning on, never past its end |
"""
