# SPDX-License-Identifier: Apache-2.0
"""What must hold of cameras under the unit as it is installed. The tests follow one another on one running daemon, and each can
also be run alone."""

import base64
import json
import pathlib
import time

import pictures
from client import CONTROL, SHARE, Client, check, nodes, serve, sh, state, unit

TIMEOUT_S, STALE_S = 3, 4  # of the configuration
SLACK_S = 5  # for the emulation: what takes a few milliseconds elsewhere
SCENES = sorted(path.stem for path in (SHARE / "scenes").glob("*.pgm"))
REGIONS = json.dumps(pictures.REGIONS)
PIPELINE = (f"{{camera: usb, regions: {REGIONS}, model: digits-28x28.tflite, decide: {{stale: {STALE_S}s}}, "
            "keep: {frames: 8, bytes: 8388608}}")
CAMERA = f"id: {{id}}, size: 320x240, fps: 10, range: full, timeout: {TIMEOUT_S}s"
# By its name, for libcamera's sake that of its media device, for V4L2's that of its node.
NAMED = "'Test Camera: Test Camera'"


def usb(source="libcamera", camera_id="auto", more=""):
    return (f"cameras:\n  usb: {{source: {source}, {CAMERA.format(id=camera_id)}}}\n{more}"
            f"pipelines:\n  digits: {PIPELINE}\n")


def camera_status(client, name="usb"):
    return client.ask("status")["cameras"][name]


def subscribed():
    client = Client()
    client.ask("subscribe", pipelines=["digits"])
    return client


def check_same_daemon(pid):
    facts = unit("MainPID", "ActiveState")
    check(facts == {"MainPID": pid, "ActiveState": "active"}, "the daemon was started anew:", facts, state())


def show(host, client, name):
    host.camera(f"show {name}")
    return client.wait_labels(name)


def check_pixels(host, note):
    """Every pixel of a few scenes, by way of `snapshot`."""
    with subscribed() as client, Client(CONTROL) as control:
        for name in SCENES[:3]:
            show(host, client, name)
            shot = control.ask("snapshot", pipeline="digits")
            width, height, channels, pixels = pictures.read_png(base64.b64decode(shot["png"]))
            check((width, height) == (pictures.WIDTH, pictures.HEIGHT), "size", width, height)
            sent = pictures.read_pgm(SHARE / "scenes" / f"{name}.pgm")
            for channel in range(channels):
                got = pixels[channel::channels]
                wrong = [i for i, (a, b) in enumerate(zip(sent, got)) if a != b]
                check(not wrong, f"{name}: {len(wrong)} of {len(sent)} pixels differ, the first at {wrong[:1]}: "
                      f"{sent[wrong[0]] if wrong else ''} became {got[wrong[0]] if wrong else ''}")
            note(f"{name}: {len(sent)} pixels equal, {shot['format']}, {channels} channel(s)")


def test_the_daemon_starts_before_any_camera_is_there_and_says_so(host, note):
    del host
    check(not list(pathlib.Path("/dev").glob("video*")), "there is a camera already")
    serve(usb())
    with Client() as client:
        status = client.ask("status")
        check(status["state"] == "degraded" and status["cameras"]["usb"]["state"] == "failed", status)
        check("no camera found" in status["cameras"]["usb"]["last_error"], status)
    note(status["cameras"]["usb"]["last_error"])


def test_a_camera_that_is_plugged_in_later_is_found_and_the_digits_are_right(host, note):
    pid = serve(usb())
    with subscribed() as client:
        plugged = host.camera("plug yuyv mjpeg")
        host.camera(f"show {SCENES[0]}")
        note(f"digits {client.wait_labels(SCENES[0]) - plugged:.1f} s after it was plugged in")
        for name in SCENES[1:]:
            show(host, client, name)
        status = camera_status(client)
        check(status["picture"]["format"] == "yuyv", status)
        note(f"digits of {len(SCENES)} scenes right; {status['frames']} frames, {status['dropped']} dropped, "
             f"{status['skipped']} skipped")
        prediction, _ = client.wait_for("what the camera says of a frame",
                                        lambda method, params: method == "prediction" and "sensor" in params)
        stamp_us = prediction["sensor"]["timestamp_ns"] / 1000
        check(abs(stamp_us - prediction["captured_us"]) <= 1, "two times of one frame:", prediction)
        note(f"of a frame the camera says {prediction['sensor']}")
    check_same_daemon(pid)


