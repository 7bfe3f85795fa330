#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs the benchmarks and writes docs/performance.md with its plots.

    GLIMPSE_ZOO=DIR bench/report.py --glimpse build/release/bin/glimpse --python-litert PYTHON [--python-tflm PYTHON]
        [--python-onnx PYTHON --onnx DIR] [--realtime] [--quick]

What was measured lies in --results as the scripts' own JSON; --page alone writes the page anew from there. --python-litert needs
numpy too, for the random models.
"""

import argparse
import json
import pathlib
import subprocess
import sys

import performance_page
import rounds

FOLDER = pathlib.Path(__file__).resolve().parent


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--glimpse", type=pathlib.Path, help="the program to measure")
    parser.add_argument("--tools", type=pathlib.Path, help="folder of bench_tools (default: bench/ beside the program's bin/)")
    parser.add_argument("--python-litert", default=sys.executable, help="Python with ai-edge-litert and numpy (default: this one)")
    parser.add_argument("--python-tflm", help="Python with tflite-micro")
    parser.add_argument("--python-onnx", help="Python with onnxruntime")
    parser.add_argument("--onnx", type=pathlib.Path, metavar="DIR", help="folder of to_onnx.py's files")
    parser.add_argument("--plugins", action="append", metavar="NAME=DIR", default=[], help="for operators.py: builds to set side by side")
    parser.add_argument("--isa", default="avx2", help="masked level of the main table (default avx2; native: no second table)")
    parser.add_argument("--realtime", action="store_true", help="real-time priority (root)")
    parser.add_argument("--quick", action="store_true", help="few rounds: to see that all works")
    parser.add_argument("--results", type=pathlib.Path, default=rounds.ROOT / "build" / "performance", metavar="DIR",
                        help="folder of the measurements (default build/performance)")
    parser.add_argument("--page", action="store_true", help="measure nothing, write the page from --results")
    arguments = parser.parse_args()
    if not arguments.page and not arguments.glimpse:
        parser.error("--glimpse is needed, or --page")
    return arguments


def steps(arguments):
    """(name of the result, script, its arguments, whether LiteRT's Python runs it)."""
    quick = arguments.quick
    machine = ["--realtime"] if arguments.realtime else []
    machine += ["--tools", arguments.tools] if arguments.tools else []
    machine += ["--python-litert", arguments.python_litert]
    peers = [item for key in ("python_tflm", "python_onnx", "onnx") if (value := getattr(arguments, key)) for item in (f"--{key.replace('_', '-')}", value)]
    count = ["--rounds", 3 if quick else 11, "--seconds", 0.05 if quick else 0.2]
    masked = ["--isa", arguments.isa]
    yield "compare", "compare.py", [*machine, *masked, *peers, *count, "--large"]
    if arguments.isa != "native":
        yield "native", "compare.py", [*machine, *peers, *count]
    yield "random", "random_models.py", [*machine, *masked, "--models", 20 if quick else 200]
    yield "load", "load_time.py", [*machine, "--rounds", 7 if quick else 31]
    plugins = [item for text in arguments.plugins for item in ("--plugins", text)]
    yield "operators", "operators.py", [*machine, *masked, *plugins, "--seconds", 0.1 if quick else 0.5]
    yield "instructions", "instructions.py", []


def measure(arguments):
    arguments.results.mkdir(parents=True, exist_ok=True)
    for name, script, options in steps(arguments):
        print(f"{script} for {name}", file=sys.stderr, flush=True)
        command = [arguments.python_litert, FOLDER / script, "--glimpse", arguments.glimpse, "--json", *options]
        done = subprocess.run([str(part) for part in command], stdout=subprocess.PIPE, text=True, check=False)
        if done.returncode:
            sys.exit(f"report.py: {script} ends with status {done.returncode}; nothing is written")
        (arguments.results / f"{name}.jsonl").write_text(done.stdout)


def read(folder):
    """{name of the result: its records}."""
    found = {path.stem: [json.loads(line) for line in path.read_text().splitlines()] for path in sorted(folder.glob("*.jsonl"))}
    if "compare" not in found:
        sys.exit(f"report.py: {folder} holds no measurements: run without --page first")
    return found


def main():
    arguments = parse_arguments()
    if not arguments.page:
        measure(arguments)
    for path, text in performance_page.files(read(arguments.results)).items():
        target = rounds.ROOT / "docs" / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)
        print(target)
    return 0


if __name__ == "__main__":
    sys.exit(main())
