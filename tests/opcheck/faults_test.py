#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""glimpse-op-check finds each planted fault, names it, and finds nothing in the sound plugin.

    faults_test.py GLIMPSE_OP_CHECK FOLDER REFERENCE
"""

import concurrent.futures
import json
import re
import subprocess
import sys

# Fault of tests/opcheck/faulty.cc, the check that has to find it, what that says (a pattern).
FAULTS = [
    ("kCreateNull", "create", "handed out no kernel"),
    ("kSameKernel", "create", "the same kernel twice"),
    ("kNoDestroy", "create", r"no destroy\(\)"),
    ("kScoreCrashes", "score", "crashed"),
    ("kScoreChanges", "score", r"score\(\) is 1, then 2"),
    ("kWritesBehind", "bounds", r"1 bytes behind output 0 \(\d+ bytes\) were overwritten; node \d+: tflite.REVERSE_V2 int8"),
    ("kWritesBefore", "bounds", "1 bytes before output 0"),
    ("kWritesFar", "bounds", r"crashed \(SIGSEGV\) in invoke\(\)"),
    ("kReadsFar", "bounds", r"crashed \(SIGSEGV\) in invoke\(\)"),
    ("kWritesInput", "bounds", r"in invoke\(\): it was writing to input 0"),
    ("kScratchOverrun", "bounds", r"behind scratch block 0 \(100 bytes\)"),
    ("kPersistentOverrun", "bounds", r"behind persistent block 0 \(40 bytes\)"),
    ("kWritesShared", "bounds", "writing to a block that was shared"),
    ("kKeepsPointer", "bounds", r"input 1 \(as prepare saw it\), which was good until the call returned"),
    ("kUnwritten", "outputs", r"1 of \d+ bytes of output 0 are not written"),
    ("kReadsScratch", "scratch", "depends on what scratch memory held"),
    ("kCounts", "repeat", "another result the next time"),
    ("kForgetsReset", "repeat", r"another result after reset\(\)"),
    ("kUsesHeap", "heap", "calls the heap 1 time"),
    ("kWantsAlignment", "alignment", r"crashed \(SIGSEGV\) in prepare\(\)"),
    ("kFalseAlias", "alias", "when an output lies in the memory of input 0"),
    ("kReadsForShape", "shape-only", r"crashed \(SIGSEGV\) in invoke\(\)"),
    ("kWantsNames", "absent", r"crashed \(SIGSEGV\) in prepare\(\)"),
    ("kWantsAxis", "absent", r"crashed \(SIGSEGV\) in prepare\(\)"),
    ("kPreparesOnce", "again", r"after prepare\(\) for|crashed"),
    ("kIgnoresRefusal", "callbacks", r"prepare\(\) succeeded though set_output_shape\(\) failed"),
    ("kUsesRefusedMemory", "callbacks", r"crashed \(SIGSEGV\) in prepare\(\)"),
    ("kLeaks", "destroy", "leaves memory behind: [1-9]"),
    ("kFreesTwice", "destroy", "crashed|ended the process"),
    ("kSharesBuffer", "parallel", "while a second kernel works"),
    ("kWantsExactSizes", "newer-host", "for longer structs"),
    ("kWrongAtEnds", "exact", r"not the reference's result: \d+ of \d+ bytes of output 0 differ"),
    ("kHangs", "bounds", r"did not end within 1 s, in invoke\(\)"),
    ("kExits", "bounds", "ended the process with exit status"),
    ("kThrows", "bounds", r"invoke\(\) let an exception out: thrown in invoke"),
    ("kOddStatus", "bounds", "unknown status 99"),
    ("kNoShape", "bounds", "without setting the shape"),
    ("kAborts", "bounds", r"crashed \(SIGABRT\) in invoke\(\)"),
    ("kLoadCrashes", "load", "crashed"),
    ("kLoadHangs", "load", "did not end within 1 s"),
    ("kEndCrashes", "load", "crashed"),
]


def run(program, plugin, reference, *options):
    done = subprocess.run([program, plugin, "--against", reference, "--json", *options], capture_output=True, text=True, timeout=300,
                          check=False)
    return done, json.loads(done.stdout)


def problems_of(program, folder, reference, fault, check, pattern):
    options = [] if check == "load" else ["--check", check]
    if "Hangs" in fault:
        options += ["--timeout", "1"]
    done, report = run(program, f"{folder}/{fault}.so", reference, *options)
    failed = [line for line in report["checks"] if line["result"] == "failed"]
    if [line["check"] for line in failed] != [check] or not re.search(pattern, failed[0]["detail"]):
        return [f"{fault}: {check} does not say {pattern}: {json.dumps(report)} {done.stderr}"]
    status = 6 if check == "exact" else 1
    return [] if done.returncode == status else [f"{fault}: exit status {done.returncode}, not {status}"]


def sound_problems(program, folder, reference):
    done, report = run(program, f"{folder}/kNone.so", reference)
    skipped = {"alias", "shape-only"} | ({"heap"} if sanitized(program, folder, reference) else set())
    result = {line["check"]: line["result"] for line in report["checks"]}
    # What the sound one cannot show: it allows no alias, and its outputs depend on more than shapes.
    wrong = {check: word for check, word in result.items()
             if word != ("skipped" if check in skipped else "passed")}
    found = [f"the sound plugin: {wrong}: {done.stdout}"] if wrong or done.returncode != 0 else []
    missed = set(result) - {check for _, check, _ in FAULTS}
    return found + [f"no fault is planted for the check {check}" for check in sorted(missed)]


def sanitized(program, folder, reference):
    """Whether the program has an allocator of a sanitizer's, so that it cannot watch the heap."""
    return "sanitizer" in run(program, f"{folder}/kNone.so", reference, "--check", "heap")[0].stdout


def main():
    program, folder, reference = sys.argv[1:]
    faults = [fault for fault in FAULTS if fault[0] not in ("kUsesHeap", "kLeaks") or not sanitized(program, folder, reference)]
    with concurrent.futures.ThreadPoolExecutor(max_workers=2) as pool:
        futures = [pool.submit(problems_of, program, folder, reference, *fault) for fault in faults]
        found = sound_problems(program, folder, reference) + [line for future in futures for line in future.result()]
    print("\n".join(found) or f"{len(faults)} faults found")
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
