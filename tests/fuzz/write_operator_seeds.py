#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes small models of one operator each, for the fuzzers to start from: two of every form in tests/differential/cases.

    tests/fuzz/write_operator_seeds.py FOLDER

Run it with a Python that has ai-edge-litert, whose schema classes write the files.
"""

import pathlib
import sys
import zlib

import numpy as np

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "differential"))
import cases  # noqa: E402  (needs the path above)
from single_op import build  # noqa: E402

LARGEST = 16384  # bytes: a fuzzer learns little from more


def main():
    if len(sys.argv) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    folder, written = pathlib.Path(sys.argv[1]), 0
    for make in cases.all_operators():
        name = make.__name__
        models = (build(make(np.random.default_rng([zlib.crc32(name.encode()), number]))) for number in range(8))
        for number, model in enumerate(sorted((m for m in models if len(m) <= LARGEST), key=len)[:2]):
            (folder / f"{name}_{number}.tflite").write_bytes(model)
            written += 1
    print(f"{written} models")
    return 0


if __name__ == "__main__":
    sys.exit(main())
