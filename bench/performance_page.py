# SPDX-License-Identifier: Apache-2.0
"""docs/performance.md and its plots, from the records of the benchmarks."""

import plots
from compare import XNNPACK, means

# At most this ratio to XNNPACK on an AVX2 CPU without VNNI: what the kernels are held to.
BOUNDS = {"seed_cnn_int8": 0.20, "resnet8_int8": 0.34, "kws_int8": 0.34, "vww_int8": 0.55, "person_detect_fixed": 0.55, "ad01_int8": 0.50,
          "tf2_mobilenet_v2_1.0_224_ptq": 0.70, "mcunetv2_large": 0.70}
SUITE_BOUND, RANDOM_BOUND, PEAK_BOUND_KIB = 0.38, 1.2, 6 * 1024
SUITE = list(BOUNDS)[:6]


def table(heading, rows):
    """A Markdown table; the first column is text, the others numbers."""
    lines = ["| " + " | ".join(heading) + " |", "| --- |" + " ---: |" * (len(heading) - 1)]
    return "\n".join(lines + ["| " + " | ".join(str(cell) for cell in row) + " |" for row in rows]) + "\n"


def runtimes(records):
    return list(dict.fromkeys(record["runtime"] for record in records))


def by_model(records):
    """{model: {runtime: record}}."""
    models = {}
    for record in records:
        models.setdefault(record["model"], {})[record["runtime"]] = record
    return models


def microseconds(value):
    return f"{value:,.1f}" if value < 1000 else f"{value:,.0f}"


def time_table(records):
    names = runtimes(records)
    rows = [[model, *(microseconds(found[name]["p50_us"]) if name in found else "–" for name in names)] for model, found in by_model(records).items()]
    return table(["model", *(name.replace("glimpse ", "glimpse, ") for name in names)], rows)


def ratio_table(records, bounds):
    """Ratio to XNNPACK with the extremes over rounds, and how much of the peak both reach."""
    ours, rows = runtimes(records)[0], []
    for model, found in by_model(records).items():
        if XNNPACK not in found:
            continue
        peer = found[XNNPACK]
        rows.append([model, f"{peer['ratio']:.3f}", f"{peer['ratio_low']:.3f} – {peer['ratio_high']:.3f}",
                     *([f"{bounds[model]:.2f}" if model in bounds else "–"] if bounds else []),
                     f"{found[ours]['gmacs']:.1f}", f"{found[ours]['of_peak'] * 100:.0f} %", f"{peer['of_peak'] * 100:.0f} %"])
    return table(["model", "ratio", "lowest – highest round", *(["at most"] if bounds else []), "GMAC/s", "of peak", "XNNPACK, of peak"], rows)


def split(records):
    """(the line about the CPU, records of models)."""
    return records[0], [record for record in records[1:] if "model" in record]


def mean_lines(records, bounded):
    lines = [f"- by {mean['geometric_mean_of_ratio_to']}: **{mean['ratio']:.3f}**" for mean in means(records)]
    goal = f" (by XNNPACK at most {SUITE_BOUND} is asked for)" if bounded else ""
    return f"Geometric mean of the ratio over the suite{goal}:\n\n" + "\n".join(lines) + "\n"


def comparison(title, results, bounded):
    head, records = split(results)
    suite = [record for record in records if record["model"] in SUITE] or records
    peaks = ", ".join(f"{entry['gmacs']:.1f} GMAC/s by {entry['instruction']}" for entry in head["peaks"])
    seen = f"masked to `{head['isa']}`" if head["isa"] != "native" else "as it is"
    return (f"## {title}\n\nCPU: {head['cpu']}, {seen}: {' '.join(head['features'])}. int8 peak of the core: {peaks}.\n\n"
            f"p50 of an inference in µs:\n\n{time_table(records)}\n"
            f"Ratio, ours by XNNPACK's in the same round, median over {records[0]['rounds']} rounds:\n\n"
            f"{ratio_table(records, BOUNDS if bounded else None)}\n{mean_lines(suite, bounded)}\n")


def random_part(results):
    head, records = results[0], results[1:]
    worst = sorted(records, key=lambda record: -record["ratio"])[:5]
    rows = [[record["model"], f"{record['ratio']:.2f}", f"{record['macs'] / 1e6:.1f} M", "; ".join(record["layers"])] for record in worst]
    return (f"## Random models\n\n{head['models']} networks of 1 to 60 million multiply-accumulates, seed {head['seed']}, ratio ours by XNNPACK, "
            f"`{head['isa']}`: median {head['median']:.3f}, **95th percentile {head['p95']:.3f}** (at most {RANDOM_BOUND}), geometric mean "
            f"{head['geometric_mean']:.3f}.\n\n![Ratio of every random model](performance/random.svg)\n\nThe slowest five:\n\n"
            + table(["model", "ratio", "MACs", "layers"], rows) + "\n")


