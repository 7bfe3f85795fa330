#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Instructions of one inference, counted by callgrind: the same on every run, so a small regression shows that no clock would show.

    bench/instructions.py --glimpse build/release/bin/glimpse [--kernels avx2] [--compare BEFORE.json] [MODEL.tflite ...]

Counts a run of N samples and one of 2 N; the difference by N is one inference with nothing around it but the copy of a sample. valgrind
knows no AVX-512, so it shows programs an AVX2 CPU, and `auto` takes the kernels for that. Models: bench/ of the folder that
GLIMPSE_ZOO names, else config/models. --json > FILE keeps the figures, --compare FILE prints the change since then; exit status 1 when
a model needs more than --limit per cent more.
"""

import argparse
import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

import rounds
from load_time import write_zeros

SAMPLES = 4


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", nargs="*", type=pathlib.Path, metavar="MODEL")
    parser.add_argument("--glimpse", required=True, type=pathlib.Path, help="the program to measure")
    parser.add_argument("--numerics", default="litert-reference", help="our profile (default litert-reference)")
    parser.add_argument("--kernels", default="auto", metavar="SPEC", help="our kernels (default auto)")
    parser.add_argument("--compare", type=pathlib.Path, metavar="FILE", help="an earlier --json output")
    parser.add_argument("--limit", type=float, default=1, metavar="PERCENT", help="growth that is an error (default 1)")
    parser.add_argument("--json", action="store_true", help="one JSON object a line instead of a table")
    return parser.parse_args()


def counted(command, folder):
    """Instructions of a whole process."""
    done = subprocess.run(["valgrind", "--tool=callgrind", f"--callgrind-out-file={folder / 'callgrind.out'}", *map(str, command)],
                          capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr.strip().splitlines()[-1])
    return int(re.search(r"Collected : (\d+)", done.stderr).group(1))


def measure(arguments, model):
    """{"model", "instructions", "macs", "kernels"}."""
    described = json.loads(subprocess.run([arguments.glimpse, "inspect", model, "--json"], capture_output=True, text=True, check=True).stdout)
    with tempfile.TemporaryDirectory(prefix="glimpse-instructions-") as name:
        folder = pathlib.Path(name)
        totals = []
        for samples in (SAMPLES, 2 * SAMPLES):
            command = [arguments.glimpse, "run", model, "--output", folder / "out", "--numerics", arguments.numerics, "--kernels", arguments.kernels]
            for index in described["inputs"]:
                tensor = described["tensors"][index]
                path = folder / f"in_{index}_{samples}.npy"
                # One more dimension in front is the number of samples, unless the batch of 1 can be it.
                shape = tensor["shape"][1:] if tensor["shape"][:1] == [1] else tensor["shape"]
                write_zeros(path, tensor["type"], [samples, *shape])
                command += ["--input", path]
            totals.append(counted(command, folder))
    return {"model": model.stem, "kernels": arguments.kernels, "instructions": (totals[1] - totals[0]) // SAMPLES}


def before(path):
    if path is None:
        return {}
    records = [json.loads(line) for line in path.read_text().splitlines()]
    return {record["model"]: record["instructions"] for record in records}


def main():
    arguments = parse_arguments()
    if shutil.which("valgrind") is None:
        sys.exit("instructions.py: valgrind is not installed")
    earlier, grown = before(arguments.compare), False
    for model in arguments.models or rounds.suite_models():
        try:
            record = measure(arguments, model)
        except (RuntimeError, subprocess.CalledProcessError) as error:
            sys.exit(f"instructions.py: {model.name}: {error}")
        change = ""
        if record["model"] in earlier:
            percent = (record["instructions"] / earlier[record["model"]] - 1) * 100
            grown |= percent > arguments.limit
            change = f"{percent:+8.2f} %"
        print(json.dumps(record) if arguments.json else f"{record['model']:28}{record['instructions']:14,}{change}", flush=True)
    return 1 if grown else 0


if __name__ == "__main__":
    sys.exit(main())
