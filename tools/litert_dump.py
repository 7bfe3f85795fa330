#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs a .tflite model in a real TFLite runtime and writes every intermediate tensor as .npy.

The result is what `glimpse diff MODEL --against DIR` reads:

    DIR/input_<i>.npy        what the model was given (i: position among the model's inputs)
    DIR/tensor_<index>.npy   every tensor that an operator of the main subgraph produces (index as in the file)
    DIR/output_<i>.npy       the model's outputs
    DIR/runtime.json         which runtime, version, resolver and machine computed them

Needs numpy and the wheel of the runtime: ai-edge-litert for builtin-ref, builtin and default; tflite-micro for tflite-micro.

Looking at intermediates needs "preserve all tensors", and that flag changes what a delegate takes, so it can change what is
computed. Every sample therefore also runs in a second, plain interpreter, and differing final outputs are an error.
"""

import argparse
import hashlib
import json
import os
import platform
import re
import struct
import sys

PROGRAM = "litert_dump.py"
RESOLVERS = ("builtin-ref", "builtin", "default", "tflite-micro")
PRODUCED = re.compile(r"^(input|tensor|output)_[0-9]+\.npy$")

# TensorType of strings, resources and variants: what numpy has no type for, and reading which may end the runtime.
OPAQUE_TYPES = (5, 13, 14)


class DumpError(Exception):
    """What is wrong, where, and what to do, on one line."""


# ---- the model file ------------------------------------------------------------------------------------------------


class Table:
    """A flatbuffers table: fields by id, as the .tflite schema numbers them."""

    def __init__(self, data, position):
        self.data = data
        self.position = position
        self.vtable = position - struct.unpack_from("<i", data, position)[0]
        self.vtable_bytes = struct.unpack_from("<H", data, self.vtable)[0]

    def field(self, number):
        """Position of field `number`, or None when it is absent."""
        entry = 4 + 2 * number
        if entry + 2 > self.vtable_bytes:
            return None
        offset = struct.unpack_from("<H", self.data, self.vtable + entry)[0]
        return self.position + offset if offset else None

    def vector(self, number):
        """(position of the first element, count) of a vector field."""
        at = self.field(number)
        if at is None:
            return 0, 0
        start = at + struct.unpack_from("<I", self.data, at)[0]
        return start + 4, struct.unpack_from("<I", self.data, start)[0]

    def tables(self, number):
        start, count = self.vector(number)
        for i in range(count):
            at = start + 4 * i
            yield Table(self.data, at + struct.unpack_from("<I", self.data, at)[0])

    def ints(self, number):
        start, count = self.vector(number)
        return list(struct.unpack_from(f"<{count}i", self.data, start)) if count else []


class ModelFile:
    """Of the main subgraph: its inputs, its outputs and what its operators produce, as tensor indices."""

    def __init__(self, path):
        self.path = path
        try:
            with open(path, "rb") as file:
                self.data = file.read()
        except OSError as error:
            raise DumpError(f"{path}: {error.strerror}") from error
        try:
            if self.data[4:8] != b"TFL3":
                raise ValueError
            root = Table(self.data, struct.unpack_from("<I", self.data, 0)[0])
            main = next(root.tables(2))
            self.inputs = main.ints(1)
            self.outputs = main.ints(2)
            opaque = set()
            for index, tensor in enumerate(main.tables(0)):
                at = tensor.field(1)
                if at is not None and self.data[at] in OPAQUE_TYPES:
                    opaque.add(index)
            self.produced = []
            for operator in main.tables(3):
                self.produced += [index for index in operator.ints(2) if index >= 0 and index not in opaque]
        except (ValueError, struct.error, StopIteration, IndexError) as error:
            raise DumpError(f"{path}: not a .tflite model, or a broken one; give a file that TFLite loads") from error

    def sha256(self):
        return "sha256:" + hashlib.sha256(self.data).hexdigest()


# ---- the runtimes --------------------------------------------------------------------------------------------------


class LiteRt:
    """ai-edge-litert's interpreter."""

    def __init__(self, model, resolver, preserve):
        try:
            from ai_edge_litert import interpreter as litert
        except ImportError as error:
            raise DumpError(f"resolver {resolver}: needs the package ai-edge-litert ({error}); "
                            "pip install ai-edge-litert numpy") from error
        kinds = {
            "builtin-ref": litert.OpResolverType.BUILTIN_REF,
            "builtin": litert.OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES,
            "default": litert.OpResolverType.AUTO,
        }
        try:
            self.interpreter = litert.Interpreter(
                model_content=model.data, num_threads=1, experimental_op_resolver_type=kinds[resolver],
                experimental_preserve_all_tensors=preserve)
            self.interpreter.allocate_tensors()
        except (ValueError, RuntimeError) as error:
            raise DumpError(f"{model.path}: LiteRT does not run it: {one_line(error)}") from error
        self.model = model
        self.inputs = [(tuple(int(d) for d in detail["shape"]), detail["dtype"], detail["index"])
                       for detail in self.interpreter.get_input_details()]

    @staticmethod
    def version():
        return "ai-edge-litert " + package_version("ai-edge-litert")

    def run(self, samples):
        for (_, _, index), sample in zip(self.inputs, samples):
            self.interpreter.set_tensor(index, sample)
        self.interpreter.invoke()

    def reset(self):
        self.interpreter.reset_all_variables()

    def outputs(self):
        return [self.interpreter.get_tensor(index) for index in self.model.outputs]

    def tensor(self, index):
        try:
            return self.interpreter.get_tensor(index)
        except ValueError:
            return None


class TfliteMicro:
    """The tflite-micro wheel's interpreter."""

    LARGEST_ARENA = 1 << 30

    def __init__(self, model, resolver, preserve):
        try:
            from tflite_micro.python.tflite_micro import runtime
        except ImportError as error:
            raise DumpError(f"resolver {resolver}: needs the package tflite-micro ({error}); "
                            "pip install tflite-micro numpy") from error
        config = (runtime.InterpreterConfig.kPreserveAllTensors if preserve
                  else runtime.InterpreterConfig.kAllocationRecording)
        arena = max(10 * len(model.data), 16 << 20)
        while True:
            try:
                self.interpreter = runtime.Interpreter.from_bytes(model.data, arena_size=arena, intrepreter_config=config)
                break
            except (RuntimeError, ValueError) as error:
                arena *= 4
                if arena > self.LARGEST_ARENA:
                    raise DumpError(f"{model.path}: TFLite Micro does not run it: {one_line(error)}") from error
        self.model = model
        self.inputs = []
        for i in range(len(model.inputs)):
            detail = self.interpreter.get_input_details(i)
            self.inputs.append((tuple(int(d) for d in detail["shape"]), detail["dtype"], i))

    @staticmethod
    def version():
        return "tflite-micro " + package_version("tflite-micro")

    def run(self, samples):
        for (_, _, position), sample in zip(self.inputs, samples):
            self.interpreter.set_input(sample, position)
        self.interpreter.invoke()

    def reset(self):
        self.interpreter.reset()

    def outputs(self):
        return [self.interpreter.get_output(i) for i in range(len(self.model.outputs))]

    def tensor(self, index):
        try:
            return self.interpreter.GetTensor(index, 0)["tensor_data"]
        except (RuntimeError, ValueError):
            return None


def package_version(name):
    import importlib.metadata
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return "(unknown version)"


def one_line(error):
    return " ".join(str(error).split())


# ---- samples -------------------------------------------------------------------------------------------------------


class Samples:
    """N inputs for each of the model's input tensors, in one of three forms: the tensor's shape (N is 1), one leading
    dimension more, or N in place of a batch of 1. What is written has the same form."""

    def __init__(self, arrays, shapes, in_place, count):
        self.arrays = arrays      # as given
        self.shapes = shapes      # of one sample
        self.in_place = in_place  # None: exactly one sample, without a dimension for it
        self.count = count

    def of(self, sample):
        return [array.reshape((self.count,) + shape)[sample] for array, shape in zip(self.arrays, self.shapes)]

    def file_shape(self, shape):
        if self.in_place is None:
            return shape
        if self.in_place and shape and shape[0] == 1:
            return (self.count,) + shape[1:]
        return (self.count,) + shape


def form_of(name, got, shape):
    """(count, in_place) of an array with shape `got` for a tensor of `shape`."""
    if got == shape:
        return 1, None
    if len(got) == len(shape) + 1 and got[1:] == shape:
        return got[0], False
    if len(got) == len(shape) and shape and shape[0] == 1 and got[1:] == shape[1:]:
        return got[0], True
    raise DumpError(f"{name}: shape {list(got)} does not fit the input tensor {list(shape)}: give that shape, one leading "
                    "dimension more, or N in place of a batch of 1")


def load_samples(paths, inputs):
    import numpy as np
    if len(paths) != len(inputs):
        raise DumpError(f"--input: the model has {len(inputs)} inputs, {len(paths)} files are given; "
                        "give one --input for each, in the model's order")
    arrays, forms = [], []
    for path, (shape, dtype, _) in zip(paths, inputs):
        try:
            array = np.load(path, mmap_mode="r", allow_pickle=False)
        except (OSError, ValueError) as error:
            raise DumpError(f"{path}: {one_line(error)}") from error
        if array.dtype != np.dtype(dtype):
            raise DumpError(f"{path}: holds {array.dtype}, the input tensor is {np.dtype(dtype)}; convert it")
        forms.append(form_of(path, array.shape, shape))
        arrays.append(array)
    if len(set(forms)) > 1:
        raise DumpError(f"--input: the files hold {', '.join(str(form[0]) for form in forms)} samples, or in different "
                        "forms; all must agree")
    count, in_place = forms[0]
    return Samples(arrays, [shape for shape, _, _ in inputs], in_place, count)


def random_samples(count, seed, inputs):
    """Uniform over the whole range of 8- and 16-bit types; -2 to 2 for reals; 0 to 99 for wider integers."""
    import numpy as np
    random = np.random.default_rng(seed)
    in_place = all(shape and shape[0] == 1 for shape, _, _ in inputs)
    arrays = []
    for shape, dtype, _ in inputs:
        dtype = np.dtype(dtype)
        full = (count,) + (shape[1:] if in_place else shape)
        if dtype.kind == "b":
            array = random.integers(0, 2, full).astype(dtype)
        elif dtype.kind in "iu" and dtype.itemsize <= 2:
            info = np.iinfo(dtype)
            array = random.integers(info.min, info.max + 1, full, dtype=dtype)
        elif dtype.kind in "iu":
            array = random.integers(0, 100, full).astype(dtype)
        else:
            array = random.uniform(-2, 2, full).astype(dtype)
        arrays.append(array)
    return Samples(arrays, [shape for shape, _, _ in inputs], in_place, count)


# ---- writing -------------------------------------------------------------------------------------------------------


class NpyFile:
    """An .npy file written sample by sample, so that it never has to fit in memory."""

    def __init__(self, path, first, samples):
        import numpy as np
        self.path = path
        self.shape = first.shape
        self.dtype = first.dtype
        self.file = open(path, "wb", buffering=1 << 18)
        np.lib.format.write_array_header_1_0(self.file, {
            "descr": np.lib.format.dtype_to_descr(first.dtype), "fortran_order": False,
            "shape": tuple(samples.file_shape(first.shape))})

    def write(self, array):
        if array.shape != self.shape or array.dtype != self.dtype:
            raise DumpError(f"{self.path}: the tensor changes its shape or type between samples, which a dump cannot hold")
        self.file.write(array.tobytes())

    def close(self):
        self.file.close()


class Dump:
    def __init__(self, folder, samples):
        self.folder = folder
        self.samples = samples
        self.files = {}
        os.makedirs(folder, exist_ok=True)
        for name in os.listdir(folder):  # of an earlier dump, perhaps of another model
            if PRODUCED.match(name) or name == "runtime.json":
                os.unlink(os.path.join(folder, name))

    def add(self, name, array):
        if name not in self.files:
            self.files[name] = NpyFile(os.path.join(self.folder, name + ".npy"), array, self.samples)
        self.files[name].write(array)

    def close(self):
        for file in self.files.values():
            file.close()


# ---- the program ---------------------------------------------------------------------------------------------------


def raise_file_limit(needed):
    import resource
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = needed + 64
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted if hard == resource.RLIM_INFINITY else min(wanted, hard), hard))


