# SPDX-License-Identifier: Apache-2.0
"""Every model of a folder: equal to the runtime, or refused for a reason that is said; never a crash, a hang, a difference.

Beside the folder may lie MODELS.tsv, which says of each file how it is quantised and whether it is a negative one (see negative.py).
Without it both are found out here as far as they can be. Verdicts:

    equal        no element of any tensor differs
    within       float32 models: every float tensor within TOLERANCE of its range, quantised ones off by one at most
    different    neither
    unsupported  glimpse exits 4, or the model is larger than a limit
    not run      the runtime does not run it either, so there is nothing to compare with
    random       it draws random numbers: the two sides cannot agree
    known        different or unsupported, and zoo_known.tsv says why
"""

import concurrent.futures
import csv
import os
import pathlib
import queue
import tempfile
import time
from dataclasses import dataclass

import numpy as np

from compare import PROFILES, Comparison, RunFailed, compare_folders, start_glimpse, wait_for
from dump_client import DumpClient
from tflite_file import Broken, TfliteFile

TOLERANCE = 1e-5
# How `quantised` begins for models whose arithmetic is that of integers: every bit counts. All others compute in float somewhere.
EXACT = ("full-int8", "uint8", "int16x8", "no-weights int8", "no-weights uint8", "no-weights int16")
KNOWN = pathlib.Path(__file__).with_name("zoo_known.tsv")
# Some models are larger than what glimpse takes without being told.
LIMITS = ("tensor-bytes=1000000000", "memory-bytes=4000000000", "work=100000000000")
RANDOM_OPERATORS = {"RANDOM_UNIFORM", "RANDOM_STANDARD_NORMAL", "MULTINOMIAL"}
QUANTIZED = (3, 7, 9)  # uint8, int16, int8: a float on the edge of rounding is one unit off
INVALID_MODEL, UNSUPPORTED = 3, 4
TIMEOUT_S = 180


@dataclass
class Verdict:
    model: str
    profile: str
    word: str
    text: str = ""
    passed: bool = True
    kind: str = ""
    elements: int = 0
    tensors: tuple = ()  # (index, producer, elements, differing, largest error, largest value)


