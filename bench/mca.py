#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Estimated cycles of the inner loops of the arm64 kernels, as llvm-mca models three processors.

    bench/mca.py [--mca PROGRAM] [--objdump PROGRAM] [--json] [--least] [--model MODEL --glimpse PROGRAM] [PLUGIN.so ...]

The loops are cut out of the shared object itself, by symbol: what is judged is what ships, not a copy of its source. Without
arguments the plugins of build/arm64 are read. A loop is everything between a conditional branch backwards and its target, with no
other loop inside; of a function's loops the one with the most multiplications counts, or else the longest. Multiply-accumulates are
counted from the instructions: eight for smull and smlal on bytes, four on 16 bits, sixteen for sdot.

llvm-mca has no memory: caches, and the width of what is fetched, are not part of it. It models Cortex-A72 as A57. For Cortex-A76 it
has nothing of its own either, so the figures are those of Neoverse N1, the same core for servers.

With --least the exit status is 1 when a loop is below what its instructions allow: 8 multiply-accumulates a cycle for
smull/smlal/sadalp on the A72, 32 for sdot on the A76, with 5 % for the ends of the loop.

With --model the loops are added up over the convolutions and dense layers of a network: what its multiplications take, written out
and, with the plugin neon, by Winograd where that is less. Scaling the sums, pooling and memory are not in it. `glimpse`, of any
architecture, reads the model.
"""

import argparse
import json
import pathlib
import re
import shutil
import subprocess
import sys

# What is printed, and what llvm-mca calls it.
PROCESSORS = {"cortex-a53": "cortex-a53", "cortex-a72": "cortex-a72", "cortex-a76": "neoverse-n1"}

WINOGRAD = "WinogradTransforms<glimpse::kernels::(anonymous namespace)::Neon>::"
# Inner kernels: plugin, what it is, the symbol's end, how many multiply-accumulates a cycle it has to reach and where, what it stands
# for in a network (--model). The widest form of each: the others end rows and panels.
KERNELS = [
    ("neon", "conv2d, 4 pixels x 16 channels", "SumNeon<4, 4, false>", ("cortex-a72", 8.0), "conv2d"),
    ("neon", "conv2d, 8 pixels x 8 channels", "SumNeon<2, 8, false>", ("cortex-a72", 8.0), None),
    ("neon", "dense, 1 row x 16 channels", "SumNeon<4, 1, false>", None, "dense"),
    ("neon", "conv2d, weights of -128", "SumNeon<4, 4, true>", None, None),
    ("neon", "winograd, 4 tiles x 16 channels", "MultiplyTiles<4>", ("cortex-a72", 4.0), "products"),
    ("neon", "winograd, a tile's inputs, 8 channels", WINOGRAD + "Input<4, 4>", None, "inputs"),
    ("neon", "winograd, a tile's 4 channels back", WINOGRAD + "Back<4, 4, false, false>", None, "back"),
    ("neon", "depthwise, 2 taps x 16 lanes", "SumRow<false, (glimpse::kernels::ScaleForm)0>", None, None),
    ("dotprod", "conv2d, 4 pixels x 16 channels", "SumDotprod<4, 4>", ("cortex-a76", 32.0), "conv2d"),
    ("dotprod", "conv2d, 8 pixels x 8 channels", "SumDotprod<2, 8>", ("cortex-a76", 32.0), None),
    ("dotprod", "dense, 1 row x 16 channels", "SumDotprod<4, 1>", None, "dense"),
]
TOLERANCE = 0.95

_FUNCTION = re.compile(r"^[0-9a-f]+ <(.*)>:$")
_INSTRUCTION = re.compile(r"^\s*([0-9a-f]+):\s+(\S+)\s*(.*?)(?:\s+//.*)?$")
_TARGET = re.compile(r"(?:^|, )([0-9a-f]+) <.*$")


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("plugins", nargs="*", type=pathlib.Path, metavar="PLUGIN.so")
    # Models differ from release to release; the plain name is often an old one.
    names = [*(f"llvm-mca-{release}" for release in range(30, 13, -1)), "llvm-mca"]
    parser.add_argument("--mca", default=next(filter(shutil.which, names), "llvm-mca"), help="default: the newest that is installed")
    parser.add_argument("--objdump", default="aarch64-linux-gnu-objdump", help="default aarch64-linux-gnu-objdump")
    parser.add_argument("--model", help="a network to add up")
    parser.add_argument("--glimpse", default="glimpse", help="the program that reads the model")
    parser.add_argument("--json", action="store_true", help="one line of JSON for each loop")
    parser.add_argument("--least", action="store_true", help="fail when a loop is slower than it has to be")
    return parser.parse_args()


def output_of(command, text=None):
    """What a program prints; the end of ours, with its message, when it is missing or fails."""
    try:
        done = subprocess.run(command, input=text, capture_output=True, text=True, check=False)
    except OSError as error:
        sys.exit(f"{command[0]}: {error.strerror}; llvm-mca is in Debian's package llvm, objdump in binutils-aarch64-linux-gnu")
    if done.returncode:
        sys.exit(f"{command[0]}: {done.stderr.strip()}")
    return done.stdout


def functions_of(objdump, library):
    """Demangled name -> [(address, mnemonic, operands)]."""
    functions = {}
    body = []
    for line in output_of([objdump, "-d", "-C", "--no-show-raw-insn", library]).splitlines():
        if match := _FUNCTION.match(line):
            body = functions.setdefault(match[1], [])
        elif match := _INSTRUCTION.match(line):
            body.append((int(match[1], 16), match[2], match[3]))
    return functions


def macs_of(mnemonic, operands):
    if mnemonic in ("smull", "smull2", "smlal", "smlal2"):
        # "v27.8h, v2.8b, v8.8b": products of bytes; "v1.4s, v2.4h, v3.h[0]": of 16 bits.
        return 8 if operands.split(",")[0].endswith(".8h") else 4
    return 16 if mnemonic == "sdot" else 0


def innermost_loops(body):
    loops = []
    for position, (address, mnemonic, operands) in enumerate(body):
        if not (mnemonic.startswith("b.") or mnemonic in ("cbz", "cbnz", "tbz", "tbnz")):
            continue
        match = _TARGET.search(operands)
        if not match or int(match[1], 16) >= address:
            continue
        start = next((i for i, line in enumerate(body) if line[0] == int(match[1], 16)), None)
        if start is not None:
            loops.append((start, position))
    return [body[start : end + 1] for start, end in loops
            if not any((start, end) != other and start <= other[0] and other[1] <= end for other in loops)]


def hottest_loop(body):
    return max(innermost_loops(body), key=lambda loop: (sum(macs_of(*line[1:]) for line in loop), len(loop)), default=[])


def cycles_of(mca, processor, loop):
    """Cycles of one turn of the loop."""
    # The name behind an address is objdump's; where a branch goes to is of no interest.
    source = "\n".join(f"{mnemonic} {_TARGET.sub(lambda m: m[0].split(m[1])[0] + '.', operands)}" for _, mnemonic, operands in loop)
    turns = 200
    said = output_of([mca, "-mtriple=aarch64-linux-gnu", f"-mcpu={processor}", "-mattr=+dotprod", f"-iterations={turns}"], source)
    return int(re.search(r"^Total Cycles:\s+(\d+)$", said, re.MULTILINE)[1]) / turns


def find(functions, symbol):
    for name, body in functions.items():
        if f"::{symbol}(" in name:
            return body
    return None


def judge(arguments, library):
    functions = functions_of(arguments.objdump, library)
    for plugin, what, symbol, least, role in KERNELS:
        if library.name != f"libglimpse-ops-{plugin}.so":
            continue
        body = find(functions, symbol)
        if body is None:
            sys.exit(f"{library}: no function {symbol}: was it stripped? give the library of a build tree")
        loop = hottest_loop(body)
        macs = sum(macs_of(*line[1:]) for line in loop)
        if not loop:
            sys.exit(f"{library}: {symbol} has no loop")
        result = {"plugin": plugin, "kernel": what, "symbol": symbol, "role": role, "instructions": len(loop), "macs": macs,
                  # What a compiler keeps in memory for want of registers.
                  "spills": sum("[sp" in line[2] for line in loop), "cycles": {}, "below": False}
        for name, model in PROCESSORS.items():
            if plugin == "dotprod" and name != "cortex-a76":
                continue  # those have no sdot
            result["cycles"][name] = cycles_of(arguments.mca, model, loop)
        if least:
            result["below"] = macs / result["cycles"][least[0]] < least[1] * TOLERANCE
        yield result


def layers_of(glimpse, model):
    """Name, outputs (pixels, channels) and filter (height, width, depth) of each convolution and dense layer."""
    report = json.loads(output_of([glimpse, "inspect", model, "--json"]))
    shapes = {tensor["index"]: tensor["shape"] for tensor in report["tensors"]}
    for operator in report["operators"]:
        if operator["name"] not in ("CONV_2D", "FULLY_CONNECTED"):
            continue
        given, weights, result = (shapes[i] for i in (*operator["inputs"][:2], operator["outputs"][0]))
        dense = operator["name"] == "FULLY_CONNECTED"
        size = (1, 1, weights[1]) if dense else tuple(weights[1:])
        # 3x3 with a stride of 1: the output is the input's size, or two less.
        plain = not dense and size[:2] == (3, 3) and all(given[i] - result[i] in (0, 2) and given[i] > 3 for i in (1, 2))
        yield operator["name"], result, size, plain


def estimate(results, layers, plugin, processor):
    """Cycles of each layer, (written out, the least)."""
    # Of a multiplication where the loop multiplies, else of a turn.
    cycles = {result["role"]: result["cycles"][processor] / (result["macs"] or 1)
              for result in results if result["plugin"] == plugin and processor in result["cycles"]}
    granule = 4 if plugin == "dotprod" else 2
    for name, result, (height, width, depth), plain in layers:
        pixels = 1
        for dimension in result[:-1]:
            pixels *= dimension
        outputs = -(-result[-1] // 4) * 4
        out = pixels * -(-height * width * depth // granule) * granule * outputs * cycles["conv2d" if pixels > 1 else "dense"]
        least = out
        if plain and depth % 8 == 0 and "products" in cycles:
            tiles = -(-result[1] // 4) * -(-result[2] // 4)
            panels = -(-outputs // 16) * 16
            tile = 36 * depth * panels * cycles["products"] + depth / 8 * cycles["inputs"] + outputs / 4 * cycles["back"]
            least = min(out, tiles * tile) if tiles >= 4 else out
        yield name, out, least


def add_up(arguments, results):
    layers = list(layers_of(arguments.glimpse, arguments.model))
    for plugin, processor in (("neon", "cortex-a72"), ("dotprod", "cortex-a76")):
        if not any(result["plugin"] == plugin for result in results):
            continue
        all_out = all_least = 0
        print(f"{arguments.model}, {plugin} on {processor}:")
        for name, out, least in estimate(results, layers, plugin, processor):
            all_out, all_least = all_out + out, all_least + least
            print(f"  {name:16} {out:10.0f} cycles" + (f", by Winograd {least:10.0f}" if least < out else ""))
        print(f"  {'all':16} {all_out:10.0f} cycles" + (f", with Winograd {all_least:8.0f}" if all_least < all_out else ""))


def main():
    arguments = parse_arguments()
    libraries = arguments.plugins
    if not libraries:
        folder = pathlib.Path(__file__).parent.parent / "build/arm64/lib/glimpsed/kernels"
        libraries = [path for name in dict.fromkeys(kernel[0] for kernel in KERNELS)
                     if (path := folder / f"libglimpse-ops-{name}.so").exists()]
        if not libraries:
            sys.exit(f"no plugins in {folder}: build the preset arm64 first, or name the files")
    below = False
    results = []
    for library in libraries:
        for result in judge(arguments, library):
            results.append(result)
            below |= result["below"]
            if arguments.json:
                print(json.dumps(result))
                continue
            rate = (lambda cycles: f" {result['macs'] / cycles:5.1f} MAC/cycle") if result["macs"] else (lambda cycles: " " * 16)
            cells = [f"{name[7:]} {cycles:7.1f} cycles{rate(cycles)}" for name, cycles in result["cycles"].items()]
            print(f"{result['plugin']:8} {result['kernel']:34} {result['instructions']:4} instructions {result['macs']:5} MAC  "
                  + "  ".join(cells) + (f"  {result['spills']} spills" if result["spills"] else "")
                  + ("  BELOW WHAT IT HAS TO REACH" if result["below"] else ""))
    if arguments.model:
        add_up(arguments, results)
    return 1 if arguments.least and below else 0


if __name__ == "__main__":
    sys.exit(main())
