#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Rules for every file of the tree: licence line, length, what it may speak of, links that lead somewhere.

    tree_rules.py [ROOT]
"""

import pathlib
import re
import sys
import urllib.parse

import tree

SPDX = "SPDX-License-Identifier: Apache-2.0"
# Files that carry the licence line in their first three lines: all code and all build descriptions.
CODE_SUFFIXES = {".h", ".c", ".cc", ".py", ".sh", ".cmake", ".fbs"}
CODE_NAMES = {"CMakeLists.txt", "check", "demo", "run"}

MAX_CODE_LINES = 800
NOTED_CODE_LINES = 400

# The product speaks of itself: no folder of one machine, and no host but those of standards, publications, distributions and
# the projects we build on. A host outside this list is a mirror, a mistake, or a decision to be written here.
MACHINE_PATH = re.compile(r"""(?:^|[\s"'`=:(\[])(/(?:home|root|work|Users|mnt)/[A-Za-z0-9_.\-]+)""")
URL = re.compile(r"https?://([A-Za-z0-9.\-]+)")
HOSTS = {
    "ai.google.dev", "arxiv.org", "cmake.org", "developer.arm.com", "en.wikipedia.org", "example.com", "example.org",
    "flatbuffers.dev", "github.com", "gnu.org", "google.github.io", "json-schema.org", "keepachangelog.com", "kernel.org",
    "libcamera.org", "localhost", "numpy.org", "pypi.org", "semver.org", "storage.googleapis.com", "systemd.io",
    "www.apache.org", "www.debian.org", "www.freedesktop.org", "www.gnu.org", "www.jsonrpc.org", "www.man7.org", "man7.org",
    "www.raspberrypi.com", "www.rfc-editor.org", "www.tensorflow.org", "www.w3.org", "yann.lecun.com", "spdx.org",
}
# Work on the product is recorded elsewhere, so its files do not count on numbers or words that only that record explains.
RECORD = re.compile(r"\b(?:issue|ticket|work item)s? #?\d+\b", re.IGNORECASE)

_LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)(?:\s+\"[^\"]*\")?\)|!\[[^\]]*\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#{1,6}\s+(.*?)\s*#*$")
_FENCE = re.compile(r"^\s*(```|~~~)")


def is_code(root, path):
    if path.suffix in CODE_SUFFIXES or path.name in CODE_NAMES:
        return True
    first = next((line for _, line in tree.lines(root, path)), "")
    return first.startswith("#!")


def licence_problems(root, path):
    if not is_code(root, path) or any(SPDX in line for _, line in tree.lines(root, path)[:3]):
        return []
    return [f"{path}:1: no '{SPDX}' in the first three lines"]


def length_problems(root, path):
    count = len(tree.lines(root, path))
    if not is_code(root, path) or count <= MAX_CODE_LINES:
        return []
    return [f"{path}:{count}: {count} lines, {MAX_CODE_LINES} at most: split it by what it does"]


def speech_problems(root, path):
    found = []
    for number, line in tree.lines(root, path):
        for match in MACHINE_PATH.finditer(line):
            found.append(f"{path}:{number}: {match.group(1)} is a folder of one machine")
        for match in URL.finditer(line):
            if match.group(1).rstrip(".").lower() not in HOSTS and path.name != "LICENSE":
                found.append(f"{path}:{number}: host {match.group(1)} is not among those of tests/tree/tree_rules.py")
        for match in RECORD.finditer(line):
            found.append(f"{path}:{number}: '{match.group(0)}' says nothing to a reader: write the reason itself")
    return found


def anchor_of(heading):
    """The anchor that code hosts give to a heading: lower case, punctuation dropped, blanks to hyphens."""
    text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).replace("`", "")
    text = re.sub(r"[^\w\- ]", "", text.strip().lower())
    return text.replace(" ", "-")


def outside_fences(root, path):
    """The numbered lines of a Markdown file that are not in a code block."""
    fenced = False
    for number, line in tree.lines(root, path):
        if _FENCE.match(line):
            fenced = not fenced
        elif not fenced:
            yield number, line


def anchors(root, path):
    return {anchor_of(match.group(1)) for _, line in outside_fences(root, path) if (match := _HEADING.match(line))}


def link_problems(root, path):
    if path.suffix != ".md":
        return []
    root, found = pathlib.Path(root), []
    for number, line in outside_fences(root, path):
        for match in _LINK.finditer(re.sub(r"`[^`]*`", "", line)):
            link = match.group(1) or match.group(2)
            if re.match(r"^[a-z]+:", link):
                continue
            name, _, anchor = link.partition("#")
            target = path.parent / urllib.parse.unquote(name) if name else path
            if not (root / target).exists():
                found.append(f"{path}:{number}: link to {link}: no such file")
            elif anchor and target.suffix == ".md" and anchor not in anchors(root, target):
                found.append(f"{path}:{number}: link to {link}: no such heading")
    return found


def problems(root):
    """One line for each rule that a file of the tree breaks."""
    found = []
    for path in tree.files(root):
        for rule in (licence_problems, length_problems, speech_problems, link_problems):
            found += rule(root, path)
    return found


def long_files(root):
    """Code files above the length at which splitting is worth a thought."""
    return [(path, count) for path in tree.files(root) if is_code(root, path)
            and (count := len(tree.lines(root, path))) > NOTED_CODE_LINES]


if __name__ == "__main__":
    here = pathlib.Path(__file__).resolve().parent.parent.parent
    top = sys.argv[1] if len(sys.argv) > 1 else here
    for long_path, length in long_files(top):
        print(f"note: {long_path} has {length} lines")
    sys.exit(tree.report(problems(top)))
