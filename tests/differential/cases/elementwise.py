# SPDX-License-Identifier: Apache-2.0
"""Operators on two tensors, with broadcasting."""

import numpy as np
from ai_edge_litert import schema_py_generated as schema
from cases.common import activation_values, finish, fused, int8, output_scale, pick, zero_point
from single_op import Case, Tensor


def _binary_shapes(rng):
    rank = int(pick(rng, [1, 2, 3, 4, 4]))
    shape = [int(rng.integers(1, 6)) for _ in range(rank)]
    a, b = list(shape), list(shape)
    if rng.random() < 0.6:
        for d in range(rank):
            kind = rng.random()
            if kind < 0.25:
                a[d] = 1
            elif kind < 0.5:
                b[d] = 1
        if rng.random() < 0.3:
            b = b[int(rng.integers(rank)):] or [1]
    if rng.random() < 0.5:
        a, b = b, a
    return tuple(a), tuple(b)


def _second_constant(rng, tensor):
    if rng.random() < 0.3:
        tensor.data = activation_values(rng, tensor.shape)
    return tensor


def add(rng):
    a, b = _binary_shapes(rng)
    x, y = int8(rng, a), _second_constant(rng, int8(rng, b))
    options = schema.AddOptionsT()
    options.fusedActivationFunction = fused(rng)
    largest = max(float(x.scales), float(y.scales))
    out = Tensor((), np.int8, max(output_scale(rng, largest * 128, largest), np.float32(largest * 2.0 ** -18)), zero_point(rng))
    return finish(rng, Case("ADD", "", [x, y], out, options, version=2))


def mul(rng):
    a, b = _binary_shapes(rng)
    x, y = int8(rng, a), _second_constant(rng, int8(rng, b))
    options = schema.MulOptionsT()
    options.fusedActivationFunction = fused(rng)
    out = Tensor((), np.int8, output_scale(rng, float(x.scales) * float(y.scales) * 128 * 74, float(x.scales) * float(y.scales)), zero_point(rng))
    return finish(rng, Case("MUL", "", [x, y], out, options, version=2))


OPERATORS = [add, mul]
