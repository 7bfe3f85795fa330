#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Times `glimpse bench` beside the TFLite runtimes, interleaved in one run, and prints the ratios.

    bench/compare.py --glimpse build/release/bin/glimpse [--python-tflm PYTHON] [MODEL.tflite ...]

Run it by a Python that has ai-edge-litert and numpy; --python-tflm names one that has tflite-micro (without it that
column is left out). Models: config/models, and bench/ of the folder that the environment variable GLIMPSE_ZOO names.

A machine's speed drifts, so single figures of two runs say little. Here every round times each runtime for a moment,
one after the other, in an order that turns by one each round; a ratio is the median over rounds of their p50 by ours in
that round. One thread each, one input of noise, the invoke alone: no copying of inputs or outputs. The foreign runtimes
are called from Python, which adds about a microsecond to each of their invokes.
"""

import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
TFLM_ARENA = 16 << 20
WARM_UP = 3


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", nargs="*", type=pathlib.Path, metavar="MODEL")
    parser.add_argument("--glimpse", help="the program to measure")
    parser.add_argument("--python-tflm", help="Python with tflite-micro")
    parser.add_argument("--numerics", default="litert-reference", help="our profile (default litert-reference)")
    parser.add_argument("--kernels", action="append", metavar="SPEC",
                        help="our kernels (default auto); repeat it to compare several")
    parser.add_argument("--rounds", type=int, default=7, help="rounds (default 7)")
    parser.add_argument("--seconds", type=float, default=0.4, help="for each runtime in each round (default 0.4)")
    parser.add_argument("--json", action="store_true", help="one JSON object a line instead of a table")
    parser.add_argument("--worker-tflm", type=pathlib.Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if not arguments.glimpse and not arguments.worker_tflm:
        parser.error("--glimpse is needed")
    return arguments


def timed(invoke, seconds):
    """Calls invoke() for `seconds`, at least ten times. Microseconds: {"runs", "min_us", "p50_us", "p90_us"}."""
    for _ in range(WARM_UP):
        invoke()
    times = []
    end = time.perf_counter() + seconds
    while len(times) < 10 or time.perf_counter() < end:
        start = time.perf_counter_ns()
        invoke()
        times.append(time.perf_counter_ns() - start)
    times.sort()
    return {"runs": len(times), "min_us": times[0] / 1e3, "p50_us": times[len(times) // 2] / 1e3,
            "p90_us": times[len(times) * 9 // 10] / 1e3}


def noise(shape, dtype):
    import numpy as np

    generator = np.random.default_rng(1)
    if np.dtype(dtype).kind in "iu":
        limits = np.iinfo(dtype)
        return generator.integers(limits.min, int(limits.max) + 1, shape).astype(dtype)
    return generator.normal(0, 1, shape).astype(dtype)


class Glimpse:
    """A process for each round: loading is not in the figures."""

    def __init__(self, program, model, numerics, kernels):
        self.command = [program, "bench", str(model), "--numerics", numerics, "--kernels", kernels, "--threads", "1", "--json"]
        self.name = f"glimpse {numerics} {kernels}"

    def measure(self, seconds):
        done = subprocess.run([*self.command, "--seconds", str(seconds)], capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(done.stderr.strip())
        result = json.loads(done.stdout.splitlines()[0])
        return {key: result[key] for key in ("runs", "min_us", "p50_us", "p90_us")}


class Litert:
    def __init__(self, model, resolver, name):
        from ai_edge_litert.interpreter import Interpreter, OpResolverType

        self.name = name
        self.interpreter = Interpreter(str(model), num_threads=1,
                                       experimental_op_resolver_type=getattr(OpResolverType, resolver))
        self.interpreter.allocate_tensors()
        for detail in self.interpreter.get_input_details():
            self.interpreter.set_tensor(detail["index"], noise(detail["shape"], detail["dtype"]))

    def measure(self, seconds):
        return timed(self.interpreter.invoke, seconds)


class TfliteMicro:
    """Its wheel lives in another environment: a worker process that measures when told for how long."""

    name = "tflite-micro wheel"

    def __init__(self, python, model):
        self.process = subprocess.Popen([python, str(pathlib.Path(__file__).resolve()), "--worker-tflm", str(model)],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        if self.process.stdout.readline().strip() != "ready":
            self.process.wait()
            raise RuntimeError("the tflite-micro wheel does not run this model")

    def measure(self, seconds):
        print(seconds, file=self.process.stdin, flush=True)
        return json.loads(self.process.stdout.readline())

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def work_for_tflm(model):
    from tflite_micro.python.tflite_micro import runtime

    interpreter = runtime.Interpreter.from_file(str(model), arena_size=TFLM_ARENA)
    detail = interpreter.get_input_details(0)
    interpreter.set_input(noise(detail["shape"], detail["dtype"]), 0)
    interpreter.invoke()
    print("ready", flush=True)
    for line in sys.stdin:
        print(json.dumps(timed(interpreter.invoke, float(line))), flush=True)


def make_runners(arguments, model):
    """Ours first; a runtime that cannot run the model is left out with a word on stderr."""
    makers = [lambda spec=spec: Glimpse(arguments.glimpse, model, arguments.numerics, spec)
              for spec in arguments.kernels or ["auto"]]
    makers.append(lambda: Litert(model, "AUTO", "litert default (XNNPACK)"))
    makers.append(lambda: Litert(model, "BUILTIN_REF", "litert reference kernels"))
    if arguments.python_tflm:
        makers.append(lambda: TfliteMicro(arguments.python_tflm, model))
    runners = []
    for make in makers:
        try:
            runners.append(make())
        except (RuntimeError, ValueError) as error:
            print(f"{model.name}: left out: {error}", file=sys.stderr)
    return runners


def measure_model(arguments, model):
    """One record for each runtime: the median over rounds of its figures, and of its p50 by our first p50."""
    runners = make_runners(arguments, model)
    rounds = [{} for _ in range(arguments.rounds)]
    for number, figures in enumerate(rounds):
        turn = number % len(runners)
        for runner in runners[turn:] + runners[:turn]:
            figures[runner.name] = runner.measure(arguments.seconds)
    records = []
    for runner in runners:
        own = [figures[runner.name] for figures in rounds]
        ratios = [figures[runner.name]["p50_us"] / figures[runners[0].name]["p50_us"] for figures in rounds]
        records.append({
            "model": model.name, "runtime": runner.name, "threads": 1, "rounds": arguments.rounds,
            "runs": sum(f["runs"] for f in own), "min_us": round(min(f["min_us"] for f in own), 2),
            **{key: round(statistics.median(f[key] for f in own), 2) for key in ("p50_us", "p90_us")},
            "by_ours": round(statistics.median(ratios), 3), "by_ours_low": round(min(ratios), 3),
            "by_ours_high": round(max(ratios), 3)})
    for runner in runners:
        if hasattr(runner, "close"):
            runner.close()
    return records


def default_models():
    models = sorted((ROOT / "config" / "models").glob("*.tflite"))
    zoo = os.environ.get("GLIMPSE_ZOO")
    if zoo:
        models += sorted((pathlib.Path(zoo) / "bench").glob("*.tflite"))
    else:
        print("GLIMPSE_ZOO is not set: only the shipped models", file=sys.stderr)
    return models


def main():
    arguments = parse_arguments()
    if arguments.worker_tflm:
        work_for_tflm(arguments.worker_tflm)
        return 0
    if not arguments.json:
        print(f"{'model':28} {'runtime':36} {'min us':>10} {'p50 us':>10} {'p90 us':>10}  p50 by ours (lowest - highest round)")
    for model in arguments.models or default_models():
        for record in measure_model(arguments, model):
            if arguments.json:
                print(json.dumps(record), flush=True)
            else:
                print(f"{record['model']:28} {record['runtime']:36} {record['min_us']:10.1f} {record['p50_us']:10.1f} "
                      f"{record['p90_us']:10.1f}  {record['by_ours']:.2f} ({record['by_ours_low']:.2f} - "
                      f"{record['by_ours_high']:.2f})", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
