#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Time and speed of each operator of a model, for several kernel sets side by side.

    bench/operators.py --glimpse build/release/bin/glimpse [--kernels SPEC ...] [--numerics P] [--seconds S] MODEL.tflite ...

Multiply-accumulates per second are the figure to watch after a change of a kernel or of the compiler: a compiler that keeps a sum
of an inner loop in memory costs a factor of two to three, and nothing else shows it. Times are the smallest of a run.
"""

import argparse
import json
import subprocess
import sys


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", nargs="+", metavar="MODEL")
    parser.add_argument("--glimpse", required=True, help="the program to measure")
    parser.add_argument("--kernels", action="append", metavar="SPEC", help="kernels (default auto); repeat it to compare several")
    parser.add_argument("--numerics", default="litert-reference", help="profile (default litert-reference)")
    parser.add_argument("--seconds", type=float, default=0.5, help="for each kernel set (default 0.5)")
    return parser.parse_args()


def measure(arguments, model, kernels):
    command = [arguments.glimpse, "bench", model, "--numerics", arguments.numerics, "--kernels", kernels, "--per-op", "--json",
               "--seconds", str(arguments.seconds)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(done.stderr.strip())
    return json.loads(done.stdout.splitlines()[0])


def main():
    arguments = parse_arguments()
    for model in arguments.models:
        results = [measure(arguments, model, kernels) for kernels in arguments.kernels or ["auto"]]
        print(model)
        for operators in zip(*(result["operators"] for result in results)):
            if operators[0]["folded"]:
                continue
            cells = []
            for operator in operators:
                kernel = operator["kernel"].removeprefix("org.glimpse.").split(".")[0]
                speed = f"{operator['macs'] / operator['min_us'] / 1e3:7.1f} GMAC/s" if operator["macs"] else " " * 14
                cells.append(f"{kernel:10} {operator['min_us']:9.2f} us {speed}")
            print(f"  {operators[0]['index']:4} {operators[0]['name']:20} " + "  ".join(cells))
        print("       all                  " + "  ".join(f"{'':10} {result['min_us']:9.2f} us {'':14}" for result in results))
    return 0


if __name__ == "__main__":
    sys.exit(main())
