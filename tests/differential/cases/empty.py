# SPDX-License-Identifier: Apache-2.0
"""Tensors with a dimension of 0: nothing is computed, but shapes are, and nothing may be read or divided by."""

import numpy as np
from ai_edge_litert import schema_py_generated as schema
from cases.common import finish, int8, only, pick
from cases.shape_moves import constant
from single_op import Case, Tensor

LITERT = ("litert-reference", "litert-xnnpack")


def _shape(rng, low=1, high=4):
    """A shape of that many dimensions, at least one of them 0."""
    shape = [int(rng.integers(1, 5)) for _ in range(int(rng.integers(low, high + 1)))]
    shape[int(rng.integers(len(shape)))] = 0
    return shape


def _same(x):
    return Tensor((), x.dtype, x.scales, x.zero_points)


def _binary(rng, op, options):
    shape = _shape(rng)
    other = shape if rng.random() < 0.5 else [1] * len(shape)
    a, b, out = (Tensor(tuple(s), np.int8, np.float32(rng.uniform(0.01, 0.05)), int(rng.integers(-128, 128))) for s in (shape, other, ()))
    return finish(rng, Case(op, f"{shape} {other}", [a, b], out, options, version=2))


@only(*LITERT)
def add__empty(rng):
    return _binary(rng, "ADD", schema.AddOptionsT())


@only(*LITERT)
def mul__empty(rng):
    return _binary(rng, "MUL", schema.MulOptionsT())


def _unary(rng, op, options=None, out=None, low=1):
    x = int8(rng, _shape(rng, low))
    out = out or (Tensor((), np.int8, np.float32(1 / 256), -128) if op in ("LOGISTIC", "SOFTMAX") else int8(rng, ()))
    return finish(rng, Case(op, str(x.shape), [x], out, options, version=2))


@only(*LITERT)
def relu__empty(rng):
    return _unary(rng, "RELU")


@only(*LITERT)
def logistic__empty(rng):
    return _unary(rng, "LOGISTIC")


@only(*LITERT)
def dequantize__empty(rng):
    return _unary(rng, "DEQUANTIZE", schema.DequantizeOptionsT(), Tensor((), np.float32))


@only(*LITERT)
def quantize__empty(rng):
    return _unary(rng, "QUANTIZE", schema.QuantizeOptionsT())


def _moved(rng, op, arguments, options, shape, version=2):
    x = int8(rng, shape)
    return finish(rng, Case(op, f"{shape}", [x, *arguments], _same(x), options, version=version))


@only(*LITERT)
def transpose__empty(rng):
    shape = _shape(rng, 2)
    return _moved(rng, "TRANSPOSE", [constant(rng.permutation(len(shape)))], schema.TransposeOptionsT(), shape)


@only(*LITERT)
def reshape__empty(rng):
    shape = _shape(rng, 2)
    target = [int(s) for s in rng.permutation(shape)]
    return _moved(rng, "RESHAPE", [constant(target)], schema.ReshapeOptionsT(), shape, version=1)


@only(*LITERT)
def tile__empty(rng):
    shape = _shape(rng) if rng.random() < 0.5 else [int(rng.integers(1, 4)) for _ in range(3)]
    times = [int(rng.integers(0 if 0 not in shape and d == 0 else 1, 3)) for d in range(len(shape))]
    return _moved(rng, "TILE", [constant(times)], schema.TileOptionsT(), shape)


@only(*LITERT)
def pad__empty(rng):
    """A dimension of 0 that padding may fill."""
    shape = _shape(rng, 1, 3)
    return _moved(rng, "PAD", [constant(rng.integers(0, 3, (len(shape), 2)))], schema.PadOptionsT(), shape)


@only(*LITERT)
def slice__empty(rng):
    shape = [int(rng.integers(1, 5)) for _ in range(3)]
    size = list(shape)
    size[int(rng.integers(3))] = 0
    return _moved(rng, "SLICE", [constant([0, 0, 0]), constant(size)], schema.SliceOptionsT(), shape)


@only("litert-reference")
def strided_slice__empty(rng):
    shape = [int(rng.integers(1, 5)) for _ in range(2)]
    end = list(shape)
    end[int(rng.integers(2))] = 0
    return _moved(rng, "STRIDED_SLICE", [constant([0, 0]), constant(end), constant([1, 1])], schema.StridedSliceOptionsT(), shape)


@only(*LITERT)
def gather__empty(rng):
    options = schema.GatherOptionsT()
    indices = Tensor((0,), np.int32, data=np.zeros(0, np.int32))
    return _moved(rng, "GATHER", [indices], options, [int(rng.integers(1, 4)), 3])


@only(*LITERT)
def concatenation__empty(rng):
    """One list of rows without any, another with some or none."""
    options = schema.ConcatenationOptionsT()
    options.axis = 0
    depth = int(rng.integers(1, 5))
    a = int8(rng, (0, depth))
    b = Tensor((int(rng.integers(0, 3)), depth), np.int8, a.scales, a.zero_points)
    inputs = [a, b] if rng.random() < 0.5 else [b, a]
    return finish(rng, Case("CONCATENATION", str(b.shape), inputs, _same(a), options, version=2))


@only(*LITERT)
def fully_connected__empty(rng):
    units, depth = int(rng.integers(1, 5)), int(rng.integers(1, 6))
    x = int8(rng, (0, depth))
    weights = Tensor((units, depth), np.int8, np.float32(0.02), 0, 0, rng.integers(-127, 128, (units, depth)).astype(np.int8))
    case = Case("FULLY_CONNECTED", f"{depth} to {units}", [x, weights, None], int8(rng, ()), schema.FullyConnectedOptionsT(), version=3)
    return finish(rng, case)


@only(*LITERT)
def sum__empty(rng):
    shape = _shape(rng, 2, 3)
    options = schema.ReducerOptionsT()
    options.keepDims = bool(rng.random() < 0.5)
    axes = [d for d in range(len(shape)) if rng.random() < 0.5] or [0]
    x = Tensor(tuple(shape), pick(rng, [np.int32, np.int64]))
    case = Case("SUM", f"{shape} axes {axes}", [x, constant(axes)], Tensor((), x.dtype), options, version=2)
    return finish(rng, case, lambda _, s: np.zeros(s, x.dtype))


OPERATORS = [add__empty, mul__empty, relu__empty, logistic__empty, dequantize__empty, quantize__empty, transpose__empty,
             reshape__empty, tile__empty, pad__empty, slice__empty, strided_slice__empty, gather__empty, concatenation__empty,
             fully_connected__empty, sum__empty]
