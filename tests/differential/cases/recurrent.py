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


@only("litert-reference", "litert-xnnpack")
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


def lstm_options(rng, sequence, time_major):
    options = schema.UnidirectionalSequenceLSTMOptionsT() if sequence else schema.LSTMOptionsT()
    options.fusedActivationFunction = 4
    options.cellClip = float(pick(rng, [0, 0, 0.5, 10]))
    if sequence:
        options.timeMajor = time_major
    return options


def lstm_case(rng, sequence, coupled, peephole, projected, number, bias_number):
    """An LSTM node: `number(kind, shape, data)` and `bias_number(shape)` make its tensors."""
    batches, steps, inputs = int(pick(rng, [1, 1, 2])), int(pick(rng, [1, 2, 5])), int(pick(rng, [1, 3, 20]))
    cells = int(pick(rng, [1, 4, 9, 16]))
    outputs = int(pick(rng, [1, 3, 8])) if projected else cells
    time_major = bool(rng.random() < 0.4)
    shape = ((steps, batches, inputs) if time_major else (batches, steps, inputs)) if sequence else (batches, inputs)
    nodes = [number("x", shape)]
    for depth in (inputs, outputs):
        for gate in range(4):
            nodes.append(None if gate == 0 and coupled else number("weights", (cells, depth)))
    for gate in range(3):
        nodes.append(number("peephole", (cells,)) if peephole and not (gate == 0 and coupled) else None)
    for gate in range(4):
        nodes.append(None if gate == 0 and coupled else bias_number((cells,), inputs))
    nodes.append(number("weights", (outputs, cells)) if projected else None)
    nodes.append(bias_number((outputs,), cells) if projected and rng.random() < 0.5 else None)
    nodes += [number("state", (batches, outputs)), number("cell", (batches, cells))]
    normalized = number("norm", (1,)) is not None and bool(rng.random() < 0.4)
    nodes += [number("norm", (cells,)) if normalized and not (gate == 0 and coupled) else None for gate in range(4)]
    options = lstm_options(rng, sequence, time_major)
    if projected:
        options.projClip = float(pick(rng, [0, 0.4]))
    variants = {"normalized": normalized, "coupled": coupled, "peephole": peephole, "projected": projected}
    note = " ".join([name for name, there in variants.items() if there] + [f"clip {options.cellClip}"])
    out = number("out", shape[:-1] + (outputs,))
    name = "UNIDIRECTIONAL_SEQUENCE_LSTM" if sequence else "LSTM"
    return Case(name, note, nodes, out, options, version=3 if sequence else 2)


def integer_lstm(rng, sequence, variants=True, wide=False):
    number_type, bias_type = (np.int16, np.int64) if wide else (np.int8, np.int32)
    x_scale = np.float32(scale(rng) / np.float32(256 if wide else 1)) if rng.random() < 0.3 else np.float32(
        10.0 ** rng.uniform(-2.5, -1) / (256 if wide else 1))
    state = Tensor((), number_type, np.float32(rng.uniform(0.5, 1.2) / (32768 if wide else 128)),
                   0 if wide else int(rng.integers(-30, 31)))
    cell_scale = np.float32(2.0 ** int(pick(rng, [-15, -12, -11, -11, -10, -9])))
    x_zero = 0 if wide else zero_point(rng)
    norm_scale = rng.uniform(0.2, 3)

    def number(kind, shape):
        if kind == "x":
            return Tensor(shape, number_type, x_scale, x_zero)
        if kind == "weights":
            data = rng.integers(-127, 128, shape).astype(np.int8)
            return Tensor(shape, np.int8, np.float32(10.0 ** rng.uniform(-2.7, -1.5)), 0, 0, data)
        if kind == "peephole":
            return Tensor(shape, np.int16, np.float32(2.0 ** -15 * rng.uniform(0.2, 2)), 0, 0, content(rng, shape, np.int16))
        if kind == "norm":
            return Tensor(shape, np.int16, np.float32(2.0 ** -15 * norm_scale), 0, 0,
                          content(rng, shape, np.int16)) if variants else None
        if kind == "cell":
            return Tensor(shape, np.int16, cell_scale, 0, variable=True)
        return Tensor(shape, number_type, state.scales, state.zero_points, variable=kind == "state")

    def bias(shape, _):
        data = rng.integers(-20000, 20001, shape).astype(bias_type)
        return Tensor(shape, bias_type, np.float32(x_scale * np.float32(0.01)), 0, 0, data)

    flags = [variants and bool(rng.random() < 0.3) for _ in range(3)]
    if flags[2]:
        flags[1] = False
    case = lstm_case(rng, sequence, *flags, number, bias)
    hidden = Tensor((0,), np.int8, np.float32(state.scales), int(state.zero_points))
    if flags[2]:
        hidden.scales, hidden.zero_points = np.float32(rng.uniform(0.5, 1.2) / 128), int(rng.integers(-30, 31))
    q12 = Tensor((0,), np.int16, np.float32(2.0 ** -12), 0)
    case.intermediates = [q12, q12, q12, q12, hidden]
    if "normalized" in case.note:
        gates = [Tensor((0,), np.int16, np.float32(2.0 ** -12 * rng.uniform(0.3, 2)), 0) for _ in range(4)]
        case.intermediates = gates + [hidden]
    return sampled(rng, case)


def unidirectional_sequence_lstm(rng):
    return integer_lstm(rng, True, variants=bool(rng.random() < 0.5))


@only("tflite-micro")
def unidirectional_sequence_lstm__int16(rng):
    return integer_lstm(rng, True, variants=False, wide=True)


@only("litert-reference", "litert-xnnpack")
def lstm(rng):
    return integer_lstm(rng, False)


def float_lstm(rng, sequence, variants):
    def number(kind, shape):
        if kind in ("x", "out"):
            return Tensor(shape, np.float32)
        if kind in ("state", "cell"):
            return Tensor(shape, np.float32, variable=True)
        if kind == "norm" and not variants:
            return None
        return Tensor(shape, np.float32, None, 0, 0, rng.normal(0, 0.5, shape).astype(np.float32))

    flags = [variants and bool(rng.random() < 0.3) for _ in range(3)]
    case = lstm_case(rng, sequence, *flags, number, lambda shape, _: number("bias", shape))
    case.version, case.tolerance = 1, 1e-5
    return sampled(rng, case)


def unidirectional_sequence_lstm__float32(rng):
    return float_lstm(rng, True, variants=bool(rng.random() < 0.5))


@only("litert-reference", "litert-xnnpack")
def lstm__float32(rng):
    return float_lstm(rng, False, True)


OPERATORS = [lstm, lstm__float32, unidirectional_sequence_lstm, unidirectional_sequence_lstm__float32,
             unidirectional_sequence_lstm__int16, svdf, svdf__float32, svdf__hybrid, svdf__int8_state]
