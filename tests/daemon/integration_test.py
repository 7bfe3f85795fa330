# SPDX-License-Identifier: Apache-2.0
"""glimpsed as its users meet it: a real process, real sockets, real signals. docs/protocol.md is what is tested."""

import base64
import json
import os
import pathlib
import signal
import socket
import stat
import subprocess
import sys
import unittest

from harness import GLIMPSE, MODEL, SANITIZED, TIMEOUT, Client, Daemon

PREDICTION_MEMBERS = {"pipeline", "region", "frame", "time", "status", "label", "index", "score", "scores", "age_us", "captured_us",
                      "latency_us", "model", "numerics", "config", "origin", "dropped", "subscription"}


class Predictions(unittest.TestCase):
    def test_every_member_of_a_prediction_is_there(self):
        with Daemon() as daemon, daemon.start().client() as client:
            client.result("subscribe")
            prediction = client.next()
            self.assertEqual(set(prediction) - {"reason"}, PREDICTION_MEMBERS)
            self.assertEqual(prediction["pipeline"], "digits")
            self.assertEqual(len(prediction["scores"]), 10)
            self.assertRegex(prediction["time"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$")
            self.assertRegex(prediction["model"], r"^sha256:[0-9a-f]{64}$")
            self.assertRegex(prediction["config"], r"^sha256:[0-9a-f]{64}$")
            self.assertTrue(all(0 <= score <= 1 for score in prediction["scores"]))

    def test_regions_and_pipelines_each_get_their_predictions(self):
        config = """
cameras:
  one: {source: files, path: pictures, fps: 50}
  two: {source: files, path: pictures, fps: 50}
pipelines:
  whole: {camera: one, model: {model}}
  parts: {camera: two, model: {model}, regions: {left: [0, 0, 20, 48], right: [20, 0, 20, 48]}}
  also: {camera: two, model: {model}, labels: names.txt}
"""
        names = "".join(f"digit {index}\n" for index in range(10)).encode()
        with Daemon(config, files={"names.txt": names}) as daemon, daemon.start().client() as client:
            client.result("subscribe", pipelines=["whole", "parts"])
            seen = {}
            while len(seen) < 3 or min(len(frames) for frames in seen.values()) < 30:
                prediction = client.next()
                seen.setdefault((prediction["pipeline"], prediction["region"]), []).append(prediction["frame"])
            self.assertEqual(set(seen), {("whole", ""), ("parts", "left"), ("parts", "right")})
            for frames in seen.values():
                self.assertEqual(frames, list(range(frames[0], frames[0] + len(frames))))
            latest = client.result("latest", pipelines=["also"])["predictions"]
            self.assertEqual(len(latest), 1)
            self.assertRegex(latest[0]["label"], r"^digit \d$")

    def test_triggers_decide_which_frames_are_looked_at_and_anyone_may_ask(self):
        config = """
cameras: {shelf: {source: files, path: pictures, fps: 50}}
pipelines:
  all: {camera: shelf, model: {model}}
  changed: {camera: shelf, model: {model}, trigger: on-change}
  asked: {camera: shelf, model: {model}, trigger: on-request}
"""

        def frames_of(client, pipeline, count):
            for _ in range(count):
                while client.next()["pipeline"] != pipeline:
                    pass

        with Daemon(config, pictures=1) as daemon, daemon.start().client() as client:
            looked = lambda: {name: each["predictions"] for name, each in client.result("status")["pipelines"].items()
                              if name != "all"}
            client.result("subscribe")
            frames_of(client, "all", 30)
            self.assertEqual(looked(), {"changed": 1, "asked": 0}, "the same picture again and again")
            self.assertEqual(client.result("trigger", pipelines=["asked"]), {"triggered": ["asked"]})
            frames_of(client, "asked", 1)
            frames_of(client, "all", 10)
            self.assertEqual(looked(), {"changed": 1, "asked": 1})
            said = subprocess.run([GLIMPSE, "trigger", "--socket", str(daemon.read)], capture_output=True, text=True)
            self.assertEqual((said.returncode, said.stdout), (0, "triggered: all, asked, changed\n"))
            frames_of(client, "all", 10)
            self.assertEqual(looked(), {"changed": 2, "asked": 2})

    def test_pictures_that_do_not_loop_end_and_the_daemon_stays(self):
        config = """
cameras: {shelf: {source: files, path: pictures, fps: 20, loop: false}}
pipelines: {digits: {camera: shelf, model: {model}}}
"""
        with Daemon(config, pictures=20) as daemon, daemon.start().client() as client:
            client.result("subscribe")
            event = client.next("event")
            self.assertEqual((event["event"], event["camera"]), ("camera-ended", "shelf"))
            status = client.result("status")
            self.assertEqual(status["state"], "ended")
            self.assertEqual(status["cameras"]["shelf"]["state"], "ended")
            self.assertEqual(status["cameras"]["shelf"]["frames"], 20)
            latest = client.result("latest")["predictions"]
            self.assertEqual([p["frame"] for p in latest], [19])

    def test_a_picture_that_cannot_be_decoded_is_skipped_and_counted(self):
        with Daemon(pictures=3) as daemon:
            (daemon.pictures / "0001.pgm").write_bytes(b"P5\n28 28\n255\nshort")
            with daemon.start().client() as client:
                client.result("subscribe")
                origins = {client.next()["origin"] for _ in range(10)}
                self.assertEqual({pathlib.Path(o).name for o in origins}, {"0000.pgm", "0002.pgm"})
                camera = client.result("status")["cameras"]["shelf"]
                self.assertGreaterEqual(camera["skipped"], 1)
                self.assertIn("0001.pgm", camera["last_error"])

    def test_a_region_outside_the_picture_is_an_event_and_no_end(self):
        config = """
cameras: {shelf: {source: files, path: pictures, fps: 50}}
pipelines:
  bad: {camera: shelf, model: {model}, regions: {far: [30, 0, 20, 20]}}
  good: {camera: shelf, model: {model}}
"""
        with Daemon(config) as daemon, daemon.start().client() as client:
            client.result("subscribe", pipelines=["good"])
            for _ in range(5):
                self.assertEqual(client.next()["pipeline"], "good")
            status = client.result("status")
            self.assertEqual(status["state"], "degraded")
            self.assertGreater(status["pipelines"]["bad"]["errors"], 0)
            self.assertIn("far", status["pipelines"]["bad"]["last_error"])


class Methods(unittest.TestCase):
    def test_bad_lines_get_their_error_and_keep_the_connection(self):
        config = "cameras: {shelf: {source: files, path: pictures, fps: 10}}\n" \
                 "pipelines: {digits: {camera: shelf, model: {model}}}\n" \
                 "sockets: {read: {path: {folder}/read.sock, group: \"\"}, control: {path: {folder}/control.sock, " \
                 "group: \"\"}, max_line_bytes: 2048, max_image_bytes: 512}\n"
        with Daemon(config) as daemon, daemon.start().client() as client:
            lines = [(b"x" * 5000, -32000), (b"not json", -32700), (b"\x00\xff\xfe", -32700), (b"[]", -32600),
                     (b"[" * 2000, -32700), (b"{}", -32600), (b'{"jsonrpc":"2.0","id":1,"method":"nope"}', -32601),
                     (b'{"jsonrpc":"2.0","id":1,"method":"reload"}', -32601),
                     (b'{"jsonrpc":"2.0","id":1,"method":"subscribe","params":{"on":"never"}}', -32602),
                     (b"y" * 100000, -32000)]
            for line, code in lines:
                client.send(line + b"\n")
                self.assertEqual(client.read_line()["error"]["code"], code, line[:40])
            # All at once, with a request cut in pieces between them.
            client.send(b"\n".join(line for line, _ in lines) + b'\n\r\n{"jsonrpc":"2.0",')
            client.send(b'"id":77,"method":"hello"}\r\n')
            for line, code in lines:
                self.assertEqual(client.read_line()["error"]["code"], code, line[:40])
            self.assertEqual(client.read_line()["id"], 77)

    def test_notifications_are_not_answered(self):
        with Daemon() as daemon, daemon.start().client() as client:
            client.send(b'{"jsonrpc":"2.0","method":"nope"}\n{"jsonrpc":"2.0","method":"hello"}\n')
            self.assertEqual(client.result("hello")["name"], "glimpsed")
            self.assertEqual(client.waiting, [])

    def test_control_answers_the_same_methods(self):
        with Daemon() as daemon:
            daemon.start()
            with Client(daemon.control) as client:
                hello = client.result("hello")
                self.assertEqual(hello["socket"], "control")
                self.assertLessEqual({"status", "classify", "reload", "kernels.set", "why", "pause"}, set(hello["methods"]))
                self.assertEqual(client.result("status")["clients"]["control"], 1)
                client.result("subscribe")
                self.assertEqual(client.next()["pipeline"], "digits")

    def test_unsubscribe_ends_one_subscription(self):
        with Daemon() as daemon, daemon.start().client() as client:
            first = client.result("subscribe")["subscription"]
            second = client.result("subscribe", on="change")["subscription"]
            self.assertEqual(client.result("unsubscribe", subscription=first)["unsubscribed"], [first])
            client.waiting.clear()
            for _ in range(5):
                self.assertEqual(client.next()["subscription"], second)
            self.assertEqual(client.result("unsubscribe")["unsubscribed"], [second])
            for _ in range(14):
                client.result("subscribe", pipelines=[])
            for _ in range(2):
                client.result("subscribe", pipelines=[])
            self.assertEqual(client.ask("subscribe")["error"]["code"], -32004)

    def test_on_change_tells_of_changes_only(self):
        with Daemon(pictures=10) as daemon, daemon.start().client() as client:
            client.result("subscribe", on="change")
            before = client.next()
            for _ in range(20):
                now = client.next()
                self.assertNotEqual((before["status"], before["index"]), (now["status"], now["index"]))
                before = now

    def test_classify_equals_what_the_stream_says_of_the_same_picture(self):
        config = """
cameras: {shelf: {source: files, path: pictures, fps: 50}}
pipelines: {digits: {camera: shelf, model: {model}, regions: {all: [0, 0, 40, 48]}}}
"""
        with Daemon(config, pictures=10) as daemon, daemon.start().client() as client:
            client.result("subscribe")
            stream = {}
            while len(stream) < 10:
                prediction = client.next()
                stream[pathlib.Path(prediction["origin"]).name] = prediction
            client.result("unsubscribe")
            for name in sorted(stream)[:5]:
                image = base64.b64encode((daemon.pictures / name).read_bytes()).decode()
                for region in ({}, {"region": "all"}):
                    answer = client.result("classify", image=image, **region)
                    self.assertEqual(answer["scores"], stream[name]["scores"])
                    self.assertEqual(answer["index"], stream[name]["index"])
                    self.assertNotIn("frame", answer)

    def test_classify_takes_tensors_and_refuses_what_does_not_fit(self):
        with Daemon() as daemon, daemon.start().client() as client:
            tensor = base64.b64encode(bytes(784)).decode()
            self.assertEqual(len(client.result("classify", tensor=tensor)["scores"]), 10)
            short = client.ask("classify", tensor=base64.b64encode(bytes(783)).decode())
            self.assertEqual(short["error"]["code"], -32602)
            self.assertIn("784", short["error"]["message"])
            broken = client.ask("classify", image=base64.b64encode(b"\x89PNG\r\n\x1a\nbroken").decode())
            self.assertEqual(broken["error"]["code"], -32602)
            # A picture that claims to be huge costs nothing.
            huge = client.ask("classify", image=base64.b64encode(b"P5\n60000 60000\n255\n").decode())
            self.assertEqual(huge["error"]["code"], -32602)

    def test_classify_is_rate_limited_for_each_client(self):
        with Daemon() as daemon, daemon.start().client() as client, daemon.client() as other:
            tensor = base64.b64encode(bytes(784)).decode()
            codes = [client.ask("classify", tensor=tensor).get("error", {}).get("code") for _ in range(200)]
            self.assertIn(-32001, codes)
            self.assertGreaterEqual(codes.count(None), 10)
            self.assertIn("result", other.ask("classify", tensor=tensor))

    def test_the_override_of_a_kernel_shows_in_describe(self):
        plain = "cameras: {shelf: {source: files, path: pictures, fps: 10}}\npipelines: {digits: {camera: shelf, model: {model}, kernels: {use: reference}}}\n"
        plugins = {}
        scores = {}
        tensor = base64.b64encode(bytes(range(256)) * 3 + bytes(16)).decode()
        for name, config in (("reference", plain),
                             ("example", plain.replace("use: reference", "use: reference, override: {MAX_POOL_2D: example}"))):
            with Daemon(config) as daemon, daemon.start().client() as client:
                operators = client.result("describe")["pipelines"]["digits"]["operators"]
                plugins[name] = {(op["op"], op["plugin"], pathlib.Path(op["plugin_path"]).name) for op in operators}
                scores[name] = client.result("classify", tensor=tensor)["scores"]
        pools = {name: {entry[1:] for entry in entries if entry[0] == "MAX_POOL_2D"} for name, entries in plugins.items()}
        self.assertEqual(pools["reference"], {("reference", "libglimpse-ops-reference.so")})
        self.assertEqual(pools["example"], {("example", "libglimpse-ops-example.so")})
        self.assertEqual({e for e in plugins["reference"] if e[0] != "MAX_POOL_2D"},
                         {e for e in plugins["example"] if e[0] != "MAX_POOL_2D"})
        self.assertEqual(scores["reference"], scores["example"])

    def test_a_client_that_closes_its_sending_side_is_still_answered(self):
        with Daemon() as daemon, daemon.start().client() as client:
            client.send(b'{"jsonrpc":"2.0","id":1,"method":"hello"}\n{"jsonrpc":"2.0","id":2,"method":"status"}')
            client.socket.shutdown(socket.SHUT_WR)
            self.assertEqual(client.read_line()["id"], 1)
            self.assertEqual(client.read_line()["id"], 2)
            self.assertIsNone(client.read_line())

    def test_too_many_clients_are_told_so(self):
        config = "cameras: {shelf: {source: files, path: pictures, fps: 10}}\n" \
                 "pipelines: {digits: {camera: shelf, model: {model}}}\n" \
                 "sockets: {read: {path: {folder}/read.sock, group: \"\"}, control: {path: {folder}/control.sock, " \
                 "group: \"\"}, max_clients: 2}\n"
        with Daemon(config) as daemon, daemon.start().client() as one, daemon.client() as two:
            one.result("hello")
            two.result("hello")
            with daemon.client() as three:
                self.assertEqual(three.read_line()["error"]["code"], -32003)
                self.assertIsNone(three.read_line())
            self.assertEqual(one.result("status")["clients"]["refused"], 1)

    def test_a_client_that_only_asks_and_never_reads_harms_nobody(self):
        with Daemon() as daemon, daemon.start().client() as rude, daemon.client() as other:
            rude.socket.setblocking(False)
            request = b'{"jsonrpc":"2.0","id":1,"method":"describe"}\n' * 100
            sent = 0
            try:
                while sent < 50_000_000:
                    sent += rude.socket.send(request)
            except BlockingIOError:
                pass
            self.assertLess(sent, 10_000_000, "its requests are not read without end")
            before = daemon.rss_kib()
            other.result("subscribe")
            for _ in range(100):
                other.next()
            if not SANITIZED:
                self.assertLess(daemon.rss_kib() - before, 4096)


class Starting(unittest.TestCase):
    def fails(self, config, status, *words, files=None, arguments=()):
        with Daemon(config, files=files) as daemon:
            code, _, error = daemon.run_to_end(*arguments)
            self.assertEqual(code, status, error)
            self.assertEqual(len(error.strip().split("\n")), 1, error)
            self.assertTrue(error.startswith("glimpsed: "), error)
            for word in words:
                self.assertIn(word, error)
            self.assertEqual([p.name for p in daemon.folder.iterdir() if stat.S_ISSOCK(p.stat().st_mode)], [])

    CAMERA = "cameras: {shelf: {source: files, path: pictures}}\n"

    def test_configuration_errors_end_with_status_5(self):
        self.fails(self.CAMERA + "pipelines:\n  d: {camera: shelf, modell: x}\n", 5, "glimpsed.yaml:6:22: ",
                   "did you mean 'model'?")
        self.fails(self.CAMERA, 5, "has no pipeline")
        self.fails(self.CAMERA + "pipelines: {d: {camera: shelf, model: {model}, numerics: litert-refrence}}\n", 5,
                   "glimpsed.yaml:5:", "litert-reference")
        self.fails(self.CAMERA + "pipelines: {d: {camera: shelf, model: {model}, kernels: {use: nosuch}}}\n", 5,
                   "glimpsed.yaml:5:", "nosuch")
        self.fails(self.CAMERA + "pipelines: {d: {camera: shelf, model: {model}, labels: few.txt}}\n", 5, "few.txt",
                   "2 labels", files={"few.txt": b"a\nb\n"})
        self.fails("cameras: {shelf: {source: files, path: empty}}\npipelines: {d: {camera: shelf, model: {model}}}\n",
                   5, "empty")

    def test_a_missing_named_group_ends_with_status_5(self):
        self.fails("sockets: {read: {path: {folder}/r, group: no-such-group}, control: {path: {folder}/c, group: \"\"}}\n" +
                   self.CAMERA + "pipelines: {d: {camera: shelf, model: {model}}}\n", 5, "no-such-group")

    def test_a_broken_model_ends_with_status_3(self):
        for broken in (b"", b"12345678", MODEL.read_bytes()[:5000], b"\xff" * 100):
            self.fails(self.CAMERA + "pipelines: {d: {camera: shelf, model: m.tflite}}\n", 3, "m.tflite",
                       files={"m.tflite": broken})

    def test_a_refused_plugin_ends_with_status_7(self):
        with Daemon() as daemon:
            folder = daemon.folder / "kernels"
            folder.mkdir(mode=0o755)
            (folder / "broken.so").write_bytes(b"\x7fELF not really")
            daemon.configure("plugins: {path: [{folder}/kernels]}\n" + self.CAMERA +
                             "pipelines: {d: {camera: shelf, model: {model}}}\n")
            code, _, error = daemon.run_to_end()
            self.assertEqual(code, 7, error)
            self.assertIn("broken.so", error)
            self.assertEqual(len(error.strip().split("\n")), 1, error)

    def test_a_model_without_kernels_ends_with_status_4_and_names_all(self):
        with Daemon() as daemon:
            (daemon.folder / "kernels").mkdir(mode=0o755)
            daemon.configure("plugins: {path: [{folder}/kernels]}\n" + self.CAMERA +
                             "pipelines: {d: {camera: shelf, model: {model}}}\n")
            code, _, error = daemon.run_to_end()
            self.assertEqual(code, 4, error)
            for operator in ("CONV_2D", "MAX_POOL_2D", "FULLY_CONNECTED"):
                self.assertIn(operator, error)

    def test_wrong_usage_ends_with_status_2(self):
        with Daemon() as daemon:
            self.assertEqual(daemon.run_to_end("--nonsense")[0], 2)

    def test_check_accepts_what_runs_and_starts_nothing(self):
        with Daemon() as daemon:
            code, output, error = daemon.run_to_end("--check")
            self.assertEqual((code, error), (0, ""))
            self.assertIn("accepted", output)
            self.assertFalse(daemon.read.exists())
        self.fails(self.CAMERA + "pipelines: {d: {camera: gone, model: {model}}}\n", 5, "gone", arguments=["--check"])


class Living(unittest.TestCase):
    def test_sigterm_and_sigint_end_with_0_and_leave_no_socket(self):
        for number in (signal.SIGTERM, signal.SIGINT):
            with Daemon() as daemon, daemon.start().client() as client:
                client.result("subscribe")
                client.next()
                daemon.process.send_signal(number)
                self.assertEqual(client.next("event")["event"], "stopping")
                self.assertIsNone(client.next())
                self.assertEqual(daemon.process.wait(TIMEOUT), 0, daemon.read_log())
                self.assertFalse(daemon.read.exists() or daemon.control.exists())

    def test_it_stops_although_a_client_does_not_read(self):
        with Daemon(pictures=20) as daemon, daemon.start().client() as deaf, daemon.client() as other:
            deaf.result("subscribe")
            other.result("subscribe")
            for _ in range(50):
                other.next()
            self.assertEqual(daemon.stop(), 0, daemon.read_log())

    def test_a_second_daemon_on_the_same_sockets_is_refused(self):
        with Daemon() as daemon:
            daemon.start()
            code, _, error = daemon.run_to_end()
            self.assertEqual(code, 1)
            self.assertIn("another daemon listens", error)
            with daemon.client() as client:
                client.result("hello")

    def test_a_killed_daemon_leaves_sockets_that_the_next_replaces(self):
        with Daemon() as daemon:
            daemon.start()
            daemon.process.kill()
            daemon.process.wait()
            self.assertTrue(daemon.read.exists())
            (daemon.folder / "notify").unlink()
            with daemon.start().client() as client:
                client.result("hello")
            self.assertEqual(daemon.stop(), 0)

    def test_inherited_sockets_are_used_and_left(self):
        with Daemon() as daemon:
            listeners = []
            for path in (daemon.control, daemon.read):  # any order: names count
                listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
                listener.bind(str(path))
                listener.listen()
                listeners.append(listener)
            numbers = [listener.fileno() for listener in listeners]

            def pass_on():
                copies = [os.dup(number) for number in numbers]
                high = [os.dup2(copy, 100 + i) for i, copy in enumerate(copies)]
                for i, copy in enumerate(high):
                    os.dup2(copy, 3 + i)

            daemon.environment.update(LISTEN_FDS="2", LISTEN_FDNAMES="control:read")
            command = ["/bin/sh", "-c", 'LISTEN_PID=$$ exec "$0" "$@"', os.environ["GLIMPSED"], "--config",
                       str(daemon.config)]
            daemon.start(command=command, preexec_fn=pass_on, close_fds=False)
            with daemon.client() as client, Client(daemon.control) as control:
                self.assertEqual(client.result("hello")["socket"], "read")
                self.assertEqual(control.result("hello")["socket"], "control")
            self.assertEqual(daemon.stop(), 0, daemon.read_log())
            self.assertTrue(daemon.read.exists() and daemon.control.exists())
            for listener in listeners:
                listener.close()

    def test_the_watchdog_is_petted_and_stopping_announced(self):
        with Daemon(environment={"WATCHDOG_USEC": "1500000"}) as daemon:
            daemon.start()
            daemon.await_notify("WATCHDOG=1")
            daemon.await_notify("WATCHDOG=1")
            daemon.process.send_signal(signal.SIGTERM)
            daemon.await_notify("STOPPING=1")
            self.assertEqual(daemon.process.wait(TIMEOUT), 0)


class CommandLine(unittest.TestCase):
    def run_glimpse(self, daemon, *arguments):
        return subprocess.run([GLIMPSE, *arguments], capture_output=True, text=True, timeout=TIMEOUT,
                              env=dict(os.environ, GLIMPSE_SOCKET=str(daemon.read)))

    def test_watch_status_and_latest_show_the_daemon(self):
        with Daemon() as daemon:
            daemon.start()
            watch = self.run_glimpse(daemon, "watch", "--count", "5", "--json")
            self.assertEqual(watch.returncode, 0, watch.stderr)
            lines = [json.loads(line) for line in watch.stdout.splitlines()]
            self.assertEqual(len(lines), 5)
            self.assertTrue(PREDICTION_MEMBERS <= set(lines[0]))
            text = self.run_glimpse(daemon, "watch", "digits", "--count", "2")
            self.assertRegex(text.stdout, r"digits frame \d+: ")
            status = self.run_glimpse(daemon, "status")
            self.assertIn("camera shelf (files): running", status.stdout)
            self.assertEqual(json.loads(self.run_glimpse(daemon, "status", "--json").stdout)["state"], "running")
            latest = json.loads(self.run_glimpse(daemon, "latest", "--json").stdout)
            self.assertEqual(len(latest["predictions"]), 1)
            self.assertIn("digits frame", self.run_glimpse(daemon, "latest").stdout)
            wrong = self.run_glimpse(daemon, "watch", "digts")
            self.assertEqual(wrong.returncode, 1)
            self.assertIn("digts", wrong.stderr)

    def test_watch_ends_when_the_daemon_ends(self):
        with Daemon() as daemon:
            daemon.start()
            watch = subprocess.Popen([GLIMPSE, "watch", "--socket", str(daemon.read)], stdout=subprocess.PIPE,
                                     stderr=subprocess.PIPE, text=True)
            self.assertIn("digits", watch.stdout.readline())
            daemon.stop()
            output, error = watch.communicate(timeout=TIMEOUT)
            self.assertEqual(watch.returncode, 1)
            self.assertIn("* stopping", output)
            self.assertIn("closed the connection", error)

    def test_a_daemon_that_does_not_answer_is_waited_for_aloud(self):
        with Daemon() as daemon, socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as silent:
            silent.bind(str(daemon.read))
            silent.listen()
            status = subprocess.Popen([GLIMPSE, "status", "--socket", str(daemon.read)], stdout=subprocess.PIPE,
                                      stderr=subprocess.PIPE, text=True)
            self.assertIn("no answer for 5 seconds, waiting on; 'systemctl status glimpsed' tells", status.stderr.readline())
            silent.accept()[0].close()
            _, error = status.communicate(timeout=TIMEOUT)
            self.assertEqual(status.returncode, 1)
            self.assertIn("closed the connection without an answer", error)

    def test_without_a_daemon_the_error_says_what_to_do(self):
        with Daemon() as daemon:
            for command in ("watch", "status", "latest"):
                done = self.run_glimpse(daemon, command)
                self.assertEqual(done.returncode, 1)
                self.assertIn("no daemon listens here", done.stderr)
                self.assertEqual(len(done.stderr.strip().split("\n")), 1)


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], "-v", *sys.argv[1:]])
