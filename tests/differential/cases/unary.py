# SPDX-License-Identifier: Apache-2.0
"""Activations and other functions of one tensor."""

import numpy as np
from ai_edge_litert import schema_py_generated as schema
from cases.common import finish, only, output_scale, pick, scale
from single_op import Case, Tensor

LITERT = ("litert-reference", "litert-xnnpack")
NOT_REFERENCE = ("tflite-micro", "litert-xnnpack")  # operators that LiteRT's reference resolver lacks
FLOAT_TOLERANCE = 1e-5


def _zero_point(rng, dtype):
    if dtype == np.int16:
        return 0
    info = np.iinfo(dtype)
    return int(pick(rng, [info.min, info.max, int(rng.integers(info.min, info.max + 1)), (info.min + info.max + 1) // 2]))


def values(low=None, dtype=None):
    """Content of any type: noise, extremes, or one value."""
    def make(rng, shape):
        if dtype == np.float32:
            x = (rng.standard_normal(shape) * 10.0 ** rng.uniform(-2, 1.5)).astype(np.float32)
            return np.abs(x) + np.float32(low) if low is not None else x
        info = np.iinfo(dtype)
        start = info.min if low is None else low
        kind = rng.random()
        if kind < 0.8:
            return rng.integers(start, info.max + 1, shape).astype(dtype)
        if kind < 0.9:
            return rng.choice(np.array([start, info.max], dtype), shape)
        return np.full(shape, int(rng.integers(start, info.max + 1)), dtype)
    return make


def quantized(rng, shape, dtype):
    step = scale(rng)
    if dtype == np.int16:
        step = np.float32(step / 256)
    return Tensor(tuple(shape), dtype, step, _zero_point(rng, dtype))


def _unary(rng, op, dtype=np.int8, options=None, out=None, version=2, positive=False, tail=32, tolerance=FLOAT_TOLERANCE):
    shape = [int(rng.integers(1, 6)) for _ in range(int(pick(rng, [0, 1, 2, 3, 4])))] + [tail]
    if dtype in (np.float32, np.int32, np.int64):
        case = Case(op, np.dtype(dtype).name, [Tensor(tuple(shape), dtype)], Tensor((), dtype), options, version=version,
                    tolerance=tolerance)
        return finish(rng, case, values((1e-3 if dtype == np.float32 else 0) if positive else None, dtype))
    x = quantized(rng, shape, dtype)
    if out is None:
        span = float(x.scales) * 2.0 ** (8 * np.dtype(dtype).itemsize - 1)
        step = output_scale(rng, span, float(x.scales))
        if dtype == np.int16:
            step = np.float32(step / 256)
        out = Tensor((), dtype, step, _zero_point(rng, dtype))
        if rng.random() < 0.2:
            out = Tensor((), dtype, x.scales, x.zero_points)
    case = Case(op, np.dtype(dtype).name, [x], out, options, version=version)
    return finish(rng, case, values(x.zero_points if positive else None, dtype))


def relu(rng):
    return _unary(rng, "RELU")


@only(*LITERT)
def relu__uint8(rng):
    return _unary(rng, "RELU", np.uint8)


def relu__int16(rng):
    return _unary(rng, "RELU", np.int16)


def relu__float(rng):
    return _unary(rng, "RELU", np.float32)


def relu6(rng):
    return _unary(rng, "RELU6")


@only(*LITERT)
def relu6__uint8(rng):
    return _unary(rng, "RELU6", np.uint8)


def relu6__int16(rng):
    return _unary(rng, "RELU6", np.int16)


def relu6__float(rng):
    return _unary(rng, "RELU6", np.float32)


@only(*LITERT)
def relu_n1_to_1(rng):
    return _unary(rng, "RELU_N1_TO_1", pick(rng, [np.int8, np.uint8, np.float32]), version=1)


@only(*LITERT)
def relu_0_to_1(rng):
    return _unary(rng, "RELU_0_TO_1", pick(rng, [np.int8, np.uint8, np.float32]), version=1)


def _leaky(rng, dtype):
    options = schema.LeakyReluOptionsT()
    options.alpha = float(pick(rng, [0.1, 0.2, 0.3, 0.01, 1.5, rng.uniform(0, 1), 0.0, -0.3]))
    case = _unary(rng, "LEAKY_RELU", dtype, options)
    case.note += f" alpha {options.alpha}"
    return case


def leaky_relu(rng):
    return _leaky(rng, np.int8)


@only(*LITERT)
def leaky_relu__uint8(rng):
    return _leaky(rng, np.uint8)


def leaky_relu__int16(rng):
    return _leaky(rng, np.int16)


def leaky_relu__float(rng):
    return _leaky(rng, np.float32)


def _prelu(rng, dtype):
    shape = [int(rng.integers(1, 6)) for _ in range(int(pick(rng, [1, 2, 3, 3, 4])))]
    wide = [int(pick(rng, [d, d, 1])) for d in shape]
    if rng.random() < 0.3:
        wide = wide[int(rng.integers(len(wide))):]
    if dtype == np.float32:
        alpha = Tensor(tuple(wide), dtype, data=rng.uniform(-1, 2, wide).astype(dtype))
        case = Case("PRELU", "float32", [Tensor(tuple(shape), dtype), alpha], Tensor((), dtype), tolerance=FLOAT_TOLERANCE)
        return finish(rng, case, values(None, dtype))
    x = quantized(rng, shape, dtype)
    half = 2.0 ** (8 * np.dtype(dtype).itemsize - 1)
    alpha = Tensor(tuple(wide), dtype, np.float32(10.0 ** rng.uniform(-1, 0.3) / half), _zero_point(rng, dtype),
                   data=values(None, dtype)(rng, wide))
    out = Tensor((), dtype, np.float32(float(x.scales) * 10.0 ** rng.uniform(-0.5, 1)), _zero_point(rng, dtype))
    return finish(rng, Case("PRELU", f"{np.dtype(dtype).name} {shape} {wide}", [x, alpha], out), values(None, dtype))


def prelu(rng):
    return _prelu(rng, np.int8)


@only(*LITERT)
def prelu__uint8(rng):
    return _prelu(rng, np.uint8)


@only(*LITERT)
def prelu__int16(rng):
    return _prelu(rng, np.int16)


def prelu__float(rng):
    return _prelu(rng, np.float32)


def logistic(rng):
    return _unary(rng, "LOGISTIC", out=Tensor((), np.int8, np.float32(1 / 256), -128))


@only(*LITERT)
def logistic__uint8(rng):
    return _unary(rng, "LOGISTIC", np.uint8, out=Tensor((), np.uint8, np.float32(1 / 256), 0))


def _sigmoid_int16(rng, op):
    case = _unary(rng, op, np.int16, out=Tensor((), np.int16, np.float32(2.0 ** -15), 0))
    if rng.random() < 0.5:
        case.inputs[0].scales = np.float32(2.0 ** -int(rng.integers(9, 16)) * (1 + pick(rng, [0, 0, 1e-4, 1e-3])))
    return case


def logistic__int16(rng):
    return _sigmoid_int16(rng, "LOGISTIC")


def logistic__float(rng):
    return _unary(rng, "LOGISTIC", np.float32)


def tanh(rng):
    return _unary(rng, "TANH", out=Tensor((), np.int8, np.float32(1 / 128), 0))


@only(*LITERT)
def tanh__scales(rng):
    return _unary(rng, "TANH", pick(rng, [np.int8, np.uint8]))


def tanh__int16(rng):
    return _sigmoid_int16(rng, "TANH")


def tanh__float(rng):
    return _unary(rng, "TANH", np.float32)


OPERATORS = [relu, relu__uint8, relu__int16, relu__float, relu6, relu6__uint8, relu6__int16, relu6__float, relu_n1_to_1,
             relu_0_to_1, leaky_relu, leaky_relu__uint8, leaky_relu__int16, leaky_relu__float, prelu, prelu__uint8,
             prelu__int16, prelu__float, logistic, logistic__uint8, logistic__int16, logistic__float, tanh, tanh__scales,
             tanh__int16, tanh__float]
