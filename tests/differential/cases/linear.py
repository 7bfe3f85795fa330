# SPDX-License-Identifier: Apache-2.0
"""CONV_2D, DEPTHWISE_CONV_2D and their kin."""

import numpy as np
from ai_edge_litert import schema_py_generated as schema
from cases.common import finish, fused, int8, magnitude, output_scale, pick, thresholds, weights, window, zero_point
from single_op import Case, Tensor


def conv_2d(rng):
    padding, (h, fh, sh, dh), (w, fw, sw, dw) = window(rng, [1, 2, 3, 5])
    groups = int(pick(rng, [1, 1, 1, 2, 3]))
    depth = groups * int(pick(rng, [1, 2, 3, 8]))
    outputs = groups * int(pick(rng, [1, 2, 5, 8]))
    x = int8(rng, (int(pick(rng, [1, 1, 2])), h, w, depth))
    shape = (outputs, fh, fw, depth // groups)
    w_tensor, bias, scales = weights(rng, shape, outputs, 0, x.scales)
    options = schema.Conv2DOptionsT()
    options.padding, options.strideH, options.strideW = padding, sh, sw
    options.dilationHFactor, options.dilationWFactor, options.fusedActivationFunction = dh, dw, fused(rng)
    out = Tensor((), np.int8, output_scale(rng, magnitude(x.scales, scales, np.prod(shape[1:]))), zero_point(rng))
    inputs = [x, w_tensor, bias] if bias is not None or rng.random() < 0.5 else [x, w_tensor]
    case = Case("CONV_2D", f"groups {groups}", inputs, out, options, version=3)
    thresholds(rng, case, x.scales, scales)
    return finish(rng, case)


def depthwise_conv_2d(rng):
    padding, (h, fh, sh, dh), (w, fw, sw, dw) = window(rng, [1, 2, 3, 5])
    sw = sh
    depth, multiplier = int(pick(rng, [1, 2, 3, 8, 33])), int(pick(rng, [1, 1, 2, 3]))
    x = int8(rng, (int(pick(rng, [1, 1, 2])), h, w, depth))
    shape = (1, fh, fw, depth * multiplier)
    w_tensor, bias, scales = weights(rng, shape, depth * multiplier, 3, x.scales)
    options = schema.DepthwiseConv2DOptionsT()
    options.padding, options.strideH, options.strideW, options.depthMultiplier = padding, sh, sw, multiplier
    options.dilationHFactor, options.dilationWFactor, options.fusedActivationFunction = dh, dw, fused(rng)
    out = Tensor((), np.int8, output_scale(rng, magnitude(x.scales, scales, fh * fw)), zero_point(rng))
    inputs = [x, w_tensor, bias] if bias is not None or rng.random() < 0.5 else [x, w_tensor]
    case = Case("DEPTHWISE_CONV_2D", f"multiplier {multiplier}", inputs, out, options, version=3)
    thresholds(rng, case, x.scales, scales)
    return finish(rng, case)


OPERATORS = [conv_2d, depthwise_conv_2d]
