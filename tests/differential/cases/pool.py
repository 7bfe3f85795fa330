# SPDX-License-Identifier: Apache-2.0
"""Pooling, reductions, resizing."""

import numpy as np
from ai_edge_litert import schema_py_generated as schema
from cases.common import finish, fused, int8, output_scale, pick, window, zero_point
from single_op import Case, Tensor


def _pool(rng, op):
    padding, (h, fh, sh, _), (w, fw, sw, _) = window(rng, [1, 2, 3, 7])
    if padding:
        h, w = max(h, fh), max(w, fw)
    x = int8(rng, (int(pick(rng, [1, 2])), h, w, int(pick(rng, [1, 3, 8]))))
    options = schema.Pool2DOptionsT()
    options.padding, options.strideH, options.strideW = padding, sh, sw
    options.filterHeight, options.filterWidth, options.fusedActivationFunction = fh, fw, fused(rng)
    return finish(rng, Case(op, "", [x], Tensor((), np.int8, x.scales, x.zero_points), options, version=2))


def max_pool_2d(rng):
    return _pool(rng, "MAX_POOL_2D")


def average_pool_2d(rng):
    return _pool(rng, "AVERAGE_POOL_2D")


def mean(rng):
    rank = int(pick(rng, [1, 2, 3, 4, 4, 4]))
    shape = [int(pick(rng, [1, 2, 3, 5, 7, 12])) for _ in range(rank)]
    x = int8(rng, shape)
    if rank == 4 and rng.random() < 0.6:
        axes = pick(rng, [[1, 2], [2, 1], [-3, -2]])
    else:
        axes = [int(a) for a in rng.permutation(rank)[:int(rng.integers(1, rank + 1))]]
        axes = [a - rank if rng.random() < 0.3 else a for a in axes]
    options = schema.ReducerOptionsT()
    options.keepDims = bool(rng.random() < 0.5)
    out = Tensor((), np.int8, x.scales, x.zero_points)
    if rng.random() < 0.7:
        out = Tensor((), np.int8, output_scale(rng, float(x.scales) * 64, float(x.scales) / 6), zero_point(rng))
    axis = Tensor((len(axes),), np.int32, data=np.array(axes, np.int32))
    return finish(rng, Case("MEAN", f"axes {axes} keep {options.keepDims}", [x, axis], out, options, version=2))


OPERATORS = [max_pool_2d, average_pool_2d, mean]
