# SPDX-License-Identifier: Apache-2.0
"""Reductions over dimensions: MEAN, SUM, REDUCE_..., ARG_MAX, ARG_MIN, TOPK_V2, CUMSUM."""

import numpy as np
from ai_edge_litert import schema_py_generated as schema
from cases.common import only, output_scale, pick
from cases.pool import LITERT, fill, indices, tolerance, type_zero_point, typed
from single_op import Case, Tensor

QUANTIZED = (np.int8, np.uint8, np.int16)


def _shape(rng, ranks=(1, 2, 3, 4, 4, 4), lengths=(1, 2, 3, 5, 7, 12)):
    return [int(pick(rng, lengths)) for _ in range(int(pick(rng, ranks)))]


def _axes(rng, rank):
    """Some dimensions, in any order, some counted from the end, now and then one twice or none."""
    if rank == 4 and rng.random() < 0.5:
        return list(pick(rng, [[1, 2], [2, 1], [-3, -2]]))
    axes = [int(a) for a in rng.permutation(rank)[:int(rng.integers(1, rank + 1))]]
    return [a - rank if rng.random() < 0.3 else a for a in axes]


def _reduce(rng, op, dtype, rescale=True, ranks=(1, 2, 3, 4, 4, 4), spread=1.0, version=2):
    x = typed(rng, _shape(rng, ranks), dtype)
    rank = len(x.shape)
    axes = _axes(rng, rank)
    options = schema.ReducerOptionsT()
    options.keepDims = bool(rng.random() < 0.5)
    out = Tensor((), dtype, x.scales, x.zero_points)
    if dtype in QUANTIZED and rescale and rng.random() < 0.7:
        real = float(x.scales) * (64 if dtype != np.int16 else 16000) * spread
        out = Tensor((), dtype, output_scale(rng, real, float(x.scales) / 6), type_zero_point(rng, dtype))
    case = Case(op, f"{x.shape} axes {axes} keep {options.keepDims}", [x, indices(axes)], out, options, version=version)
    case.tolerance = 0.0 if op in ("REDUCE_MAX", "REDUCE_MIN") else tolerance(dtype)
    case = fill(rng, case)
    if dtype == np.float32 and op in ("MEAN", "SUM"):  # sums that cancel out have no relative accuracy
        case.samples = [[np.abs(array) for array in sample] for sample in case.samples]
    return case


def _odd(rng, op, dtype):
    """Rank 0, no axis, an axis twice, and dimensions of 0."""
    shape, axes = pick(rng, [((), []), ((), [0]), ((2, 3), []), ((2, 3), [1, 1, -1]), ((0, 3), [0]), ((2, 0), [0, 1]), ((0, 3), [1]),
                             ((1, 2, 1, 3, 2), [0, 2, 4])])
    x = typed(rng, shape, dtype)
    options = schema.ReducerOptionsT()
    options.keepDims = bool(rng.random() < 0.5)
    case = Case(op, f"{shape} axes {axes}", [x, indices(axes, (len(axes),))], Tensor((), dtype, x.scales, x.zero_points), options,
                version=2)
    case.tolerance = tolerance(dtype)
    return fill(rng, case)


def mean(rng):
    return _reduce(rng, "MEAN", np.int8)


@only(*LITERT)
def mean__uint8(rng):
    return _reduce(rng, "MEAN", np.uint8)


def mean__int16(rng):
    return _reduce(rng, "MEAN", np.int16)


@only(*LITERT)
def mean__int(rng):
    return _reduce(rng, "MEAN", pick(rng, [np.int32, np.int64]))


def mean__float32(rng):
    return _reduce(rng, "MEAN", np.float32)


@only(*LITERT)
def mean__odd(rng):
    return _odd(rng, "MEAN", pick(rng, [np.int8, np.uint8, np.int16, np.int32, np.int64, np.float32]))


def sum(rng):
    return _reduce(rng, "SUM", np.int8, spread=4)


@only(*LITERT)
def sum__uint8(rng):
    return _reduce(rng, "SUM", np.uint8, spread=4)


