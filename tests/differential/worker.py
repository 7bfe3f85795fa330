#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs models in one foreign runtime, in a process of its own, because a runtime may end the process on a bad model.

    worker.py litert-reference | litert-xnnpack | tflite-micro

Reads requests from standard input and answers on standard output; each is a pickle after its length in 8 bytes:
request (model bytes, list of samples, each a list of arrays, number of outputs), answer ("ok", list of samples, each a list of output arrays) or
("error", text).
"""

import os
import pickle
import struct
import sys

import numpy as np


def run_litert_reference(model, samples, _):
    from ai_edge_litert.interpreter import OpResolverType

    return run_litert(model, samples, OpResolverType.BUILTIN_REF)


def run_litert_xnnpack(model, samples, _):
    from ai_edge_litert.interpreter import OpResolverType

    return run_litert(model, samples, OpResolverType.AUTO)


def run_litert(model, samples, resolver):
    from ai_edge_litert.interpreter import Interpreter

    interpreter = Interpreter(model_content=model, num_threads=1, experimental_op_resolver_type=resolver)
    interpreter.allocate_tensors()
    results = []
    for sample in samples:
        for detail, array in zip(interpreter.get_input_details(), sample):
            interpreter.set_tensor(detail["index"], array)
        interpreter.invoke()
        results.append([interpreter.get_tensor(d["index"]).copy() for d in interpreter.get_output_details()])
    return results


def run_micro(model, samples, outputs):
    from tflite_micro import runtime

    interpreter = runtime.Interpreter.from_bytes(model, arena_size=1 << 24)
    results = []
    for sample in samples:
        for position, array in enumerate(sample):
            interpreter.set_input(array, position)
        interpreter.invoke()
        results.append([np.array(interpreter.get_output(i), copy=True) for i in range(outputs)])
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
    run = {"litert-reference": run_litert_reference, "litert-xnnpack": run_litert_xnnpack,
           "tflite-micro": run_micro}[sys.argv[1]]
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what the runtime prints must not end up between the answers
    requests = os.fdopen(0, "rb")
    while True:
        length = struct.unpack("<Q", read_exactly(requests, 8))[0]
        model, samples, outputs = pickle.loads(read_exactly(requests, length))
        try:
            answer = ("ok", run(model, samples, outputs))
        except Exception as error:  # a refusal, whatever its type
            answer = ("error", f"{type(error).__name__}: {error}".strip().replace("\n", " "))
        data = pickle.dumps(answer)
        answers.write(struct.pack("<Q", len(data)) + data)
        answers.flush()


if __name__ == "__main__":
    main()
