# SPDX-License-Identifier: Apache-2.0
"""Random single operators: shapes, options and quantization, ordinary and extreme. Each function makes one case."""

import numpy as np
from ai_edge_litert import schema_py_generated as schema
from single_op import Case, Tensor

SAMPLES = 4  # inputs a case


def pick(rng, values):
    return values[int(rng.integers(len(values)))]


def scale(rng):
    """A scale: ordinary, a power of two (rounding ties), tiny or huge."""
    kind = rng.random()
    if kind < 0.6:
        return np.float32(10.0 ** rng.uniform(-3, -0.3))
    if kind < 0.85:
        return np.float32(2.0 ** int(rng.integers(-9, 3)))
    if kind < 0.95:
        return np.float32(10.0 ** rng.uniform(-7, -3))
    return np.float32(10.0 ** rng.uniform(0, 3))


def zero_point(rng):
    return int(pick(rng, [-128, 127, 0, -1, int(rng.integers(-128, 128)), int(rng.integers(-128, 128))]))


def output_scale(rng, real, step=None):
    """A scale that spreads values of about `real` over int8, or a power of two near it, or one far off. With `step`, what one
    unit of the accumulator stands for, also one that puts some value as near to a rounding tie as float32 can."""
    kind = rng.random()
    if step is not None and rng.random() < 0.35:
        value = int(rng.integers(1, max(2, int(real / step))))
        return np.float32(float(step) * value / (int(rng.integers(0, 100)) + 0.5))
    real = max(float(real), 1e-30)
    if kind < 0.55:
        return np.float32(real / rng.uniform(20, 120))
    if kind < 0.85:
        return np.float32(2.0 ** np.round(np.log2(real / 64)))
    return np.float32(real * 10.0 ** rng.uniform(-4, 2))


def activation_values(rng, shape):
    """int8 content: noise, or extremes."""
    kind = rng.random()
    if kind < 0.8:
        return rng.integers(-128, 128, shape).astype(np.int8)
    if kind < 0.9:
        return rng.choice(np.array([-128, 127], np.int8), shape)
    return np.full(shape, int(rng.integers(-128, 128)), np.int8)


def finish(rng, case, make=activation_values):
    case.samples = [[make(rng, t.shape) for t in case.model_inputs()] for _ in range(SAMPLES)]
    return case


def int8(rng, shape):
    return Tensor(tuple(shape), np.int8, scale(rng), zero_point(rng))


def fused(rng):
    return int(pick(rng, [0, 0, 0, 1, 2, 3]))


def weights(rng, shape, channels, axis, input_scale):
    """A filter with one scale or one a channel, some of these extreme, and its bias (or None)."""
    per_channel = rng.random() < 0.7
    if per_channel:
        base = scale(rng)
        scales = (base * 10.0 ** rng.uniform(-1, 1, channels)).astype(np.float32)
        if rng.random() < 0.3:
            scales[int(rng.integers(channels))] = np.float32(base * 10.0 ** rng.uniform(-9, -3))
    else:
        scales = np.array([scale(rng)], np.float32)
    low = pick(rng, [-127, -127, -8])
    data = rng.integers(low, -low + 1, shape).astype(np.int8)
    if rng.random() < 0.1:
        data[...] = pick(rng, [-128, 127])
    filter_tensor = Tensor(tuple(shape), np.int8, scales, 0, axis, data)
    if rng.random() < 0.2:
        return filter_tensor, None, scales
    spread = pick(rng, [10, 3000, 100000])
    bias = rng.integers(-spread, spread + 1, channels).astype(np.int32)
    if rng.random() < 0.1:
        bias[int(rng.integers(channels))] = (1 << 30) + 128
    bias_scales = (np.float32(input_scale) * scales).astype(np.float32)
    return filter_tensor, Tensor((channels,), np.int32, bias_scales, 0, 0, bias), scales


def thresholds(rng, case, input_scale, scales):
    """Makes some cases one of thresholds: no weights, and biases whose scaled values lie around rounding ties."""
    bias = case.inputs[2] if len(case.inputs) > 2 else None
    if bias is None or rng.random() < 0.6:
        return
    case.note += " thresholds"
    case.inputs[1].data = np.zeros_like(case.inputs[1].data)
    case.output.scales = np.float32(float(input_scale) * float(np.max(scales)) * 10.0 ** rng.uniform(2, 6.3))
    ratio = float(input_scale) * np.broadcast_to(scales, bias.shape).astype(np.float64) / float(case.output.scales)
    ties = (rng.integers(-128, 128, bias.shape) + 0.5) / ratio + rng.integers(-1, 2, bias.shape)
    bias.data = np.clip(np.round(ties), -2**30, 2**30).astype(np.int32)