@only("tflite-micro", "litert-xnnpack")  # LiteRT's reference kernel leaves half of the output unwritten
def sum__int16(rng):
    return _reduce(rng, "SUM", np.int16, spread=4)


@only(*LITERT)
def sum__int(rng):
    return _reduce(rng, "SUM", pick(rng, [np.int32, np.int64]))


def sum__float32(rng):
    return _reduce(rng, "SUM", np.float32)


@only(*LITERT)
def sum__odd(rng):
    return _odd(rng, "SUM", pick(rng, [np.int8, np.uint8, np.int32, np.int64, np.float32]))


def _prod(rng, dtype):
    """Scales near 1 keep the steps of the product in range."""
    x = typed(rng, _shape(rng, lengths=(1, 2, 3, 4)), dtype)
    x.scales = np.float32(10.0 ** rng.uniform(-2.5, 0.3) / (1 if dtype == np.int8 else 100))
    axes = _axes(rng, len(x.shape))
    count = int(np.prod([x.shape[a] for a in set(a % len(x.shape) for a in axes)]))
    real = max((float(x.scales) * (50 if dtype == np.int8 else 10000)) ** count, 1e-20)
    out = Tensor((), dtype, np.float32(min(real / 50 * 10.0 ** rng.uniform(-1, 1), 1e20)), type_zero_point(rng, dtype))
    options = schema.ReducerOptionsT()
    options.keepDims = bool(rng.random() < 0.5)
    return fill(rng, Case("REDUCE_PROD", f"{x.shape} axes {axes}", [x, indices(axes)], out, options, version=2))


@only(*LITERT)
def reduce_prod__int8(rng):
    return _prod(rng, np.int8)


@only(*LITERT)
def reduce_prod__int16(rng):
    return _prod(rng, np.int16)


@only(*LITERT)
def reduce_prod__plain(rng):
    case = _reduce(rng, "REDUCE_PROD", pick(rng, [np.int32, np.int64, np.float32, np.int8, np.uint8, np.int16]), rescale=False)
    case.inputs[0].scales = case.output.scales = None
    return case


@only(*LITERT)
def reduce_prod__odd(rng):
    return _odd(rng, "REDUCE_PROD", pick(rng, [np.int32, np.int64, np.float32]))


def reduce_max(rng):
    return _reduce(rng, "REDUCE_MAX", pick(rng, [np.int8, np.float32]), rescale=False)


def reduce_min(rng):
    return _reduce(rng, "REDUCE_MIN", pick(rng, [np.int8, np.float32]), rescale=False)


@only(*LITERT)
def reduce_max__int16(rng):
    return _reduce(rng, "REDUCE_MAX", np.int16, rescale=False)


@only(*LITERT)
def reduce_min__int16(rng):
    return _reduce(rng, "REDUCE_MIN", np.int16, rescale=False)


@only(*LITERT)
def reduce_max__int(rng):
    return _reduce(rng, "REDUCE_MAX", pick(rng, [np.int32, np.int64, np.uint8]), rescale=False)


@only(*LITERT)
def reduce_min__int(rng):
    return _reduce(rng, "REDUCE_MIN", pick(rng, [np.int32, np.int64, np.uint8]), rescale=False)


@only(*LITERT)
def reduce_max__odd(rng):
    return _odd(rng, "REDUCE_MAX", pick(rng, [np.int8, np.uint8, np.int16, np.int32, np.int64, np.float32]))


@only(*LITERT)
def reduce_min__odd(rng):
    return _odd(rng, "REDUCE_MIN", pick(rng, [np.int8, np.uint8, np.int16, np.int32, np.int64, np.float32]))


def _logical(rng, op):
    case = _odd(rng, op, np.bool_) if rng.random() < 0.3 else _reduce(rng, op, np.bool_)
    case.version = 1
    return case


def reduce_all(rng):
    return _logical(rng, "REDUCE_ALL")


@only(*LITERT)
def reduce_any(rng):
    return _logical(rng, "REDUCE_ANY")