def dump(arguments):
    import numpy as np
    model = ModelFile(arguments.model)
    runtime = TfliteMicro if arguments.resolver == "tflite-micro" else LiteRt
    looked_at = runtime(model, arguments.resolver, True)
    plain = runtime(model, arguments.resolver, False)
    if arguments.input:
        samples = load_samples(arguments.input, looked_at.inputs)
    else:
        samples = random_samples(arguments.random, arguments.seed, looked_at.inputs)
    print(f"{runtime.version()}, resolver {arguments.resolver}, {platform.machine()}, numpy {np.__version__}, "
          f"{samples.count} samples")

    raise_file_limit(len(model.produced) + len(model.inputs) + len(model.outputs))
    result = Dump(arguments.output, samples)
    unreadable = set()
    unequal = 0
    for sample in range(samples.count):
        # asarray keeps a scalar a scalar, which ascontiguousarray does not.
        given = [np.asarray(array, order="C") for array in samples.of(sample)]
        if arguments.reset:
            looked_at.reset()
            plain.reset()
        try:
            looked_at.run(given)
            plain.run(given)
        except (RuntimeError, ValueError) as error:
            raise DumpError(f"{model.path}: sample {sample}: {one_line(error)}") from error
        outputs = looked_at.outputs()
        same = all(np.array_equal(a.view(np.uint8) if a.ndim else a, b.view(np.uint8) if b.ndim else b)
                   for a, b in zip(map(np.ascontiguousarray, outputs), map(np.ascontiguousarray, plain.outputs())))
        unequal += not same
        for i, array in enumerate(given):
            result.add(f"input_{i}", array)
        for i, array in enumerate(outputs):
            result.add(f"output_{i}", array)
        for index in model.produced:
            array = looked_at.tensor(index)
            if array is None:
                unreadable.add(index)
            else:
                result.add(f"tensor_{index}", array)
        if sys.stderr.isatty() and (sample % 64 == 63 or sample + 1 == samples.count):
            print(f"\r{sample + 1} of {samples.count}", end="" if sample + 1 < samples.count else "\n", file=sys.stderr)
    result.close()
    with open(os.path.join(arguments.output, "runtime.json"), "w", encoding="utf-8") as file:
        json.dump({"runtime": runtime.version(), "resolver": arguments.resolver, "machine": platform.machine(),
                   "model": model.sha256(), "samples": samples.count, "tensors": len(result.files),
                   "final_outputs_equal_plain_run": unequal == 0}, file, indent=1)
        file.write("\n")
    if unreadable:
        print(f"{PROGRAM}: warning: the runtime keeps no memory for the tensors {sorted(unreadable)}: left out",
              file=sys.stderr)
    if unequal:
        raise DumpError(f"{model.path}: the final outputs of {unequal} of {samples.count} samples differ from those of a run "
                        "without preserving all tensors: this dump does not show what the runtime computes")
    print(f"{len(model.produced) - len(unreadable)} tensors in {arguments.output}; "
          f"final outputs of {samples.count} of {samples.count} samples equal those of a plain run")


