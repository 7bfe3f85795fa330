# SPDX-License-Identifier: Apache-2.0
"""Pooling; and tensors of any element type, for the families of reductions and resizing too."""

import numpy as np
from ai_edge_litert import schema_py_generated as schema
from cases.common import finish, fused, only, pick, scale, window
from single_op import Case, Tensor

LITERT = ("litert-reference", "litert-xnnpack")  # what TFLite Micro has no kernel for


def limits(dtype):
    return (0, 1) if dtype == np.bool_ else (int(np.iinfo(dtype).min), int(np.iinfo(dtype).max))


def content(rng, shape, dtype):
    """Noise, extremes or one value."""
    if dtype == np.float32:
        return (rng.standard_normal(shape) * 10.0 ** rng.uniform(-1, 2)).astype(np.float32)
    low, high = limits(dtype)
    if dtype == np.bool_:
        return rng.random(shape) < pick(rng, [0.1, 0.5, 0.9])
    kind = rng.random()
    if kind < 0.7 or kind < 0.8 and high > 40000:
        return rng.integers(low, high, shape, dtype=dtype, endpoint=True)
    if kind < 0.8:
        return rng.integers(max(low, -3), 4, shape).astype(dtype)
    if kind < 0.9:
        return rng.choice(np.array([low, high], dtype), shape)
    return np.full(shape, int(rng.integers(low, high)), dtype)


def type_zero_point(rng, dtype):
    if dtype == np.int16:
        return 0
    low, high = limits(dtype)
    return int(pick(rng, [low, high, (low + high) // 2, int(rng.integers(low, high + 1)), int(rng.integers(low, high + 1))]))


def typed(rng, shape, dtype):
    """A tensor with a scale and zero point where its type has them."""
    if dtype in (np.int8, np.uint8, np.int16):
        return Tensor(tuple(shape), dtype, scale(rng), type_zero_point(rng, dtype))
    return Tensor(tuple(shape), dtype)


def fill(rng, case):
    return finish(rng, case, lambda r, shape: content(r, shape, np.dtype(case.model_inputs()[0].dtype).type))


def indices(values, shape=None, dtype=np.int32):
    values = np.array(values, dtype)
    return Tensor(values.shape if shape is None else shape, dtype, data=values)


def tolerance(dtype):
    return 1e-5 if dtype == np.float32 else 0.0


def _tied(rng, x):
    """A scale for which the bounds of RELU6 or RELU_N1_TO_1 lie on a tie."""
    if x.scales is not None and rng.random() < 0.4:
        x.scales = np.float32(pick(rng, [6, 1]) / (int(rng.integers(1, 40)) + 0.5))
    return x


def _pool(rng, op, dtype):
    padding, (h, fh, sh, _), (w, fw, sw, _) = window(rng, [1, 2, 3, 7])
    if padding:
        h, w = max(h, fh), max(w, fw)
    if rng.random() < 0.1:  # a global pool
        fh, fw, h, w = 12, 20, 12, 20
    x = _tied(rng, typed(rng, (int(pick(rng, [1, 2])), h, w, int(pick(rng, [1, 3, 8, 19]))), dtype))
    options = schema.Pool2DOptionsT()
    options.padding, options.strideH, options.strideW = padding, sh, sw
    options.filterHeight, options.filterWidth, options.fusedActivationFunction = fh, fw, fused(rng)
    note = f"{fh}x{fw} activation {options.fusedActivationFunction}"
    case = Case(op, note, [x], Tensor((), dtype, x.scales, x.zero_points), options, version=2)
    case.tolerance = 0.0 if op == "MAX_POOL_2D" else tolerance(dtype)
    return fill(rng, case)


def max_pool_2d(rng):
    return _pool(rng, "MAX_POOL_2D", np.int8)


@only(*LITERT)
def max_pool_2d__uint8(rng):
    return _pool(rng, "MAX_POOL_2D", np.uint8)


def max_pool_2d__int16(rng):
    return _pool(rng, "MAX_POOL_2D", np.int16)


def max_pool_2d__float32(rng):
    return _pool(rng, "MAX_POOL_2D", np.float32)


def average_pool_2d(rng):
    return _pool(rng, "AVERAGE_POOL_2D", np.int8)


@only(*LITERT)
def average_pool_2d__uint8(rng):
    return _pool(rng, "AVERAGE_POOL_2D", np.uint8)


def average_pool_2d__int16(rng):
    return _pool(rng, "AVERAGE_POOL_2D", np.int16)


def average_pool_2d__float32(rng):
    return _pool(rng, "AVERAGE_POOL_2D", np.float32)


def l2_pool_2d(rng):
    case = _pool(rng, "L2_POOL_2D", np.float32)
    case.version = 1
    return case


OPERATORS = [max_pool_2d, max_pool_2d__uint8, max_pool_2d__int16, max_pool_2d__float32, average_pool_2d, average_pool_2d__uint8,
             average_pool_2d__int16, average_pool_2d__float32, l2_pool_2d]
