#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Makes config/models/digits-28x28.tflite.golden: the shipped model on pictures of digits, confirmed by LiteRT's reference kernels.
#
#     tools/golden_digits.sh GLIMPSE PYTHON
#
# GLIMPSE: the program of a build tree. PYTHON: one that has ai-edge-litert and numpy (./check --only oracle makes one in build/).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
[ $# -eq 2 ] || {
  echo "usage: tools/golden_digits.sh GLIMPSE PYTHON" >&2
  exit 2
}
glimpse=$1
python=$2
model=config/models/digits-28x28.tflite
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
# Six pictures of six digits, dark and light, clean and worn.
"$glimpse" preprocess tests/data/digits/000{0,1,2,3,4,5}_*.png --model "$model" --output "$folder/digits.npy"
"$python" tools/litert_dump.py "$model" --input "$folder/digits.npy" --output "$folder/theirs" --resolver builtin-ref
"$glimpse" golden "$model" --against "$folder/theirs"
