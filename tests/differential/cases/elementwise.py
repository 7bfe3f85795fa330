# SPDX-License-Identifier: Apache-2.0
"""Operators on two or three tensors, element by element, with broadcasting."""

import numpy as np
from ai_edge_litert import schema_py_generated as schema
from cases.common import bounded, finish, fused, only, output_scale, pick, scale
from single_op import Case, Tensor

LITERT = ("litert-reference", "litert-xnnpack")
OPTIONS = {"MAXIMUM": "MaximumMinimum", "MINIMUM": "MaximumMinimum", "ATAN2": "ATan2"}


def options_of(op):
    return getattr(schema, OPTIONS.get(op, op.title().replace("_", "")) + "OptionsT")()


def _shape(rng):
    rank = int(pick(rng, [1, 2, 3, 4, 4, 5, 6]))
    return [int(rng.integers(1, 6 if rank < 5 else 4)) for _ in range(rank)]


def binary_shapes(rng):
    """Equal shapes, or such that broadcast."""
    shape = _shape(rng)
    rank = len(shape)
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
    elif rng.random() < 0.1:
        b = []
    if rng.random() < 0.5:
        a, b = b, a
    return tuple(a), tuple(b)


def content(rng, dtype, shape, low=None):
    """Noise over the type or near 0, or extremes; floats with some infinities and both zeros. `low`: the smallest value."""
    dtype = np.dtype(dtype)
    if dtype == np.bool_:
        return rng.integers(0, 2, shape).astype(np.bool_)
    if dtype == np.float32:
        values = rng.normal(0, 10.0 ** rng.uniform(-2, 3), shape)
        special = rng.random(shape) < 0.05
        values = np.where(special, rng.choice([0.0, -0.0, 1.0, -1.0, 3e38, -3e38, np.inf, -np.inf], shape), values)
        values = np.abs(values) if low == 0 else values
        return values.astype(np.float32)
    info = np.iinfo(dtype)
    least = info.min if low is None else low
    kind = rng.random()
    if kind < 0.55:
        return rng.integers(least, info.max, shape, dtype=dtype, endpoint=True)
    if kind < 0.8:
        return rng.integers(max(least, -9), 10, shape).astype(dtype)
    if kind < 0.9:
        return rng.choice(np.array([least, info.max], dtype), shape)
    return np.full(shape, rng.integers(least, info.max, dtype=dtype, endpoint=True), dtype)


def not_zero(values, zero=0):
    return np.where(values == zero, np.array(zero + 1 if zero < 127 else zero - 1, values.dtype), values).astype(values.dtype)


