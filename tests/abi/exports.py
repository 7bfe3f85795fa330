#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Each plugin exports one symbol, glimpse_op_plugin, as a data object.

    exports.py NM FILE...      at least one file
"""

import subprocess
import sys


def exported(nm, path):
    """Lines "TYPE NAME" of the symbols that `path` defines for others."""
    text = subprocess.run([nm, "--dynamic", "--defined-only", path], check=True, capture_output=True, text=True).stdout
    return [line.split(maxsplit=1)[1] for line in text.splitlines() if line.strip()]


def main():
    nm, paths = sys.argv[1], sys.argv[2:]
    if not paths:
        sys.exit("no plugin is named, so nothing is tested")
    failed = False
    for path in paths:
        found = exported(nm, path)
        # D: initialised data; R: read-only data.
        if len(found) != 1 or found[0] not in ("D glimpse_op_plugin", "R glimpse_op_plugin"):
            print(f"{path}: exports {', '.join(found) or 'nothing'}; one data symbol is allowed, glimpse_op_plugin")
            failed = True
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
