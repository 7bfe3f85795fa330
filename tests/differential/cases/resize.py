# SPDX-License-Identifier: Apache-2.0
"""Resizing pictures."""

import numpy as np
from ai_edge_litert import schema_py_generated as schema
from cases.common import only, pick
from cases.pool import LITERT, fill, indices, tolerance, typed
from single_op import Case, Tensor


def _resize(rng, op, dtype):
    lengths = [1, 2, 3, 4, 5, 7, 8, 13, 16]
    x = typed(rng, (int(pick(rng, [1, 1, 2])), int(pick(rng, lengths)), int(pick(rng, lengths)), int(pick(rng, [1, 3, 8]))), dtype)
    size = [int(pick(rng, lengths + [20, 33])), int(pick(rng, lengths + [20, 33]))]
    if rng.random() < 0.2:
        size = [2 * x.shape[1], 2 * x.shape[2]]
    kind = schema.ResizeBilinearOptionsT if op == "RESIZE_BILINEAR" else schema.ResizeNearestNeighborOptionsT
    options = kind()
    options.alignCorners, options.halfPixelCenters = pick(rng, [(False, False), (True, False), (False, True)])
    if op != "RESIZE_BILINEAR" and rng.random() < 0.1:
        options.alignCorners = options.halfPixelCenters = True
    note = f"{x.shape} to {size} align {options.alignCorners} half {options.halfPixelCenters}"
    case = Case(op, note, [x, indices(size)], Tensor((), dtype, x.scales, x.zero_points), options, version=3)
    case.tolerance = tolerance(dtype) if op == "RESIZE_BILINEAR" else 0.0
    return fill(rng, case)


def resize_bilinear(rng):
    return _resize(rng, "RESIZE_BILINEAR", np.int8)


@only(*LITERT)
def resize_bilinear__uint8(rng):
    return _resize(rng, "RESIZE_BILINEAR", np.uint8)


@only(*LITERT)
def resize_bilinear__int16(rng):
    return _resize(rng, "RESIZE_BILINEAR", np.int16)


def resize_bilinear__float32(rng):
    return _resize(rng, "RESIZE_BILINEAR", np.float32)


def resize_nearest_neighbor(rng):
    return _resize(rng, "RESIZE_NEAREST_NEIGHBOR", pick(rng, [np.int8, np.int16, np.float32]))


@only(*LITERT)
def resize_nearest_neighbor__uint8(rng):
    return _resize(rng, "RESIZE_NEAREST_NEIGHBOR", np.uint8)


OPERATORS = [resize_bilinear, resize_bilinear__uint8, resize_bilinear__int16, resize_bilinear__float32, resize_nearest_neighbor,
             resize_nearest_neighbor__uint8]
