#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What it takes to run a model once: time to load, first inference, whole process, peak memory. Ours beside LiteRT's C API.

    bench/load_time.py --glimpse build/release/bin/glimpse [--rounds 21] [MODEL.tflite ...]

Process against process, interleaved, the files in the page cache. Without MODEL: seed_cnn_int8 of bench/ in GLIMPSE_ZOO, else the
shipped model. Lines:
  load            from the model's file to something that runs. Ours opens its plugins in that time; LiteRT's library is open by then.
  library         LiteRT's dlopen and environment, which the line above leaves out; our part of it lies in `process`.
  first           the first inference.
  process         from fork to exit, of `glimpse run` on one sample and of litert_peer's like; `cpu` is what of it was computing.
  peak            the most memory that the process had resident.
Each is the median over rounds with the lowest behind it, `ratio` ours by LiteRT's within a round, the median over rounds.
"""

import argparse
import json
import math
import os
import pathlib
import statistics
import struct
import sys
import tempfile

import rounds
import runners
from compare import add_machine_arguments, machine_of
from runners import Unavailable

MEMORY = "/dev/shm"  # what is written there waits for no disk
DTYPES = {"int8": "|i1", "uint8": "|u1", "int16": "<i2", "int32": "<i4", "float32": "<f4"}


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", nargs="*", type=pathlib.Path, metavar="MODEL")
    add_machine_arguments(parser)
    parser.add_argument("--kernels", default="auto", metavar="SPEC", help="our kernels (default auto)")
    parser.add_argument("--rounds", type=int, default=21, help="rounds (default 21)")
    return parser.parse_args()


def write_zeros(path, dtype, shape):
    """A .npy file of zeros: version 1.0 of the format, header padded to 64 bytes."""
    form = DTYPES[dtype]
    header = f"{{'descr': '{form}', 'fortran_order': False, 'shape': {tuple(shape)}, }}"
    header += " " * (-(len(header) + 11) % 64) + "\n"
    size = math.prod(shape) * int(form[2])
    path.write_bytes(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header.encode() + bytes(size))


def run_command(arguments, machine, model, folder):
    """`glimpse run` on one sample."""
    described = json.loads(machine.run([arguments.glimpse, "inspect", model, "--json"]))
    command = [arguments.glimpse, "run", model, "--output", folder / "out", "--numerics", arguments.numerics, "--kernels", arguments.kernels]
    for index in described["inputs"]:
        tensor = described["tensors"][index]
        path = folder / f"in_{index}.npy"
        write_zeros(path, tensor["type"], tensor["shape"])
        command += ["--input", path]
    return command


def once(machine, command):
    """What run_once says of a process."""
    told = json.loads(machine.run([machine.tool("run_once"), *command]))
    if told["status"]:
        raise Unavailable(f"{command[0]} ends with status {told['status']}")
    return {"process_ms": told["wall_ms"], "cpu_ms": told["cpu_ms"], "peak_kib": told["peak_kib"]}


def measure(arguments, machine, model):
    """Rounds of {"ours": figures, "litert": figures}."""
    peer = [machine.tool("litert_peer"), runners.litert_library(arguments.python_litert), model, "delegate", "load"]
    bench = [arguments.glimpse, "bench", model, "--numerics", arguments.numerics, "--kernels", arguments.kernels, "--seconds", "0.001", "--json"]
    with tempfile.TemporaryDirectory(prefix="glimpse-load-", dir=MEMORY if os.path.isdir(MEMORY) else None) as name:
        ours = run_command(arguments, machine, model, pathlib.Path(name))

        def our_figures():
            told = json.loads(machine.run(bench))
            return {"load_ms": told["load_ms"], "first_ms": told["first_invoke_ms"], **once(machine, ours)}

        def their_figures():
            told = json.loads(machine.run(peer))
            return {"load_ms": told["load_ms"], "library_ms": told["library_ms"], "first_ms": told["first_invoke_ms"], **once(machine, peer)}

        makers = [("ours", our_figures), ("litert", their_figures)]
        for _, figures in makers:
            figures()  # files into the page cache
        results = []
        for number in range(arguments.rounds):
            order = makers if number % 2 == 0 else makers[::-1]
            results.append({key: figures() for key, figures in order})
    for result in results:
        for figures in result.values():
            figures["load_and_first_ms"] = figures["load_ms"] + figures["first_ms"]
    return results


def record_of(model, results):
    lines = {}
    for key in ("load_ms", "first_ms", "load_and_first_ms", "process_ms", "cpu_ms", "peak_kib", "library_ms"):
        line = {}
        for who in ("ours", "litert"):
            values = [result[who][key] for result in results if key in result[who]]
            if values:
                line[who] = {"median": round(statistics.median(values), 3), "lowest": round(min(values), 3)}
        if len(line) == 2:
            line["ratio"] = round(statistics.median(rounds.ratios(results, "ours", "litert", key)), 3)
        lines[key] = line
    return {"model": model.stem, "rounds": len(results), **lines}


def print_text(record):
    print(f"\n{record['model']}, {record['rounds']} rounds\n{'':22}{'glimpse':>20}{'LiteRT C API':>20}{'ratio':>8}")
    for key, line in record.items():
        if not isinstance(line, dict):
            continue
        cells = [f"{line[who]['median']:.2f} ({line[who]['lowest']:.2f})" if who in line else "" for who in ("ours", "litert")]
        print(f"{key.replace('_', ' '):22}{cells[0]:>20}{cells[1]:>20}{line.get('ratio', ''):>8}")


def default_models():
    return [path for path in rounds.suite_models() if path.stem == "seed_cnn_int8"] or rounds.suite_models()[:1]


def main():
    arguments = parse_arguments()
    try:
        machine = machine_of(arguments)
        for model in arguments.models or default_models():
            record = record_of(model, measure(arguments, machine, model))
            print(json.dumps(record)) if arguments.json else print_text(record)
    except Unavailable as error:
        sys.exit(f"load_time.py: {error}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
