#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Times `glimpse bench` beside other runtimes, interleaved in one run on one core, and prints the ratios.

    bench/compare.py --glimpse build/release/bin/glimpse --python-litert PYTHON [--isa avx2] [MODEL.tflite ...]

Ours, LiteRT with XNNPACK and with its own optimised kernels through its C API, LiteRT with its reference kernels, TFLite Micro's
wheel and ONNX Runtime through Python; what is not installed is left out with a word on stderr. Models: bench/ of the folder that
GLIMPSE_ZOO names, else config/models; with --large also two larger ones of it.

ratio: our p50 by theirs in the same round, the median over rounds (lowest and highest round behind it): below 1 we are faster.
peak: multiply-accumulates a second by the most that int8_peak measures on this core; kernels that save multiplications, as
Winograd's algorithm does, can pass 100 %. --isa avx2 hides from all of them what the CPU has beyond AVX2 (cpuid_mask.c). On a machine
that is not idle, give --realtime: otherwise slow runtimes are interrupted more often than fast ones, and look slower than they are.
"""

import argparse
import json
import pathlib
import sys

import rounds
import runners
from runners import Machine, Unavailable

XNNPACK = "LiteRT XNNPACK"


def add_machine_arguments(parser):
    """What every benchmark takes."""
    parser.add_argument("--glimpse", required=True, type=pathlib.Path, help="the program to measure")
    parser.add_argument("--tools", type=pathlib.Path, help="folder of bench_tools (default: bench/ beside the program's bin/)")
    parser.add_argument("--python-litert", default=sys.executable, help="Python with ai-edge-litert (default: this one)")
    parser.add_argument("--isa", choices=runners.LEVELS, default="native",
                        help="instruction set that all are told the CPU has (default native: the truth)")
    parser.add_argument("--core", type=int, help="core to run on (default: the last)")
    parser.add_argument("--realtime", action="store_true",
                        help="real-time priority (root): on a machine that does other things too, figures are false without")
    parser.add_argument("--numerics", default="litert-reference", help="our profile (default litert-reference)")
    parser.add_argument("--json", action="store_true", help="one JSON object a line instead of a table")


def machine_of(arguments, threads=1):
    return Machine(arguments.tools or arguments.glimpse.resolve().parents[1] / "bench", arguments.core, arguments.isa, arguments.realtime,
                   threads)


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", nargs="*", type=pathlib.Path, metavar="MODEL")
    add_machine_arguments(parser)
    parser.add_argument("--python-tflm", help="Python with tflite-micro")
    parser.add_argument("--python-onnx", help="Python with onnxruntime")
    parser.add_argument("--onnx", type=pathlib.Path, metavar="DIR", help="folder of NAME.onnx made by to_onnx.py from NAME.tflite")
    parser.add_argument("--kernels", action="append", metavar="SPEC", help="our kernels (default auto); repeat it to compare several")
    parser.add_argument("--only", action="append", choices=("xnnpack", "builtin", "reference", "tflm", "onnx"),
                        help="only this peer; may be repeated")
    parser.add_argument("--threads", type=int, default=1, metavar="N",
                        help="threads and cores of each runtime; with more than one only LiteRT's C API is the peer (default 1)")
    parser.add_argument("--large", action="store_true", help="also the larger models of the suite")
    parser.add_argument("--rounds", type=int, default=7, help="rounds (default 7)")
    parser.add_argument("--seconds", type=float, default=0.3, help="for each runtime in each round (default 0.3)")
    return parser.parse_args()


def peers(arguments, machine, model):
    """(key, function that starts the peer)."""
    python = arguments.python_litert
    yield "xnnpack", lambda: runners.litert(machine, python, model, "delegate", XNNPACK)
    yield "builtin", lambda: runners.litert(machine, python, model, "builtin", "LiteRT builtin kernels")
    if machine.threads > 1:
        return
    yield "reference", lambda: runners.in_python(machine, python, model, "litert-reference", "LiteRT reference kernels")
    if arguments.python_tflm:
        yield "tflm", lambda: runners.in_python(machine, arguments.python_tflm, model, "tflite-micro", "tflite-micro wheel")
    if arguments.python_onnx and arguments.onnx:
        converted = arguments.onnx / f"{model.stem}.onnx"
        yield "onnx", lambda: runners.in_python(machine, arguments.python_onnx, converted, "onnxruntime", "ONNX Runtime")


def start(arguments, machine, model):
    """Ours first; a runtime that cannot run the model is left out with a word on stderr."""
    started = [runners.Glimpse(machine, arguments.glimpse, model, arguments.numerics, kernels)
               for kernels in arguments.kernels or ["auto"]]
    for key, make in peers(arguments, machine, model):
        if arguments.only and key not in arguments.only:
            continue
        try:
            started.append(make())
        except Unavailable as error:
            print(f"{model.name}: left out: {error}", file=sys.stderr)
    return started


def measure(arguments, machine, model, peak):
    """One record for each runtime."""
    started = start(arguments, machine, model)
    try:
        results = rounds.interleave(started, arguments.rounds, arguments.seconds)
    finally:
        for runner in started:
            runner.close()
    records = []
    for runner in started:
        record = {"model": model.stem, "runtime": runner.name, "ours": runner.ours, "threads": machine.threads, "isa": arguments.isa,
                  "macs": started[0].macs, **rounds.summary(results, runner.name, started[0].name)}
        record["gmacs"] = round(record["macs"] / record["p50_us"] / 1e3, 2)
        record["of_peak"] = round(record["gmacs"] / peak / machine.threads, 4)
        records.append(record)
    return records


def print_table_line(record):
    print(f"{record['model']:26} {record['runtime']:36} {record['min_us']:9.1f} {record['p50_us']:9.1f} {record['p90_us']:9.1f}  "
          f"{record['gmacs']:7.1f} {record['of_peak'] * 100:5.0f} %  {record['ratio']:6.3f} ({record['ratio_low']:.3f} - "
          f"{record['ratio_high']:.3f})", flush=True)


def means(records):
    """For each peer, the geometric mean of the ratio over the models that it ran."""
    names = list(dict.fromkeys(record["runtime"] for record in records))
    for name in names[1:]:
        values = [record["ratio"] for record in records if record["runtime"] == name]
        yield {"geometric_mean_of_ratio_to": name, "models": len(values), "ratio": round(rounds.geometric_mean(values), 4)}


def main():
    arguments = parse_arguments()
    try:
        machine = machine_of(arguments, arguments.threads)
        peak = machine.peak()
        if arguments.json:
            print(json.dumps({"isa": arguments.isa, "core": machine.core, **peak}), flush=True)
        else:
            print("\n".join(machine.words(peak)))
            print(f"\n{'model':26} {'runtime':36} {'min us':>9} {'p50 us':>9} {'p90 us':>9}  {'GMAC/s':>7} {'peak':>7}  "
                  "ratio (lowest - highest round)")
        best = max(entry["gmacs"] for entry in peak["peaks"])
        records = []
        for model in arguments.models or rounds.suite_models() + (rounds.large_models() if arguments.large else []):
            measured = measure(arguments, machine, model, best)
            records += measured
            for record in measured:
                print(json.dumps(record), flush=True) if arguments.json else print_table_line(record)
        for mean in means(records):
            text = f"geometric mean of ours by {mean['geometric_mean_of_ratio_to']}, {mean['models']} models: {mean['ratio']:.3f}"
            print(json.dumps(mean) if arguments.json else text)
    except Unavailable as error:
        sys.exit(f"compare.py: {error}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
