# SPDX-License-Identifier: Apache-2.0
"""What only the control socket does, and what one client can make the daemon hold: docs/protocol.md against a real process."""

import base64
import contextlib
import json
import os
import pathlib
import re
import socket
import struct
import subprocess
import sys
import time
import unittest
import zlib

from harness import GLIMPSE, MODEL, SANITIZED, TIMEOUT, Client, Daemon

SOCKETS = "sockets: {read: {path: {folder}/read.sock, group: \"\"}, control: {path: {folder}/control.sock, group: \"\"}, %s}\n"
SHELF = "cameras: {shelf: {source: files, path: pictures, fps: 50}}\n"
DIGITS = "pipelines: {digits: {camera: shelf, model: {model}%s}}\n"


def read_npy(data):
    """Type, shape and content of a NumPy file of version 1.0."""
    assert data[:8] == b"\x93NUMPY\x01\x00", data[:8]
    length = struct.unpack("<H", data[8:10])[0]
    assert (10 + length) % 64 == 0
    head = data[10:10 + length].decode()
    shape = tuple(int(part) for part in re.search(r"'shape': \(([^)]*)\)", head).group(1).split(",") if part.strip())
    return re.search(r"'descr': '([^']*)'", head).group(1), shape, data[10 + length:]


def read_png(data):
    """Width, height and the bytes of an unfiltered-or-filtered 8-bit grey or RGB PNG, filters undone."""
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    at, idat = 8, b""
    while at < len(data):
        length, kind = struct.unpack(">I4s", data[at:at + 8])
        body = data[at + 8:at + 8 + length]
        if kind == b"IHDR":
            width, height, depth, colour = struct.unpack(">IIBB", body[:10])
            assert depth == 8 and colour in (0, 2)
        if kind == b"IDAT":
            idat += body
        at += 12 + length
    step = 3 if colour == 2 else 1
    raw, stride = zlib.decompress(idat), width * step
    rows, before = [], bytes(stride)
    for y in range(height):
        method, line = raw[y * (stride + 1)], bytearray(raw[y * (stride + 1) + 1:(y + 1) * (stride + 1)])
        for x in range(stride):
            left = line[x - step] if x >= step else 0
            above, corner = before[x], before[x - step] if x >= step else 0
            estimate = left + above - corner
            paeth = min((left, above, corner), key=lambda each: abs(estimate - each))
            line[x] = (line[x] + (0, left, above, (left + above) // 2, paeth)[method]) & 255
        rows.append(bytes(line))
        before = rows[-1]
    return width, height, b"".join(rows)


class Why(unittest.TestCase):
    def test_the_tensor_it_shows_gives_the_scores_that_were_sent(self):
        config = SHELF + DIGITS % (", regions: {all: [0, 0, 40, 48], left: [0, 0, 20, 48]}, "
                                   "keep: {frames: 1000, bytes: 100000000}")
        with Daemon(config) as daemon, daemon.start().client() as client, Client(daemon.control) as control:
            client.result("subscribe", max_rate_hz=20)
            for _ in range(6):
                sent = client.next()
                where = {"region": sent["region"], "frame": sent["frame"]}
                why = control.result("why", **where)
                self.assertEqual({k: v for k, v in sent.items() if k not in ("dropped", "subscription")}, why["prediction"])
                kind, shape, content = read_npy(base64.b64decode(why["input"]["npy"]))
                self.assertEqual((kind, shape), ("|i1", (1, 28, 28, 1)))
                again = client.result("classify", tensor=base64.b64encode(content).decode())
                self.assertEqual(again["scores"], sent["scores"])
                width, height, pixels = read_png(base64.b64decode(why["input"]["png"]))
                self.assertEqual((width, height), (28, 28))
                self.assertEqual(pixels, bytes((byte + 128) & 255 for byte in content))
                kind, shape, content = read_npy(base64.b64decode(why["output"]["npy"]))
                self.assertEqual((kind, shape), ("|i1", (1, 10)))
                scale, zero = why["output"]["scale"], why["output"]["zero_point"]
                scores = [min(max(scale * (value - zero), 0), 1) for value in struct.unpack("10b", content)]
                for mine, theirs in zip(scores, sent["scores"]):
                    self.assertAlmostEqual(mine, theirs, places=7)
                best = sorted(sent["scores"], reverse=True)
                self.assertAlmostEqual(why["margin"], best[0] - best[1], places=7)
                self.assertEqual([each["score"] for each in why["ranking"]], best[:5])
                time.sleep(0.11)

    def test_a_region_must_be_named_where_there_are_several(self):
        config = SHELF + DIGITS % ", regions: {a: [0, 0, 20, 48], b: [20, 0, 20, 48]}"
        with Daemon(config) as daemon, daemon.start().client() as client, Client(daemon.control) as control:
            client.result("subscribe")
            client.next()
            self.assertEqual(control.ask("why")["error"]["data"]["regions"], ["a", "b"])
            self.assertEqual(control.ask("why", region="c")["error"]["code"], -32602)
            self.assertEqual(control.result("why", region="b")["prediction"]["region"], "b")

    def test_frames_go_when_newer_ones_come_and_the_error_says_which_are_there(self):
        config = SHELF + DIGITS % ", keep: {frames: 3}"
        with Daemon(config) as daemon, daemon.start().client() as client, Client(daemon.control) as control:
            client.result("subscribe")
            first = client.next()["frame"]
            while client.next()["frame"] < first + 20:
                pass
            gone = control.ask("why", frame=first)["error"]
            self.assertEqual(gone["code"], -32005)
            self.assertEqual(gone["data"]["last"] - gone["data"]["first"], 2)
            self.assertEqual(control.ask("why", frame=2**40)["error"]["code"], -32005)

    def test_nothing_is_kept_when_the_configuration_says_so(self):
        with Daemon(SHELF + DIGITS % ", keep: {frames: 0}") as daemon, daemon.start().client() as client, \
                Client(daemon.control) as control:
            client.result("subscribe")
            client.next()
            for method in ("why", "snapshot"):
                error = control.ask(method)["error"]
                self.assertEqual(error["code"], -32005)
                self.assertIn("keep.frames is 0", error["message"])

    def test_bytes_bound_what_is_kept_and_pictures_go_first(self):
        with Daemon(SHELF + DIGITS % ", keep: {frames: 100, bytes: 20000}") as daemon, daemon.start().client() as client, \
                Client(daemon.control) as control:
            client.result("subscribe")
            while client.next()["frame"] < 60:
                pass
            control.result("pause")  # what is kept stays, however slow this test is
            kept = control.result("why")["kept"]
            self.assertGreater(kept["last"] - kept["first"], 5)
            self.assertLess(kept["last"] - kept["first"], 25)
            answer = control.ask("snapshot", frame=kept["last"] - 4)["error"]
            self.assertEqual(answer["code"], -32005)
            self.assertIn("the picture of frame", answer["message"])
            self.assertEqual(control.result("snapshot")["width"], 40)

    def test_a_snapshot_is_the_picture_that_was_read(self):
        with Daemon() as daemon, daemon.start().client() as client, Client(daemon.control) as control:
            client.result("subscribe")
            client.next()
            snapshot = control.result("snapshot")
            width, height, pixels = read_png(base64.b64decode(snapshot["png"]))
            original = (daemon.pictures / snapshot["origin"]).read_bytes()
            self.assertEqual((width, height, pixels), (40, 48, original[-40 * 48:]))
            self.assertEqual(snapshot["regions"][0]["rectangle"], [0, 0, 40, 48])

    def test_many_requests_at_once_are_answered_or_told_that_it_is_busy(self):
        with Daemon() as daemon, daemon.start().client() as client, Client(daemon.control) as control:
            client.result("subscribe")
            client.next()
            control.send(b"".join(b'{"jsonrpc":"2.0","id":%d,"method":"snapshot"}\n' % number for number in range(200)))
            answers = {}
            while len(answers) < 200:
                answer = control.read_line()
                answers[answer["id"]] = answer
            codes = {answer["error"]["code"] for answer in answers.values() if "error" in answer}
            self.assertLessEqual(codes, {-32002})
            self.assertTrue(any("result" in answer for answer in answers.values()))


class Pause(unittest.TestCase):
    CONFIG = """
cameras:
  one: {source: files, path: pictures, fps: 100}
  two: {source: files, path: pictures, fps: 100}
pipelines:
  a: {camera: one, model: {model}, decide: {stale: 1s}}
  b: {camera: one, model: {model}}
  c: {camera: two, model: {model}, decide: {stale: 1s}}
"""

    @staticmethod
    def counts(client):
        return {name: pipeline["predictions"] for name, pipeline in client.result("status")["pipelines"].items()}

    def test_the_paused_stand_still_and_lose_nothing_of_their_files(self):
        with Daemon(self.CONFIG) as daemon, daemon.start().client() as client, Client(daemon.control) as control:
            client.result("subscribe", pipelines=["c"])
            client.next()
            self.assertEqual(control.result("pause", pipelines=["a", "c"])["paused"], ["a", "c"])
            self.assertEqual(control.result("pause", pipelines=["c"])["paused"], ["a", "c"])
            events = [client.next("event") for _ in range(2)]
            self.assertEqual([(e["event"], e["pipeline"]) for e in events], [("pipeline-paused", "a"), ("pipeline-paused", "c")])
            time.sleep(0.3)
            before = self.counts(client)
            time.sleep(1.5)  # longer than `stale`
            after = self.counts(client)
            self.assertEqual((before["a"], before["c"]), (after["a"], after["c"]))
            self.assertGreater(after["b"], before["b"])
            self.assertEqual(client.result("status")["state"], "running")
            self.assertEqual(control.result("pause")["paused"], ["a", "b", "c"])
            self.assertEqual(client.result("status")["state"], "paused")
            self.assertEqual(control.result("resume")["paused"], [])
            # Frames of files wait: the numbers go on without a gap, and nothing was stale.
            client.result("unsubscribe")
            client.waiting.clear()
            last = control.result("latest", pipelines=["c"])["predictions"][0]
            self.assertNotEqual(last.get("reason"), "stale")
            camera = client.result("status")["cameras"]["two"]
            self.assertEqual(camera["dropped"], 0)

    def test_classify_works_meanwhile(self):
        with Daemon() as daemon, daemon.start().client() as client, Client(daemon.control) as control:
            control.result("pause")
            self.assertEqual(len(client.result("classify", tensor=base64.b64encode(bytes(784)).decode())["scores"]), 10)


class LogLevel(unittest.TestCase):
    def test_the_level_changes_while_it_runs(self):
        with Daemon() as daemon, daemon.start().client() as client, Client(daemon.control) as control:
            self.assertEqual(control.result("log.level"), {"level": "info", "before": "info"})
            client.result("hello", client="quiet one")
            self.assertEqual(control.result("log.level", level="debug"), {"level": "debug", "before": "info"})
            client.result("hello", client="loud one")
            daemon.await_log("loud one")
            self.assertNotIn("quiet one", daemon.read_log())
            control.result("log.level", level="error")
            self.assertEqual(control.ask("log.level", level="verbose")["error"]["code"], -32602)

    def test_signals_change_it_too(self):
        with Daemon() as daemon, daemon.start().client() as client:
            daemon.process.send_signal(10)  # SIGUSR1
            daemon.await_log("the log level is now debug")
            client.result("hello", client="after the signal")
            daemon.await_log("after the signal")
            daemon.process.send_signal(12)  # SIGUSR2
            daemon.await_log("the log level is now info")

    def test_one_kind_of_message_does_not_fill_the_log(self):
        config = SHELF + DIGITS % "" + "log: {level: debug, rate_limit_burst: 5, rate_limit_interval: 2s}\n"
        with Daemon(config) as daemon, daemon.start().client() as client:
            for _ in range(100):
                client.result("hello", client="again")
            daemon.await_log("messages like the last of their kind were left out: a client says hello")
            self.assertLessEqual(daemon.read_log().count("a client says hello: again"), 10)


class Limits(unittest.TestCase):
    def test_a_line_that_does_not_end_is_given_up(self):
        with Daemon(SOCKETS % "max_line_time: 1s" + SHELF + DIGITS % "") as daemon, daemon.start().client() as client:
            client.send(b'{"jsonrpc":"2.0","id":1,')
            answer = client.read_line()
            self.assertEqual((answer["id"], answer["error"]["code"]), (None, -32000))
            client.send(b'"method":"hello"}\n')
            self.assertEqual(client.result("hello")["name"], "glimpsed")

    def test_lines_without_an_end_are_bounded_over_all_clients_and_short_requests_get_through(self):
        limits = "max_pending_bytes: 1000000"
        with Daemon(SOCKETS % limits + SHELF + DIGITS % "") as daemon:
            daemon.start()
            greedy = [daemon.client() for _ in range(8)]
            for client in greedy:
                client.send(b"x" * 300_000)
            refused = 0
            for client in greedy:
                client.socket.settimeout(0.5)
                try:
                    refused += client.read_line()["error"]["code"] == -32002
                except TimeoutError:
                    pass
            self.assertGreaterEqual(refused, 4)
            with daemon.client() as other:
                self.assertEqual(other.result("hello")["name"], "glimpsed")
                answer = other.ask("classify", image=base64.b64encode(b"P5\n9 9\n255\n" + bytes(9000)).decode())
                self.assertNotEqual(answer.get("error", {}).get("code"), -32002)
            for client in greedy:
                client.socket.close()
            with daemon.client() as later:
                time.sleep(0.3)
                # What the others held is free again.
                image = base64.b64encode(b"P5\n400 400\n255\n" + bytes(400 * 400)).decode()
                self.assertIn("result", later.ask("classify", image=image))

    def test_subscriptions_requests_and_answers_have_limits(self):
        limits = "max_subscriptions: 2, max_client_requests: 1, classify_rate_hz: 1000"
        with Daemon(SOCKETS % limits + SHELF + DIGITS % "") as daemon, daemon.start().client() as client:
            told = client.result("hello")["limits"]
            self.assertEqual((told["max_subscriptions"], told["max_client_requests"]), (2, 1))
            for _ in range(2):
                client.result("subscribe", pipelines=[])
            self.assertEqual(client.ask("subscribe")["error"]["code"], -32004)
            tensor = base64.b64encode(bytes(784)).decode()
            line = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "classify", "params": {"tensor": tensor}}).encode()
            client.send((line + b"\n") * 100)
            answers = [client.read_line() for _ in range(100)]
            self.assertIn(-32002, {answer.get("error", {}).get("code") for answer in answers})
            self.assertTrue(any("result" in answer for answer in answers))

    def test_256_clients_are_served(self):
        with Daemon() as daemon:
            daemon.start()
            with contextlib.ExitStack() as stack:
                clients = [stack.enter_context(daemon.client()) for _ in range(256)]
                for client in clients:
                    client.result("subscribe")
                frames = [client.next()["frame"] for client in clients]
                self.assertEqual(len(frames), 256)
                with daemon.client() as one_more:
                    self.assertEqual(one_more.read_line()["error"]["code"], -32003)


