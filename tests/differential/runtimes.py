# SPDX-License-Identifier: Apache-2.0
"""The foreign runtimes, each in a process of its own, and when their values count as equal to ours."""

import pathlib
import pickle
import struct
import subprocess

import numpy as np

HERE = pathlib.Path(__file__).resolve().parent


class Runtime:
    """A worker process; started again when the runtime ended it."""

    def __init__(self, python, name):
        self.command = [python, str(HERE / "worker.py"), name]
        self.process = None

    def run(self, model, samples, outputs=1, tensors=None):
        """For each sample the list of the model's `outputs` outputs, or of the tensors of these indices; or the text of the
        refusal."""
        if self.process is None:
            self.process = subprocess.Popen(self.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                            stderr=subprocess.DEVNULL)
        try:
            data = pickle.dumps((model, samples, outputs, tensors))
            self.process.stdin.write(struct.pack("<Q", len(data)) + data)
            self.process.stdin.flush()
            length = self.process.stdout.read(8)
            if len(length) < 8:
                raise EOFError
            status, answer = pickle.loads(self.process.stdout.read(struct.unpack("<Q", length)[0]))
            return answer if status == "ok" else str(answer)
        except (EOFError, BrokenPipeError):
            self.process.wait()
            self.process = None
            return "the runtime ended its process"

    def close(self):
        if self.process is not None:
            self.process.stdin.close()
            self.process.wait()


def words(array):
    return np.frombuffer(np.ascontiguousarray(array).tobytes(), np.uint8).reshape(-1, array.dtype.itemsize)


def same(ours, theirs, tolerance=0.0):
    """(elements, how many differ in any bit); a difference in shape or type counts as all. Floats may differ by `tolerance`
    times the range of the runtime's finite values."""
    if ours.dtype != theirs.dtype or ours.shape != theirs.shape:
        return max(theirs.size, 1), max(theirs.size, 1)
    if not theirs.size:
        return 1, 0  # the shape is what there is to compare
    if tolerance and theirs.dtype == np.float32:
        finite = theirs[np.isfinite(theirs)]
        width = tolerance * (np.max(np.abs(finite)) if finite.size else 0)
        with np.errstate(invalid="ignore"):
            near = (ours == theirs) | (np.isnan(ours) & np.isnan(theirs)) | (np.abs(ours - theirs) <= width)
        return theirs.size, int(np.count_nonzero(~near))
    return theirs.size, int(np.count_nonzero((words(ours) != words(theirs)).any(axis=1)))
