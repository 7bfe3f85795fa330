# SPDX-License-Identifier: Apache-2.0
"""Runs one model on the same inputs in `glimpse run --dump` and in a foreign runtime, and compares every tensor."""

import json
import pathlib
import subprocess
import tempfile
import threading
from dataclasses import dataclass, field

import numpy as np

DUMP = pathlib.Path(__file__).resolve().parents[3] / "tools" / "litert_dump.py"
# The profile that reproduces each resolver of tools/litert_dump.py.
PROFILES = {"builtin-ref": "litert-reference", "tflite-micro": "tflite-micro", "default": "litert-xnnpack"}
CHUNK_BYTES = 96 << 20  # of one side's dump on disk at a time
_LOADING = threading.Lock()


class RunFailed(Exception):
    """A program did not do its work: `who` ("glimpse" or the runtime), exit `code` (negative: a signal), its `text`."""

    def __init__(self, who, code, text):
        super().__init__(f"{who} exits {code}: {text}")
        self.who, self.code, self.text = who, code, text


@dataclass
class TensorCount:
    elements: int = 0
    differing: int = 0
    largest: float = 0.0  # difference
    reach: float = 0.0    # largest finite value of theirs


@dataclass
class Comparison:
    model: str
    profile: str
    samples: int = 0
    runtime: str = ""                               # name and version as the dump says
    tensors: dict = field(default_factory=dict)     # index -> TensorCount
    faults: list = field(default_factory=list)      # shapes, types, tensors that only one side has
    unreadable: set = field(default_factory=set)    # tensors that the foreign runtime does not hand out
    ours: list = field(default_factory=list)        # first output, chunk by chunk
    theirs: list = field(default_factory=list)

    @property
    def elements(self):
        return sum(t.elements for t in self.tensors.values())

    @property
    def differing(self):
        return sum(t.differing for t in self.tensors.values())

    @property
    def equal(self):
        return not self.faults and not self.differing and self.elements > 0


@dataclass
class Programs:
    glimpse: str
    python_litert: str
    python_tflm: str | None = None
    timeout: int = 600

    def python_of(self, resolver):
        return self.python_tflm if resolver == "tflite-micro" else self.python_litert


def last_line(text):
    lines = [line for line in text.strip().splitlines() if line.strip()]
    return lines[-1] if lines else "no message"


def wait_for(who, process, timeout):
    try:
        _, error = process.communicate(timeout=timeout)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        raise RunFailed(who, "timeout", f"did not end within {timeout} s") from None
    if process.returncode:
        text = error.decode("utf-8", "replace")
        raise RunFailed(who, process.returncode, text.strip() if who == "glimpse" else last_line(text))


def start_glimpse(programs, model, arrays, folder, profile, limits=(), dump=True):
    folder.mkdir()
    command = [programs.glimpse, "run", str(model), "--output", str(folder), "--numerics", profile]
    if dump:
        command.append("--dump")
    for limit in limits:
        command += ["--limit", limit]
    for position, array in enumerate(arrays):
        np.save(folder / f"input_{position}.npy", array)
        command += ["--input", str(folder / f"input_{position}.npy")]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


def start_runtime(programs, resolver, model, arrays, folder):
    folder.mkdir()
    command = [programs.python_of(resolver), str(DUMP), str(model), "--output", str(folder / "dump"), "--resolver", resolver]
    for position, array in enumerate(arrays):
        np.save(folder / f"input_{position}.npy", array)
        command += ["--input", str(folder / f"input_{position}.npy")]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


def load_array(path):
    """np.load for programs with threads: it reads a file's header by ast.literal_eval, which in CPython before 3.11.8 now and then raises
    SystemError when two threads are in it (python/cpython#106905)."""
    with _LOADING:
        return np.load(path)


def differences(ours, theirs):
    """(how many elements differ in any bit, largest absolute difference). REQUIRES: equal shape and dtype."""
    words = {1: np.uint8, 2: np.uint16, 4: np.uint32, 8: np.uint64}[ours.dtype.itemsize]
    unequal = np.ascontiguousarray(ours).view(words) != np.ascontiguousarray(theirs).view(words)
    count = int(unequal.sum())
    if not count:
        return 0, 0.0
    a, b = ours[unequal].astype(np.float64), theirs[unequal].astype(np.float64)
    with np.errstate(invalid="ignore"):
        spread = np.where((a == b) | (np.isnan(a) & np.isnan(b)), 0.0, np.abs(a - b))
    return count, float("inf") if np.isnan(spread).any() else float(spread.max())


def reach(array):
    """The largest finite absolute value."""
    finite = array[np.isfinite(array)] if array.dtype.kind == "f" else array
    return float(np.abs(finite.astype(np.float64)).max()) if finite.size else 0.0


def compare_folders(graph, ours, theirs, result):
    result.runtime = json.loads((theirs / "runtime.json").read_text())["runtime"]
    for index in graph.produced():
        mine, other = ours / f"tensor_{index}.npy", theirs / f"tensor_{index}.npy"
        if not other.exists():
            result.unreadable.add(index)
            continue
        if not mine.exists():
            result.faults.append(f"tensor {index} (operator {graph.producer(index)}) is not in our dump")
            continue
        a, b = load_array(mine), load_array(other)
        if a.shape != b.shape or a.dtype != b.dtype:
            result.faults.append(f"tensor {index} (operator {graph.producer(index)}) is {a.dtype} {list(a.shape)}, "
                                 f"theirs {b.dtype} {list(b.shape)}")
            continue
        count, largest = differences(a, b)
        total = result.tensors.setdefault(index, TensorCount())
        total.elements += a.size
        total.differing += count
        total.largest = max(total.largest, largest)
        total.reach = max(total.reach, reach(b))
        if graph.outputs and index == graph.outputs[0]:
            result.ours.append(a)
            result.theirs.append(b)


def compare_plain_run(graph, dumped, plain, result):
    """A dump computes operators one by one; without it kernels may compute chains of them, with the same outputs."""
    for position in range(len(graph.outputs)):
        name = f"output_{position}.npy"
        if (dumped / name).read_bytes() != (plain / name).read_bytes():
            result.faults.append(f"output {position} differs between runs with and without --dump")


def compare(programs, graph, arrays, resolver):
    """arrays: one [N, *shape] for each input. Both programs run at the same time. Raises RunFailed."""
    result = Comparison(model=graph.path.name, profile=PROFILES[resolver], samples=len(arrays[0]))
    chunk = int(max(1, min(result.samples, CHUNK_BYTES // graph.bytes_per_sample())))
    for start in range(0, result.samples, chunk):
        part = [array[start:start + chunk] for array in arrays]
        with tempfile.TemporaryDirectory(prefix="glimpse-oracle-") as folder:
            ours, theirs = pathlib.Path(folder) / "ours", pathlib.Path(folder) / "theirs"
            mine = start_glimpse(programs, graph.path, part, ours, result.profile)
            other = start_runtime(programs, resolver, graph.path, part, theirs)
            try:
                wait_for("glimpse", mine, programs.timeout)
            except RunFailed:
                other.kill()
                other.communicate()
                raise
            plain = start_glimpse(programs, graph.path, part, ours.with_name("plain"), result.profile, dump=False)
            wait_for("glimpse", plain, programs.timeout)
            wait_for(resolver, other, programs.timeout)
            compare_folders(graph, ours, theirs / "dump", result)
            compare_plain_run(graph, ours, ours.with_name("plain"), result)
    return result
