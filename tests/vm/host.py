#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Boots the machine, plays its camera, and prints what its tests say. Started by tests/vm/run and tests/acceptance/vm.

The guest asks over a line: "camera WORDS" is a command to usb_camera.py and gets its answer, "tap TEXT" is a line of its report,
"end" its last word.
"""

import argparse
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

import machine
import pictures

HERE = pathlib.Path(__file__).resolve().parent
SOURCE = HERE.parent.parent
PATIENCE_S = 3000  # a guest that hangs; a run takes a few minutes, with packages some more


class Camera:
    """usb_camera.py as a process."""

    def __init__(self, cable, scenes, log):
        with open(log, "wb") as output:
            self.process = subprocess.Popen([sys.executable, HERE / "usb_camera.py", cable, scenes], stdin=subprocess.PIPE,
                                            stdout=subprocess.PIPE, stderr=output, text=True)

    def command(self, text):
        try:
            self.process.stdin.write(text + "\n")
            self.process.stdin.flush()
            return self.process.stdout.readline().strip() or "error: the camera program ended"
        except OSError as error:
            return f"error: {error}"

    def stop(self):
        self.process.stdin.close()
        self.process.wait(10)


class Report:
    """What the tests said, in the Test Anything Protocol."""

    def __init__(self):
        self.planned, self.passed, self.failed = None, 0, 0

    def add(self, line):
        print(line, flush=True)
        if line.startswith("1.."):
            self.planned = int(line[3:])
        elif line.startswith("ok "):
            self.passed += 1
        elif line.startswith("not ok "):
            self.failed += 1

    def good(self):
        return self.planned and self.failed == 0 and self.passed == self.planned


def converse(line, camera, report):
    """Until the guest's last word or its end; whether it had one."""
    with line.makefile("rw", encoding="utf-8", newline="\n") as stream:
        while text := stream.readline():
            kind, _, rest = text.rstrip("\n").partition(" ")
            if kind == "camera":
                stream.write(camera.command(rest) + "\n")
                stream.flush()
            elif kind == "tap":
                report.add(rest)
            elif kind == "end":
                return True
    return False


def prepare(arguments):
    """A fresh copy of the root with what is added to it, and the shared folder."""
    root, share = arguments.work / "root", arguments.work / "share"
    for old in (root, share):
        shutil.rmtree(old, ignore_errors=True)
    arguments.work.mkdir(exist_ok=True)
    subprocess.run(["cp", "-a", "--reflink=auto", arguments.root, root], check=True)
    for added in arguments.add:
        subprocess.run(["cp", "-a", f"{added}/.", root], check=True)
    (share / "out").mkdir(parents=True)
    for shared in arguments.share:
        subprocess.run(["cp", "-a", shared, share], check=True)
    shutil.copytree(HERE / "guest", share / "tests", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(HERE / "pictures.py", share / "tests")
    (share / "modules").write_text("\n".join(arguments.modules.split(",")))
    (share / "only").write_text("\n".join(arguments.tests))
    pictures.make_scenes(SOURCE / "config" / "demo", share / "scenes")
    return root, share


def keep_logs(logs, folder, share):
    shutil.rmtree(logs, ignore_errors=True)
    shutil.copytree(share / "out", logs)
    for log in folder.glob("*.log"):
        shutil.copy(log, logs)


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("arch", choices=sorted(machine.QEMU))
    parser.add_argument("work", type=pathlib.Path, help="folder for the machine and, in logs/, for what it leaves")
    parser.add_argument("root", type=pathlib.Path, help="the machine's root, made by make_root; a copy is used")
    parser.add_argument("--add", action="append", default=[], help="folder whose files are added to the root; may be repeated")
    parser.add_argument("--share", action="append", default=[], help="file or folder for /share; may be repeated")
    parser.add_argument("--modules", required=True, help="those of guest/ that hold the tests, separated by commas")
    parser.add_argument("tests", nargs="*", metavar="TEST", help="only tests whose name has this in it")
    return parser.parse_args()


def main():
    # So that an interrupted run leaves no machine behind.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    arguments = parse_arguments()
    arch, logs = arguments.arch, arguments.work / "logs"
    if problem := machine.missing(arch):
        print(f"host.py: {problem}", file=sys.stderr)
        return 1
    root, share = prepare(arguments)
    report, start, finished = Report(), time.monotonic(), False
    # Paths of sockets are short.
    with tempfile.TemporaryDirectory(prefix="glimpse-vm-") as name:
        folder = pathlib.Path(name)
        guest = machine.Machine(arch, root, share, folder)
        watch = threading.Timer(PATIENCE_S, guest.qemu.kill)
        watch.start()
        camera = None
        try:
            camera = Camera(guest.camera, share / "scenes", folder / "usb_camera.log")
            with guest.connect_line() as line:
                finished = converse(line, camera, report)
            if finished:
                guest.qemu.wait(60)
        finally:
            watch.cancel()
            if camera:
                camera.stop()
            guest.stop()
            keep_logs(logs, folder, share)
    good = finished and report.good()
    print(f"{arch}: {report.passed} passed, {report.failed} failed, {report.planned} planned, "
          f"{time.monotonic() - start:.0f} s with the boot" + ("" if finished else "; the guest ended before its report did"))
    if not good:
        print(f"logs: {logs}")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
