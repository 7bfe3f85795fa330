# SPDX-License-Identifier: Apache-2.0
"""Operators that only move data."""

import numpy as np
from ai_edge_litert import schema_py_generated as schema
from cases.common import activation_values, finish, int8, pick
from single_op import Case, Tensor


def pad(rng):
    rank = int(pick(rng, [1, 2, 3, 4, 4]))
    x = int8(rng, [int(rng.integers(1, 5)) for _ in range(rank)])
    paddings = rng.integers(0, 4, (rank, 2)).astype(pick(rng, [np.int32, np.int32, np.int64]))
    constant = Tensor((rank, 2), paddings.dtype.type, data=paddings)
    out = Tensor((), np.int8, x.scales, x.zero_points)
    return finish(rng, Case("PAD", paddings.dtype.name, [x, constant], out, schema.PadOptionsT(), version=2))


def reshape(rng):
    dtype = pick(rng, [np.int8, np.int8, np.int32, np.float32])
    shape = [int(rng.integers(1, 5)) for _ in range(int(pick(rng, [1, 2, 3, 4])))]
    x = int8(rng, shape) if dtype == np.int8 else Tensor(tuple(shape), dtype)
    count = int(np.prod(shape))
    new, left = [], count
    for _ in range(int(rng.integers(0, 4))):
        divisor = int(pick(rng, [d for d in range(1, left + 1) if left % d == 0]))
        new.append(divisor)
        left //= divisor
    new.append(left)
    if rng.random() < 0.5:
        new[int(rng.integers(len(new)))] = -1
    options = schema.ReshapeOptionsT()
    inputs, how = [x], pick(rng, ["tensor", "option", "both"])
    if how != "tensor":
        options.newShape = new
    if how != "option":
        inputs.append(Tensor((len(new),), np.int32, data=np.array(new, np.int32)))
    out = Tensor((), dtype, x.scales, x.zero_points)
    make = activation_values if dtype == np.int8 else lambda r, s: r.integers(-9, 9, s).astype(dtype)
    return finish(rng, Case("RESHAPE", how, inputs, out, options), make)


def shape(rng):
    dims = [int(rng.integers(1, 6)) for _ in range(int(pick(rng, [1, 2, 3, 4])))]
    options = schema.ShapeOptionsT()
    options.outType = int(pick(rng, [schema.TensorType.INT32, schema.TensorType.INT32, schema.TensorType.INT64]))
    dtype = np.int32 if options.outType == schema.TensorType.INT32 else np.int64
    return finish(rng, Case("SHAPE", np.dtype(dtype).name, [int8(rng, dims)], Tensor((), dtype), options))


def strided_slice(rng):
    dtype = pick(rng, [np.int8, np.int8, np.int32, np.float32])
    rank = int(pick(rng, [1, 2, 3, 4]))
    dims = [int(rng.integers(1, 7)) for _ in range(rank)]
    x = int8(rng, dims) if dtype == np.int8 else Tensor(tuple(dims), dtype)
    options = schema.StridedSliceOptionsT()
    options.beginMask = options.endMask = options.ellipsisMask = options.newAxisMask = options.shrinkAxisMask = 0
    entries = int(rng.integers(1, rank + 1))
    begin, end, strides = [], [], []
    fancy = rng.random() < 0.3
    for i in range(entries):
        size = dims[i]
        stride = int(pick(rng, [1, 1, 2, 3, -1, -2]))
        low, high = sorted(int(v) for v in rng.integers(0, size + 1, 2))
        if low == high:
            low, high = 0, size
        b, e = (low, high) if stride > 0 else (high - 1, low - 1 if low > 0 else -size - 1)
        if rng.random() < 0.2 and 0 <= b < size:
            b -= size
        if rng.random() < 0.2:
            e = e + 100 if stride > 0 else -size - 100
        if rng.random() < 0.2:
            options.shrinkAxisMask |= 1 << i
            b, e, stride = low, low + 1, 1
        begin.append(b), end.append(e), strides.append(stride)
        options.beginMask |= (1 << i) if rng.random() < 0.2 and not options.shrinkAxisMask >> i & 1 else 0
        options.endMask |= (1 << i) if rng.random() < 0.2 and not options.shrinkAxisMask >> i & 1 else 0
    if fancy and entries < 4:
        at = int(rng.integers(len(begin) + 1))

        def open_bit(mask):
            return (mask & ((1 << at) - 1)) | ((mask >> at) << (at + 1))
        options.beginMask, options.endMask = open_bit(options.beginMask), open_bit(options.endMask)
        options.shrinkAxisMask = open_bit(options.shrinkAxisMask)
        if at == len(begin) and rng.random() < 0.5:
            options.ellipsisMask = 1 << at
        else:
            options.newAxisMask = 1 << at
        begin.insert(at, 0), end.insert(at, 1), strides.insert(at, 1)
    lists = [Tensor((len(v),), np.int32, data=np.array(v, np.int32)) for v in (begin, end, strides)]
    out = Tensor((), dtype, x.scales, x.zero_points)
    make = activation_values if dtype == np.int8 else lambda r, s: r.integers(-9, 9, s).astype(dtype)
    note = f"{dims} {begin} {end} {strides} new {options.newAxisMask} shrink {options.shrinkAxisMask} ellipsis " \
           f"{options.ellipsisMask} masks {options.beginMask} {options.endMask}"
    case = Case("STRIDED_SLICE", note, [x] + lists, out, options, version=2)
    case.micro_ignores_options = bool(options.newAxisMask or options.ellipsisMask)
    return finish(rng, case, make)


def _joined(rng, op, same):
    dtype = pick(rng, [np.int8, np.int8, np.int32, np.float32, np.int64])
    rank = int(pick(rng, [1, 2, 3, 4] if op == "CONCATENATION" else [0, 1, 2, 3]))
    dims = [int(rng.integers(1, 5)) for _ in range(rank)]
    count = int(rng.integers(1, 5))
    axis = int(rng.integers(rank if same else rank + 1))
    base = int8(rng, dims) if dtype == np.int8 else Tensor(tuple(dims), dtype)
    inputs = []
    for _ in range(count):
        own = list(dims)
        if same:
            own[axis] = int(rng.integers(1, 5))
        inputs.append(Tensor(tuple(own), dtype, base.scales, base.zero_points))
    if rng.random() < 0.5:
        axis -= rank if same else rank + 1
    out = Tensor((), dtype, base.scales, base.zero_points)
    make = activation_values if dtype == np.int8 else lambda r, s: r.integers(-9, 9, s).astype(dtype)
    return inputs, axis, out, make


def concatenation(rng):
    inputs, axis, out, make = _joined(rng, "CONCATENATION", True)
    options = schema.ConcatenationOptionsT()
    options.axis = axis
    return finish(rng, Case("CONCATENATION", "", inputs, out, options, version=2), make)


def pack(rng):
    inputs, axis, out, make = _joined(rng, "PACK", False)
    options = schema.PackOptionsT()
    options.axis, options.valuesCount = axis, len(inputs)
    return finish(rng, Case("PACK", "", inputs, out, options, version=2), make)


OPERATORS = [pad, reshape, shape, strided_slice, concatenation, pack]