def test_libcamera_enumerates_it_and_glimpse_lists_it(host, note):
    host.plug("yuyv mjpeg")
    wait_for_nodes("Test Camera")
    listed = sh("cam -l 2>/dev/null")
    check("Test Camera" in listed, listed)
    note(listed.splitlines()[-1])
    cameras = json.loads(sh("glimpse cameras --json"))["cameras"]
    mine = {camera["source"]: camera for camera in cameras if camera["name"].startswith("Test Camera") and not camera["problem"]}
    check(set(mine) == {"libcamera", "v4l2"}, cameras)
    for camera in mine.values():
        check(any(text.startswith("yuyv: 320x240") for text in camera["formats"]), camera)
        check(any(text.startswith("mjpeg: 320x240") for text in camera["formats"]), camera)
        note(f"{camera['source']} {camera['id']}: {', '.join(camera['formats'])}")


def test_every_pixel_is_what_was_sent_through_libcamera(host, note):
    serve(usb())
    host.plug("yuyv mjpeg")
    check_pixels(host, note)


def test_a_camera_that_hangs_turns_predictions_stale_in_time_and_they_resume(host, note):
    pid = serve(usb())
    host.plug("yuyv mjpeg")
    outage(host, note, "stall", "resume", "gave no frame for 3 seconds")
    check_same_daemon(pid)


def test_a_camera_that_is_unplugged_turns_predictions_stale_in_time_and_they_resume(host, note):
    pid = serve(usb())
    host.plug("yuyv mjpeg")
    outage(host, note, "unplug", "plug yuyv mjpeg", "")
    check_same_daemon(pid)


def outage(host, note, begin, end, message):
    """The event comes within the camera's time-out, `stale` within the pipeline's; both a little later under emulation."""
    with subscribed() as client:
        show(host, client, SCENES[0])
        began = host.camera(begin)
        event, told = client.wait_event("camera-failed", TIMEOUT_S + SLACK_S)
        check(event["camera"] == "usb" and message in event["message"], event)
        prediction, stale = client.wait_for("stale", lambda method, params: method == "prediction" and
                                            params["status"] == "unknown" and params["reason"] == "stale", STALE_S + SLACK_S)
        note(f"event after {told - began:.1f} s, stale after {stale - began:.1f} s: {event['message']}")
        check(stale - began <= STALE_S + SLACK_S, "stale too late", stale - began)
        check(prediction["scores"] == [], prediction)
        status = client.ask("status")
        check(status["state"] == "degraded" and status["cameras"]["usb"]["state"] == "failed", status)
        ended = host.camera(end)
        client.wait_event("camera-recovered")
        resumed = client.wait_labels(SCENES[0])
        status = camera_status(client)
        check(status["state"] == "running", status)
        note(f"digits {resumed - ended:.1f} s after it was well; {status['restarts']} restarts, "
             f"{status['reopens']} reopens so far")
        show(host, client, SCENES[1])


def test_a_camera_of_jpeg_only_is_taken_as_it_is_and_the_digits_are_right(host, note):
    pid = serve(usb())
    host.plug("mjpeg")
    with subscribed() as client:
        for name in SCENES:
            show(host, client, name)
        status = camera_status(client)
        check(status["picture"]["format"] == "yuv422" and status["skipped"] == 0, status)
        note(f"digits of {len(SCENES)} scenes right; {status}")
    check_same_daemon(pid)


def test_the_same_camera_through_v4l2_gives_the_same_pixels(host, note):
    host.plug("yuyv")
    wait_for_nodes("Test Camera")
    pid = serve(usb("v4l2", NAMED))
    check_pixels(host, note)
    outage(host, note, "stall", "resume", "gave no frame for 3 seconds")
    outage(host, note, "unplug", "plug yuyv", "")
    check_same_daemon(pid)


def wait_for_nodes(name):
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if found := nodes(name):
            sh("udevadm settle")
            return found[0]
        time.sleep(0.2)
    return check(False, f"no /dev/video* of '{name}'")
