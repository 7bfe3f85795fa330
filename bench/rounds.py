# SPDX-License-Identifier: Apache-2.0
"""Interleaved rounds, and what is computed from them.

A machine's speed drifts, so single figures of two runs say little. Every round times each runtime for a moment, one after the
other, in an order that turns by one each round. A ratio is ours by theirs within one round; what is told of it is the median over
rounds.
"""

import math
import os
import pathlib
import statistics
import sys

ROOT = pathlib.Path(__file__).resolve().parents[1]


def interleave(runners, rounds, seconds):
    """A list of rounds, each {name of runner: its figures}."""
    results = []
    for number in range(rounds):
        turn = number % len(runners)
        results.append({runner.name: runner.measure(seconds) for runner in runners[turn:] + runners[:turn]})
    return results


def ratios(results, name, other, key="p50_us"):
    """In each round, the figure of `name` by that of `other`."""
    return [figures[name][key] / figures[other][key] for figures in results]


def summary(results, name, first):
    """Medians over rounds of one runner, and of the ratio of the runner `first` to it, with the extremes."""
    own = [figures[name] for figures in results]
    ratio = ratios(results, first, name)
    return {
        "rounds": len(results), "runs": sum(f["runs"] for f in own), "min_us": round(min(f["min_us"] for f in own), 2),
        **{key: round(statistics.median(f[key] for f in own), 2) for key in ("p50_us", "p90_us")},
        "ratio": round(statistics.median(ratio), 4), "ratio_low": round(min(ratio), 4), "ratio_high": round(max(ratio), 4)}


def geometric_mean(values):
    return math.exp(statistics.fmean(math.log(value) for value in values))


def percentile(values, part):
    """The nearest rank."""
    ordered = sorted(values)
    return ordered[min(len(ordered), max(1, math.ceil(part * len(ordered)))) - 1]


def zoo():
    """The folder of further models, or None with a word on stderr."""
    folder = os.environ.get("GLIMPSE_ZOO")
    if not folder:
        print("GLIMPSE_ZOO is not set: only the shipped models. The six models that speed is measured on are in bench/ of the "
              "folder that it names", file=sys.stderr)
        return None
    return pathlib.Path(folder)


def suite_models():
    """bench/ of the zoo, else the shipped models."""
    folder = zoo()
    return sorted((folder / "bench").glob("*.tflite")) if folder else sorted((ROOT / "config" / "models").glob("*.tflite"))


def large_models():
    """Two of the zoo whose working set does not fit the first caches."""
    folder = zoo()
    names = ("mobilenet_v2_1.0_224_ptq", "mcunetv2_large")
    found = [path for name in names for path in sorted(folder.glob(f"models/**/*{name}.tflite"))] if folder else []
    return found
