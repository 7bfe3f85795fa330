# SPDX-License-Identifier: Apache-2.0
"""Cameras that stall, end, come back or are not there, as clients of the daemon see them. A FIFO is the camera."""

import os
import subprocess
import sys
import threading
import time
import unittest

from harness import GLIMPSE, TIMEOUT, Client, Daemon, digit_pgm

WIDTH, HEIGHT = 40, 48
FIFO = """
cameras: {front: {source: video, path: camera.fifo, format: %s, size: 40x48, timeout: 500ms}}
pipelines: {digits: {camera: front, model: {model}, decide: {stale: 1s}}}
"""


def grey(digit):
    """The pixels of a digit, without PGM's header."""
    return digit_pgm(digit, 3)[-WIDTH * HEIGHT:]


def yuyv(digit):
    return b"".join(bytes([level, 128]) for level in grey(digit))


def y4m_frame(digit):
    """4:2:0 in full range."""
    return b"FRAME\n" + grey(digit) + bytes([128]) * (WIDTH * HEIGHT // 2)


Y4M_HEADER = b"YUV4MPEG2 W%d H%d F30:1 Ip C420jpeg XCOLORRANGE=FULL\n" % (WIDTH, HEIGHT)


class Writer:
    """Writes frames into the FIFO until told otherwise, as a camera's program does."""

    def __init__(self, path, frame, header=b""):
        self.path, self.frame, self.header = path, frame, header
        self.stalled = threading.Event()
        self.ended = threading.Event()
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self):
        with open(self.path, "wb", buffering=0) as fifo:
            fifo.write(self.header)
            while not self.ended.wait(0.02):
                if not self.stalled.is_set():
                    fifo.write(self.frame)
            fifo.write(self.frame[: len(self.frame) // 2])

    def end(self):
        """Ends within a frame."""
        self.ended.set()
        self.thread.join(TIMEOUT)


def await_event(client, name):
    while True:
        event = client.next("event")
        if event["event"] == name:
            return event


def await_status(client, camera, state):
    deadline = time.monotonic() + TIMEOUT
    while time.monotonic() < deadline:
        status = client.result("status")
        if status["cameras"][camera]["state"] == state:
            return status
        time.sleep(0.05)
    raise AssertionError(f"the camera did not become {state}: {status}")


class Recovery(unittest.TestCase):
    def start(self, daemon):
        os.mkfifo(daemon.folder / "camera.fifo")
        return daemon.start()

    def test_a_stall_turns_predictions_stale_and_they_resume_by_themselves(self):
        with Daemon(FIFO % "grey8") as daemon, self.start(daemon).client() as client, daemon.client() as events:
            writer = Writer(daemon.folder / "camera.fifo", grey(7))
            client.result("subscribe")
            events.result("subscribe")
            label = client.next()["label"]
            pid = client.result("status")["pid"]
            writer.stalled.set()
            failed = await_event(events, "camera-failed")
            self.assertEqual(failed["camera"], "front")
            self.assertIn("gave no frame for 0.5 seconds", failed["message"])
            prediction = client.next()
            while prediction["status"] == "ok":
                prediction = client.next()
            self.assertEqual(prediction["reason"], "stale")
            status = await_status(events, "front", "failed")
            self.assertEqual(status["state"], "degraded")
            self.assertGreaterEqual(status["cameras"]["front"]["restarts"], 1)
            writer.stalled.clear()
            await_event(events, "camera-recovered")
            prediction = client.next()
            while prediction["status"] != "ok":
                prediction = client.next()
            self.assertEqual(prediction["label"], label)
            status = await_status(events, "front", "running")
            self.assertEqual(status["pid"], pid)
            self.assertIn("gave no frame", status["cameras"]["front"]["last_error"])
            daemon.await_log("gives frames again")
            self.assertEqual(status["cameras"]["front"]["picture"],
                             {"width": WIDTH, "height": HEIGHT, "format": "grey8", "colour": "bt601 full"})
            writer.end()

    def test_the_program_behind_a_fifo_may_end_within_a_frame_and_begin_anew(self):
        with Daemon(FIFO % "auto") as daemon, self.start(daemon).client() as client:
            path = daemon.folder / "camera.fifo"
            client.result("subscribe")
            labels = []
            frames = []
            for digit in (3, 8):
                writer = Writer(path, y4m_frame(digit), Y4M_HEADER)
                prediction = client.next()
                while prediction["status"] != "ok" or (labels and prediction["label"] == labels[0]):
                    prediction = client.next()
                labels.append(prediction["label"])
                frames.append(prediction["frame"])
                writer.end()
            self.assertNotEqual(labels[0], labels[1])
            self.assertGreater(frames[1], frames[0])
            self.assertGreaterEqual(client.result("status")["cameras"]["front"]["skipped"], 1)

    def test_a_camera_that_is_not_there_is_named_and_waited_for(self):
        config = ("cameras: {front: {source: v4l2, id: /dev/video4711, timeout: 1s}, shelf: {source: files, path: pictures}}\n"
                  "pipelines:\n  digits: {camera: front, model: {model}}\n  other: {camera: shelf, model: {model}}\n")
        with Daemon(config) as daemon:
            self.assertEqual(daemon.run_to_end("--check")[0], 0)
            with daemon.start().client() as client:
                client.result("subscribe", pipelines=["other"])
                self.assertEqual(client.next()["status"], "ok", "what has a camera goes on")
                status = client.result("status")
                self.assertEqual(status["state"], "degraded")
                self.assertIn("/dev/video4711: there is no such camera", status["cameras"]["front"]["last_error"])
                shown = subprocess.run([GLIMPSE, "status", "--socket", str(daemon.read)], capture_output=True, text=True)
                self.assertIn("camera front (v4l2): failed", shown.stdout)
                daemon.await_log("there is no such camera")
                self.assertEqual(daemon.stop(), 0, "it waits for the camera no longer than that")


class SameAnswers(unittest.TestCase):
    def test_pictures_raw_frames_and_videos_get_the_same_scores(self):
        digits = range(10)
        videos = {"v.y4m": Y4M_HEADER + b"".join(map(y4m_frame, digits)), "v.yuyv": b"".join(map(yuyv, digits))}
        config = """
cameras:
  pgm: {source: files, path: pictures, loop: false, fps: 50}
  y4m: {source: video, path: v.y4m, loop: false, fps: 50}
  raw: {source: video, path: v.yuyv, format: yuyv, size: 40x48, loop: false, fps: 50}
pipelines:
  pgm: {camera: pgm, model: {model}}
  y4m: {camera: y4m, model: {model}}
  raw: {camera: raw, model: {model}}
"""
        with Daemon(config, pictures=0, files=videos) as daemon:
            for digit in digits:
                (daemon.pictures / f"{digit}.pgm").write_bytes(digit_pgm(digit, 3))
            with daemon.start().client() as client, Client(daemon.control) as control:
                for name in ("pgm", "y4m", "raw"):
                    await_status(client, name, "ended")
                shown = {}
                for name in ("pgm", "y4m", "raw"):
                    for digit in digits:
                        evidence = control.result("why", pipeline=name, frame=digit)
                        shown[name, digit] = (evidence["input"]["npy"], evidence["output"]["npy"])
                for digit in digits:
                    self.assertEqual(shown["pgm", digit], shown["y4m", digit], digit)
                    self.assertEqual(shown["pgm", digit], shown["raw", digit], digit)


if __name__ == "__main__":
    sys.exit(unittest.main(verbosity=2))
