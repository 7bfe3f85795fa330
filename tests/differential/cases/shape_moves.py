# SPDX-License-Identifier: Apache-2.0
"""Operators that move data to places known before they run: every element type."""

import numpy as np
from ai_edge_litert import schema_py_generated as schema
from cases import SAMPLES
from cases.common import only, pick, scale
from single_op import Case, Tensor

DTYPES = [np.int8, np.int8, np.int16, np.uint8, np.float32, np.int32, np.int64, np.bool_]


def content(rng, shape, dtype):
    """Noise over the whole range of the type."""
    if dtype == np.bool_:
        return rng.integers(0, 2, shape).astype(np.bool_)
    if dtype == np.float32:
        return rng.normal(0, 10, shape).astype(np.float32)
    limits = np.iinfo(dtype)
    return rng.integers(limits.min, limits.max, shape, dtype, endpoint=True)


def done(rng, case):
    case.samples = [[content(rng, t.shape, t.dtype) for t in case.model_inputs()] for _ in range(SAMPLES)]
    return case


def tensor(rng, shape, dtype=None):
    dtype = pick(rng, DTYPES) if dtype is None else dtype
    if dtype in (np.int8, np.int16, np.uint8):
        zero = {np.int8: int(rng.integers(-128, 128)), np.uint8: int(rng.integers(256)), np.int16: 0}[dtype]
        return Tensor(tuple(shape), dtype, scale(rng), zero)
    return Tensor(tuple(shape), dtype)


def like(x):
    return Tensor((), x.dtype, x.scales, x.zero_points)


def constant(values, dtype=np.int32):
    values = np.array(values, dtype)
    return Tensor(values.shape, dtype, data=values)


def sizes(rng, low=1, high=4, largest=5):
    return [int(rng.integers(1, largest)) for _ in range(int(rng.integers(low, high + 1)))]


def note(*what):
    return " ".join(str(w.__name__ if isinstance(w, type) else w) for w in what)


def transpose(rng):
    shape = sizes(rng, 1, 6)
    x = tensor(rng, shape)
    order = rng.permutation(len(shape))
    return done(rng, Case("TRANSPOSE", note(x.dtype, shape, order), [x, constant(order)], like(x), schema.TransposeOptionsT(),
                          version=2))


def slice(rng):
    shape = sizes(rng, 1, 5)
    x = tensor(rng, shape)
    begin = [int(rng.integers(s)) for s in shape]
    size = [-1 if rng.random() < 0.3 else int(rng.integers(1, s - b + 1)) for s, b in zip(shape, begin)]
    kind = pick(rng, [np.int32, np.int32, np.int64])
    return done(rng, Case("SLICE", note(x.dtype, shape, begin, size), [x, constant(begin, kind), constant(size, kind)], like(x),
                          schema.SliceOptionsT(), version=2))


def squeeze(rng):
    shape = [int(pick(rng, [1, 1, 2, 3])) for _ in range(int(rng.integers(1, 6)))]
    x = tensor(rng, shape)
    options = schema.SqueezeOptionsT()
    ones = [d - len(shape) * int(rng.integers(2)) for d, s in enumerate(shape) if s == 1 and rng.random() < 0.6]
    options.squeezeDims = ones
    return done(rng, Case("SQUEEZE", note(x.dtype, shape, ones), [x], like(x), options))


def expand_dims(rng):
    shape = sizes(rng, 0, 5)
    x = tensor(rng, shape)
    axis = int(rng.integers(-len(shape) - 1, len(shape) + 1))
    where = constant([axis] if rng.random() < 0.5 else axis, pick(rng, [np.int32, np.int32, np.int64]))
    return done(rng, Case("EXPAND_DIMS", note(x.dtype, shape, axis), [x, where], like(x), schema.ExpandDimsOptionsT()))


def split(rng):
    shape = sizes(rng, 1, 5)
    axis, count = int(rng.integers(len(shape))), int(rng.integers(1, 5))
    shape[axis] *= count
    x = tensor(rng, shape)
    options = schema.SplitOptionsT()
    options.numSplits = count
    where = constant([axis - len(shape) * int(rng.integers(2))]) if rng.random() < 0.5 else constant(axis)
    return done(rng, Case("SPLIT", note(x.dtype, shape, axis, count), [where, x], [like(x) for _ in range(count)], options,
                          version=2))


def split_v(rng):
    shape = sizes(rng, 1, 4)
    axis, count = int(rng.integers(len(shape))), int(rng.integers(1, 5))
    parts = [int(rng.integers(1, 4)) for _ in range(count)]
    shape[axis] = sum(parts)
    if rng.random() < 0.4:
        parts[int(rng.integers(count))] = -1
    x = tensor(rng, shape)
    options = schema.SplitVOptionsT()
    options.numSplits = count
    lengths = constant(parts, pick(rng, [np.int32, np.int32, np.int64]))
    where = constant([axis - len(shape) * int(rng.integers(2))])
    return done(rng, Case("SPLIT_V", note(x.dtype, shape, axis, parts), [x, lengths, where], [like(x) for _ in range(count)],
                          options, version=2))


