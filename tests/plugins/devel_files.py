#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The development files as authors of plugins get them.

    devel_files.py install CMAKE BUILD FOLDER PREFIX LIBDIR     installs the component `devel` with DESTDIR=FOLDER and looks at it
    devel_files.py pkg-config CXX NM PCDIR EXAMPLE FOLDER       builds the example with one compiler call into FOLDER
"""

import os
import pathlib
import shutil
import subprocess
import sys


def install(cmake, build, folder, prefix, libdir):
    shutil.rmtree(folder, ignore_errors=True)
    subprocess.run([cmake, "--install", build, "--component", "devel"], check=True, stdout=subprocess.DEVNULL,
                   env={**os.environ, "DESTDIR": folder})
    root = pathlib.Path(folder + prefix)
    wanted = ["include/glimpse/op_abi.h", "include/glimpse/op_options.h", "include/glimpse/cpu_features.h", "include/glimpse/sdk.h",
              "include/glimpse/sdk/kernel.h", f"{libdir}/cmake/glimpse/glimpse-config.cmake",
              f"{libdir}/cmake/glimpse/glimpse-config-version.cmake", f"{libdir}/cmake/glimpse/op_plugin.map",
              f"{libdir}/pkgconfig/glimpse.pc"]
    problems = [f"{name} is not installed" for name in wanted if not (root / name).is_file()]
    for path in root.rglob("*"):
        # A path of the build, or the prefix itself, would tie the files to this machine.
        text = path.read_text(encoding="utf-8", errors="replace") if path.suffix in (".cmake", ".pc", ".h", ".map") else ""
        problems += [f"{path} names {place}" for place in (build, f'"{prefix}') if place in text]
    return problems


def pkg_config(cxx, nm, pc_folder, example, folder):
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    plugin = f"{folder}/libglimpse-ops-example.so"

    def ask(*what):
        return subprocess.run(["pkg-config", *what, "glimpse"], check=True, capture_output=True, text=True,
                              env={**os.environ, "PKG_CONFIG_PATH": pc_folder}).stdout.split()

    sources = sorted(str(path) for path in pathlib.Path(example).glob("*.cc"))
    subprocess.run([*cxx.split(), "-std=c++20", "-O2", "-Wall", "-Wextra", "-Werror", *ask("--cflags"), *sources, *ask("--libs"),
                    "-o", plugin], check=True)
    exported = subprocess.run([nm, "--dynamic", "--defined-only", plugin], check=True, capture_output=True, text=True).stdout
    names = [line.split()[-1] for line in exported.splitlines()]
    return [] if names == ["glimpse_op_plugin"] else [f"{plugin} exports {names}, not glimpse_op_plugin alone"]


if __name__ == "__main__":
    found = {"install": install, "pkg-config": pkg_config}[sys.argv[1]](*sys.argv[2:])
    print("\n".join(found))
    sys.exit(1 if found else 0)
