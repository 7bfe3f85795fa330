# SPDX-License-Identifier: Apache-2.0
"""Cameras that the kernel or libcamera makes up, beside the one on USB."""

import base64
import itertools
import json
import pathlib
import time

import pictures
from camera_tests import (NAMED, SCENES, SLACK_S, TIMEOUT_S, camera_status, check_same_daemon, show, subscribed, usb,
                          wait_for_nodes)
from client import CONTROL, Client, check, serve, sh

VIRTUAL_YAML = """\
"Virtual0":
  supported_formats:
  - width: 320
    height: 240
    frame_rates:
    - 10
  test_pattern: "bars"
  location: "CameraLocationFront"
  model: "Virtual"
"""


def test_vivid_through_v4l2_is_black_and_white_where_it_says_so(host, note):
    host.plug("yuyv")
    wait_for_nodes("Test Camera")
    sh("modprobe vivid n_devs=1 node_types=0x1 no_error_inj=0")
    device = wait_for_nodes("vivid")
    # Nothing written over the picture.
    sh(f"v4l2-ctl -d {device} -c osd_text_mode=2")
    pid = serve(usb("v4l2", NAMED, f"  vivid: {{source: v4l2, id: {device}, size: 640x360, timeout: {TIMEOUT_S}s}}\n") +
                "  white: {camera: vivid, model: digits-28x28.tflite, keep: {frames: 4, bytes: 8388608}}\n")
    with Client() as client, Client(CONTROL) as control:
        client.ask("subscribe", pipelines=["white"])
        for pattern, level in ((6, 255), (5, 0)):
            sh(f"v4l2-ctl -d {device} -c test_pattern={pattern}")
            client.ask("unsubscribe")
            client.ask("subscribe", pipelines=["white"])
            deadline = time.monotonic() + 60
            while True:
                client.wait_for("a prediction of vivid", lambda method, params: method == "prediction")
                shot = control.ask("snapshot", pipeline="white")
                pixels = pictures.read_png(base64.b64decode(shot["png"]))[3]
                worst = max(abs(value - level) for value in set(pixels))
                if worst <= 2:
                    break
                check(time.monotonic() < deadline, f"pattern {pattern}: pixels {worst} from {level}")
            picture = camera_status(client, "vivid")["picture"]
            note(f"pattern {pattern}: all pixels within {worst} of {level}; {picture}")
            # Nothing to be seen, whatever its colour.
            client.wait_for("blank", lambda method, params: method == "prediction" and params.get("reason") == "blank")
        # As when it is unplugged.
        gone = time.monotonic()
        sh(f"v4l2-ctl -d {device} -c disconnect=1")
        event, told = client.wait_for("event", lambda method, params: method == "event" and params.get("camera") == "vivid" and
                                      params["event"] == "camera-failed", TIMEOUT_S + SLACK_S)
        note(f"event {told - gone:.1f} s after its end: {event['message']}")
    check_same_daemon(pid)
    serve(usb("v4l2", NAMED))
    sh("modprobe -r vivid", expect=None)


def test_the_virtual_camera_of_libcamera_is_listed_and_survived_beside_the_other(host, note):
    """Its metadata is garbage in some releases, and it fills a frame as soon as it is asked for one."""
    host.plug("yuyv")
    wait_for_nodes("Test Camera")
    folder = pathlib.Path("/usr/share/libcamera/pipeline/virtual")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "virtual.yaml").write_text(VIRTUAL_YAML)
    listed = sh("cam -l 2>/dev/null")
    check("Virtual0" in listed and "Test Camera" in listed, listed)
    known = {camera["id"]: camera for camera in json.loads(sh("glimpse cameras --json"))["cameras"]}
    check("Virtual0" in known and not known["Virtual0"]["problem"], known)
    note(f"Virtual0: {', '.join(known['Virtual0']['formats'])}")
    # libcamera reads the file when it starts.
    sh("systemctl stop glimpsed")
    pid = serve(usb(camera_id=NAMED, more="  made-up: {source: libcamera, id: Virtual0, size: 320x240, fps: 10, "
                                          f"timeout: {TIMEOUT_S}s}}\n") +
                "  other: {camera: made-up, model: digits-28x28.tflite, keep: {frames: 4, bytes: 8388608}}\n")
    with subscribed() as client, Client() as other, Client(CONTROL) as control:
        other.ask("subscribe", pipelines=["other"])
        prediction, _ = other.wait_for("a prediction of the virtual camera",
                                       lambda method, params: method == "prediction" and params.get("origin") == "Virtual0")
        check(0 <= prediction["age_us"] < 10e6, "an age from garbage", prediction)
        show(host, client, SCENES[0])
        # Over a connection on which nothing else waits. A frame's number counts what the camera filled.
        before, first, spent = camera_status(control, "made-up"), last_frame(control, "other"), cpu_s(pid)
        began = time.monotonic()
        for scene in itertools.cycle(SCENES):
            show(host, client, scene)
            time.sleep(0.5)
            if time.monotonic() > began + 10:
                break
        after, seconds = camera_status(control, "made-up"), time.monotonic() - began
        filled = last_frame(control, "other") - first
        note(f"{filled} frames of it in {seconds:.1f} s, {(cpu_s(pid) - spent) / seconds:.2f} s of processor a second; "
             f"{after}")
        check(after["state"] == "running" and after["restarts"] == 0 and after["frames"] > before["frames"], after)
        # It has no clock of its own; the configuration's rate is what counts, with some lenience, and up to 8 frames that are late
        # come at once, beside those that were on their way.
        check(filled <= 10 / 0.9 * seconds + 20, "the virtual camera is not held to its rate")
        shot = control.ask("snapshot", pipeline="other")
        width, height, _, pixels = pictures.read_png(base64.b64decode(shot["png"]))
        check((width, height) == (320, 240) and len(set(pixels)) > 2, "no bars", width, height, len(set(pixels)))
        show(host, client, SCENES[2])
    check_same_daemon(pid)
    serve(usb("v4l2", NAMED))


def last_frame(client, pipeline):
    return client.ask("latest", pipelines=[pipeline])["predictions"][0]["frame"]


def cpu_s(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / 100
