# SPDX-License-Identifier: Apache-2.0
"""The files of the source tree, for the tests in this folder."""

import os
import pathlib
import subprocess

# Folders that hold no source of ours when the tree is not a git checkout (an unpacked tarball).
_NOT_SOURCE = {".git", "build", "__pycache__"}


def files(root):
    """Paths of the tree's text files relative to `root`, sorted: what git knows or would add, or all files of a tarball."""
    root = pathlib.Path(root)
    if (root / ".git").exists():
        listing = subprocess.run(
            ["git", "-c", f"safe.directory={root.resolve()}", "-C", str(root),
             "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            check=True, capture_output=True).stdout.decode()
        names = [name for name in listing.split("\0") if name]
    else:
        names = []
        for folder, folders, entries in os.walk(root):
            folders[:] = [name for name in folders if name not in _NOT_SOURCE]
            names += [os.path.relpath(os.path.join(folder, entry), root) for entry in entries]
    found = [pathlib.PurePosixPath(name) for name in names]
    return sorted(path for path in found if (root / path).is_file() and is_text(root / path))


def is_text(path):
    """Whether a file looks like text: no NUL byte in its first 8 KiB."""
    with open(path, "rb") as stream:
        return b"\0" not in stream.read(8192)


def lines(root, path):
    """The lines of one file, numbered from 1."""
    text = (pathlib.Path(root) / path).read_text(encoding="utf-8", errors="replace")
    return list(enumerate(text.splitlines(), start=1))


def report(problems):
    """Prints the problems, one a line, and returns the exit status."""
    for problem in problems:
        print(problem)
    print(f"{len(problems)} problem{'' if len(problems) == 1 else 's'}")
    return 1 if problems else 0
