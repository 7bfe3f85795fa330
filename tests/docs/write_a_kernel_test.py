#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""docs/write-a-kernel.md as a stranger follows it: files and commands out of its blocks, in an empty folder, with nothing of
glimpsed but its programs, plugins and installed development files.

    write_a_kernel_test.py DOC FOLDER BIN PREFIX LIBDIR PLUGINS MODEL_MAKER CXX
    write_a_kernel_test.py --extract DOC FOLDER     only writes what is needed elsewhere into FOLDER: the files, the commands
                                                    as commands.sh, and expected, patterns (of grep -E) that they print
"""

import json
import os
import pathlib
import platform
import re
import shutil
import subprocess
import sys

SKIPPED = 77

EXPECTED = (r"^ok [0-9]+ - com\.example\.mine\.depthwise_conv_2d exact \([0-9]{2,} nodes\)", r"plugin mine 1\.0",
            r"DEPTHWISE_CONV_2D.*com\.example\.mine\.depthwise_conv_2d")


def blocks(text):
    """(language, file or "", content) of each fenced block."""
    return re.findall(r"^```(\w+)(?: (\S+))?\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def extract(document, folder):
    """Writes the document's files into the folder; returns its commands."""
    for _, name, content in blocks(document):
        if name:
            with open(folder / name, "a", encoding="utf-8") as stream:
                stream.write(content)
    return "\n".join(content for language, name, content in blocks(document) if language == "sh" and not name)


def prepare(plugins, libdir, prefix):
    # As the package glimpsed would have put them there.
    installed = pathlib.Path(prefix, libdir, "glimpsed/kernels")
    installed.mkdir(parents=True, exist_ok=True)
    installed.chmod(0o755)
    for name in ("reference", "avx2", "neon"):
        built = pathlib.Path(plugins, f"libglimpse-ops-{name}.so")
        if built.exists():
            shutil.copy(built, installed)
            (installed / built.name).chmod(0o644)


def depthwise_time(folder, environment, kernels):
    """Fewest microseconds that the model spends in its depthwise convolutions."""
    environment = {**environment, "GLIMPSE_PLUGIN_PATH": f"{folder}/build:{environment['PLUGINS']}"}
    done = subprocess.run(["glimpse", "bench", "model.tflite", "--json", "--per-op", "--seconds", "0.5", "--kernels", kernels], cwd=folder,
                          env=environment, capture_output=True, text=True, check=True)
    return sum(op["min_us"] for op in json.loads(done.stdout)["operators"] if op["name"] == "DEPTHWISE_CONV_2D")


def extract_only(document, folder):
    """What the option --extract does."""
    folder.mkdir(parents=True)
    (folder / "commands.sh").write_text("set -eu -o pipefail\n" + extract(document, folder), encoding="utf-8")
    (folder / "expected").write_text("\n".join(EXPECTED) + "\n", encoding="utf-8")


def main():
    if sys.argv[1] == "--extract":
        _, _, doc, folder = sys.argv
        extract_only(pathlib.Path(doc).read_text(encoding="utf-8"), pathlib.Path(folder))
        return 0
    doc, folder, programs, prefix, libdir, plugins, model_maker, cxx = sys.argv[1:]
    if platform.machine() == "x86_64" and " avx2 " not in pathlib.Path("/proc/cpuinfo").read_text(encoding="utf-8"):
        print("skipped: what the document compiles for AVX2 does not run on this processor")
        return SKIPPED
    document = pathlib.Path(doc).read_text(encoding="utf-8")
    folder = pathlib.Path(folder)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    commands = extract(document, folder)
    subprocess.run([model_maker, str(folder / "model.tflite")], check=True)
    prepare(plugins, libdir, prefix)
    environment = {**os.environ, "PATH": f"{programs}:{os.environ['PATH']}", "CMAKE_PREFIX_PATH": prefix, "CXX": cxx, "CXXFLAGS": "-Werror",
                   "PKG_CONFIG_PATH": f"{prefix}/{libdir}/pkgconfig", "PLUGINS": plugins}
    for name in ("GLIMPSE_PLUGIN_PATH", "GLIMPSE_CPU_MASK"):
        environment.pop(name, None)
    done = subprocess.run(["bash", "-eu", "-o", "pipefail", "-c", commands], cwd=folder, env=environment, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=500, check=False)
    print(done.stdout)
    if done.returncode != 0:
        return f"the document's commands end with status {done.returncode}"
    found = [f"no line like {expected}" for expected in EXPECTED if not re.search(expected, done.stdout, re.MULTILINE)]
    # Told, not judged: a machine that is busy measures anything.
    mine, reference = (depthwise_time(folder, environment, kernels)
                       for kernels in ("reference,DEPTHWISE_CONV_2D=mine", "reference"))
    print(f"DEPTHWISE_CONV_2D: {mine:.0f} us, the reference {reference:.0f} us, ratio {reference / mine:.1f}")
    return "\n".join(found)


if __name__ == "__main__":
    result = main()
    if isinstance(result, str) and result:
        print(result)
    sys.exit(result if isinstance(result, int) else 1 if result else 0)
