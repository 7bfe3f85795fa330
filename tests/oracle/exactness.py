#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The table of operators in docs/exactness.md: made from what tests/differential/run.py measured, and judged.

    exactness.py [--results RESULTS.json ...]   writes the table; operators without a result keep the cells they have
    exactness.py --check                        whether the table has this form and every operator of ops.def

RESULTS.json comes from `tests/differential/run.py --json RESULTS.json`. Remarks (why a profile is not offered, how far a float
operator is off) stand in tests/oracle/remarks.tsv: operator, remark.
"""

import argparse
import json
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
DOCUMENT = "docs/exactness.md"
OPERATORS = "plugins/ops/ops.def"
REMARKS = "tests/oracle/remarks.tsv"

BEGIN, END = "<!-- operators: begin -->", "<!-- operators: end -->"
PROFILES = ("litert-reference", "tflite-micro", "litert-xnnpack")
OFFERS = {"TWO": PROFILES[:2], "THREE": PROFILES, "MOVES": PROFILES}
TYPES = {"I8": "int8", "U8": "uint8", "I16": "int16", "I32": "int32", "I64": "int64", "F32": "float32", "BOOL": "bool",
         "I4": "int4", "F16": "float16", "U16": "uint16", "U32": "uint32", "ANY": "any"}

NOT_OFFERED, NOT_MEASURED = "not offered", "not measured"
_COUNT = r"\d{1,3}(?:,\d{3})*"
_CELL = re.compile(rf"^(?:{NOT_OFFERED}|{NOT_MEASURED}|(?:exact: {_COUNT}(?:; within 1e-05: {_COUNT})?|within 1e-05: {_COUNT})"
                   rf"(?:; \*\*differ: {_COUNT}\*\*)?)$")
_HEADING = "| operator | first input | " + " | ".join(f"`{profile}`" for profile in PROFILES) + " | remarks |"
_RULE = "| --- | --- | --- | --- | --- | --- |"
_AGAINST = re.compile(r"^Against (?:nothing yet|ai-edge-litert \S+(?:, tflite-micro \S+)?), seed \d+, \d+ cases for each operator\.$")


def read_operators(root):
    """[(operator, types in words, profiles offered)] in the order of ops.def."""
    found = []
    text = (root / OPERATORS).read_text(encoding="utf-8")
    for body in re.findall(r"^GLIMPSE_OP\((.*)\)$", text, re.MULTILINE):
        parts = [part.strip() for part in body.split(",")]
        types = " ".join(TYPES.get(word.strip(), word.strip()) for word in parts[6].split("|"))
        found.append((parts[1].strip('"'), types, OFFERS[parts[-1]]))
    return found


def read_remarks(root):
    lines = (root / REMARKS).read_text(encoding="utf-8").splitlines()
    return dict(line.split("\t", 1) for line in lines if line and not line.startswith("#"))


def read_table(root):
    """(the line that says against what, {operator: cells of the profiles}, all lines of the table)."""
    text = (root / DOCUMENT).read_text(encoding="utf-8")
    if BEGIN not in text or END not in text:
        raise SystemExit(f"{DOCUMENT}: the marks {BEGIN} and {END} are not there")
    lines = [line for line in text.split(BEGIN, 1)[1].split(END, 1)[0].splitlines() if line.strip()]
    rows = {}
    for line in lines:
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if len(cells) == 6 and cells[0].startswith("`"):
            rows[cells[0].strip("`")] = cells[2:5]
    against = next((line for line in lines if line.startswith("Against")), "")
    return against, rows, lines


def cell_of(tally):
    words = []
    if tally["exact"]:
        words.append(f"exact: {tally['exact']:,}")
    if tally["within"]:
        words.append(f"within 1e-05: {tally['within']:,}")
    if tally["differing"]:
        words.append(f"**differ: {tally['differing']:,}**")
    return "; ".join(words) if tally["exact"] or tally["within"] else NOT_MEASURED


def tallies_of(results):
    """{(operator, profile): counts}, the forms of an operator added up."""
    tallies = {}
    for row in results["operators"]:
        tally = tallies.setdefault((row["operator"], row["profile"]), {"exact": 0, "within": 0, "differing": 0})
        tally["within" if row["tolerance"] else "exact"] += row["elements"] - row["differing"]
        tally["differing"] += row["differing"]
    return tallies


def table_lines(operators, remarks, against, cells):
    lines = [against, "", _HEADING, _RULE]
    for name, types, _ in operators:
        lines.append(f"| `{name}` | {types} | " + " | ".join(cells[name]) + f" | {remarks.get(name, '')} |".replace("|  |", "| |"))
    return lines


def write(root, paths):
    operators, remarks = read_operators(root), read_remarks(root)
    against, rows, _ = read_table(root)
    tallies = {}
    for path in paths:
        results = json.loads(pathlib.Path(path).read_text(encoding="utf-8"))
        tallies.update(tallies_of(results))
        against = f"Against {', '.join(results['runtimes'])}, seed {results['seed']}, {results['cases']} cases for each operator."
    against = against or "Against nothing yet, seed 0, 0 cases for each operator."
    cells = {}
    for name, _, offered in operators:
        old = rows.get(name, [NOT_MEASURED] * len(PROFILES))
        cells[name] = []
        for profile, before in zip(PROFILES, old):
            if profile not in offered:
                cells[name].append(NOT_OFFERED)
            elif (name, profile) in tallies:
                cells[name].append(cell_of(tallies[name, profile]))
            else:
                cells[name].append(NOT_MEASURED if before == NOT_OFFERED else before)
    path = root / DOCUMENT
    text = path.read_text(encoding="utf-8")
    before, after = text.split(BEGIN, 1)[0], text.split(END, 1)[1]
    path.write_text(before + "\n".join([BEGIN, *table_lines(operators, remarks, against, cells), END]) + after, encoding="utf-8")


def problems(root):
    """One line for each way in which the table is not what this script writes for ops.def and the remarks."""
    operators, remarks = read_operators(root), read_remarks(root)
    against, rows, lines = read_table(root)
    found = [f"{REMARKS}: {name} is no operator of {OPERATORS}" for name in remarks if name not in {o[0] for o in operators}]
    if not _AGAINST.match(against):
        found.append(f"{DOCUMENT}: the table does not begin with what it was measured against: {against!r}")
    for name, _, offered in operators:
        if name not in rows:
            found.append(f"{DOCUMENT}: {name} is missing; run tests/oracle/exactness.py")
            continue
        for profile, cell in zip(PROFILES, rows[name]):
            if not _CELL.match(cell):
                found.append(f"{DOCUMENT}: {name}, {profile}: no such form: {cell!r}")
            elif (cell == NOT_OFFERED) == (profile in offered):
                found.append(f"{DOCUMENT}: {name}, {profile}: {cell!r}, and {OPERATORS} says otherwise; run tests/oracle/exactness.py")
    if not found:
        expected = [line for line in table_lines(operators, remarks, against, rows) if line]
        if lines != expected:
            found.append(f"{DOCUMENT}: the table is not as tests/oracle/exactness.py writes it; run it")
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--results", nargs="+", default=[], help="what tests/differential/run.py --json wrote")
    parser.add_argument("--check", action="store_true", help="only say whether the table is right")
    parser.add_argument("--root", type=pathlib.Path, default=ROOT, help="another tree")
    arguments = parser.parse_args()
    if not arguments.check:
        write(arguments.root, arguments.results)
    found = problems(arguments.root)
    for line in found:
        print(line)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
