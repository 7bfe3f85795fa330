#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Boots the machine, plays its camera, and prints what its tests say. Started by tests/vm/run.

    host.py ARCH WORK INSTALLED [TEST...]

The guest asks over a line: "camera WORDS" is a command to usb_camera.py and gets its answer, "tap TEXT" is a line of its report,
"end" its last word.
"""

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
PATIENCE_S = 1800  # a guest that hangs; a run takes a few minutes


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


def prepare(work, arch, installed, tests):
    """A fresh copy of the root with the program in it, and the shared folder; the scenes' names."""
    root, share = work / f"machine-{arch}", work / f"share-{arch}"
    for folder in (root, share):
        shutil.rmtree(folder, ignore_errors=True)
    subprocess.run(["cp", "-a", "--reflink=auto", work / f"root-{arch}", root], check=True)
    subprocess.run(["cp", "-a", f"{installed}/.", root], check=True)
    # What the package brings and an installation from source does not: memory for frames may be had by the group of cameras.
    shutil.copy(SOURCE / "packaging" / "debian" / "glimpsed-libcamera.udev",
                root / "usr/lib/udev/rules.d/60-glimpsed-libcamera.rules")
    (share / "out").mkdir(parents=True)
    shutil.copytree(HERE / "guest", share / "tests", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(HERE / "pictures.py", share / "tests")
    (share / "only").write_text("\n".join(tests))
    return root, share, pictures.make_scenes(SOURCE / "config" / "demo", share / "scenes")


def keep_logs(logs, folder, share):
    shutil.rmtree(logs, ignore_errors=True)
    shutil.copytree(share / "out", logs)
    for log in folder.glob("*.log"):
        shutil.copy(log, logs)


def main():
    # So that an interrupted run leaves no machine behind.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    arch, work, installed, *tests = sys.argv[1:]
    work = pathlib.Path(work)
    if problem := machine.missing(arch):
        print(f"host.py: {problem}", file=sys.stderr)
        return 1
    root, share, _ = prepare(work, arch, pathlib.Path(installed), tests)
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
            keep_logs(work / f"logs-{arch}", folder, share)
    good = finished and report.good()
    print(f"{arch}: {report.passed} passed, {report.failed} failed, {report.planned} planned, "
          f"{time.monotonic() - start:.0f} s with the boot" + ("" if finished else "; the guest ended before its report did"))
    if not good:
        print(f"logs: {work / f'logs-{arch}'}")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
