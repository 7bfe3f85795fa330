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


def hard_swish(rng):
    return _unary(rng, "HARD_SWISH", version=1)


@only(*LITERT)
def hard_swish__uint8(rng):
    return _unary(rng, "HARD_SWISH", np.uint8, version=1)


def hard_swish__float(rng):
    return _unary(rng, "HARD_SWISH", np.float32, version=1)


@only(*NOT_REFERENCE)
def elu(rng):
    return _unary(rng, "ELU", pick(rng, [np.int8, np.int8, np.float32]), version=1)


@only(*LITERT)
def gelu(rng):
    options = schema.GeluOptionsT()
    options.approximate = bool(rng.random() < 0.5)
    return _unary(rng, "GELU", pick(rng, [np.int8, np.uint8, np.int16, np.float32]), options)


def _l2_normalization(rng, dtype):
    options = schema.L2NormOptionsT()
    out = None if dtype == np.float32 else Tensor((), dtype, np.float32(1 / 128), 0 if dtype == np.int8 else 128)
    case = _unary(rng, "L2_NORMALIZATION", dtype, options, out=out, tail=int(pick(rng, [1, 2, 7, 64, 1000])))
    while len(case.inputs[0].shape) > 4:
        case.inputs[0].shape = case.inputs[0].shape[1:]
    return finish(rng, case, values(None, dtype))


def l2_normalization(rng):
    return _l2_normalization(rng, np.int8)


@only(*LITERT)
def l2_normalization__uint8(rng):
    return _l2_normalization(rng, np.uint8)


def l2_normalization__float(rng):
    return _l2_normalization(rng, np.float32)


def abs__int(rng):
    case = _unary(rng, "ABS", pick(rng, [np.int8, np.int16, np.int16]), version=1)
    if case.note == "int16" and rng.random() < 0.3:
        case.inputs[0].scales = case.output.scales = None
    return case


@only(*LITERT)
def abs__int32(rng):
    return _unary(rng, "ABS", np.int32, version=1)


def abs__float(rng):
    return _unary(rng, "ABS", np.float32, version=1, tolerance=0)


@only(*LITERT)
def neg(rng):
    return _unary(rng, "NEG", pick(rng, [np.int8, np.int16, np.int32, np.int64]), version=1)


def neg__float(rng):
    return _unary(rng, "NEG", np.float32, version=1, tolerance=0)


@only(*LITERT)
def sqrt(rng):
    return _unary(rng, "SQRT", pick(rng, [np.int8, np.int16]), positive=True)


def sqrt__float(rng):
    return _unary(rng, "SQRT", np.float32, version=1, positive=True)


def _rsqrt(rng, dtype):
    case = _unary(rng, "RSQRT", dtype, positive=True)
    root = float(case.inputs[0].scales) ** -0.5
    case.output.scales = np.float32(root * 10.0 ** rng.uniform(-1, 0.5) / 2.0 ** (8 * np.dtype(dtype).itemsize - 1))
    return case


def rsqrt(rng):
    return _rsqrt(rng, np.int8)


def rsqrt__int16(rng):
    return _rsqrt(rng, np.int16)


def rsqrt__float(rng):
    return _unary(rng, "RSQRT", np.float32, version=1, positive=True)


@only(*LITERT)
def exp(rng):
    case = _unary(rng, "EXP", pick(rng, [np.int8, np.int16]))
    if rng.random() < 0.7:
        case.inputs[0].scales = np.float32(rng.uniform(0.5, 6) / 2.0 ** (8 * np.dtype(case.inputs[0].dtype).itemsize - 1))
    return case


def exp__float(rng):
    """Up to 88: a little above, XNNPACK's approximation is infinite before the others are."""
    case = _unary(rng, "EXP", np.float32, version=1)
    case.samples = [[np.minimum(sample[0], np.float32(88))] for sample in case.samples]
    return case


@only(*LITERT)
def log(rng):
    return _unary(rng, "LOG", pick(rng, [np.int8, np.int16]), positive=bool(rng.random() < 0.5))


def log__float(rng):
    return _unary(rng, "LOG", np.float32, version=1, positive=True)


def floor(rng):
    return _unary(rng, "FLOOR", np.float32, version=1, tolerance=0)


@only(*NOT_REFERENCE)
def ceil(rng):
    return _unary(rng, "CEIL", np.float32, version=1, tolerance=0)


@only(*NOT_REFERENCE)
def round(rng):
    case = _unary(rng, "ROUND", np.float32, version=1, tolerance=0)
    case.samples = [[np.round(2 * array) / 2 if rng.random() < 0.5 else array for array in arrays] for arrays in case.samples]
    return case


def sin(rng):
    return _unary(rng, "SIN", np.float32, version=1)


def cos(rng):
    return _unary(rng, "COS", np.float32, version=1)


def square(rng):
    return _unary(rng, "SQUARE", np.float32, version=1, tolerance=0)


@only(*LITERT)
def sign(rng):
    return _unary(rng, "SIGN", pick(rng, [np.float32, np.int32]), tolerance=0)


OPERATORS = [relu, relu__uint8, relu__int16, relu__float, relu6, relu6__uint8, relu6__int16, relu6__float, relu_n1_to_1,
             relu_0_to_1, leaky_relu, leaky_relu__uint8, leaky_relu__int16, leaky_relu__float, prelu, prelu__uint8,
             prelu__int16, prelu__float, logistic, logistic__uint8, logistic__int16, logistic__float, tanh, tanh__scales,
             tanh__int16, tanh__float, hard_swish, hard_swish__uint8, hard_swish__float, elu, gelu, l2_normalization,
             l2_normalization__uint8, l2_normalization__float, abs__int, abs__int32, abs__float, neg, neg__float, sqrt,
             sqrt__float, rsqrt, rsqrt__int16, rsqrt__float, exp, exp__float, log, log__float, floor, ceil, round, sin, cos,
             square, sign]
