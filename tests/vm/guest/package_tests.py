# SPDX-License-Identifier: Apache-2.0
"""The packages on a machine of its own: tests/acceptance/steps.sh, and what only a machine with a camera shows."""

import os
import pathlib
import subprocess

from camera_tests import SCENES, check_pixels, check_same_daemon, outage, show, subscribed, usb, wait_for_nodes
from client import SHARE, check, serve, sh, unit

APT_S = 1200  # at most; dpkg is slow where both processor and disk are emulated
APT = "DEBIAN_FRONTEND=noninteractive apt-get -q -y --no-install-recommends"


def serve_camera(host):
    """Plugs the camera in and has the daemon read it; its process id. A reload refuses a camera that is not there."""
    host.plug("yuyv mjpeg")
    wait_for_nodes("Test Camera")
    return serve(usb())


def test_the_life_of_the_packages_from_installation_to_purge(host, note):
    """All of steps.sh; its lines are shown below this test's, as they come."""
    with subprocess.Popen(["sh", SHARE / "steps.sh", SHARE / "first", SHARE / "second"], stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace",
                          env={**os.environ, "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"}) as steps:
        lines = []
        for line in steps.stdout:
            host.tap("    " + line.rstrip("\n"))
            lines.append(line)
    check(steps.returncode == 0 and any(line.startswith("1..") for line in lines), "exit status", steps.returncode)
    note(lines[-1].removeprefix("# ").strip())


def test_a_camera_on_usb_is_read_once_the_module_is_installed_with_apt(host, note):
    pathlib.Path("/etc/apt/sources.list.d/glimpsed-acceptance.list").write_text(f"deb [trusted=yes] file:{SHARE}/second ./\n")
    sh(f"apt-get -q update && {APT} install glimpsed glimpsed-libcamera", seconds=APT_S)
    pid = serve_camera(host)
    with subscribed() as client:
        for name in SCENES:
            show(host, client, name)
    # By the command line, as somebody who may read and no more.
    sh("getent passwd member || useradd --system --groups glimpsed member; usermod --append --groups glimpsed member")
    seen = sh("setpriv --reuid=member --regid=member --init-groups timeout 60 glimpse watch --count 8")
    digits = set(SCENES[-1])
    read = [line.split(": ")[1].split()[0] for line in seen.splitlines()]
    check(len(read) == 8 and set(read) <= digits, f"digits {digits}:", seen)
    note(f"digits of {len(SCENES)} scenes right; member reads {' '.join(read)}")
    check_pixels(host, note)
    check_same_daemon(pid)


def test_it_is_unplugged_and_plugged_in_again(host, note):
    pid = serve_camera(host)
    outage(host, note, "unplug", "plug yuyv mjpeg", "")
    check_same_daemon(pid)


def test_other_kernels_compute_the_same_digits_after_a_reload(host, note):
    pid = serve_camera(host)
    serve(usb().replace("model: digits", "kernels: {use: reference}, model: digits"))
    with subscribed() as client:
        for name in SCENES:
            show(host, client, name)
        plugins = {operator["plugin"] for operator in client.ask("describe")["pipelines"]["digits"]["operators"]} - {""}
    check(plugins == {"reference"}, plugins)
    check_same_daemon(pid)
    note(f"computed by {', '.join(sorted(plugins))}")


def test_purge_leaves_nothing_of_the_module_either(host, note):
    del host
    sh(f"{APT} purge --auto-remove glimpsed glimpsed-libcamera glimpse-tools", seconds=APT_S)
    # The camera's maker is named so, too, in udev's links.
    left = sh("find /etc /usr /var/lib /run -xdev \\( -path /run/udev/links -o -path /var/lib/apt -o -path /etc/apt \\) -prune "
              "-o -name '*glimpse*' -print; getent passwd glimpsed; getent group glimpsed glimpsed-admin", expect=None)
    # Nor a process that holds the camera.
    check(left == "" and unit("LoadState")["LoadState"] == "not-found", left)
    check(not sh("cat /proc/[0-9]*/comm 2>/dev/null | grep -x glimpsed", expect=None), "it runs")
    note("no file, user, group, unit or process")
