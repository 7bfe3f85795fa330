#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""glimpse-op-check finds each planted fault, names it, and finds nothing in the sound plugin.

    faults_test.py GLIMPSE_OP_CHECK FAULTY REFERENCE
"""

import concurrent.futures
import json
import os
import re
import subprocess
import sys

# Fault of tests/opcheck/faulty.cc, the check that has to find it, what that says (a pattern).
FAULTS = [
    ("CreateNull", "create", "handed out no kernel"),
    ("SameKernel", "create", "the same kernel twice"),
    ("NoDestroy", "create", r"no destroy\(\)"),
    ("ScoreCrashes", "score", "crashed"),
    ("ScoreChanges", "score", r"score\(\) is 1, then 2"),
    ("WritesBehind", "bounds", r"1 bytes behind output 0 \(\d+ bytes\) were overwritten; node \d+: tflite.REVERSE_V2 int8"),
    ("WritesBefore", "bounds", "1 bytes before output 0"),
    ("WritesFar", "bounds", r"crashed \(SIGSEGV\) in invoke\(\)"),
    ("ReadsFar", "bounds", r"crashed \(SIGSEGV\) in invoke\(\)"),
    ("WritesInput", "bounds", r"in invoke\(\): it was writing to input 0"),
    ("ScratchOverrun", "bounds", r"behind scratch block 0 \(100 bytes\)"),
    ("PersistentOverrun", "bounds", r"behind persistent block 0 \(40 bytes\)"),
    ("WritesShared", "bounds", "writing to a block that was shared"),
    ("KeepsPointer", "bounds", r"input 1 \(as prepare saw it\), which was good until the call returned"),
    ("Unwritten", "outputs", r"1 of \d+ bytes of output 0 are not written"),
    ("ReadsScratch", "scratch", "depends on what scratch memory held"),
    ("Counts", "repeat", "another result the next time"),
    ("ForgetsReset", "repeat", r"another result after reset\(\)"),
    ("UsesHeap", "heap", "calls the heap 1 time"),
    ("WantsAlignment", "alignment", r"crashed \(SIGSEGV\) in prepare\(\)"),
    ("FalseAlias", "alias", "when an output lies in the memory of input 0"),
    ("ReadsForShape", "shape-only", r"crashed \(SIGSEGV\) in invoke\(\)"),
    ("WantsNames", "absent", r"crashed \(SIGSEGV\) in prepare\(\)"),
    ("WantsAxis", "absent", r"crashed \(SIGSEGV\) in prepare\(\)"),
    ("PreparesOnce", "again", r"after prepare\(\) for|crashed"),
    ("IgnoresRefusal", "callbacks", r"prepare\(\) succeeded though set_output_shape\(\) failed"),
    ("UsesRefusedMemory", "callbacks", r"crashed \(SIGSEGV\) in prepare\(\)"),
    ("Leaks", "destroy", "leaves memory behind: [1-9]"),
    ("FreesTwice", "destroy", "crashed|ended the process"),
    ("SharesBuffer", "parallel", "while a second kernel works"),
    ("LosesAPart", "workers", "another result with 2 workers"),
    ("SharesNumber", "workers", "another result with [25] workers"),
    ("WantsExactSizes", "newer-host", "for longer structs"),
    ("WrongAtEnds", "exact", r"not the reference's result: \d+ of \d+ bytes of output 0 differ"),
    ("Hangs", "bounds", r"did not end within 1 s, in invoke\(\)"),
    ("Exits", "bounds", "ended the process with exit status"),
    ("Throws", "bounds", r"invoke\(\) let an exception out: thrown in invoke"),
    ("OddStatus", "bounds", "unknown status 99"),
    ("NoShape", "bounds", "without setting the shape"),
    ("Aborts", "bounds", r"crashed \(SIGABRT\) in invoke\(\)"),
    ("LoadCrashes", "load", "crashed"),
    ("LoadHangs", "load", "did not end within 1 s"),
    ("EndCrashes", "load", "crashed"),
]


def run(program, plugin, reference, *options, fault=""):
    done = subprocess.run([program, plugin, "--against", reference, "--json", *options], capture_output=True, text=True, timeout=300,
                          env={**os.environ, "FAULT": fault}, check=False)
    return done, json.loads(done.stdout)


def problems_of(program, plugin, reference, fault, check, pattern):
    options = [] if check == "load" else ["--check", check]
    if "Hangs" in fault:
        options += ["--timeout", "1"]
    done, report = run(program, plugin, reference, *options, fault=fault)
    failed = [line for line in report["checks"] if line["result"] == "failed"]
    if [line["check"] for line in failed] != [check] or not re.search(pattern, failed[0]["detail"]):
        return [f"{fault}: {check} does not say {pattern}: {json.dumps(report)} {done.stderr}"]
    status = 6 if check == "exact" else 1
    return [] if done.returncode == status else [f"{fault}: exit status {done.returncode}, not {status}"]


def sound_problems(program, plugin, reference):
    done, report = run(program, plugin, reference)
    skipped = {"alias", "shape-only"} | ({"heap"} if sanitized(program, plugin, reference) else set())
    result = {line["check"]: line["result"] for line in report["checks"]}
    # What the sound one cannot show: it allows no alias, and its outputs depend on more than shapes.
    wrong = {check: word for check, word in result.items()
             if word != ("skipped" if check in skipped else "passed")}
    found = [f"the sound plugin: {wrong}: {done.stdout}"] if wrong or done.returncode != 0 else []
    missed = set(result) - {check for _, check, _ in FAULTS}
    return found + [f"no fault is planted for the check {check}" for check in sorted(missed)]


def sanitized(program, plugin, reference):
    """Whether the program has an allocator of a sanitizer's, so that it cannot watch the heap."""
    return "sanitizer" in run(program, plugin, reference, "--check", "heap")[0].stdout


def main():
    program, plugin, reference = sys.argv[1:]
    faults = [fault for fault in FAULTS if fault[0] not in ("UsesHeap", "Leaks") or not sanitized(program, plugin, reference)]
    with concurrent.futures.ThreadPoolExecutor(max_workers=2) as pool:
        futures = [pool.submit(problems_of, program, plugin, reference, *fault) for fault in faults]
        found = sound_problems(program, plugin, reference) + [line for future in futures for line in future.result()]
    print("\n".join(found) or f"{len(faults)} faults found")
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
