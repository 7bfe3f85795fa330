#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Time and speed of each operator of a model, for several kernel sets and compilers side by side.

    bench/operators.py --glimpse build/release/bin/glimpse [--kernels SPEC ...] [--plugins NAME=DIR ...] [MODEL.tflite ...]

Multiply-accumulates per second are the figure to watch after a change of a kernel or of the compiler: a compiler that keeps a sum of
an inner loop in memory costs a factor of two to three, and no test shows it. --plugins sets the same kernels of several builds side
by side, for example gcc's and clang's:

    CC=clang CXX=clang++ cmake -S . -B build/clang -G Ninja -DCMAKE_BUILD_TYPE=Release
    cmake --build build/clang --target glimpse-ops-avx2 glimpse-ops-reference
    bench/operators.py --glimpse build/release/bin/glimpse --plugins gcc=build/release/lib/glimpsed/kernels \\
        --plugins clang=build/clang/lib/glimpsed/kernels --kernels avx2 --guard 1.5

Times are the smallest of a run. --guard F: exit status 1 when an operator of 100,000 multiply-accumulates or more takes F times as long
in one build as in the fastest. Models: bench/ of the folder that GLIMPSE_ZOO names, else config/models.
"""

import argparse
import json
import pathlib
import sys

import rounds
from compare import add_machine_arguments, machine_of
from runners import Unavailable

GUARDED_MACS = 100_000


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", nargs="*", type=pathlib.Path, metavar="MODEL")
    add_machine_arguments(parser)
    parser.add_argument("--kernels", action="append", metavar="SPEC", help="kernels (default auto); repeat it to compare several")
    parser.add_argument("--plugins", action="append", metavar="NAME=DIR", default=[],
                        help="a build's folder of plugins (default: the program's own); repeat it to compare several")
    parser.add_argument("--guard", type=float, metavar="FACTOR", help="how much slower than the other build is an error")
    parser.add_argument("--seconds", type=float, default=0.5, help="for each column (default 0.5)")
    return parser.parse_args()


def columns(arguments):
    """(heading, kernel set, options) of each column; columns of one kernel set lie side by side."""
    builds = [("", [])]
    if arguments.plugins:
        builds = [(name, ["--plugin-path", folder]) for name, _, folder in (text.partition("=") for text in arguments.plugins)]
    for kernels in arguments.kernels or ["auto"]:
        for name, options in builds:
            yield f"{kernels} {name}".strip(), kernels, [*options, "--kernels", kernels]


def measure(arguments, machine, model, options):
    command = [arguments.glimpse, "bench", model, "--numerics", arguments.numerics, *options, "--per-op", "--json", "--seconds", arguments.seconds]
    return json.loads(machine.run(command).splitlines()[0])


def shapes(arguments, machine, model):
    """Of each operator: filter, input and output in words."""
    described = json.loads(machine.run([arguments.glimpse, "inspect", model, "--json"]))
    tensors = {tensor["index"]: tensor["shape"] for tensor in described["tensors"]}
    texts = {}
    for operator in described["operators"]:
        sizes = ["x".join(map(str, tensors[index][1:])) for index in (operator["inputs"][0], operator["outputs"][0]) if index >= 0]
        window = ""
        if "CONV_2D" in operator["name"]:
            window = "{}x{} ".format(*tensors[operator["inputs"][1]][1:3])
        texts[operator["index"]] = window + " -> ".join(sizes)
    return texts


def records(arguments, machine, model):
    """One record for each operator that runs: {"model", "index", "name", "shape", "macs", "columns": {heading: {...}}}."""
    texts = shapes(arguments, machine, model)
    results = [(heading, kernels, measure(arguments, machine, model, options)) for heading, kernels, options in columns(arguments)]
    for position, first in enumerate(results[0][2]["operators"]):
        record = {"model": model.stem, "index": first["index"], "name": first["name"], "shape": texts.get(first["index"], ""),
                  "macs": first["macs"], "columns": {}}
        for heading, kernels, result in results:
            operator = result["operators"][position]
            if "min_us" not in operator:  # folded, or computed by the kernel of an operator before it
                continue
            gmacs = round(operator["macs"] / operator["min_us"] / 1e3, 2) if operator["macs"] else None
            record["columns"][heading] = {"set": kernels, "kernel": operator["kernel"], "min_us": operator["min_us"], "gmacs": gmacs}
        if record["columns"]:
            yield record


def slow_columns(record, factor):
    """Headings of the columns that take `factor` times as long as the fastest of the same kernel set, or more."""
    found = []
    for heading, column in record["columns"].items():
        fastest = min(c["min_us"] for c in record["columns"].values() if c["set"] == column["set"])
        if record["macs"] >= GUARDED_MACS and column["min_us"] >= factor * fastest:
            found.append(heading)
    return found


def print_record(record, slow):
    cells = []
    for heading, column in record["columns"].items():
        speed = f"{column['gmacs']:7.1f} GMAC/s" if column["gmacs"] else " " * 14
        kernel = column["kernel"].removeprefix("org.glimpse.").split(".")[0]
        cells.append(f"{kernel:10}{column['min_us']:9.2f} us {speed}{' SLOW' if heading in slow else ''}")
    print(f"  {record['index']:4} {record['name'] + ' ' + record['shape']:52} " + "  ".join(cells), flush=True)


def main():
    arguments = parse_arguments()
    failed = False
    try:
        machine = machine_of(arguments)
        if not arguments.json:
            print("\n".join(machine.words(machine.peak())))
        for model in arguments.models or rounds.suite_models():
            if not arguments.json:
                print(f"\n{model.stem}: " + ", ".join(heading for heading, *_ in columns(arguments)))
            for record in records(arguments, machine, model):
                slow = slow_columns(record, arguments.guard) if arguments.guard else []
                failed |= bool(slow)
                print(json.dumps(record)) if arguments.json else print_record(record, slow)
    except Unavailable as error:
        sys.exit(f"operators.py: {error}")
    if failed:
        print(f"operators.py: SLOW: {arguments.guard} times the time of the other build, or more: does it keep a sum in memory? "
              "See objdump -d of the inner loop", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
