# SPDX-License-Identifier: Apache-2.0
"""The daemon's metrics: where they can be had, that Prometheus can read them, and that they say what `status` says."""

import collections
import contextlib
import http.client
import os
import shutil
import socket
import subprocess
import sys
import time
import unittest

import exposition
from harness import TIMEOUT, Client, Daemon

SHELF = """
cameras: {shelf: {source: files, path: pictures, fps: 100}}
pipelines: {digits: {camera: shelf, model: {model}%s}}
"""


class UnixHttp(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("localhost", timeout=TIMEOUT)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(TIMEOUT)
        self.sock.connect(str(self.path))


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def ask(connection, target="/metrics", method="GET"):
    connection.request(method, target)
    response = connection.getresponse()
    return response.status, response.getheader("Content-Type"), response.read().decode()


def get(connection, target="/metrics", method="GET"):
    """The same on a connection that ends with it."""
    with contextlib.closing(connection):
        return ask(connection, target, method)


class Metrics(unittest.TestCase):
    def test_unix_socket_says_what_status_says(self):
        config = SHELF % ", labels: names.txt, decide: {margin: 0.05}" + 'metrics: {socket: {path: {folder}/m.sock, group: ""}}\n'
        names = 'quote "\n back\\slash\n'.encode() + b"".join(b"digit %d\n" % index for index in range(8))
        with Daemon(config, files={"names.txt": names}) as daemon, daemon.start().client() as client, \
                Client(daemon.control) as control:
            client.result("subscribe")
            for _ in range(100):
                client.next()
            control.result("pause")
            time.sleep(0.3)
            status = client.result("status")
            connection = UnixHttp(daemon.folder / "m.sock")
            code, kind, text = ask(connection)
            self.assertEqual((code, kind), (200, "text/plain; version=0.0.4; charset=utf-8"))
            families = exposition.parse(text)
            value = lambda name, **labels: exposition.value_of(families, name, **labels)
            pipeline, camera = status["pipelines"]["digits"], status["cameras"]["shelf"]
            answers = sum(families["glimpsed_predictions_total"]["samples"].values())
            rejects = sum(families["glimpsed_rejects_total"]["samples"].values())
            self.assertEqual((answers + rejects, rejects), (pipeline["predictions"], pipeline["unknown"]))
            self.assertEqual(value("glimpsed_frames_total", result="ok"), camera["frames"])
            self.assertEqual(value("glimpsed_clients", socket="read"), 1)
            self.assertEqual(value("glimpsed_clients", socket="control"), 1)
            self.assertEqual(value("glimpsed_pipeline_paused", pipeline="digits"), 1)
            self.assertEqual(value("glimpsed_build_info", version=status["version"]), 1)
            self.assertEqual(value("glimpsed_config_last_reload_successful"), 1)
            self.assertLess(abs(time.time() - value("glimpsed_last_frame_timestamp_seconds", camera="shelf")), TIMEOUT)
            model = client.result("describe")["pipelines"]["digits"]
            self.assertEqual(value("glimpsed_model_info", sha256=model["model"]["sha256"].split(":")[1]), 1)
            kernels = {(operator["op"], operator["plugin"]) for operator in model["operators"]}
            self.assertEqual({(dict(pairs)["op"], dict(pairs)["plugin"])
                              for _, pairs in families["glimpsed_kernel_info"]["samples"]}, kernels)
            for name in ("glimpsed_inference_duration_seconds", "glimpsed_preprocess_duration_seconds"):
                counts = {k[0]: v for k, v in families[name]["samples"].items()}
                self.assertEqual(counts[name + "_count"], pipeline["predictions"])
            times = families["glimpsed_op_duration_seconds"]["samples"]
            counts = {dict(pairs)["op"]: count for (name, pairs), count in times.items() if name.endswith("_count")}
            # One inference in 16, in which every operator that has a kernel of its own ran once.
            own = collections.Counter(operator["op"] for operator in model["operators"] if operator["fused_into"] is None and not operator["folded"])
            timed = pipeline["predictions"] // 16
            self.assertEqual(counts, {op: timed * number for op, number in own.items()} if timed else {})
            seconds = sum(value for (name, _), value in times.items() if name.endswith("_sum"))
            whole = families["glimpsed_inference_duration_seconds"]["samples"]
            self.assertLessEqual(seconds, next(value for (name, _), value in whole.items() if name.endswith("_sum")))
            # Kept alive, and what is no scrape.
            self.assertEqual(ask(connection)[0], 200)
            connection.close()
            self.assertEqual(get(UnixHttp(daemon.folder / "m.sock"), "/")[0], 404)
            self.assertEqual(get(UnixHttp(daemon.folder / "m.sock"), method="POST")[0], 405)
            head = get(UnixHttp(daemon.folder / "m.sock"), method="HEAD")
            self.assertEqual((head[0], head[2]), (200, ""))
            self.judged_by_promtool(text)
            self.assertEqual(daemon.stop(), 0, daemon.read_log())
            self.assertFalse((daemon.folder / "m.sock").exists())

    def judged_by_promtool(self, text):
        if shutil.which("promtool"):
            done = subprocess.run(["promtool", "check", "metrics"], input=text, capture_output=True, text=True, timeout=TIMEOUT)
            self.assertEqual((done.returncode, done.stderr), (0, ""))

    def test_labels_with_quotes_are_escaped(self):
        config = SHELF % ", labels: names.txt" + 'metrics: {socket: {path: {folder}/m.sock, group: ""}}\n'
        with Daemon(config, files={"names.txt": b'a "b" \\ c\n' * 10}) as daemon, daemon.start().client() as client:
            client.result("subscribe")
            client.next()
            families = exposition.parse(get(UnixHttp(daemon.folder / "m.sock"))[2])
            for (_, pairs) in families["glimpsed_predictions_total"]["samples"]:
                self.assertEqual(dict(pairs)["label"], r'a \"b\" \\ c')

    def test_loopback_and_what_is_no_http(self):
        port = free_port()
        with Daemon(SHELF % "" + f'metrics: {{http: "127.0.0.1:{port}"}}\n') as daemon:
            daemon.start()
            code, _, text = get(http.client.HTTPConnection("127.0.0.1", port, timeout=TIMEOUT))
            self.assertEqual(code, 200)
            exposition.parse(text)
            for rubbish in (b"\x00\xff" * 1000, b"GET /metrics HTTP/1.1\r\n" + b"X: y\r\n" * 5000, b"GET\r\n\r\n"):
                with socket.create_connection(("127.0.0.1", port), timeout=TIMEOUT) as client:
                    try:
                        client.sendall(rubbish)
                        self.assertNotIn(b" 200 ", client.recv(65536))
                    except ConnectionError:
                        pass
            # Those who connect and say nothing keep nobody out for long, and are bounded.
            idle = [socket.create_connection(("127.0.0.1", port), timeout=TIMEOUT) for _ in range(40)]
            for client in idle:
                client.close()
            time.sleep(0.2)
            self.assertEqual(get(http.client.HTTPConnection("127.0.0.1", port, timeout=TIMEOUT))[0], 200)
            code, _, error = daemon.run_to_end()
            self.assertNotEqual(code, 0)
            self.assertEqual(daemon.stop(), 0, daemon.read_log())

    def test_a_port_that_is_taken_ends_the_start_and_names_its_place(self):
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            with Daemon(SHELF % "" + f'metrics: {{http: "127.0.0.1:{taken.getsockname()[1]}"}}\n') as daemon:
                code, _, error = daemon.run_to_end()
                self.assertEqual(code, 1, error)
                self.assertIn("glimpsed.yaml:7:", error)
                self.assertIn(str(taken.getsockname()[1]), error)

    def test_the_textfile_is_never_half_and_gone_at_the_end(self):
        config = SHELF % "" + "metrics: {textfile: {folder}/out/glimpsed.prom, interval: 1s}\n"
        with Daemon(config) as daemon:
            (daemon.folder / "out").mkdir()
            os.umask(0o077)
            daemon.start()
            path = daemon.folder / "out" / "glimpsed.prom"
            self.assertEqual(path.stat().st_mode & 0o777, 0o644)
            seen, end = set(), time.monotonic() + 4
            while time.monotonic() < end:
                text = path.read_text()
                exposition.parse(text)
                seen.add(text)
            self.assertGreater(len(seen), 1)
            self.assertEqual(daemon.stop(), 0, daemon.read_log())
            self.assertEqual(list((daemon.folder / "out").iterdir()), [])

    def test_a_textfile_that_cannot_be_written_ends_the_start(self):
        with Daemon(SHELF % "" + "metrics: {textfile: /nonexistent/glimpsed.prom}\n") as daemon:
            code, _, error = daemon.run_to_end()
            self.assertEqual(code, 1)
            self.assertIn("/nonexistent/glimpsed.prom", error)
            self.assertIn("glimpsed.yaml:7:", error)


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], "-v", *sys.argv[1:]])
