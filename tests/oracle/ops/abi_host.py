# SPDX-License-Identifier: Apache-2.0
"""A small host of the operator ABI in Python: loads a plugin's shared object and runs one operator through it.

Independent of the C++ engine, so it tests the plugin and its C structs alone. It follows the fields of glimpse/op_abi.h and
glimpse/op_options.h by hand. Guard bytes after every output and scratch block show writes out of bounds.
"""

import ctypes as c

import numpy as np
from ai_edge_litert import schema_py_generated as schema
from single_op import TYPES

GUARD = 64
P = c.c_void_p
SETERR = c.CFUNCTYPE(None, P, c.c_char_p)
SHAPE = c.CFUNCTYPE(c.c_int32, P, c.c_uint32, c.c_uint32, c.POINTER(c.c_int32))
PERSISTENT = c.CFUNCTYPE(c.c_int32, P, c.c_size_t, c.POINTER(P))
SCRATCH = c.CFUNCTYPE(c.c_int32, P, c.c_size_t, c.POINTER(c.c_uint32))
ALIAS = c.CFUNCTYPE(c.c_int32, P, c.c_uint32, c.c_uint32)
WORK = c.CFUNCTYPE(c.c_int32, P, c.c_uint64, c.c_uint64)


class Tensor(c.Structure):
    _fields_ = [("struct_size", c.c_uint32), ("dtype", c.c_uint32), ("flags", c.c_uint32), ("rank", c.c_uint32),
                ("dims", c.POINTER(c.c_int32)), ("data", P), ("size_bytes", c.c_size_t), ("readable_bytes", c.c_size_t),
                ("scale_count", c.c_uint32), ("quant_axis", c.c_int32), ("scales", c.POINTER(c.c_float)),
                ("zero_points", c.POINTER(c.c_int64)), ("name", c.c_char_p), ("index", c.c_int32)]


class Operator(c.Structure):
    _fields_ = [("struct_size", c.c_uint32), ("index", c.c_int32), ("op", c.c_char_p), ("version", c.c_int32),
                ("options_size", c.c_uint32), ("options", P), ("input_count", c.c_uint32), ("output_count", c.c_uint32),
                ("inputs", c.POINTER(c.POINTER(Tensor))), ("outputs", c.POINTER(c.POINTER(Tensor)))]


class Node(c.Structure):
    _fields_ = [("struct_size", c.c_uint32), ("operator_count", c.c_uint32),
                ("operators", c.POINTER(c.POINTER(Operator))), ("numerics", c.c_char_p)]


class Prepare(c.Structure):
    _fields_ = [("struct_size", c.c_uint32), ("context", P), ("set_error", SETERR), ("set_output_shape", SHAPE),
                ("persistent", PERSISTENT), ("scratch", SCRATCH), ("allow_alias", ALIAS), ("report_work", WORK)]


class Invoke(c.Structure):
    _fields_ = [("struct_size", c.c_uint32), ("input_count", c.c_uint32), ("output_count", c.c_uint32),
                ("scratch_count", c.c_uint32), ("inputs", c.POINTER(P)), ("outputs", c.POINTER(P)),
                ("scratch", c.POINTER(P)), ("should_stop", c.POINTER(c.c_uint32)), ("context", P), ("set_error", SETERR)]


class Kernel(c.Structure):
    pass


Kernel._fields_ = [("struct_size", c.c_uint32), ("plugin_data", P),
                   ("prepare", c.CFUNCTYPE(c.c_int32, c.POINTER(Kernel), c.POINTER(Node), c.POINTER(Prepare))),
                   ("invoke", c.CFUNCTYPE(c.c_int32, c.POINTER(Kernel), c.POINTER(Invoke))),
                   ("reset", P), ("destroy", c.CFUNCTYPE(None, c.POINTER(Kernel))), ("get_extension", P)]


class Descriptor(c.Structure):
    _fields_ = [("struct_size", c.c_uint32), ("flags", c.c_uint32), ("ops", c.POINTER(c.c_char_p)),
                ("op_count", c.c_uint32), ("reserved", c.c_uint32), ("impl", c.c_char_p)]


class Factory(c.Structure):
    pass


Factory._fields_ = [("struct_size", c.c_uint32), ("count", c.c_uint32),
                    ("descriptor", c.CFUNCTYPE(c.POINTER(Descriptor), c.POINTER(Factory), c.c_uint32)),
                    ("create", c.CFUNCTYPE(c.c_int32, c.POINTER(Factory), c.c_uint32, c.POINTER(c.POINTER(Kernel))))]


