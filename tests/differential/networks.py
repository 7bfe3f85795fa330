#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Small random int8 networks: every tensor of every operator must equal the runtime's.

    networks.py --glimpse PATH [--python-tflm PATH] [--networks N] [--seed S] [--keep DIR]

A network that differs is reduced to the first operator whose inputs are equal and whose output is not, with one sample; with
--keep it is written as DIR/NAME.tflite and DIR/NAME.npz (arrays named in0, in1, ...), the form of regressions/, which are run
first. Run it with a Python that has ai-edge-litert; --python-tflm names one that has tflite-micro. Exit status: 0 all equal, 1 a
difference, 77 when the runtime is missing.
"""

import argparse
import pathlib
import subprocess
import sys
import tempfile

import numpy as np
from runtimes import Runtime, same

REGRESSIONS = pathlib.Path(__file__).resolve().parent / "regressions"
SAMPLES = 3


def run_ours(glimpse, model, samples, profile, tensors):
    """As Runtime.run(); the text of the error when glimpse refuses the model. Raises when it ends in any other way."""
    with tempfile.TemporaryDirectory(prefix="glimpse-networks-") as name:
        folder = pathlib.Path(name)
        (folder / "model.tflite").write_bytes(model)
        command = [glimpse, "run", str(folder / "model.tflite"), "--output", str(folder / "out"), "--dump", "--numerics", profile]
        for position in range(len(samples[0])):
            np.save(folder / f"in_{position}.npy", np.stack([sample[position] for sample in samples]))
            command += ["--input", str(folder / f"in_{position}.npy")]
        done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
        if done.returncode in (3, 4):
            return done.stderr.strip()
        if done.returncode:
            raise RuntimeError(f"glimpse exits {done.returncode}: {done.stderr.strip()}")
        dumps = [np.load(folder / "out" / f"tensor_{index}.npy") for index in tensors]
        return [[dump[i] for dump in dumps] for i in range(len(samples))]


class Differ:
    """Compares and reduces."""

    def __init__(self, glimpse, runtimes, keep):
        self.glimpse, self.runtimes, self.keep = glimpse, runtimes, keep
        self.elements, self.differing, self.models = 0, 0, 0

    def compare(self, name, cases, samples):
        """Whether every runtime agrees with us on the network of `cases`."""
        from single_op import build_network, tensor_order
        order = tensor_order(cases)
        index = {id(tensor): i for i, tensor in enumerate(order)}
        made = [index[id(t)] for case in cases for t in case.outputs]
        model = build_network(cases, cases[-1].outputs)
        equal = True
        self.models += 1
        for profile, runtime in self.runtimes.items():
            theirs = runtime.run(model, samples, 1, made)
            if isinstance(theirs, str):
                print(f"{name}, {profile}: the runtime refuses it: {theirs[:200]}")
                continue
            ours = run_ours(self.glimpse, model, samples, profile, made)
            if isinstance(ours, str):
                print(f"{name}, {profile}: we refuse it: {ours}")
                equal = False
                continue
            equal &= self.judge(name, profile, cases, samples, made, (ours, theirs), index)
        return equal

    def judge(self, name, profile, cases, samples, made, results, index):
        equal = True
        for sample, (mine, other) in enumerate(zip(*results)):
            for position, (a, b) in enumerate(zip(mine, other)):
                elements, differ = same(np.asarray(a), b)
                self.elements += elements
                self.differing += differ
                if differ and equal:
                    equal = False
                    case = next(c for c in cases if made[position] in [index[id(t)] for t in c.outputs])
                    print(f"{name}, {profile}: {case.op} makes tensor {made[position]}: {differ} of {elements} differ in sample {sample}")
                    if self.keep:
                        values = dict(zip(made, other))
                        self.write(f"{name}_{case.op.lower()}", case, samples[sample], values, cases, index)
        return equal

    def write(self, name, case, sample, values, cases, index):
        """The one operator as a model, with the runtime's own values as its inputs."""
        from single_op import build, network_inputs
        given = {index[id(t)]: array for t, array in zip(network_inputs(cases), sample)}
        inputs = [{**given, **values}[index[id(t)]] for t in network_inputs([case])]
        folder = pathlib.Path(self.keep)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{name}.tflite").write_bytes(build(case))
        np.savez(folder / f"{name}.npz", **{f"in{i}": array for i, array in enumerate(inputs)})
        print(f"    kept as {folder / name}.tflite")

    def replay(self, path):
        """Whether every runtime agrees with us on the outputs of a kept model."""
        arrays = np.load(path.with_suffix(".npz"))
        sample = [arrays[f"in{i}"] for i in range(len(arrays.files))]
        model, equal = path.read_bytes(), True
        self.models += 1
        for profile, runtime in self.runtimes.items():
            theirs = runtime.run(model, [sample])
            if isinstance(theirs, str):
                continue
            with tempfile.TemporaryDirectory(prefix="glimpse-networks-") as name:
                folder = pathlib.Path(name)
                command = [self.glimpse, "run", str(path), "--output", str(folder), "--numerics", profile]
                for i, array in enumerate(sample):
                    np.save(folder / f"in_{i}.npy", array)
                    command += ["--input", str(folder / f"in_{i}.npy")]
                done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
                if done.returncode:
                    print(f"{path.name}, {profile}: glimpse exits {done.returncode}: {done.stderr.strip()}")
                    equal = False
                    continue
                elements, differ = same(np.load(folder / "output_0.npy"), theirs[0][0])
            self.elements += elements
            self.differing += differ
            if differ:
                print(f"{path.name}, {profile}: {differ} of {elements} differ")
                equal = False
        return equal


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--glimpse", required=True)
    parser.add_argument("--python-tflm")
    parser.add_argument("--networks", type=int, default=40)
    parser.add_argument("--seed", type=int, default=20260301)
    parser.add_argument("--keep", help="folder for reduced models that differ")
    arguments = parser.parse_args()
    try:
        from random_network import random_network
        from single_op import network_inputs
    except ImportError as error:
        print(f"skipped: {error}; run this with a Python that has ai-edge-litert")
        return 77
    pythons = {"litert-reference": sys.executable, "tflite-micro": arguments.python_tflm}
    runtimes = {name: Runtime(python, name) for name, python in pythons.items() if python}
    differ = Differ(arguments.glimpse, runtimes, arguments.keep)
    failed = 0
    for path in sorted(REGRESSIONS.glob("*.tflite")):
        failed += not differ.replay(path)
    print(f"seed {arguments.seed}, {arguments.networks} networks, {SAMPLES} inputs each")
    for number in range(arguments.networks):
        rng = np.random.default_rng([arguments.seed, number])
        cases = random_network(rng)
        samples = [[rng.integers(-128, 128, t.shape).astype(t.dtype) for t in network_inputs(cases)] for _ in range(SAMPLES)]
        failed += not differ.compare(f"network_{arguments.seed}_{number}", cases, samples)
    for runtime in runtimes.values():
        runtime.close()
    print(f"{differ.models} models, {differ.elements} elements, {differ.differing} differ")
    print(f"{differ.models - failed} passed, {failed} failed")
    return 1 if failed or not differ.elements else 0


if __name__ == "__main__":
    sys.exit(main())