class Supervisor(unittest.TestCase):
    def test_one_that_stops_reading_stops_nothing(self):
        """sd_notify(3) would block for ever once the supervisor's queue is full."""
        with Daemon(environment={"WATCHDOG_USEC": "60000"}) as daemon:
            path = daemon.folder / "deaf"
            deaf = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
            deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1)
            deaf.bind(str(path))
            daemon.environment["NOTIFY_SOCKET"] = str(path)
            with open(daemon.folder / "log", "wb") as log:
                daemon.process = subprocess.Popen([os.environ["GLIMPSED"], "--config", str(daemon.config)], stdout=log, stderr=log,
                                                  env=daemon.environment)
            self.assertEqual(deaf.recv(1000).split(b"\n")[0], b"READY=1")
            with daemon.client() as client:
                # The watchdog is petted every 20 ms: the queue of a socket is far from that long.
                deadline = time.monotonic() + 8
                while time.monotonic() < deadline:
                    client.result("hello")
                    time.sleep(0.05)
            queued = 0
            deaf.setblocking(False)
            try:
                while deaf.recv(1000):
                    queued += 1
            except BlockingIOError:
                pass
            self.assertLess(queued, 300, "the queue was never full, so this test tested nothing")
            # With room again, what waited comes.
            deaf.settimeout(TIMEOUT)
            self.assertIn(deaf.recv(1000).split(b"=")[0], (b"WATCHDOG", b"STATUS"))
            self.assertEqual(daemon.stop(), 0)
            deaf.close()


