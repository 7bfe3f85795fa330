# SPDX-License-Identifier: Apache-2.0
"""Activations and other functions of one tensor."""

import numpy as np
from ai_edge_litert import schema_py_generated as schema
from cases.common import finish, int8, output_scale, pick, zero_point
from single_op import Case, Tensor


def _unary(rng, op, options=None, out=None):
    x = int8(rng, [int(rng.integers(1, 6)) for _ in range(int(pick(rng, [1, 2, 3, 4])))] + [32])
    if out is None:
        out = Tensor((), np.int8, output_scale(rng, float(x.scales) * 100, float(x.scales)), zero_point(rng))
        if rng.random() < 0.2:
            out = Tensor((), np.int8, x.scales, x.zero_points)
    return finish(rng, Case(op, "", [x], out, options, version=2))


def relu(rng):
    return _unary(rng, "RELU")


def relu6(rng):
    return _unary(rng, "RELU6")


def logistic(rng):
    return _unary(rng, "LOGISTIC", out=Tensor((), np.int8, np.float32(1 / 256), -128))


def leaky_relu(rng):
    options = schema.LeakyReluOptionsT()
    options.alpha = float(pick(rng, [0.1, 0.2, 0.3, 0.01, 1.5, rng.uniform(0, 1), 0.0, -0.3]))
    case = _unary(rng, "LEAKY_RELU", options)
    case.note = f"alpha {options.alpha}"
    return case


def softmax(rng):
    shape = [int(rng.integers(1, 4)) for _ in range(int(pick(rng, [0, 1, 1, 2, 3])))]
    x = int8(rng, shape + [int(pick(rng, [1, 2, 10, 100, 1000]))])
    options = schema.SoftmaxOptionsT()
    options.beta = float(pick(rng, [1.0, 1.0, 1.0, 0.5, 2.7, 10.0]))
    return finish(rng, Case("SOFTMAX", "", [x], Tensor((), np.int8, np.float32(1 / 256), -128), options, version=2))


OPERATORS = [relu, relu6, logistic, leaky_relu, softmax]
