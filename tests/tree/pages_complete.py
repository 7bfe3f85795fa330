#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Manual pages name all that they are a short form of: keys of the configuration, methods, events and errors of the protocol.

    pages_complete.py [ROOT]
"""

import pathlib
import re
import sys

import tree

# Not keys: names that stand under `cameras` and `pipelines` as examples.
EXAMPLES = {"demo", "digits", "front"}


def page(root, name):
    """The words of a manual page, without roff's marks."""
    text = (root / "docs/man" / name).read_text(encoding="utf-8")
    text = re.sub(r'^\.\\".*$', "", text, flags=re.MULTILINE).replace("\\-", "-")
    return set(re.findall(r"[A-Za-z0-9_.\-]*[A-Za-z0-9]", text))


def keys(root):
    """Every key of the shipped configuration, those that are commented out too."""
    text = (root / "config/glimpsed.yaml").read_text(encoding="utf-8")
    return set(re.findall(r"^ *(?:# )?(?:- )?([a-z0-9_-]+):(?= |$)", text, re.MULTILINE)) - EXAMPLES


def protocol(root):
    """Methods, notifications, codes of errors, events and reasons of the protocol."""
    text = (root / "docs/protocol.md").read_text(encoding="utf-8")
    found = set()
    for heading in re.findall(r"^### (.+)$", text, re.MULTILINE):
        found.update(heading.split(", "))
    found.update(re.findall(r"^\| (-32\d{3}) ", text, re.MULTILINE))
    for table in ("event", "reason"):
        rows = re.search(rf"^\| {table} \|.*\n\|.*\n((?:\|.*\n)+)", text, re.MULTILINE)
        found.update(re.findall(r"^\| `([a-z-]+)`", rows.group(1), re.MULTILINE))
    return found


def problems(root):
    root = pathlib.Path(root)
    found = []
    for name, wanted in (("glimpsed.yaml.5", keys(root)), ("glimpsed-protocol.7", protocol(root))):
        if len(wanted) < 20:
            found.append(f"docs/man/{name}: only {sorted(wanted)} are looked for: what it is held against is not understood")
        found += [f"docs/man/{name}: {word} is missing" for word in sorted(wanted - page(root, name))]
    return found


if __name__ == "__main__":
    here = pathlib.Path(__file__).resolve().parent.parent.parent
    sys.exit(tree.report(problems(sys.argv[1] if len(sys.argv) > 1 else here)))
