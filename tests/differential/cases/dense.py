# SPDX-License-Identifier: Apache-2.0
"""FULLY_CONNECTED, BATCH_MATMUL, EMBEDDING_LOOKUP: products of matrices and look-ups in them."""

import numpy as np
from ai_edge_litert import schema_py_generated as schema
from cases import SAMPLES
from cases.common import finish, fused, int8, magnitude, only, output_scale, pick, scale, thresholds, weights, zero_point
from single_op import Case, Tensor

INT4 = schema.TensorType.INT4


def content(rng, shape, dtype):
    """Noise or extremes of an element type."""
    if np.dtype(dtype) == np.float32:
        return floats(rng, shape)
    low, high = np.iinfo(dtype).min, np.iinfo(dtype).max
    kind = rng.random()
    if kind < 0.8:
        return rng.integers(low, high + 1, shape).astype(dtype)
    if kind < 0.9:
        return rng.choice(np.array([low, high], dtype), shape)
    return np.full(shape, int(rng.integers(low, high + 1)), dtype)


def floats(rng, shape):
    """Noise of some size, now and then with rows of zeros or all zeros."""
    values = rng.normal(0, 10.0 ** rng.uniform(-3, 2), shape).astype(np.float32)
    kind = rng.random()
    if kind < 0.1:
        return np.zeros(shape, np.float32)
    if kind < 0.3:
        values[..., : int(rng.integers(values.shape[-1] + 1))] = 0
    elif kind < 0.4:
        values = np.abs(values)
    elif kind < 0.5:
        values = np.round(values)
    if values.ndim > 1 and rng.random() < 0.3:
        values[0] = 0
    return values


def sampled(rng, case):
    case.samples = [[content(rng, t.shape, t.dtype) for t in case.model_inputs()] for _ in range(SAMPLES)]
    return case


def pack_int4(values):
    flat = np.append(values.ravel(), np.zeros(values.size % 2, np.int8)).astype(np.uint8) & 15
    return (flat[0::2] | (flat[1::2] << 4)).astype(np.uint8).view(np.int8)


def int4(tensor):
    """The int8 constant as int4 (its values cut to four bits)."""
    values = np.clip(tensor.data, -8, 7)
    return Tensor(tensor.shape, np.int8, tensor.scales, 0, tensor.axis, pack_int4(values), wire_type=INT4)


def dense_options(rng):
    options = schema.FullyConnectedOptionsT()
    options.fusedActivationFunction, options.keepNumDims = fused(rng), bool(rng.random() < 0.4)
    return options


def dense_sizes(rng):
    depth, outputs = int(pick(rng, [1, 3, 8, 64, 257])), int(pick(rng, [1, 2, 5, 10, 32]))
    lead = pick(rng, [(1,), (1,), (3,), (2, 3), (1, 2, 2)])
    return depth, outputs, lead


def optional_bias(rng, x, w_tensor, bias):
    return [x, w_tensor, bias] if bias is not None or rng.random() < 0.5 else [x, w_tensor]


def fully_connected(rng):
    depth, outputs, lead = dense_sizes(rng)
    x = int8(rng, lead + (depth,))
    w_tensor, bias, scales = weights(rng, (outputs, depth), outputs, 0, x.scales)
    options = dense_options(rng)
    out = Tensor((), np.int8, output_scale(rng, magnitude(x.scales, scales, depth)), zero_point(rng))
    note = "per channel" if len(scales) > 1 else "per tensor"
    case = Case("FULLY_CONNECTED", note, optional_bias(rng, x, w_tensor, bias), out, options, version=4)
    thresholds(rng, case, x.scales, scales)
    return finish(rng, case)


@only("litert-reference", "tflite-micro")
def fully_connected__int4(rng):
    case = fully_connected(rng)
    case.inputs[1] = int4(case.inputs[1])
    case.version = 9
    if len(np.atleast_1d(case.inputs[1].scales)) > 1:
        case.micro_ignores_options = True  # refused there, or scaled by the first channel's alone
    return case