def magnitude(input_scale, scales, terms):
    """About how large a sum of `terms` products becomes."""
    return float(input_scale) * float(np.max(scales)) * 74 * 74 * max(terms, 1) ** 0.5


def window(rng, filters):
    """Input size, filter, stride, dilation, padding along both axes such that the filter fits."""
    padding = int(pick(rng, [0, 1]))
    result = []
    for _ in range(2):
        filter_size = int(pick(rng, filters))
        dilation = int(pick(rng, [1, 1, 1, 2, 3]))
        stride = int(pick(rng, [1, 1, 2, 3]))
        reach = (filter_size - 1) * dilation + 1
        size = int(rng.integers(reach if padding else 1, reach + 6))
        result.append((size, filter_size, stride, dilation))
    return padding, result[0], result[1]


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


def fully_connected(rng):
    depth, outputs = int(pick(rng, [1, 3, 8, 64, 257])), int(pick(rng, [1, 2, 5, 10, 32]))
    lead = pick(rng, [(1,), (1,), (3,), (2, 3), (1, 2, 2)])
    x = int8(rng, lead + (depth,))
    w_tensor, bias, scales = weights(rng, (outputs, depth), outputs, 0, x.scales)
    options = schema.FullyConnectedOptionsT()
    options.fusedActivationFunction, options.keepNumDims = fused(rng), bool(rng.random() < 0.4)
    out = Tensor((), np.int8, output_scale(rng, magnitude(x.scales, scales, depth)), zero_point(rng))
    inputs = [x, w_tensor, bias] if bias is not None or rng.random() < 0.5 else [x, w_tensor]
    note = "per channel" if len(scales) > 1 else "per tensor"
    case = Case("FULLY_CONNECTED", note, inputs, out, options, version=4)
    thresholds(rng, case, x.scales, scales)
    return finish(rng, case)


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


def pad(rng):
    rank = int(pick(rng, [1, 2, 3, 4, 4]))
    x = int8(rng, [int(rng.integers(1, 5)) for _ in range(rank)])
    paddings = rng.integers(0, 4, (rank, 2)).astype(pick(rng, [np.int32, np.int32, np.int64]))
    constant = Tensor((rank, 2), paddings.dtype.type, data=paddings)
    out = Tensor((), np.int8, x.scales, x.zero_points)
    return finish(rng, Case("PAD", paddings.dtype.name, [x, constant], out, schema.PadOptionsT(), version=2))


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


def reshape(rng):
    dtype = pick(rng, [np.int8, np.int8, np.int32, np.float32])
    shape = [int(rng.integers(1, 5)) for _ in range(int(pick(rng, [1, 2, 3, 4])))]
    x = int8(rng, shape) if dtype == np.int8 else Tensor(tuple(shape), dtype)
    count = int(np.prod(shape))
    new, left = [], count
    for _ in range(int(rng.integers(0, 4))):
        divisor = int(pick(rng, [d for d in range(1, left + 1) if left % d == 0]))
        new.append(divisor)
        left //= divisor
    new.append(left)
    if rng.random() < 0.5:
        new[int(rng.integers(len(new)))] = -1
    options = schema.ReshapeOptionsT()
    inputs, how = [x], pick(rng, ["tensor", "option", "both"])
    if how != "tensor":
        options.newShape = new
    if how != "option":
        inputs.append(Tensor((len(new),), np.int32, data=np.array(new, np.int32)))
    out = Tensor((), dtype, x.scales, x.zero_points)
    make = activation_values if dtype == np.int8 else lambda r, s: r.integers(-9, 9, s).astype(dtype)
    return finish(rng, Case("RESHAPE", how, inputs, out, options), make)


def softmax(rng):
    shape = [int(rng.integers(1, 4)) for _ in range(int(pick(rng, [0, 1, 1, 2, 3])))]
    x = int8(rng, shape + [int(pick(rng, [1, 2, 10, 100, 1000]))])
    options = schema.SoftmaxOptionsT()
    options.beta = float(pick(rng, [1.0, 1.0, 1.0, 0.5, 2.7, 10.0]))
    return finish(rng, Case("SOFTMAX", "", [x], Tensor((), np.int8, np.float32(1 / 256), -128), options, version=2))


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


def shape(rng):
    dims = [int(rng.integers(1, 6)) for _ in range(int(pick(rng, [1, 2, 3, 4])))]
    options = schema.ShapeOptionsT()
    options.outType = int(pick(rng, [schema.TensorType.INT32, schema.TensorType.INT32, schema.TensorType.INT64]))
    dtype = np.int32 if options.outType == schema.TensorType.INT32 else np.int64
    return finish(rng, Case("SHAPE", np.dtype(dtype).name, [int8(rng, dims)], Tensor((), dtype), options))


