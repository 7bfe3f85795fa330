# SPDX-License-Identifier: Apache-2.0
"""Reads the little of a .tflite file that the oracle tests need: the main subgraph's operators and tensors.

Independent of the engine under test, so that it does not decide what is compared. Field numbers are those of the public
TFLite schema. Damaged files raise Broken; values are checked only as far as reading needs it.
"""

import pathlib
import re
import struct
import sys

import numpy as np

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[3] / "tools"))
from litert_dump import OPAQUE_TYPES, Table  # noqa: E402  (needs the path above)

SCHEMA = pathlib.Path(__file__).resolve().parents[3] / "engine" / "schema" / "tflite.fbs"


def _operator_names():
    """{number: name} of the schema's builtin operators."""
    body = re.search(r"enum BuiltinOperator[^{]*{([^}]*)}", SCHEMA.read_text(encoding="utf-8")).group(1)
    return {int(number): name for name, number in re.findall(r"(\w+)\s*=\s*(\d+)", body)}


OPERATORS = _operator_names()

DTYPES = {0: np.float32, 1: np.float16, 2: np.int32, 3: np.uint8, 4: np.int64, 6: np.bool_, 7: np.int16, 9: np.int8}
TYPE_NAMES = {0: "float32", 1: "float16", 2: "int32", 3: "uint8", 4: "int64", 5: "string", 6: "bool", 7: "int16",
              8: "complex64", 9: "int8", 10: "float64", 13: "resource", 14: "variant", 15: "uint32", 16: "uint16",
              17: "int4"}


class Broken(Exception):
    """The file is not a .tflite file that can be read."""


def _scalar(table, number, form, default=0):
    at = table.field(number)
    return default if at is None else struct.unpack_from("<" + form, table.data, at)[0]


def _text(table, number):
    start, count = table.vector(number)
    return table.data[start:start + count].decode("utf-8", "replace")


class TfliteFile:
    """operators: [{"code", "name", "inputs", "outputs"}]; tensors: [{"shape", "type", "name"}]; inputs, outputs: indices."""

    def __init__(self, path):
        self.path = path
        data = path.read_bytes()
        if len(data) < 8 or data[4:8] != b"TFL3":
            raise Broken("no TFL3 identifier")
        try:
            self._read(data)
        except (struct.error, IndexError, RecursionError) as error:
            raise Broken(str(error)) from error

    def _read(self, data):
        model = Table(data, struct.unpack_from("<I", data, 0)[0])
        codes = []
        for code in model.tables(1):
            number = max(_scalar(code, 0, "b"), _scalar(code, 3, "i"))
            codes.append((number, _text(code, 1) if number == 32 else OPERATORS.get(number, f"#{number}")))
        graphs = list(model.tables(2))
        if not graphs:
            raise Broken("no subgraph")
        main = graphs[0]
        self.tensors = [{"shape": t.ints(0), "type": _scalar(t, 1, "b"), "name": _text(t, 3)} for t in main.tables(0)]
        self.inputs, self.outputs = main.ints(1), main.ints(2)
        self.operators = []
        for operator in main.tables(3):
            code, name = codes[_scalar(operator, 0, "I")]
            self.operators.append({"code": code, "name": name, "inputs": operator.ints(1), "outputs": operator.ints(2)})

    def produced(self):
        """Indices of the tensors that operators of the main subgraph write, in order, each once; handles left out."""
        return list(dict.fromkeys(i for o in self.operators for i in o["outputs"]
                                  if i >= 0 and self.tensors[i]["type"] not in OPAQUE_TYPES))

    def producer(self, tensor):
        """Name of the operator that writes the tensor, with its position."""
        for position, operator in enumerate(self.operators):
            if tensor in operator["outputs"]:
                return f"{position} {operator['name']}"
        return "?"

    def bytes_per_sample(self):
        total = 0
        for index in self.produced():
            size = np.dtype(DTYPES.get(self.tensors[index]["type"], np.float32)).itemsize
            total += size * int(np.prod([abs(d) for d in self.tensors[index]["shape"]], dtype=np.int64))
        return max(total, 1)

    def random_inputs(self, count, generator):
        """One array [count, *shape] for each model input, over the whole range of the 8-bit types."""
        arrays = []
        for index in self.inputs:
            tensor = self.tensors[index]
            if tensor["type"] not in DTYPES:
                raise Broken(f"input of type {TYPE_NAMES.get(tensor['type'], tensor['type'])}")
            dtype = np.dtype(DTYPES[tensor["type"]])
            shape = [count] + [max(d, 1) for d in tensor["shape"]]
            if dtype.kind == "f":
                arrays.append(generator.normal(0.0, 1.0, shape).astype(dtype))
            elif dtype.itemsize == 1 and dtype.kind in "iu":
                limits = np.iinfo(dtype)
                arrays.append(generator.integers(limits.min, limits.max + 1, shape).astype(dtype))
            elif dtype == np.int16:
                arrays.append(generator.integers(-32768, 32768, shape).astype(dtype))
            else:
                arrays.append(generator.integers(0, 2, shape).astype(dtype))
        return arrays

    def computes_in_float(self):
        """Whether an operator other than QUANTIZE and DEQUANTIZE reads or writes floats."""
        return any(self.tensors[i]["type"] in (0, 1) for o in self.operators if o["name"] not in ("QUANTIZE", "DEQUANTIZE")
                   for i in o["inputs"] + o["outputs"] if i >= 0)
