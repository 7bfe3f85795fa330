#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Small models with control flow and shapes that only a run tells, against LiteRT: every output, bit for bit.

    tests/differential/flow.py --glimpse build/dev/bin/glimpse [--seed N]

Run it by a Python that has ai-edge-litert and numpy. What LiteRT refuses we must refuse too.
"""

import argparse
import itertools
import pathlib
import subprocess
import sys
import tempfile

import flatbuffers
import numpy as np
from ai_edge_litert import interpreter as litert
from ai_edge_litert import schema_py_generated as schema

OP, TYPE, OPTIONS = schema.BuiltinOperator, schema.TensorType, schema.BuiltinOptions
CODES = [(OP.RESHAPE, 1), (OP.ADD, 2), (OP.IF, 1), (OP.WHILE, 1), (OP.CONCATENATION, 2), (OP.RELU, 2), (OP.VAR_HANDLE, 1),
         (OP.READ_VARIABLE, 1), (OP.ASSIGN_VARIABLE, 1)]
INDEX = {code: position for position, (code, _) in enumerate(CODES)}


def tensor(shape, kind=TYPE.INT8, buffer=0):
    wire = schema.TensorT()
    wire.shape, wire.type, wire.buffer, wire.hasRank, wire.name = list(shape), kind, buffer, True, "t"
    if kind == TYPE.INT8:
        wire.quantization = schema.QuantizationParametersT()
        wire.quantization.scale, wire.quantization.zeroPoint = [0.5], [3]
    return wire


def operator(code, inputs, outputs, options=None):
    wire = schema.OperatorT()
    wire.opcodeIndex, wire.inputs, wire.outputs = INDEX[code], inputs, outputs
    if options is not None:
        wire.builtinOptions = options
        wire.builtinOptionsType = getattr(OPTIONS, type(options).__name__[:-1])
    return wire


def graph(tensors, inputs, outputs, operators):
    wire = schema.SubGraphT()
    wire.tensors, wire.inputs, wire.outputs, wire.operators = tensors, inputs, outputs, operators
    return wire


def build(graphs):
    """A model; buffer 1 holds one false."""
    model = schema.ModelT()
    model.version, model.subgraphs, model.operatorCodes = 3, graphs, []
    model.buffers = [schema.BufferT(), schema.BufferT()]
    model.buffers[1].data = np.zeros(1, np.uint8)
    for code, version in CODES:
        wire = schema.OperatorCodeT()
        wire.builtinCode, wire.deprecatedBuiltinCode, wire.version = code, min(code, 127), version
        model.operatorCodes.append(wire)
    builder = flatbuffers.Builder(1024)
    builder.Finish(model.Pack(builder), b"TFL3")
    return bytes(builder.Output())


def options(kind, **fields):
    made = kind()
    for name, value in fields.items():
        setattr(made, name, value)
    return made


def add(x, y):
    return operator(OP.ADD, [x, x], [y], schema.AddOptionsT())


def joined(times):
    concat = operator(OP.CONCATENATION, [0] * times, [1], options(schema.ConcatenationOptionsT, axis=1))
    return graph([tensor([1, 4]), tensor([1, 4 * times])], [0], [1], [concat])


def relu():
    return graph([tensor([1, 4]), tensor([1, 4])], [0], [1], [operator(OP.RELU, [0], [1])])


def reshape_by_value():
    reshape = operator(OP.RESHAPE, [0, 1], [2], schema.ReshapeOptionsT())
    return build([graph([tensor([2, 6]), tensor([2], TYPE.INT32), tensor([2, 6]), tensor([2, 6])], [0, 1], [3],
                        [reshape, add(2, 3)])])


def branches(then_graph, else_graph):
    choose = options(schema.IfOptionsT, thenSubgraphIndex=1, elseSubgraphIndex=2)
    main = graph([tensor([1], TYPE.BOOL), tensor([1, 4]), tensor([1, 4]), tensor([1, 4])], [0, 1], [3],
                 [operator(OP.IF, [0, 1], [2], choose), add(2, 3)])
    return build([main, then_graph, else_graph])


def loop(grows):
    """State: whether to go on, whether after that too, x; x is joined with itself or doubled in each round."""
    flags = [tensor([1], TYPE.BOOL), tensor([1], TYPE.BOOL)]
    condition = graph(flags + [tensor([1, 4])], [0, 1, 2], [0], [])
    step = operator(OP.CONCATENATION, [2, 2], [4], options(schema.ConcatenationOptionsT, axis=1)) if grows else add(2, 4)
    body = graph(flags + [tensor([1, 4]), tensor([1], TYPE.BOOL, 1), tensor([1, 8 if grows else 4])], [0, 1, 2],
                 [1, 3, 4], [step])
    repeat = options(schema.WhileOptionsT, condSubgraphIndex=1, bodySubgraphIndex=2)
    main = graph(flags + [tensor([1, 4])] + flags + [tensor([1, 4]), tensor([1, 4])], [0, 1, 2], [3, 6],
                 [operator(OP.WHILE, [0, 1, 2], [3, 4, 5], repeat), operator(OP.RELU, [5], [6])])
    return build([main, condition, body])


def variable(reads_first):
    handle = operator(OP.VAR_HANDLE, [], [1], options(schema.VarHandleOptionsT, container="", sharedName="v"))
    assign = operator(OP.ASSIGN_VARIABLE, [1, 0], [], schema.AssignVariableOptionsT())
    read = operator(OP.READ_VARIABLE, [1], [2], schema.ReadVariableOptionsT())
    rest = [read, assign] if reads_first else [assign, read]
    return build([graph([tensor([1, 4]), tensor([], TYPE.RESOURCE), tensor([1, 4]), tensor([1, 4])], [0], [3],
                        [handle, *rest, add(2, 3)])])


def cases(generator):
    """(name, model, inputs of one run)"""
    def noise(*shape):
        return generator.integers(-128, 128, shape).astype(np.int8)

    def flag(value):
        return np.array([value], np.bool_)

    for shape in ([3, 4], [4, 3], [12, 1], [-1, 6], [5, 4], [-1, -1]):
        yield f"RESHAPE to {shape}", reshape_by_value(), [noise(2, 6), np.array(shape, np.int32)]
    for value in (True, False):
        yield f"IF {value}", branches(relu(), relu()), [flag(value), noise(1, 4)]
        yield f"IF {value}, shapes differ", branches(joined(3), relu()), [flag(value), noise(1, 4)]
    for grows, first, second in itertools.product((False, True), repeat=3):
        yield f"WHILE {first} {second}, grows {grows}", loop(grows), [flag(first), flag(second), noise(1, 4)]
    for reads_first in (False, True):
        yield f"variable, read first {reads_first}", variable(reads_first), [noise(1, 4)]


def run_litert(model, arrays):
    """The outputs, or None when LiteRT refuses."""
    runner = litert.Interpreter(model_content=model, experimental_op_resolver_type=litert.OpResolverType.BUILTIN_REF)
    runner.allocate_tensors()
    try:
        for detail, array in zip(runner.get_input_details(), arrays):
            runner.set_tensor(detail["index"], array)
        runner.invoke()
    except (RuntimeError, ValueError):
        return None
    return [runner.get_tensor(detail["index"]) for detail in runner.get_output_details()]


def run_glimpse(glimpse, model, arrays, folder):
    """The outputs, or the message when we refuse."""
    (folder / "m.tflite").write_bytes(model)
    command = [glimpse, "run", str(folder / "m.tflite"), "--output", str(folder / "out")]
    for position, array in enumerate(arrays):
        np.save(folder / f"in_{position}.npy", array)
        command += ["--input", str(folder / f"in_{position}.npy")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    if done.returncode:
        return done.stderr.strip()
    return [np.load(path) for path in sorted((folder / "out").glob("output_*.npy"))]


def equal(ours, theirs):
    if theirs is None or isinstance(ours, str):
        return theirs is None and isinstance(ours, str)
    return all(a.shape == b.shape and a.dtype == b.dtype and a.tobytes() == b.tobytes() for a, b in zip(ours, theirs))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--glimpse", required=True)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    failed = count = 0
    for name, model, arrays in cases(np.random.default_rng(arguments.seed)):
        with tempfile.TemporaryDirectory(prefix="glimpse-flow-") as folder:
            ours = run_glimpse(arguments.glimpse, model, arrays, pathlib.Path(folder))
        theirs = run_litert(model, arrays)
        count += 1
        if not equal(ours, theirs):
            failed += 1
            print(f"FAILED {name}: ours {ours}, theirs {theirs}")
    print(f"{count - failed} of {count} models equal LiteRT's result or are refused by both, seed {arguments.seed}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