def _floats(rng, case, nan):
    """Ties, and NaN where asked for: where values lie side by side LiteRT's vector code has its own opinion of them."""
    for sample in case.samples:
        if sample[0].dtype == np.float32:
            if rng.random() < 0.6:
                sample[0][...] = np.round(sample[0] / 10)
            if nan and rng.random() < 0.5:
                sample[0][rng.random(sample[0].shape) < 0.3] = np.nan
    return case


def _arg(rng, op, dtype, output=np.int32, axis_type=np.int32):
    x = typed(rng, _shape(rng), dtype)
    axis = int(rng.integers(-len(x.shape), len(x.shape)))
    options = schema.ArgMaxOptionsT() if op == "ARG_MAX" else schema.ArgMinOptionsT()
    options.outputType = schema.TensorType.INT32 if output == np.int32 else schema.TensorType.INT64
    axis = indices([axis], dtype=axis_type) if rng.random() < 0.7 else indices(axis, dtype=axis_type)
    case = fill(rng, Case(op, f"{x.shape} axis {axis.data}", [x, axis], Tensor((), output), options))
    behind = x.shape[int(axis.data.ravel()[0]) % len(x.shape) + 1:]
    return _floats(rng, case, nan=int(np.prod(behind)) > 1)


def arg_max(rng):
    return _arg(rng, "ARG_MAX", pick(rng, [np.int8, np.float32]))


def arg_min(rng):
    return _arg(rng, "ARG_MIN", pick(rng, [np.int8, np.float32]))


def _arg_wide(rng, op):
    return _arg(rng, op, pick(rng, [np.int8, np.uint8, np.int32, np.bool_, np.float32]), pick(rng, [np.int32, np.int64]),
                pick(rng, [np.int32, np.int64]))


@only(*LITERT)
def arg_max__types(rng):
    return _arg_wide(rng, "ARG_MAX")


@only(*LITERT)
def arg_min__types(rng):
    return _arg_wide(rng, "ARG_MIN")


@only(*LITERT)
def topk_v2(rng):
    x = typed(rng, _shape(rng, lengths=(1, 3, 5, 7, 40)), pick(rng, [np.int8, np.uint8, np.int16, np.int32, np.int64, np.float32]))
    k = int(rng.integers(-1 if rng.random() < 0.1 else 1, x.shape[-1] + 1))
    wide = rng.random() < 0.8
    k_type = pick(rng, [np.int32, np.int32, np.int16])
    out = [Tensor((), x.dtype, x.scales, x.zero_points), Tensor((), np.int32 if wide else np.int16)]
    return fill(rng, Case("TOPK_V2", f"{x.shape} k {k}", [x, indices(k, dtype=k_type)], out, schema.TopKV2OptionsT(), version=3))


def _cumsum(rng, dtype):
    x = typed(rng, _shape(rng), dtype)
    options = schema.CumsumOptionsT()
    options.exclusive, options.reverse = bool(rng.random() < 0.5), bool(rng.random() < 0.5)
    axis = indices([int(rng.integers(-len(x.shape), len(x.shape)))])
    case = Case("CUMSUM", f"{x.shape} axis {axis.data} {options.exclusive} {options.reverse}", [x, axis], Tensor((), dtype), options)
    case.tolerance = tolerance(dtype)
    return fill(rng, case)


@only(*LITERT)
def cumsum(rng):
    return _cumsum(rng, pick(rng, [np.int32, np.int64]))


def cumsum__float32(rng):
    return _cumsum(rng, np.float32)


OPERATORS = [mean, mean__uint8, mean__int16, mean__int, mean__float32, mean__odd, sum, sum__uint8, sum__int16, sum__int, sum__float32,
             sum__odd, reduce_prod__int8, reduce_prod__int16, reduce_prod__plain, reduce_prod__odd, reduce_max, reduce_min,
             reduce_max__int16, reduce_min__int16, reduce_max__int, reduce_min__int, reduce_max__odd, reduce_min__odd, reduce_all,
             reduce_any, arg_max, arg_min, arg_max__types, arg_min__types, topk_v2, cumsum, cumsum__float32]