class Entry(c.Structure):
    _fields_ = [("magic", c.c_uint32), ("abi_major", c.c_uint32), ("abi_minor", c.c_uint32), ("abi_patch", c.c_uint32),
                ("struct_size", c.c_uint32), ("reserved", c.c_uint32), ("name", c.c_char_p), ("version", c.c_char_p),
                ("init", P), ("deinit", P), ("get_factory", c.CFUNCTYPE(P, c.c_char_p))]


# Fields of each options struct after struct_size: how to get them from the schema's object, as words of 4 bytes.
_WINDOW = ["u:padding", "i:strideH", "i:strideW"]
OPTIONS = {
    "CONV_2D": _WINDOW + ["i:dilationHFactor", "i:dilationWFactor", "u:fusedActivationFunction"],
    "DEPTHWISE_CONV_2D": _WINDOW + ["i:dilationHFactor", "i:dilationWFactor", "i:depthMultiplier",
                                    "u:fusedActivationFunction"],
    "FULLY_CONNECTED": ["u:fusedActivationFunction", "u:weightsFormat", "u:keepNumDims", "u:asymmetricQuantizeInputs"],
    "MAX_POOL_2D": _WINDOW + ["i:filterHeight", "i:filterWidth", "u:fusedActivationFunction"],
    "AVERAGE_POOL_2D": _WINDOW + ["i:filterHeight", "i:filterWidth", "u:fusedActivationFunction"],
    "ADD": ["u:fusedActivationFunction", "u:"], "MUL": ["u:fusedActivationFunction", "u:"],
    "CONCATENATION": ["i:axis", "u:fusedActivationFunction"], "MEAN": ["u:keepDims"], "SOFTMAX": ["f:beta"],
    "STRIDED_SLICE": ["u:beginMask", "u:endMask", "u:ellipsisMask", "u:newAxisMask", "u:shrinkAxisMask", "u:offset"],
    "PACK": ["i:valuesCount", "i:axis"], "LEAKY_RELU": ["f:alpha"], "SHAPE": ["u:outType"],
}


def encode_options(case):
    kinds = {"u": np.uint32, "i": np.int32, "f": np.float32}
    if case.op == "RESHAPE":
        new = [] if case.options is None or case.options.newShape is None else list(case.options.newShape)
        words = [np.uint32(len(new)).tobytes(), np.uint32(bool(new)).tobytes(), np.array(new + [0] * (8 - len(new)), np.int32).tobytes()]
    elif case.op in OPTIONS:
        words = []
        for entry in OPTIONS[case.op]:
            kind, name = entry.split(":")
            words.append(kinds[kind](getattr(case.options, name) if name else 0).tobytes())
    else:
        return b""
    body = b"".join(words)
    return np.uint32(len(body) + 4).tobytes() + body


class Plugin:
    def __init__(self, path):
        self.library = c.CDLL(str(path))
        self.entry = Entry.in_dll(self.library, "glimpse_op_plugin")
        assert self.entry.magic == 0x504F4C47 and self.entry.struct_size == c.sizeof(Entry)
        self.factory = c.cast(self.entry.get_factory(b"glimpse.op-factory/0"), c.POINTER(Factory))
        self.index = {}
        for i in range(self.factory.contents.count):
            descriptor = self.factory.contents.descriptor(self.factory, i).contents
            self.index[descriptor.ops[0].decode()] = i

    def run(self, case, profile):
        """(list of outputs a sample, "") or (None, message)."""
        kernel = c.POINTER(Kernel)()
        status = self.factory.contents.create(self.factory, self.index["tflite." + case.op], c.byref(kernel))
        if status != 0:
            return None, f"create answers {status}"
        try:
            return _Session(kernel, case, profile).run()
        finally:
            kernel.contents.destroy(kernel)


