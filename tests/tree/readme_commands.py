#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The commands that README.md tells a newcomer to type do work.

    readme_commands.py ROOT BIN      BIN: the folder of the built programs

Runs every line of the README's ```sh blocks, in order, in one shell in ROOT with BIN first in PATH. The line that sets PATH for
the reader is left out, since it names another build.
"""

import os
import pathlib
import re
import subprocess
import sys


def commands(readme):
    """The lines of all sh blocks."""
    blocks = re.findall(r"^```sh\n(.*?)^```", readme, re.DOTALL | re.MULTILINE)
    lines = [line for block in blocks for line in block.splitlines()]
    return [line for line in lines if line.strip() and not line.startswith("export PATH=")]


def main():
    root, programs = pathlib.Path(sys.argv[1]), sys.argv[2]
    lines = commands((root / "README.md").read_text(encoding="utf-8"))
    if not lines:
        sys.exit("README.md: no commands in sh blocks, so this test tests nothing")
    environment = dict(os.environ, PATH=programs + os.pathsep + os.environ["PATH"])
    failed = 0
    for line in lines:
        done = subprocess.run(["bash", "-euo", "pipefail", "-c", line], cwd=root, env=environment, stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, check=False)
        good = done.returncode == 0 and done.stdout.strip()
        print(f"{'ok  ' if good else 'FAIL'} {line}")
        if not good:
            failed += 1
            print(f"     exit {done.returncode}, {len(done.stdout)} bytes on stdout\n{done.stderr}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
