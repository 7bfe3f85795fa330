# SPDX-License-Identifier: Apache-2.0
"""Between types and scales."""

import numpy as np
from ai_edge_litert import schema_py_generated as schema
from cases.common import finish, only, output_scale, pick, scale
from cases.unary import LITERT, quantized, values
from single_op import TYPES, Case, Tensor

for _dtype, _name in ((np.float16, "FLOAT16"), (np.float64, "FLOAT64"), (np.uint16, "UINT16"), (np.uint32, "UINT32")):
    TYPES.setdefault(np.dtype(_dtype), getattr(schema.TensorType, _name))


def _shape(rng):
    return [int(rng.integers(1, 6)) for _ in range(int(pick(rng, [0, 1, 2, 3, 4])))] + [int(pick(rng, [1, 3, 16, 33]))]


def _from_float(rng, dtype, per_channel=False):
    shape = _shape(rng)
    out = quantized(rng, (), dtype)
    if per_channel:
        out.axis = int(rng.integers(len(shape)))
        each = [quantized(rng, (), dtype) for _ in range(shape[out.axis])]
        out.scales = np.array([t.scales for t in each], np.float32)
        out.zero_points = np.array([t.zero_points for t in each])

    def make(r, s):
        base, half = float(np.max(out.scales)), 2.0 ** (8 * np.dtype(dtype).itemsize - 1)
        x = (r.standard_normal(s) * 0.55 * half * base).astype(np.float32)
        if r.random() < 0.5:  # halves: ties
            x = (np.round(x / base) * base + 0.5 * base).astype(np.float32)
        if r.random() < 0.3:
            flat = x.reshape(-1)
            flat[int(r.integers(flat.size))] = pick(r, [1e30, -1e30, np.inf, -np.inf, 3e9 * base, -3e9 * base])
        return x
    note = f"float32 to {np.dtype(dtype).name}"
    return finish(rng, Case("QUANTIZE", note, [Tensor(tuple(shape), np.float32)], out, schema.QuantizeOptionsT(), version=2),
                  make)


def quantize__float(rng):
    return _from_float(rng, pick(rng, [np.int8, np.int16]))


@only(*LITERT)
def quantize__float_to_uint8(rng):
    return _from_float(rng, np.uint8)


@only(*LITERT)
def quantize__per_channel(rng):
    return _from_float(rng, pick(rng, [np.int8, np.uint8, np.int16]), True)


def _requantize(rng, pairs):
    from_type, to_type = pick(rng, pairs)
    x = quantized(rng, _shape(rng), from_type) if from_type != np.int32 else Tensor(tuple(_shape(rng)), np.int32, scale(rng), 0)
    out = quantized(rng, (), to_type) if to_type != np.int32 else Tensor((), np.int32, scale(rng), 0)
    span = float(x.scales) * 2.0 ** (8 * min(np.dtype(from_type).itemsize, 2) - 1)
    out.scales = np.float32(output_scale(rng, span, float(x.scales)) * 2.0 ** (8 - 8 * min(np.dtype(to_type).itemsize, 2)))
    case = Case("QUANTIZE", f"{np.dtype(from_type).name} to {np.dtype(to_type).name}", [x], out, schema.QuantizeOptionsT(),
                version=2)
    make = values(None, from_type)
    if from_type == np.int32:
        make = lambda r, s: r.integers(-2**int(r.integers(3, 28)), 2**20, s).astype(np.int32)
    return finish(rng, case, make)


def quantize__integers(rng):
    return _requantize(rng, [(np.int8, np.int8), (np.int8, np.uint8), (np.uint8, np.int8), (np.int8, np.int16),
                             (np.int16, np.int8), (np.int16, np.int16), (np.int16, np.int32), (np.int32, np.int8),
                             (np.int32, np.int16)])


@only(*LITERT)
def quantize__from_uint8(rng):
    return _requantize(rng, [(np.uint8, np.uint8), (np.uint8, np.int16)])


@only("tflite-micro")
def quantize__int8_to_int32(rng):
    case = _requantize(rng, [(np.int8, np.int32)])
    case.output.shape = case.inputs[0].shape
    return case


