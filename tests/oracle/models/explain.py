# SPDX-License-Identifier: Apache-2.0
"""What `glimpse inspect --at` and `glimpse diff` say, against what the runtimes compute."""

import json
import pathlib
import subprocess
import tempfile

import numpy as np

from compare import RunFailed, differences, start_glimpse, start_runtime, wait_for

DIFFERENT = 6
REQUANTIZED = ("CONV_2D", "DEPTHWISE_CONV_2D", "FULLY_CONNECTED")


def _glimpse(programs, arguments):
    """(exit status, stdout, stderr) of one command."""
    done = subprocess.run([programs.glimpse, *map(str, arguments)], capture_output=True, text=True,
                          timeout=programs.timeout, check=False)
    return done.returncode, done.stdout, done.stderr.strip()


def _dump(programs, resolver, graph, arrays, folder):
    """The runtime's dump of `arrays` as a folder that diff reads."""
    wait_for(resolver, start_runtime(programs, resolver, graph.path, arrays, folder), programs.timeout)
    return folder / "dump"


def _explained_value(programs, graph, operator, place, given):
    """The result that `inspect --at` arrives at, or an error text."""
    code, out, error = _glimpse(programs, ["inspect", graph.path, "--op", operator, "--at", ",".join(map(str, place)),
                                           "--input", given, "--json"])
    if code:
        return None, f"exit {code}: {error}"
    return json.loads(out)["result"], ""


def _places(layer, count, generator):
    """`count` random indices: the first half anywhere, the rest where the value is not clamped by a ReLU."""
    live = np.argwhere((layer > layer.min()) & (layer < layer.max()))
    for number in range(count):
        if number * 2 < count or not len(live):
            yield [int(generator.integers(0, size)) for size in layer.shape]
        else:
            yield [int(i) for i in live[generator.integers(0, len(live))]]


def check_inspect(programs, graph, positions, generator, report):
    """One random input; for each convolution the value at random places, worked out by inspect, equals the runtime's."""
    arrays = graph.random_inputs(1, generator)
    with tempfile.TemporaryDirectory(prefix="glimpse-oracle-") as work:
        folder = pathlib.Path(work)
        try:
            dump = _dump(programs, "builtin-ref", graph, arrays, folder / "theirs")
        except RunFailed as error:
            report.case(f"{graph.path.name}, inspect --at", False, str(error))
            return
        given = folder / "input.npy"
        np.save(given, arrays[0][0])
        for position, operator in enumerate(graph.operators):
            if operator["name"] not in REQUANTIZED[:2]:
                continue
            layer = np.load(dump / f"tensor_{operator['outputs'][0]}.npy")[0, 0]
            wrong = []
            for place in _places(layer, positions, generator):
                value, text = _explained_value(programs, graph, position, place, given)
                if value != int(layer[tuple(place)]):
                    wrong.append(f"at {place}: {text or value}, runtime {int(layer[tuple(place)])}")
            report.case(f"{graph.path.name}, inspect --op {position} --at, litert-reference", not wrong,
                        f"{positions - len(wrong)} of {positions} places equal" + "".join(f"; {w}" for w in wrong[:3]))


def _first_operator_count(programs, graph, arrays, dump, folder):
    """How many elements of operator 0 differ, counted here: its input is the model's own on both sides."""
    wait_for("glimpse", start_glimpse(programs, graph.path, arrays, folder, "litert-reference"), programs.timeout)
    index = graph.operators[0]["outputs"][0]
    return differences(np.load(folder / f"tensor_{index}.npy"), np.load(dump / f"tensor_{index}.npy"))


def check_diff(programs, graph, arrays, report):
    """Equal against the reference kernels; against XNNPACK different, with each requantizing operator explained."""
    name = graph.path.name
    with tempfile.TemporaryDirectory(prefix="glimpse-oracle-") as work:
        folder = pathlib.Path(work)
        try:
            same = _dump(programs, "builtin-ref", graph, arrays, folder / "reference")
            other = _dump(programs, "default", graph, arrays, folder / "xnnpack")
            first = _first_operator_count(programs, graph, arrays, other, folder / "ours")
        except RunFailed as error:
            report.case(f"{name}, diff", False, str(error))
            return
        code, _, text = _glimpse(programs, ["diff", graph.path, "--against", same, "--json"])
        report.case(f"{name}, diff against builtin-ref", code == 0, f"exit {code} {text}".strip())
        code, out, text = _glimpse(programs, ["diff", graph.path, "--against", other, "--json"])
        _judge_diff(graph, first, code, out, text, report)


def _judge_diff(graph, first, code, out, text, report):
    name = f"{graph.path.name}, diff against XNNPACK"
    try:
        operators = json.loads(out)["operators"]
    except (json.JSONDecodeError, KeyError):
        report.case(name, False, f"exit {code}, no list of operators on stdout: {text}")
        return
    unequal = [o for o in operators if o["differing"]]
    faults = [] if code == (DIFFERENT if unequal else 0) else [f"exit {code}"]
    by_index = {o["index"]: o for o in unequal}
    counted = by_index.get(0, {"differing": 0, "max_difference": 0})
    if (counted["differing"], counted["max_difference"]) != first:
        faults.append(f"operator 0: {counted['differing']} differ by {counted['max_difference']}, counted here {first}")
    for operator in unequal:
        if operator["name"] in REQUANTIZED and operator["explained_by"] != "litert-xnnpack":
            faults.append(f"operator {operator['index']} {operator['name']} explained by {operator['explained_by']}")
    report.case(name, not faults, "; ".join(faults) or f"{len(unequal)} of {len(graph.operators)} operators differ, explained")