def fully_connected__asymmetric_weights(rng):
    """One scale and zero point for the matrix: constant, or computed by the model."""
    depth, outputs, lead = dense_sizes(rng)
    x = int8(rng, lead + (depth,))
    data = content(rng, (outputs, depth), np.int8) if rng.random() < 0.5 else None
    w_tensor = Tensor((outputs, depth), np.int8, scale(rng), zero_point(rng), 0, data)
    out = Tensor((), np.int8, output_scale(rng, magnitude(x.scales, w_tensor.scales, depth)), zero_point(rng))
    case = Case("FULLY_CONNECTED", "constant" if data is not None else "computed", [x, w_tensor], out, dense_options(rng),
                version=4)
    return sampled(rng, case)


@only("litert-reference", "litert-xnnpack")
def fully_connected__uint8(rng, wide=False):
    depth, outputs, lead = dense_sizes(rng)
    x = Tensor(lead + (depth,), np.uint8, scale(rng), int(rng.integers(0, 256)))
    w_tensor = Tensor((outputs, depth), np.uint8, scale(rng), int(rng.integers(0, 256)), 0,
                      content(rng, (outputs, depth), np.uint8))
    real = magnitude(x.scales, w_tensor.scales, depth)
    bias = Tensor((outputs,), np.int32, np.float32(x.scales) * np.float32(w_tensor.scales), 0, 0,
                  rng.integers(-100000, 100001, outputs).astype(np.int32))
    if wide:
        out = Tensor((), np.int16, output_scale(rng, real) / np.float32(256), 0)
    else:
        out = Tensor((), np.uint8, output_scale(rng, real), int(rng.integers(0, 256)))
    inputs = [x, w_tensor, bias] if wide or rng.random() < 0.8 else [x, w_tensor]
    case = Case("FULLY_CONNECTED", "to int16" if wide else "", inputs, out, dense_options(rng), version=2)
    if not wide and len(inputs) == 3:
        thresholds_uint8(rng, case)
    return sampled(rng, case)


@only("litert-reference")
def fully_connected__uint8_to_int16(rng):
    return fully_connected__uint8(rng, True)


def thresholds_uint8(rng, case):
    if rng.random() < 0.6:
        return
    case.note += " thresholds"
    case.inputs[1].data = np.full_like(case.inputs[1].data, case.inputs[1].zero_points)
    product = float(case.inputs[0].scales) * float(case.inputs[1].scales)
    case.output.scales = np.float32(product * 10.0 ** rng.uniform(2, 6.3))
    ties = (rng.integers(0, 256, case.inputs[2].shape) - case.output.zero_points + 0.5) * float(case.output.scales) / product
    case.inputs[2].data = np.clip(np.round(ties) + rng.integers(-1, 2, ties.shape), -2**30, 2**30).astype(np.int32)


@only("litert-reference", "tflite-micro")
def fully_connected__int16(rng):
    depth, outputs, lead = dense_sizes(rng)
    x = Tensor(lead + (depth,), np.int16, scale(rng) / np.float32(256), 0)
    w_tensor, bias, scales = weights(rng, (outputs, depth), outputs, 0, x.scales)
    options = dense_options(rng)
    kind = rng.random()
    note = "int64 bias"
    if bias is not None:
        bias.dtype = np.int64
        bias.data = bias.data.astype(np.int64) * int(pick(rng, [1, 1000]))
        if kind < 0.25:
            note, options.quantizedBiasType = "int32 bias", schema.TensorType.INT32
            bias.dtype, bias.data = np.int32, np.clip(bias.data, -2**31, 2**31 - 1).astype(np.int32)
        elif kind < 0.5:
            options.quantizedBiasType = schema.TensorType.INT64
    out = Tensor((), np.int16, output_scale(rng, magnitude(x.scales, scales, depth)), 0)
    note += " per channel" if len(scales) > 1 else " per tensor"
    case = Case("FULLY_CONNECTED", note, optional_bias(rng, x, w_tensor, bias), out, options, version=13)
    case.micro_ignores_options = "int32" in note
    if rng.random() < 0.15:
        case.inputs[1] = int4(case.inputs[1])
    return sampled(rng, case)


@only("litert-reference", "litert-xnnpack")
def fully_connected__int16_bias64(rng):
    case = fully_connected__int16(rng)
    while len(case.inputs) < 3 or case.inputs[2] is None or case.inputs[2].dtype != np.int64:
        case = fully_connected__int16(rng)
    return case


