# SPDX-License-Identifier: Apache-2.0
"""Collects the cases of a run: prints them as they come, and as JSON or as a Markdown table at the end."""

import dataclasses
import sys


class Report:
    def __init__(self, verbose):
        self.verbose = verbose
        self.cases = []     # {"name", "passed", "text"}
        self.skipped = []   # (what, why)
        self.rows = []      # one for each comparison of all tensors
        self.zoo = []       # verdicts on models of the zoo

    def case(self, name, passed, text=""):
        self.cases.append({"name": name, "passed": bool(passed), "text": text})
        print(f"{'ok  ' if passed else 'FAIL'} {name}" + (f": {text}" if text else ""), flush=True)

    def note(self, text):
        print(f"     {text}", flush=True)

    def skip(self, what, why):
        self.skipped.append((what, why))
        print(f"skip {what}: {why}", flush=True)

    def comparison(self, graph, what, result, seconds):
        text = f"{result.samples} inputs, {len(result.tensors)} tensors, {result.elements:,} elements, " \
               f"{result.differing:,} differ ({seconds:.1f} s)"
        if result.unreadable:
            text += f"; the runtime hides tensors {sorted(result.unreadable)}"
        self.case(f"{result.model}, {what}, {result.profile}", result.equal, text)
        for fault in result.faults:
            self.note(fault)
        for index, count in sorted(result.tensors.items()):
            if count.differing or self.verbose:
                self.note(f"tensor {index} (operator {graph.producer(index)}): {count.differing:,} of {count.elements:,} "
                          f"differ, by at most {count.largest:g}")
        self.rows.append({
            "model": result.model, "inputs": what, "profile": result.profile, "runtime": result.runtime,
            "samples": result.samples, "operators": len(graph.operators), "elements": result.elements,
            "differing": result.differing, "hidden_tensors": sorted(result.unreadable), "faults": result.faults,
            "tensors": {str(i): {"operator": graph.producer(i), "elements": c.elements, "differing": c.differing,
                                 "largest": c.largest} for i, c in sorted(result.tensors.items())}})

    def as_json(self):
        return {"comparisons": self.rows, "cases": self.cases, "skipped": [list(s) for s in self.skipped],
                "zoo": [dataclasses.asdict(verdict) for verdict in self.zoo]}

    def as_markdown(self):
        lines = ["| model | inputs | profile | runtime | tensors | elements | differ |",
                 "| --- | --- | --- | --- | ---: | ---: | ---: |"]
        for row in self.rows:
            lines.append(f"| {row['model']} | {row['samples']:,} {row['inputs']} | `{row['profile']}` | {row['runtime']} "
                         f"| {len(row['tensors'])} | {row['elements']:,} | {row['differing']:,} |")
        return "\n".join(lines) + "\n"

    def finish(self):
        """Prints the last line; the exit status: 0 when every case passed, 77 when all were left out, else 1."""
        failed = [case for case in self.cases if not case["passed"]]
        for case in failed:
            print(f"failed: {case['name']}: {case['text']}", file=sys.stderr)
        if self.skipped:
            print("left out: " + "; ".join(f"{what} ({why})" for what, why in self.skipped))
        print(f"{len(self.cases) - len(failed)} passed, {len(failed)} failed")
        if not self.cases:
            return 77 if self.skipped else 1
        return 1 if failed else 0
