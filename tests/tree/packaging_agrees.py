#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What the Debian packages say twice is the same: versions, and what has to be installed to build.

    packaging_agrees.py [ROOT]
"""

import pathlib
import re
import sys

import tree

# Installed with every compiler (build-essential), so no package names it.
IMPLIED = {"g++"}


def first(root, name, pattern):
    """The first group of the first match in a file, or what was looked for."""
    found = re.search(pattern, (root / name).read_text(encoding="utf-8"), re.MULTILINE)
    return found.group(1) if found else f"(nothing like {pattern})"


def versions(root):
    wanted = first(root, "CMakeLists.txt", r"^project\(glimpsed VERSION (\S+)")
    others = {"packaging/debian/changelog": r"\A\S+ \(([^)]+)\)", "python/pyproject.toml": r'^version = "(.*)"',
              "docs/man/glimpse.1": r'^\.TH .*"glimpsed (\S+)"', "docs/man/glimpsed.8": r'^\.TH .*"glimpsed (\S+)"',
              "docs/man/glimpsed.yaml.5": r'^\.TH .*"glimpsed (\S+)"',
              "docs/man/glimpsed-protocol.7": r'^\.TH .*"glimpsed (\S+)"'}
    return [f"{name}: version {has}, CMakeLists.txt has {wanted}" for name, pattern in others.items()
            if (has := first(root, name, pattern)) != wanted]


def dependencies(root):
    listed = {line.split()[1] for line in (root / "packaging/build-deps.txt").read_text(encoding="utf-8").splitlines()
              if line.split()[:1] in (["build"], ["camera"])} - IMPLIED
    field = first(root, "packaging/debian/control", r"^Build-Depends:\n((?: .*\n)+)")
    named = {re.sub(r"[ (:,].*", "", line.strip()) for line in field.splitlines()}
    named = {name for name in named if not name.startswith(("debhelper", "dh-"))}
    return ([f"packaging/debian/control: Build-Depends lacks {name} of packaging/build-deps.txt" for name in sorted(listed - named)]
            + [f"packaging/build-deps.txt lacks {name}, which packaging/debian/control needs" for name in sorted(named - listed)])


def problems(root):
    root = pathlib.Path(root)
    return versions(root) + dependencies(root)


if __name__ == "__main__":
    here = pathlib.Path(__file__).resolve().parent.parent.parent
    sys.exit(tree.report(problems(sys.argv[1] if len(sys.argv) > 1 else here)))
