#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A plugin built against the headers of an earlier version, held against the rules: loaded and sound, or refused by name.

    frozen_test.py HEADERS FROZEN                       the present version is frozen, as it is
    frozen_test.py HEADERS VERSION GLIMPSE_OP_CHECK PLUGIN REFERENCE
"""

import filecmp
import json
import pathlib
import re
import subprocess
import sys


def version_of(header):
    text = header.read_text(encoding="utf-8")
    return tuple(int(re.search(rf"#define GLIMPSE_ABI_{word} (\d+)u", text).group(1)) for word in ("MAJOR", "MINOR"))


def present_is_frozen(headers, frozen):
    folder = frozen / ("%d.%d" % version_of(headers / "op_abi.h")) / "glimpse"
    if not folder.is_dir():
        return [f"{folder} is missing: tests/abi/frozen/README.md says how it is made"]
    names = sorted(path.name for path in headers.glob("*.h"))
    _, differing, missing = filecmp.cmpfiles(headers, folder, names, shallow=False)
    return [f"{folder / name} is not {headers / name}: a change of the ABI needs a new version" for name in differing + missing]


def old_plugin(headers, version, program, plugin, reference):
    now = version_of(headers / "op_abi.h")
    old = tuple(map(int, version.split(".")))
    loads = old[0] == now[0] and old[1] <= now[1]
    done = subprocess.run([program, plugin, "--against", reference, "--json"], capture_output=True, text=True, timeout=300, check=False)
    report = json.loads(done.stdout)
    if not loads:
        told = f"speaks plugin ABI {version}, this program speaks {now[0]}.{now[1]}"
        return [] if done.returncode == 7 and told in done.stderr else [f"not refused by name: {done.stderr}"]
    passed = {(line["kernel"], line["check"]) for line in report["checks"] if line["result"] == "passed"}
    wanted = {(kernel, check) for kernel in ("test.old.not", "test.old.neg") for check in ("bounds", "alias", "exact", "callbacks")}
    return [] if done.returncode == 0 and wanted <= passed else [f"{version}: {done.stdout} {done.stderr}"]


if __name__ == "__main__":
    header_folder = pathlib.Path(sys.argv[1])
    if len(sys.argv) == 3:
        found = present_is_frozen(header_folder, pathlib.Path(sys.argv[2]))
    else:
        found = old_plugin(header_folder, *sys.argv[2:])
    print("\n".join(found))
    sys.exit(1 if found else 0)
