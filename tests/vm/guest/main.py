# SPDX-License-Identifier: Apache-2.0
"""Runs the tests in the machine, in their order, and reports to the host: Test Anything Protocol."""

import importlib
import time
import traceback

import client


def main():
    host = client.Host()
    only = (client.SHARE / "only").read_text().split()
    modules = [importlib.import_module(name) for name in (client.SHARE / "modules").read_text().split()]
    # In the order in which they are written.
    tests = [test for module in modules for name, test in vars(module).items()
             if name.startswith("test_") and (not only or any(word in name for word in only))]
    host.tap(f"1..{len(tests)}")
    for number, test in enumerate(tests, start=1):
        name = test.__name__.removeprefix("test_").replace("_", " ")
        start = time.monotonic()
        notes = []
        try:
            test(host, notes.append)
            verdict = "ok"
        except client.Failed as failure:
            verdict = "not ok"
            notes += str(failure).splitlines()
        except Exception:  # pylint: disable=broad-except
            verdict = "not ok"
            notes += traceback.format_exc().splitlines()
        host.tap(f"{verdict} {number} - {name} ({time.monotonic() - start:.1f} s)")
        for note in notes:
            host.tap(f"# {note}")
    client.keep_logs()
    host.say("end")


if __name__ == "__main__":
    main()
