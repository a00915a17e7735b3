"""What training runs leave behind: event files, logs of experiment trackers.

| file | promise |
| --- | --- |
| `tfrecord.py` | TFRecord files: event files of TensorBoard, data sets of examples |
| `checksums.py` | the checksum of TFRecord files |
| `wandb.py` | logs of Weights & Biases, also where a record is cut in fragments |
"""