def load_part(results):
    parts = ["## Load time and memory\n"]
    names = {"load_ms": "load, ms", "first_ms": "first inference, ms", "load_and_first_ms": "load and first inference, ms",
             "library_ms": "opening LiteRT's library, ms", "process_ms": "whole process, ms", "cpu_ms": "processor time of it, ms", "peak_kib": "peak memory, KiB"}
    for record in results:
        rows = []
        for key, name in names.items():
            line = record[key]
            digits = 0 if key.endswith("_kib") else 2
            cells = [f"{line[who]['median']:,.{digits}f}" if who in line else "–" for who in ("ours", "litert")]
            rows.append([name, *cells, f"{line['ratio']:.2f}" if "ratio" in line else "–"])
        parts.append(f"{record['model']}, median of {record['rounds']} interleaved rounds, process against process, unmasked CPU. Asked for: load and "
                     f"first inference no slower than LiteRT's, a peak of at most {PEAK_BOUND_KIB:,} KiB.\n\n"
                     + table(["", "glimpse", "LiteRT C API", "ratio"], rows))
    return "\n".join(parts) + "\n"


def operator_part(results):
    """Distinct operators, with the multiply-accumulates a second of each column."""
    headings = list(dict.fromkeys(heading for record in results for heading in record["columns"]))
    distinct = {}
    for record in results:
        distinct.setdefault((record["name"], record["shape"]), record)
    rows = []
    for (name, shape), record in sorted(distinct.items()):
        cells = []
        for heading in headings:
            column = record["columns"].get(heading)
            cells += [f"{column['min_us']:.2f}", f"{column['gmacs']:.1f}" if column["gmacs"] else "–"] if column else ["–", "–"]
        rows.append([f"{name} {shape}", *cells])
    heading = [text for name in headings for text in (f"{name}: µs", "GMAC/s")]
    return ("## Operators\n\nSmallest time of each distinct operator of the suite, run by itself. Above the peak: Winograd's algorithm needs fewer "
            "multiplications than are counted.\n\n" + table(["operator", *heading], rows) + "\n")


def instruction_part(results):
    rows = [[record["model"], f"{record['instructions']:,}"] for record in results]
    return ("## Instructions\n\nOf one inference with AVX2 kernels, counted by callgrind: the same on every machine and run.\n\n"
            + table(["model", "instructions"], rows) + "\n")


def drawings(results):
    head, records = split(results["compare"])
    names = runtimes(records)
    short = {name: name.split()[0] if name.startswith("glimpse") else name for name in names}
    times = {model: {short[name]: found[name]["p50_us"] for name in names if name in found} for model, found in by_model(records).items() if model in SUITE}
    peaks = {model: {short[name]: found[name]["of_peak"] * 100 for name in (names[0], XNNPACK) if name in found}
             for model, found in by_model(records).items()}
    level = f", CPU {'as it is' if head['isa'] == 'native' else 'masked to ' + head['isa']}"
    yield "performance/time.svg", plots.bars(f"One inference, one thread, µs (p50, logarithmic){level}", times, logarithmic=True)
    yield "performance/peak.svg", plots.bars(f"Multiply-accumulates a second, % of the core's int8 peak{level}", peaks, unit=" %", line=100)
    if "random" in results:
        ratios = [record["ratio"] for record in results["random"][1:]]
        marks = {"as fast as XNNPACK": 1.0, f"95th percentile {results['random'][0]['p95']:.2f}": results["random"][0]["p95"]}
        yield "performance/random.svg", plots.sorted_points("Random models: our time by XNNPACK's", ratios, marks)


INTRODUCTION = """# Performance

<!-- Written by bench/report.py from measurements: do not edit. -->

Speed of glimpse's kernels beside the runtimes that they equal bit for bit or compete with, in one run on one core, one thread. A ratio
is our p50 by theirs in the same round, told as the median over interleaved rounds: below 1 we are faster. Figures of other machines
differ; [bench/README.md](../bench/README.md) says how to measure your own, what is compared and how a CPU is masked.

![Time of one inference](performance/time.svg)

![Part of the int8 peak](performance/peak.svg)

"""

COMMANDS = """## How this was made

```
cmake --preset release && cmake --build build/release && cmake --build build/release --target bench_tools
GLIMPSE_ZOO=DIR bench/report.py --glimpse build/release/bin/glimpse --python-litert litert/bin/python \\
    --python-tflm tflm/bin/python --python-onnx onnx/bin/python --onnx onnx-models --realtime
```
"""


def files(results):
    """{path below docs/: text}."""
    parts = [INTRODUCTION, comparison("The suite", results["compare"], results["compare"][0]["isa"] == "avx2")]
    if "native" in results:
        parts.append(comparison("The suite on the CPU as it is", results["native"], False))
    for name, part in (("random", random_part), ("load", load_part), ("operators", operator_part), ("instructions", instruction_part)):
        if results.get(name):
            parts.append(part(results[name]))
    parts.append(COMMANDS)
    return {"performance.md": "".join(parts), **dict(drawings(results))}
