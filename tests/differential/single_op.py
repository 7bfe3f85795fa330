# SPDX-License-Identifier: Apache-2.0
"""Builds .tflite files of one operator with the schema classes that come with ai-edge-litert."""

from dataclasses import dataclass, field

import flatbuffers
import numpy as np
from ai_edge_litert import schema_py_generated as schema

TYPES = {np.dtype(np.float32): schema.TensorType.FLOAT32, np.dtype(np.int32): schema.TensorType.INT32,
         np.dtype(np.uint8): schema.TensorType.UINT8, np.dtype(np.int64): schema.TensorType.INT64,
         np.dtype(np.bool_): schema.TensorType.BOOL, np.dtype(np.int16): schema.TensorType.INT16,
         np.dtype(np.int8): schema.TensorType.INT8}


@dataclass
class Tensor:
    shape: tuple
    dtype: type = np.int8
    scales: object = None       # None, one number, or a list along `axis`
    zero_points: object = 0
    axis: int = 0
    data: object = None         # array: a constant
    variable: bool = False      # keeps its content between invokes
    wire_type: object = None    # number in the file when numpy has no such type (int4: `data` holds the packed bytes)


@dataclass
class Case:
    """One operator. Inputs without data are inputs of the model, unless variable; None stands for an absent optional one.
    `output` is one tensor or a list of them."""
    op: str
    note: str
    inputs: list
    output: object
    options: object = None      # an ...OptionsT of the schema
    samples: list = field(default_factory=list)  # each a list of arrays, one for each input of the model
    version: int = 1
    micro_ignores_options: bool = False  # TFLite Micro computes something else without saying so: we refuse
    intermediates: list = field(default_factory=list)  # tensors that only lend their quantization
    custom_code: str = ""                # with op "CUSTOM"
    custom_options: bytes = b""
    tolerance: float = 0.0               # of float32 outputs, as a part of their range; integers are always compared exactly

    @property
    def outputs(self):
        return self.output if isinstance(self.output, list) else [self.output]

    def model_inputs(self):
        return [t for t in self.inputs if t is not None and t.data is None and not t.variable]


def _quantization(tensor):
    quantization = schema.QuantizationParametersT()
    scales = np.atleast_1d(np.asarray(tensor.scales, np.float32))
    quantization.scale = scales
    quantization.zeroPoint = np.broadcast_to(np.asarray(tensor.zero_points, np.int64), scales.shape).copy()
    quantization.quantizedDimension = tensor.axis
    return quantization


def tensor_order(cases):
    """The tensors of a network in the order of their indices in the file: as operators name them first."""
    found = {}
    for case in cases:
        for tensor in [*case.inputs, *case.outputs, *case.intermediates]:
            if tensor is not None:
                found.setdefault(id(tensor), tensor)
    return list(found.values())


def network_inputs(cases):
    """The tensors that no operator makes, in the order of the model's inputs."""
    made = {id(t) for case in cases for t in case.outputs}
    lent = {id(t) for case in cases for t in case.intermediates}
    return [t for t in tensor_order(cases) if t.data is None and not t.variable and id(t) not in made and id(t) not in lent]


def build(case):
    return build_network([case], case.outputs)


def build_network(cases, outputs):
    """A model of these operators, in this order; a Tensor object is one tensor wherever it stands."""
    model = schema.ModelT()
    model.version = 3
    model.buffers = [schema.BufferT()]
    graph = schema.SubGraphT()
    tensors = tensor_order(cases)
    index = {id(tensor): i for i, tensor in enumerate(tensors)}
    graph.tensors = [_tensor(tensor, f"t{i}", model) for i, tensor in enumerate(tensors)]
    graph.inputs = [index[id(tensor)] for tensor in network_inputs(cases)]
    graph.outputs = [index[id(tensor)] for tensor in outputs]
    graph.operators = []
    model.operatorCodes = []
    for case in cases:
        operator = schema.OperatorT()
        operator.opcodeIndex = len(model.operatorCodes)
        model.operatorCodes.append(_code(case))
        operator.inputs = [-1 if tensor is None else index[id(tensor)] for tensor in case.inputs]
        operator.outputs = [index[id(tensor)] for tensor in case.outputs]
        if case.intermediates:
            operator.intermediates = [index[id(tensor)] for tensor in case.intermediates]
        if case.custom_options:
            operator.customOptions = np.frombuffer(case.custom_options, np.uint8)
        if case.options is not None:
            operator.builtinOptionsType = getattr(schema.BuiltinOptions, type(case.options).__name__[:-1])
            operator.builtinOptions = case.options
        graph.operators.append(operator)
    model.subgraphs = [graph]
    builder = flatbuffers.Builder(1024)
    builder.Finish(model.Pack(builder), file_identifier=b"TFL3")
    return bytes(builder.Output())


def _code(case):
    code = schema.OperatorCodeT()
    code.builtinCode = getattr(schema.BuiltinOperator, case.op)
    code.deprecatedBuiltinCode = min(code.builtinCode, 127)
    code.version = case.version
    if case.custom_code:
        code.customCode = case.custom_code
    return code


def _tensor(tensor, name, model):
    wire = schema.TensorT()
    wire.shape = [int(d) for d in tensor.shape]
    wire.type = TYPES[np.dtype(tensor.dtype)] if tensor.wire_type is None else tensor.wire_type
    wire.isVariable = tensor.variable
    wire.name = name
    wire.buffer = 0
    wire.hasRank = True
    if tensor.data is not None:
        buffer = schema.BufferT()
        buffer.data = np.frombuffer(np.ascontiguousarray(tensor.data, tensor.dtype).tobytes(), np.uint8)
        wire.buffer = len(model.buffers)
        model.buffers.append(buffer)
    if tensor.scales is not None:
        wire.quantization = _quantization(tensor)
    return wire
