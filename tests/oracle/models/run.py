#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Whole models against the real TFLite runtimes: every tensor of every operator, zero differing elements.

    tests/oracle/models/run.py --glimpse build/dev/bin/glimpse [--python-tflm PYTHON] [--part PART ...] [--all]

Run it by a Python that has ai-edge-litert and numpy; --python-tflm names one that has tflite-micro. The environment
variable GLIMPSE_ZOO may name a folder with mnist/ (the idx files), bench/ and models/ (.tflite files); without it the
shipped model runs on random inputs and on the pictures of tests/data, and what is left out is said.

Parts: digits (all MNIST test digits), pictures (tests/data/digits), random (1,000 random inputs), bench (the models of
bench/), micro (the same models under tflite-micro), inspect (one output element at 200 random places of each
convolution), diff (against the XNNPACK delegate), zoo (every model of models/, one input each, three with --all),
delegated (final outputs of the full-int8 models there under litert-xnnpack), negative (the models there that no runtime
runs: the exit status).
"""

import argparse
import json
import os
import pathlib
import sys
import time

import numpy as np

from compare import Programs, RunFailed, compare
from delegated import check_delegated
from explain import check_diff, check_inspect
from inputs import Skipped, digits, pictures
from negative import check_negative
from report import Report
from tflite_file import TfliteFile
from zoo import check_zoo

ROOT = pathlib.Path(__file__).resolve().parents[3]
SHIPPED = ROOT / "config" / "models" / "digits-28x28.tflite"
PARTS = ("digits", "pictures", "random", "bench", "micro", "inspect", "diff", "zoo", "delegated", "negative")


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--glimpse", required=True, help="the program under test")
    parser.add_argument("--python-litert", default=sys.executable, help="Python with ai-edge-litert (default: this one)")
    parser.add_argument("--python-tflm", help="Python with tflite-micro; without it the part micro is left out")
    parser.add_argument("--part", action="append", choices=PARTS, help="only this part; may be repeated")
    parser.add_argument("--all", action="store_true", help="three inputs for each model of the zoo")
    parser.add_argument("--complete", action="store_true",
                        help="of the zoo, only operators of TensorFlow and custom ones may be unsupported")
    parser.add_argument("--samples", type=int, help="at most so many inputs for each model (default: the full numbers)")
    parser.add_argument("--positions", type=int, default=200, help="places for each convolution in inspect (default 200)")
    parser.add_argument("--only", help="of the zoo, only files whose path contains this")
    parser.add_argument("--seed", type=int, default=1, help="of random inputs and places (default 1)")
    parser.add_argument("--verbose", action="store_true", help="a line for each tensor, too")
    parser.add_argument("--json", type=pathlib.Path, help="write all counts to this file, too")
    parser.add_argument("--markdown", type=pathlib.Path, help="write the table of docs/exactness.md to this file, too")
    return parser.parse_args()


def zoo_folder(name):
    """A folder of GLIMPSE_ZOO. Raises Skipped."""
    zoo = os.environ.get("GLIMPSE_ZOO")
    if not zoo:
        raise Skipped("GLIMPSE_ZOO is not set")
    folder = pathlib.Path(zoo) / name
    if not folder.is_dir():
        raise Skipped(f"{folder} is not there")
    return folder


class Runner:
    def __init__(self, arguments):
        self.arguments = arguments
        self.programs = Programs(arguments.glimpse, arguments.python_litert, arguments.python_tflm)
        self.report = Report(arguments.verbose)

    def limit(self, count):
        return min(count, self.arguments.samples or count)

    def generator(self, name):
        """Random numbers that depend on the seed and the case alone, not on which cases ran before."""
        return np.random.default_rng([self.arguments.seed, *name.encode()])

    def check(self, graph, what, arrays, resolver="builtin-ref"):
        """One model, one kind of input: a case. Returns the comparison, or None when a program failed."""
        start = time.monotonic()
        try:
            result = compare(self.programs, graph, arrays, resolver)
        except RunFailed as error:
            self.report.case(f"{graph.path.name}, {what}, {resolver}", False, str(error))
            return None
        self.report.comparison(graph, what, result, time.monotonic() - start)
        return result

    def check_predictions(self, result, labels):
        ours, theirs = (np.concatenate(part).reshape(len(labels), -1).argmax(1) for part in (result.ours, result.theirs))
        equal = int((ours == theirs).sum())
        text = f"{equal} of {len(labels)} equal; accuracy ours {100 * (ours == labels).mean():.2f} %, " \
               f"theirs {100 * (theirs == labels).mean():.2f} %"
        self.report.case(f"{result.model}, predictions, {result.profile}", equal == len(labels), text)

    def run_digits(self):
        images, labels = digits(zoo_folder("mnist"))
        count = self.limit(len(images))
        result = self.check(TfliteFile(SHIPPED), "MNIST test digits", [images[:count]])
        if result and result.ours:
            self.check_predictions(result, labels[:count])

    def run_pictures(self):
        graph = TfliteFile(SHIPPED)
        images = pictures(self.programs.glimpse, SHIPPED, ROOT / "tests" / "data" / "digits")
        self.check(graph, "pictures of tests/data, preprocessed", [images[:self.limit(len(images))]])

    def run_random(self):
        graph = TfliteFile(SHIPPED)
        self.check(graph, "random", graph.random_inputs(self.limit(1000), self.generator("random")))

    def bench_models(self):
        return sorted(zoo_folder("bench").glob("*.tflite"))

    def run_bench(self):
        for path in self.bench_models():
            graph = TfliteFile(path)
            self.check(graph, "random", graph.random_inputs(self.limit(100), self.generator(path.name)))

    def run_micro(self):
        if not self.programs.python_tflm:
            raise Skipped("--python-tflm is not given")
        shipped = TfliteFile(SHIPPED)
        self.check(shipped, "random", shipped.random_inputs(self.limit(1000), self.generator("random")), "tflite-micro")
        try:
            images, labels = digits(zoo_folder("mnist"))
            count = self.limit(len(images))
            result = self.check(shipped, "MNIST test digits", [images[:count]], "tflite-micro")
            if result and result.ours:
                self.check_predictions(result, labels[:count])
            models = self.bench_models()
        except Skipped as skipped:
            self.report.skip("micro, MNIST and bench", str(skipped))
            return
        for path in models:
            graph = TfliteFile(path)
            self.check(graph, "random", graph.random_inputs(self.limit(100), self.generator(path.name)), "tflite-micro")

    def run_inspect(self):
        check_inspect(self.programs, TfliteFile(SHIPPED), self.arguments.positions, self.generator("inspect"), self.report)

    def run_diff(self):
        graphs = [TfliteFile(SHIPPED)]
        try:
            graphs += [TfliteFile(path) for path in self.bench_models()]
        except Skipped as skipped:
            self.report.skip("diff, models of bench", str(skipped))
        for graph in graphs:
            arrays = graph.random_inputs(self.limit(100), self.generator(graph.path.name))
            check_diff(self.programs, graph, arrays, self.report)

    def run_delegated(self):
        check_delegated(self.programs, zoo_folder("models"), self.arguments.only, self.generator, self.report)

    def run_zoo(self):
        check_zoo(self.programs, zoo_folder("models"), self.arguments, self.generator, self.report)

    def run_negative(self):
        check_negative(self.programs, zoo_folder("models"), self.arguments, self.generator, self.report)

    def run(self):
        parts = self.arguments.part or list(PARTS)
        for part in parts:
            try:
                getattr(self, "run_" + part)()
            except Skipped as skipped:
                self.report.skip(part, str(skipped))
        if self.arguments.json:
            self.arguments.json.write_text(json.dumps(self.report.as_json(), indent=1) + "\n")
        if self.arguments.markdown:
            self.arguments.markdown.write_text(self.report.as_markdown())
        return self.report.finish()


if __name__ == "__main__":
    sys.exit(Runner(parse_arguments()).run())
