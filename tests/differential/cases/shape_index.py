# SPDX-License-Identifier: Apache-2.0
"""Operators that move data to places which other tensors name."""

import numpy as np
from ai_edge_litert import schema_py_generated as schema
from cases import SAMPLES
from cases.common import only, pick
from cases.shape_moves import constant, content, done, like, note, sizes, tensor
from single_op import Case, Tensor


def _with_indices(rng, case, position, draw):
    """Input `position` of the operator becomes an input of the model that `draw` fills, or a constant."""
    case = done(rng, case)
    target = case.inputs[position]
    if rng.random() < 0.3:
        target.data = draw().astype(target.dtype)
        return done(rng, case)
    at = [id(t) for t in case.model_inputs()].index(id(target))
    for sample in case.samples:
        sample[at] = draw().astype(target.dtype)
    return case


def gather(rng):
    shape = sizes(rng, 1, 4)
    x = tensor(rng, shape)
    options = schema.GatherOptionsT()
    axis = int(rng.integers(len(shape)))
    batch = int(rng.integers(0, axis + 1)) if rng.random() < 0.4 else 0
    where = shape[:batch] + sizes(rng, 0, 2)
    options.axis, options.batchDims = axis - len(shape) * int(rng.integers(2)), batch
    indices = Tensor(tuple(where), pick(rng, [np.int32, np.int32, np.int64, np.int16]))
    case = Case("GATHER", note(x.dtype, shape, indices.dtype, where, axis, batch), [x, indices], like(x), options, version=4)
    return _with_indices(rng, case, 1, lambda: rng.integers(0, shape[axis], where))


def gather_nd(rng):
    shape = sizes(rng, 1, 4)
    x = tensor(rng, shape)
    depth = int(rng.integers(1, len(shape) + 1))
    where = sizes(rng, 0, 2) + [depth]
    indices = Tensor(tuple(where), pick(rng, [np.int32, np.int32, np.int64, np.int16]))
    case = Case("GATHER_ND", note(x.dtype, shape, indices.dtype, where), [x, indices], like(x), schema.GatherNdOptionsT(),
                version=5)
    return _with_indices(rng, case, 1, lambda: rng.integers(0, shape[:depth], where))


@only("litert-reference", "litert-xnnpack")
def scatter_nd(rng):
    """Small numbers: an index may occur twice, and float32 sums are exact."""
    shape = sizes(rng, 1, 4)
    depth = int(rng.integers(1, len(shape) + 1))
    where = sizes(rng, 1, 2)
    updates = tensor(rng, where + shape[depth:])
    indices = Tensor((*where, depth), np.int32)
    case = Case("SCATTER_ND", note(updates.dtype, shape, indices.shape), [indices, updates, constant(shape)], like(updates),
                schema.ScatterNdOptionsT())
    case = _with_indices(rng, case, 0, lambda: rng.integers(0, shape[:depth], (*where, depth)))
    if updates.dtype == np.float32:
        case.samples = [[np.rint(a) if a.dtype == np.float32 else a for a in sample] for sample in case.samples]
    return case


def dynamic_update_slice(rng):
    shape = sizes(rng, 1, 4)
    x = tensor(rng, shape)
    update = Tensor(tuple(int(rng.integers(1, s + 1)) for s in shape), x.dtype, x.scales, x.zero_points)
    start = Tensor((len(shape),), pick(rng, [np.int32, np.int32, np.int64]))
    case = Case("DYNAMIC_UPDATE_SLICE", note(x.dtype, shape, update.shape), [x, update, start], like(x),
                schema.DynamicUpdateSliceOptionsT(), version=2)
    return _with_indices(rng, case, 2, lambda: rng.integers(-2, 7, len(shape)))


def fill(rng):
    value = tensor(rng, [])
    value.zero_points = value.zero_points if value.scales is not None else 0
    dims = constant(sizes(rng, 1, 5), pick(rng, [np.int32, np.int64]))
    return done(rng, Case("FILL", note(value.dtype, dims.data), [dims, value], like(value), schema.FillOptionsT(), version=3))


@only("litert-reference", "litert-xnnpack")
def reverse_sequence(rng):
    shape = sizes(rng, 2, 4)
    x = tensor(rng, shape)
    options = schema.ReverseSequenceOptionsT()
    options.seqDim, options.batchDim = (int(d) for d in rng.choice(len(shape), 2, replace=False))
    lengths = Tensor((shape[options.batchDim],), pick(rng, [np.int32, np.int64]))
    case = Case("REVERSE_SEQUENCE", note(x.dtype, shape, options.seqDim, options.batchDim), [x, lengths], like(x), options)
    return _with_indices(rng, case, 1, lambda: rng.integers(1, shape[options.seqDim] + 1, lengths.shape))


@only("litert-reference", "litert-xnnpack")
def one_hot(rng):
    shape = sizes(rng, 0, 3)
    depth = int(rng.integers(1, 6))
    options = schema.OneHotOptionsT()
    options.axis = int(rng.integers(-1, len(shape) + 1))
    on = tensor(rng, [])
    off = Tensor((), on.dtype, on.scales, on.zero_points)
    if rng.random() < 0.5:
        on.data, off.data = content(rng, (), on.dtype), content(rng, (), on.dtype)
    indices = Tensor(tuple(shape), pick(rng, [np.int32, np.int32, np.int64]))
    case = Case("ONE_HOT", note(on.dtype, shape, depth, options.axis), [indices, constant(depth), on, off], like(on), options)
    case = _with_indices(rng, case, 0, lambda: rng.integers(-1, depth + 2, shape))
    if case.model_inputs():
        return case
    on.data = None  # a model has inputs
    return done(rng, case)


def broadcast_args(rng):
    wide = sizes(rng, 1, 5)
    other = [1 if rng.random() < 0.4 else s for s in wide][int(rng.integers(len(wide))):]
    lists = [[1 if rng.random() < 0.3 and len(wide) == len(other) and b != 1 else a for a, b in zip(wide, wide)], other]
    kind = pick(rng, [np.int32, np.int64])
    swap = int(rng.integers(2))
    first, second = lists[swap], lists[1 - swap]
    case = Case("BROADCAST_ARGS", note(kind, first, second), [Tensor((len(first),), kind), Tensor((len(second),), kind)],
                Tensor((), kind))
    case.samples = [[np.array(first, kind), np.array(second, kind)] for _ in range(SAMPLES)]
    return case


@only("litert-reference", "litert-xnnpack")
def where(rng):
    """As many places in each sample, so that their lists have one shape."""
    shape = sizes(rng, 1, 5)
    x = Tensor(tuple(shape), pick(rng, [np.bool_, np.float32, np.int32, np.int64, np.int8, np.uint8]))
    case = done(rng, Case("WHERE", note(x.dtype, shape), [x], Tensor((), np.int64), schema.WhereOptionsT()))
    values = case.samples[0][0].ravel().copy()
    values[rng.random(values.shape) < rng.random()] = 0
    case.samples = [[rng.permutation(values).reshape(shape)] for _ in range(SAMPLES)]
    return case


OPERATORS = [gather, gather_nd, scatter_nd, dynamic_update_slice, fill, reverse_sequence, one_hot, broadcast_args, where]