def unpack(rng):
    shape = sizes(rng, 1, 5)
    axis = int(rng.integers(len(shape)))
    x = tensor(rng, shape)
    options = schema.UnpackOptionsT()
    options.num, options.axis = shape[axis], axis - len(shape) * int(rng.integers(2))
    return done(rng, Case("UNPACK", note(x.dtype, shape, options.axis), [x], [like(x) for _ in range(shape[axis])], options))


@only("litert-reference", "litert-xnnpack")
def tile(rng):
    shape = sizes(rng, 1, 5, 4)
    x = tensor(rng, shape)
    times = constant(rng.integers(1, 4, len(shape)), pick(rng, [np.int32, np.int32, np.int64]))
    return done(rng, Case("TILE", note(x.dtype, shape, times.data), [x, times], like(x), schema.TileOptionsT()))


def broadcast_to(rng):
    wide = sizes(rng, 1, 5, 4)
    shape = [1 if rng.random() < 0.5 else s for s in wide][int(rng.integers(len(wide))):]
    x = tensor(rng, shape)
    to = constant(wide, pick(rng, [np.int32, np.int32, np.int64]))
    return done(rng, Case("BROADCAST_TO", note(x.dtype, shape, wide), [x, to], like(x), schema.BroadcastToOptionsT(), version=3))


def reverse_v2(rng):
    shape = sizes(rng, 1, 5)
    x = tensor(rng, shape)
    first = int(rng.integers(len(shape)))
    axes = list(range(first, int(rng.integers(first, len(shape))) + 1))
    axes = [a - len(shape) if rng.random() < 0.2 else a for a in axes]
    return done(rng, Case("REVERSE_V2", note(x.dtype, shape, axes), [x, constant(axes)], like(x), schema.ReverseV2OptionsT(),
                          version=3))


def _blocks(rng, op, options, deep):
    block = int(rng.integers(1, 4))
    b, h, w, c = sizes(rng, 4, 4)
    x = tensor(rng, [b, h, w, c * block * block] if deep else [b, h * block, w * block, c])
    options.blockSize = block
    return done(rng, Case(op, note(x.dtype, x.shape, block), [x], like(x), options))


def space_to_depth(rng):
    return _blocks(rng, "SPACE_TO_DEPTH", schema.SpaceToDepthOptionsT(), False)


def depth_to_space(rng):
    return _blocks(rng, "DEPTH_TO_SPACE", schema.DepthToSpaceOptionsT(), True)


def space_to_batch_nd(rng):
    spatial = int(pick(rng, [1, 2, 2]))
    block = [int(rng.integers(1, 4)) for _ in range(spatial)]
    shape = [int(rng.integers(1, 4)), *(int(rng.integers(1, 4)) * b for b in block), int(rng.integers(1, 4))]
    pads = []
    plain = rng.random() < 0.4
    for size in block:
        before = 0 if plain else int(rng.integers(0, 3))
        pads.append([before, 0 if plain else int(rng.integers(0, 2)) * size + -before % size])
    x = tensor(rng, shape)
    case = Case("SPACE_TO_BATCH_ND", note(x.dtype, shape, block, pads), [x, constant(block), constant(pads)], like(x),
                schema.SpaceToBatchNDOptionsT(), version=3)
    case.micro_ignores_options = bool(np.any(pads))  # it pads with memory that it has not set
    return done(rng, case)


def batch_to_space_nd(rng):
    spatial = int(pick(rng, [1, 2, 2]))
    block = [int(rng.integers(1, 4)) for _ in range(spatial)]
    shape = [int(rng.integers(1, 4)) * int(np.prod(block)), *sizes(rng, spatial, spatial), int(rng.integers(1, 4))]
    crops = []
    for d, size in enumerate(block):
        whole = shape[1 + d] * size
        before = int(rng.integers(0, whole))
        crops.append([before, int(rng.integers(0, whole - before))])
    x = tensor(rng, shape)
    return done(rng, Case("BATCH_TO_SPACE_ND", note(x.dtype, shape, block, crops), [x, constant(block), constant(crops)], like(x),
                          schema.BatchToSpaceNDOptionsT(), version=3))


