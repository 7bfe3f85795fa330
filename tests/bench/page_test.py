#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The page of results says what the records say, whichever runtimes there were."""

import pathlib
import sys
import unittest
import xml.etree.ElementTree

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "bench"))
import operators  # noqa: E402
import performance_page  # noqa: E402
import plots  # noqa: E402

HEAD = {"isa": "avx2", "core": 1, "cpu": "Some CPU", "features": ["avx2"], "peaks": [{"instruction": "vpmaddwd", "gmacs": 90.0}]}


def record(model, runtime, p50, ratio):
    return {"model": model, "runtime": runtime, "ours": ratio == 1, "macs": 900_000, "rounds": 5, "runs": 50, "min_us": p50 - 1, "p50_us": p50,
            "p90_us": p50 + 1, "ratio": ratio, "ratio_low": ratio, "ratio_high": ratio, "gmacs": 900 / p50, "of_peak": 10 / p50}


def compared(*runtimes):
    ours = "glimpse litert-reference auto"
    return [HEAD, *(r for model in ("seed_cnn_int8", "ad01_int8")
                    for r in (record(model, ours, 20.0, 1.0), *(record(model, name, 80.0, 0.25) for name in runtimes)))]


class Page(unittest.TestCase):
    def page(self, **results):
        return performance_page.files(results)

    def test_ratio_bound_and_mean_stand_in_the_page(self):
        text = self.page(compare=compared("LiteRT XNNPACK"))["performance.md"]
        self.assertIn("CPU: Some CPU, masked to `avx2`", text)
        self.assertIn("| seed_cnn_int8 | 0.250 | 0.250 – 0.250 | 0.20 |", text)
        self.assertIn("- by LiteRT XNNPACK: **0.250**", text)

    def test_a_model_that_a_peer_cannot_run_keeps_its_line(self):
        records = [r for r in compared("LiteRT XNNPACK", "ONNX Runtime") if (r.get("model"), r.get("runtime")) != ("ad01_int8", "ONNX Runtime")]
        self.assertIn("| ad01_int8 | 20.0 | 80.0 | – |", self.page(compare=records)["performance.md"])

    def test_the_slowest_random_models_come_with_their_layers(self):
        models = [{"model": f"random_{i}", "ratio": i / 10, "macs": 2e6, "layers": [f"dense {i} -> 1"]} for i in range(1, 10)]
        head = {"isa": "avx2", "seed": 7, "models": 9, "median": 0.5, "p95": 0.9, "geometric_mean": 0.4}
        text = self.page(compare=compared("LiteRT XNNPACK"), random=[head, *models])["performance.md"]
        shown = [i for i in range(1, 10) if f"dense {i} -> 1" in text]
        self.assertEqual(shown, [5, 6, 7, 8, 9])

    def test_every_plot_is_well_formed_and_within_its_frame(self):
        for name, text in self.page(compare=compared(*(f"runtime number {i} & more" for i in range(5)), "LiteRT XNNPACK")).items():
            if not name.endswith(".svg"):
                continue
            root = xml.etree.ElementTree.fromstring(text)
            width, height = map(float, root.get("viewBox").split()[2:])
            for element in root.iter():
                if element.get("x") is not None:
                    self.assertLessEqual(float(element.get("x")), width, name)
                    self.assertLessEqual(float(element.get("y")), height, name)

    def test_a_bar_is_as_long_as_its_value(self):
        root = xml.etree.ElementTree.fromstring(plots.bars("t", {"a": {"s": 10.0}, "b": {"s": 5.0}}))
        lengths = [float(r.get("width")) for r in root.iter() if r.tag.endswith("rect") and r.get("x") == str(plots.LEFT)]
        self.assertEqual(len(lengths), 2)
        self.assertAlmostEqual(lengths[0], 2 * lengths[1], delta=0.2)


class Guard(unittest.TestCase):
    def columns(self, macs, **times):
        return {"macs": macs, "columns": {name: {"set": name.split("_")[0], "min_us": time} for name, time in times.items()}}

    def test_a_build_that_is_slower_by_the_factor_is_named(self):
        self.assertEqual(operators.slow_columns(self.columns(1_000_000, avx2_gcc=10.0, avx2_clang=15.0), 1.5), ["avx2_clang"])

    def test_other_kernel_sets_and_small_operators_are_not_compared(self):
        self.assertEqual(operators.slow_columns(self.columns(1_000_000, avx2_gcc=10.0, reference_gcc=900.0), 1.5), [])
        self.assertEqual(operators.slow_columns(self.columns(1_000, avx2_gcc=1.0, avx2_clang=3.0), 1.5), [])


if __name__ == "__main__":
    unittest.main()
