"""Somebody's home folder in an artifact is told once a file, whatever number of paths lead there."""

from __future__ import annotations

import json
import pickle
import re

import pytest

from tests.packed import zipped
from tests.readers.opened import scanned

_HOMES = ("/home/mokonkwo/runs", "/Users/mokonkwo/runs")


def homes(data: bytes, path: str) -> list[str]:
    return [each.preview for each in scanned(data, path).findings if each.rule == "home-path-in-artifact"]


def many(*folders: str) -> list[str]:
    return [f"{folder}/{number}.txt" for folder in folders for number in range(200)]


@pytest.mark.parametrize("home", _HOMES)
def test_once_a_file(home: str) -> None:
    listed = many(home)
    cell = {"cell_type": "code", "source": listed, "metadata": {}, "outputs": [], "execution_count": 1}
    notebook = json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}).encode()
    for data, path in (
        (pickle.dumps({"files": listed}), "a.pkl"),
        (json.dumps({"files": listed}, indent=1).encode(), "trainer_state.json"),
        (notebook, "a.ipynb"),
    ):
        assert len(homes(data, path)) == 1, path


def test_once_for_all_members_of_an_archive() -> None:
    member = pickle.dumps([many(_HOMES[0])])
    data = zipped(("m/code/__torch__/a.py.debug_pkl", member), ("m/code/__torch__/b.py.debug_pkl", member))
    assert len(homes(data, "m.pt")) == 1


def test_each_account_of_two() -> None:
    data = pickle.dumps({"files": many(_HOMES[0], _HOMES[0].replace("mokonkwo", "tberger7"))})
    assert len(homes(data, "a.pkl")) == 2


def test_accounts_of_services_are_none() -> None:
    for name in ("user", "ubuntu", "runner", "jovyan"):
        assert not homes(pickle.dumps(many(re.sub("mokonkwo", name, _HOMES[0]))), "a.pkl")
