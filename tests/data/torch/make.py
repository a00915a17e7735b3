"""Wrote the files beside it, with PyTorch 2.13 and transformers 5.24: `python tests/data/torch/make.py`.

The tests do without these libraries (a gigabyte). Each file holds five placeholders, as long as the values that
`tests/corpus/real.py` puts in their places.
"""

from __future__ import annotations

import argparse
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
PLACEHOLDERS = {
    "aws_access_key_id": "1" * 20,
    "hub_token": "2" * 37,
    "github_token": "3" * 40,
    "owner_email": "4" * 30,
    "payment_card": "x" * 16,
}


def main() -> None:
    """Write all files anew."""
    import torch
    from transformers import TrainingArguments

    state = torch.nn.Linear(3, 2).state_dict()
    checkpoint = {"state_dict": state, "args": argparse.Namespace(lr=0.1, **PLACEHOLDERS), "epoch": 3}
    torch.save(checkpoint, FOLDER / "checkpoint.pt")
    torch.save(checkpoint, FOLDER / "legacy.pt", _use_new_zipfile_serialization=False)
    optimizer = torch.optim.Adam(torch.nn.Linear(3, 2).parameters())
    torch.save({"optimizer": optimizer.state_dict(), "hyper_parameters": PLACEHOLDERS}, FOLDER / "lightning.ckpt")
    settings = "\n".join(f"{key.upper()}={value}" for key, value in PLACEHOLDERS.items())
    script = torch.jit.script(torch.nn.Linear(3, 2))
    torch.jit.save(script, str(FOLDER / "script.pt"), _extra_files={"settings.env": settings})
    told = TrainingArguments(output_dir="out", hub_token=PLACEHOLDERS["hub_token"], report_to=[], use_cpu=True)
    for key, value in PLACEHOLDERS.items():
        setattr(told, key, value)
    torch.save(told, FOLDER / "training_args.bin")


if __name__ == "__main__":
    main()