class CommandLine(unittest.TestCase):
    def run_glimpse(self, daemon, *arguments, **options):
        return subprocess.run([GLIMPSE, *arguments], capture_output=True, text=True, timeout=TIMEOUT, cwd=daemon.folder,
                              env=dict(os.environ, GLIMPSE_SOCKET=str(daemon.read), GLIMPSE_CONTROL_SOCKET=str(daemon.control)),
                              **options)

    def started(self, daemon):
        with daemon.start().client() as client:
            client.result("subscribe")
            client.next()

    def test_why_shows_and_saves_what_the_model_got(self):
        with Daemon() as daemon:
            self.started(daemon)
            shown = self.run_glimpse(daemon, "why", "digits")
            self.assertEqual(shown.returncode, 0, shown.stderr)
            self.assertIn("the model got: int8 [1,28,28,1]", shown.stdout)
            self.assertEqual(len([line for line in shown.stdout.splitlines() if re.fullmatch(r"  \|.{56}\|", line)]), 28)
            saved = self.run_glimpse(daemon, "why", "--json", "--output", "out")
            why = json.loads(saved.stdout)
            self.assertEqual((daemon.folder / "out" / "input.npy").read_bytes(), base64.b64decode(why["input"]["npy"]))
            self.assertEqual((daemon.folder / "out" / "input.png").read_bytes(), base64.b64decode(why["input"]["png"]))
            self.assertEqual(json.loads((daemon.folder / "out" / "why.json").read_text())["prediction"], why["prediction"])
            # What the footer of --help promises: every layer, computed from that file, and the same output.
            done = subprocess.run([GLIMPSE, "run", str(MODEL), "--input", "out/input.npy", "--output", "layers"],
                                  cwd=daemon.folder, capture_output=True, text=True, timeout=TIMEOUT)
            self.assertEqual(done.returncode, 0, done.stderr)
            again = read_npy((daemon.folder / "layers" / "output_0.npy").read_bytes())[2]
            self.assertEqual(again, read_npy((daemon.folder / "out" / "output.npy").read_bytes())[2])

    def test_snapshot_saves_the_frame_and_its_regions(self):
        with Daemon(SHELF + DIGITS % ", regions: {d1: [0, 0, 20, 48]}") as daemon:
            self.started(daemon)
            done = self.run_glimpse(daemon, "snapshot", "--output", "shot")
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertEqual({path.name for path in (daemon.folder / "shot").iterdir()},
                             {"frame.png", "d1.npy", "d1.png", "snapshot.json"})
            self.assertEqual(read_png((daemon.folder / "shot" / "frame.png").read_bytes())[:2], (40, 48))

    def test_pause_resume_and_log_level(self):
        with Daemon() as daemon:
            self.started(daemon)
            self.assertEqual(self.run_glimpse(daemon, "pause").stdout, "paused: digits\n")
            self.assertIn("paused", self.run_glimpse(daemon, "status").stdout)
            self.assertEqual(json.loads(self.run_glimpse(daemon, "resume", "--json").stdout), {"paused": []})
            self.assertEqual(self.run_glimpse(daemon, "log-level", "warning").stdout, "warning\n")
            self.assertEqual(self.run_glimpse(daemon, "log-level").stdout, "warning\n")

    def test_what_is_wrong_is_said_in_one_line(self):
        with Daemon() as daemon:
            self.started(daemon)
            for arguments, status, words in ((("why", "nope"), 1, "nope"), (("why", "digits/nope"), 1, "nope"),
                                             (("why", "digits", "9999999"), 1, "kept are"), (("why", "digits", "x"), 2, "frame"),
                                             (("pause", "nope"), 1, "nope"), (("log-level", "loud"), 2, "loud"),
                                             (("why", "--socket", str(daemon.read)), 1, "control socket")):
                done = self.run_glimpse(daemon, *arguments)
                self.assertEqual(done.returncode, status, (arguments, done.stderr))
                self.assertIn(words, done.stderr)
                if status == 1:
                    self.assertEqual(len(done.stderr.strip().split("\n")), 1, done.stderr)


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], "-v", *sys.argv[1:]])
