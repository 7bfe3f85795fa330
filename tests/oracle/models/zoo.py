# SPDX-License-Identifier: Apache-2.0
"""Every model of a folder: it must run exactly, or be refused for a reason; never crash, hang or differ."""

import collections
import re
import subprocess
import time

from compare import RunFailed, compare, reference_runs
from tflite_file import TYPE_NAMES, Broken, TfliteFile

SAMPLES = 3
KERNEL_FAILED, INVALID_MODEL, UNSUPPORTED = 1, 3, 4


def _probe(programs, path):
    """Exit status and message of `glimpse inspect` on a file that this reader cannot make sense of."""
    done = subprocess.run([programs.glimpse, "inspect", str(path)], capture_output=True, text=True,
                          timeout=programs.timeout, check=False)
    return done.returncode, done.stderr.strip()


def _reason(graph, text):
    """A refusal in few words: the operators that nobody serves, else the types, else the text's end."""
    foreign = graph.foreign_operators()
    if foreign:
        return "operators outside the reference set"
    kinds = sorted({TYPE_NAMES.get(graph.tensors[i]["type"], "?") for o in graph.operators
                    for i in o["inputs"] + o["outputs"] if i >= 0})
    if not graph.is_int8():
        return f"types {', '.join(kinds)}"
    return re.sub(r"^glimpse: [^:]*: ", "", text)[:160]


def _check_one(programs, path, name, generator, report, refused):
    try:
        graph = TfliteFile(path)
        arrays = graph.random_inputs(SAMPLES, generator(name))
    except Broken as error:
        code, text = _probe(programs, path)
        report.case(name, code in (0, INVALID_MODEL, UNSUPPORTED), f"not readable here ({error}); glimpse exits {code}: {text}")
        return
    if not arrays:
        refused["no inputs"].append(name)
        return
    must_run = graph.is_int8() and not graph.foreign_operators()
    for resolver in ("builtin-ref", "tflite-micro") if programs.python_tflm else ("builtin-ref",):
        if not _check_in(programs, graph, name, arrays, resolver, must_run, report, refused):
            break


def _check_in(programs, graph, name, arrays, resolver, must_run, report, refused):
    """One model in one runtime. Returns whether it is worth trying the next."""
    start = time.monotonic()
    try:
        result = compare(programs, graph, arrays, resolver)
    except RunFailed as error:
        if error.who != "glimpse":
            # The runtime refuses or dies on it, so there is no truth to compare with.
            refused[f"{resolver} does not run it"].append(name)
            return True
        if "the limit (" in error.text:
            refused["larger than a limit"].append(name)
        elif error.code == UNSUPPORTED and not must_run:
            refused[_reason(graph, error.text)].append(name)
        elif error.code == INVALID_MODEL and not reference_runs(programs, graph, arrays):
            refused["invalid, and the reference runtime does not run it either"].append(name)
        elif error.code == KERNEL_FAILED and " failed: " in error.text and not reference_runs(programs, graph, arrays):
            refused["random inputs that the reference runtime refuses too (a division by zero, say)"].append(name)
        else:
            report.case(f"{name}, {resolver}", False, str(error))
        return False
    result.model = name
    report.comparison(graph, "random", result, time.monotonic() - start)
    return True


def check_zoo(programs, folder, only, generator, report):
    refused = collections.defaultdict(list)
    for path in sorted(folder.rglob("*.tflite")):
        name = str(path.relative_to(folder))
        if not only or only in name:
            _check_one(programs, path, name, generator, report, refused)
    for reason, names in sorted(refused.items(), key=lambda item: -len(item[1])):
        report.note(f"{len(names)} models left out: {reason}")
        if report.verbose:
            for name in names:
                report.note(f"    {name}")
