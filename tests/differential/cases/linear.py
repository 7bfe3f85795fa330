# SPDX-License-Identifier: Apache-2.0
"""CONV_2D, DEPTHWISE_CONV_2D, FULLY_CONNECTED and their kin."""

import numpy as np
from ai_edge_litert import schema_py_generated as schema
from cases.common import (finish, fused, int8, magnitude, only, output_scale, pick, scale, thresholds, weights, window,
                          zero_point)
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


def convolution(rng, op, x, w_tensor, bias, out, geometry, note="", bias_type=0):
    """A case of CONV_2D or DEPTHWISE_CONV_2D from its tensors and what window() gave."""
    padding, (_, _, sh, dh), (_, _, sw, dw) = geometry
    depthwise = op == "DEPTHWISE_CONV_2D"
    options = schema.DepthwiseConv2DOptionsT() if depthwise else schema.Conv2DOptionsT()
    options.padding, options.strideH, options.strideW = padding, sh, sw
    options.dilationHFactor, options.dilationWFactor, options.fusedActivationFunction = dh, dw, fused(rng)
    if depthwise:
        options.depthMultiplier = w_tensor.shape[3] // x.shape[3]
    else:
        options.quantizedBiasType = bias_type
    return Case(op, note, [x, w_tensor, bias], out, options, version=5)


