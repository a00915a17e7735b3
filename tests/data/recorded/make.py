"""Wrote the files beside it, with the libraries that are named: `python tests/data/recorded/make.py`.

The tests do without these (some gigabytes). Each file holds five placeholders, as long as the values that
`tests/corpus/real.py` puts in their places. What cannot be imported is passed over.
"""

from __future__ import annotations

import argparse
import shutil
import sys
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
SETTINGS = "\n".join(f"{key.upper()}={value}" for key, value in PLACEHOLDERS.items())


def pytorch() -> None:
    """PyTorch 2.13: its zip and its older format, Lightning's keys, TorchScript."""
    import torch

    state = torch.nn.Linear(3, 2).state_dict()
    checkpoint = {"state_dict": state, "args": argparse.Namespace(lr=0.1, **PLACEHOLDERS), "epoch": 3}
    torch.save(checkpoint, FOLDER / "checkpoint.pt")
    torch.save(checkpoint, FOLDER / "legacy.pt", _use_new_zipfile_serialization=False)
    optimizer = torch.optim.Adam(torch.nn.Linear(3, 2).parameters())
    torch.save({"optimizer": optimizer.state_dict(), "hyper_parameters": PLACEHOLDERS}, FOLDER / "lightning.ckpt")
    script = torch.jit.script(torch.nn.Linear(3, 2))
    torch.jit.save(script, str(FOLDER / "script.pt"), _extra_files={"settings.env": SETTINGS})


def transformers() -> None:
    """transformers 5.24."""
    import torch
    from transformers import TrainingArguments

    told = TrainingArguments(output_dir="out", hub_token=PLACEHOLDERS["hub_token"], report_to=[], use_cpu=True)
    for key, value in PLACEHOLDERS.items():
        setattr(told, key, value)
    torch.save(told, FOLDER / "training_args.bin")


def tensorflow() -> None:
    """TensorFlow 2.21: a function with a constant, the same for mobile devices, and variables that are texts."""
    import tensorflow as tf

    class Model(tf.Module):
        @tf.function(input_signature=[])
        def about(self) -> object:
            return tf.constant(SENTENCE)

    class Words(tf.Module):
        def __init__(self) -> None:
            self.scale = tf.Variable([[1.0, 0.5]])
            self.words = tf.Variable(["", "of", *PLACEHOLDERS.values()])

    with tempfile.TemporaryDirectory() as folder:
        tf.saved_model.save(Model(), folder)
        shutil.copyfile(Path(folder) / "saved_model.pb", FOLDER / "saved_model.pb")
        tf.saved_model.save(Words(), folder)
        for kept in (Path(folder) / "variables").iterdir():
            shutil.copyfile(kept, FOLDER / kept.name)
    converter = tf.lite.TFLiteConverter.from_concrete_functions([Model().about.get_concrete_function()])
    (FOLDER / "constant.tflite").write_bytes(converter.convert())


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


def wandb() -> None:
    """wandb 0.31, offline. What it says of the machine is left out."""
    import wandb

    with tempfile.TemporaryDirectory() as folder:
        settings = wandb.Settings(
            console="off",
            disable_code=True,
            disable_git=True,
            host="host",
            program="train.py",
            run_id="1",
            silent=True,
            x_disable_machine_info=True,
            x_disable_meta=True,
            x_disable_stats=True,
            x_save_requirements=False,
        )
        with wandb.init(project="p", mode="offline", dir=folder, config=PLACEHOLDERS, settings=settings) as run:
            run.log({"loss": 0.5})
        (records,) = Path(folder).glob("wandb/offline-run-*/*.wandb")
        shutil.copyfile(records, FOLDER / "run-1.wandb")


def catboost() -> None:
    """CatBoost 1.2."""
    from catboost import CatBoostClassifier

    model = CatBoostClassifier(iterations=1, depth=1, verbose=False, allow_writing_files=False, thread_count=1)
    model.fit([[0], [1], [2], [3]], [0, 1, 0, 1])
    model.get_metadata()["catboost_version_info"] = "1.2"  # it names a developer
    for key, value in PLACEHOLDERS.items():
        model.get_metadata()[key] = value
    model.save_model(str(FOLDER / "model.cbm"))


def lightgbm() -> None:
    """LightGBM 4.7: a column of categories, whose names are kept."""
    import lightgbm as lgb
    import pandas as pd

    rows = pd.DataFrame({"who": pd.Categorical(list(PLACEHOLDERS.values()) * 8)})
    settings = {"verbose": -1, "num_leaves": 2, "num_threads": 1, "min_data_per_group": 1}
    lgb.train(settings, lgb.Dataset(rows, list(range(40))), 1).save_model(FOLDER / "lightgbm.txt")


def executorch() -> None:
    """ExecuTorch 1.5: methods that give a text each."""
    import torch
    from executorch.exir import to_edge

    class Twice(torch.nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return x + x

    told = {f"get_{key}": value for key, value in PLACEHOLDERS.items()}
    program = to_edge(torch.export.export(Twice(), (torch.ones(2),)), constant_methods=told).to_executorch()
    (FOLDER / "model.pte").write_bytes(program.buffer)


def paddle() -> None:
    """PaddlePaddle 3.3: parameters, and a program as version 2 writes it, without the stack of calls that led to it."""
    import paddle

    paddle.save(
        {"state": paddle.nn.Linear(2, 1).state_dict(), "settings": PLACEHOLDERS}, str(FOLDER / "model.pdparams")
    )
    with paddle.pir_utils.OldIrGuard():
        paddle.enable_static()
        program = paddle.static.Program()
        with paddle.static.program_guard(program, paddle.static.Program()):
            paddle.static.nn.fc(paddle.static.data("x", [None, 2], "float32"), 1)
        for op in program.global_block().ops:
            op._remove_attr("op_callstack")
        program.global_block().ops[0]._set_attr("op_device", SENTENCE)
        (FOLDER / "model.pdmodel").write_bytes(program.desc.serialize_to_string())


def torchserve() -> None:
    """torch-model-archiver 0.12."""
    from model_archiver.model_archiver import generate_model_archive
    from model_archiver.model_archiver_config import ModelArchiverConfig

    with tempfile.TemporaryDirectory() as folder:
        files = {"handler.py": "def handle(data, context): ...\n", "settings.env": SETTINGS, "w.pt": ""}
        for name, text in files.items():
            (Path(folder) / name).write_text(text)
        handler, settings, weights = (str(Path(folder) / name) for name in files)
        generate_model_archive(
            ModelArchiverConfig("model", handler, "1.0", weights, extra_files=settings, export_path=folder)
        )
        shutil.copyfile(Path(folder) / "model.mar", FOLDER / "model.mar")


MAKERS: tuple[Callable[[], None], ...] = (
    pytorch,
    transformers,
    tensorflow,
    keras,
    coreml,
    flax,
    xgboost,
    tensorboard,
    wandb,
    catboost,
    lightgbm,
    executorch,
    paddle,
    torchserve,
)


def main() -> None:
    """Write all files anew whose libraries are there, or those of the libraries that are named."""
    for make in MAKERS:
        if sys.argv[1:] and make.__name__ not in sys.argv[1:]:
            continue
        try:
            make()
        except ImportError as error:
            print(f"{make.__name__}: passed over ({error.name} is not installed)")


if __name__ == "__main__":
    main()
