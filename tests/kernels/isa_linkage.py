#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Objects compiled for an instruction set define nothing that the linker might prefer to another file's copy.

    isa_linkage.py NM LIBRARY...

Of an inline function or a template that several files compile, the linker keeps one. Were it the one with AVX instructions, it
would run on every CPU. So these libraries may define no weak or unique symbol.
"""

import subprocess
import sys

SHARED = {"W", "V", "u"}


def shared_symbols(nm, library):
    done = subprocess.run([nm, "--defined-only", "--demangle", library], capture_output=True, text=True, check=True)
    for line in done.stdout.splitlines():
        parts = line.split(maxsplit=2)
        # The name that exception tables give to the personality of C++ is data of every compiler's own making.
        if len(parts) == 3 and parts[1] in SHARED and not parts[2].startswith("DW.ref."):
            yield parts[2]


def main():
    nm, *libraries = sys.argv[1:]
    found = [f"{library}: defines {symbol}" for library in libraries for symbol in shared_symbols(nm, library)]
    print("\n".join(found) or f"{len(libraries)} libraries define nothing that is shared")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
