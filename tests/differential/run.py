#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compares single operators of the reference plugin with the runtimes that the numerics profiles name.

    run.py --glimpse PATH [--python-tflm PATH] [--profiles P,...] [--cases N] [--seed S] [--only OP] [--keep DIR]

Random shapes, options and quantization (cases/) go through LiteRT's reference kernels, TFLite Micro (with --python-tflm), LiteRT as
it comes (profile litert-xnnpack, where we offer it for the operator) and `glimpse run`; every element of every output must be equal.
Run it with a Python that has ai-edge-litert; --python-tflm names one that has tflite-micro. A case that a runtime refuses does not
count for its profile, but we must not crash on it. Exit status: 0 all equal, 1 a difference, 77 when a runtime is missing.
"""

import argparse
import collections
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile
import zlib

import numpy as np
from runtimes import Runtime, same

FEWEST = 8  # cases of a form, however many forms the operator has
REFUSED = (3, 4)  # exit statuses: the model is invalid, or no kernel takes the operator


class Ours:
    """`glimpse run` with one process a case."""

    def __init__(self, glimpse, kernels, folder):
        self.glimpse, self.kernels, self.folder, self.count = glimpse, kernels, pathlib.Path(folder), 0

    def run_case(self, case, model, profile):
        """(list of outputs a sample, "") or (None, the error); raises when glimpse ends in any other way."""
        samples = case.samples
        self.count += 1
        folder = self.folder / str(self.count)
        folder.mkdir()
        (folder / "model.tflite").write_bytes(model)
        command = [self.glimpse, "run", str(folder / "model.tflite"), "--output", str(folder / "out"), "--numerics", profile,
                   "--kernels", "auto" if case.op == "CUSTOM" else self.kernels]
        for position in range(len(samples[0])):
            np.save(folder / f"in_{position}.npy", np.stack([sample[position] for sample in samples]))
            command += ["--input", str(folder / f"in_{position}.npy")]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60)
        if done.returncode in REFUSED:
            return None, done.stderr.strip()
        if done.returncode != 0:
            raise RuntimeError(f"glimpse exits {done.returncode}: {done.stderr.strip()}")
        outputs = [np.load(folder / "out" / f"output_{i}.npy") for i in range(len(case.outputs))]
        shutil.rmtree(folder)
        return [[output[i] for output in outputs] for i in range(len(samples))], ""


class Tally:
    def __init__(self):
        self.elements, self.differing, self.cases, self.refused, self.we_refuse = 0, 0, 0, 0, 0
        self.examples = []
        self.tolerance = 0.0  # the largest of its cases


def compare(tally, case, profile, theirs, ours, message):
    if isinstance(theirs, str):
        tally.refused += 1
        return True
    tally.cases += 1
    tally.tolerance = max(tally.tolerance, case.tolerance)
    if ours is None:
        tally.we_refuse += 1
        tally.examples.append(f"{case.note}: we refuse: {message}")
        return False
    different = 0
    for mine, other in zip(ours, theirs):
        for a, b in zip(mine, other):
            if profile == "litert-xnnpack" and np.squeeze(a).shape == np.squeeze(b).shape:
                b = b.reshape(np.shape(a))  # its delegate drops leading dimensions of 1 now and then
            elements, differ = same(np.asarray(a), b, case.tolerance)
            tally.elements += elements
            different += differ
            if differ and len(tally.examples) < 5:
                where = np.flatnonzero(np.asarray(a).ravel() != b.ravel())[:3] if a.shape == b.shape else []
                shown = ", ".join(f"[{i}] {np.asarray(a).ravel()[i]} for {b.ravel()[i]}" for i in where)
                scales = [np.asarray(t.scales).tolist() for t in case.inputs if t is not None and t.scales is not None][:2]
                tally.examples.append(f"{case.note}: {differ} of {elements} differ: {shown or (a.shape, b.shape)}; input "
                                      f"scales {str(scales)[:120]} zero {case.inputs[0].zero_points}, output "
                                      f"{case.outputs[0].scales} {case.outputs[0].zero_points}")
    tally.differing += different
    return different == 0


def versions(python_tflm):
    """["ai-edge-litert 2.3.0", ...]: the wheels that were compared with."""
    found = []
    for python, package in ((sys.executable, "ai-edge-litert"), (python_tflm, "tflite-micro")):
        if python:
            code = f"import importlib.metadata; print(importlib.metadata.version({package!r}))"
            done = subprocess.run([python, "-c", code], capture_output=True, text=True, check=False)
            found.append(f"{package} {done.stdout.strip() or 'unknown'}")
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--glimpse", required=True)
    parser.add_argument("--python-tflm")
    parser.add_argument("--kernels", default="reference",
                        help="kernel set, avx2 for instance; the reference fills in what it lacks (default reference)")
    parser.add_argument("--cases", type=int, default=60, help="cases an operator, shared out evenly among its forms")
    parser.add_argument("--seed", type=int, default=20260301)
    parser.add_argument("--only", help="operators by name, separated by commas: ADD,CONV_2D")
    parser.add_argument("--profiles", default="litert-reference,tflite-micro,litert-xnnpack",
                        help="separated by commas (default: all)")
    parser.add_argument("--json", type=pathlib.Path, help="write all counts to this file, too: tests/oracle/exactness.py reads it")
    parser.add_argument("--keep", help="folder for the models and inputs that differ")
    arguments = parser.parse_args()
    try:
        import cases
        from single_op import build
    except ImportError as error:
        print(f"skipped: {error}; run this with a Python that has ai-edge-litert")
        return 77

    pythons = {"litert-reference": sys.executable, "litert-xnnpack": sys.executable, "tflite-micro": arguments.python_tflm}
    runtimes = {name: Runtime(pythons[name], name) for name in arguments.profiles.split(",") if pythons[name]}
    wanted = arguments.only.split(",") if arguments.only else None
    rows = []
    print(f"seed {arguments.seed}, {arguments.cases} cases an operator, {cases.SAMPLES} inputs a case")
    failed, passed = 0, 0
    # Without elements there is little to find: such forms take no share of the cases.
    shared = [make.__name__ for make in cases.all_operators() if not make.__name__.endswith("__empty")]
    forms = collections.Counter(name.split("__")[0] for name in shared)
    with tempfile.TemporaryDirectory(prefix="glimpse-ops-") as folder:
        ours = Ours(arguments.glimpse, arguments.kernels, folder)
        for make in cases.all_operators():
            name = make.__name__.upper()
            if wanted and name not in wanted and name.split("__")[0] not in wanted:
                continue
            tallies = collections.defaultdict(Tally)
            compared = {p: r for p, r in runtimes.items() if p in getattr(make, "profiles", runtimes)}
            if not compared:
                continue
            equal = True
            share = -(-arguments.cases // forms[make.__name__.split("__")[0]]) if make.__name__ in shared else 0
            for index in range(max(FEWEST, share)):
                case = make(np.random.default_rng([arguments.seed, zlib.crc32(name.encode()), index]))
                equal &= run_case(case, build, compared, ours, tallies, arguments.keep, f"{name}_{index}")
            for profile in compared:
                tally = tallies[profile]
                print(f"{name:18} {profile:17} {tally.elements:9} elements, {tally.differing} differ; {tally.cases} cases"
                      f" equal to compare, {tally.refused} refused by the runtime, {tally.we_refuse} by us alone")
                rows.append({"operator": name.split("__")[0], "form": name, "profile": profile, "elements": tally.elements,
                             "differing": tally.differing, "tolerance": tally.tolerance, "cases": tally.cases,
                             "refused": tally.refused, "refused_by_us_alone": tally.we_refuse})
                for example in tally.examples[:5]:
                    print(f"    {example}")
                equal &= tally.elements > 0
            passed += equal
            failed += not equal
    for runtime in runtimes.values():
        runtime.close()
    if arguments.json:
        arguments.json.write_text(json.dumps({"seed": arguments.seed, "cases": arguments.cases, "operators": rows,
                                              "runtimes": versions(arguments.python_tflm)}, indent=1) + "\n")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


def run_case(case, build, runtimes, ours, tallies, keep, name):
    """Whether all runtimes agree with us on the case."""
    # LiteRT finds out the outputs' shapes; TFLite Micro needs them in the file.
    model = build(case)
    count = len(case.outputs)
    oracle = runtimes.get("litert-reference") or runtimes.get("litert-xnnpack") or next(iter(runtimes.values()))
    first = oracle.run(model, case.samples, count)
    if not isinstance(first, str):
        for tensor, array in zip(case.outputs, first[0]):
            tensor.shape = array.shape
        model = build(case)
    equal = True
    for profile, runtime in runtimes.items():
        theirs = first
        if runtime is not oracle or profile == "litert-xnnpack":  # the delegate takes no operator whose output has no shape
            known = not isinstance(first, str) and not (profile == "tflite-micro" and case.micro_ignores_options)
            theirs = runtime.run(model, case.samples, count) if known else "nothing to compare with"
        mine, message = ours.run_case(case, model, profile)
        fine = compare(tallies[profile], case, profile, theirs, mine, message)
        if not fine and keep:
            path = pathlib.Path(keep)
            path.mkdir(parents=True, exist_ok=True)
            (path / f"{name}.tflite").write_bytes(model)
        equal &= fine
    return equal


if __name__ == "__main__":
    sys.exit(main())