@only("litert-reference", "litert-xnnpack")
def fully_connected__int16_weights(rng):
    case = fully_connected__int16(rng)
    old = case.inputs[1]
    case.inputs[1] = Tensor(old.shape, np.int16, old.scales, 0, 0, content(rng, old.shape, np.int16))
    if len(case.inputs) > 2 and case.inputs[2] is not None:
        width = schema.TensorType.INT64 if case.inputs[2].dtype == np.int64 else schema.TensorType.INT32
        case.options.quantizedBiasType = width
    case.output.scales = np.float32(case.output.scales) * np.float32(256)
    case.version = 14
    return case


@only("litert-reference", "tflite-micro")
def fully_connected__float32(rng):
    depth, outputs, lead = dense_sizes(rng)
    x = Tensor(lead + (depth,), np.float32)
    w_tensor = Tensor((outputs, depth), np.float32, None, 0, 0, floats(rng, (outputs, depth)) if rng.random() < 0.8 else None)
    bias = Tensor((outputs,), np.float32, None, 0, 0, floats(rng, (outputs,))) if rng.random() < 0.7 else None
    case = Case("FULLY_CONNECTED", "", optional_bias(rng, x, w_tensor, bias), Tensor((), np.float32), dense_options(rng))
    return sampled(rng, case)


@only("litert-reference")
def fully_connected__hybrid(rng):
    depth, outputs, lead = dense_sizes(rng)
    x = Tensor(lead + (depth,), np.float32)
    w_tensor, _, _ = weights(rng, (outputs, depth), outputs, 0, 1.0)
    w_tensor.data = np.maximum(w_tensor.data, -127)  # the runtime's sums are wrong with -128: refused
    bias = Tensor((outputs,), np.float32, None, 0, 0, floats(rng, (outputs,))) if rng.random() < 0.7 else None
    options = dense_options(rng)
    options.asymmetricQuantizeInputs = bool(rng.random() < 0.5)
    if rng.random() < 0.2:
        options.fusedActivationFunction = int(pick(rng, [4, 5]))
    note = "asymmetric" if options.asymmetricQuantizeInputs else "symmetric"
    if rng.random() < 0.3:
        w_tensor, note = int4(w_tensor), note + " int4"
    case = Case("FULLY_CONNECTED", note, optional_bias(rng, x, w_tensor, bias), Tensor((), np.float32), options, version=9)
    if options.fusedActivationFunction == 4:
        case.tolerance = 1e-6  # the runtime's tanh is a rational function
    return sampled(rng, case)


def batches(rng, rank):
    """Leading dimensions of two inputs and whether they broadcast."""
    both = [int(pick(rng, [1, 2, 3])) for _ in range(rank)]
    sides = [[], []]
    for dim in both:
        which = rng.random()
        sides[0].append(1 if which < 0.2 else dim)
        sides[1].append(1 if which > 0.7 else dim)
    cut = [int(rng.integers(rank + 1)) if rng.random() < 0.3 else 0 for _ in range(2)]
    return tuple(sides[0][cut[0]:]), tuple(sides[1][cut[1] if not cut[0] else 0:])


def matmul(rng, left_type, right_type, out_type, most=3):
    left_lead, right_lead = batches(rng, int(rng.integers(0, most + 1)))
    rows, depth, cols = [int(pick(rng, [1, 2, 5, 17])) for _ in range(3)]
    options = schema.BatchMatMulOptionsT()
    options.adjX, options.adjY = bool(rng.random() < 0.4), bool(rng.random() < 0.4)
    left_shape = left_lead + ((depth, rows) if options.adjX else (rows, depth))
    right_shape = right_lead + ((cols, depth) if options.adjY else (depth, cols))
    left, right, out = Tensor(left_shape, left_type), Tensor(right_shape, right_type), Tensor((), out_type)
    real = 1.0
    for tensor in (left, right):
        if np.dtype(tensor.dtype) != np.float32:
            tensor.scales = scale(rng) / np.float32(256 if tensor.dtype == np.int16 else 1)
            tensor.zero_points = zero_point(rng) if left_type == np.int8 and rng.random() < 0.7 else 0
            real *= float(tensor.scales) * (74 if tensor.dtype == np.int8 else 19000)
    if out_type in (np.int8, np.int16):
        out.scales = output_scale(rng, real * depth ** 0.5) / np.float32(256 if out_type == np.int16 else 1)
        out.zero_points = zero_point(rng) if out_type == np.int8 else 0
    if rng.random() < 0.5:
        right.data = content(rng, right.shape, right_type)
    note = f"adj {int(options.adjX)}{int(options.adjY)} ranks {len(left_shape)} {len(right_shape)}"
    return Case("BATCH_MATMUL", note, [left, right], out, options, version=1)


