# SPDX-License-Identifier: Apache-2.0
"""Draws networks of the sizes that are really used, from the operators that tests/differential draws small ones of.

Quantization is ordinary throughout: extreme scales are the business of the differential tests, and would push XNNPACK off its fast
path.
"""

import pathlib
import sys

import numpy as np

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "tests" / "differential"))
import random_network as small  # noqa: E402
from cases.common import pick  # noqa: E402
from single_op import Tensor, build_network  # noqa: E402

FEWEST_MACS, MOST_MACS = 1_000_000, 60_000_000
SAME, VALID = 0, 1
NONE, RELU, RELU6 = 0, 1, 3


def ordinary_weights(rng, shape, channels, axis, input_scale):
    """As cases.common.weights: noise, one scale a channel."""
    scales = (10.0 ** rng.uniform(-3, -1.5) * 2.0 ** rng.uniform(-1, 1, channels)).astype(np.float32)
    kernel = Tensor(tuple(shape), np.int8, scales, 0, axis, rng.integers(-127, 128, shape).astype(np.int8))
    bias = Tensor((channels,), np.int32, (np.float32(input_scale) * scales).astype(np.float32), 0, 0,
                  rng.integers(-3000, 3001, channels).astype(np.int32))
    return kernel, bias, scales


def macs(case):
    if case.op == "CONV_2D":
        return int(np.prod(case.output.shape)) * int(np.prod(case.inputs[1].shape[1:]))
    if case.op == "DEPTHWISE_CONV_2D":
        return int(np.prod(case.output.shape)) * int(np.prod(case.inputs[1].shape[1:3]))
    return int(np.prod(case.inputs[1].shape)) if case.op == "FULLY_CONNECTED" else 0


def describe(case):
    """A layer in a few words: conv 3x3/2 32x32x16 -> 16x16x32."""
    def size(tensor):
        return "x".join(str(d) for d in tensor.shape[1:])
    name = {"CONV_2D": "conv", "DEPTHWISE_CONV_2D": "depthwise", "FULLY_CONNECTED": "dense"}.get(case.op, case.op.lower())
    if name in ("conv", "depthwise"):
        name += " {}x{}/{}".format(*case.inputs[1].shape[1:3], case.options.strideH)
    elif "POOL" in case.op:
        name += f" {case.options.filterHeight}x{case.options.filterWidth}/{case.options.strideH}"
    return f"{name} {size(case.inputs[0])} -> {size(case.output)}"


class Stack:
    """A network that grows by blocks; each appends to `cases` and moves `x`, the tensor that the next reads."""

    def __init__(self, rng, x):
        self.rng, self.x, self.cases = rng, x, []

    def push(self, case, activation=None):
        if activation is not None:
            case.options.fusedActivationFunction = activation
        self.cases.append(case)
        self.x = case.output

    def relu(self):
        return pick(self.rng, [RELU, RELU, RELU6])

    def conv(self, fh, fw, channels, stride=1, padding=SAME, activation=None):
        if padding == VALID and (self.x.shape[1] < fh or self.x.shape[2] < fw):
            padding = SAME
        window = small.window_over(self.x, fh, fw, stride, padding)
        self.push(small.conv(self.rng, self.x, window, channels, ordinary_weights), self.relu() if activation is None else activation)

    def depthwise(self, size, stride, multiplier=1):
        window = small.window_over(self.x, size, size, stride, SAME)
        self.push(small.depthwise(self.rng, self.x, window, multiplier, ordinary_weights), self.relu())

    def separable(self):
        self.depthwise(pick(self.rng, [3, 3, 3, 5]), pick(self.rng, [1, 1, 2]))
        self.conv(1, 1, self.width())

    def inverted(self):
        """Expansion, depthwise, projection, and a sum where shapes allow it."""
        start, stride = self.x, pick(self.rng, [1, 1, 2])
        self.conv(1, 1, min(256, start.shape[3] * pick(self.rng, [2, 4, 6])))
        self.depthwise(pick(self.rng, [3, 3, 5]), stride)
        self.conv(1, 1, start.shape[3] if stride == 1 else self.width(), activation=NONE)
        if stride == 1:
            self.add(start, NONE)

    def residual(self):
        start = self.x
        self.conv(3, 3, start.shape[3])
        self.conv(3, 3, start.shape[3], activation=NONE)
        self.add(start, RELU)

    def plain(self):
        size = pick(self.rng, [1, 3, 3, 3, 5])
        self.conv(size, size, self.width(), pick(self.rng, [1, 1, 1, 2]), pick(self.rng, [SAME, SAME, VALID]))

    def pool(self):
        if min(self.x.shape[1:3]) < 4:
            return
        case = small.pool(self.rng, self.x, small.window_over(self.x, 2, 2, 2, pick(self.rng, [SAME, VALID])))
        self.push(case, NONE)

    def add(self, other, activation):
        while True:
            case = small.pair(self.rng, self.x, other)
            if case.op == "ADD":
                break
        self.push(case, activation)

    def width(self):
        return int(pick(self.rng, [8, 16, 16, 24, 32, 32, 48, 64, 64, 96, 128]))


def dense_stack(rng):
    """Fully connected layers alone, as autoencoders have them."""
    x = Tensor((1, int(pick(rng, [128, 256, 640, 784, 1024]))), np.int8, np.float32(rng.uniform(0.005, 0.1)), small.zero_point(rng))
    stack = Stack(rng, x)
    for _ in range(int(rng.integers(3, 9))):
        stack.push(small.dense(rng, stack.x, int(pick(rng, [32, 64, 128, 256, 512, 1000])), ordinary_weights), stack.relu())
    return stack.cases


def convolutional(rng):
    """A first layer, 2 to 7 blocks, a classifier."""
    height, width, depth = pick(rng, [(28, 28, 1), (32, 32, 3), (49, 10, 1), (48, 48, 1), (64, 64, 3), (96, 96, 1), (96, 96, 3), (40, 60, 2)])
    stack = Stack(rng, Tensor((1, height, width, depth), np.int8, np.float32(rng.uniform(0.005, 0.1)), small.zero_point(rng)))
    size = (10, 4) if (height, width) == (49, 10) else pick(rng, [(3, 3), (3, 3), (5, 5)])
    stack.conv(*size, int(pick(rng, [8, 16, 24, 32, 64])), pick(rng, [1, 2, 2]))
    family = pick(rng, [["separable"], ["inverted", "inverted", "separable"], ["residual", "plain"], ["plain", "plain", "pool"],
                        ["separable", "inverted", "residual", "plain", "pool"]])
    for _ in range(int(rng.integers(2, 8))):
        getattr(stack, pick(rng, family))()
    if rng.random() < 0.5:
        _, h, w, _ = stack.x.shape
        case = small.pool(rng, stack.x, small.window_over(stack.x, h, w, 1, VALID))
        case.op = "AVERAGE_POOL_2D"
        stack.push(case, NONE)
    return stack.cases + small.head(rng, stack.x, ordinary_weights)


def random_layers(seed, number):
    """(bytes of the model, its layers in words, multiply-accumulates). Drawn anew until they lie within the limits."""
    rng = np.random.default_rng([seed, number])
    while True:
        cases = dense_stack(rng) if rng.random() < 0.1 else convolutional(rng)
        total = sum(macs(case) for case in cases)
        if FEWEST_MACS <= total <= MOST_MACS:
            return build_network(cases, cases[-1].outputs), [describe(case) for case in cases], total