def _dequantize(rng, dtype, per_channel):
    x = quantized(rng, _shape(rng), dtype)
    note = np.dtype(dtype).name
    if per_channel:
        x.axis, note = int(rng.integers(len(x.shape))), note + " per channel"
        each = [quantized(rng, (), dtype) for _ in range(x.shape[x.axis])]
        x.scales = np.array([t.scales for t in each], np.float32)
        x.zero_points = np.array([t.zero_points for t in each])
    case = Case("DEQUANTIZE", note, [x], Tensor((), np.float32), schema.DequantizeOptionsT(), version=2)
    return finish(rng, case, values(None, dtype))


def dequantize(rng):
    return _dequantize(rng, pick(rng, [np.int8, np.uint8]), rng.random() < 0.25)


def dequantize__int16(rng):
    return _dequantize(rng, np.int16, False)


@only(*LITERT)
def dequantize__float16(rng):
    shape = _shape(rng)
    case = Case("DEQUANTIZE", "float16", [Tensor(tuple(shape), np.float16)], Tensor((), np.float32), schema.DequantizeOptionsT(),
                version=3)
    return finish(rng, case, lambda r, s: r.integers(0, 0x7c00, s).astype(np.uint16).view(np.float16))


def _content(dtype):
    def make(rng, shape):
        dt = np.dtype(dtype)
        if dt == np.bool_:
            return rng.integers(0, 2, shape).astype(dt)
        if dt.kind == "f":
            x = rng.standard_normal(shape) * 10.0 ** rng.uniform(-3, 5 if dt.itemsize == 2 else 12)
            special = [np.inf, -np.inf, np.nan, 127.5, -128.5, 255.5, 32767.5, 65504, 0.0]
            if dt.itemsize > 2:
                special += [2147483648.0, -2147483648.0, 4294967296.0, 9.3e18, -9.3e18, 65519.9, 65520.0, 1e-7, 3e-8]
            flat = x.reshape(-1)
            flat[int(rng.integers(flat.size))] = pick(rng, special)
            with np.errstate(over="ignore"):
                return x.astype(dt)
        info = np.iinfo(dt)
        x = rng.integers(info.min, info.max, shape, dtype=dt, endpoint=True)
        return x if rng.random() < 0.5 else (x >> (4 * (dt.itemsize - 1))).astype(dt)
    return make


def _cast(rng, types):
    from_type, to_type = pick(rng, types), pick(rng, types)
    options = schema.CastOptionsT()
    options.inDataType, options.outDataType = TYPES[np.dtype(from_type)], TYPES[np.dtype(to_type)]
    case = Case("CAST", f"{np.dtype(from_type).name} to {np.dtype(to_type).name}", [Tensor(tuple(_shape(rng)), from_type)],
                Tensor((), to_type), options)
    return finish(rng, case, _content(from_type))


def cast(rng):
    return _cast(rng, [np.float32, np.float32, np.int8, np.int16, np.int32, np.uint32, np.bool_])


@only(*LITERT)
def cast__more(rng):
    return _cast(rng, [np.float32, np.float16, np.float64, np.int8, np.uint8, np.int16, np.uint16, np.int32, np.uint32, np.int64,
                       np.bool_])


def zeros_like(rng):
    dtype = pick(rng, [np.float32, np.int32, np.int64])
    return finish(rng, Case("ZEROS_LIKE", np.dtype(dtype).name, [Tensor(tuple(_shape(rng)), dtype)], Tensor((), dtype)),
                  lambda r, s: r.integers(-9, 9, s).astype(dtype))


@only(*LITERT)
def rank(rng):
    dtype = pick(rng, [np.float32, np.int32, np.int8])
    return finish(rng, Case("RANK", np.dtype(dtype).name, [Tensor(tuple(_shape(rng)), dtype)], Tensor((), np.int32)),
                  lambda r, s: r.integers(-9, 9, s).astype(dtype))


OPERATORS = [quantize__float, quantize__float_to_uint8, quantize__per_channel, quantize__integers, quantize__from_uint8,
             quantize__int8_to_int32, dequantize, dequantize__int16, dequantize__float16, cast, cast__more, zeros_like, rank]
