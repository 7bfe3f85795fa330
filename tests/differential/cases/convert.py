# SPDX-License-Identifier: Apache-2.0
"""Between types and scales."""

import numpy as np
from ai_edge_litert import schema_py_generated as schema
from cases.common import finish, int8, output_scale, pick, scale, zero_point
from single_op import Case, Tensor


def quantize(rng):
    shape = [int(rng.integers(1, 6)) for _ in range(int(pick(rng, [1, 2, 3, 4])))]
    out = int8(rng, ())
    if rng.random() < 0.5:
        case = Case("QUANTIZE", "int8", [int8(rng, shape)], out, schema.QuantizeOptionsT(), version=2)
        case.output.scales = output_scale(rng, float(case.inputs[0].scales) * 74, float(case.inputs[0].scales))
        return finish(rng, case)
    axis = int(rng.integers(len(shape)))
    per_channel = rng.random() < 0.25
    if per_channel:
        out.axis = axis
        out.scales = np.array([scale(rng) for _ in range(shape[axis])], np.float32)
        out.zero_points = np.array([zero_point(rng) for _ in range(shape[axis])])

    def values(r, s):
        base = float(np.max(out.scales))
        x = (r.standard_normal(s) * 70 * base).astype(np.float32)
        if r.random() < 0.5:  # halves: ties
            x = (np.round(x / base) * base + 0.5 * base).astype(np.float32)
        if r.random() < 0.3:
            flat = x.reshape(-1)
            flat[int(r.integers(flat.size))] = pick(r, [1e30, -1e30, np.inf, -np.inf, 3e9 * base, -3e9 * base])
        return x
    note = "float32 per channel" if per_channel and shape[axis] > 1 else "float32"
    return finish(rng, Case("QUANTIZE", note, [Tensor(tuple(shape), np.float32)], out, schema.QuantizeOptionsT(),
                            version=2), values)


def dequantize(rng):
    shape = [int(rng.integers(1, 6)) for _ in range(int(pick(rng, [1, 2, 3, 4])))]
    x = int8(rng, shape)
    note = ""
    axis = int(rng.integers(len(shape)))
    if rng.random() < 0.25 and shape[axis] > 1:
        x.axis, note = axis, "per channel"
        x.scales = np.array([scale(rng) for _ in range(shape[axis])], np.float32)
        x.zero_points = np.array([zero_point(rng) for _ in range(shape[axis])])
    return finish(rng, Case("DEQUANTIZE", note, [x], Tensor((), np.float32), schema.DequantizeOptionsT(), version=2))


OPERATORS = [quantize, dequantize]