def positive(text):
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError("must be at least 1")
    return value


def main():
    parser = argparse.ArgumentParser(
        prog=PROGRAM, description="Runs a .tflite model in a real TFLite runtime and writes every intermediate tensor as .npy.",
        epilog="Resolvers: builtin-ref is LiteRT with its reference kernels; builtin its optimised kernels without a delegate; "
               "default what Python users get (the XNNPACK delegate); tflite-micro TFLite Micro. Earlier dumps in DIR are replaced.")
    parser.add_argument("model", metavar="MODEL", help="the .tflite file")
    parser.add_argument("--output", metavar="DIR", required=True, help="folder for the .npy files, made when missing")
    source = parser.add_mutually_exclusive_group()
    source.add_argument("--input", metavar="IN.npy", action="append",
                        help="samples; once for each of the model's inputs, in its order")
    source.add_argument("--random", metavar="N", type=positive, default=100, help="N random samples (default: 100)")
    parser.add_argument("--seed", type=int, default=1, help="seed of --random (default: 1)")
    parser.add_argument("--resolver", choices=RESOLVERS, default="builtin-ref", help="which kernels (default: builtin-ref)")
    parser.add_argument("--reset", action="store_true", help="reset variable tensors before every sample")
    arguments = parser.parse_args()
    try:
        dump(arguments)
    except DumpError as error:
        print(f"{PROGRAM}: {error}", file=sys.stderr)
        return 1
    except ImportError as error:
        print(f"{PROGRAM}: {error}; pip install numpy", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"{PROGRAM}: {error.filename or arguments.output}: {error.strerror}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
