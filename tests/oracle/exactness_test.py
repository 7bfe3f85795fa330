#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""exactness.py on small trees: what it writes it accepts, and what is missing or changed by hand it does not."""

import json
import pathlib
import tempfile
import unittest

import exactness

OPS = 'GLIMPSE_OP(Add, "ADD", 5, 2, 2, 1, I8 | F32, NONE, TWO)\nGLIMPSE_OP(Pad, "PAD", 4, 2, 2, 1, ANY, FOLDABLE, MOVES)\n'


class Table(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.root = pathlib.Path(self.folder.name)
        for path, text in ((exactness.OPERATORS, OPS), (exactness.REMARKS, "# words\nADD\tmind this\n"),
                           (exactness.DOCUMENT, f"before\n{exactness.BEGIN}\n{exactness.END}\nafter\n")):
            (self.root / path).parent.mkdir(parents=True, exist_ok=True)
            (self.root / path).write_text(text)
        rows = [{"operator": "ADD", "profile": "litert-reference", "elements": 1200, "differing": 0, "tolerance": 0.0},
                {"operator": "ADD", "profile": "litert-reference", "elements": 34, "differing": 0, "tolerance": 1e-5},
                {"operator": "ADD", "profile": "tflite-micro", "elements": 10, "differing": 3, "tolerance": 0.0}]
        self.results = self.root / "results.json"
        self.results.write_text(json.dumps({"seed": 7, "cases": 60, "runtimes": ["ai-edge-litert 2.3.0"], "operators": rows}))

    def text(self):
        return (self.root / exactness.DOCUMENT).read_text()

    def test_writes_what_was_measured_and_accepts_it(self):
        exactness.write(self.root, [self.results])
        self.assertEqual(exactness.problems(self.root), [])
        self.assertIn("| `ADD` | int8 float32 | exact: 1,200; within 1e-05: 34 | exact: 7; **differ: 3** | not offered | mind this |",
                      self.text())
        self.assertIn("| `PAD` | any | not measured | not measured | not measured | |", self.text())
        self.assertIn("Against ai-edge-litert 2.3.0, seed 7, 60 cases", self.text())
        self.assertTrue(self.text().startswith("before\n") and self.text().endswith("after\n"))

    def test_keeps_what_was_measured_before(self):
        exactness.write(self.root, [self.results])
        before = self.text()
        exactness.write(self.root, [])
        self.assertEqual(self.text(), before)

    def test_a_missing_operator_and_an_edited_cell_are_found(self):
        self.assertTrue(exactness.problems(self.root))
        exactness.write(self.root, [self.results])
        (self.root / exactness.OPERATORS).write_text(OPS + 'GLIMPSE_OP(Sub, "SUB", 5, 2, 2, 1, I8, NONE, TWO)\n')
        self.assertIn("SUB is missing", exactness.problems(self.root)[0])
        (self.root / exactness.OPERATORS).write_text(OPS.replace("TWO", "THREE"))
        self.assertIn("litert-xnnpack", exactness.problems(self.root)[0])
        (self.root / exactness.OPERATORS).write_text(OPS)
        (self.root / exactness.DOCUMENT).write_text(self.text().replace("exact: 1,200", "exact: lots"))
        self.assertIn("no such form", exactness.problems(self.root)[0])

    def test_remarks_about_nothing_are_found(self):
        exactness.write(self.root, [self.results])
        (self.root / exactness.REMARKS).write_text("ADD\tmind this\nADDD\tslip\n")
        self.assertIn("ADDD is no operator", exactness.problems(self.root)[0])


if __name__ == "__main__":
    unittest.main()
