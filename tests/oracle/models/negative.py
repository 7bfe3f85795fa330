# SPDX-License-Identifier: Apache-2.0
"""Models that no reference interpreter runs: each has its verdict in negative.tsv, none may crash or hang.

negative.tsv: the file below models/, the first 16 digits of its SHA-256, the profile it is run under, the exit statuses that are
right ("3|4": either), and why. With `complete` false, status 4 is right for all: operators are still missing.
"""

import csv
import hashlib
import pathlib
import subprocess
import tempfile

import numpy as np

from tflite_file import Broken, TfliteFile
from zoo import UNSUPPORTED, read_table

TABLE = pathlib.Path(__file__).resolve().parent / "negative.tsv"
TIMEOUT_S = 60


def expectations():
    with open(TABLE, encoding="utf-8", newline="") as file:
        lines = [line for line in file if not line.startswith("#")]
    return {row["file"]: row for row in csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)}


def _exit_of(programs, path, profile, generator):
    with tempfile.TemporaryDirectory(prefix="glimpse-negative-") as folder:
        command = [programs.glimpse, "run", str(path), "--output", str(pathlib.Path(folder) / "out"), "--numerics", profile]
        try:
            for i, array in enumerate(TfliteFile(path).random_inputs(1, generator)):
                np.save(f"{folder}/{i}.npy", array)
                command += ["--input", f"{folder}/{i}.npy"]
        except Broken:
            command = command[:1] + ["inspect", "--plan", str(path), "--numerics", profile]
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT_S, check=False)
        except subprocess.TimeoutExpired:
            return None, f"does not end within {TIMEOUT_S} s"
        return done.returncode, done.stderr.strip().replace(f"glimpse: {path}: ", "")[:200]


def check_negative(programs, folder, arguments, generator, report):
    expected = expectations()
    table = {name: row for name, row in read_table(folder).items() if row["set"] == "negative"}
    for name in sorted(set(table) - set(expected)):
        report.case(f"negative {name}", False, "has no row in negative.tsv")
    for name, row in sorted(expected.items()):
        path = folder / name
        if arguments.only and arguments.only not in name:
            continue
        if not path.is_file():
            report.skip(name, f"{path} is not there")
            continue
        if not hashlib.sha256(path.read_bytes()).hexdigest().startswith(row["sha256"]):
            report.case(f"negative {name}", False, "is another file than that of negative.tsv")
            continue
        code, text = _exit_of(programs, path, row["profile"], generator(name))
        right = [int(word) for word in row["exit"].split("|")]
        passed = code in right or (code == UNSUPPORTED and not arguments.complete)
        report.case(f"negative {name}, {row['profile']}", passed, f"exit {code} ({row['exit']}: {row['why']}) {text}".rstrip())
