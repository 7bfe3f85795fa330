#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every command and every long option of glimpse is in its manual page and its bash completion, and nothing else is completed.

    commands_documented.py ROOT GLIMPSE
"""

import pathlib
import re
import subprocess
import sys

import tree


def help_of(program, *arguments):
    return subprocess.run([program, *arguments, "--help"], check=True, capture_output=True, text=True).stdout


def commands(program):
    """The names under "Subcommands:" of the program's own help."""
    listing = help_of(program).split("Subcommands:", 1)[1]
    return re.findall(r"^  ([a-z-]+) ", listing.split("\n\n")[0], re.MULTILINE)


def options(program, command):
    return sorted(set(re.findall(r"^ +(?:-\w,)?(--[a-z-]+)", help_of(program, command), re.MULTILINE)) - {"--help"})


def completed(completion, word):
    """What bash offers after `glimpse word --`, or after `glimpse ` when there is no word."""
    words = f'(glimpse {word} --)' if word else '(glimpse "")'
    script = f'source "$1"; COMP_WORDS={words}; COMP_CWORD={2 if word else 1}; _glimpse; printf "%s\\n" "${{COMPREPLY[@]}}"'
    done = subprocess.run(["bash", "--norc", "-c", script, "bash", str(completion)], check=True, capture_output=True, text=True)
    return set(done.stdout.split()) - {"--help", "--version"}


def differences(what, here, there):
    return ([f"{what}: {name} is missing" for name in sorted(set(here) - set(there))]
            + [f"{what}: {name} does not exist" for name in sorted(set(there) - set(here))])


def main():
    root, program = pathlib.Path(sys.argv[1]), sys.argv[2]
    page = (root / "docs/man/glimpse.1").read_text(encoding="utf-8").replace("\\-", "-")
    completion = root / "cli/completion/glimpse"
    known = commands(program)
    found = [] if len(known) > 5 else [f"glimpse --help: only the commands {known}: the help is not understood"]
    found += differences("completion", known, completed(completion, ""))
    for command in known:
        if command == "help":
            continue
        section = "\n".join(re.findall(rf'^\.SS "{command}\b.*?(?=^\.S[SH] )', page, re.DOTALL | re.MULTILINE))
        if not section:
            found.append(f"docs/man/glimpse.1: no section for {command}")
        for option in options(program, command):
            # Options that many commands share are described once, outside the sections.
            if not re.search(rf"{option}\b", section) and not re.search(rf"^\.\w+ .*{option}\b", page, re.MULTILINE):
                found.append(f"docs/man/glimpse.1: {command}: {option} is not described")
        found += differences(f"completion: {command}", options(program, command), completed(completion, command))
    return tree.report(found)


if __name__ == "__main__":
    sys.exit(main())