def batch_matmul(rng):
    return sampled(rng, matmul(rng, np.int8, np.int8, np.int8))


def batch_matmul__int16(rng):
    return sampled(rng, matmul(rng, np.int16, np.int16, np.int16))


@only("litert-reference", "litert-xnnpack")
def batch_matmul__int16_int8(rng):
    return sampled(rng, matmul(rng, np.int16, np.int8, np.int16))


@only("litert-reference", "litert-xnnpack")
def batch_matmul__int32_output(rng):
    return sampled(rng, matmul(rng, np.int8, np.int8, np.int32))


@only("litert-reference", "tflite-micro")
def batch_matmul__float32(rng):
    return sampled(rng, matmul(rng, np.float32, np.float32, np.float32))


@only("litert-reference")
def batch_matmul__hybrid(rng):
    case = matmul(rng, np.float32, np.int8, np.float32, most=2)
    right = case.inputs[1]
    right.zero_points = 0
    case.options.asymmetricQuantizeInputs = bool(rng.random() < 0.5)
    if case.options.asymmetricQuantizeInputs and right.data is None:
        right.data = content(rng, right.shape, np.int8)
    case.note += " asymmetric" if case.options.asymmetricQuantizeInputs else " symmetric"
    cols = right.shape[-2 if case.options.adjY else -1]
    if rng.random() < 0.3 and cols > 1:
        right.scales = (float(right.scales) * 10.0 ** rng.uniform(-1, 1, cols)).astype(np.float32)
        right.axis = len(right.shape) - (2 if case.options.adjY else 1)
        case.note += " per channel"
    return sampled(rng, case)


def embedding(rng, table, out_type):
    lookups = int(rng.integers(1, 9))
    case = Case("EMBEDDING_LOOKUP", "", [Tensor((lookups,), np.int32), table], Tensor((), out_type, table.scales, 0))
    if out_type == np.float32:
        case.output.scales = None
    case.samples = []
    for _ in range(SAMPLES):
        sample = [rng.integers(0, table.shape[0], lookups).astype(np.int32)]
        case.samples.append(sample if table.data is not None else sample + [content(rng, table.shape, table.dtype)])
    return case


def table_shape(rng):
    return (int(pick(rng, [1, 2, 7])),) + pick(rng, [(1,), (3,), (8,), (2, 3), (2, 1, 5)])


def embedding_lookup(rng):
    """Copies of rows."""
    dtype = pick(rng, [np.int8, np.float32, np.uint8, np.int16, np.int32, np.int64])
    shape = table_shape(rng)
    table = Tensor(shape, dtype, scale(rng) if dtype in (np.int8, np.uint8) else None, 0, 0,
                   content(rng, shape, dtype) if rng.random() < 0.7 else None)
    return embedding(rng, table, dtype)


def embedding_lookup__to_float32(rng):
    """Rows of integers become floats."""
    shape = table_shape(rng)
    dtype = pick(rng, [np.int8, np.int8, np.uint8])
    scales = scale(rng)
    if rng.random() < 0.5 and shape[0] > 1:
        scales = (float(scales) * 10.0 ** rng.uniform(-1, 1, shape[0])).astype(np.float32)
    table = Tensor(shape, dtype, scales, 0, 0, content(rng, shape, dtype))
    if dtype == np.int8 and rng.random() < 0.4:
        table = int4(table)
    case = embedding(rng, table, np.float32)
    case.micro_ignores_options = np.ndim(scales) > 0
    return case


OPERATORS = [batch_matmul, batch_matmul__float32, batch_matmul__hybrid, batch_matmul__int16, batch_matmul__int16_int8,
             batch_matmul__int32_output, embedding_lookup, embedding_lookup__to_float32,
             fully_connected, fully_connected__asymmetric_weights, fully_connected__float32, fully_connected__hybrid,
             fully_connected__int16, fully_connected__int16_bias64, fully_connected__int16_weights, fully_connected__int4,
             fully_connected__uint8, fully_connected__uint8_to_int16]