def mirror_pad(rng):
    options = schema.MirrorPadOptionsT()
    options.mode = int(rng.integers(2))
    shape = [int(rng.integers(1, 5)) for _ in range(int(rng.integers(1, 5)))]
    most = [s - 1 + options.mode for s in shape]
    pads = [[int(rng.integers(0, m + 1)), int(rng.integers(0, m + 1))] for m in most]
    x = tensor(rng, shape)
    where = constant(pads, pick(rng, [np.int32, np.int32, np.int64]))
    return done(rng, Case("MIRROR_PAD", note(x.dtype, shape, pads, options.mode), [x, where], like(x), options, version=2))


def padv2(rng):
    shape = sizes(rng, 1, 5)
    x = tensor(rng, shape)
    pads = constant(rng.integers(0, 3, (len(shape), 2)), pick(rng, [np.int32, np.int32, np.int64]))
    value = Tensor(pick(rng, [(), (1,)]), x.dtype, x.scales, x.zero_points)
    if rng.random() < 0.7:
        value.data = content(rng, value.shape, x.dtype)
    return done(rng, Case("PADV2", note(x.dtype, shape, pads.data.tolist()), [x, pads, value], like(x),
                          schema.PadV2OptionsT(), version=2))


def pad__types(rng):
    shape = sizes(rng, 1, 5)
    x = tensor(rng, shape)
    pads = constant(rng.integers(0, 3, (len(shape), 2)), pick(rng, [np.int32, np.int32, np.int64]))
    return done(rng, Case("PAD", note(x.dtype, shape, pads.data.tolist()), [x, pads], like(x), schema.PadOptionsT(), version=2))


def strided_slice__types(rng):
    shape = sizes(rng, 1, 5)
    x = tensor(rng, shape)
    begin = [int(rng.integers(s)) for s in shape]
    end = [int(rng.integers(b + 1, s + 1)) for b, s in zip(begin, shape)]
    steps = [int(rng.integers(1, 3)) for _ in shape]
    options = schema.StridedSliceOptionsT()
    options.beginMask, options.endMask = int(rng.integers(32)), int(rng.integers(32))
    options.ellipsisMask = options.newAxisMask = options.shrinkAxisMask = 0
    lists = [constant(v) for v in (begin, end, steps)]
    return done(rng, Case("STRIDED_SLICE", note(x.dtype, shape, begin, end, steps), [x, *lists], like(x), options, version=4))


def pack__types(rng):
    shape = sizes(rng, 0, 4)
    first = tensor(rng, shape)
    inputs = [first] + [Tensor(first.shape, first.dtype, first.scales, first.zero_points) for _ in range(int(rng.integers(0, 4)))]
    options = schema.PackOptionsT()
    options.valuesCount, options.axis = len(inputs), int(rng.integers(-len(shape) - 1, len(shape) + 1))
    return done(rng, Case("PACK", note(first.dtype, shape, options.axis), inputs, like(first), options, version=2))


def concatenation__types(rng):
    """uint8 and int8 with a scale for each input."""
    shape = sizes(rng, 1, 5)
    axis = int(rng.integers(len(shape)))
    first = tensor(rng, shape)
    inputs = [first]
    for _ in range(int(rng.integers(0, 4))):
        own = list(shape)
        own[axis] = int(rng.integers(1, 5))
        other = tensor(rng, own, first.dtype)
        inputs.append(other if rng.random() < 0.6 else Tensor(tuple(own), first.dtype, first.scales, first.zero_points))
    options = schema.ConcatenationOptionsT()
    options.axis = axis - len(shape) * int(rng.integers(2))
    return done(rng, Case("CONCATENATION", note(first.dtype, len(inputs), axis), inputs, like(pick(rng, inputs)), options,
                          version=2))


@only("litert-reference", "litert-xnnpack")
def concatenation__uint8(rng):
    """All values of both inputs, whose scales differ from the output's: often by a power of two, where ties are frequent."""
    out = Tensor((), np.uint8, scale(rng), int(rng.integers(256)))
    inputs = []
    for _ in range(2):
        ratio = 2.0 ** int(rng.integers(-4, 3)) if rng.random() < 0.5 else rng.uniform(0.01, 3)
        inputs.append(Tensor((1, 256), np.uint8, np.float32(out.scales * ratio), int(rng.integers(256))))
    options = schema.ConcatenationOptionsT()
    options.axis = -1
    case = Case("CONCATENATION", "uint8 rescaled", inputs, out, options, version=2)
    case.samples = [[rng.permutation(256).astype(np.uint8).reshape(1, 256) for _ in inputs] for _ in range(SAMPLES)]
    return case


OPERATORS = [transpose, slice, squeeze, expand_dims, split, split_v, unpack, tile, broadcast_to, reverse_v2, space_to_depth,
             depth_to_space, space_to_batch_nd, batch_to_space_nd, mirror_pad, padv2, pad__types, strided_slice__types,
             pack__types, concatenation__types, concatenation__uint8]
