#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes the .onnx files that compare.py gives to ONNX Runtime.

    bench/to_onnx.py --output DIR MODEL.tflite...

Run by a Python with tf2onnx, which needs TensorFlow (pip install onnxruntime onnx tf2onnx tensorflow-cpu). Quantized tensors become
pairs of QuantizeLinear and DequantizeLinear, which ONNX Runtime fuses into integer kernels where it has them: the time is that of
the same network, the values differ from TFLite's by a step here and there. A file that is there already is kept.
"""

import argparse
import os
import pathlib
import sys


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", nargs="+", type=pathlib.Path, metavar="MODEL")
    parser.add_argument("--output", type=pathlib.Path, required=True, metavar="DIR", help="folder for NAME.onnx, made when missing")
    parser.add_argument("--opset", type=int, default=17, help="version of the ONNX operators (default 17)")
    return parser.parse_args()


def main():
    arguments = parse_arguments()
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    try:
        import tf2onnx.convert
    except ImportError as error:
        sys.exit(f"to_onnx.py: {error}: run it by a Python with tf2onnx and tensorflow")
    arguments.output.mkdir(parents=True, exist_ok=True)
    failed = 0
    for model in arguments.models:
        target = arguments.output / f"{model.stem}.onnx"
        if target.exists():
            continue
        unfinished = target.with_suffix(".part")
        try:
            tf2onnx.convert.from_tflite(str(model), opset=arguments.opset, output_path=str(unfinished))
            unfinished.rename(target)
        except Exception as error:  # the converter raises whatever its parts raise
            print(f"to_onnx.py: {model.name}: {error}", file=sys.stderr)
            failed = 1
    return failed


if __name__ == "__main__":
    sys.exit(main())
