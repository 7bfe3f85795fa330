# SPDX-License-Identifier: Apache-2.0
"""`glimpse doctor` names what is wrong, in a machine where it really is. Each test breaks one thing and mends it again."""

import contextlib
import json
import os
import pathlib
import re
import subprocess
import time

from camera_tests import usb, wait_for_nodes
from client import CONFIG, check, serve, sh

UNIT = "/usr/lib/systemd/system/glimpsed.service"


def problems():
    """What doctor finds: "CHECK: MESSAGE; REMEDY"."""
    done = subprocess.run(["glimpse", "doctor", "--json"], capture_output=True, text=True, timeout=180, check=False)
    report = json.loads(done.stdout)
    found = [f"{each['check']}: {each['message']}; {each['remedy']}" for each in report["findings"] if each["level"] == "problem"]
    check(done.returncode == (1 if found else 0) and report["problems"] == len(found), done.returncode, report)
    return found


def check_named(note, *words):
    """Doctor names one thing, with these words."""
    found = problems()
    check(len(found) == 1 and all(word in found[0] for word in words), f"{words} expected:", found)
    note(found[0])


@contextlib.contextmanager
def away(*paths):
    """Without these files for a while."""
    paths = [path for path in map(pathlib.Path, paths) if path.exists()]
    check(paths, "nothing there to take away")
    for path in paths:
        path.rename(f"{path}.away")
    try:
        yield
    finally:
        for path in paths:
            pathlib.Path(f"{path}.away").rename(path)


@contextlib.contextmanager
def changed(path, pattern, replacement):
    """With another text in a file for a while."""
    path = pathlib.Path(path)
    before = path.read_text()
    text, count = re.subn(pattern, replacement, before, flags=re.MULTILINE)
    check(count, f"{path} has no {pattern}")
    path.write_text(text)
    try:
        yield
    finally:
        path.write_text(before)


def a_camera(host):
    host.plug("yuyv")
    serve(usb())
    sh("systemctl stop glimpsed")
    return wait_for_nodes("Test Camera")


def test_doctor_finds_nothing_wrong_with_this_machine(host, note):
    a_camera(host)
    found = problems()
    check(not found, found)
    note("no problem")


def test_doctor_names_a_group_that_is_missing(host, note):
    a_camera(host)
    # Both the user and the unit have it, and either would do.
    with changed("/etc/group", r"^(video:.*)\bglimpsed\b", r"\1"), changed(UNIT, r"^SupplementaryGroups=.*$", ""):
        found = problems()
    check(found and "groups: user 'glimpsed' is not in the group 'video'" in found[0] and "usermod -aG video glimpsed" in found[0],
          found)
    note(found[0])


def test_doctor_names_that_there_is_no_memory_for_frames(host, note):
    a_camera(host)
    # A camera that is not on USB needs it.
    sh("modprobe vivid n_devs=1 node_types=0x1")
    wait_for_nodes("vivid")
    heaps = [path for path in map(pathlib.Path, ("/dev/dma_heap/system", "/dev/udmabuf")) if path.exists()]
    modes = [path.stat() for path in heaps]
    try:
        for path in heaps:
            os.chown(path, 0, 0)
            path.chmod(0o600)
        check_named(note, "dma_heap: user 'glimpsed' may open none of", "add the udev rule")
        for path, stat in zip(heaps, modes):
            path.chmod(stat.st_mode & 0o777)
            os.chown(path, stat.st_uid, stat.st_gid)
        with away("/dev/dma_heap", "/dev/udmabuf"):
            check_named(note, "dma_heap: libcamera has no memory for frames")
        check(not problems(), problems())
    finally:
        sh("modprobe -r vivid", expect=None)


def test_doctor_names_who_has_the_camera(host, note):
    node = a_camera(host)
    with open(node, "rb", buffering=0):
        check_named(note, f"busy: {node} is in use by python3 (process {os.getpid()})")


def test_doctor_names_plugins_that_are_missing(host, note):
    a_camera(host)
    with away(*pathlib.Path("/usr/lib").glob("*/glimpsed/kernels/*.so")):
        found = problems()
    check(found and "plugins: there is no kernel plugin" in found[0], found)
    note(found[0])


def test_doctor_names_a_clock_that_is_wrong(host, note):
    a_camera(host)
    now, began = time.time(), time.monotonic()
    sh("date -s 2020-01-01")
    try:
        check_named(note, "clock: the clock says 2020-01-01", "timedatectl")
    finally:
        time.clock_settime(time.CLOCK_REALTIME, now + time.monotonic() - began)


def test_doctor_names_a_disk_that_is_full(host, note):
    a_camera(host)
    sh("mkdir -p /var/lib/glimpsed && mount -t tmpfs -o size=128k none /var/lib/glimpsed")
    try:
        sh("head -c 1M /dev/zero >/var/lib/glimpsed/full", expect=None)
        check_named(note, "disk: /var/lib/glimpsed is full: 0 of 131072 bytes are free")
    finally:
        sh("umount /var/lib/glimpsed")
    check(CONFIG.exists() and not problems(), "not mended:", problems())
