# SPDX-License-Identifier: Apache-2.0
"""SVDF, LSTM, UNIDIRECTIONAL_SEQUENCE_LSTM: operators with a state that lasts from one input to the next."""

import numpy as np
from ai_edge_litert import schema_py_generated as schema
from cases import SAMPLES
from cases.common import only, pick, scale, zero_point
from cases.dense import content, floats, sampled
from single_op import Case, Tensor


def svdf_sizes(rng):
    batches, inputs = int(pick(rng, [1, 1, 2, 3])), int(pick(rng, [1, 3, 16, 40]))
    rank, units, memory = int(pick(rng, [1, 1, 2, 3])), int(pick(rng, [1, 4, 7])), int(pick(rng, [1, 2, 8, 10]))
    return batches, inputs, rank, units, rank * units, memory


def svdf_options(rank, activation):
    options = schema.SVDFOptionsT()
    options.rank, options.fusedActivationFunction = rank, activation
    return options


def svdf(rng, state_type=np.int16):
    batches, inputs, rank, units, filters, memory = svdf_sizes(rng)
    x = Tensor((batches, inputs), np.int8, scale(rng), zero_point(rng))
    features = Tensor((filters, inputs), np.int8, scale(rng), 0, 0, content(rng, (filters, inputs), np.int8))
    wide = state_type == np.int16
    reach = float(x.scales) * float(features.scales) * 74 * 74 * inputs ** 0.5
    state = Tensor((batches, memory * filters), state_type, np.float32(reach / (9000 if wide else 60)),
                   0 if wide else int(rng.integers(-20, 21)), variable=True)
    time = Tensor((filters, memory), state_type, scale(rng) / np.float32(256 if wide else 1), 0, 0,
                  content(rng, (filters, memory), state_type))
    sums = float(state.scales) * float(time.scales) * (9000 * 19000 if wide else 60 * 74) * (memory * rank) ** 0.5
    product = np.float32(state.scales) * np.float32(time.scales)
    bias = Tensor((units,), np.int32, product, 0, 0,
                  (rng.normal(0, 0.3, units) * sums / float(product)).clip(-2**30, 2**30).astype(np.int32))
    out = Tensor((batches, units), np.int8, np.float32(sums / rng.uniform(30, 150)), zero_point(rng))
    case = Case("SVDF", f"memory {memory} rank {rank}", [x, features, time, bias, state], out, svdf_options(rank, 1), version=3)
    return sampled(rng, case)


@only("tflite-micro")
def svdf__int8_state(rng):
    return svdf(rng, np.int8)


def svdf__float32(rng):
    batches, inputs, rank, units, filters, memory = svdf_sizes(rng)
    bias = Tensor((units,), np.float32, None, 0, 0, floats(rng, (units,)))
    inputs = [Tensor((batches, inputs), np.float32),
              Tensor((filters, inputs), np.float32, None, 0, 0, floats(rng, (filters, inputs))),
              Tensor((filters, memory), np.float32, None, 0, 0, floats(rng, (filters, memory))), bias,
              Tensor((batches, memory * filters), np.float32, variable=True)]
    case = Case("SVDF", f"memory {memory} rank {rank}", inputs, Tensor((batches, units), np.float32),
                svdf_options(rank, int(pick(rng, [0, 1, 3]))), version=1, tolerance=1e-6)
    return sampled(rng, case)


@only("litert-reference")
def svdf__hybrid(rng):
    case = svdf__float32(rng)
    for position in (1, 2):
        old = case.inputs[position]
        data = np.maximum(content(rng, old.shape, np.int8), -127)
        case.inputs[position] = Tensor(old.shape, np.int8, scale(rng), 0, 0, data)
    if rng.random() < 0.3:
        case.inputs[3] = None
    case.options.asymmetricQuantizeInputs = bool(rng.random() < 0.5)
    case.note += " asymmetric" if case.options.asymmetricQuantizeInputs else " symmetric"
    case.version = 4
    return case


OPERATORS = [svdf, svdf__float32, svdf__hybrid, svdf__int8_state]
