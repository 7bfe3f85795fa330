#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The arithmetic of the benchmarks, on clocks that say what they are told."""

import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "bench"))
import rounds  # noqa: E402


class Told:
    """A runner whose p50 of each round is given."""

    def __init__(self, name, p50s, log):
        self.name, self.p50s, self.log = name, list(p50s), log

    def measure(self, seconds):
        self.log.append((self.name, seconds))
        p50 = self.p50s.pop(0)
        return {"runs": 10, "min_us": p50 - 1, "p50_us": p50, "p90_us": p50 + 1}


class Rounds(unittest.TestCase):
    def test_each_round_begins_with_another_runner(self):
        log = []
        rounds.interleave([Told(name, [1, 1, 1, 1], log) for name in "abc"], 4, 0.5)
        self.assertEqual("".join(name for name, _ in log), "abc" "bca" "cab" "abc")
        self.assertEqual({seconds for _, seconds in log}, {0.5})

    def test_a_ratio_is_of_one_round_and_the_median_over_rounds_is_told(self):
        log = []
        results = rounds.interleave([Told("ours", [10, 40, 10], log), Told("theirs", [20, 40, 100], log)], 3, 1)
        told = rounds.summary(results, "theirs", "ours")
        # 10/20, 40/40, 10/100; medians of the figures themselves would give 10/40.
        self.assertEqual((told["ratio_low"], told["ratio"], told["ratio_high"]), (0.1, 0.5, 1.0))
        self.assertEqual((told["p50_us"], told["min_us"], told["runs"], told["rounds"]), (40, 19, 30, 3))

    def test_the_geometric_mean_treats_twice_and_half_alike(self):
        self.assertAlmostEqual(rounds.geometric_mean([0.5, 2, 1]), 1)
        self.assertAlmostEqual(rounds.geometric_mean([0.1, 0.4]), 0.2)

    def test_a_percentile_is_the_nearest_rank(self):
        values = list(range(1, 201))
        self.assertEqual(rounds.percentile(values, 0.95), 190)
        self.assertEqual(rounds.percentile([7], 0.95), 7)
        self.assertEqual(rounds.percentile([3, 1, 2], 0.5), 2)
        self.assertEqual(rounds.percentile([3, 1, 2], 1), 3)


if __name__ == "__main__":
    unittest.main()
