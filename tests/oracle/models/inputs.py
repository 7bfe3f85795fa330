# SPDX-License-Identifier: Apache-2.0
"""Inputs that are more than noise: the MNIST test digits and the pictures of the repository."""

import gzip
import pathlib
import subprocess
import tempfile

import numpy as np


class Skipped(Exception):
    """Something that the repository does not hold is missing; the text says what."""


def _idx(folder, name):
    for path in (folder / (name + ".gz"), folder / name):
        if path.exists():
            data = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
            return np.frombuffer(data, np.uint8, offset=4 + 4 * data[3]).reshape(np.frombuffer(data, ">i4", data[3], 4))
    raise Skipped(f"{folder}: no {name}[.gz]")


def digits(folder):
    """(int8 [10000, 1, 28, 28, 1], labels [10000]): pixel - 128, which is pixel / 255 at scale 1/255, zero point -128."""
    images = _idx(folder, "t10k-images-idx3-ubyte").astype(np.int16) - 128
    return images.astype(np.int8)[:, np.newaxis, :, :, np.newaxis], _idx(folder, "t10k-labels-idx1-ubyte")


def pictures(glimpse, model, folder):
    """int8 [n, 1, 28, 28, 1]: each picture as `glimpse preprocess` hands it to the model."""
    paths = sorted(path for path in folder.rglob("*") if path.suffix in (".png", ".jpg", ".pgm"))
    if not paths:
        raise Skipped(f"no pictures in {folder}")
    arrays = []
    with tempfile.TemporaryDirectory(prefix="glimpse-oracle-") as work:
        target = pathlib.Path(work) / "x.npy"
        for path in paths:
            command = [glimpse, "preprocess", str(path), "--model", str(model), "--output", str(target)]
            done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
            if done.returncode:
                raise RuntimeError(f"{' '.join(command)} exits {done.returncode}: {done.stderr.strip()}")
            arrays.append(np.load(target).reshape(1, 28, 28, 1))
    return np.stack(arrays)
