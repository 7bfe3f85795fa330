#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs models in one foreign runtime, in a process of its own, because a runtime may end the process on a bad model.

    worker.py litert-reference | litert-xnnpack | tflite-micro

Reads requests from standard input and answers on standard output; each is a pickle after its length in 8 bytes. A request is
(model bytes, list of samples, each a list of arrays, number of outputs, None or indices of tensors), the answer ("ok", list of
samples, each a list of the model's outputs or of these tensors) or ("error", text). Variables keep their state from sample to
sample.
"""

import os
import pickle
import struct
import sys

import numpy as np


def run_litert(model, samples, tensors, reference):
    from ai_edge_litert.interpreter import Interpreter, OpResolverType

    resolver = OpResolverType.BUILTIN_REF if reference else OpResolverType.AUTO
    interpreter = Interpreter(model_content=model, num_threads=1, experimental_op_resolver_type=resolver,
                              experimental_preserve_all_tensors=tensors is not None)
    interpreter.allocate_tensors()
    wanted = [d["index"] for d in interpreter.get_output_details()] if tensors is None else tensors
    results = []
    for sample in samples:
        for detail, array in zip(interpreter.get_input_details(), sample):
            interpreter.set_tensor(detail["index"], array)
        interpreter.invoke()
        results.append([content_of(interpreter, index) for index in wanted])
    return results


def content_of(interpreter, index):
    """A tensor's content; the wheel hands out none that has no elements."""
    try:
        return interpreter.get_tensor(index).copy()
    except ValueError:
        detail = interpreter._get_tensor_details(index, 0)
        if 0 not in detail["shape"]:
            raise
        return np.empty(detail["shape"], detail["dtype"])


def run_micro(model, samples, outputs, tensors):
    from tflite_micro import runtime

    kinds = runtime.InterpreterConfig
    interpreter = runtime.Interpreter.from_bytes(
        model, arena_size=1 << 24,
        intrepreter_config=kinds.kAllocationRecording if tensors is None else kinds.kPreserveAllTensors)
    results = []
    for sample in samples:
        for position, array in enumerate(sample):
            interpreter.set_input(array, position)
        interpreter.invoke()
        found = ([interpreter.get_output(i) for i in range(outputs)] if tensors is None else
                 [interpreter.GetTensor(index, 0)["tensor_data"] for index in tensors])
        results.append([np.array(array, copy=True) for array in found])
    return results


def read_exactly(stream, count):
    data = b""
    while len(data) < count:
        part = stream.read(count - len(data))
        if not part:
            sys.exit(0)
        data += part
    return data


def main():
    name = sys.argv[1]
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what the runtime prints must not end up between the answers
    requests = os.fdopen(0, "rb")
    while True:
        length = struct.unpack("<Q", read_exactly(requests, 8))[0]
        model, samples, outputs, tensors = pickle.loads(read_exactly(requests, length))
        try:
            if name == "tflite-micro":
                answer = ("ok", run_micro(model, samples, outputs, tensors))
            else:
                answer = ("ok", run_litert(model, samples, tensors, name == "litert-reference"))
        except Exception as error:  # a refusal, whatever its type
            answer = ("error", f"{type(error).__name__}: {error}".strip().replace("\n", " "))
        data = pickle.dumps(answer)
        answers.write(struct.pack("<Q", len(data)) + data)
        answers.flush()


if __name__ == "__main__":
    main()
