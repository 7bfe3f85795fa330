#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Measures a runtime that is called from Python.

    bench/worker.py litert-reference|tflite-micro|onnxruntime MODEL

Reads a number of seconds a line, invokes the model for that long, and answers with a line of JSON as litert_peer.c does. Run by a
Python that has the runtime. Python adds about a microsecond to each invoke. MODEL is an .onnx file for onnxruntime.
"""

import json
import sys
import time

TFLM_ARENA = 64 << 20
WARM_UP = 3
FEWEST = 10


def timed(invoke, seconds):
    """Calls invoke() for `seconds`, at least FEWEST times. Microseconds: {"runs", "min_us", "p50_us", "p90_us"}."""
    for _ in range(WARM_UP):
        invoke()
    times = []
    end = time.perf_counter() + seconds
    while len(times) < FEWEST or time.perf_counter() < end:
        start = time.perf_counter_ns()
        invoke()
        times.append(time.perf_counter_ns() - start)
    times.sort()
    return {"runs": len(times), "min_us": times[0] / 1e3, "p50_us": times[len(times) // 2] / 1e3,
            "p90_us": times[len(times) * 9 // 10] / 1e3}


def noise(shape, dtype):
    import numpy as np

    generator = np.random.default_rng(1)
    if np.dtype(dtype).kind in "iu":
        limits = np.iinfo(dtype)
        return generator.integers(limits.min, int(limits.max) + 1, shape).astype(dtype)
    return generator.normal(0, 1, shape).astype(dtype)


def litert_reference(model):
    from ai_edge_litert.interpreter import Interpreter, OpResolverType

    interpreter = Interpreter(model, num_threads=1, experimental_op_resolver_type=OpResolverType.BUILTIN_REF)
    interpreter.allocate_tensors()
    for detail in interpreter.get_input_details():
        interpreter.set_tensor(detail["index"], noise(detail["shape"], detail["dtype"]))
    return interpreter.invoke


def tflite_micro(model):
    from tflite_micro.python.tflite_micro import runtime

    interpreter = runtime.Interpreter.from_file(model, arena_size=TFLM_ARENA)
    detail = interpreter.get_input_details(0)
    interpreter.set_input(noise(detail["shape"], detail["dtype"]), 0)
    return interpreter.invoke


def onnxruntime(model):
    import numpy as np
    import onnxruntime as ort

    options = ort.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = ort.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    kinds = {"tensor(float)": np.float32, "tensor(int8)": np.int8, "tensor(uint8)": np.uint8}
    # Bound once: run() would also copy inputs and outputs each time.
    binding = session.io_binding()
    for entry in session.get_inputs():
        shape = [size if isinstance(size, int) else 1 for size in entry.shape]
        binding.bind_ortvalue_input(entry.name, ort.OrtValue.ortvalue_from_numpy(noise(shape, kinds[entry.type])))
    for entry in session.get_outputs():
        binding.bind_output(entry.name)
    return lambda: session.run_with_iobinding(binding)


RUNTIMES = {"litert-reference": litert_reference, "tflite-micro": tflite_micro, "onnxruntime": onnxruntime}


def main():
    if len(sys.argv) != 3 or sys.argv[1] not in RUNTIMES:
        sys.exit(__doc__.strip())
    invoke = RUNTIMES[sys.argv[1]](sys.argv[2])
    for line in sys.stdin:
        print(json.dumps(timed(invoke, float(line))), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
