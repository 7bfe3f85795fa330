# SPDX-License-Identifier: Apache-2.0
"""SOFTMAX and LOG_SOFTMAX."""

import numpy as np
from ai_edge_litert import schema_py_generated as schema
from cases.common import finish, only, pick
from cases.unary import FLOAT_TOLERANCE, LITERT, _unary, quantized, values
from single_op import Case, Tensor


def _softmax(rng, dtype, wide=False):
    shape = [int(rng.integers(1, 4)) for _ in range(int(pick(rng, [0, 1, 1, 2, 3])))] + [int(pick(rng, [1, 2, 10, 100, 1000]))]
    options = schema.SoftmaxOptionsT()
    options.beta = float(pick(rng, [1.0, 1.0, 1.0, 0.5, 2.7, 10.0]))
    if dtype == np.float32:
        return finish(rng, Case("SOFTMAX", "float32", [Tensor(tuple(shape), dtype)], Tensor((), dtype), options,
                                tolerance=FLOAT_TOLERANCE), values(None, dtype))
    x = quantized(rng, shape, dtype)
    if rng.random() < 0.7:
        x.scales = np.float32(10.0 ** rng.uniform(-0.5, 1.3) / 2.0 ** (8 * np.dtype(dtype).itemsize - 1))
    out = {np.int8: Tensor((), np.int8, np.float32(1 / 256), -128), np.uint8: Tensor((), np.uint8, np.float32(1 / 256), 0),
           np.int16: Tensor((), np.int16, np.float32(2.0 ** -15), 0)}[dtype]
    if wide:
        out = Tensor((), np.int16, np.float32(2.0 ** -16), -32768)
    return finish(rng, Case("SOFTMAX", np.dtype(dtype).name, [x], out, options, version=2), values(None, dtype))


def softmax(rng):
    return _softmax(rng, np.int8)


@only(*LITERT)
def softmax__uint8(rng):
    return _softmax(rng, np.uint8, rng.random() < 0.4)


def softmax__int16(rng):
    return _softmax(rng, np.int16)


def softmax__int8_to_int16(rng):
    return _softmax(rng, np.int8, True)


def softmax__float(rng):
    return _softmax(rng, np.float32)


def _log_softmax(rng, dtype):
    out = None if dtype == np.float32 else Tensor((), dtype, np.float32(16 / 256), np.iinfo(dtype).max)
    case = _unary(rng, "LOG_SOFTMAX", dtype, out=out, tail=int(pick(rng, [1, 2, 10, 100, 1000])))
    if dtype != np.float32 and rng.random() < 0.7:
        case.inputs[0].scales = np.float32(10.0 ** rng.uniform(-0.5, 1.3) / 128)
    return case


def log_softmax(rng):
    return _log_softmax(rng, np.int8)


@only(*LITERT)
def log_softmax__uint8(rng):
    return _log_softmax(rng, np.uint8)


def log_softmax__float(rng):
    return _log_softmax(rng, np.float32)


OPERATORS = [softmax, softmax__uint8, softmax__int16, softmax__int8_to_int16, softmax__float, log_softmax, log_softmax__uint8,
             log_softmax__float]