def read_table(folder):
    """MODELS.tsv beside the folder: {path below the folder: row}, {} when there is none."""
    path = folder.parent / "MODELS.tsv"
    if not path.is_file():
        return {}
    with open(path, encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        return {row["file"].removeprefix(folder.name + "/"): row for row in rows}


def read_known():
    """{(file, profile): why it is not equal}."""
    with open(KNOWN, encoding="utf-8", newline="") as file:
        return {(row[0], row[1]): row[2] for row in csv.reader(file, delimiter="\t") if row and not row[0].startswith("#")}


def is_exact(graph, row):
    return row["quantised"].startswith(EXACT) if row else not graph.computes_in_float()


def may_be_refused(graph):
    """Operators that no runtime resolves by itself: those of TensorFlow (Flex) and custom ones."""
    return sorted({o["name"] for o in graph.operators if o["code"] == 32})


class Zoo:
    def __init__(self, programs, folder, complete, samples, generator):
        self.programs, self.folder, self.complete = programs, folder, complete
        self.samples, self.generator = samples, generator
        self.table, self.known = read_table(folder), read_known()
        self.resolvers = ["builtin-ref"] + (["tflite-micro"] if programs.python_tflm else [])
        self.benches = queue.SimpleQueue()
        for _ in range(os.cpu_count() or 1):
            self.benches.put({r: DumpClient(programs.python_of(r), r, TIMEOUT_S) for r in self.resolvers})

    def names(self, only):
        names = sorted(str(path.relative_to(self.folder)) for path in self.folder.rglob("*.tflite"))
        negative = {name for name, row in self.table.items() if row.get("set") == "negative"}
        return [name for name in names if name not in negative and (not only or only in name)]

    def judge(self, name):
        """The verdicts on one model, one for each runtime."""
        row = self.table.get(name)
        kind = row["quantised"] if row else ""
        try:
            graph = TfliteFile(self.folder / name)
            arrays = graph.random_inputs(self.samples, self.generator(name))
        except Broken as error:
            return [Verdict(name, "-", "not run", f"no input can be made for it: {error}", kind=kind)]
        if not arrays:
            return [Verdict(name, "-", "not run", "it has no inputs", kind=kind)]
        bench = self.benches.get()
        try:
            verdicts = []
            for resolver in self.resolvers:
                verdict = self._judge_in(bench[resolver], graph, name, arrays, is_exact(graph, row))
                verdict.kind = kind
                verdicts.append(verdict)
            return verdicts
        finally:
            self.benches.put(bench)

    def _judge_in(self, client, graph, name, arrays, exact):
        profile = PROFILES[client.resolver]
        with tempfile.TemporaryDirectory(prefix="glimpse-zoo-") as temporary:
            folder = pathlib.Path(temporary)
            mine = start_glimpse(self.programs, graph.path, arrays, folder / "ours", profile, LIMITS)
            theirs_error = None
            try:
                inputs = [folder / "ours" / f"input_{i}.npy" for i in range(len(arrays))]
                client.dump(graph.path, inputs, folder / "theirs")
            except RunFailed as error:
                theirs_error = error
            try:
                wait_for("glimpse", mine, TIMEOUT_S)
            except RunFailed as error:
                return self._refused(graph, name, profile, error, theirs_error)
            if theirs_error:
                return Verdict(name, profile, "not run", f"{client.resolver}: {theirs_error.text}"[:200])
            result = Comparison(model=name, profile=profile, samples=self.samples)
            compare_folders(graph, folder / "ours", folder / "theirs", result)
            return self._compared(graph, name, result, exact)

    def _refused(self, graph, name, profile, error, theirs_error):
        text = error.text.replace(f"glimpse: {graph.path}: ", "")[:200]
        if error.code == UNSUPPORTED or "the limit (" in error.text:
            if (name, profile) in self.known:
                return Verdict(name, profile, "known", f"{self.known[name, profile]}: {text}")
            excused = theirs_error is not None or may_be_refused(graph)
            return Verdict(name, profile, "unsupported", text, passed=bool(excused) or not self.complete)
        if error.code in (1, INVALID_MODEL) and theirs_error is not None:
            return Verdict(name, profile, "not run", f"glimpse exits {error.code}: {text}")
        return Verdict(name, profile, "different", f"glimpse exits {error.code}, the runtime runs it: {text}", passed=False)

    def _compared(self, graph, name, result, exact):
        tensors = tuple((i, graph.producer(i), t.elements, t.differing, t.largest, t.reach)
                        for i, t in sorted(result.tensors.items()))
        text = f"{result.samples} inputs, {len(tensors)} tensors, {result.elements:,} elements"
        verdict = Verdict(name, result.profile, "equal", text, elements=result.elements, tensors=tensors)
        if result.equal:
            return verdict
        if (name, result.profile) in self.known:
            verdict.word = "known"
            verdict.text += f": {self.known[name, result.profile]}"
            return verdict
        if RANDOM_OPERATORS & {o["name"] for o in graph.operators}:
            verdict.word = "random"
            return verdict
        worst = max((self._excess(graph, t) for t in tensors if t[3]), default=float("inf"))
        verdict.passed = not exact and not result.faults and worst <= 1
        verdict.word = "within" if verdict.passed else "different"
        verdict.text += f", {result.differing:,} differ" + "".join(f"; {fault}" for fault in result.faults[:2])
        return verdict

    @staticmethod
    def _excess(graph, tensor):
        """How many times the allowed error a tensor of a float model is off."""
        index, _, _, _, largest, reach = tensor
        kind = graph.tensors[index]["type"]
        if kind == 0:
            return largest / max(TOLERANCE * reach, np.finfo(np.float32).tiny)
        return largest if kind in QUANTIZED else float("inf")

    def close(self):
        while not self.benches.empty():
            for client in self.benches.get().values():
                client.close()


def _print(verdict, report):
    report.case(f"{verdict.word:11} {verdict.model}, {verdict.profile}", verdict.passed, verdict.text)
    if verdict.word not in ("within", "different"):
        return
    for index, producer, elements, differing, largest, reach in verdict.tensors:
        if differing or report.verbose:
            share = f", {largest / reach:.1e} of its range" if reach else ""
            report.note(f"tensor {index} (operator {producer}): {differing:,} of {elements:,} differ, by at most {largest:g}{share}")


def _summary(verdicts, report):
    """Counts by kind of model, profile and verdict."""
    counts = {}
    for verdict in verdicts:
        key = (" ".join(verdict.kind.split(" w=")[0].replace(" dyn-shape", "").split()) or "?", verdict.profile)
        words = counts.setdefault(key, {})
        words[verdict.word] = words.get(verdict.word, 0) + 1
    for (kind, profile), words in sorted(counts.items()):
        report.note(f"{kind:24} {profile:17} " + ", ".join(f"{count} {word}" for word, count in sorted(words.items())))


def check_zoo(programs, folder, arguments, generator, report):
    start = time.monotonic()
    zoo = Zoo(programs, folder, arguments.complete, 3 if arguments.all else 1, generator)
    verdicts = []
    try:
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count() or 1) as pool:
            for group in pool.map(zoo.judge, zoo.names(arguments.only)):
                for verdict in group:
                    _print(verdict, report)
                    verdicts.append(verdict)
    finally:
        zoo.close()
    _summary(verdicts, report)
    report.zoo = verdicts
    report.note(f"{len(verdicts)} verdicts, {sum(v.elements for v in verdicts):,} elements, {time.monotonic() - start:.0f} s")
