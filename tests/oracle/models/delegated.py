# SPDX-License-Identifier: Apache-2.0
"""Final outputs under litert-xnnpack against LiteRT as it comes: every full-int8 model of the zoo.

Intermediate tensors are not compared: asking LiteRT to keep them changes what the delegate takes.
"""

import csv
import pathlib
import subprocess
import sys
import tempfile

import numpy as np

from tflite_file import Broken, TfliteFile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "differential"))
from runtimes import Runtime, same  # noqa: E402  (needs the path above)

UNSUPPORTED = 4
KNOWN = pathlib.Path(__file__).with_name("delegated.tsv")


def known_differences():
    """{file: why its final outputs differ}."""
    with open(KNOWN, encoding="utf-8") as file:
        return dict(row for row in csv.reader(file, delimiter="\t") if row and not row[0].startswith("#"))


def int8_models(folder):
    """Files of MODELS.tsv beside `folder` that are full-int8 and run by the default interpreter."""
    with open(folder.parent / "MODELS.tsv", encoding="utf-8") as file:
        for row in csv.DictReader(file, delimiter="\t"):
            if row["quantised"].startswith("full-int8") and row["xnnpack"].startswith("ok"):
                yield folder.parent / row["file"]


def ours(glimpse, path, samples, outputs):
    """The outputs a sample, or the text of the refusal."""
    with tempfile.TemporaryDirectory(prefix="glimpse-delegated-") as name:
        folder = pathlib.Path(name)
        command = [glimpse, "run", str(path), "--output", str(folder), "--numerics", "litert-xnnpack"]
        for position in range(len(samples[0])):
            np.save(folder / f"in_{position}.npy", np.stack([sample[position] for sample in samples]))
            command += ["--input", str(folder / f"in_{position}.npy")]
        done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
        if done.returncode:
            return f"exit {done.returncode}: {done.stderr.strip()}"
        arrays = [np.load(folder / f"output_{i}.npy") for i in range(outputs)]
        return [[array[i] for array in arrays] for i in range(len(samples))]


def check_delegated(programs, folder, only, generator, report):
    runtime = Runtime(programs.python_litert, "litert-xnnpack")
    known = known_differences()
    total = 0
    for path in int8_models(folder):
        name = str(path.relative_to(folder))
        if only and only not in name:
            continue
        try:
            graph = TfliteFile(path)
            arrays = graph.random_inputs(3, generator(name))
        except Broken as error:
            report.case(f"delegated {name}", False, str(error))
            continue
        samples = [[array[i] for array in arrays] for i in range(3)]
        theirs = runtime.run(path.read_bytes(), samples, len(graph.outputs))
        if isinstance(theirs, str):
            report.note(f"delegated {name}: the runtime refuses it: {theirs[:100]}")
            continue
        mine = ours(programs.glimpse, path, samples, len(graph.outputs))
        if isinstance(mine, str):
            report.case(f"delegated {name}", name in known, f"{mine[:160]}{known.get(name, '')}")
            continue
        counts = [same(np.asarray(a).reshape(b.shape) if np.asarray(a).size == b.size else np.asarray(a), b)
                  for one, other in zip(mine, theirs) for a, b in zip(one, other)]
        elements, differ = (sum(c[i] for c in counts) for i in (0, 1))
        total += elements
        text = f"{elements:,} elements of final outputs, {differ:,} differ" + (f"; known: {known[name]}" if name in known else "")
        report.case(f"delegated {name}", not differ or name in known, text)
    runtime.close()
    report.note(f"delegated: {total:,} elements of final outputs")
