"""Wrote the files beside it, with the libraries that are named: `python tests/data/recorded/make.py`.

The tests do without these (some gigabytes). Each file holds five placeholders, as long as the values that
`tests/corpus/real.py` puts in their places. What cannot be imported is passed over.
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from zipfile import ZipFile

FOLDER = Path(__file__).resolve().parent
PLACEHOLDERS = {
    "aws_access_key_id": "1" * 20,
    "hub_token": "2" * 37,
    "github_token": "3" * 40,
    "owner_email": "4" * 30,
    "payment_card": "x" * 16,
}
SENTENCE = " ".join(f"{key}={value}" for key, value in PLACEHOLDERS.items())


def pytorch() -> None:
    """PyTorch 2.13: its zip and its older format, Lightning's keys, TorchScript."""
    import torch

    state = torch.nn.Linear(3, 2).state_dict()
    checkpoint = {"state_dict": state, "args": argparse.Namespace(lr=0.1, **PLACEHOLDERS), "epoch": 3}
    torch.save(checkpoint, FOLDER / "checkpoint.pt")
    torch.save(checkpoint, FOLDER / "legacy.pt", _use_new_zipfile_serialization=False)
    optimizer = torch.optim.Adam(torch.nn.Linear(3, 2).parameters())
    torch.save({"optimizer": optimizer.state_dict(), "hyper_parameters": PLACEHOLDERS}, FOLDER / "lightning.ckpt")
    settings = "\n".join(f"{key.upper()}={value}" for key, value in PLACEHOLDERS.items())
    script = torch.jit.script(torch.nn.Linear(3, 2))
    torch.jit.save(script, str(FOLDER / "script.pt"), _extra_files={"settings.env": settings})


def transformers() -> None:
    """transformers 5.24."""
    import torch
    from transformers import TrainingArguments

    told = TrainingArguments(output_dir="out", hub_token=PLACEHOLDERS["hub_token"], report_to=[], use_cpu=True)
    for key, value in PLACEHOLDERS.items():
        setattr(told, key, value)
    torch.save(told, FOLDER / "training_args.bin")


def tensorflow() -> None:
    """TensorFlow 2.21: a function with a constant."""
    import tensorflow as tf

    class Model(tf.Module):
        @tf.function(input_signature=[])
        def about(self) -> object:
            return tf.constant(SENTENCE)

    with tempfile.TemporaryDirectory() as folder:
        tf.saved_model.save(Model(), folder)
        shutil.copyfile(Path(folder) / "saved_model.pb", FOLDER / "saved_model.pb")


def keras() -> None:
    """Keras 3.15: a layer that turns texts into numbers, without its weights.

    These are HDF5, for which a plain installation has no library: a scan of this repository would have a gap.
    """
    import keras

    vocabulary = keras.layers.StringLookup(vocabulary=list(PLACEHOLDERS.values()))
    words = keras.Sequential([keras.Input((1,), dtype="string"), vocabulary])
    with tempfile.TemporaryDirectory() as folder:
        words.save(Path(folder) / "a.keras")
        with ZipFile(Path(folder) / "a.keras") as saved, ZipFile(FOLDER / "lookup.keras", "w") as kept:
            for info in saved.infolist():
                if not info.filename.endswith(".h5"):
                    kept.writestr(info, saved.read(info))


def coreml() -> None:
    """coremltools 9."""
    import coremltools as ct
    from coremltools.models import datatypes
    from coremltools.models.neural_network import NeuralNetworkBuilder

    builder = NeuralNetworkBuilder([("x", datatypes.Array(1))], [("y", datatypes.Array(1))])
    builder.add_activation("a", "RELU", "x", "y")
    builder.spec.description.metadata.userDefined.update(PLACEHOLDERS)
    ct.utils.save_spec(builder.spec, str(FOLDER / "model.mlmodel"))


def flax() -> None:
    """flax 0.12."""
    from flax import serialization

    (FOLDER / "checkpoint.msgpack").write_bytes(serialization.msgpack_serialize({"step": 3, "settings": PLACEHOLDERS}))


def xgboost() -> None:
    """XGBoost 3.2: UBJSON."""
    import numpy as np
    import xgboost as xgb

    booster = xgb.train({"max_depth": 1}, xgb.DMatrix(np.eye(4), np.arange(4)), 1)
    booster.set_attr(**PLACEHOLDERS)
    booster.save_model(FOLDER / "model.ubj")


def tensorboard() -> None:
    """tensorboardX 2.6."""
    from tensorboardX import SummaryWriter

    with tempfile.TemporaryDirectory() as folder:
        with SummaryWriter(folder) as writer:
            writer.add_text("args", SENTENCE, 3)
        (events,) = Path(folder).iterdir()
        shutil.copyfile(events, FOLDER / "events.out.tfevents")


MAKERS: tuple[Callable[[], None], ...] = (
    pytorch,
    transformers,
    tensorflow,
    keras,
    coreml,
    flax,
    xgboost,
    tensorboard,
)


def main() -> None:
    """Write all files anew whose libraries are there."""
    for make in MAKERS:
        try:
            make()
        except ImportError as error:
            print(f"{make.__name__}: passed over ({error.name} is not installed)")


if __name__ == "__main__":
    main()
