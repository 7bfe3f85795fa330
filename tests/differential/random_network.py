# SPDX-License-Identifier: Apache-2.0
"""Draws small random int8 networks: a list of operators that share Tensor objects."""

import numpy as np
from ai_edge_litert import schema_py_generated as schema
from cases.common import fused, magnitude, pick, scale, weights, zero_point
from single_op import Case, Tensor


def _like(tensor, shape=None):
    """A tensor of the same quantization."""
    return Tensor(tuple(tensor.shape if shape is None else shape), np.int8, tensor.scales, tensor.zero_points)


def _spread(rng, shape, real):
    """A tensor whose scale brings values of about `real` into the int8 range."""
    return Tensor(tuple(shape), np.int8, np.float32(min(max(real, 1e-9), 1e30) / rng.uniform(30, 110)), zero_point(rng))


def _present(x, kernel, bias):
    """Without a bias one of zeros: LiteRT's convolution insists on one."""
    if bias is None:
        channels = kernel.shape[kernel.axis]
        bias = Tensor((channels,), np.int32, (x.scales * kernel.scales).astype(np.float32), 0, 0, np.zeros(channels, np.int32))
    return [x, kernel, bias]


def _reach(size, window, stride, padding):
    """Output size of a window along one axis."""
    return -(-size // stride) if padding == 0 else (size - window) // stride + 1


def window_over(x, fh, fw, stride, padding):
    """A window as the operators below take it. padding: 0 SAME, 1 VALID."""
    _, h, w, _ = x.shape
    return fh, fw, stride, padding, _reach(h, fh, stride, padding), _reach(w, fw, stride, padding)


def _window(rng, x):
    _, h, w, _ = x.shape
    fh, fw = int(rng.integers(1, min(3, h) + 1)), int(rng.integers(1, min(3, w) + 1))
    stride, padding = int(pick(rng, [1, 1, 2])), int(pick(rng, [0, 1]))
    return window_over(x, fh, fw, stride, padding)


# The operators: what is not given is drawn small. `draw_weights` has the form of cases.common.weights.
def conv(rng, x, window=None, channels=None, draw_weights=weights):
    fh, fw, stride, padding, h, w = window or _window(rng, x)
    depth, channels = x.shape[3], channels or int(pick(rng, [1, 4, 7, 16]))
    kernel, bias, scales = draw_weights(rng, (channels, fh, fw, depth), channels, 0, x.scales)
    options = schema.Conv2DOptionsT()
    options.padding, options.strideH, options.strideW = padding, stride, stride
    options.dilationHFactor = options.dilationWFactor = 1
    options.fusedActivationFunction = fused(rng)
    out = _spread(rng, (x.shape[0], h, w, channels), magnitude(x.scales, scales, fh * fw * depth))
    return Case("CONV_2D", "", _present(x, kernel, bias), out, options, version=3)


def depthwise(rng, x, window=None, multiplier=None, draw_weights=weights):
    fh, fw, stride, padding, h, w = window or _window(rng, x)
    multiplier = multiplier or int(pick(rng, [1, 1, 2]))
    channels = x.shape[3] * multiplier
    kernel, bias, scales = draw_weights(rng, (1, fh, fw, channels), channels, 3, x.scales)
    options = schema.DepthwiseConv2DOptionsT()
    options.padding, options.strideH, options.strideW, options.depthMultiplier = padding, stride, stride, multiplier
    options.dilationHFactor = options.dilationWFactor = 1
    options.fusedActivationFunction = fused(rng)
    out = _spread(rng, (x.shape[0], h, w, channels), magnitude(x.scales, scales, fh * fw))
    return Case("DEPTHWISE_CONV_2D", "", _present(x, kernel, bias), out, options, version=3)


def pool(rng, x, window=None):
    fh, fw, stride, padding, h, w = window or _window(rng, x)
    options = schema.Pool2DOptionsT()
    options.padding, options.strideH, options.strideW = padding, stride, stride
    options.filterHeight, options.filterWidth, options.fusedActivationFunction = fh, fw, fused(rng)
    out = _like(x, (x.shape[0], h, w, x.shape[3]))
    return Case(pick(rng, ["MAX_POOL_2D", "AVERAGE_POOL_2D"]), "", [x], out, options, version=2)


def pad(rng, x):
    sides = np.zeros((4, 2), np.int32)
    sides[1:3] = rng.integers(0, 3, (2, 2))
    out = _like(x, [int(d + p.sum()) for d, p in zip(x.shape, sides)])
    return Case("PAD", "", [x, Tensor((4, 2), np.int32, data=sides)], out, schema.PadOptionsT(), version=2)


def unary(rng, x):
    op = pick(rng, ["RELU", "RELU6", "LOGISTIC", "LEAKY_RELU"])
    if op == "LOGISTIC" and not 2.0 ** -27 <= float(x.scales) < 2.0 ** 4:
        op = "RELU"  # TFLite Micro shifts by negative or too large a number: nothing to be equal to
    if op == "LOGISTIC":
        return Case(op, "", [x], Tensor(x.shape, np.int8, np.float32(1 / 256), -128), None, version=2)
    options = None
    if op == "LEAKY_RELU":
        options = schema.LeakyReluOptionsT()
        options.alpha = float(pick(rng, [0.1, 0.2, 0.3, -0.3]))
    return Case(op, "", [x], _spread(rng, x.shape, float(x.scales) * 100), options, version=2)


def requantize(rng, x):
    return Case("QUANTIZE", "", [x], _spread(rng, x.shape, float(x.scales) * 74), schema.QuantizeOptionsT(), version=2)


def mean(rng, x):
    options = schema.ReducerOptionsT()
    options.keepDims = True
    out = _spread(rng, (x.shape[0], 1, 1, x.shape[3]), float(x.scales) * 60)
    return Case("MEAN", "", [x, Tensor((2,), np.int32, data=np.array([1, 2], np.int32))], out, options, version=2)


def pair(rng, x, y):
    op, options = pick(rng, [("ADD", schema.AddOptionsT()), ("MUL", schema.MulOptionsT())])
    options.fusedActivationFunction = fused(rng)
    real = max(float(x.scales), float(y.scales)) * 110 if op == "ADD" else float(x.scales) * float(y.scales) * 5000
    return Case(op, "", [x, y], _spread(rng, x.shape, real), options, version=2)


def join(x, y):
    options = schema.ConcatenationOptionsT()
    options.axis = 3
    return Case("CONCATENATION", "", [x, y], _like(x, (*x.shape[:3], x.shape[3] + y.shape[3])), options, version=2)


def dense(rng, x, outputs, draw_weights=weights):
    """x: (batch, width)."""
    width = x.shape[1]
    kernel, bias, scales = draw_weights(rng, (outputs, width), outputs, 0, x.scales)
    options = schema.FullyConnectedOptionsT()
    options.fusedActivationFunction = 0
    out = _spread(rng, (x.shape[0], outputs), magnitude(x.scales, scales, width))
    return Case("FULLY_CONNECTED", "", _present(x, kernel, bias), out, options, version=4)


def head(rng, x, draw_weights=weights):
    """Flatten, dense, softmax."""
    width = int(np.prod(x.shape[1:]))
    flat = _like(x, (x.shape[0], width))
    reshape = schema.ReshapeOptionsT()
    reshape.newShape = [x.shape[0], width]
    classify = dense(rng, flat, int(pick(rng, [2, 10])), draw_weights)
    logits = classify.output
    softmax = schema.SoftmaxOptionsT()
    softmax.beta = 1.0
    return [Case("RESHAPE", "", [x], flat, reshape), classify,
            Case("SOFTMAX", "", [logits], Tensor(logits.shape, np.int8, np.float32(1 / 256), -128), softmax, version=2)]


def random_network(rng):
    """3 to 10 operators and a classifier's end; operators read any tensor made before them."""
    first = Tensor((int(pick(rng, [1, 1, 2])), int(rng.integers(3, 12)), int(rng.integers(3, 12)), int(pick(rng, [1, 3, 8]))),
                   np.int8, scale(rng), zero_point(rng))
    known, cases = [first], []
    for _ in range(int(rng.integers(3, 11))):
        x = known[-1] if rng.random() < 0.7 else pick(rng, known)
        partners = [t for t in known if t.shape == x.shape and t is not x]
        if partners and rng.random() < 0.4:
            case = pair(rng, x, pick(rng, partners))
        elif rng.random() < 0.1 and partners:
            y = pick(rng, partners)
            if (y.scales, y.zero_points) != (x.scales, x.zero_points):
                continue  # the reference kernels join only what has one quantization
            case = join(x, y)
        else:
            case = pick(rng, [conv, conv, depthwise, pool, pad, unary, unary, requantize, mean])(rng, x)
        cases.append(case)
        known.append(case.output)
    return cases + head(rng, known[-1])
