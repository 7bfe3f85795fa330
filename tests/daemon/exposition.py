# SPDX-License-Identifier: Apache-2.0
"""A strict reader of Prometheus' text format, version 0.0.4: what its own server would refuse, and what its guidelines forbid."""

import math
import re

NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
LABEL = r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"'
SAMPLE = re.compile(rf"({NAME})(?:\{{((?:{LABEL},?)*)\}})? (\S+)")


def parse(text):
    """{family: {"type": ..., "samples": {(name, ((label, value), ...)): number}}}. AssertionError for whatever is wrong."""
    assert text.endswith("\n"), "the last line has no end"
    families, current = {}, None
    for line in text.splitlines():
        if line.startswith("# HELP "):
            name, help_text = line[7:].split(" ", 1)
            assert re.fullmatch(NAME, name) and help_text, line
            assert name not in families, f"{name}: a second time"
            current = families[name] = {"type": None, "help": help_text, "samples": {}}
            current_name = name
            continue
        if line.startswith("# TYPE "):
            name, kind = line[7:].split(" ")
            assert current is not None and name == current_name and current["type"] is None, line
            assert not current["samples"], f"{name}: TYPE after samples"
            assert kind in ("counter", "gauge", "histogram", "summary"), line
            current["type"] = kind
            continue
        match = SAMPLE.fullmatch(line)
        assert match, f"no sample: {line}"
        name, labels, value = match.group(1), match.group(2) or "", match.groups()[-1]
        assert current is not None and current["type"], f"a sample without a family: {line}"
        endings = {"histogram": ("_bucket", "_sum", "_count"), "summary": ("_sum", "_count")}.get(current["type"], ("",))
        allowed = [current_name + ending for ending in endings]
        assert name in allowed, f"{name} stands below {current_name}"
        pairs = tuple(match_label.groups() for match_label in re.finditer(LABEL, labels))
        assert len({label for label, _ in pairs}) == len(pairs), f"a label twice: {line}"
        key = (name, pairs)
        assert key not in current["samples"], f"a sample twice: {line}"
        current["samples"][key] = float(value)
    for name, family in families.items():
        assert (family["type"] == "counter") == name.endswith("_total"), f"{name} is a {family['type']}"
        assert not name.endswith(("_count", "_sum", "_bucket")), name
        if family["type"] != "gauge":
            assert all(value >= 0 and math.isfinite(value) for value in family["samples"].values()), name
        if family["type"] == "histogram":
            check_histogram(name, family["samples"])
    return families


def check_histogram(name, samples):
    """Bounds rise, counts never fall, the last bound is +Inf and equals _count."""
    series = {}
    for (sample, pairs), value in samples.items():
        rest = tuple(pair for pair in pairs if pair[0] != "le")
        one = series.setdefault(rest, {"buckets": []})
        if sample.endswith("_bucket"):
            one["buckets"].append((float(dict(pairs)["le"]), value))
        else:
            one[sample[len(name):]] = value
    for rest, one in series.items():
        bounds = [bound for bound, _ in one["buckets"]]
        counts = [count for _, count in one["buckets"]]
        assert bounds == sorted(set(bounds)) and bounds[-1] == math.inf, f"{name}{rest}: bounds {bounds}"
        assert counts == sorted(counts) and counts[-1] == one["_count"], f"{name}{rest}: {counts}, {one['_count']}"
        assert "_sum" in one, f"{name}{rest}: no sum"


def value_of(families, name, **labels):
    """The one sample of `name` with these labels among its own."""
    found = [value for (sample, pairs), value in families[name]["samples"].items() if labels.items() <= dict(pairs).items()]
    assert len(found) == 1, f"{name}{labels}: {len(found)} samples"
    return found[0]
