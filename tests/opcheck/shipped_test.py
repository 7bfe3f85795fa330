#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A plugin of ours passes glimpse-op-check, and enough of it is looked at.

    shipped_test.py GLIMPSE_OP_CHECK PLUGIN REFERENCE NODES
"""

import json
import subprocess
import sys

# Of kernels that this processor can run, the share that generated nodes must reach, given so many.
SERVED = 0.75
ENOUGH_NODES = 60


def main():
    program, plugin, reference, nodes = sys.argv[1:]
    done = subprocess.run([program, plugin, "--against", reference, "--json", "--nodes", nodes, "--timeout", "300"],
                          capture_output=True, text=True, timeout=900, check=False)
    report = json.loads(done.stdout)
    found = [f"{line['kernel']} {line['check']}: {line['detail']}" for line in report["checks"] if line["result"] == "failed"]
    if done.returncode != 0 and not found:
        found.append(f"exit status {done.returncode}: {done.stderr}")
    bounds = [line for line in report["checks"] if line["check"] == "bounds" and "this processor lacks" not in line["detail"]]
    missed = [line for line in bounds if line["result"] == "skipped"]
    for line in missed:
        print(f"note: {line['kernel']}: {line['detail']}")
    if report["plugin"] != "detection" and int(nodes) >= ENOUGH_NODES and len(missed) > (1 - SERVED) * len(bounds):
        found.append(f"{len(missed)} of {len(bounds)} kernels serve no generated node")
    print(f"{report['passed']} passed, {report['failed']} failed, {report['skipped']} skipped")
    print("\n".join(found))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