def strided_slice(rng):
    dtype = pick(rng, [np.int8, np.int8, np.int32, np.float32])
    rank = int(pick(rng, [1, 2, 3, 4]))
    dims = [int(rng.integers(1, 7)) for _ in range(rank)]
    x = int8(rng, dims) if dtype == np.int8 else Tensor(tuple(dims), dtype)
    options = schema.StridedSliceOptionsT()
    options.beginMask = options.endMask = options.ellipsisMask = options.newAxisMask = options.shrinkAxisMask = 0
    entries = int(rng.integers(1, rank + 1))
    begin, end, strides = [], [], []
    fancy = rng.random() < 0.3
    for i in range(entries):
        size = dims[i]
        stride = int(pick(rng, [1, 1, 2, 3, -1, -2]))
        low, high = sorted(int(v) for v in rng.integers(0, size + 1, 2))
        if low == high:
            low, high = 0, size
        b, e = (low, high) if stride > 0 else (high - 1, low - 1 if low > 0 else -size - 1)
        if rng.random() < 0.2 and 0 <= b < size:
            b -= size
        if rng.random() < 0.2:
            e = e + 100 if stride > 0 else -size - 100
        if rng.random() < 0.2:
            options.shrinkAxisMask |= 1 << i
            b, e, stride = low, low + 1, 1
        begin.append(b), end.append(e), strides.append(stride)
        options.beginMask |= (1 << i) if rng.random() < 0.2 and not options.shrinkAxisMask >> i & 1 else 0
        options.endMask |= (1 << i) if rng.random() < 0.2 and not options.shrinkAxisMask >> i & 1 else 0
    if fancy and entries < 4:
        at = int(rng.integers(len(begin) + 1))

        def open_bit(mask):
            return (mask & ((1 << at) - 1)) | ((mask >> at) << (at + 1))
        options.beginMask, options.endMask = open_bit(options.beginMask), open_bit(options.endMask)
        options.shrinkAxisMask = open_bit(options.shrinkAxisMask)
        if at == len(begin) and rng.random() < 0.5:
            options.ellipsisMask = 1 << at
        else:
            options.newAxisMask = 1 << at
        begin.insert(at, 0), end.insert(at, 1), strides.insert(at, 1)
    lists = [Tensor((len(v),), np.int32, data=np.array(v, np.int32)) for v in (begin, end, strides)]
    out = Tensor((), dtype, x.scales, x.zero_points)
    make = activation_values if dtype == np.int8 else lambda r, s: r.integers(-9, 9, s).astype(dtype)
    note = f"{dims} {begin} {end} {strides} new {options.newAxisMask} shrink {options.shrinkAxisMask} ellipsis " \
           f"{options.ellipsisMask} masks {options.beginMask} {options.endMask}"
    case = Case("STRIDED_SLICE", note, [x] + lists, out, options, version=2)
    case.micro_ignores_options = bool(options.newAxisMask or options.ellipsisMask)
    return finish(rng, case, make)


def _joined(rng, op, same):
    dtype = pick(rng, [np.int8, np.int8, np.int32, np.float32, np.int64])
    rank = int(pick(rng, [1, 2, 3, 4] if op == "CONCATENATION" else [0, 1, 2, 3]))
    dims = [int(rng.integers(1, 5)) for _ in range(rank)]
    count = int(rng.integers(1, 5))
    axis = int(rng.integers(rank if same else rank + 1))
    base = int8(rng, dims) if dtype == np.int8 else Tensor(tuple(dims), dtype)
    inputs = []
    for _ in range(count):
        own = list(dims)
        if same:
            own[axis] = int(rng.integers(1, 5))
        inputs.append(Tensor(tuple(own), dtype, base.scales, base.zero_points))
    if rng.random() < 0.5:
        axis -= rank if same else rank + 1
    out = Tensor((), dtype, base.scales, base.zero_points)
    make = activation_values if dtype == np.int8 else lambda r, s: r.integers(-9, 9, s).astype(dtype)
    return inputs, axis, out, make


def concatenation(rng):
    inputs, axis, out, make = _joined(rng, "CONCATENATION", True)
    options = schema.ConcatenationOptionsT()
    options.axis = axis
    return finish(rng, Case("CONCATENATION", "", inputs, out, options, version=2), make)


def pack(rng):
    inputs, axis, out, make = _joined(rng, "PACK", False)
    options = schema.PackOptionsT()
    options.axis, options.valuesCount = axis, len(inputs)
    return finish(rng, Case("PACK", "", inputs, out, options, version=2), make)


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


OPERATORS = [add, average_pool_2d, concatenation, conv_2d, depthwise_conv_2d, dequantize, fully_connected, leaky_relu,
             logistic, max_pool_2d, mean, mul, pack, pad, quantize, relu, relu6, reshape, shape, softmax, strided_slice]
