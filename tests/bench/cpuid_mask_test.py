#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What cpuid_mask.so hides, wherever a program asks, and what it leaves alone.

    cpuid_mask_test.py PROBE MASK

Exit status 77 where the CPU offers no CPUID faulting: nothing can be masked there.
"""

import os
import signal
import subprocess
import sys
import unittest

PROBE, MASK = sys.argv[1:3]
REFUSED = 125


def probe(what, level="avx2", mask=True):
    environment = dict(os.environ)
    if mask:
        environment["LD_PRELOAD"] = MASK
    if level is not None:
        environment["GLIMPSE_CPUID_LEVEL"] = level
    return subprocess.run([PROBE, what], env=environment, capture_output=True, text=True, check=False)


class CpuidMask(unittest.TestCase):
    def setUp(self):
        self.true_features = probe("tell", mask=False).stdout.split()

    def expected(self, *hidden):
        return [word for word in self.true_features if word not in hidden]

    def test_every_place_that_asks_is_told_of_an_avx2_cpu(self):
        for place in ("tell", "thread", "child", "exec", "blocked"):
            with self.subTest(place=place):
                done = probe(place)
                self.assertEqual(done.returncode, 0, done.stderr)
                self.assertEqual(done.stdout.split(), self.expected("avx512f", "amx", "avxvnni"))

    def test_the_level_avxvnni_keeps_avx_vnni(self):
        self.assertEqual(probe("tell", "avxvnni").stdout.split(), self.expected("avx512f", "amx"))

    def test_a_fault_that_is_no_cpuid_ends_the_program(self):
        self.assertEqual(probe("fault").returncode, -signal.SIGSEGV)

    def test_a_fault_that_is_no_cpuid_reaches_the_programs_own_handler(self):
        done = probe("handled-fault")
        self.assertEqual((done.returncode, done.stdout), (0, "handled\n"))

    def test_an_unknown_level_is_refused(self):
        for level in ("sse9", None):
            with self.subTest(level=level):
                done = probe("tell", level)
                self.assertEqual((done.returncode, done.stdout), (REFUSED, ""))
                self.assertIn("GLIMPSE_CPUID_LEVEL", done.stderr)


if __name__ == "__main__":
    first = probe("tell")
    if first.returncode == REFUSED and "offers no CPUID faulting" in first.stderr:
        print(f"skipped: {first.stderr.strip()}")
        sys.exit(77)
    unittest.main(argv=sys.argv[:1])