def zero_of(rng, dtype):
    if np.dtype(dtype) == np.int16:
        return 0
    info = np.iinfo(dtype)
    return int(pick(rng, [info.min, info.max, (info.min + info.max + 1) // 2, int(rng.integers(info.min, info.max + 1))]))


def quantized(rng, shape, dtype, largest=None):
    s = scale(rng)
    while largest is not None and not s < largest:
        s = scale(rng)
    return Tensor(tuple(shape), dtype, s, zero_of(rng, dtype))


def fill(rng, case, make):
    """Contents: make(position, shape) for each input; the second is sometimes a constant."""
    bounded(case)
    if len(case.inputs) > 1 and case.inputs[1].data is None and rng.random() < 0.3:
        case.inputs[1].data = make(1, case.inputs[1].shape)
    positions = [i for i, t in enumerate(case.inputs) if t.data is None]
    case.samples = [[make(i, case.inputs[i].shape) for i in positions] for _ in range(4)]
    return case


def version_of(op, dtype):
    """A version that the converter gives this form; the runtimes look at it little."""
    return {np.dtype(np.int8): 2}.get(np.dtype(dtype), 1) if op not in ("POW", "ATAN2", "BITWISE_XOR", "RIGHT_SHIFT") else 1


def arithmetic(op, dtype, profiles=None, served=False):
    """ADD, SUB, MUL, DIV or SQUARED_DIFFERENCE on quantized tensors. `served`: scales that XNNPACK takes."""
    wide = np.dtype(dtype) == np.int16
    span = 32768 if wide else 128

    def make(rng):
        a, b = binary_shapes(rng)
        x, y = quantized(rng, a, dtype), quantized(rng, b, dtype)
        s1, s2 = float(x.scales), float(y.scales)
        larger = max(s1, s2)
        if rng.random() < 0.5:
            y.scales = np.float32(s1 * 2.0 ** rng.uniform(-3, 3))
            s2, larger = float(y.scales), max(s1, float(y.scales))
        step, real = {"ADD": (larger, larger * span), "SUB": (larger, larger * span), "MUL": (s1 * s2, s1 * s2 * span * span * 0.6),
                      "DIV": (None, s1 / s2 * span / 4), "SQUARED_DIFFERENCE": (None, (larger * span) ** 2)}[op]
        s = output_scale(rng, real, step) / np.float32(256 if wide else 1)
        if op == "ADD":
            s = max(s, np.float32(larger * 2.0 ** (-13 if wide else -18)))
        if op == "SQUARED_DIFFERENCE":
            s = max(s, np.float32(larger * larger * (8 if wide else 2.0 ** -11)))
        if op == "SUB":
            s = max(s, np.float32(larger * 2.0 ** (-13 if wide else -18)))
        if served and op == "ADD":
            y.scales = np.float32(s1 * 2.0 ** rng.uniform(-6, 4))
            s = np.float32(s1 * 2.0 ** rng.uniform(-3, 3.9))
        elif served:
            s = np.float32(s1 * s2 * 2.0 ** rng.uniform(-7.9, 15.9))
        if served and rng.random() < 0.4:
            for t in (x, y):
                t.scales = np.float32(2.0 ** np.round(np.log2(t.scales)))
            s = np.float32(2.0 ** np.round(np.log2(s)))
            if op != "ADD":  # 2^8 itself is too much
                s = max(s, np.float32(float(x.scales) * float(y.scales) * 2.0 ** -7))
        if served and rng.random() < 0.3:  # bounds of activations at ties
            factor = np.float32(12 / (2 * int(rng.integers(1, 20)) + 1)) / s
            s = np.float32(s * factor)
            x.scales = np.float32(x.scales * factor)
            if op == "ADD":
                y.scales = np.float32(y.scales * factor)
        options = options_of(op)
        if op != "SQUARED_DIFFERENCE":
            options.fusedActivationFunction = fused(rng)
        if op in ("ADD", "SUB"):
            options.potScaleInt16 = False
        case = Case(op, "", [x, y], Tensor(np.broadcast_shapes(a, b), dtype, np.float32(s), zero_of(rng, dtype)), options, version=version_of(op, dtype))

        def values(position, shape):
            result = content(rng, dtype, shape)
            return not_zero(result, y.zero_points) if op == "DIV" and position == 1 else result
        return fill(rng, case, values)
    if profiles:
        make.profiles = profiles
    return make


def powers_of_two(op):
    """int16 ADD or SUB with pot_scale_int16."""
    def make(rng):
        a, b = binary_shapes(rng)
        if op == "ADD":
            b = a
        exponent = int(rng.integers(-12, 3))
        exponents = [exponent, exponent - int(pick(rng, [0, 1, 2, 5, 14]))]
        rng.shuffle(exponents)
        x, y = (Tensor(s, np.int16, np.float32(2.0 ** e * pick(rng, [1, 1, 1.0005])), 0) for s, e in zip((a, b), exponents))
        options = options_of(op)
        options.potScaleInt16 = True
        options.fusedActivationFunction = fused(rng)
        out = Tensor((), np.int16, np.float32(2.0 ** exponent), 0)
        return fill(rng, Case(op, f"{exponents}", [x, y], out, options, version=1), lambda _, s: content(rng, np.int16, s))
    return make


def plain(op, dtypes, profiles=None, tolerance=0.0):
    """An operator on numbers that stand for themselves."""
    def make(rng):
        a, b = binary_shapes(rng)
        if op == "ATAN2":  # LiteRT does not broadcast it
            b = a
        dtype = pick(rng, dtypes)
        options = options_of(op)
        if hasattr(options, "fusedActivationFunction"):
            options.fusedActivationFunction = fused(rng)
        case = Case(op, np.dtype(dtype).name, [Tensor(a, dtype), Tensor(b, dtype)], Tensor((), dtype), options,
                    version=version_of(op, dtype), tolerance=tolerance)
        divides = op in ("FLOOR_DIV", "FLOOR_MOD") or (op == "DIV" and dtype != np.float32)

        def values(position, shape):
            if op == "POW":
                low = 0 if position == 1 or rng.random() < 0.5 else -4
                if dtype == np.int32:
                    return rng.integers(low, 12, shape).astype(dtype)
                values = rng.uniform(max(low, 0) + 0.01 if position == 0 else -3, 4, shape)
                return (np.round(values) if position == 1 and rng.random() < 0.4 else values).astype(dtype)
            result = content(rng, dtype, shape)
            if divides and position == 1:
                result = not_zero(result)
                if np.dtype(dtype).kind == "i":  # the one overflow, which ends the runtimes' programs
                    result = np.where(result == -1, np.array(-2, dtype), result)
            return result
        return fill(rng, case, values)
    if profiles:
        make.profiles = profiles
    return make


def comparison(op, dtype, profiles=None, with_scales=False):
    def make(rng):
        a, b = binary_shapes(rng)
        if with_scales:
            x, y = quantized(rng, a, dtype, 1), quantized(rng, b, dtype, 1)
            if rng.random() < 0.6:
                y.scales = np.float32(float(x.scales) * pick(rng, [1, 1, 0.5, 1.01]))
        else:
            x, y = Tensor(a, dtype), Tensor(b, dtype)
        case = Case(op, np.dtype(dtype).name, [x, y], Tensor((), np.bool_), options_of(op), version=version_of(op, dtype))
        return fill(rng, case, lambda _, s: content(rng, dtype, s))
    if profiles:
        make.profiles = profiles
    return make


def logical(op):
    def make(rng):
        a, b = binary_shapes(rng)
        inputs = [Tensor(a, np.bool_)] + ([Tensor(b, np.bool_)] if op != "LOGICAL_NOT" else [])
        return fill(rng, Case(op, "", inputs, Tensor((), np.bool_), options_of(op)), lambda _, s: content(rng, np.bool_, s))
    return make


def select(rng):
    shape = _shape(rng)
    condition = pick(rng, [shape, shape[:1], []])
    dtype = pick(rng, [np.float32, np.int8, np.uint8, np.int16, np.int32, np.int64, np.bool_])
    inputs = [Tensor(tuple(condition), np.bool_), Tensor(tuple(shape), dtype), Tensor(tuple(shape), dtype)]
    case = Case("SELECT", np.dtype(dtype).name, inputs, Tensor((1,) * len(shape), dtype), options_of("SELECT"))
    return fill(rng, case, lambda i, s: content(rng, np.bool_ if i == 0 else dtype, s))


select.profiles = LITERT


def select_v2(dtypes, profiles=None):
    def make(rng):
        shape = _shape(rng)
        shapes = [[1 if rng.random() < 0.25 else d for d in shape][int(pick(rng, [0, 0, 1])):] for _ in range(3)]
        shapes[int(rng.integers(3))] = shape
        dtype = pick(rng, dtypes)
        inputs = [Tensor(tuple(s), t) for s, t in zip(shapes, (np.bool_, dtype, dtype))]
        case = Case("SELECT_V2", np.dtype(dtype).name, inputs, Tensor((1,) * len(shape), dtype), options_of("SELECT_V2"))
        return fill(rng, case, lambda i, s: content(rng, np.bool_ if i == 0 else dtype, s))
    if profiles:
        make.profiles = profiles
    return make


def named(name, make):
    make.__name__ = name
    return make


def _operators():
    yield named("select", select)
    yield named("select_v2", select_v2([np.float32, np.int8, np.int16]))
    yield named("select_v2__wide", select_v2([np.uint8, np.int32, np.int64, np.bool_], LITERT))
    for op in ("ADD", "SUB", "MUL", "DIV"):
        name = op.lower()
        if op in ("ADD", "MUL"):
            yield named(name, arithmetic(op, np.int8, ("litert-reference", "tflite-micro")))
            yield named(name + "__uint8", arithmetic(op, np.uint8, ("litert-reference",)))
            yield named(name + "__served", arithmetic(op, np.int8, ("litert-xnnpack",), True))
            yield named(name + "__served_uint8", arithmetic(op, np.uint8, ("litert-xnnpack",), True))
        else:
            yield named(name, arithmetic(op, np.int8))
            yield named(name + "__uint8", arithmetic(op, np.uint8, LITERT))
        yield named(name + "__int16", arithmetic(op, np.int16, LITERT if op == "DIV" else None))
        yield named(name + "__plain", plain(op, [np.float32, np.float32, np.int32]))
        if op != "DIV":
            yield named(name + "__wide", plain(op, [np.int64] if op == "SUB" else [np.int64, np.int16], LITERT))
    yield named("squared_difference", arithmetic("SQUARED_DIFFERENCE", np.int8))
    yield named("squared_difference__int16", arithmetic("SQUARED_DIFFERENCE", np.int16, ("tflite-micro",)))
    yield named("squared_difference__plain", plain("SQUARED_DIFFERENCE", [np.float32, np.int32]))
    yield named("add__pot", only(*LITERT)(powers_of_two("ADD")))
    yield named("sub__pot", only(*LITERT)(powers_of_two("SUB")))
    for op in ("MAXIMUM", "MINIMUM"):
        yield named(op.lower(), plain(op, [np.float32, np.int8, np.int16, np.int32, np.int64]))
        yield named(op.lower() + "__uint8", plain(op, [np.uint8], LITERT))
    for op, dtypes in (("FLOOR_DIV", [np.int8, np.int16, np.int32]), ("FLOOR_MOD", [np.int8, np.int16, np.int32, np.int64])):
        yield named(op.lower(), plain(op, [np.float32]))
        yield named(op.lower() + "__integer", plain(op, dtypes, LITERT))
    yield named("pow", plain("POW", [np.float32], LITERT, 1e-5))
    yield named("pow__int32", plain("POW", [np.int32], LITERT))
    yield named("atan2", plain("ATAN2", [np.float32], LITERT, 1e-5))
    for op in ("BITWISE_XOR", "RIGHT_SHIFT"):
        yield named(op.lower(), plain(op, [np.int8, np.uint8, np.int16, np.int32], LITERT))
    for op in ("EQUAL", "NOT_EQUAL", "LESS", "LESS_EQUAL", "GREATER", "GREATER_EQUAL"):
        name = op.lower()
        yield named(name, comparison(op, np.int8, None, True))
        yield named(name + "__uint8", comparison(op, np.uint8, LITERT, True))
        yield named(name + "__int16", comparison(op, np.int16, LITERT, True))
        for dtype in [np.float32, np.int32, np.int64] + ([np.bool_] if "EQUAL" in op and "_" not in op.replace("NOT_", "") else []):
            yield named(f"{name}__{np.dtype(dtype).name}", comparison(op, dtype))
    for op in ("LOGICAL_AND", "LOGICAL_OR", "LOGICAL_NOT"):
        yield named(op.lower(), logical(op))


OPERATORS = list(_operators())
