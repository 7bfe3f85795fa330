#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Dependencies point one way: reads every #include and fails on one that the layer table does not allow.

    include_direction.py [ROOT]

The table is docs/architecture.md's, as data. An include that is neither a file of the tree, nor a header of the standard
library or the system, nor listed in THIRD_PARTY is a problem too: a new dependency is a decision, and it is written down here.
"""

import pathlib
import posixpath
import re
import sys

import tree

# Layer -> folder prefixes that its files may include besides their own layer. The longest matching prefix names the layer.
# kernels/quant, the arithmetic of scales, may be used by all but base and the C header.
QUANT = "kernels/quant"
ABI = "plugins/abi"
LAYERS = {
    "base": [],
    "kernels/quant": [],
    "kernels": [QUANT],
    "plugins/abi": [],
    "plugins/sdk": [ABI, QUANT],
    "plugins/ops": ["plugins/sdk", ABI, "kernels"],
    "plugins/reference": ["plugins/ops", "plugins/sdk", ABI, "kernels"],
    "plugins/arm": ["plugins/ops", "plugins/sdk", ABI, "kernels"],
    "plugins/x86": ["plugins/ops", "plugins/sdk", ABI, "kernels"],
    "plugins/detection": ["plugins/ops", "plugins/sdk", ABI, "kernels"],
    "plugins/example": ["plugins/sdk", ABI],
    "config": ["base", QUANT],
    "media": ["base", "config", QUANT],
    "engine/schema": [],
    "engine/model": ["base", "engine/schema", ABI, QUANT],
    "engine/plugin": ["base", ABI, QUANT],
    "engine/run": ["base", "engine/model", "engine/plugin", ABI, QUANT],
    "classifier": ["base", "engine/model", "media", "config", ABI, QUANT],
    "opcheck": ["base", "engine/model", "engine/plugin", ABI],
    "golden": ["base", "engine/model", "engine/plugin", "engine/run", ABI, QUANT],
    "wire": ["base", "engine/model", ABI, QUANT],
    "daemon": ["wire", "base", "engine/model", "engine/plugin", "engine/run", "media", "config", "classifier", "golden", ABI, QUANT],
    "cli": ["wire", "base", "engine/model", "engine/plugin", "engine/run", "media", "config", "classifier", "golden", ABI, QUANT],
}
# Folders outside the layers: tests and benchmarks may include all, and nothing includes them.
UNLAYERED = ("tests", "bench", "docs")

# Folders that are on an include path beside the root, as CMake sets them.
INCLUDE_ROOTS = ["", "plugins/abi", "plugins/sdk"]

# Third-party headers by prefix, and the folders that may use them.
THIRD_PARTY = {
    "boost/": ["daemon", "cli/client"],
    "yaml-cpp/": ["config"],
    "flatbuffers/": ["engine/model"],
    "libcamera/": ["media"],
    "nlohmann/": ["daemon", "cli", "golden", "opcheck"],
    "CLI/": ["cli", "opcheck"],
    "nettle/": ["base", "wire"],
    "turbojpeg.h": ["media"],
    "png.h": ["media"],
    "zlib.h": ["media"],
    "unzip.h": ["engine/model"],
    "gtest/": [],
    "gmock/": [],
}
# Headers that are generated at build time, and who may use them.
GENERATED = {r"^(engine/.*/)?[a-z_]+_generated\.h$": ["engine/model"]}

# Loading shared objects is the plugin host's job, that of the camera module's loader, and of the opener of system libraries.
SYSTEM_CONFINED = {"dlfcn.h": ["engine/plugin", "media", "base"]}

# Layers that may include nothing but the C++ standard library, and its C headers.
STD_ONLY = ("kernels", "kernels/quant")
# The C header is for every language: nothing but these.
C_TYPES = {"stddef.h", "stdint.h"}
# Headers of instruction sets, which kernels may use.
INTRINSICS = {"immintrin.h", "arm_neon.h", "arm_acle.h"}

_INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')
_SOURCE = {".h", ".hh", ".hpp", ".c", ".cc", ".cpp", ".inl", ".def", ".inc"}
_CXX_STD = re.compile(r"^[a-z_0-9]+$")  # <vector>: no dot, no slash
_SYSTEM = re.compile(r"^(sys|linux|netinet|arpa|asm|bits)/[a-z0-9_\-/]+\.h$")
_POSIX = {
    "aio.h", "assert.h", "ctype.h", "dirent.h", "dlfcn.h", "elf.h", "errno.h", "fcntl.h", "fenv.h", "float.h", "fnmatch.h",
    "getopt.h", "glob.h", "grp.h", "inttypes.h", "libgen.h", "limits.h", "link.h", "locale.h", "math.h", "malloc.h", "poll.h",
    "pthread.h", "pwd.h", "regex.h", "sched.h", "semaphore.h", "signal.h", "spawn.h", "stdarg.h", "stdbool.h", "stddef.h",
    "stdint.h", "stdio.h", "stdlib.h", "string.h", "strings.h", "syslog.h", "termios.h", "time.h", "unistd.h", "utime.h",
    "wchar.h", "cpuid.h", "setjmp.h",
}


def layer_of(path):
    """The layer that a path belongs to, or None for folders outside the layers."""
    text = str(path)
    best = None
    for name in LAYERS:
        if text.startswith(name + "/") and (best is None or len(name) > len(best)):
            best = name
    return best


def resolve(including, target, tree_files):
    """The file of the tree that `target` names, or None."""
    for folder in [str(including.parent)] + INCLUDE_ROOTS:
        path = pathlib.PurePosixPath(posixpath.normpath(posixpath.join(folder, target)))
        if path in tree_files:
            return path
    return None


def within(path, folders):
    return any(str(path).startswith(folder + "/") for folder in folders)


def judge(path, target, resolved):
    """Why the file `path` may not include `target` (a file of the tree when `resolved`), or None."""
    if path.parts[0] in UNLAYERED:
        return None
    layer = layer_of(path)
    if layer is None:
        return "lies in no layer: name its folder in tests/tree/include_direction.py and docs/architecture.md"
    if resolved is not None:
        other = layer_of(resolved)
        if resolved.parts[0] in UNLAYERED:
            return f"nothing includes {resolved.parts[0]}/"
        if other == layer or other in LAYERS[layer]:
            return None
        if "kernels" in LAYERS[layer] and other == QUANT:
            return None
        return f"{layer} may not include {other}"
    if layer == ABI:
        return None if target in C_TYPES else "the C header includes <stddef.h> and <stdint.h> only"
    if layer in STD_ONLY and target in INTRINSICS:
        return None
    if _CXX_STD.match(target):
        return None
    for table in (THIRD_PARTY, SYSTEM_CONFINED):
        for prefix, folders in table.items():
            if target == prefix or (prefix.endswith("/") and target.startswith(prefix)):
                return None if within(path, folders) else f"{prefix} is confined to {', '.join(folders) or 'tests'}"
    for pattern, folders in GENERATED.items():
        if re.match(pattern, target):
            return None if within(path, folders) else f"generated headers are confined to {', '.join(folders)}"
    if target in _POSIX or _SYSTEM.match(target):
        return f"{layer} may include the standard library only" if layer in STD_ONLY else None
    return "a header that is neither in the tree nor known: add the dependency to tests/tree/include_direction.py"


def problems(root):
    """One line for each include that breaks the table."""
    tree_files = set(tree.files(root))
    found = []
    for path in sorted(tree_files):
        if path.suffix not in _SOURCE and not path.name.endswith(".h.in"):
            continue
        for number, line in tree.lines(root, path):
            match = _INCLUDE.match(line)
            if not match:
                continue
            target = match.group(2)
            reason = judge(path, target, resolve(path, target, tree_files))
            if reason:
                found.append(f"{path}:{number}: includes {target}: {reason}")
    return found


if __name__ == "__main__":
    here = pathlib.Path(__file__).resolve().parent.parent.parent
    sys.exit(tree.report(problems(sys.argv[1] if len(sys.argv) > 1 else here)))
