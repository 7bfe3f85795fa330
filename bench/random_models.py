#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Seeded random networks of real sizes, ours beside LiteRT's XNNPACK: no model that we tuned for hides a slow shape.

    bench/random_models.py --glimpse build/release/bin/glimpse [--isa avx2] [--models 200] [--seed S] [--keep DIR]

Prints the median, the 95th percentile and the geometric mean of the ratio (our p50 by theirs in the same round, the median over
rounds), and the slowest models with their layers. Each has 1 to 60 million multiply-accumulates. Run by a Python with
ai-edge-litert and numpy. --first N --models 1 measures model N alone, --keep writes the models down.
"""

import argparse
import json
import pathlib
import statistics
import sys
import tempfile

import rounds
import runners
from compare import XNNPACK, add_machine_arguments, machine_of
from runners import Unavailable

WORST = 5


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_machine_arguments(parser)
    parser.add_argument("--kernels", default="auto", metavar="SPEC", help="our kernels (default auto)")
    parser.add_argument("--models", type=int, default=200, help="how many (default 200)")
    parser.add_argument("--first", type=int, default=0, metavar="N", help="number of the first (default 0)")
    parser.add_argument("--seed", type=int, default=20261101)
    parser.add_argument("--rounds", type=int, default=3, help="rounds of each model (default 3)")
    parser.add_argument("--seconds", type=float, default=0.04, help="for each runtime in each round (default 0.04)")
    parser.add_argument("--keep", type=pathlib.Path, metavar="DIR", help="write the models into this folder")
    return parser.parse_args()


def measure(arguments, machine, path):
    ours = runners.Glimpse(machine, arguments.glimpse, path, arguments.numerics, arguments.kernels)
    theirs = runners.litert(machine, arguments.python_litert, path, "delegate", XNNPACK)
    try:
        results = rounds.interleave([ours, theirs], arguments.rounds, arguments.seconds)
    finally:
        theirs.close()
    record = rounds.summary(results, XNNPACK, ours.name)
    return {"macs": ours.macs, "ours_us": rounds.summary(results, ours.name, ours.name)["p50_us"], "xnnpack_us": record["p50_us"],
            "ratio": record["ratio"], "ratio_low": record["ratio_low"], "ratio_high": record["ratio_high"]}


def statistics_of(records):
    ratios = [record["ratio"] for record in records]
    return {"models": len(ratios), "median": round(statistics.median(ratios), 4), "p95": round(rounds.percentile(ratios, 0.95), 4),
            "geometric_mean": round(rounds.geometric_mean(ratios), 4), "lowest": min(ratios), "highest": max(ratios)}


def run(arguments, machine, folder, tell):
    """A record for each model."""
    from random_layers import random_layers

    records = []
    for number in range(arguments.first, arguments.first + arguments.models):
        name = f"random_{arguments.seed}_{number}"
        model, layers, _ = random_layers(arguments.seed, number)
        path = folder / f"{name}.tflite"
        path.write_bytes(model)
        records.append({"model": name, **measure(arguments, machine, path), "layers": layers})
        if not arguments.keep:
            path.unlink()
        tell(records)
    return records


def progress(records):
    if sys.stderr.isatty():
        print(f"\r{len(records)} models, p95 {statistics_of(records)['p95']:.2f} ", end="", file=sys.stderr, flush=True)


def print_text(arguments, summary, worst):
    print(f"seed {arguments.seed}, {summary['models']} models, ratio ours by {XNNPACK}: median {summary['median']:.3f}, "
          f"p95 {summary['p95']:.3f}, geometric mean {summary['geometric_mean']:.3f}, "
          f"{summary['lowest']:.3f} to {summary['highest']:.3f}")
    for record in worst:
        print(f"\n{record['model']}: ratio {record['ratio']:.3f} ({record['ours_us']:.1f} by {record['xnnpack_us']:.1f} us, "
              f"{record['macs'] / 1e6:.1f} M multiply-accumulates)")
        print("\n".join("    " + layer for layer in record["layers"]))


def main():
    arguments = parse_arguments()
    try:
        machine = machine_of(arguments)
        peak = machine.peak()
        if not arguments.json:
            print("\n".join(machine.words(peak)), flush=True)
        with tempfile.TemporaryDirectory(prefix="glimpse-random-") as temporary:
            folder = arguments.keep or pathlib.Path(temporary)
            folder.mkdir(parents=True, exist_ok=True)
            records = run(arguments, machine, folder, progress)
    except (Unavailable, ImportError) as error:
        sys.exit(f"random_models.py: {error}")
    worst = sorted(records, key=lambda record: -record["ratio"])[:WORST]
    summary = statistics_of(records)
    if arguments.json:
        print(json.dumps({"isa": arguments.isa, "seed": arguments.seed, "cpu": peak["cpu"], **summary}))
        for record in records:
            print(json.dumps(record))
    else:
        print_text(arguments, summary, worst)
    return 0


if __name__ == "__main__":
    sys.exit(main())
