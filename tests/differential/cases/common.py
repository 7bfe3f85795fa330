# SPDX-License-Identifier: Apache-2.0
"""What the families of random cases share: scales, zero points, contents, windows, weights."""

import numpy as np
from ai_edge_litert import schema_py_generated as schema
from single_op import Case, Tensor

from cases import SAMPLES


def only(*profiles):
    """Marks a function of OPERATORS: these profiles' runtimes have the operator in this form, the others do not."""
    def mark(make):
        make.profiles = profiles
        return make
    return mark


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


def bounded(case):
    """Drops a fused activation whose bounds are no int32 at the output's scale: at 2^31 itself the runtimes convert them
    undefined."""
    fused_activation = getattr(case.options, "fusedActivationFunction", 0)
    if fused_activation and case.output.scales is not None and np.min(case.output.scales) < 1e-8:
        case.options.fusedActivationFunction = 0


def finish(rng, case, make=activation_values):
    bounded(case)
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
