#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The command line of glimpse-op-check: lines, JSON, choices, refusals, exit status; manual page and completion name all of it.

    command_test.py GLIMPSE_OP_CHECK FAULTY REFERENCE EXAMPLE NO_PLUGIN ROOT
"""

import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

PROGRAM, SOUND, REFERENCE, EXAMPLE, NO_PLUGIN, ROOT = sys.argv[1:7]
WRONG = {**os.environ, "FAULT": "WrongAtEnds"}  # of the same plugin: it is sound without


def run(*arguments, **options):
    return subprocess.run([PROGRAM, *arguments], capture_output=True, text=True, timeout=300, check=False, **options)


class Command(unittest.TestCase):
    def test_lines_are_tap(self):
        done = run(SOUND, "--against", REFERENCE, "--nodes", "40")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        lines = done.stdout.splitlines()
        self.assertEqual(lines[0], "TAP version 13")
        count = int(re.fullmatch(r"1\.\.(\d+)", lines[1]).group(1))
        tests = [line for line in lines[2:] if not line.startswith("#")]
        self.assertEqual(len(tests), count)
        for number, line in enumerate(tests, start=1):
            self.assertRegex(line, rf"^ok {number} - ")
        self.assertIn("ok 1 - load", lines)
        self.assertRegex(done.stdout, r"ok \d+ - test\.faulty\.reverse exact \(\d+ nodes\)")
        self.assertRegex(done.stdout, r"ok \d+ - test\.faulty\.reverse shape-only # SKIP ")

    def test_the_same_seed_gives_the_same_nodes_and_another_others(self):
        def detail(seed):
            done = run(SOUND, "--against", REFERENCE, "--check", "exact", "--seed", seed, "--json", env=WRONG)
            return json.loads(done.stdout)["checks"][1]["detail"]
        self.assertEqual(detail("3"), detail("3"))
        self.assertNotEqual(detail("3"), detail("4"))

    def test_operators_of_a_model_come_before_the_generated_ones(self):
        def run_with(*options):
            return run(EXAMPLE, "--against", REFERENCE, "--kernel", "org.glimpse.example.max_pool_2d", "--check", "exact", "--nodes", "5",
                       "--json", *options)
        model = f"{ROOT}/config/models/digits-28x28.tflite"
        nodes = json.loads(run_with("--model", model).stdout)["checks"][1]["nodes"]
        # Two MAX_POOL_2D, three times each.
        self.assertEqual(nodes, json.loads(run_with().stdout)["checks"][1]["nodes"] + 6)
        done = run_with("--model", f"{ROOT}/README.md")
        self.assertEqual(done.returncode, 3, done.stderr)
        self.assertIn("README.md", done.stderr)

    def test_without_a_reference_nothing_is_compared(self):
        done = run(SOUND, "--against", "none", "--check", "exact", "--json")
        self.assertEqual(done.returncode, 0)
        self.assertEqual(json.loads(done.stdout)["checks"][1]["result"], "skipped")

    def test_chosen_kernels_and_checks_must_exist(self):
        for option, value, hint in (("--check", "exakt", "did you mean 'exact'"), ("--kernel", "nobody", "test.faulty.reverse")):
            done = run(SOUND, option, value)
            self.assertEqual(done.returncode, 2)
            self.assertIn(f"glimpse-op-check: {option}: there is no '{value}'", done.stderr)
            self.assertIn(hint, done.stderr)

    def test_usage(self):
        for arguments in ([], ["--nodes", "0", SOUND], ["--no-such-option"], [SOUND, "another"]):
            done = run(*arguments)
            self.assertEqual(done.returncode, 2, arguments)
            self.assertEqual(len(done.stderr.splitlines()), 1, done.stderr)

    def test_what_the_host_refuses_is_refused_with_its_reason(self):
        with tempfile.TemporaryDirectory() as folder:
            os.chmod(folder, 0o755)
            open_to_all = pathlib.Path(folder, "x.so")
            open_to_all.write_bytes(pathlib.Path(SOUND).read_bytes())
            open_to_all.chmod(0o666)
            for path, reason in ((NO_PLUGIN, "exports no symbol glimpse_op_plugin"), (str(open_to_all), "is writable by everybody"),
                                 (f"{folder}/missing.so", "there is no such file"), (f"{ROOT}/README.md", "is not named *.so")):
                done = run(path)
                self.assertEqual(done.returncode, 7, path)
                self.assertIn(f"glimpse-op-check: {path}: refused: ", done.stderr)
                self.assertIn(reason, done.stderr)
                self.assertIn("not ok 1 - load: ", done.stdout)

    def test_an_unknown_reference_is_refused_too(self):
        done = run(SOUND, "--against", NO_PLUGIN)
        self.assertEqual(done.returncode, 7)
        self.assertIn(f"{NO_PLUGIN}: refused: ", done.stderr)

    def test_a_full_disk_is_told(self):
        with open("/dev/full", "w", encoding="ascii") as full:
            done = subprocess.run([PROGRAM, "--list"], stdout=full, stderr=subprocess.PIPE, text=True, check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn("stdout: cannot write", done.stderr)

    def test_everything_is_in_the_manual_page_and_the_completion(self):
        page = pathlib.Path(ROOT, "docs/man/glimpse-op-check.1").read_text(encoding="utf-8").replace("\\-", "-")
        completion = pathlib.Path(ROOT, "opcheck/completion/glimpse-op-check").read_text(encoding="utf-8")
        options = set(re.findall(r"^ +(?:-\w,)?(--[a-z-]+)", run("--help").stdout, re.MULTILINE))
        self.assertGreater(len(options), 8)
        offered = set(re.search(r'compgen -W "(--[^"]*)"', completion).group(1).split())
        self.assertEqual(options, offered)
        for option in options:
            self.assertRegex(page, rf"(?m)^\.BI? {option}\b")
        for line in run("--list").stdout.splitlines():
            self.assertRegex(page, rf"(?m)^\.B {line.split(':')[0]}$")


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