class _Session:
    def __init__(self, kernel, case, profile):
        self.kernel, self.case, self.keep = kernel, case, []
        self.message, self.shapes, self.scratch = "", {}, []
        self.inputs = [None if t is None else self.tensor(t) for t in case.inputs]
        self.outputs = [self.tensor(case.output)]
        options = encode_options(case)
        buffer = c.create_string_buffer(options, max(len(options), 1))
        operator = Operator(c.sizeof(Operator), 0, b"tflite." + case.op.encode(), case.version, len(options),
                            c.cast(buffer, P) if options else None, len(self.inputs), 1,
                            self.pointers(self.inputs), self.pointers(self.outputs))
        operators = (c.POINTER(Operator) * 1)(c.pointer(operator))
        self.node = Node(c.sizeof(Node), 1, operators, profile.encode())
        self.keep += [buffer, operator, operators]

    def tensor(self, t):
        dims = (c.c_int32 * max(len(t.shape), 1))(*[int(d) for d in t.shape])
        data = None
        if t.data is not None:
            array = np.ascontiguousarray(t.data, t.dtype)
            self.keep.append(array)
            data = array.ctypes.data
        scales = np.zeros(0, np.float32) if t.scales is None else np.atleast_1d(np.asarray(t.scales, np.float32))
        points = np.broadcast_to(np.asarray(t.zero_points, np.int64), scales.shape).copy()
        scales = scales.copy()
        size = int(np.prod(t.shape)) * np.dtype(t.dtype).itemsize
        self.keep += [dims, scales, points]
        return Tensor(c.sizeof(Tensor), TYPES[np.dtype(t.dtype)], 1 if data else 0, len(t.shape), dims, data, size, size,
                      scales.size, t.axis, c.cast(scales.ctypes.data, c.POINTER(c.c_float)),
                      c.cast(points.ctypes.data, c.POINTER(c.c_int64)), b"t", 0)

    def pointers(self, tensors):
        array = (c.POINTER(Tensor) * len(tensors))(*[c.POINTER(Tensor)() if t is None else c.pointer(t) for t in tensors])
        self.keep.append(array)
        return array

    def block(self, size):
        """Memory aligned to 64 bytes with guard bytes behind it."""
        raw = np.full(size + GUARD + 64, 0xA5, np.uint8)
        start = -raw.ctypes.data % 64
        self.keep.append(raw)
        return raw[start:start + size + GUARD]

    def prepare(self):
        @SETERR
        def set_error(_, text):
            self.message = text.decode()

        @SHAPE
        def set_output_shape(_, output, rank, dims):
            self.shapes[output] = tuple(dims[i] for i in range(rank))
            return 0

        @PERSISTENT
        def persistent(_, size, out):
            memory = self.block(size)
            memory[:size] = 0
            out[0] = memory.ctypes.data
            return 0

        @SCRATCH
        def scratch(_, size, out):
            out[0] = len(self.scratch)
            self.scratch.append(size)
            return 0

        self.keep += [set_error, set_output_shape, persistent, scratch]
        alias, work = ALIAS(lambda *_: 0), WORK(lambda *_: 0)
        self.keep += [alias, work]
        services = Prepare(c.sizeof(Prepare), None, set_error, set_output_shape, persistent, scratch, alias, work)
        self.set_error = set_error
        return self.kernel.contents.prepare(self.kernel, c.byref(self.node), c.byref(services))

    def run(self):
        status = self.prepare()
        if status != 0:
            return None, f"status {status}: {self.message}"
        results = []
        for sample in self.case.samples:
            first = self.invoke(sample, 0x5A)
            second = self.invoke(sample, 0xC3)
            if first.tobytes() != second.tobytes():
                raise AssertionError(f"{self.case.op}: bytes of the output are not written, or not a function of the inputs")
            results.append([first])
        return results, ""

    def invoke(self, sample, poison):
        arrays, given = [], iter(sample)
        for t in self.case.inputs:
            if t is None:
                arrays.append(None)
                continue
            array = np.ascontiguousarray(next(given) if t.data is None else t.data, t.dtype)
            copy = self.block(array.nbytes)
            copy[:array.nbytes] = np.frombuffer(array.tobytes(), np.uint8)
            arrays.append(copy)
        inputs = (P * len(arrays))(*[None if a is None else a.ctypes.data for a in arrays])
        dtype = np.dtype(self.case.output.dtype)
        size = int(np.prod(self.shapes[0])) * dtype.itemsize
        output = self.block(size)
        output[:size] = poison
        scratch = [self.block(s) for s in self.scratch]
        for memory in scratch:
            memory[:-GUARD] = poison
        stop = c.c_uint32(0)
        call = Invoke(c.sizeof(Invoke), len(arrays), 1, len(scratch), inputs, (P * 1)(output.ctypes.data),
                      (P * max(len(scratch), 1))(*[s.ctypes.data for s in scratch] or [None]), c.pointer(stop), None,
                      self.set_error)
        status = self.kernel.contents.invoke(self.kernel, c.byref(call))
        if status != 0:
            raise AssertionError(f"{self.case.op}: invoke answers {status}: {self.message}")
        for memory in [output] + scratch:
            if (memory[-GUARD:] != 0xA5).any():
                raise AssertionError(f"{self.case.op}: a write behind the end of a buffer")
        self.keep = self.keep[:200]
        return np.frombuffer(output[:size].tobytes(), dtype).reshape(self.shapes[0])