def shapes(rng, op):
    """(geometry, shape of the input, shape of the filter, output channels, axis of these in the filter, terms)."""
    geometry = window(rng, [1, 2, 3, 5])
    (h, fh, _, _), (w, fw, _, _) = geometry[1:]
    batches = int(pick(rng, [1, 1, 2]))
    if op == "DEPTHWISE_CONV_2D":
        depth, multiplier = int(pick(rng, [1, 2, 3, 8, 33])), int(pick(rng, [1, 1, 2, 3]))
        return geometry, (batches, h, w, depth), (1, fh, fw, depth * multiplier), depth * multiplier, 3, fh * fw
    groups = int(pick(rng, [1, 1, 1, 2, 3]))
    depth, outputs = groups * int(pick(rng, [1, 2, 3, 8, 17])), groups * int(pick(rng, [1, 2, 5, 8]))
    shape = (outputs, fh, fw, depth // groups)
    return geometry, (batches, h, w, depth), shape, outputs, 0, int(np.prod(shape[1:]))


def noise(kind):
    def make(rng, shape):
        info = np.iinfo(kind)
        if rng.random() < 0.2:
            return rng.choice(np.array([info.min, info.max], kind), shape)
        return rng.integers(info.min, info.max + 1, shape).astype(kind)
    return make


def floats(rng, shape):
    kind = rng.random()
    if kind < 0.1:
        return np.zeros(shape, np.float32)
    values = rng.normal(0, 10.0 ** rng.uniform(-3, 2), shape).astype(np.float32)
    if kind < 0.3:
        values = np.abs(values)
    if kind > 0.8:
        values = np.round(values)
    return values


def uint8_case(rng, op):
    geometry, x_shape, w_shape, channels, _, terms = shapes(rng, op)
    x = Tensor(x_shape, np.uint8, scale(rng), int(rng.integers(0, 256)))
    w_scale = scale(rng)
    w_tensor = Tensor(w_shape, np.uint8, w_scale, int(pick(rng, [0, 128, 255, int(rng.integers(256))])), 0,
                      rng.integers(0, 256, w_shape).astype(np.uint8))
    spread = pick(rng, [10, 3000, 100000])
    bias = Tensor((channels,), np.int32, np.float32(x.scales * w_scale), 0, 0,
                  rng.integers(-spread, spread + 1, channels).astype(np.int32))
    out = Tensor((), np.uint8, output_scale(rng, magnitude(x.scales, w_scale, terms)), int(rng.integers(0, 256)))
    case = convolution(rng, op, x, w_tensor, bias, out, geometry)
    if rng.random() < 0.4:  # thresholds: the bias alone, around rounding ties
        w_tensor.data[...] = w_tensor.zero_points
        out.scales = np.float32(float(x.scales) * float(w_scale) * 10.0 ** rng.uniform(2, 6.3))
        ratio = float(x.scales) * float(w_scale) / float(out.scales)
        ties = (rng.integers(-256, 256, channels) + 0.5) / ratio + rng.integers(-1, 2, channels)
        bias.data = np.clip(np.round(ties), -2**30, 2**30).astype(np.int32)
    return finish(rng, case, noise(np.uint8))


def int16_case(rng, op, bias_type, limit):
    geometry, x_shape, w_shape, channels, axis, terms = shapes(rng, op)
    x = Tensor(x_shape, np.int16, np.float32(10.0 ** rng.uniform(-5, -2)), 0)
    w_tensor, bias, scales = weights(rng, w_shape, channels, axis, x.scales)
    real = float(x.scales) * float(np.max(scales)) * 74 * 19000 * max(terms, 1) ** 0.5
    out = Tensor((), np.int16, np.float32(real / rng.uniform(5000, 30000)), 0)
    if rng.random() < 0.3:  # thresholds: the bias alone, around rounding ties
        w_tensor.data = np.zeros_like(w_tensor.data)
    ratio = float(x.scales) * np.broadcast_to(scales, (channels,)).astype(np.float64) / float(out.scales)
    ties = (rng.integers(-32768, 32768, channels) + 0.5) / ratio + rng.integers(-1, 2, channels)
    data = np.clip(np.round(ties), -limit, limit).astype(bias_type)
    bias = Tensor((channels,), bias_type, (x.scales * scales).astype(np.float32), 0, 0, data)
    wire = schema.TensorType.INT32 if bias_type == np.int32 else int(pick(rng, [0, schema.TensorType.INT64]))
    return finish(rng, convolution(rng, op, x, w_tensor, bias, out, geometry, bias_type=wire), noise(np.int16))


def pack_int4(tensor):
    """Makes the weights of a tensor four bits wide: two a byte, the first in the low nibble."""
    values = (np.clip(tensor.data, -8, 7).astype(np.int8).ravel() & 15).astype(np.uint8)
    values = np.concatenate([values, np.zeros(values.size % 2, np.uint8)])
    tensor.data = (values[0::2] | values[1::2] << 4).astype(np.uint8).view(np.int8)
    tensor.wire_type = schema.TensorType.INT4
    return tensor


def int4_case(rng, op, kind):
    geometry, x_shape, w_shape, channels, axis, terms = shapes(rng, op)
    x = int8(rng, x_shape) if kind == np.int8 else Tensor(x_shape, np.int16, scale(rng), 0)
    w_tensor, bias, scales = weights(rng, w_shape, channels, axis, x.scales)
    w_tensor.data = rng.integers(-8, 8, w_shape).astype(np.int8)
    out = Tensor((), kind, output_scale(rng, magnitude(x.scales, scales, terms) / 16), zero_point(rng))
    if kind == np.int16:
        out.zero_points, out.scales = 0, np.float32(magnitude(x.scales, scales, terms) / 16 / 100)
        bias = Tensor((channels,), np.int64, (x.scales * scales).astype(np.float32), 0, 0,
                      rng.integers(-10**7, 10**7, channels).astype(np.int64))
    case = convolution(rng, op, x, pack_int4(w_tensor), bias, out, geometry)
    if bias is None:
        case.inputs.pop()
    return finish(rng, case, noise(kind))


def float_case(rng, op):
    geometry, x_shape, w_shape, channels, _, _ = shapes(rng, op)
    x = Tensor(x_shape, np.float32)
    w_tensor = Tensor(w_shape, np.float32, data=floats(rng, w_shape))
    bias = Tensor((channels,), np.float32, data=floats(rng, (channels,)))
    case = convolution(rng, op, x, w_tensor, bias, Tensor((), np.float32), geometry)
    return finish(rng, case, floats)


def hybrid_case(rng, op, int4=False):
    geometry, x_shape, w_shape, channels, axis, _ = shapes(rng, op)
    x = Tensor(x_shape, np.float32)
    w_tensor, _, scales = weights(rng, w_shape, channels, axis, 1)
    w_tensor.data = np.maximum(w_tensor.data, -127)  # the runtime's vector code gets -128 wrong: we refuse it
    if len(scales) == 1 and (op == "DEPTHWISE_CONV_2D" or x_shape[3] != w_shape[3]) and channels > 1:
        w_tensor.scales = (scales * rng.uniform(0.5, 2, channels)).astype(np.float32)
    if int4:
        w_tensor.data = rng.integers(-8, 8, w_shape).astype(np.int8)
        pack_int4(w_tensor)
    bias = Tensor((channels,), np.float32, data=floats(rng, (channels,)))
    case = convolution(rng, op, x, w_tensor, bias, Tensor((), np.float32), geometry,
                       "per channel" if len(np.atleast_1d(w_tensor.scales)) > 1 else "per tensor")
    return finish(rng, case, floats)


@only("litert-reference", "litert-xnnpack")
def conv_2d__uint8(rng):
    return uint8_case(rng, "CONV_2D")


def conv_2d__int16(rng):
    return int16_case(rng, "CONV_2D", np.int64, 2**38)


def conv_2d__int16_bias32(rng):
    return int16_case(rng, "CONV_2D", np.int32, 2**30)


def conv_2d__int4(rng):
    return int4_case(rng, "CONV_2D", np.int8)


@only("litert-reference", "litert-xnnpack")
def conv_2d__int16_int4(rng):
    return int4_case(rng, "CONV_2D", np.int16)


@only("litert-reference", "tflite-micro")
def conv_2d__float32(rng):
    return float_case(rng, "CONV_2D")


@only("litert-reference")
def conv_2d__hybrid(rng):
    return hybrid_case(rng, "CONV_2D")


@only("litert-reference")
def conv_2d__hybrid_int4(rng):
    return hybrid_case(rng, "CONV_2D", int4=True)


@only("litert-reference", "litert-xnnpack")
def depthwise_conv_2d__uint8(rng):
    return uint8_case(rng, "DEPTHWISE_CONV_2D")


def depthwise_conv_2d__int16(rng):
    return int16_case(rng, "DEPTHWISE_CONV_2D", np.int64, 2**38)


def depthwise_conv_2d__int4(rng):
    return int4_case(rng, "DEPTHWISE_CONV_2D", np.int8)


@only("litert-reference", "tflite-micro")
def depthwise_conv_2d__float32(rng):
    return float_case(rng, "DEPTHWISE_CONV_2D")


@only("litert-reference")
def depthwise_conv_2d__hybrid(rng):
    return hybrid_case(rng, "DEPTHWISE_CONV_2D")


def transpose_geometry(rng):
    """(padding, input, filter, stride, output) along both axes: outputs that fit, and some that do not quite."""
    padding = int(pick(rng, [0, 1]))
    axes = []
    for _ in range(2):
        size, filter_size = int(rng.integers(1, 7)), int(pick(rng, [1, 2, 3, 4, 5]))
        stride = int(pick(rng, [1, 2, 2, 3]))
        output = size * stride if padding == 0 else (size - 1) * stride + filter_size
        if rng.random() < 0.2:
            output = max(1, output + int(rng.integers(-2, 3)))
        axes.append((size, filter_size, stride, output))
    return padding, axes[0], axes[1]


def transposed(rng, x, w_tensor, bias, out, geometry, bias_type=0):
    padding, (_, _, sh, oh), (_, _, sw, ow) = geometry
    options = schema.TransposeConvOptionsT()
    options.padding, options.strideH, options.strideW = padding, sh, sw
    options.fusedActivationFunction, options.quantizedBiasType = fused(rng), bias_type
    shape = Tensor((4,), np.int32, data=np.array([x.shape[0], oh, ow, w_tensor.shape[0]], np.int32))
    inputs = [shape, w_tensor, x] if bias is None else [shape, w_tensor, x, bias]
    return Case("TRANSPOSE_CONV", "", inputs, out, options, version=4)


def transpose_shapes(rng):
    geometry = transpose_geometry(rng)
    (h, fh, _, _), (w, fw, _, _) = geometry[1:]
    depth, outputs = int(pick(rng, [1, 2, 3, 8, 17])), int(pick(rng, [1, 2, 5, 8]))
    terms = depth * max(1, fh * fw // 3)
    return geometry, (int(pick(rng, [1, 1, 2])), h, w, depth), (outputs, fh, fw, depth), outputs, terms


def transpose_conv(rng):
    geometry, x_shape, w_shape, channels, terms = transpose_shapes(rng)
    x = int8(rng, x_shape)
    w_tensor, bias, scales = weights(rng, w_shape, channels, 0, x.scales)
    out = Tensor((), np.int8, output_scale(rng, magnitude(x.scales, scales, terms)), zero_point(rng))
    case = transposed(rng, x, w_tensor, bias, out, geometry)
    if bias is not None and rng.random() < 0.4:  # thresholds: the bias alone, around rounding ties
        w_tensor.data = np.zeros_like(w_tensor.data)
        out.scales = np.float32(float(x.scales) * float(np.max(scales)) * 10.0 ** rng.uniform(2, 6.3))
        ratio = float(x.scales) * np.broadcast_to(scales, (channels,)).astype(np.float64) / float(out.scales)
        ties = (rng.integers(-128, 128, channels) + 0.5) / ratio + rng.integers(-1, 2, channels)
        bias.data = np.clip(np.round(ties), -2**30, 2**30).astype(np.int32)
    return finish(rng, case)


@only("litert-reference", "litert-xnnpack")
def transpose_conv__uint8(rng):
    while True:  # what steps over its filter with padding SAME is not offered for litert-xnnpack
        geometry, x_shape, w_shape, channels, terms = transpose_shapes(rng)
        if geometry[0] == 1 or all(axis[2] <= axis[1] for axis in geometry[1:]):
            break
    x = Tensor(x_shape, np.uint8, scale(rng), int(rng.integers(0, 256)))
    w_scale = scale(rng)
    w_tensor = Tensor(w_shape, np.uint8, w_scale, int(rng.integers(256)), 0,
                      rng.integers(0, 256, w_shape).astype(np.uint8))
    bias = Tensor((channels,), np.int32, np.float32(x.scales * w_scale), 0, 0,
                  rng.integers(-3000, 3001, channels).astype(np.int32))
    out = Tensor((), np.uint8, output_scale(rng, magnitude(x.scales, w_scale, terms)), int(rng.integers(0, 256)))
    return finish(rng, transposed(rng, x, w_tensor, bias, out, geometry), noise(np.uint8))


def transpose_int16(rng, bias_type, limit):
    geometry, x_shape, w_shape, channels, terms = transpose_shapes(rng)
    x = Tensor(x_shape, np.int16, np.float32(10.0 ** rng.uniform(-5, -2)), 0)
    w_tensor, _, scales = weights(rng, w_shape, channels, 0, x.scales)
    real = float(x.scales) * float(np.max(scales)) * 74 * 19000 * max(terms, 1) ** 0.5
    out = Tensor((), np.int16, np.float32(real / rng.uniform(5000, 30000)), 0)
    if rng.random() < 0.3:  # thresholds: the bias alone, around rounding ties
        w_tensor.data = np.zeros_like(w_tensor.data)
    ratio = float(x.scales) * np.broadcast_to(scales, (channels,)).astype(np.float64) / float(out.scales)
    ties = (rng.integers(-32768, 32768, channels) + 0.5) / ratio + rng.integers(-1, 2, channels)
    data = np.clip(np.round(ties), -limit, limit).astype(bias_type)
    bias = Tensor((channels,), bias_type, (x.scales * scales).astype(np.float32), 0, 0, data)
    wire = schema.TensorType.INT32 if bias_type == np.int32 else int(pick(rng, [0, schema.TensorType.INT64]))
    return finish(rng, transposed(rng, x, w_tensor, bias, out, geometry, wire), noise(np.int16))


def transpose_conv__int16(rng):
    return transpose_int16(rng, np.int64, 2**38)


@only("litert-reference", "litert-xnnpack")
def transpose_conv__int16_bias32(rng):
    return transpose_int16(rng, np.int32, 2**30)


@only("litert-reference", "tflite-micro")
def transpose_conv__float32(rng):
    geometry, x_shape, w_shape, channels, _ = transpose_shapes(rng)
    bias = Tensor((channels,), np.float32, data=floats(rng, (channels,))) if rng.random() < 0.7 else None
    case = transposed(rng, Tensor(x_shape, np.float32), Tensor(w_shape, np.float32, data=floats(rng, w_shape)), bias,
                      Tensor((), np.float32), geometry)
    return finish(rng, case, floats)


@only("litert-reference")
def transpose_conv__hybrid(rng):
    geometry, x_shape, w_shape, channels, _ = transpose_shapes(rng)
    w_tensor, _, _ = weights(rng, w_shape, channels, 0, 1)
    bias = Tensor((channels,), np.float32, data=floats(rng, (channels,))) if rng.random() < 0.7 else None
    case = transposed(rng, Tensor(x_shape, np.float32), w_tensor, bias, Tensor((), np.float32), geometry)
    return finish(rng, case, floats)


OPERATORS = [conv_2d, conv_2d__uint8, conv_2d__int16, conv_2d__int16_bias32, conv_2d__int4, conv_2d__int16_int4,
             conv_2d__float32, conv_2d__hybrid, conv_2d__hybrid_int4, depthwise_conv_2d, depthwise_conv_2d__uint8,
             depthwise_conv_2d__int16, depthwise_conv_2d__int4, depthwise_conv_2d__float32, depthwise_conv_2d__hybrid,
             transpose_conv, transpose_conv__uint8, transpose_conv__int16, transpose_conv__int16_bias32,
             transpose_conv__float32, transpose_conv__hybrid]
